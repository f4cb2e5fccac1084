// Package s3 keeps sealed bytes in a bucket of an S3-compatible object store, behind the port of package blob.
//
// Objects are S3 objects; a staging is a multipart upload whose parts stream through without being held in memory, so that
// its offset advances part by part. That an acknowledged write is durable is the store's promise.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/footage"
)

// Bucket is a [blob.Bucket] in an object store.
type Bucket struct {
	core   *minio.Core
	bucket string
	prefix string // before every key, empty or ending in a slash
}

var _ blob.Bucket = (*Bucket)(nil)

// Credentials prove to the store who we are.
type Credentials struct {
	AccessKey, SecretKey string
}

// The environment variables that name the files which hold the credentials.
const (
	AccessKeyFile = "PORCHLIGHT_S3_ACCESS_KEY_FILE"
	SecretKeyFile = "PORCHLIGHT_S3_SECRET_KEY_FILE"
)

// ReadCredentials reads the files that the environment names. Secrets come from files alone: a process's environment
// and arguments can be seen by others.
func ReadCredentials(getenv func(string) string) (Credentials, error) {
	access, err := readSecret(AccessKeyFile, getenv(AccessKeyFile))
	if err != nil {
		return Credentials{}, err
	}
	secret, err := readSecret(SecretKeyFile, getenv(SecretKeyFile))
	return Credentials{AccessKey: access, SecretKey: secret}, err
}

func readSecret(name, file string) (string, error) {
	if file == "" {
		return "", footage.E(footage.Invalid, "Set "+name+" to the file that holds this key of the object store.")
	}
	if info, err := os.Stat(file); err == nil && info.Mode().Perm()&0o007 != 0 {
		return "", footage.Coded(footage.Invalid, "unsafe_key_file", fmt.Sprintf("Everybody on this machine can read the file that %s names (mode %o). Run 'chmod 600' on it.", name, info.Mode().Perm()))
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the key of the object store (%s): %w", name, err)
	}
	return strings.TrimSpace(string(raw)), nil
}

// maxRetries bounds how often a request is sent that can be repeated; after that the caller's client tries again.
const maxRetries = 2

// Open opens s3://bucket/prefix?endpoint=URL&region=NAME. Without an endpoint it is Amazon's, without a region us-east-1. An
// endpoint that is neither https nor on this machine needs insecure=yes. The bucket must exist, and must keep no old
// versions, since a clip that is erased has to be gone.
func Open(ctx context.Context, raw string, creds Credentials) (*Bucket, error) {
	at, err := parse(raw)
	if err != nil {
		return nil, err
	}
	core, err := minio.NewCore(at.endpoint.Host, &minio.Options{
		Creds:        credentials.NewStaticV4(creds.AccessKey, creds.SecretKey, ""),
		Secure:       at.endpoint.Scheme == "https",
		Region:       at.region,
		BucketLookup: at.lookup,
		MaxRetries:   maxRetries,
	})
	if err != nil {
		return nil, fmt.Errorf("open the object store: %w", err)
	}
	b := &Bucket{core: core, bucket: at.bucket, prefix: at.prefix}
	return b, b.check(ctx)
}

// check refuses a bucket that does not exist or that would keep what is deleted.
func (b *Bucket) check(ctx context.Context) error {
	exists, err := b.core.BucketExists(ctx, b.bucket)
	if err != nil {
		return storeError("open", b.bucket, err)
	}
	if !exists {
		return footage.E(footage.NotFound, "The object store has no bucket "+b.bucket+". Create it first, without versioning.")
	}
	versions, err := b.core.GetBucketVersioning(ctx, b.bucket)
	if err != nil && minio.ToErrorResponse(err).StatusCode == http.StatusForbidden {
		return footage.E(footage.Forbidden, "The object store does not tell whether bucket "+b.bucket+" keeps old versions. Allow s3:GetBucketVersioning.")
	}
	if err == nil && versions.Enabled() { // a store that cannot answer the question has no versions
		return footage.E(footage.Invalid, "Bucket "+b.bucket+" keeps old versions, so that an erased clip would stay. Use a bucket without versioning.")
	}
	return nil
}

// address is what the URL of a bucket says.
type address struct {
	bucket, prefix, region string
	endpoint               *url.URL
	lookup                 minio.BucketLookupType
}

func parse(raw string) (address, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User != nil {
		return address{}, footage.E(footage.Invalid, "The address of the object store must look like s3://bucket/prefix?endpoint=https://host&region=name, without keys in it.")
	}
	a := address{bucket: u.Host, prefix: strings.Trim(u.Path, "/"), region: u.Query().Get("region"), lookup: minio.BucketLookupPath}
	if a.prefix != "" {
		if err := blob.CheckKey(a.prefix); err != nil {
			return address{}, err
		}
		a.prefix += "/"
	}
	if a.region == "" {
		a.region = "us-east-1"
	}
	endpoint := u.Query().Get("endpoint")
	if endpoint == "" {
		endpoint, a.lookup = "https://s3."+a.region+".amazonaws.com", minio.BucketLookupAuto
	}
	a.endpoint, err = url.Parse(endpoint)
	if err != nil || a.endpoint.Host == "" || (a.endpoint.Scheme != "https" && a.endpoint.Scheme != "http") {
		return address{}, footage.E(footage.Invalid, "The endpoint of the object store must be an http or https address.")
	}
	if a.endpoint.Scheme == "http" && !loopback(a.endpoint.Hostname()) && u.Query().Get("insecure") != "yes" {
		return address{}, footage.E(footage.Invalid, "The object store would be reached without encryption. Use https, or add insecure=yes if the network between is yours alone.")
	}
	return a, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// storeError gives the store's errors the kinds that the port promises.
func storeError(did, key string, err error) error {
	if err == nil {
		return nil
	}
	if kind := kindOf(err); kind != nil {
		return fmt.Errorf("%s %s: %w (%w)", did, key, kind, err)
	}
	return fmt.Errorf("%s %s: %w", did, key, err)
}

func kindOf(err error) error {
	var s minio.ErrorResponse
	if !errors.As(err, &s) {
		if errors.Is(err, context.Canceled) {
			return nil // the caller gave up, the store did not fail
		}
		return errUnavailable() // no answer at all
	}
	switch {
	case s.Code == "NoSuchKey", s.Code == "NoSuchUpload", s.Code == "NotFound":
		return footage.E(footage.NotFound, "There is nothing stored under this key.")
	case s.StatusCode == http.StatusPreconditionFailed, s.Code == "InvalidPart", s.Code == "InvalidPartOrder":
		return footage.E(footage.Conflict, "There is something else stored under this key already.")
	case s.StatusCode == http.StatusInsufficientStorage, strings.HasPrefix(s.Code, "QuotaExceeded"), s.Code == "XMinioStorageFull":
		return footage.Coded(footage.Full, "storage_full", "The exchange has no room left for this. Nothing that it accepted is lost; please try again later.")
	case s.StatusCode >= 500, s.StatusCode == http.StatusTooManyRequests:
		return errUnavailable()
	}
	return nil
}

func errUnavailable() error {
	return footage.Coded(footage.Unavailable, "storage_unavailable", "The exchange's storage does not answer just now. Nothing is lost; please try again in a minute.")
}
