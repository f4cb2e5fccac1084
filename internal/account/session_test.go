package account_test

import (
	"testing"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

func TestSessionsEnd(t *testing.T) {
	each(t, func(w *world) {
		k := w.enrol(alice)
		first, second, third := w.login(k), w.login(k), w.login(k)
		bobs := w.login(w.enrol(bob))
		in := func(s account.Session, want bool) {
			t.Helper()
			if _, err := w.Person(t.Context(), s.Token); (err == nil) != want {
				t.Errorf("signed in: %t, want %t (%v)", err == nil, want, err)
			}
		}
		for range 2 { // the second time nothing is left to end
			if err := w.Logout(t.Context(), first.Token); err != nil {
				t.Fatal(err)
			}
		}
		in(first, false)
		for _, id := range []string{bobs.ID, second.ID} { // alice cannot end what is bob's
			if err := w.EndSession(t.Context(), alice, id); err != nil {
				t.Fatal(err)
			}
		}
		in(second, false)
		in(third, true)
		in(bobs, true)
		list, err := w.Sessions(t.Context(), alice)
		if err != nil || len(list) != 1 || list[0].ID != third.ID || list[0].Token != "" {
			t.Errorf("sessions %+v, %v", list, err)
		}
		w.now = w.now.Add(account.SessionLife - time.Microsecond)
		in(third, true)
		w.now = w.now.Add(time.Microsecond)
		in(third, false)
		if list, err := w.Sessions(t.Context(), alice); err != nil || len(list) != 0 {
			t.Errorf("sessions %+v, %v", list, err)
		}
	})
}

func TestRevokeEndsEverything(t *testing.T) {
	each(t, func(w *world) {
		k := w.enrol(alice)
		s, token := w.login(k), w.invite(alice)
		w.write(func(tx *store.Tx) error { return w.Revoke(tx, alice) })
		_, err := w.Person(t.Context(), s.Token)
		wantKind(t, err, footage.Unauthorized)
		_, err = w.EnrolChallenge(t.Context(), token)
		wantKind(t, err, footage.Unauthorized)
		_, err = w.Login(t.Context(), w.loginAnswer(k), program)
		wantKind(t, err, footage.Unauthorized)
	})
}

func TestSweep(t *testing.T) {
	each(t, func(w *world) {
		k := w.enrol(alice)
		over := w.loginAnswer(k)
		w.now = w.now.Add(account.ChallengeLife)
		live, session := w.loginAnswer(k), w.login(k)
		w.write(w.Sweep)
		if _, err := w.Login(t.Context(), live, program); err != nil {
			t.Errorf("the sweep took a challenge that is not over: %v", err)
		}
		if _, err := w.Person(t.Context(), session.Token); err != nil {
			t.Errorf("the sweep took a session that is not over: %v", err)
		}
		_, err := w.Login(t.Context(), over, program)
		wantKind(t, err, footage.Unauthorized)
		w.now = w.now.Add(account.SessionLife)
		w.write(w.Sweep)
		w.now = start
		_, err = w.Person(t.Context(), session.Token)
		wantKind(t, err, footage.Unauthorized)
	})
}
