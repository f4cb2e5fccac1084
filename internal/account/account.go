// Package account knows who a member of staff is: it enrols passkeys by invitation, signs people in, and verifies what
// they sign (https://www.w3.org/TR/webauthn-3/).
//
// There are no passwords. An authenticator must verify its user each time; where it was made is neither asked nor kept.
// A software authenticator (package softkey) is accepted by a fictional exchange only. The package writes tables of its
// own and nothing else; who may do what is decided by package exchange. Residents have no account.
package account

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// How long things last.
const (
	SessionLife    = 12 * time.Hour
	BrowserIdle    = 30 * time.Minute // a browser's session ends when nobody used it for so long
	ChallengeLife  = 5 * time.Minute
	InvitationLife = 7 * 24 * time.Hour
	DeviceLife     = 10 * time.Minute     // how long a program waits to be signed in from a browser
	MachineLife    = 366 * 24 * time.Hour // the longest that a program's credential lasts
)

// Service does the package's work. Its fields must not be changed once it is used; its methods may be called by several
// goroutines.
type Service struct {
	DB        *store.DB
	RP        footage.RelyingParty
	Name      string           // of the exchange, as authenticators show it
	Fictional bool             // software authenticators are accepted
	Now       func() time.Time // the clock
}

// Challenge is what a client passes to an authenticator.
type Challenge struct {
	Challenge string          `json:"challenge"`      // base64url
	RPID      string          `json:"rp_id"`          // the domain that the authenticator must be of
	User      string          `json:"user,omitempty"` // user handle, base64url; at enrolment only
	Options   json.RawMessage `json:"options"`        // {"publicKey": …} for navigator.credentials.create or get
}

// Purposes of challenges: one made for a login is of no use at an enrolment.
const (
	forLogin = "login"
	forEnrol = "enrol"
)

// library returns the WebAuthn library set up for this exchange.
func (s *Service) library() (*webauthn.WebAuthn, error) {
	lib, err := webauthn.New(&webauthn.Config{
		RPID: s.RP.ID, RPDisplayName: s.Name, RPOrigins: []string{s.RP.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("set up WebAuthn for %s: %w", s.RP.ID, err)
	}
	return lib, nil
}

// keyTypes are the keys that footage.Assertion.Verify can check.
func keyTypes() []protocol.CredentialParameter {
	return []protocol.CredentialParameter{
		{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
		{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
	}
}

// user is a person as the library wants one.
type user struct {
	footage.Person
	credentials []webauthn.Credential
}

func (u user) WebAuthnID() []byte                         { return []byte(u.ID) }
func (u user) WebAuthnName() string                       { return u.Name }
func (u user) WebAuthnDisplayName() string                { return u.Name }
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

// asked is what is kept beside a challenge.
type asked struct {
	Session    webauthn.SessionData `json:"session"`
	Invitation string               `json:"invitation,omitempty"` // hash of the token that an enrolment began with
}

// keep stores a challenge with what was asked.
func (s *Service) keep(tx *store.Tx, purpose string, a asked) error {
	data, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("keep challenge: %w", err)
	}
	return tx.InsertChallenge(hash(a.Session.Challenge), store.Challenge{Purpose: purpose, Data: data, Expires: s.Now().Add(ChallengeLife)})
}

// take uses a challenge up and returns what was asked. It fails with kind NotFound for a challenge that was never given
// for this purpose, is used or is too old.
func (s *Service) take(tx *store.Tx, purpose, challenge string) (a asked, err error) {
	c, err := tx.TakeChallenge(hash(challenge))
	if err != nil {
		return a, err
	}
	if c.Purpose != purpose || !s.Now().Before(c.Expires) {
		return a, footage.NotFound
	}
	return a, json.Unmarshal(c.Data, &a)
}

// Sweep deletes what is over. A job calls it now and then; nothing depends on when.
func (s *Service) Sweep(tx *store.Tx) error { return tx.SweepAccounts(s.Now()) }

// hash is how tokens and challenges are stored: who reads the database can use none of them. They are random enough that
// a plain hash needs no salt.
func hash(token string) string { return footage.Hash([]byte(token)) }
