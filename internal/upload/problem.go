package upload

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

const problemType = "application/problem+json"

// problem is an error body, of the same form as everywhere on the exchange.
type problem struct{ api.Problem }

// problemOf describes an error to the sender. One without a kind is internal: nothing of it is told.
func problemOf(err error) problem {
	var e *footage.Error
	if !errors.As(err, &e) {
		e = &footage.Error{Kind: footage.KindOf(err), Msg: "Something went wrong on the exchange. What it acknowledged is safe; please try again."}
	}
	return problem{api.Problem{Type: "about:blank", Status: api.Status(e.Kind), Detail: e.Msg, Code: e.Code, Reasons: e.Reasons, Kind: e.Kind}}
}

func (p problem) body() []byte {
	p.Title = http.StatusText(p.Status)
	raw, err := json.Marshal(p.Problem)
	if err != nil {
		panic("upload: encode problem: " + err.Error()) // strings and numbers always encode
	}
	return raw
}

// header returns what stands over the body. What is away for a while says when to ask again.
func (p problem) header() handler.HTTPHeader {
	h := handler.HTTPHeader{"Content-Type": problemType, "Cache-Control": "no-store"}
	if p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests {
		h["Retry-After"] = "60"
	}
	return h
}

// write sends the problem.
func (p problem) write(w http.ResponseWriter) {
	for name, value := range p.header() {
		w.Header().Set(name, value)
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(p.body()) // whoever asked is gone if it fails
}

// tusd wraps the problem so that tusd answers with it.
func (p problem) tusd() handler.Error {
	return handler.Error{
		ErrorCode: p.Code, Message: p.Detail,
		HTTPResponse: handler.HTTPResponse{
			StatusCode: p.Status, Body: string(p.body()), Header: p.header(),
		},
	}
}

// translate says in our words what tusd refuses by itself, given its body "CODE: message". The status stays tusd's.
func translate(status int, body []byte) problem {
	code, _, _ := strings.Cut(string(body), ":")
	p := problemOf(ownError(code))
	p.Status = status
	return p
}

func ownError(code string) error {
	coded := func(kind footage.Kind, msg string) error {
		return footage.Coded(kind, strings.ToLower(strings.TrimPrefix(code, "ERR_")), msg)
	}
	switch code {
	case "ERR_UNSUPPORTED_VERSION":
		return coded(footage.Unsupported, "This exchange speaks tus 1.0.0. Send the header Tus-Resumable: 1.0.0.")
	case "ERR_MAX_SIZE_EXCEEDED":
		return coded(footage.TooLarge, "The clip is larger than this exchange takes. Trim it, or send it in parts as clips of their own.")
	case "ERR_UPLOAD_SIZE_EXCEEDED":
		return coded(footage.TooLarge, "There are more bytes than were announced when the upload was opened.")
	case "ERR_INVALID_CONTENT_TYPE":
		return coded(footage.Invalid, "Send the bytes with the header Content-Type: application/offset+octet-stream.")
	case "ERR_INVALID_UPLOAD_LENGTH":
		return coded(footage.Invalid, "Say the length in bytes in the header Upload-Length when you open the upload.")
	case "ERR_INVALID_OFFSET":
		return coded(footage.Invalid, "Say in the header Upload-Offset from where on you send.")
	case "ERR_MISMATCHED_OFFSET":
		return coded(footage.Conflict, "The upload stands at another offset. Ask for it with HEAD and go on from there.")
	case "ERR_UNEXPECTED_EOF", "ERR_READ_TIMEOUT", "ERR_CONNECTION_RESET", "ERR_SERVER_SHUTDOWN":
		return coded(footage.Interrupted, "The connection broke. What came is kept: ask for the offset with HEAD and go on from there.")
	}
	return errors.New("tusd: " + code) // internal
}
