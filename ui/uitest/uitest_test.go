package uitest

import (
	"strings"
	"testing"
)

const good = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Lamp</title></head><body><main id="main"><h1>Lamp</h1>
<section aria-labelledby="a"><h2 id="a">Light</h2><p>It <strong>shines</strong> &amp; warms.<wbr></p></section>
<details open><summary>More</summary><ul><li><a href="/x">x</a></li></ul></details>
<table><caption>Lamps</caption><thead><tr><th scope="col">One</th><th scope="col">Two</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>
<form method="get" action="/"><label for="q">What</label><input id="q" type="text" name="q"></form></main></body></html>`

// TestCheckFinds: a check that finds nothing is worth something only when it finds each of these.
func TestCheckFinds(t *testing.T) {
	if found := Check([]byte(good)); len(found) != 0 {
		t.Fatalf("a good page: %v", found)
	}
	for _, c := range []struct{ from, to, says string }{
		{"<!DOCTYPE html>\n", "", "DOCTYPE"},
		{`lang="en"`, "", "language"},
		{"<title>Lamp</title>", "<title></title>", "empty"},
		{"<title>Lamp</title>", "", "0 title"},
		{"<h1>Lamp</h1>", "", "0 h1"},
		{"<h1>Lamp</h1>", "<h1>Lamp</h1><h1>Lamp</h1>", "2 h1"},
		{"h2", "h3", "level 3 after one of level 1"},
		{"</strong>", "", "closed by"},
		{"&amp;", "&", "entity"},
		{`aria-labelledby="a"`, `aria-labelledby="b"`, "not there"},
		{`aria-labelledby="a"`, "", "needs a name"},
		{`id="q"`, `id="a"`, "twice"},
		{`for="q"`, `for="z"`, "not there"},
		{`<label for="q">What</label>`, "", "label"},
		{`href="/x"`, `href="https://elsewhere.example/x"`, "elsewhere"},
		{`href="/x"`, `href="//elsewhere.example/x"`, "elsewhere"},
		{`href="/x"`, `href="javascript:x()"`, "elsewhere"},
		{`href="/x"`, `href="#y"`, "not on the page"},
		{">x</a>", "></a>", "no name"},
		{"<strong>", `<strong style="color: red">`, "inline"},
		{"<strong>", `<strong onclick="x()">`, "inline"},
		{"<h1>", "<script>x()</script><h1>", "no place"},
		{"<h1>", `<script type="module" src="/assets/0/x.js"></script><h1>`, "no place"},
		{"<h1>", "<style>a {}</style><h1>", "no place"},
		{"<h1>", `<img src="/x.png"><h1>`, "text in its place"},
		{"<h1>", `<svg viewBox="0 0 1 1"></svg><h1>`, "hidden or be an image"},
		{"<h1>", "<marquee>x</marquee><h1>", "not one of ours"},
		{"<h1>", "<nav><a href=\"/\">x</a></nav><h1>", "name of its own"},
		{"<strong>shines</strong>", "<div>shines</div>", "block"},
		{"<li>", "<p>no</p><li>", "may not stand in ul"},
		{"<li>", "no<li>", "may not stand here"},
		{"<caption>Lamps</caption>", "", "caption"},
		{`<th scope="col">One</th>`, "<th>One</th>", "what it heads"},
		{"<td>1</td>", "", "1 cells"},
		{`id="main"`, `id="main" tabindex="3"`, "out of order"},
	} {
		page := strings.Replace(good, c.from, c.to, 1)
		if page == good {
			t.Errorf("%q is not on the page", c.from)
			continue
		}
		if c.from == "h2" {
			page = strings.ReplaceAll(good, "h2", "h3")
		}
		if found := strings.Join(Check([]byte(page)), "\n"); !strings.Contains(found, c.says) {
			t.Errorf("%q in place of %q: found %q, not %q", c.to, c.from, found, c.says)
		}
	}
}

func TestWords(t *testing.T) {
	root, err := Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if got := root.All("section")[0].Words(); got != "Light It shines & warms." {
		t.Errorf("the section says %q", got)
	}
}
