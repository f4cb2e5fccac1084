package desk_test

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/policy"
	"porchlight.example/ledger"
)

// TestRealExchange: on an exchange that is not fictional people enrol in a browser. Nothing is made here.
func TestRealExchange(t *testing.T) {
	srv := httptest.NewUnstartedServer(nil)
	base := "http://localhost:" + srv.Listener.Addr().String()[strings.LastIndex(srv.Listener.Addr().String(), ":")+1:]
	opts := node.Options{Data: filepath.Join(t.TempDir(), "data")}
	must(t, node.Create(ctx(t), opts, node.New{Name: "County Exchange", Origin: "county.example/porchlight", Base: base, Policies: [][]byte{policy.DefaultFile()}}))
	n, err := node.Open(ctx(t), opts)
	must(t, err)
	defer n.Close()
	srv.Config.Handler, err = n.Handler(ctx(t))
	must(t, err)
	srv.Start()
	defer srv.Close()

	dir := filepath.Join(t.TempDir(), "desk")
	_, err = desk.Enrol(ctx(t), desk.Options{Dir: dir}, base, "token")
	var own *footage.Error
	if !errors.As(err, &own) || own.Code != desk.CodeNeedsBrowser || !strings.Contains(own.Msg, "in a browser") {
		t.Errorf("enrolling with a software passkey: %v; want %s", err, desk.CodeNeedsBrowser)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was made: %v", err)
	}
}

// TestWrongPin: the exchange shows another key than the one that is pinned, at enrolment and later.
func TestWrongPin(t *testing.T) {
	w := nodetest.Start(t, nil)
	_, other, err := ledger.GenerateKey("town.example/porchlight", rand.Reader)
	must(t, err)
	opts := options(t, w)
	opts.Verifier = other
	token := w.Invite(w.Police.ID, "Sam", footage.Custodian)
	if _, err := desk.Enrol(ctx(t), opts, w.Server.URL, token); !errors.Is(err, footage.Untrusted) {
		t.Errorf("enrolling: %v; want untrusted", err)
	}
	d := custodian(t, w)
	sent := released(t, w, film(1, 100))
	d, err = desk.Open(desk.Options{Dir: d.Dir(), Verifier: other, Now: w.Now})
	must(t, err)
	if _, err := d.Unseal(ctx(t), sent.Receipt.Share, desk.UnsealOptions{Stream: true}); !errors.Is(err, footage.Untrusted) {
		t.Errorf("opening: %v; want untrusted", err)
	}
	if _, err := d.Record(ctx(t)); !errors.Is(err, footage.Untrusted) {
		t.Errorf("reading the record: %v; want untrusted", err)
	}
}

// TestFilesArePrivate: nothing in a desk can be read by anybody else.
func TestFilesArePrivate(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	sent := released(t, w, film(2, 100))
	_, err := d.Fetch(ctx(t), sent.Receipt.Share, nil)
	must(t, err)
	_, err = d.Unseal(ctx(t), sent.Receipt.Share, desk.UnsealOptions{})
	must(t, err)
	files := 0
	must(t, filepath.WalkDir(d.Dir(), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if files++; err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v, %v", path, info.Mode(), err)
		}
		return nil
	}))
	if files < 10 {
		t.Errorf("only %d files", files)
	}
}

// TestLoginBrowser: a folder becomes a desk when somebody types the code and uses their passkey, and signs in again without
// naming the exchange; a code that nobody knows and one that is over open nothing.
func TestLoginBrowser(t *testing.T) {
	w := nodetest.Start(t, nil)
	accounts := w.Node.Exchange.Accounts()
	sessions, err := accounts.Sessions(ctx(t), w.Police.Officer.ID)
	must(t, err)
	opts := options(t, w)
	for range 2 {
		d, err := desk.LoginBrowser(ctx(t), opts, w.Server.URL, func(code, page string) error {
			if !strings.HasSuffix(page, "/staff/device") {
				t.Errorf("the page is %s", page)
			}
			if err := accounts.AllowDevice(ctx(t), sessions[0], "BBBB-BBBB"); footage.KindOf(err) != footage.NotFound {
				t.Errorf("a wrong code: %v", err)
			}
			return accounts.AllowDevice(ctx(t), sessions[0], strings.ToLower(strings.ReplaceAll(code, "-", " ")))
		})
		must(t, err)
		if p, err := d.Whoami(ctx(t)); err != nil || p.ID != w.Police.Officer.ID {
			t.Errorf("signed in as %v, %v", p, err)
		}
	}
	_, err = desk.LoginBrowser(ctx(t), opts, "", func(string, string) error { w.Advance(time.Hour); return nil })
	if footage.KindOf(err) != footage.Unauthorized {
		t.Errorf("a code that is over: %v", err)
	}
	if _, err := desk.LoginBrowser(ctx(t), options(t, w), "", nil); footage.KindOf(err) != footage.NotFound {
		t.Errorf("no desk and no exchange: %v", err)
	}
}
