package account

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// SignChallenge returns what a browser needs to have a person sign a canonical document: the challenge is the document's
// hash, so that the assertion is good for this text alone. Nothing is kept: the text itself says whether the answer fits.
func (s *Service) SignChallenge(ctx context.Context, person footage.PersonID, canonical []byte) (Challenge, error) {
	var allowed []protocol.CredentialDescriptor
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := tx.Credentials(person)
		allowed = nil
		for _, c := range all {
			id, decodeErr := footage.DecodeBase64(c.ID)
			if decodeErr == nil && s.counts(c) {
				allowed = append(allowed, protocol.CredentialDescriptor{Type: protocol.PublicKeyCredentialType, CredentialID: id})
			}
		}
		return err
	})
	if err != nil {
		return Challenge{}, fmt.Errorf("begin signature: %w", err)
	}
	if len(allowed) == 0 {
		return Challenge{}, errSigner()
	}
	sum := sha256.Sum256(canonical)
	options := protocol.CredentialAssertion{Response: protocol.PublicKeyCredentialRequestOptions{Challenge: sum[:], Timeout: int(ChallengeLife.Milliseconds()),
		RelyingPartyID: s.RP.ID, AllowedCredentials: allowed, UserVerification: protocol.VerificationRequired}}
	raw, err := json.Marshal(options)
	return Challenge{Challenge: protocol.URLEncodedBase64(sum[:]).String(), RPID: s.RP.ID, Options: raw}, err
}

// Signed makes an assertion of an authenticator's answer (PublicKeyCredential.toJSON). Whether it holds, [Service.VerifyDocument] says.
func Signed(response []byte, person footage.PersonID, role footage.Role) (footage.Assertion, error) {
	var answer struct {
		ID       string `json:"id"`
		Response struct {
			ClientData        string `json:"clientDataJSON"`
			AuthenticatorData string `json:"authenticatorData"`
			Signature         string `json:"signature"`
		} `json:"response"`
	}
	if err := json.Unmarshal(response, &answer); err != nil || answer.ID == "" {
		return footage.Assertion{}, footage.Coded(footage.Invalid, "no_signature", "The passkey's answer did not arrive. Press the button again.")
	}
	return footage.Assertion{Role: role, Person: person, Credential: answer.ID, ClientData: answer.Response.ClientData,
		AuthenticatorData: answer.Response.AuthenticatorData, Signature: answer.Response.Signature}, nil
}
