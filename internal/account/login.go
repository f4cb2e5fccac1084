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

// SessionKind says what holds a session's token. A token of one kind is of no use as the other.
type SessionKind string

// The kinds of session.
const (
	Browser SessionKind = "browser" // a cookie
	Program SessionKind = "program" // a bearer token
)

// Client is where somebody signs in. About is coarse on purpose, the sort of browser and system: enough to know one's own
// sessions by, and to refuse a cookie that turns up in another sort of browser.
type Client struct {
	Kind  SessionKind
	About string
}

// Session is a person's sign-in. It is bound to the authenticator that it came from and to the sort of client.
type Session struct {
	ID         string           // hash of the token: names the session, opens nothing
	Token      string           // the bearer token, 256 random bits; only from Login, for it is not stored
	Person     footage.PersonID // who has signed in
	Client     Client
	Credential string // the authenticator's ID
	Created    time.Time
	Seen       time.Time // last use, to five minutes
	Expires    time.Time
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
func (s *Service) Login(ctx context.Context, response []byte, at Client) (Session, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return Session{}, errLogin()
	}
	var session Session
	var refused error
	err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		session, err = s.login(tx, parsed, at)
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

func (s *Service) login(tx *store.Tx, parsed *protocol.ParsedCredentialAssertionData, at Client) (Session, error) {
	c, err := s.present(tx, parsed)
	if err != nil {
		return Session{}, err
	}
	return s.open(tx, c, at)
}

// Again checks that a person who is signed in has just used their authenticator again, for an act that a sign-in left open at
// an unwatched desk must not do. Everything that does not hold is of kind [footage.Unauthorized].
func (s *Service) Again(ctx context.Context, person footage.PersonID, response []byte) error {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return errLogin()
	}
	var refused error
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		c, err := s.present(tx, parsed)
		if err == nil && c.Person != person {
			err = errLogin()
		}
		if refused = nil; errors.Is(err, footage.Unauthorized) {
			refused, err = err, nil // committed all the same, for the challenge is used up
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("ask for the passkey again: %w", err)
	}
	return refused
}

// present uses the challenge up and returns the authenticator that answered it, which is its person's and counts now.
func (s *Service) present(tx *store.Tx, parsed *protocol.ParsedCredentialAssertionData) (store.Credential, error) {
	a, err := s.take(tx, forLogin, parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return store.Credential{}, refuse(err, errLogin())
	}
	c, err := tx.Credential(base64.RawURLEncoding.EncodeToString(parsed.RawID))
	if err != nil {
		return c, refuse(err, errLogin())
	}
	p, err := tx.Person(c.Person)
	if err != nil {
		return c, err
	}
	waits := c.Pending && !c.Revoked
	if !waits && (p.Disabled || !s.counts(c)) {
		return c, errLogin()
	}
	data, err := s.verifyLogin(c, p, a, parsed)
	if err != nil {
		return c, err
	}
	if waits { // told to nobody but the one who holds it
		return c, footage.Coded(footage.Unauthorized, "device_pending", "This passkey waits until somebody else confirms it: your administrator or the operator, but not the one who invited you.")
	}
	return c, tx.SetCredentialData(c.ID, data)
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
func (s *Service) open(tx *store.Tx, c store.Credential, at Client) (Session, error) {
	token, now := footage.NewSecret(), s.Now().UTC().Truncate(time.Microsecond)
	row := store.Session{TokenHash: hash(token), Person: c.Person, Kind: string(at.Kind), Credential: c.ID, Client: at.About,
		Created: now, Seen: now, Expires: now.Add(SessionLife)}
	session := sessionOf(row)
	session.Token = token
	if err := tx.SetPersonSeen(c.Person, now); err != nil {
		return Session{}, err
	}
	return session, tx.InsertSession(row)
}

func sessionOf(r store.Session) Session {
	return Session{ID: r.TokenHash, Person: r.Person, Client: Client{SessionKind(r.Kind), r.Client}, Credential: r.Credential,
		Created: r.Created, Seen: r.Seen, Expires: r.Expires}
}

// counts reports whether a credential may speak for its person here and now.
func (s *Service) counts(c store.Credential) bool {
	return !c.Revoked && !c.Pending && (s.Fictional || !c.Software)
}
