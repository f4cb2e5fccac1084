package footage

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
)

// Assertion is a WebAuthn assertion (Web Authentication Level 2, 6.3.3) whose challenge is the SHA-256 of a canonical
// document. It proves that one person, present and verified by the authenticator, signed exactly that text.
type Assertion struct {
	Role              Role     `json:"role"`
	Person            PersonID `json:"person"`
	Agency            AgencyID `json:"agency,omitempty"`   // the signer's own, where it lends them to the one that asks
	Credential        string   `json:"credential"`         // credential ID, base64url
	ClientData        string   `json:"client_data"`        // clientDataJSON, base64url
	AuthenticatorData string   `json:"authenticator_data"` // base64url
	Signature         string   `json:"signature"`          // base64url
}

// RelyingParty is the exchange as authenticators know it.
type RelyingParty struct {
	ID     string `json:"id"`     // the domain, such as "exchange.example"
	Origin string `json:"origin"` // such as "https://exchange.example"
}

// Flags of authenticator data.
const (
	flagUserPresent  = 0x01
	flagUserVerified = 0x04
)

// Verify checks the assertion over a canonical document against the person's public key (SubjectPublicKeyInfo, DER:
// ECDSA on P-256 or Ed25519). It needs no server. Every failure is of kind [Untrusted].
func (a Assertion) Verify(publicKey []byte, rp RelyingParty, canonical []byte) error {
	challenge := sha256.Sum256(canonical)
	client, err := DecodeBase64(a.ClientData)
	if err != nil {
		return E(Untrusted, "The signature's client data cannot be read.")
	}
	if err := checkClientData(client, challenge[:], rp.Origin); err != nil {
		return err
	}
	auth, err := DecodeBase64(a.AuthenticatorData)
	if err != nil || len(auth) < 37 {
		return E(Untrusted, "The signature's authenticator data cannot be read.")
	}
	rpHash := sha256.Sum256([]byte(rp.ID))
	if subtle.ConstantTimeCompare(auth[:32], rpHash[:]) != 1 {
		return E(Untrusted, "The signature was made for another exchange.")
	}
	if flags := auth[32]; flags&flagUserPresent == 0 || flags&flagUserVerified == 0 {
		return E(Untrusted, "The signature was made without the person being verified.")
	}
	sig, err := DecodeBase64(a.Signature)
	if err != nil {
		return E(Untrusted, "The signature cannot be read.")
	}
	clientHash := sha256.Sum256(client)
	return verifySignature(publicKey, append(auth, clientHash[:]...), sig)
}

func checkClientData(client, challenge []byte, origin string) error {
	var data struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
		Origin    string `json:"origin"`
	}
	if err := json.Unmarshal(client, &data); err != nil || data.Type != "webauthn.get" {
		return E(Untrusted, "The signature's client data cannot be read.")
	}
	if data.Challenge != base64.RawURLEncoding.EncodeToString(challenge) {
		return E(Untrusted, "The signature is for another text (the text hashes to "+hex.EncodeToString(challenge)+").")
	}
	if data.Origin != origin {
		return E(Untrusted, "The signature was made on "+data.Origin+", not on "+origin+".")
	}
	return nil
}

func verifySignature(publicKey, message, sig []byte) error {
	key, err := x509.ParsePKIXPublicKey(publicKey)
	if err != nil {
		return E(Untrusted, "The signer's public key cannot be read.")
	}
	ok := false
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(message)
		ok = ecdsa.VerifyASN1(k, sum[:], sig)
	case ed25519.PublicKey:
		ok = ed25519.Verify(k, message, sig)
	}
	if !ok {
		return E(Untrusted, "The signature does not fit the signer's public key.")
	}
	return nil
}
