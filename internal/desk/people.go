package desk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/softkey"
)

// challenge is what the exchange asks an authenticator; the options for a browser are left out.
type challenge struct {
	Challenge string `json:"challenge"`
	User      string `json:"user"`
}

// Enrol turns an invitation into a desk: it makes a software passkey, enrols it and signs in. Only a fictional exchange
// accepts such a passkey; on a real one enrolment happens in a browser, with a hardware passkey, and this is Unsupported.
func Enrol(ctx context.Context, opts Options, exchange, invitation string) (*Desk, error) {
	d := build(opts)
	if exists(d.path(configFile)) {
		return nil, footage.Coded(footage.Conflict, CodeDeskExists, "The folder "+opts.Dir+" is somebody's desk already. Choose another one with --desk.")
	}
	d.connect(exchange)
	info, err := d.client.Exchange(ctx)
	if err != nil {
		return nil, fmt.Errorf("look at the exchange: %w", err)
	}
	if !info.Fictional {
		return nil, footage.Coded(footage.Unsupported, CodeNeedsBrowser, info.Name+" is a real exchange: people enrol there in a browser, with a hardware passkey. "+
			"Software passkeys, which this command makes, are for demonstrations and tests only.")
	}
	d.cfg = config{Type: configType, Exchange: d.client.Base, Verifier: info.LogVerifier}
	if err := d.sameKey(info.LogVerifier); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make desk: %w", err)
	}
	if d.cfg.Person.ID, err = d.enrol(ctx, info.RP, invitation); err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	if err := d.saveConfig(); err != nil {
		return nil, err
	}
	_, err = d.Login(ctx)
	return d, err
}

// enrol makes the passkey. It is on disk before the exchange knows it, so that no answer that is lost loses it.
func (d *Desk) enrol(ctx context.Context, rp footage.RelyingParty, invitation string) (footage.PersonID, error) {
	var ask challenge
	if err := d.client.Call(ctx, http.MethodPost, "/v1/enrol/challenge", api.Invitation{Token: invitation}, &ask); err != nil {
		return "", err
	}
	key, err := softkey.New(rp.ID, rp.Origin)
	if err != nil {
		return "", err
	}
	raw, err := api.Decode(ask.Challenge)
	if err != nil {
		return "", err
	}
	if key.User, err = api.Decode(ask.User); err != nil {
		return "", err
	}
	response, err := key.Create(raw)
	if err != nil {
		return "", err
	}
	if err := os.Remove(d.path(passkeyFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("remove the passkey of an enrolment that failed: %w", err)
	}
	if err := key.Save(d.path(passkeyFile)); err != nil {
		return "", err
	}
	var out api.Enrolled
	err = d.client.Call(ctx, http.MethodPost, "/v1/enrol", api.Enrolment{Token: invitation, Response: response}, &out)
	return out.Person, err
}

// session is the file of a sign-in.
type session struct {
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
}

// Login signs in with the desk's passkey.
func (d *Desk) Login(ctx context.Context) (footage.Person, error) {
	var p footage.Person
	key, err := softkey.Load(d.path(passkeyFile))
	if err != nil {
		return p, err
	}
	var ask challenge
	if err := d.client.Call(ctx, http.MethodPost, "/v1/login/challenge", nil, &ask); err != nil {
		return p, fmt.Errorf("sign in: %w", err)
	}
	raw, err := api.Decode(ask.Challenge)
	if err != nil {
		return p, err
	}
	response, err := key.GetJSON(raw)
	if err != nil {
		return p, err
	}
	var s api.Session
	if err := d.client.Call(ctx, http.MethodPost, "/v1/login", api.Login{Response: response}, &s); err != nil {
		return p, fmt.Errorf("sign in: %w", err)
	}
	return d.keep(s)
}

// Logout ends the sign-in here and on the exchange. Without one it does nothing.
func (d *Desk) Logout(ctx context.Context) error {
	c, err := d.signedIn()
	if errors.Is(err, footage.Unauthorized) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.Call(ctx, http.MethodPost, "/v1/logout", nil, nil); err != nil && !errors.Is(err, footage.Unauthorized) {
		return fmt.Errorf("sign out: %w", err)
	}
	if err := os.Remove(d.path(sessionFile)); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// Whoami asks the exchange who is signed in.
func (d *Desk) Whoami(ctx context.Context) (footage.Person, error) {
	var p footage.Person
	c, err := d.signedIn()
	if err != nil {
		return p, err
	}
	return p, c.Call(ctx, http.MethodGet, "/v1/me", nil, &p)
}

// signedIn returns a client with the bearer token of the sign-in.
func (d *Desk) signedIn() (*api.Client, error) {
	var s session
	err := readJSON(d.path(sessionFile), &s)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, footage.E(footage.Unauthorized, "Nobody is signed in at this desk.")
	}
	if err != nil {
		return nil, fmt.Errorf("read sign-in: %w", err)
	}
	return d.client.As(s.Token), nil
}

// call is one call as the person who is signed in.
func (d *Desk) call(ctx context.Context, method, path string, in, out any) error {
	c, err := d.signedIn()
	if err != nil {
		return err
	}
	return c.Call(ctx, method, path, in, out)
}

// assert signs canonical bytes with the desk's passkey in a role.
func (d *Desk) assert(canonical []byte, role footage.Role) (footage.Assertion, error) {
	key, err := softkey.Load(d.path(passkeyFile))
	if err != nil {
		return footage.Assertion{}, err
	}
	sum := sha256.Sum256(canonical)
	return key.Get(sum[:], role, d.Person().ID), nil
}
