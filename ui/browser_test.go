package ui_test

import (
	"fmt"
	"strings"
	"testing"

	"porchlight.example/internal/testenv"
	"porchlight.example/ui"
	"porchlight.example/ui/storybook/story"
	"porchlight.example/ui/text"
)

// sideways finds what sticks out of the page to the right, unless it scrolls by itself.
const sideways = `(() => {
  const out = [];
  if (document.documentElement.scrollWidth > innerWidth) out.push("the page is " + document.documentElement.scrollWidth + " wide");
  for (const e of document.body.querySelectorAll("*")) {
    const r = e.getBoundingClientRect();
    if (r.width > 0 && r.right > innerWidth + 0.5 && !e.closest("svg, .scroll, .skip")) out.push(e.tagName + "." + e.className + " ends at " + r.right);
  }
  return out;
})()`

// faint finds text with too little contrast to what is under it (WCAG 2.2, 1.4.3), as the browser computes both.
const faint = `(() => {
  const parse = s => (s.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
  const out = [];
  for (const e of document.body.querySelectorAll("*")) {
    if (e.closest("svg") || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e), size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
    const a = light(parse(style.color)), b = light(ground(e)), c = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (c < (large ? 3 : 4.5)) out.push(e.tagName + "." + e.className + " has " + c.toFixed(2) + ": " + e.textContent.trim().slice(0, 40));
  }
  return out;
})()`

// small finds what is meant to be pressed and is smaller than 24 by 24 (WCAG 2.2, 2.5.8), but for links in a sentence.
const small = `(() => {
  const out = [];
  for (const e of document.body.querySelectorAll("nav a, summary, .button, .choices a, .brand, .languages a")) {
    const r = e.getBoundingClientRect();
    if (r.width > 0 && (r.height < 24 || r.width < 24)) out.push(e.textContent.trim() + " is " + r.width + " by " + r.height);
  }
  return out;
})()`

// spaced sets text as a reader may who needs room between the letters (WCAG 2.2, 1.4.12), and takes it back.
const (
	spaced   = `(() => { const s = new CSSStyleSheet(); s.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }"); document.adoptedStyleSheets = [s]; return 1 })()`
	unspaced = `(() => { document.adoptedStyleSheets = []; return 1 })()`
)

// TestInABrowser opens every page in a real browser, on a phone and on a desk, in light and dark, in both languages: nothing
// sticks out, nothing is faint or too small to hit, the browser complains of nothing, and the page asks nobody else.
func TestInABrowser(t *testing.T) {
	base := serve(t, true)
	tab := testenv.Chromium(t).Tab(390, 844)
	tab.Requests()
	opened := 0
	stories(t, func(lang text.Lang, s story.Story) {
		if e, failed := s.Page.(ui.ErrorPage); failed && e.Status != 400 && e.Status != 500 {
			return // they differ in words alone
		}
		name := s.Name + " in " + string(lang)
		find := func(how, expression string) {
			t.Helper()
			var found []string
			if tab.Eval(expression, &found); len(found) > 0 {
				t.Errorf("%s, %s: %s", name, how, strings.Join(found, "; "))
			}
		}
		tab.Open(base + "/" + string(lang) + s.Path)
		opened++
		for _, width := range []int{320, 390, 1280} {
			tab.Resize(width, 844)
			find(fmt.Sprint(width, " wide"), sideways)
		}
		tab.Resize(320, 844)
		find("320 wide", small)
		tab.Eval(spaced, nil)
		find("320 wide with spaced text", sideways)
		tab.Eval(unspaced, nil)
		for _, scheme := range []string{"light", "dark"} {
			tab.Prefer("screen", map[string]string{"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}) // colours change at once
			find(scheme, faint)
		}
		if said := tab.Complaints(); len(said) > 0 {
			t.Errorf("%s: the browser says %s", name, strings.Join(said, "\n"))
		}
	})
	for _, url := range tab.Requests() {
		if !strings.HasPrefix(url, base+"/") {
			t.Errorf("a page asked for %s", url)
		}
	}
	if opened < 50 {
		t.Errorf("only %d pages were opened", opened)
	}
}

// TestBrowserFinds: what the test above would find, it finds.
func TestBrowserFinds(t *testing.T) {
	base := serve(t, true)
	tab := testenv.Chromium(t).Tab(390, 844)
	tab.Open(base + "/en/how")
	for name, c := range map[string]struct{ css, expression string }{
		"wide":  {"h1 { width: 500px }", sideways},
		"faint": {".lead { color: #bbb !important }", faint},
		"small": {"nav a { display: inline-block !important; height: 10px; padding: 0 !important; overflow: hidden }", small},
	} {
		var found []string
		tab.Eval(`(() => { const s = new CSSStyleSheet(); s.replaceSync("`+c.css+`"); document.adoptedStyleSheets = [s]; return 1 })()`, nil)
		if tab.Eval(c.expression, &found); len(found) == 0 {
			t.Errorf("what is %s was not found", name)
		}
		tab.Eval(unspaced, nil)
	}
	if got := tab.Requests(); len(got) < 2 {
		t.Errorf("the page asked for %v", got)
	}
}

// TestKeyboard: the first thing that the tab key reaches leads past the navigation, and everything that it reaches is seen to
// be reached.
func TestKeyboard(t *testing.T) {
	base := serve(t, true)
	tab := testenv.Chromium(t).Tab(390, 844)
	tab.Open(base + "/en/")
	var skip struct {
		Text    string
		Visible bool
		Outline string
	}
	press := func() {
		for _, kind := range []string{"keyDown", "keyUp"} {
			tab.Do("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}, nil)
		}
		tab.Eval(`new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => { // what is reached is scrolled to first
			const e = document.activeElement, r = e.getBoundingClientRect();
			done({Text: e.textContent.trim(), Visible: r.top > -1 && r.bottom < innerHeight + 1 && r.width > 0, Outline: getComputedStyle(e).outlineStyle});
		})))`, &skip)
	}
	press()
	if skip.Text != "Skip to the content" || !skip.Visible || skip.Outline == "none" {
		t.Errorf("the tab key first reaches %+v", skip)
	}
	for range 12 {
		if press(); !skip.Visible || skip.Outline == "none" {
			t.Errorf("the tab key reaches %+v, which is not seen", skip)
		}
	}
}
