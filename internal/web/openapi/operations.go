package openapi

import (
	"porchlight.example/evidence"
	"porchlight.example/internal/account"
	"porchlight.example/internal/api"
	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/opendata"
	"porchlight.example/ledger"
)

// Operation is one method of one path.
type Operation struct {
	Method, Path string
	ID           string // camel case, unique
	Tag          string
	Summary      string
	About        string // more, if there is more to say
	Auth         string // name of a security scheme, or empty for everybody
	Params       []Param
	In           any    // a value of the type of the JSON body, or nil
	Raw          string // media type of a body that is not JSON
	Out          []Answer
	Fails        []int // statuses of problems beside those that follow from the rest
}

// Param is a header or a part of the path; parts of the path that are IDs are added by themselves.
type Param struct {
	In, Name, About string
	Schema          Object
	Required        bool
}

// Answer is a success.
type Answer struct {
	Status  int
	About   string
	Body    any    // a value of the type of the JSON body, or nil
	Media   string // of the body; empty for application/json, or for no body at all
	Headers []Param
}

func ok(about string, body any) []Answer { return []Answer{{Status: 200, About: about, Body: body}} }

func file(about, media string, body any) []Answer {
	return []Answer{{Status: 200, About: about, Body: body, Media: media}, {Status: 304, About: "The client has it already (If-None-Match)."}}
}

func number() Object { return Object{{"type", "integer"}, {"minimum", 0}} }

// none is the empty object.
type none struct{}

// Operations returns the whole interface but the pages, which are for people.
func Operations() []Operation {
	var all []Operation
	for _, part := range [][]Operation{publicOperations(), feedOperations(), dataOperations(), residentOperations(), uploadOperations(),
		accountOperations(), requestOperations(), keyOperations(), inboxOperations(), moderationOperations(), complaintOperations(), followUpOperations(), registerOperations(), withholdOperations(), demandOperations(), noticeOperations()} {
		all = append(all, part...)
	}
	return all
}

func publicOperations() []Operation {
	return []Operation{
		{Method: "get", Path: "/v1/exchange", ID: "exchange", Tag: "public", Summary: "What anybody may know of the exchange.",
			About: "The keys in it prove nothing about an exchange that one does not know yet: compare the verifier key with one that came another way.",
			Out:   ok("The exchange.", api.Info{})},
		{Method: "get", Path: "/v1/requests/{id}", ID: "request", Tag: "public", Summary: "One public request with its proofs.",
			About: "For those who follow a link. Who asks for one request tells the exchange which one; nothing of it is stored. The files of the feed hold the same bundles. In the place of a text that is withheld stands a tombstone, of type porchlight/withheld/v1, with the entry that says so.",
			Out:   ok("The request with the entries of the record that it stands on.", evidence.Bundle{}), Fails: []int{404, 503}},
		{Method: "get", Path: "/v1/offences", ID: "offences", Tag: "public", Summary: "The kinds of incident that a request may be about.",
			About: "The list is the program's, the same on every exchange of this version; which of them the rules in force prohibit is in the policies.", Out: ok("The picker's list.", []footage.Offence{})},
		{Method: "get", Path: "/v1/policies", ID: "policies", Tag: "public", Summary: "Every policy that was ever adopted, and when it was in force.",
			About: "The files themselves stand beside the record, under their hashes.", Out: ok("The policies, by name.", []api.AdoptedPolicy{})},
		{Method: "post", Path: "/v1/policies", ID: "adoptPolicy", Tag: "operator", Summary: "Put a policy in force from a stated time on, signed by the operator.", Auth: "session",
			About: "The operator's passkey signs the hash of the canonical adoption. Both stand in the public record. A time that is over is refused.",
			In:    api.AdoptPolicy{}, Out: ok("It is adopted.", none{}), Fails: []int{409}},
		{Method: "get", Path: "/log/checkpoint", ID: "checkpoint", Tag: "public", Summary: "The newest checkpoint of the public record.",
			About: "A signed note (https://c2sp.org/tlog-checkpoint).", Out: []Answer{{Status: 200, About: "The note.", Media: "text/plain"}}, Fails: []int{404}},
		{Method: "get", Path: "/log/head.json", ID: "head", Tag: "public", Summary: "The newest state of the public record, with its proof.",
			About: "It changes with each tick on which something changed, and hourly. Whoever holds a request's bundle sees from it whether the keys still count.",
			Out:   ok("The head.", evidence.Head{}), Fails: []int{404}},
		{Method: "get", Path: "/log/state/{file}", ID: "state", Tag: "public", Summary: "A state document that an entry of the public record commits to.",
			Params: []Param{{"path", "file", "Its SHA-256 in hexadecimal with \".json\" behind it.", Object{{"type", "string"}}, true}},
			Out:    ok("The document. It never changes.", ledger.StateDocument{}), Fails: []int{404}},
		{Method: "get", Path: "/log/policy/{file}", ID: "policyFile", Tag: "public", Summary: "The file of a policy that was adopted, in canonical JSON.",
			Params: []Param{{"path", "file", "Its SHA-256 in hexadecimal with \".json\" behind it.", Object{{"type", "string"}}, true}},
			Out:    file("The policy. It never changes.", "application/json", nil), Fails: []int{404}},
		{Method: "get", Path: "/log/assets/{file}", ID: "assetList", Tag: "public", Summary: "A list of the files that the pages load, to which an entry of the public record commits.",
			Params: []Param{{"path", "file", "Its SHA-256 in hexadecimal with \".json\" behind it.", Object{{"type", "string"}}, true}},
			Out:    ok("The list. It never changes.", ledger.AssetList{}), Fails: []int{404}},
		{Method: "get", Path: "/log/tile/{level}/{index}", ID: "tile", Tag: "public", Summary: "A tile of the public record, or a bundle of its entries.",
			About: "As in https://c2sp.org/tlog-tiles. The index is written as there, \"x001/x234/067\" or \"000.p/12\", and so may hold slashes; the level \"entries\" is for bundles of entries.",
			Params: []Param{{"path", "level", "0 to 5, or \"entries\".", Object{{"type", "string"}}, true},
				{"path", "index", "With its slashes.", Object{{"type", "string"}}, true}},
			Out: []Answer{{Status: 200, About: "The tile. It never changes.", Media: "application/octet-stream"}}, Fails: []int{404}},
		{Method: "get", Path: "/openapi.yaml", ID: "openapi", Tag: "public", Summary: "This document.", Out: file("The document.", "application/yaml", nil)},
		{Method: "get", Path: "/healthz", ID: "healthz", Tag: "public", Summary: "Whether the process runs.", Out: []Answer{{Status: 200, About: "It runs.", Media: "text/plain"}}},
		{Method: "get", Path: "/readyz", ID: "readyz", Tag: "public", Summary: "Whether the exchange can do its work: its database answers, and no task is late.",
			Out: []Answer{{Status: 200, About: "It can.", Media: "text/plain"}}, Fails: []int{503}},
	}
}

func feedOperations() []Operation {
	get := func(path, id, summary, media string, body any, fails ...int) Operation {
		return Operation{Method: "get", Path: path, ID: id, Tag: "feed", Summary: summary, Out: file("The file, which changes only when what it tells does.", media, body), Fails: fails}
	}
	cell := get("/feed/cell/{token}.json", "feedCell", "The open requests whose areas touch one coarse cell, whole.", "application/json", feed.Cell{}, 404)
	cell.About = "A cell without open requests has no file."
	cell.Params = []Param{{"path", "token", "The S2 token of a cell of the level that the index says.", Object{{"type", "string"}, {"pattern", "^[0-9a-f]{1,16}$"}}, true}}
	region := func(ending, id, summary, media string, body any) Operation {
		o := get("/feed/region/{token}."+ending, id, summary, media, body, 404)
		o.About = "For those who follow a region: it tells its coarse cell and no more. A cell in which no agency may ask has no file."
		o.Params = cell.Params
		return o
	}
	return []Operation{
		region("atom", "feedRegionAtom", "The newest 100 open requests of one coarse cell as an Atom feed (RFC 4287).", "application/atom+xml", nil),
		region("json", "feedRegionJSON", "The newest 100 open requests of one coarse cell as a JSON Feed 1.1.", "application/feed+json", feed.JSONFeed{}),
		get("/feed/index.json", "feedIndex", "Which coarse cells have open requests.", "application/json", feed.Index{}),
		cell,
		get("/feed/all.json", "feedAll", "All open requests, whole, while they are no more than 200; else take the cells.", "application/json", feed.Cell{}, 404),
		get("/feed/requests.json", "feedJSON", "The open requests as a JSON Feed 1.1.", "application/feed+json", feed.JSONFeed{}),
		get("/feed/requests.atom", "feedAtom", "The open requests as an Atom feed (RFC 4287).", "application/atom+xml", nil),
		get("/feed/requests.geojson", "feedGeoJSON", "The areas of the open requests as GeoJSON (RFC 7946).", "application/geo+json", feed.FeatureCollection{}),
	}
}

func dataOperations() []Operation {
	get := func(path, id, summary, media string, body any, params ...Param) Operation {
		return Operation{Method: "get", Path: path, ID: id, Tag: "data", Summary: summary, Out: file("The file, which changes only when the record does.", media, body),
			Params: params, Fails: []int{404}}
	}
	table := Param{"path", "table", "As /data/index.json lists it, such as agencies, figures, requests, requests-2026-11 or entries-0.", Object{{"type", "string"}, {"pattern", "^[a-z0-9-]+$"}}, true}
	agency := Param{"path", "agency", "Its register ID.", Object{{"type", "string"}, {"pattern", "^[a-z0-9][a-z0-9-]{1,62}$"}}, true}
	number := Param{"path", "number", "The entry's place in the record, from 0.", Object{{"type", "string"}, {"pattern", "^[0-9]{1,18}$"}}, true}
	index := get("/data/index.json", "dataIndex", "Every table of the open data, with its columns and its license.", "application/json", opendata.Catalog{})
	index.Fails = nil
	return []Operation{
		index,
		get("/data/{table}.csv", "dataCSV", "A table as CSV (RFC 4180).", "text/csv", nil, table),
		get("/data/{table}.json", "dataJSON", "A table as JSON.", "application/json", nil, table),
		get("/data/{table}.geojson", "dataGeoJSON", "The agencies or requests as GeoJSON (RFC 7946).", "application/geo+json", nil, table),
		get("/data/agencies/{agency}/{table}.csv", "dataAgencyCSV", "A table of one agency as CSV: requests or figures.", "text/csv", nil, agency, table),
		get("/data/entry/{number}.json", "dataEntry", "An entry of the record with the proof that it stands there.", "application/json", opendata.EntryProof{}, number),
	}
}

func residentOperations() []Operation {
	const uniform = "Anonymous callers get one refusal, 403 with the code not_now and one body, whether the request is closed, unknown, paused or out of room."
	return []Operation{
		{Method: "post", Path: "/v1/work", ID: "work", Tag: "resident", Summary: "Ask for a proof-of-work challenge.",
			About: "Nothing is stored until it is spent. It is good for half an hour, once.", Out: ok("The challenge.", api.Work{})},
		{Method: "post", Path: "/v1/requests/{id}/shares", ID: "beginShare", Tag: "resident", Summary: "Begin a share.",
			About: "Nothing exists for the agency until the share is committed; what is not committed in time is gone without a trace. " + uniform,
			In:    api.BeginShare{}, Out: []Answer{{Status: 201, About: "The share's ticket and the IDs of its clips.", Body: api.BegunShare{}}}, Fails: []int{403, 409, 429}},
		{Method: "post", Path: "/v1/shares/commit", ID: "commitShare", Tag: "resident", Summary: "Complete the share of the ticket.",
			About: "Every clip must be there, whole and as the sender says. Committing the same again answers the same receipt. " + uniform,
			Auth:  "ticket", In: api.CommitShare{}, Out: ok("The receipt, signed.", footage.Receipt{}), Fails: []int{409}},
		{Method: "get", Path: "/v1/mailbox", ID: "mailbox", Tag: "resident", Summary: "What became of the share of the receipt.",
			About: "Every wrong credential gets one answer, 403 with the code no_mailbox.", Auth: "receipt", Out: ok("The share with its custody chain and conversation.", api.Mailbox{})},
		{Method: "post", Path: "/v1/mailbox/messages", ID: "reply", Tag: "resident", Summary: "Send the agency a sealed message.", Auth: "receipt",
			In: api.Reply{}, Out: ok("The message as it is kept; the agency sees it at the next release.", footage.Message{}), Fails: []int{429}},
		{Method: "post", Path: "/v1/mailbox/withdraw", ID: "withdraw", Tag: "resident", Summary: "Take the share back, or ask it back.",
			About: "Before pick-up the clips are erased and the agency never learns of them; afterwards the agency is asked to give them back.", Auth: "receipt",
			Out: ok("How the share stands now.", api.Withdrawn{})},
	}
}

// uploadOperations is tus 1.0.0 (https://tus.io/protocols/resumable-upload) without its extensions but creation.
func uploadOperations() []Operation {
	version := Param{"header", "Tus-Resumable", "The version of the protocol.", Object{{"const", "1.0.0"}}, true}
	offset := Param{"header", "Upload-Offset", "Bytes that are durable.", number(), true}
	again := []Param{version, offset}
	return []Operation{
		{Method: "post", Path: "/v1/uploads/", ID: "createUpload", Tag: "upload", Summary: "Open the upload of a clip of the ticket's share.", Auth: "ticket",
			About: "The address in the answer is a secret: whoever knows it can continue the upload, and nobody can read it. There is no metadata, no download, no termination and no concatenation.",
			Params: []Param{version, {"header", "Upload-Length", "Sealed bytes of the clip.", number(), true},
				{"header", "Porchlight-Clip", "Which clip of the share.", Object{{"$ref", ref("ClipID")}}, true}},
			Out:   []Answer{{Status: 201, About: "The upload is open.", Headers: []Param{{"header", "Location", "Path of the upload.", Object{{"type", "string"}}, true}}}},
			Fails: []int{400, 409, 412, 413, 422, 429, 507}},
		{Method: "head", Path: "/v1/uploads/{id}", ID: "uploadOffset", Tag: "upload", Summary: "Ask how many bytes are durable.", Params: []Param{version},
			Out:   []Answer{{Status: 200, About: "The offset and the length.", Headers: []Param{offset, {"header", "Upload-Length", "Sealed bytes of the clip.", number(), true}}}},
			Fails: []int{404, 410, 412, 423}},
		{Method: "patch", Path: "/v1/uploads/{id}", ID: "append", Tag: "upload", Summary: "Send bytes from an offset on.",
			About:  "The bytes are durable when they are acknowledged. If the connection breaks, ask for the offset and go on from there.",
			Params: again, Raw: "application/offset+octet-stream",
			Out:   []Answer{{Status: 204, About: "The bytes are durable.", Headers: []Param{offset}}},
			Fails: []int{400, 404, 409, 410, 412, 413, 422, 423, 503, 507}},
		{Method: "options", Path: "/v1/uploads/", ID: "uploadOptions", Tag: "upload", Summary: "Ask what the server speaks.",
			Out: []Answer{{Status: 200, About: "The protocol's versions and extensions, in headers."}}},
	}
}

func accountOperations() []Operation {
	return []Operation{
		{Method: "post", Path: "/v1/login/challenge", ID: "loginChallenge", Tag: "staff", Summary: "Begin a sign-in with a passkey.", Out: ok("The challenge.", account.Challenge{})},
		{Method: "post", Path: "/v1/login", ID: "login", Tag: "staff", Summary: "Sign in.", In: api.Login{}, Out: ok("The session.", api.Session{}), Fails: []int{401, 403}},
		{Method: "post", Path: "/v1/login/device", ID: "beginDeviceLogin", Tag: "staff", Summary: "Let a program wait to be signed in from a browser.",
			About: "The program shows the code; the person types it on the page and uses their passkey.", Out: ok("What to show, and with what to ask again.", api.DeviceLogin{})},
		{Method: "post", Path: "/v1/login/device/token", ID: "finishDeviceLogin", Tag: "staff", Summary: "Sign the program in, once the person has typed its code.",
			About: "Until then it is a conflict with the code login_waiting.", In: api.FinishDevice{}, Out: ok("The session.", api.Session{}), Fails: []int{401, 409}},
		{Method: "post", Path: "/v1/logout", ID: "logout", Tag: "staff", Summary: "End the session of the token; one that has ended is no error.", Auth: "session", Out: ok("It is over.", none{})},
		{Method: "post", Path: "/v1/enrol/challenge", ID: "enrolChallenge", Tag: "staff", Summary: "Begin to enrol a passkey by an invitation.", In: api.Invitation{},
			Out: ok("The challenge.", account.Challenge{}), Fails: []int{401, 403, 404, 410}},
		{Method: "post", Path: "/v1/enrol", ID: "enrol", Tag: "staff", Summary: "Enrol the passkey.", In: api.Enrolment{}, Out: ok("Whose it is now.", api.Enrolled{}),
			Fails: []int{401, 403, 404, 409, 410}},
		{Method: "get", Path: "/v1/me", ID: "me", Tag: "staff", Summary: "Who is signed in.", Auth: "session", Out: ok("The person.", footage.Person{})},
	}
}

func requestOperations() []Operation {
	const tag, session = "agency requests", "session"
	id := "/v1/agency/requests/{id}"
	return []Operation{
		{Method: "get", Path: "/v1/agency/requests", ID: "agencyRequests", Tag: tag, Summary: "The agency's requests in every state.", Auth: session, Out: ok("The requests.", []api.AgencyRequest{})},
		{Method: "post", Path: "/v1/agency/requests", ID: "draft", Tag: tag, Summary: "Store a draft, if the policies allow it.", Auth: session,
			About: "A refusal lists every broken rule at once. The document is the one that will be signed, byte for byte in its canonical form; a correction is another draft.",
			In:    api.DraftRequest{}, Out: ok("The draft.", api.AgencyRequest{}), Fails: []int{409}},
		{Method: "post", Path: "/v1/agency/decide", ID: "decide", Tag: tag, Summary: "Ask what the policies say of a document, storing nothing.", Auth: session,
			In: api.DraftRequest{}, Out: ok("They allow it.", none{}), Fails: []int{409}},
		{Method: "post", Path: id + "/sign", ID: "sign", Tag: tag, Summary: "Sign a draft as its officer.", Auth: session, In: api.Signature{}, Out: ok("It is signed.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: id + "/approve", ID: "approve", Tag: tag, Summary: "Approve a signed draft as another person.", Auth: session, In: api.Signature{}, Out: ok("It is approved.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: id + "/submit", ID: "submit", Tag: tag, Summary: "Hand an approved request to the moderators.", Auth: session, In: api.Submit{}, Out: ok("It waits for a moderator.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: "/v1/agency/cases/{id}/appeal", ID: "appeal", Tag: tag, Summary: "Ask for another moderator's decision, once.", Auth: session, In: api.Appeal{}, Out: ok("It waits for another moderator.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: id + "/updates", ID: "update", Tag: tag, Summary: "Propose more text, or resolve or withdraw at once.", Auth: session, In: api.SignedUpdate{}, Out: ok("It waits for the second signature, or is public.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: id + "/updates/approve", ID: "approveUpdate", Tag: tag, Summary: "Approve the text that waits, and hand it to the moderators.", Auth: session, In: api.Signature{}, Out: ok("It waits for a moderator.", none{}), Fails: []int{404, 409}},
	}
}

func moderationOperations() []Operation {
	const tag, session = "moderation", "session"
	id := "/v1/moderation/cases/{id}"
	return []Operation{
		{Method: "get", Path: "/v1/me/mail", ID: "mailAddress", Tag: "staff", Summary: "Where the caller is told that work waits.", Auth: session, Out: ok("The address; empty for nowhere.", api.MailAddress{})},
		{Method: "post", Path: "/v1/me/mail", ID: "setMailAddress", Tag: "staff", Summary: "Say where to be told that work waits.", Auth: session,
			About: "Letters go out at fixed times and say nothing of what waits or how much. An empty address ends them.", In: api.MailAddress{}, Out: ok("It is kept.", none{})},
		{Method: "get", Path: "/v1/moderation/cases", ID: "cases", Tag: tag, Summary: "What waits for a moderator.", Auth: session, Out: ok("The cases: the urgent lane first, then the longest waiting.", []api.CaseItem{})},
		{Method: "get", Path: id, ID: "case", Tag: tag, Summary: "What a moderator needs to decide one case.", Auth: session,
			About: "A case is named by the request's ID, or by the hash of the text that is to be added to one.", Out: ok("The case.", api.Case{}), Fails: []int{404}},
		{Method: "post", Path: id + "/clear", ID: "clear", Tag: tag, Summary: "Publish it, for ever. There is no other way in which a request becomes public.", Auth: session,
			About: "Rules, signatures and everybody's standing are decided again. If two moderators must agree, the first call notes the first of them.",
			In:    none{}, Out: ok("It is public, or waits for the second moderator.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: id + "/hold", ID: "hold", Tag: tag, Summary: "Give it back to the agency, with a reason.", Auth: session, In: api.Verdict{}, Out: ok("It is held.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: id + "/refuse", ID: "refuse", Tag: tag, Summary: "Refuse it, with a reason.", Auth: session, In: api.Verdict{}, Out: ok("It is refused.", none{}), Fails: []int{404, 409}},
	}
}

func keyOperations() []Operation {
	const tag, session = "agency keys", "session"
	return []Operation{
		{Method: "get", Path: "/v1/agency/keys", ID: "keys", Tag: tag, Summary: "The agency's epochs, devices and wrapped keys.", Auth: session, Out: ok("The keys. The exchange can open none of them.", api.Keys{})},
		{Method: "post", Path: "/v1/agency/custodians", ID: "addCustodian", Tag: tag, Summary: "Register a custodian's device.", Auth: session, In: api.NewCustodian{}, Out: ok("The device. It can open nothing yet.", api.CustodianDevice{}), Fails: []int{409}},
		{Method: "post", Path: "/v1/agency/custodians/{id}/disable", ID: "disableCustodian", Tag: tag, Summary: "Take a device out of use.", Auth: session, In: none{}, Out: ok("It is disabled.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: "/v1/agency/epochs", ID: "openEpoch", Tag: tag, Summary: "Open the next epoch of the agency's sealing key.", Auth: session, In: api.OpenEpoch{}, Out: ok("The epoch.", footage.Epoch{}), Fails: []int{404, 409}},
		{Method: "post", Path: "/v1/agency/wrapped", ID: "wrapKey", Tag: tag, Summary: "Ask to let one more device open an epoch.", Auth: session, In: api.WrappedKey{}, Out: ok("How far the change is: it needs a second person, or waits for its time.", api.KeyChange{}), Fails: []int{404, 409}},
		{Method: "post", Path: "/v1/agency/keychanges/{id}/agree", ID: "agreeKey", Tag: tag, Summary: "Be the second person for a change of the agency's keys.", Auth: session, In: none{}, Out: ok("From when it counts.", api.KeyChange{}), Fails: []int{404, 409}},
		{Method: "post", Path: "/v1/agency/keychanges/{id}/stop", ID: "stopKey", Tag: tag, Summary: "End a change of the agency's keys before it counts.", Auth: session, In: none{}, Out: ok("It is stopped.", none{}), Fails: []int{404, 409}},
	}
}

func inboxOperations() []Operation {
	const tag, session = "agency shares", "session"
	id := "/v1/agency/shares/{id}"
	from := Param{"header", "Range", "Only \"bytes=N-\", to go on with a download that broke off.", Object{{"type", "string"}, {"pattern", "^bytes=[0-9]+-$"}}, false}
	return []Operation{
		{Method: "get", Path: "/v1/agency/shares", ID: "inbox", Tag: tag, Summary: "The shares that were released to the agency.", Auth: session, Out: ok("The shares, oldest release first, in random order within one.", []api.InboxItem{})},
		{Method: "get", Path: id, ID: "delivery", Tag: tag, Summary: "One share with its custody chain and conversation.", Auth: session, Out: ok("The share. Its sealed manifest comes only after the pick-up is recorded.", api.Delivery{}), Fails: []int{404}},
		{Method: "post", Path: id + "/events", ID: "recordEvent", Tag: tag, Summary: "Record a custody event that a custodian has signed.", Auth: session,
			About: "Sending the same event again changes nothing.", In: footage.Event{}, Out: ok("It is in the chain.", none{}), Fails: []int{404, 409}},
		{Method: "post", Path: id + "/messages", ID: "ask", Tag: tag, Summary: "Send the resident a sealed message.", Auth: session, In: api.Reply{}, Out: ok("The message as it is kept.", footage.Message{}), Fails: []int{404, 429}},
		{Method: "get", Path: id + "/clips/{clip}", ID: "clip", Tag: tag, Summary: "Fetch the sealed bytes of a clip.", Auth: session, Params: []Param{from},
			About: "The pick-up must be in the chain before: it is durable before the first byte goes out.",
			Out: []Answer{{Status: 200, About: "The sealed clip, an age file.", Media: "application/octet-stream"},
				{Status: 206, About: "The rest of it.", Media: "application/octet-stream"}}, Fails: []int{404, 409, 410}},
	}
}
