package account

import (
	"context"
	"fmt"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// Person returns who is signed in with a bearer token. A token that is unknown, revoked or over is of kind
// [footage.Unauthorized].
func (s *Service) Person(ctx context.Context, bearer string) (footage.PersonID, error) {
	session, err := s.Session(ctx, bearer, Client{Kind: Program})
	return session.Person, err
}

// seenEvery is how exactly the last use of a session is known.
const seenEvery = 5 * time.Minute

// Session returns the sign-in that a token is of. A token that is unknown, revoked or over, of another kind or from another
// sort of browser than the one that signed in, is of kind [footage.Unauthorized].
func (s *Service) Session(ctx context.Context, token string, at Client) (Session, error) {
	var row store.Session
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		row, err = tx.Session(hash(token))
		return refuse(err, errSession())
	})
	now := s.Now().UTC().Truncate(time.Microsecond)
	switch {
	case err != nil:
		return Session{}, err
	case !s.holds(row, at, now):
		return Session{}, errSession()
	case now.Sub(row.Seen) >= seenEvery:
		row.Seen = now
		err = s.DB.Write(ctx, func(tx *store.Tx) error { return tx.SetSessionSeen(row.TokenHash, now) })
	}
	return sessionOf(row), err
}

// holds reports whether a session counts at a time and a place.
func (s *Service) holds(row store.Session, at Client, now time.Time) bool {
	if row.Kind != string(at.Kind) || !now.Before(row.Expires) {
		return false
	}
	return at.Kind != Browser || row.Client == at.About && now.Sub(row.Seen) < BrowserIdle
}

func errSession() error {
	return footage.Coded(footage.Unauthorized, "not_signed_in", "You are not signed in, or the sign-in is over. Sign in and try again.")
}

// Sessions lists a person's sign-ins that are not over, the oldest first, without their tokens.
func (s *Service) Sessions(ctx context.Context, person footage.PersonID) (sessions []Session, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Sessions(person, s.Now())
		sessions = nil
		for _, r := range rows {
			if at := (Client{SessionKind(r.Kind), r.Client}); s.holds(r, at, s.Now()) {
				sessions = append(sessions, sessionOf(r))
			}
		}
		return err
	})
	return sessions, err
}

// EndSession ends one of a person's sign-ins by its ID. One that has ended is no error.
func (s *Service) EndSession(ctx context.Context, person footage.PersonID, id string) error {
	err := s.DB.Write(ctx, func(tx *store.Tx) error { return tx.DeleteSession(person, id) })
	if footage.KindOf(err) == footage.Conflict {
		return nil
	}
	return err
}

// Logout ends the sign-in of a bearer token. One that has ended is no error.
func (s *Service) Logout(ctx context.Context, bearer string) error {
	person, err := s.Person(ctx, bearer)
	if footage.KindOf(err) == footage.Unauthorized {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return s.EndSession(ctx, person, hash(bearer))
}

// VerifyDocument checks that a person signed a canonical document with the authenticator that is theirs now. Every
// failure is of kind [footage.Untrusted]. Whether the person may sign in that role is not decided here.
func (s *Service) VerifyDocument(tx *store.Tx, a footage.Assertion, canonical []byte) error {
	c, err := tx.Credential(a.Credential)
	if err != nil {
		return refuse(err, errSigner())
	}
	if c.Person != a.Person || !s.counts(c) {
		return errSigner()
	}
	return a.Verify(c.PublicKey, s.RP, canonical)
}

func errSigner() error {
	return footage.Coded(footage.Untrusted, "unknown_signer",
		"The signature was not made with an authenticator that is enrolled here for that person. Sign again with the present one.")
}
