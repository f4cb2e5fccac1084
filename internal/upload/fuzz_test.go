package upload_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/upload"
)

// FuzzRequest sends any request to an exchange with one open upload of ten bytes, whose secret path stands for {upload}. Each
// is answered, a refusal as a problem of the sender's own fault; what is acknowledged is kept, and nothing else changes.
func FuzzRequest(f *testing.F) {
	head := " HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\n"
	patch := "PATCH {upload}" + head + "Content-Type: application/offset+octet-stream\r\n"
	for _, s := range []string{
		patch + "Upload-Offset: 0\r\nContent-Length: 10\r\n\r\n0123456789",
		patch + "Upload-Offset: 0\r\nContent-Length: 4\r\n\r\n0123",
		patch + "Upload-Offset: 0\r\nContent-Length: 12\r\n\r\n0123456789ab",
		patch + "Upload-Offset: 0\r\nContent-Length: 10\r\n\r\n0123",
		patch + "Upload-Offset: 0\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n0\r\n\r\n",
		patch + "Upload-Offset: 0\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\nno chunk\r\n",
		patch + "Upload-Offset: -1\r\nContent-Length: 0\r\n\r\n",
		patch + "Upload-Offset: 5\r\nContent-Length: 1\r\n\r\n0",
		patch + "Upload-Offset: 0\r\nUpload-Checksum: sha1 x\r\nContent-Length: 1\r\n\r\n0",
		"HEAD {upload}" + head + "\r\n",
		"GET {upload}" + head + "\r\n",
		"DELETE {upload}" + head + "\r\n",
		"OPTIONS /v1/uploads/" + head + "\r\n",
		"POST /v1/uploads/" + head + "Authorization: Bearer ticket\r\nUpload-Length: 20\r\nContent-Length: 0\r\n\r\n",
		"POST /v1/uploads/" + head + "Authorization: Bearer ticket\r\nUpload-Length: 99999999999999999999\r\nPorchlight-Clip: c-1\r\n\r\n",
		"POST /v1/uploads/" + head + "Upload-Concat: final;x\r\nUpload-Length: 20\r\n\r\n",
		"PUT /v1/uploads/../x" + head + "X-HTTP-Method-Override: PATCH\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	bucket := disk(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		book := newMemory()
		h, err := upload.NewHandler(base, bucket, book, upload.Options{MaxSize: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		open := answered(t, h, "POST "+base+head+"Authorization: Bearer ticket\r\nUpload-Length: 10\r\nContent-Length: 0\r\n\r\n")
		if open.Code != http.StatusCreated {
			t.Fatalf("the upload is not opened: %d %s", open.Code, open.Body)
		}
		before := book.only()
		wire := strings.ReplaceAll(string(raw), "{upload}", open.Header().Get("Location"))
		res := answered(t, h, wire)
		if res == nil {
			return // no request
		}
		after, err := book.Find(t.Context(), before.ID)
		if err != nil {
			t.Fatal(err)
		}
		if res.Code >= 500 || res.Code < 200 {
			t.Errorf("answered %d %s", res.Code, res.Body)
		}
		if res.Code >= 400 && res.Body.Len() > 0 && res.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("refused %d as %q: %s", res.Code, res.Header().Get("Content-Type"), res.Body)
		}
		if got := res.Header().Get("Upload-Offset"); res.Code == http.StatusNoContent && got != strconv.FormatInt(after.Offset, 10) {
			t.Errorf("told %q, noted %d", got, after.Offset)
		}
		if res.Code >= 400 && len(book.rows) > 1 {
			t.Errorf("refused, and yet an upload was opened: %d %s", res.Code, res.Body)
		}
		kept(t, bucket, after, wire)
	})
}

// answered has a handler answer a request as it stands on the wire, or returns nil where that is none.
func answered(t *testing.T, h http.Handler, wire string) *httptest.ResponseRecorder {
	t.Helper()
	req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire)))
	if err != nil {
		return nil
	}
	res := httptest.NewRecorder()
	h.ServeHTTP(res, req)
	return res
}

// kept checks that what an upload is said to hold are the first bytes of the request's body.
func kept(t *testing.T, bucket blob.Bucket, row upload.Row, wire string) {
	t.Helper()
	if row.Offset == 0 {
		return
	}
	req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire)))
	if err != nil {
		t.Fatal(err)
	}
	sent, _ := io.ReadAll(req.Body) // it may break off
	var r io.ReadCloser
	if row.Digest != "" {
		r, err = bucket.Get(t.Context(), row.Key, 0, -1)
	} else {
		r, err = bucket.Staged(t.Context(), row.Key, row.State, 0, row.Offset)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil || int64(len(got)) != row.Offset || !bytes.HasPrefix(sent, got) {
		t.Errorf("sent %q, kept %q of %d, %v", sent, got, row.Offset, err)
	}
	if row.Digest != "" && row.Digest != digestOf(got) {
		t.Errorf("the digest of %q is wrong", got)
	}
}
