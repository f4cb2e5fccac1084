package account

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// Scope is a part of what a person may do that a program may do in their name. No scope signs, approves, publishes or touches
// keys: for that a person must be there.
type Scope string

// The scopes.
const (
	ScopeRequests Scope = "requests" // read the agency's requests, try and draft others
	ScopeShares   Scope = "shares"   // list and fetch what came in, record custody events, ask residents
	ScopeKeys     Scope = "keys"     // read the agency's wrapped keys
)

// Scopes lists every scope.
func Scopes() []Scope { return []Scope{ScopeRequests, ScopeShares, ScopeKeys} }

// Machine is a credential with which a program acts in a person's name, within scopes and until a day. It ends with the
// person's account and with their authenticator.
type Machine struct {
	ID      string
	Person  footage.PersonID
	Name    string // as the person calls it
	Scopes  []Scope
	Created time.Time
	Expires time.Time
	Seen    time.Time // the day of the last use; zero: never
	Revoked bool
}

// Over reports whether the credential has ended by a time.
func (p Machine) Over(now time.Time) bool { return p.Revoked || !now.Before(p.Expires) }

// machinePrefix begins the tokens of programs, so that nobody takes one for a person's.
const machinePrefix = "machine."

// OfMachine reports whether a bearer token has the form of a program's.
func OfMachine(token string) bool { return strings.HasPrefix(token, machinePrefix) }

// MakeMachine makes a program's credential. Its token is returned this once; only a hash is stored. Every error in what is
// asked for is listed at once.
func (s *Service) MakeMachine(tx *store.Tx, id string, person footage.PersonID, name string, scopes []Scope, life time.Duration) (p Machine, token string, err error) {
	refused := &footage.Error{Kind: footage.Invalid, Code: "machine", Msg: "The credential cannot be made."}
	check := func(ok bool, code, msg string) {
		if !ok {
			refused.Reasons = append(refused.Reasons, footage.Reason{Code: code, Msg: msg})
		}
	}
	name = strings.TrimSpace(name)
	check(name != "" && len(name) <= 100, "machine_name", "Name the program, in a hundred letters at most.")
	check(len(scopes) > 0 && !slices.ContainsFunc(scopes, func(x Scope) bool { return !slices.Contains(Scopes(), x) }), "machine_scopes", "Choose what the program may do.")
	check(life >= time.Hour && life <= MachineLife, "machine_life", "A credential lasts a year at most.")
	if len(refused.Reasons) > 0 {
		return p, "", refused
	}
	now := s.Now().UTC().Truncate(time.Microsecond)
	token = machinePrefix + footage.NewSecret()
	row := store.Machine{ID: id, Person: person, Name: name, TokenHash: hash(token), Created: now, Expires: now.Add(life)}
	for _, scope := range scopes {
		row.Scopes = append(row.Scopes, string(scope))
	}
	return machineOf(row), token, tx.InsertMachine(row)
}

func machineOf(r store.Machine) Machine {
	p := Machine{ID: r.ID, Person: r.Person, Name: r.Name, Created: r.Created, Expires: r.Expires, Seen: r.Seen, Revoked: r.Revoked}
	for _, scope := range r.Scopes {
		p.Scopes = append(p.Scopes, Scope(scope))
	}
	return p
}

// Machine returns the credential that a token is of. One that is unknown, revoked or over is of kind [footage.Unauthorized].
func (s *Service) Machine(ctx context.Context, token string) (p Machine, err error) {
	now := s.Now()
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		row, err := tx.MachineByToken(hash(token))
		if err != nil {
			return refuse(err, errSession())
		}
		if p = machineOf(row); p.Over(now) {
			return errSession()
		}
		return nil
	})
	if today := now.Truncate(24 * time.Hour); err == nil && p.Seen.Before(today) {
		err = s.DB.Write(ctx, func(tx *store.Tx) error { return tx.SetMachineSeen(p.ID, today) })
	}
	return p, err
}

// Machines returns the credentials of a person's programs, the oldest first, those that are over too.
func (s *Service) Machines(tx *store.Tx, person footage.PersonID) (all []Machine, err error) {
	rows, err := tx.Machines(person)
	for _, r := range rows {
		all = append(all, machineOf(r))
	}
	return all, err
}

// DeviceLogin is a program on somebody's computer that waits to be signed in from their browser (RFC 8628).
type DeviceLogin struct {
	Device  string // the program's secret, with which it asks whether somebody has said yes
	Code    string // what the person reads from the program and types in the browser
	Expires time.Time
}

// codeLetters make codes that are no words and that nobody misreads (RFC 8628, 6.1).
const codeLetters = "BCDFGHJKLMNPQRSTVWXZ"

// newCode returns eight letters in two groups: twenty to the power of eight codes, each good for ten minutes and for somebody
// who is signed in alone.
func newCode() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	n, code := binary.BigEndian.Uint64(b[:]), []byte("....-....")
	for i := range code {
		if code[i] == '.' {
			code[i], n = codeLetters[n%uint64(len(codeLetters))], n/uint64(len(codeLetters))
		}
	}
	return string(code)
}

// BeginDevice lets a program wait for [DeviceLife].
func (s *Service) BeginDevice(ctx context.Context) (DeviceLogin, error) {
	d := DeviceLogin{Device: footage.NewSecret(), Code: newCode(), Expires: s.Now().Add(DeviceLife).UTC().Truncate(time.Second)}
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		return tx.InsertDeviceLogin(store.DeviceLogin{DeviceHash: hash(d.Device), CodeHash: hash(plainCode(d.Code)), Expires: d.Expires})
	})
	if err != nil {
		return DeviceLogin{}, fmt.Errorf("let a program wait: %w", err)
	}
	return d, nil
}

// plainCode is a code as it is compared: people type it in small letters and with or without the hyphen.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(codeLetters, r) {
			return r
		}
		return -1
	}, strings.ToUpper(code))
}

// AllowDevice signs the program in that waits with a code, for a person with one of their own authenticators.
func (s *Service) AllowDevice(ctx context.Context, by Session, code string) error {
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		return tx.AllowDeviceLogin(hash(plainCode(code)), by.Person, by.Credential, s.Now())
	})
	if footage.KindOf(err) == footage.Conflict {
		return footage.Coded(footage.NotFound, "device_code", "No program waits with this code. Read it again from the program, or let the program show a new one.")
	}
	return err
}

// FinishDevice gives a program its sign-in once somebody has said yes; before that it is a Conflict with the code
// "login_waiting". A program that is unknown, over or signed in already is of kind [footage.Unauthorized].
func (s *Service) FinishDevice(ctx context.Context, device string) (session Session, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := tx.DeviceLogin(hash(device))
		if err != nil {
			return refuse(err, errSession())
		}
		if !s.Now().Before(d.Expires) {
			return errSession()
		}
		if d.Person == "" {
			return footage.Coded(footage.Conflict, "login_waiting", "Nobody has typed the code yet. Ask again in a moment.")
		}
		c, err := tx.Credential(d.Credential)
		if err != nil {
			return refuse(err, errSession())
		}
		p, err := tx.Person(d.Person)
		if err != nil {
			return err
		}
		if p.Disabled || c.Person != p.ID || !s.counts(c) {
			return errSession()
		}
		if err := tx.DeleteDeviceLogin(d.DeviceHash); err != nil {
			return err
		}
		session, err = s.open(tx, c, Client{Kind: Program})
		return err
	})
	return session, err
}
