package account

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// Session is a person's sign-in.
type Session struct {
	ID      string           // hash of the token: names the session, opens nothing
	Token   string           // the bearer token, 256 random bits; only from Login, for it is not stored
	Person  footage.PersonID // who has signed in
	Created time.Time
	Expires time.Time
}

// errLogin is the one answer to every login that does not hold, so that nobody learns whether a credential exists.
func errLogin() error {
	return footage.Coded(footage.Unauthorized, "login_refused",
		"The sign-in did not succeed: the authenticator is not enrolled here, or its answer came too late. Try again, then ask your administrator for an invitation.")
}

// LoginChallenge begins a sign-in. The authenticator says who it is for; no name is asked.
func (s *Service) LoginChallenge(ctx context.Context) (Challenge, error) {
	lib, err := s.library()
	if err != nil {
		return Challenge{}, err
	}
	assertion, session, err := lib.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Challenge{}, fmt.Errorf("begin login: %w", err)
	}
	err = s.DB.Write(ctx, func(tx *store.Tx) error { return s.keep(tx, forLogin, asked{Session: *session}) })
	if err != nil {
		return Challenge{}, fmt.Errorf("begin login: %w", err)
	}
	options, err := json.Marshal(assertion)
	return Challenge{Challenge: session.Challenge, RPID: s.RP.ID, Options: options}, err
}

// Login ends a sign-in with the authenticator's answer (PublicKeyCredential.toJSON). The challenge is used up whether
// the answer holds or not. Everything that does not hold is one uniform error of kind [footage.Unauthorized].
func (s *Service) Login(ctx context.Context, response []byte) (Session, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return Session{}, errLogin()
	}
	var session Session
	var refused error
	err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		session, err = s.login(tx, parsed)
		if refused = nil; errors.Is(err, footage.Unauthorized) {
			refused, err = err, nil // committed all the same, for the challenge is used up
		}
		return err
	})
	if err != nil {
		return Session{}, fmt.Errorf("sign in: %w", err)
	}
	return session, refused
}

func (s *Service) login(tx *store.Tx, parsed *protocol.ParsedCredentialAssertionData) (Session, error) {
	a, err := s.take(tx, forLogin, parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return Session{}, refuse(err, errLogin())
	}
	c, err := tx.Credential(base64.RawURLEncoding.EncodeToString(parsed.RawID))
	if err != nil {
		return Session{}, refuse(err, errLogin())
	}
	p, err := tx.Person(c.Person)
	if err != nil {
		return Session{}, err
	}
	if p.Disabled || !s.counts(c) {
		return Session{}, errLogin()
	}
	data, err := s.verifyLogin(c, p, a, parsed)
	if err != nil {
		return Session{}, err
	}
	if err := tx.SetCredentialData(c.ID, data); err != nil {
		return Session{}, err
	}
	return s.open(tx, p.ID)
}

// verifyLogin checks the authenticator's answer and returns the credential's record with the new signature counter.
func (s *Service) verifyLogin(c store.Credential, p footage.Person, a asked, parsed *protocol.ParsedCredentialAssertionData) ([]byte, error) {
	lib, err := s.library()
	if err != nil {
		return nil, err
	}
	var known webauthn.Credential
	if err := json.Unmarshal(c.Data, &known); err != nil {
		return nil, fmt.Errorf("read credential %s: %w", c.ID, err)
	}
	owner := func(_, _ []byte) (webauthn.User, error) { return user{p, []webauthn.Credential{known}}, nil }
	_, seen, err := lib.ValidatePasskeyLogin(owner, a.Session, parsed)
	if err != nil || seen.Authenticator.CloneWarning {
		return nil, errLogin()
	}
	return json.Marshal(seen)
}

// open makes a session. Its token is random and only its hash is stored.
func (s *Service) open(tx *store.Tx, person footage.PersonID) (Session, error) {
	token, now := footage.NewSecret(), s.Now().UTC().Truncate(time.Microsecond)
	session := Session{ID: hash(token), Token: token, Person: person, Created: now, Expires: now.Add(SessionLife)}
	err := tx.InsertSession(store.Session{TokenHash: session.ID, Person: person, Created: now, Expires: session.Expires})
	return session, err
}

// counts reports whether a credential may speak for its person here and now.
func (s *Service) counts(c store.Credential) bool { return !c.Revoked && (s.Fictional || !c.Software) }
