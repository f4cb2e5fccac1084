package account_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

func (w *world) machine(name string, life time.Duration, scopes ...account.Scope) (m account.Machine, token string, err error) {
	w.t.Helper()
	err = w.DB.Write(w.t.Context(), func(tx *store.Tx) error {
		m, token, err = w.MakeMachine(tx, "m-"+name, alice, name, scopes, life)
		return err
	})
	return m, token, err
}

// TestMachines: a program's credential is shown once, holds until its day and within its scopes, and ends when it is revoked or
// its person is; every error in what is asked for is said at once.
func TestMachines(t *testing.T) {
	each(t, func(w *world) {
		w.enrol(alice)
		_, _, err := w.machine(" ", 10*365*24*time.Hour, "everything")
		var own *footage.Error
		if !errors.As(err, &own) || len(own.Reasons) != 3 {
			t.Errorf("three errors: %v", err)
		}
		m, token, err := w.machine("evidence", 24*time.Hour, account.ScopeShares)
		if err != nil || !account.OfMachine(token) || strings.Contains(token, m.ID) {
			t.Fatalf("%+v, %q, %v", m, token, err)
		}
		got, err := w.Machine(t.Context(), token)
		if err != nil || got.Person != alice || len(got.Scopes) != 1 || got.Scopes[0] != account.ScopeShares {
			t.Errorf("%+v, %v", got, err)
		}
		for _, wrong := range []string{"", "machine.", token + "0", strings.TrimPrefix(token, "machine.")} {
			_, err := w.Machine(t.Context(), wrong)
			wantKind(t, err, footage.Unauthorized)
		}
		_, err = w.Person(t.Context(), token) // it is nobody's sign-in
		wantKind(t, err, footage.Unauthorized)
		var list []account.Machine
		w.write(func(tx *store.Tx) (err error) {
			list, err = w.Machines(tx, alice)
			return err
		})
		if len(list) != 1 || !list[0].Seen.Equal(start.Truncate(24*time.Hour)) {
			t.Errorf("the list says %+v", list)
		}
		w.now = w.now.Add(24 * time.Hour)
		_, err = w.Machine(t.Context(), token)
		wantKind(t, err, footage.Unauthorized)

		_, second, err := w.machine("second", 48*time.Hour, account.ScopeKeys)
		if err != nil {
			t.Fatal(err)
		}
		w.write(func(tx *store.Tx) error { return w.Revoke(tx, alice) }) // a leaver's programs end with them
		_, err = w.Machine(t.Context(), second)
		wantKind(t, err, footage.Unauthorized)
	})
}

// TestSessionsAreBound: a browser's session is of no use as a bearer token, in another sort of browser, or after half an hour
// without use; one that is used goes on.
func TestSessionsAreBound(t *testing.T) {
	each(t, func(w *world) {
		k := w.enrol(alice)
		here := account.Client{Kind: account.Browser, About: "Firefox, Linux"}
		s, err := w.Login(t.Context(), w.loginAnswer(k), here)
		if err != nil || s.Credential != k.CredentialID() {
			t.Fatalf("%+v, %v", s, err)
		}
		in := func(at account.Client) error { _, err := w.Session(t.Context(), s.Token, at); return err }
		for range 3 {
			w.now = w.now.Add(account.BrowserIdle - time.Second)
			if err := in(here); err != nil {
				t.Fatal("a session that is used ended:", err)
			}
		}
		for _, elsewhere := range []account.Client{program, {Kind: account.Browser, About: "Safari, iPhone"}, {Kind: account.Browser}} {
			wantKind(t, in(elsewhere), footage.Unauthorized)
		}
		p := w.login(k)
		_, err = w.Session(t.Context(), p.Token, here)
		wantKind(t, err, footage.Unauthorized)
		w.now = w.now.Add(account.BrowserIdle)
		wantKind(t, in(here), footage.Unauthorized)
		if list, err := w.Sessions(t.Context(), alice); err != nil || len(list) != 1 || list[0].ID != p.ID {
			t.Errorf("sessions %+v, %v", list, err)
		}
	})
}

// TestAgain: an act that asks for the passkey again takes the person's own, and each answer once.
func TestAgain(t *testing.T) {
	each(t, func(w *world) {
		k, other := w.enrol(alice), w.enrol(bob)
		answer := w.loginAnswer(k)
		if err := w.Again(t.Context(), alice, answer); err != nil {
			t.Fatal(err)
		}
		wantKind(t, w.Again(t.Context(), alice, answer), footage.Unauthorized)
		wantKind(t, w.Again(t.Context(), alice, w.loginAnswer(other)), footage.Unauthorized)
		wantKind(t, w.Again(t.Context(), alice, nil), footage.Unauthorized)
	})
}
