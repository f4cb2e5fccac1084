package openapi

import "porchlight.example/internal/api"

func noticeOperations() []Operation {
	const tag, session, steps = "operator", "session", "/v1/notices/steps"
	return []Operation{
		{Method: "get", Path: "/v1/notices", ID: "notices", Tag: "public", Summary: "What the exchange says of incidents of its own.",
			About: "A program that shares reads it first, and begins no share while an open notice advises do_not_send.", Out: ok("The notices, the newest first.", api.Notices{})},
		{Method: "get", Path: steps, ID: "waitingNotices", Tag: tag, Summary: "What is to be said of incidents and waits for a second person, for operators, moderators and auditors.", Auth: session, Out: ok("What waits.", []api.WaitingNotice{})},
		{Method: "post", Path: steps, ID: "proposeNotice", Tag: tag, Summary: "Propose a notice of an incident, an update of one, or its end.", Auth: session,
			About: "It is public when a second person in another role has agreed.", In: api.NewNotice{}, Out: ok("It waits for a second person.", api.ProposedNotice{}), Fails: []int{404, 409}},
		{Method: "post", Path: steps + "/{id}/agree", ID: "agreeNotice", Tag: tag, Summary: "Publish a step of a notice as the second person, in another role.", Auth: session, In: none{}, Out: ok("It is public.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: steps + "/{id}/drop", ID: "dropNotice", Tag: tag, Summary: "Take back a step that waits.", Auth: session, In: none{}, Out: ok("It is gone.", none{}), Fails: []int{404, 409}},
	}
}
