package account

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/softkey"
	"porchlight.example/internal/store"
)

// Credential is an authenticator that a person has enrolled.
type Credential struct {
	ID        string // base64url
	Person    footage.PersonID
	PublicKey []byte // SubjectPublicKeyInfo, DER: ECDSA on P-256 or Ed25519
	Software  bool
	Pending   bool // a second person has to confirm it; until then it opens nothing
	Revoked   bool
	Inviter   footage.PersonID // who let it in; empty: the office at the machine
	Created   time.Time
}

// errInvitation is the one answer to every token and every authenticator's answer that does not hold.
func errInvitation() error {
	return footage.Coded(footage.Unauthorized, "enrolment_refused",
		"The authenticator was not enrolled: the invitation has been used, is over or was mistyped, or the authenticator's answer came too late. Try again, then ask for a new invitation.")
}

// Invite returns a secret token with which the person can enrol one authenticator within [InvitationLife]. It takes the
// place of earlier invitations. Only its hash is stored. The inviter is empty for the office at the machine.
func (s *Service) Invite(tx *store.Tx, person, inviter footage.PersonID) (token string, err error) {
	if err := tx.CancelInvitations(person); err != nil {
		return "", fmt.Errorf("invite %s: %w", person, err)
	}
	token = footage.NewSecret()
	if err := tx.InsertInvitation(hash(token), store.Invitation{Person: person, Inviter: inviter, Expires: s.Now().Add(InvitationLife)}); err != nil {
		return "", fmt.Errorf("invite %s: %w", person, err)
	}
	return token, nil
}

// invited returns the person whom a token invites. Who is disabled may have been invited since then, to come back.
func (s *Service) invited(tx *store.Tx, token string) (footage.Person, store.Invitation, error) {
	i, err := tx.Invitation(hash(token))
	if err != nil {
		return footage.Person{}, i, refuse(err, errInvitation())
	}
	p, err := tx.Person(i.Person)
	if err != nil {
		return p, i, err
	}
	if i.Used || !s.Now().Before(i.Expires) {
		return p, i, errInvitation()
	}
	return p, i, nil
}

// EnrolChallenge begins an enrolment. A token that invites nobody (any more) is of kind [footage.Unauthorized].
func (s *Service) EnrolChallenge(ctx context.Context, token string) (c Challenge, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		p, _, err := s.invited(tx, token)
		if err != nil {
			return err
		}
		c, err = s.beginEnrolment(tx, p, token)
		return err
	})
	return c, err
}

func (s *Service) beginEnrolment(tx *store.Tx, p footage.Person, token string) (Challenge, error) {
	lib, err := s.library()
	if err != nil {
		return Challenge{}, err
	}
	creation, session, err := lib.BeginRegistration(user{Person: p}, webauthn.WithCredentialParameters(keyTypes()),
		webauthn.WithExtensions(webauthn.WithExtensionPRFSupport())) // so that a page can seal a custodian's key under it
	if err != nil {
		return Challenge{}, fmt.Errorf("begin enrolment of %s: %w", p.ID, err)
	}
	if err := s.keep(tx, forEnrol, asked{Session: *session, Invitation: hash(token)}); err != nil {
		return Challenge{}, err
	}
	options, err := json.Marshal(creation)
	return Challenge{
		Challenge: session.Challenge, RPID: s.RP.ID, Options: options,
		User: base64.RawURLEncoding.EncodeToString([]byte(p.ID)),
	}, err
}

// Enrol ends an enrolment with the authenticator's answer (PublicKeyCredential.toJSON). A person's first authenticator counts
// at once. Whoever had one before, or was disabled, waits for [Service.Confirm]; until then what they had goes on. Invitation
// and challenge are used up with tx: if it is rolled back both can be tried again, the challenge with this invitation alone.
//
// Whatever does not hold is one uniform error of kind [footage.Unauthorized], but for a right answer by the wrong sort
// of authenticator: software on a real exchange is [footage.Forbidden], another kind of key [footage.Unsupported].
func (s *Service) Enrol(tx *store.Tx, token string, response []byte) (Credential, error) {
	p, invitation, err := s.invited(tx, token)
	if err != nil {
		return Credential{}, err
	}
	made, err := s.verifyEnrolment(tx, p, token, response)
	if err != nil {
		return Credential{}, err
	}
	c, err := s.accept(made, p.ID)
	if err != nil {
		return Credential{}, err
	}
	if c.Pending, err = hadKey(tx, p); err != nil {
		return Credential{}, err
	}
	c.Inviter = invitation.Inviter
	if err := s.insert(tx, c, made, token); err != nil {
		return Credential{}, fmt.Errorf("enrol authenticator of %s: %w", p.ID, err)
	}
	return c, nil
}

// hadKey reports whether a person's next authenticator comes in the place of another: also of one that the record names and a
// restore has lost.
func hadKey(tx *store.Tx, p footage.Person) (bool, error) {
	before, err := tx.Credentials(p.ID)
	if err != nil || len(before) > 0 || p.Disabled {
		return true, err
	}
	logged, err := tx.EntriesAbout(string(p.ID), math.MaxInt64)
	return len(logged) > 0, err
}

// verifyEnrolment checks the authenticator's answer against the challenge that was given for this invitation.
func (s *Service) verifyEnrolment(tx *store.Tx, p footage.Person, token string, response []byte) (*webauthn.Credential, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return nil, errInvitation()
	}
	a, err := s.take(tx, forEnrol, parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return nil, refuse(err, errInvitation())
	}
	lib, err := s.library()
	if err != nil {
		return nil, err
	}
	made, err := lib.CreateCredential(user{Person: p}, a.Session, parsed)
	if err != nil || a.Invitation != hash(token) {
		return nil, errInvitation()
	}
	return made, nil
}

// accept decides whether this exchange takes that sort of authenticator.
func (s *Service) accept(made *webauthn.Credential, person footage.PersonID) (Credential, error) {
	key, err := spki(made.PublicKey)
	if err != nil {
		return Credential{}, err
	}
	software := string(made.Authenticator.AAGUID) == softkey.AAGUID
	if software && !s.Fictional {
		return Credential{}, footage.Coded(footage.Forbidden, "software_authenticator",
			"This is a software authenticator for demonstrations, and this exchange is a real one. Use a security key, a phone or the computer's own passkey.")
	}
	return Credential{
		ID: base64.RawURLEncoding.EncodeToString(made.ID), Person: person, PublicKey: key, Software: software,
		Created: s.Now().UTC().Truncate(time.Microsecond),
	}, nil
}

// insert stores a credential and uses the invitation up. One that waited before it is refused.
func (s *Service) insert(tx *store.Tx, c Credential, made *webauthn.Credential, token string) error {
	made.Attestation = webauthn.CredentialAttestation{} // who made the authenticator is not ours to keep
	data, err := json.Marshal(made)
	if err != nil {
		return err
	}
	if err := tx.UseInvitation(hash(token)); err != nil {
		return err
	}
	if err := tx.RevokePending(c.Person); err != nil {
		return err
	}
	return tx.InsertCredential(store.Credential{ID: c.ID, Person: c.Person, PublicKey: c.PublicKey, Data: data, Software: c.Software,
		Pending: c.Pending, Inviter: c.Inviter, Created: c.Created})
}

// Devices returns a person's authenticators in the order of their enrolment, revoked ones too.
func (s *Service) Devices(tx *store.Tx, person footage.PersonID) (all []Credential, err error) {
	rows, err := tx.Credentials(person)
	for _, r := range rows {
		all = append(all, credentialOf(r))
	}
	return all, err
}

func credentialOf(r store.Credential) Credential {
	return Credential{ID: r.ID, Person: r.Person, PublicKey: r.PublicKey, Software: r.Software, Pending: r.Pending && !r.Revoked, Revoked: r.Revoked,
		Inviter: r.Inviter, Created: r.Created}
}

// Waiting returns the authenticator of a person that a second person has to confirm, or an error of kind [footage.NotFound].
func (s *Service) Waiting(tx *store.Tx, person footage.PersonID) (Credential, error) {
	all, err := s.Devices(tx, person)
	if err != nil {
		return Credential{}, err
	}
	for _, c := range all {
		if c.Pending {
			return c, nil
		}
	}
	return Credential{}, footage.Coded(footage.NotFound, "nothing_pending", "No device of this person waits to be confirmed.")
}

// Confirm makes the authenticator that waits the person's only one and ends every sign-in of theirs. Who may confirm it is
// not decided here.
func (s *Service) Confirm(tx *store.Tx, person footage.PersonID) (Credential, error) {
	c, err := s.Waiting(tx, person)
	if err != nil {
		return c, err
	}
	if !s.Fictional && c.Software {
		return c, errSigner()
	}
	if err := s.Revoke(tx, person); err != nil {
		return c, err
	}
	c.Pending = false
	return c, tx.ConfirmCredential(c.ID)
}

// Refuse ends what waits to be confirmed.
func (s *Service) Refuse(tx *store.Tx, person footage.PersonID) error {
	if _, err := s.Waiting(tx, person); err != nil {
		return err
	}
	return tx.RevokePending(person)
}

// Revoke ends a person's every authenticator, sign-in, invitation and program: for a leaver or a lost device.
func (s *Service) Revoke(tx *store.Tx, person footage.PersonID) error {
	for _, end := range []func(footage.PersonID) error{tx.RevokeCredentials, tx.DeleteSessions, tx.CancelInvitations, tx.RevokeMachines} {
		if err := end(person); err != nil {
			return fmt.Errorf("revoke %s: %w", person, err)
		}
	}
	return nil
}

// refuse turns "no such thing" into the uniform answer and lets every other error through.
func refuse(err, uniform error) error {
	if footage.KindOf(err) == footage.NotFound {
		return uniform
	}
	return err
}
