package openapi

import (
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

func complaintOperations() []Operation {
	const tag, session = "complaints", "session"
	id := "/v1/moderation/complaints/{id}"
	return []Operation{
		{Method: "post", Path: "/v1/complaints", ID: "complain", Tag: tag, Summary: "Complain about a request or an agency.",
			About: "It needs a proof of work, and no account. The words go to the moderators; the record gets an entry without them when the day is over. " +
				"The caller makes the code by which the answer can be read, and sends its hash. Sending the same again is answered the same.",
			In: api.Complain{}, Out: []Answer{{Status: 201, About: "The complaint as the public will know it.", Body: footage.Complaint{}}}, Fails: []int{404, 409, 429, 507}},
		{Method: "get", Path: "/v1/complaint", ID: "ownComplaint", Tag: tag, Summary: "Read the answer to a complaint.",
			About: "Every wrong code gets one answer, 403 with the code no_complaint.", Auth: "complaint", Out: ok("The complaint.", api.OwnComplaint{})},
		{Method: "get", Path: "/v1/moderation/complaints", ID: "complaints", Tag: tag, Summary: "The complaints that wait, and some that were answered.", Auth: session, Out: ok("They.", api.Complaints{})},
		{Method: "get", Path: id, ID: "complaint", Tag: tag, Summary: "One complaint with its words.", Auth: session, Out: ok("It.", api.ComplaintItem{}), Fails: []int{404}},
		{Method: "post", Path: id + "/answer", ID: "answerComplaint", Tag: tag, Summary: "Answer a complaint, in public and for good.", Auth: session,
			About: "A moderator does who has not cleared the request. What it is said to have led to must be in the public record already.",
			In:    api.AnswerComplaint{}, Out: ok("It is answered.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: id + "/hand-on", ID: "handOnComplaint", Tag: tag, Summary: "Let the agency read the words.", Auth: session,
			About: "Only if whoever complained has said that it may.", In: none{}, Out: ok("The agency can read them.", none{}), Fails: []int{404, 409}},
		{Method: "get", Path: "/v1/agency/complaints", ID: "handedComplaints", Tag: tag, Summary: "The complaints that moderators have handed on to the agency.", Auth: session,
			About: "For its supervisors and administrators.", Out: ok("They, newest first.", []api.ComplaintItem{})},
	}
}
