package s3_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/blob/blobtest"
	"porchlight.example/internal/blob/s3"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/testenv"
)

func keys(server *testenv.S3Server) s3.Credentials {
	return s3.Credentials{AccessKey: server.AccessKey, SecretKey: server.SecretKey}
}

func open(t testing.TB, server *testenv.S3Server, prefix string) *s3.Bucket {
	t.Helper()
	b, err := s3.Open(t.Context(), server.URL(prefix), keys(server))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func client(t *testing.T, server *testenv.S3Server) *minio.Core {
	t.Helper()
	c, err := minio.NewCore(strings.TrimPrefix(server.Endpoint, "http://"), &minio.Options{
		Creds: credentials.NewStaticV4(server.AccessKey, server.SecretKey, ""), Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestS3(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Bucket { return open(t, testenv.S3(t), "exchange/one") })
}

func TestDown(t *testing.T) {
	server := testenv.S3(t)
	b := open(t, server, "")
	server.Stop()
	blobtest.Down(t, b)
	if _, err := s3.Open(t.Context(), server.URL(""), keys(server)); !errors.Is(err, footage.Unavailable) {
		t.Errorf("open: %v, want unavailable", err)
	}
}

// stopper ends the server in the middle of a part.
type stopper struct {
	server *testenv.S3Server
	after  int
}

func (s *stopper) Read(p []byte) (int, error) {
	if s.after -= len(p); s.after < 0 {
		s.server.Stop()
	}
	return len(p), nil
}

func TestDownWithinPart(t *testing.T) {
	server := testenv.S3(t)
	b := open(t, server, "")
	state, err := b.Begin(t.Context(), "clips/a", 40<<20)
	if err != nil {
		t.Fatal(err)
	}
	n, _, err := b.Append(t.Context(), "clips/a", state, 0, &stopper{server: server, after: 20 << 20})
	if n != 16<<20 || !errors.Is(err, footage.Unavailable) {
		t.Errorf("took %d bytes, %v; want two parts and unavailable", n, err)
	}
}

// TestOrphan has a crash lose the state of an upload: Abort finds and ends it all the same, and no other.
func TestOrphan(t *testing.T) {
	server := testenv.S3(t)
	b := open(t, server, "one")
	for _, key := range []string{"clips/a", "clips/a", "clips/ab"} {
		state, err := b.Begin(t.Context(), key, 100)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.Append(t.Context(), key, state, 0, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Abort(t.Context(), "clips/a", nil); err != nil {
		t.Fatal(err)
	}
	left, err := client(t, server).ListMultipartUploads(context.Background(), server.Bucket, "", "", "", "", 100)
	if err != nil || len(left.Uploads) != 1 || left.Uploads[0].Key != "one/clips/ab" {
		t.Errorf("left are %v, %v", left.Uploads, err)
	}
}

// TestPrefix keeps two exchanges in one bucket apart.
func TestPrefix(t *testing.T) {
	server := testenv.S3(t)
	one, two := open(t, server, "one"), open(t, server, "two")
	if err := one.Put(t.Context(), "clips/a", []byte("one")); err != nil {
		t.Fatal(err)
	}
	if _, err := two.Stat(t.Context(), "clips/a"); !errors.Is(err, footage.NotFound) {
		t.Errorf("the other exchange's object: %v", err)
	}
	for info, err := range two.List(t.Context(), "") {
		t.Errorf("the other exchange lists %v, %v", info, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	server := testenv.S3(t)
	ctx := t.Context()
	for _, raw := range []string{"", "clips", "https://clips", "s3://", "s3://key:secret@clips/", "s3://clips/UPPER", "s3://clips/../x", "s3://clips?endpoint=ftp://x",
		"s3://clips?endpoint=http://storage.example:9000", "s3://clips?endpoint=::"} {
		if _, err := s3.Open(ctx, raw, keys(server)); !errors.Is(err, footage.Invalid) {
			t.Errorf("%q: %v, want invalid", raw, err)
		}
	}
	if _, err := s3.Open(ctx, strings.Replace(server.URL(""), "clips", "elsewhere", 1), keys(server)); !errors.Is(err, footage.NotFound) {
		t.Errorf("a bucket that is not there: %v", err)
	}
	if _, err := s3.Open(ctx, server.URL(""), s3.Credentials{AccessKey: "who", SecretKey: "knows"}); err == nil {
		t.Error("wrong keys were accepted")
	}
}

func TestCredentials(t *testing.T) {
	dir := t.TempDir()
	env := map[string]string{s3.AccessKeyFile: filepath.Join(dir, "access"), s3.SecretKeyFile: filepath.Join(dir, "secret")}
	getenv := func(name string) string { return env[name] }
	if _, err := s3.ReadCredentials(getenv); err == nil {
		t.Error("files that are not there were read")
	}
	for name, text := range map[string]string{"access": "A\n", "secret": "B\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s3.ReadCredentials(getenv); err != nil || got != (s3.Credentials{AccessKey: "A", SecretKey: "B"}) {
		t.Errorf("%v, %v", got, err)
	}
	if err := os.Chmod(env[s3.SecretKeyFile], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s3.ReadCredentials(getenv); !errors.Is(err, footage.Invalid) {
		t.Errorf("a file that everybody can read: %v", err)
	}
	delete(env, s3.SecretKeyFile)
	if _, err := s3.ReadCredentials(getenv); !errors.Is(err, footage.Invalid) {
		t.Errorf("without a file: %v", err)
	}
}

// TestStep keeps every length within the parts that S3 allows, at borders of segments.
func TestStep(t *testing.T) {
	var b s3.Bucket
	for _, length := range []int64{0, 1, 8 << 20, 60 << 30, 10_000 * 8 << 20, 10_000*8<<20 + 1, 1 << 40, 5 << 40} {
		step := b.Step(length)
		if step%footage.SegmentSize != 0 || step < 5<<20 || (length+step-1)/step > 10_000 || step > 5<<30 {
			t.Errorf("length %d: step %d", length, step)
		}
	}
}

// BenchmarkStage measures one clip through the store, with what the store itself reaches for a single put beside it.
func BenchmarkStage(b *testing.B) {
	bucket := open(b, testenv.S3(b), "")
	body := make([]byte, 64<<20)
	b.Run("Staged", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			state, err := bucket.Begin(b.Context(), "clips/a", int64(len(body)))
			if err == nil {
				_, state, err = bucket.Append(b.Context(), "clips/a", state, 0, io.MultiReader(bytes.NewReader(body)))
			}
			if err == nil {
				err = bucket.Finish(b.Context(), "clips/a", state)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Put", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			if err := bucket.Put(b.Context(), "clips/a", body); err != nil {
				b.Fatal(err)
			}
		}
	})
}
