package openapi

import (
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

func registerOperations() []Operation {
	const tag, session = "register", "session"
	id := "/v1/register/agencies/{id}"
	return []Operation{
		{Method: "get", Path: "/v1/register", ID: "register", Tag: tag, Summary: "Who runs the exchange, who vouches for agencies, and who may ask.", Out: ok("The register.", api.Register{})},
		{Method: "post", Path: id + "/attestations", ID: "attest", Tag: tag, Summary: "File an attestor's statement about an agency.",
			About: "It counts for what its signature says, whoever brings it; no account is needed.",
			In:    footage.Attestation{}, Out: ok("It is in the record.", none{}), Fails: []int{403, 404, 409}},
		{Method: "post", Path: id + "/retractions", ID: "retract", Tag: tag, Summary: "File an attestor's word that a statement counts no more.",
			In: footage.Retraction{}, Out: ok("It is in the record.", none{}), Fails: []int{404, 409}},
		{Method: "get", Path: id + "/approval", ID: "approvalFor", Tag: tag, Summary: "The approval of an agency that an operator would sign now.", Auth: session,
			About: "Its canonical form is what the passkey signs. There is none before an independent statement is in force.", Out: ok("The approval.", footage.Approval{}), Fails: []int{404, 409}},
		{Method: "post", Path: id + "/approval", ID: "approveAgency", Tag: tag, Summary: "Approve an agency as an operator of the exchange.", Auth: session,
			In: api.SignedApproval{}, Out: ok("It is in the record.", none{}), Fails: []int{404, 409}},
		{Method: "get", Path: "/v1/register/due", ID: "due", Tag: tag, Summary: "The verifications that end within sixty days, or are not in force.", Auth: session, Out: ok("They.", []api.Due{})},
		{Method: "get", Path: "/v1/register/applications", ID: "applications", Tag: tag, Summary: "The applications that wait.", Auth: session, Out: ok("They, oldest first.", []api.WaitingApplication{})},
		{Method: "post", Path: "/v1/register/applications/{id}/answer", ID: "answerApplication", Tag: tag, Summary: "Accept an applicant into the register, or refuse the application.", Auth: session,
			About: "Whom the register holds may not ask before both verifications are in force. The application is forgotten after ninety days.",
			In:    api.ApplicationAnswer{}, Out: ok("The applicant can read it.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: "/v1/applications", ID: "apply", Tag: tag, Summary: "Apply to be admitted as an agency.",
			About: "Nothing follows from it but that the exchange's office reads it. It needs a proof of work, as a share does.", In: api.Apply{}, Out: ok("By which ID to name it to the office.", api.Applied{}), Fails: []int{507}},
		{Method: "get", Path: "/v1/applications/{id}", ID: "application", Tag: tag, Summary: "What became of an application.",
			About: "Whoever knows the ID may ask; nothing of what was written is told.", Out: ok("Its state.", api.AnsweredApplication{}), Fails: []int{404}},
	}
}
