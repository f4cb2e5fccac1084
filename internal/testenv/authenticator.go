package testenv

// Authenticator is a virtual authenticator of a page's browser (https://www.w3.org/TR/webauthn-3/#sctn-automation): a real
// one in all that a server can see, whose person is always there. It counts for the page alone that it was made in.
type Authenticator struct {
	t  *Tab
	id string
}

// Authenticator gives the page a platform authenticator with resident keys, which verifies its person each time.
func (t *Tab) Authenticator() *Authenticator {
	t.b.t.Helper()
	return t.authenticator(false)
}

// SecretAuthenticator is an Authenticator that also makes secrets for a page (https://www.w3.org/TR/webauthn-3/#prf-extension). One
// ask at which it does not recognise its person locks it for good, as CTAP 2.1 has it after some tries, of which Chromium makes
// all at once: there is no PIN to unlock it with.
func (t *Tab) SecretAuthenticator() *Authenticator {
	t.b.t.Helper()
	return t.authenticator(true)
}

func (t *Tab) authenticator(secrets bool) *Authenticator {
	t.b.t.Helper()
	t.Do("WebAuthn.enable", map[string]any{}, nil)
	var made struct {
		ID string `json:"authenticatorId"`
	}
	t.Do("WebAuthn.addVirtualAuthenticator", map[string]any{"options": map[string]any{"protocol": "ctap2", "transport": "internal",
		"hasResidentKey": true, "hasUserVerification": true, "hasPrf": secrets, "isUserVerified": true, "automaticPresenceSimulation": true}}, &made)
	return &Authenticator{t, made.ID}
}

// Verify says whether the authenticator recognises its person from now on.
func (a *Authenticator) Verify(recognised bool) {
	a.t.b.t.Helper()
	a.t.Do("WebAuthn.setUserVerified", map[string]any{"authenticatorId": a.id, "isUserVerified": recognised}, nil)
}

// Remove takes the authenticator away with all its keys, as when a device is lost.
func (a *Authenticator) Remove() {
	a.t.b.t.Helper()
	a.t.Do("WebAuthn.removeVirtualAuthenticator", map[string]any{"authenticatorId": a.id}, nil)
}

// Key presses a key as a keyboard does, such as "Tab", "Enter" or " ".
func (t *Tab) Key(key string) {
	t.b.t.Helper()
	codes := map[string]int{"Tab": 9, "Enter": 13, " ": 32, "Escape": 27}
	text := map[string]string{"Enter": "\r", " ": " "}[key]
	for _, kind := range []string{"keyDown", "keyUp"} {
		t.Do("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": key, "code": map[string]string{" ": "Space"}[key] + map[bool]string{true: key}[key != " "],
			"windowsVirtualKeyCode": codes[key], "text": map[bool]string{true: text}[kind == "keyDown"]}, nil)
	}
}

// Type types words into what has the focus.
func (t *Tab) Type(words string) {
	t.b.t.Helper()
	t.Do("Input.insertText", map[string]any{"text": words}, nil)
}
