package openapi

import (
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

func followUpOperations() []Operation {
	const tag, session, id = "agency", "session", "/v1/agency/requests/{id}/followups"
	return []Operation{
		{Method: "get", Path: "/v1/agency/duties", ID: "duties", Tag: tag, Summary: "What the agency owes the public after its requests, and what it has said.", Auth: session,
			Out: ok("What is due first comes first, then what is settled.", []api.OwnDuty{})},
		{Method: "post", Path: id + "/draft", ID: "draftFollowUp", Tag: tag, Summary: "What a supervisor would sign to say what came of a request, or of its copies.", Auth: session,
			About: "Its canonical form is what the passkey signs. What may be said, and when, does not depend on what was shared.",
			In:    api.NewFollowUp{}, Out: ok("The follow-up.", footage.FollowUp{}), Fails: []int{404, 409}},
		{Method: "post", Path: id, ID: "followUp", Tag: tag, Summary: "Say in public what came of a request that has ended, signed as supervisor.", Auth: session,
			In: api.SignedFollowUp{}, Out: ok("It stands in the record.", none{}), Fails: []int{404, 409}},
	}
}
