package account_test

import (
	"errors"
	"testing"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/softkey"
	"porchlight.example/internal/store"
)

// uniform fails unless an error is the one answer that all wrong callers get.
func uniform(t *testing.T, seen *string, name string, err error) {
	t.Helper()
	wantKind(t, err, footage.Unauthorized)
	if *seen == "" {
		*seen = err.Error()
	}
	if err.Error() != *seen {
		t.Errorf("%s gets an answer of its own: %q, others %q", name, err, *seen)
	}
}

func TestEnrolRefuses(t *testing.T) {
	each(t, func(w *world) {
		token, others := w.invite(alice), w.invite(bob)
		var seen string
		for _, a := range []attack{
			{"nothing", func([]byte) []byte { return nil }},
			{"no JSON", func([]byte) []byte { return []byte("{") }},
			{"half an answer", func(raw []byte) []byte { return raw[:len(raw)/2] }},
			{"other origin", func(raw []byte) []byte {
				return edit(t, raw, "clientDataJSON", replacing("https://exchange.example", "https://exchange.evil"))
			}},
			{"other type", func(raw []byte) []byte {
				return edit(t, raw, "clientDataJSON", replacing("webauthn.create", "webauthn.get"))
			}},
			{"own challenge", func(raw []byte) []byte {
				return edit(t, raw, "clientDataJSON", replacing(`"challenge":"`, `"challenge":"AAAA`))
			}},
			{"person not verified", func(raw []byte) []byte { return edit(t, raw, "attestationObject", clearVerified(t, 0x45)) }},
			{"other exchange", func([]byte) []byte {
				return w.answer(newKey(t, footage.RelyingParty{ID: "other.example", Origin: rp.Origin}), w.enrolChallenge(token))
			}},
			{"challenge of another's invitation", func([]byte) []byte { return w.answer(newKey(t, rp), w.enrolChallenge(others)) }},
			{"challenge of a login", func([]byte) []byte {
				c, err := w.LoginChallenge(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				c.User = "cA"
				return w.answer(newKey(t, rp), c)
			}},
			{"late answer", func(raw []byte) []byte {
				w.now = w.now.Add(account.ChallengeLife)
				return raw
			}},
		} {
			_, err := w.tryEnrol(token, a.do(w.answer(newKey(t, rp), w.enrolChallenge(token))))
			uniform(t, &seen, a.name, err)
		}
		k := newKey(t, rp)
		raw := w.answer(k, w.enrolChallenge(token))
		if _, err := w.tryEnrol("no token", raw); err == nil {
			t.Error("no token is needed")
		}
		if _, err := w.tryEnrol(token, raw); err != nil {
			t.Fatal("the right answer is refused after all the wrong ones:", err)
		}
		_, err := w.tryEnrol(token, raw)
		uniform(t, &seen, "second enrolment", err)
	})
}

func TestInvitationsEnd(t *testing.T) {
	each(t, func(w *world) {
		first := w.invite(alice)
		var seen string
		refused := func(name, token string) {
			t.Helper()
			_, err := w.EnrolChallenge(t.Context(), token)
			uniform(t, &seen, name, err)
		}
		second := w.invite(alice)
		refused("replaced invitation", first)
		refused("no invitation", "")
		w.now = w.now.Add(account.InvitationLife - time.Second)
		w.enrolChallenge(second)
		w.now = w.now.Add(time.Second)
		refused("old invitation", second)
		third := w.invite(alice)
		w.write(func(tx *store.Tx) error { return errors.Join(tx.DisablePerson(alice), w.Revoke(tx, alice)) })
		refused("disabled person", third)
		k, back := newKey(t, rp), w.invite(alice)
		if c, err := w.tryEnrol(back, w.answer(k, w.enrolChallenge(back))); err != nil || !c.Pending {
			t.Errorf("somebody who comes back: %+v, %v", c, err)
		}
	})
}

func TestSoftwareKeyOnRealExchange(t *testing.T) {
	each(t, func(w *world) {
		k := w.enrol(bob)
		w.Fictional = false
		token := w.invite(alice)
		_, err := w.tryEnrol(token, w.answer(newKey(t, rp), w.enrolChallenge(token)))
		wantKind(t, err, footage.Forbidden)
		_, err = w.Login(t.Context(), w.loginAnswer(k), program)
		wantKind(t, err, footage.Unauthorized) // enrolled while it was fictional
	})
}

func TestLoginRefuses(t *testing.T) {
	each(t, func(w *world) {
		k := w.enrol(alice)
		other := w.enrol(bob)
		stranger := newKey(t, rp)
		stranger.User = []byte(alice)
		var seen string
		answerOf := func(k *softkey.Key) func([]byte) []byte {
			return func([]byte) []byte { return w.loginAnswer(k) }
		}
		for _, a := range []attack{
			{"nothing", func([]byte) []byte { return nil }},
			{"unknown key", answerOf(stranger)},
			{"other origin", func(raw []byte) []byte {
				return edit(t, raw, "clientDataJSON", replacing("https://exchange.example", "https://exchange.evil"))
			}},
			{"own challenge", func(raw []byte) []byte {
				return edit(t, raw, "clientDataJSON", replacing(`"challenge":"`, `"challenge":"AAAA`))
			}},
			{"person not verified", func(raw []byte) []byte { return edit(t, raw, "authenticatorData", clearVerified(t, 0x05)) }},
			{"edited signature", func(raw []byte) []byte {
				return edit(t, raw, "signature", func(b []byte) []byte { b[len(b)-1] ^= 1; return b })
			}},
			{"another's handle", func(raw []byte) []byte {
				return edit(t, raw, "userHandle", func([]byte) []byte { return []byte(bob) })
			}},
			{"challenge of an enrolment", func([]byte) []byte {
				raw, err := k.GetJSON(decode(t, w.enrolChallenge(w.invite(bob)).Challenge))
				if err != nil {
					t.Fatal(err)
				}
				return raw
			}},
			{"late answer", func(raw []byte) []byte {
				w.now = w.now.Add(account.ChallengeLife)
				return raw
			}},
			{"replaced key", func(raw []byte) []byte {
				k = w.enrol(alice)
				return raw
			}},
			{"revoked key", func([]byte) []byte {
				raw := w.loginAnswer(other)
				w.write(func(tx *store.Tx) error { return w.Revoke(tx, bob) })
				return raw
			}},
		} {
			_, err := w.Login(t.Context(), a.do(w.loginAnswer(k)), program)
			uniform(t, &seen, a.name, err)
		}
		w.login(k)
		w.write(func(tx *store.Tx) error { return tx.DisablePerson(alice) })
		_, err := w.Login(t.Context(), w.loginAnswer(k), program)
		uniform(t, &seen, "disabled person", err)
	})
}

// TestChallengeIsGoodOnce replays a right answer, and gives a right answer after a wrong one to the same challenge.
func TestChallengeIsGoodOnce(t *testing.T) {
	each(t, func(w *world) {
		k := w.enrol(alice)
		raw := w.loginAnswer(k)
		if _, err := w.Login(t.Context(), raw, program); err != nil {
			t.Fatal(err)
		}
		var seen string
		_, err := w.Login(t.Context(), raw, program)
		uniform(t, &seen, "replay", err)
		raw = w.loginAnswer(k)
		_, err = w.Login(t.Context(), edit(t, raw, "signature", func(b []byte) []byte { b[len(b)-1] ^= 1; return b }), program)
		uniform(t, &seen, "wrong answer", err)
		_, err = w.Login(t.Context(), raw, program)
		uniform(t, &seen, "right answer to a challenge that a wrong one used up", err)
	})
}
