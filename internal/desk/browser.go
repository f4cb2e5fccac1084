package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// codeWaiting is the exchange's answer while nobody has typed the code yet.
const codeWaiting = "login_waiting"

// LoginBrowser signs in from a browser, as on a real exchange, where the passkey is in a device and not in a file: the person
// types a short code on the exchange's own page and uses their passkey there. A folder that is no desk yet becomes one for the
// exchange at the address; a desk keeps its own, and the address may be empty. show is called once, before the waiting begins;
// what it returns ends the attempt if it is an error.
func LoginBrowser(ctx context.Context, opts Options, exchange string, show func(code, page string) error) (*Desk, error) {
	d, err := Open(opts)
	var own *footage.Error
	if errors.As(err, &own) && own.Code == CodeNoDesk && exchange != "" {
		d, err = newDesk(ctx, opts, exchange)
	}
	if err != nil {
		return nil, err
	}
	return d, d.loginInBrowser(ctx, show)
}

// SignIn signs in with the desk's own passkey, which it has on a fictional exchange alone, or else from a browser, as
// [LoginBrowser] does: show is called once then, before the waiting begins.
func (d *Desk) SignIn(ctx context.Context, show func(code, page string) error) error {
	if !exists(d.path(passkeyFile)) {
		return d.loginInBrowser(ctx, show)
	}
	_, err := d.Login(ctx)
	return err
}

func (d *Desk) loginInBrowser(ctx context.Context, show func(code, page string) error) error {
	var waiting api.DeviceLogin
	if err := d.client.Call(ctx, http.MethodPost, "/v1/login/device", nil, &waiting); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	if err := show(waiting.Code, waiting.Page); err != nil {
		return err
	}
	s, err := d.awaitLogin(ctx, waiting)
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return fmt.Errorf("make desk: %w", err)
	}
	_, err = d.keep(s)
	return err
}

// newDesk returns a desk that is not on disk yet.
func newDesk(ctx context.Context, opts Options, exchange string) (*Desk, error) {
	d := build(opts)
	d.connect(exchange)
	info, err := d.client.Exchange(ctx)
	if err != nil {
		return nil, fmt.Errorf("look at the exchange: %w", err)
	}
	d.cfg = config{Type: configType, Exchange: d.client.Base, Verifier: info.LogVerifier}
	return d, d.sameKey(info.LogVerifier)
}

// awaitLogin asks until somebody has typed the code, or its time is over.
func (d *Desk) awaitLogin(ctx context.Context, waiting api.DeviceLogin) (s api.Session, err error) {
	for {
		err = d.client.Call(ctx, http.MethodPost, "/v1/login/device/token", api.FinishDevice{Device: waiting.Device}, &s)
		var own *footage.Error
		if !errors.As(err, &own) || own.Code != codeWaiting {
			return s, err
		}
		select {
		case <-ctx.Done():
			return s, ctx.Err()
		case <-time.After(20 * d.pause):
		}
	}
}

// keep writes a sign-in down.
func (d *Desk) keep(s api.Session) (footage.Person, error) {
	if err := replaceJSON(d.path(sessionFile), session{Token: s.Token, Expires: s.Expires}); err != nil {
		return footage.Person{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cfg.Person = s.Person
	return s.Person, d.saveConfig()
}
