package softkey

import (
	"crypto"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"porchlight.example/internal/footage"
)

// maxCredentialID is the greatest length of a credential ID in bytes (Web Authentication Level 2, 5.1.3).
const maxCredentialID = 1023

// Flags of authenticator data (6.1). Nobody was asked: see the package comment.
const (
	flagPresent  = 0x01
	flagVerified = 0x04
	flagAttested = 0x40 // a new credential follows
)

const coseES256 = -7

// credential is what PublicKeyCredential.toJSON() gives in a browser.
type credential struct {
	ID         string   `json:"id"`
	RawID      string   `json:"rawId"`
	Type       string   `json:"type"`
	Attachment string   `json:"authenticatorAttachment"`
	Response   response `json:"response"`
	Extensions struct{} `json:"clientExtensionResults"`
}

type response struct {
	ClientData        string   `json:"clientDataJSON"`
	AuthenticatorData string   `json:"authenticatorData"`
	Attestation       string   `json:"attestationObject,omitempty"`
	Transports        []string `json:"transports,omitempty"`
	PublicKey         string   `json:"publicKey,omitempty"`
	Algorithm         int      `json:"publicKeyAlgorithm,omitempty"`
	Signature         string   `json:"signature,omitempty"`
	User              string   `json:"userHandle,omitempty"`
}

// Create answers a registration's challenge: the JSON that a browser sends, with attestation "none".
func (k *Key) Create(challenge []byte) ([]byte, error) {
	auth := k.authenticatorData(flagAttested)
	auth = append(auth, AAGUID...)
	auth = binary.BigEndian.AppendUint16(auth, uint16(len(k.id)))
	auth = append(auth, k.id...)
	cose, err := k.coseKey()
	if err != nil {
		return nil, err
	}
	auth = append(auth, cose...)
	return k.answer(response{
		ClientData:        encode(k.clientData("webauthn.create", challenge)),
		AuthenticatorData: encode(auth),
		Attestation:       encode(attestation(auth)),
		Transports:        []string{"internal"},
		PublicKey:         encode(k.PublicKey()),
		Algorithm:         coseES256,
	})
}

// Get signs a challenge, which for a request is the SHA-256 of its canonical document, as a person in a role.
func (k *Key) Get(challenge []byte, role footage.Role, person footage.PersonID) footage.Assertion {
	client, auth, signature := k.sign(challenge)
	return footage.Assertion{
		Role: role, Person: person, Credential: k.CredentialID(),
		ClientData: encode(client), AuthenticatorData: encode(auth), Signature: encode(signature),
	}
}

// GetJSON answers a login's challenge: the JSON that a browser sends.
func (k *Key) GetJSON(challenge []byte) ([]byte, error) {
	client, auth, signature := k.sign(challenge)
	return k.answer(response{
		ClientData: encode(client), AuthenticatorData: encode(auth), Signature: encode(signature), User: encode(k.User),
	})
}

func (k *Key) answer(r response) ([]byte, error) {
	id := k.CredentialID()
	raw, err := json.Marshal(credential{ID: id, RawID: id, Type: "public-key", Attachment: "platform", Response: r})
	if err != nil {
		return nil, fmt.Errorf("encode software key's answer: %w", err)
	}
	return raw, nil
}

func (k *Key) sign(challenge []byte) (client, auth, signature []byte) {
	client = k.clientData("webauthn.get", challenge)
	auth = k.authenticatorData(0)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(auth[:len(auth):len(auth)], hash[:]...))
	// Without randomness the signature follows from key and message (RFC 6979): a test can make the same one again.
	signature, err := k.private.Sign(nil, sum[:], crypto.SHA256)
	if err != nil {
		panic("softkey: sign: " + err.Error()) // the key and the hash are of the right sort
	}
	return client, auth, signature
}

// clientData is the collected client data in the order that 5.8.1.1 gives its members.
func (k *Key) clientData(kind string, challenge []byte) []byte {
	raw, err := json.Marshal(struct {
		Type        string `json:"type"`
		Challenge   string `json:"challenge"`
		Origin      string `json:"origin"`
		CrossOrigin bool   `json:"crossOrigin"`
	}{kind, encode(challenge), k.rp.Origin, false})
	if err != nil {
		panic("softkey: encode client data: " + err.Error()) // strings always encode
	}
	return raw
}

// authenticatorData is the part that every answer has: hash of the domain, flags, and a counter that stays at nought, as
// that of synchronised passkeys does.
func (k *Key) authenticatorData(more byte) []byte {
	hash := sha256.Sum256([]byte(k.rp.ID))
	return append(hash[:], flagPresent|flagVerified|more, 0, 0, 0, 0)
}

// coseKey is the public key as the CBOR map {1: 2, 3: -7, -1: 1, -2: x, -3: y} (RFC 9053, 7.1.1), written by hand.
func (k *Key) coseKey() ([]byte, error) {
	point, err := k.private.PublicKey.Bytes() // 0x04, x, y
	if err != nil {
		return nil, fmt.Errorf("encode software key: %w", err)
	}
	out := []byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32}
	out = append(out, point[1:33]...)
	out = append(out, 0x22, 0x58, 32)
	return append(out, point[33:]...), nil
}

// attestation is the CBOR map {"fmt": "none", "attStmt": {}, "authData": …}.
func attestation(auth []byte) []byte {
	out := []byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59")
	out = binary.BigEndian.AppendUint16(out, uint16(len(auth)))
	return append(out, auth...)
}
