package nodetest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"porchlight.example/internal/blob/s3"
	"porchlight.example/internal/node"
	"porchlight.example/internal/testenv"
)

// Engines runs a test on each of the two ways in which an exchange keeps its things. The function that it is given sets a
// node's options up for fresh, empty engines of their own each time it is called.
func Engines(t *testing.T, run func(t *testing.T, engine func(*node.Options))) {
	t.Run("sqlite+disk", func(t *testing.T) { run(t, func(*node.Options) {}) })
	t.Run("postgres+s3", func(t *testing.T) {
		_, objects := ObjectStore(t)
		run(t, func(o *node.Options) {
			objects(o)
			o.Database = testenv.Postgres(t)
		})
	})
}

// ObjectStore starts an object store and returns a function that sets a node's options up for a place in it of their own,
// each time it is called.
func ObjectStore(t *testing.T) (*testenv.S3Server, func(*node.Options)) {
	t.Helper()
	server := testenv.S3(t)
	credentials(t, server)
	made := 0
	return server, func(o *node.Options) {
		made++
		o.Blobs = server.URL(fmt.Sprintf("exchange%d", made))
	}
}

// credentials puts the server's keys where an operator would: into files that the environment names.
func credentials(t *testing.T, server *testenv.S3Server) {
	t.Helper()
	for name, value := range map[string]string{s3.AccessKeyFile: server.AccessKey, s3.SecretKeyFile: server.SecretKey} {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv(name, path)
	}
}
