package openapi

import "porchlight.example/internal/api"

func demandOperations() []Operation {
	const tag, session, id = "operator", "session", "/v1/demands/{id}"
	return []Operation{
		{Method: "get", Path: "/v1/demands", ID: "demands", Tag: tag, Summary: "What was demanded of the exchange by law, for operators, moderators and auditors.", Auth: session, Out: ok("The demands, the newest first.", []api.Demand{})},
		{Method: "post", Path: "/v1/demands", ID: "enterDemand", Tag: tag, Summary: "Enter a legal demand.", Auth: session,
			About: "Nothing of one demand is public; the half-year's report counts it.", In: api.NewDemand{}, Out: ok("It is entered.", api.EnteredDemand{})},
		{Method: "post", Path: id + "/answer", ID: "answerDemand", Tag: tag, Summary: "Write what became of a demand.", Auth: session, In: api.DemandReply{}, Out: ok("It waits for a second person.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: id + "/agree", ID: "agreeDemand", Tag: tag, Summary: "Agree to an answer as the second person, in another role.", Auth: session, In: none{}, Out: ok("The answer counts.", none{}), Fails: []int{404, 409}},
	}
}
