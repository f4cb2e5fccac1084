package testenv

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Browser is a headless Chromium that tests drive by the DevTools protocol over a pipe
// (https://chromedevtools.github.io/devtools-protocol/): no port is opened, and the browser ends when the pipe does. It is
// not safe for concurrent use.
type Browser struct {
	t       testing.TB
	to      *os.File
	from    *os.File
	lines   *bufio.Reader
	last    int       // ID of the last command
	waiting []message // events that came while something else was awaited
}

// Tab is one page of a [Browser].
type Tab struct {
	b       *Browser
	session string
}

type message struct {
	ID      int             `json:"id"`
	Session string          `json:"sessionId"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Result  json.RawMessage `json:"result"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// patience is how long the browser may take for one thing on a loaded machine.
const patience = 60 * time.Second

// Chromium starts a browser for the test with a profile of its own. The test is skipped where there is none (see [Skip]).
func Chromium(t testing.TB) *Browser {
	t.Helper()
	bin, err := exec.LookPath("chromium")
	if err != nil {
		Skip(t, "there is no chromium to open pages with; install Debian's package chromium")
	}
	profile, err := os.MkdirTemp("", "porchlight-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	b := &Browser{t: t}
	stop, err := b.start(bin, profile)
	if err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	t.Cleanup(func() {
		stop()
		_ = os.RemoveAll(profile) // a process of the browser may still be writing there
	})
	b.call("", "Browser.getVersion", nil, nil)
	return b
}

func (b *Browser) start(bin, profile string) (stop func(), err error) {
	in, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	from, out, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(bin, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--user-data-dir="+filepath.Clean(profile),
		"--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{in, out} // descriptors 3 and 4, where the browser expects them
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err = cmd.Start()
	in.Close()
	out.Close()
	if err != nil {
		return nil, err
	}
	b.to, b.from, b.lines = to, from, bufio.NewReaderSize(from, 1<<20)
	return sync.OnceFunc(func() {
		to.Close()
		from.Close()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the group that we made: it may have ended by itself
		_ = cmd.Wait()
	}), nil
}

// call is try where a refusal ends the test.
func (b *Browser) call(session, method string, params, result any) {
	b.t.Helper()
	if err := b.try(session, method, params, result); err != nil {
		b.t.Fatal(err)
	}
}

// try sends a command and waits for its answer; events that come before it are kept. It returns what the browser refused.
func (b *Browser) try(session, method string, params, result any) error {
	b.t.Helper()
	b.last++
	id := b.last
	raw, err := json.Marshal(struct {
		ID      int    `json:"id"`
		Session string `json:"sessionId,omitempty"`
		Method  string `json:"method"`
		Params  any    `json:"params,omitempty"`
	}{id, session, method, params})
	if err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	if _, err := b.to.Write(append(raw, 0)); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	for {
		m := b.read(method)
		if m.ID != id {
			b.waiting = append(b.waiting, m)
			continue
		}
		if m.Error != nil {
			return fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(m.Result, result); err != nil {
				return fmt.Errorf("%s: %w", method, err)
			}
		}
		return nil
	}
}

func (b *Browser) read(awaiting string) message {
	b.t.Helper()
	var m message
	err := errors.Join(b.from.SetReadDeadline(time.Now().Add(patience)))
	var raw []byte
	if err == nil {
		raw, err = b.lines.ReadBytes(0)
	}
	if err == nil {
		err = json.Unmarshal(raw[:len(raw)-1], &m)
	}
	if err != nil {
		b.t.Fatalf("await %s of the browser: %v", awaiting, err)
	}
	return m
}

// await returns the next event that is wanted, looking first at those that came already.
func (b *Browser) await(wanted func(message) bool) message {
	b.t.Helper()
	for i, m := range b.waiting {
		if wanted(m) {
			b.waiting = append(b.waiting[:i:i], b.waiting[i+1:]...)
			return m
		}
	}
	for {
		m := b.read("an event")
		if wanted(m) {
			return m
		}
		b.waiting = append(b.waiting, m)
	}
}

// Tab opens an empty page of a size in CSS pixels.
func (b *Browser) Tab(width, height int) *Tab {
	b.t.Helper()
	var target struct {
		ID string `json:"targetId"`
	}
	b.call("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct {
		Session string `json:"sessionId"`
	}
	b.call("", "Target.attachToTarget", map[string]any{"targetId": target.ID, "flatten": true}, &attached)
	tab := &Tab{b: b, session: attached.Session}
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		tab.Do(domain+".enable", nil, nil)
	}
	tab.Do("Page.setLifecycleEventsEnabled", map[string]any{"enabled": true}, nil)
	tab.Resize(width, height)
	return tab
}

// Do sends a command of the DevTools protocol to the page.
func (t *Tab) Do(method string, params, result any) {
	t.b.t.Helper()
	t.b.call(t.session, method, params, result)
}

// Resize sets the page's size in CSS pixels.
func (t *Tab) Resize(width, height int) {
	t.b.t.Helper()
	t.Do("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// Prefer sets features of the reader's, such as "prefers-color-scheme" to "dark", for the medium "screen" or "print".
func (t *Tab) Prefer(medium string, features map[string]string) {
	t.b.t.Helper()
	list := []map[string]string{}
	for name, value := range features {
		list = append(list, map[string]string{"name": name, "value": value})
	}
	t.Do("Emulation.setEmulatedMedia", map[string]any{"media": medium, "features": list}, nil)
}

// Open goes to an address and waits until all of it is loaded.
func (t *Tab) Open(url string) {
	t.b.t.Helper()
	var result struct {
		Error  string `json:"errorText"`
		Loader string `json:"loaderId"`
	}
	t.Do("Page.navigate", map[string]any{"url": url}, &result)
	if result.Error != "" {
		t.b.t.Fatalf("open %s: %s", url, result.Error)
	}
	t.b.await(func(m message) bool {
		var event struct{ Name, LoaderID string }
		return m.Session == t.session && m.Method == "Page.lifecycleEvent" && json.Unmarshal(m.Params, &event) == nil &&
			event.Name == "load" && event.LoaderID == result.Loader
	})
}

// Eval runs an expression in the page and decodes its value, as JSON, into out. A promise is awaited.
func (t *Tab) Eval(expression string, out any) {
	t.b.t.Helper()
	var result struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		Exception *struct {
			Text      string `json:"text"`
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	t.Do("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &result)
	if result.Exception != nil {
		t.b.t.Fatalf("%s: %s %s", expression, result.Exception.Text, result.Exception.Exception.Description)
	}
	if out != nil {
		if err := json.Unmarshal(result.Result.Value, out); err != nil {
			t.b.t.Fatalf("%s: %v", expression, err)
		}
	}
}

// Until waits until an expression is true in the page, which may go to other addresses in between.
func (t *Tab) Until(expression string) {
	t.b.t.Helper()
	deadline := time.Now().Add(patience)
	for !t.holds(expression) {
		if time.Now().After(deadline) {
			var page string
			t.Eval(`document.body.innerText.slice(0, 2000)`, &page)
			t.b.t.Fatalf("the page never came to %s; it says:\n%s\n%s", expression, page, t.Complaints())
		}
		<-time.After(20 * time.Millisecond)
	}
}

// holds evaluates an expression; while the page changes there may be none to evaluate it in.
func (t *Tab) holds(expression string) bool {
	t.b.t.Helper()
	var result struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
	}
	if err := t.b.try(t.session, "Runtime.evaluate", map[string]any{"expression": "Boolean(" + expression + ")", "returnByValue": true}, &result); err != nil {
		return false
	}
	return string(result.Result.Value) == "true"
}

// Resident returns how many bytes of memory the processes that hold pages have for themselves (Linux only).
func (t *Tab) Resident() int64 {
	t.b.t.Helper()
	var found struct {
		Processes []struct {
			Kind string `json:"type"`
			ID   int    `json:"id"`
		} `json:"processInfo"`
	}
	t.b.call("", "SystemInfo.getProcessInfo", nil, &found)
	var total int64
	for _, p := range found.Processes {
		if p.Kind != "renderer" {
			continue
		}
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.ID))
		var size, resident, shared int64
		if err == nil {
			_, err = fmt.Sscan(string(raw), &size, &resident, &shared)
		}
		if err == nil { // it may have ended
			total += (resident - shared) * int64(os.Getpagesize())
		}
	}
	return total
}

// Choose gives files to a file input, as a person's choice would.
func (t *Tab) Choose(selector string, paths ...string) {
	t.b.t.Helper()
	var found struct {
		Result struct {
			ID string `json:"objectId"`
		} `json:"result"`
	}
	t.Do("Runtime.evaluate", map[string]any{"expression": fmt.Sprintf("document.querySelector(%q)", selector)}, &found)
	t.Do("DOM.setFileInputFiles", map[string]any{"files": paths, "objectId": found.Result.ID}, nil)
}

// Complaints returns what the page has complained of since the last call: console errors and warnings, uncaught
// exceptions, and what the browser itself logged, such as violations of the content security policy.
func (t *Tab) Complaints() []string {
	t.b.t.Helper()
	t.Eval("1", nil) // everything before it has been sent by then
	var out []string
	var rest []message
	for _, m := range t.b.waiting {
		if m.Session != t.session {
			rest = append(rest, m)
			continue
		}
		switch m.Method {
		case "Runtime.exceptionThrown", "Log.entryAdded":
			out = append(out, string(m.Params))
		case "Runtime.consoleAPICalled":
			var call struct{ Type string }
			if json.Unmarshal(m.Params, &call) == nil && (call.Type == "error" || call.Type == "warning" || call.Type == "assert") {
				out = append(out, string(m.Params))
			}
		}
	}
	t.b.waiting = rest
	return out
}

// Requests returns the addresses that the page has asked for since the last call of [Tab.Complaints] or Requests.
func (t *Tab) Requests() []string {
	t.b.t.Helper()
	t.Eval("1", nil)
	var out []string
	var rest []message
	for _, m := range t.b.waiting {
		if m.Session != t.session || m.Method != "Network.requestWillBeSent" {
			rest = append(rest, m)
			continue
		}
		var sent struct {
			Request struct {
				URL string `json:"url"`
			} `json:"request"`
		}
		if err := json.Unmarshal(m.Params, &sent); err != nil {
			t.b.t.Fatal(err)
		}
		out = append(out, sent.Request.URL)
	}
	t.b.waiting = rest
	return out
}

// PNG returns a picture of the page: of its whole length, or of what fits into the window.
func (t *Tab) PNG(whole bool) []byte {
	t.b.t.Helper()
	return t.data("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": whole})
}

// PDF returns the page as it is printed on US letter paper.
func (t *Tab) PDF() []byte {
	t.b.t.Helper()
	return t.data("Page.printToPDF", map[string]any{"printBackground": false, "paperWidth": 8.5, "paperHeight": 11})
}

func (t *Tab) data(method string, params map[string]any) []byte {
	t.b.t.Helper()
	var result struct {
		Data string `json:"data"`
	}
	t.Do(method, params, &result)
	raw, err := base64.StdEncoding.DecodeString(result.Data)
	if err != nil {
		t.b.t.Fatal(fmt.Errorf("%s: %w", method, err))
	}
	return raw
}
