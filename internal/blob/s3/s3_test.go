package s3_test

import (
	"testing"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/blob/blobtest"
	"porchlight.example/internal/blob/s3"
	"porchlight.example/internal/testenv"
)

func open(t testing.TB, server *testenv.S3Server, prefix string) *s3.Bucket {
	t.Helper()
	b, err := s3.Open(t.Context(), server.URL(prefix), s3.Credentials{AccessKey: server.AccessKey, SecretKey: server.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestS3(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Bucket { return open(t, testenv.S3(t), "exchange/one") })
}

func TestDown(t *testing.T) {
	server := testenv.S3(t)
	b := open(t, server, "")
	server.Stop()
	blobtest.Down(t, b)
}
