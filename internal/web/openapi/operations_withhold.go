package openapi

import (
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

func withholdOperations() []Operation {
	const tag, session, id = "operator", "session", "/v1/withholdings/{id}"
	return []Operation{
		{Method: "get", Path: "/v1/withholdings", ID: "withholdings", Tag: tag, Summary: "The texts that are withheld or are to be, for operators, moderators and auditors.", Auth: session,
			Out: ok("Those that wait, then the newest.", []api.WithholdingCase{})},
		{Method: "post", Path: id + "/draft", ID: "draftWithholding", Tag: tag, Summary: "What two people would sign to withhold the text of a published request.", Auth: session,
			About: "Its canonical form is what the passkeys sign. The exchange commits to the reference; the record never holds it.",
			In:    api.Withhold{}, Out: ok("The withholding.", footage.Withholding{}), Fails: []int{404, 409}},
		{Method: "post", Path: id + "/propose", ID: "proposeWithholding", Tag: tag, Summary: "Propose to withhold a text, signed as operator or moderator.", Auth: session,
			In: api.SignedWithholding{}, Out: ok("It waits for a second person.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: id + "/agree", ID: "agreeWithholding", Tag: tag, Summary: "Agree as the second person, in the other role: the text is withheld.", Auth: session,
			About: "The text goes with its nonce from everywhere in the exchange, an open request closes, and the record says so, in one step.",
			In:    api.Signature{}, Out: ok("It is withheld.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: id + "/drop", ID: "dropWithholding", Tag: tag, Summary: "Drop a proposal.", Auth: session, In: none{}, Out: ok("It is dropped.", none{}), Fails: []int{404, 409}},
	}
}
