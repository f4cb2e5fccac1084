package softkey

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"porchlight.example/internal/footage"
)

// AAGUID is the sixteen bytes by which the authenticator says what model it is.
const AAGUID = "porchlight-soft\x00"

// Key is one passkey of one exchange: an ECDSA key on P-256. It may be used from several goroutines once User is set.
type Key struct {
	// User is the user handle that the exchange gave at registration; logins that ask for no name need it.
	User []byte

	rp      footage.RelyingParty
	id      []byte // credential ID
	private *ecdsa.PrivateKey
}

// New makes a random key for an exchange: its domain, such as "exchange.example", and the origin of its pages, such as
// "https://exchange.example".
func New(rpID, origin string) (*Key, error) {
	if rpID == "" || origin == "" {
		return nil, footage.E(footage.Invalid, "A software key needs the exchange's domain and its origin.")
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate software key: %w", err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id) // crypto/rand.Read never fails
	return &Key{rp: footage.RelyingParty{ID: rpID, Origin: origin}, id: id, private: private}, nil
}

// CredentialID returns the credential ID, base64url.
func (k *Key) CredentialID() string { return encode(k.id) }

// RelyingParty returns the exchange that the key is for.
func (k *Key) RelyingParty() footage.RelyingParty { return k.rp }

// PublicKey returns the public key as SubjectPublicKeyInfo in DER, which footage.Assertion.Verify takes.
func (k *Key) PublicKey() []byte {
	der, err := x509.MarshalPKIXPublicKey(&k.private.PublicKey)
	if err != nil {
		panic("softkey: encode public key: " + err.Error()) // every key here is on P-256
	}
	return der
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// fileType names the format of a key's file.
const fileType = "porchlight/softkey/v1"

type fileJSON struct {
	Type       string `json:"type"`
	RPID       string `json:"rp_id"`
	Origin     string `json:"origin"`
	Credential string `json:"credential"`     // base64url
	User       string `json:"user,omitempty"` // base64url
	Private    string `json:"private_key"`    // PKCS #8, base64url
}

// Save writes the key, unencrypted, to a new file with mode 0600. It is a Conflict if the file exists.
func (k *Key) Save(path string) error {
	raw, err := k.encode()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return footage.E(footage.Conflict, "There is a file at "+path+" already. Move it away or choose another name.")
	} else if err != nil {
		return fmt.Errorf("save software key: %w", err)
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(path) // half a key is of no use
		return fmt.Errorf("save software key: %w", err)
	}
	return nil
}

// Load reads a key from a file that [Key.Save] wrote. A file that is no such key is Invalid, a missing one NotFound.
func Load(path string) (*Key, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, footage.E(footage.NotFound, "There is no software key at "+path+". Make one first.")
	} else if err != nil {
		return nil, fmt.Errorf("load software key: %w", err)
	}
	k, err := parse(raw)
	if err != nil {
		return nil, fmt.Errorf("load software key %s: %w", path, err)
	}
	return k, nil
}

func (k *Key) encode() ([]byte, error) {
	private, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return nil, fmt.Errorf("encode software key: %w", err)
	}
	raw, err := json.MarshalIndent(fileJSON{
		Type: fileType, RPID: k.rp.ID, Origin: k.rp.Origin, Credential: encode(k.id), User: encode(k.User), Private: encode(private),
	}, "", "\t")
	return append(raw, '\n'), err
}

func parse(raw []byte) (*Key, error) {
	var f fileJSON
	if err := footage.DecodeStrict(raw, &f); err != nil {
		return nil, err
	}
	strict := base64.RawURLEncoding.Strict()
	id, err1 := strict.DecodeString(f.Credential)
	user, err2 := strict.DecodeString(f.User)
	der, err3 := strict.DecodeString(f.Private)
	found, err4 := x509.ParsePKCS8PrivateKey(der)
	private, ok := found.(*ecdsa.PrivateKey)
	if f.Type != fileType || errors.Join(err1, err2, err3, err4) != nil || !ok || private.Curve != elliptic.P256() ||
		len(id) == 0 || len(id) > maxCredentialID || f.RPID == "" || f.Origin == "" {
		return nil, footage.E(footage.Invalid, "This is not a software key, or it is damaged. Make a new one and register it.")
	}
	return &Key{User: user, rp: footage.RelyingParty{ID: f.RPID, Origin: f.Origin}, id: id, private: private}, nil
}
