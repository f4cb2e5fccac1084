package ui_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	token    = regexp.MustCompile(`--([a-z0-9-]+):\s*(#[0-9a-f]{6});`)
	variable = regexp.MustCompile(`var\(--([a-z0-9-]+)\)`)
	rule     = regexp.MustCompile(`([^{}]+)\{([^{}]*)\}`)
	class    = regexp.MustCompile(`\.([a-z][a-z0-9-]*)`)
)

// schemes returns the colour tokens in the light and the dark scheme; what dark does not change is as in light.
func schemes(t *testing.T) map[string]map[string]string {
	t.Helper()
	source := sources(t, "tokens.css")["part/layout/tokens.css"]
	light, dark, found := strings.Cut(source, "@media screen and (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("there is no dark scheme")
	}
	read := func(css string, into map[string]string) {
		for _, m := range token.FindAllStringSubmatch(css, -1) {
			into[m[1]] = m[2]
		}
	}
	out := map[string]map[string]string{"light": {}, "dark": {}}
	read(light, out["light"])
	read(light, out["dark"])
	read(dark, out["dark"])
	if len(out["light"]) < 25 || out["light"]["paper"] == out["dark"]["paper"] {
		t.Fatalf("tokens: %v", out)
	}
	return out
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(hex string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v, _ := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8) // six digits, by the pattern that found them
		c := float64(v) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestContrast computes the contrast of every pair of tokens that text is set in, in both schemes (WCAG 2.2, 1.4.3), and of
// those that mark where one is or what can be used (1.4.11).
func TestContrast(t *testing.T) {
	texts := map[string][]string{
		"paper":      {"ink", "ink-soft", "link", "link-hover", "stop-ink", "lamp-ink"},
		"surface":    {"ink", "ink-soft", "link", "link-hover"},
		"code":       {"ink", "ink-soft"},
		"night":      {"on-night", "on-night-soft"},
		"night-deep": {"on-night", "on-night-soft"},
		"lamp":       {"on-lamp"},
		"lamp-soft":  {"lamp-ink"},
		"good-soft":  {"good-ink"},
		"stop-soft":  {"stop-ink"},
		"map-land":   {"map-text"},
		"map-park":   {"map-text"},
		"map-water":  {"map-text"},
		"map-street": {"map-text"},
	}
	marks := map[string][]string{"paper": {"edge", "focus", "map-area"}, "surface": {"edge", "focus"}, "night": {"lamp"}, "night-deep": {"lamp"}, "map-land": {"map-area"}}
	for scheme, tokens := range schemes(t) {
		for least, pairs := range map[float64]map[string][]string{4.5: texts, 3: marks} {
			for ground, fronts := range pairs {
				for _, front := range fronts {
					if tokens[ground] == "" || tokens[front] == "" {
						t.Fatalf("%s or %s is no token", ground, front)
					}
					if c := contrast(tokens[ground], tokens[front]); c < least {
						t.Errorf("%s: %s on %s has %.2f, less than %v", scheme, front, ground, c, least)
					}
				}
			}
		}
		// A rule that sets both says itself what stands on what.
		for path, css := range sources(t, ".css") {
			for _, m := range rule.FindAllStringSubmatch(css, -1) {
				front, ground := declared(m[2], "color"), declared(m[2], "background")
				if front != "" && ground != "" && contrast(tokens[front], tokens[ground]) < 4.5 {
					t.Errorf("%s, %s: %s on %s", scheme, path, front, ground)
				}
			}
		}
	}
}

// declared returns the token that a declaration of the property uses.
func declared(block, property string) string {
	for _, d := range strings.Split(block, ";") {
		name, value, _ := strings.Cut(d, ":")
		if all := variable.FindAllStringSubmatch(value, -1); strings.TrimSpace(name) == property && len(all) > 0 {
			return all[len(all)-1][1] // a ground's lowest layer comes last
		}
	}
	return ""
}

// TestColoursAreTokens: a colour outside of tokens.css escapes the dark scheme and the computed contrast.
func TestColoursAreTokens(t *testing.T) {
	literal := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\([^)]*\)|:\s*(?:white|black|red|gray)\b`)
	used := map[string]bool{}
	for path, css := range sources(t, ".css") {
		for _, m := range variable.FindAllStringSubmatch(css, -1) {
			used[m[1]] = true
		}
		if strings.HasSuffix(path, "tokens.css") || strings.HasSuffix(path, "print.css") { // paper is white, ink is black
			continue
		}
		if found := literal.FindAllString(css, -1); len(found) > 0 {
			t.Errorf("%s names the colours %q", path, found)
		}
		if strings.Contains(css, "url(") || strings.Contains(css, "@import") || strings.Contains(css, "@font-face") {
			t.Errorf("%s loads something", path)
		}
	}
	for name := range schemes(t)["light"] {
		if !used[name] {
			t.Errorf("nobody uses the colour %s", name)
		}
	}
}

// TestClasses: each class that a style speaks of is set somewhere, and each that is set means something.
func TestClasses(t *testing.T) {
	styled, set := map[string]string{}, map[string]string{}
	for path, css := range sources(t, ".css") {
		for _, m := range rule.FindAllStringSubmatch(regexp.MustCompile(`/\*[^*]*\*/`).ReplaceAllString(css, ""), -1) {
			for _, c := range class.FindAllStringSubmatch(m[1], -1) {
				styled[c[1]] = path
			}
		}
	}
	attribute := regexp.MustCompile(`class="([^"]*)"`)
	for path, source := range sources(t, ".tmpl") {
		for _, m := range attribute.FindAllStringSubmatch(source, -1) {
			for _, c := range strings.Fields(action.ReplaceAllString(m[1], "")) {
				set[c] = path
			}
		}
	}
	for path, source := range sources(t, ".ts") {
		for _, m := range regexp.MustCompile(`class: "([^"]*)"`).FindAllStringSubmatch(source, -1) {
			for _, c := range strings.Fields(m[1]) {
				set[c] = path
			}
		}
	}
	for path, source := range sources(t, ".go") {
		if strings.HasPrefix(path, "townmap/") {
			for _, m := range regexp.MustCompile(`\b(m-[a-z-]+|map-far|map)\b`).FindAllString(source, -1) {
				set[m] = path
			}
		}
		if path == "chart.go" {
			for _, m := range regexp.MustCompile(`class="(chart[a-z-]*)"`).FindAllStringSubmatch(source, -1) {
				set[m[1]] = path
			}
		}
	}
	for _, status := range []string{"published", "resolved", "expired", "withdrawn"} {
		set["chip-"+status], set["status-"+status] = "a family", "a family"
	}
	for _, kind := range []string{"water", "park", "place", "building"} {
		set["m-name-"+kind] = "a family"
	}
	for _, one := range []string{"rung-holds", "rung-broken", "finding-ok", "finding-warn", "finding-fail", "talk-agency"} {
		set[one] = "a family"
	}
	hooks := []string{"rung-", "finding-", "talk-", "chip-", "status-", "m-degree", "m-scale-text"} // beginnings of families, and what needs no style of its own
	for c, path := range styled {
		if set[c] == "" {
			t.Errorf("%s styles .%s, which nothing has", path, c)
		}
	}
	for c, path := range set {
		if styled[c] == "" && !slices.Contains(hooks, c) && !strings.HasPrefix(path, "a family") {
			t.Errorf("%s sets the class %s, which means nothing", path, c)
		}
	}
}

func Example() {
	fmt.Printf("%.1f %.1f\n", contrast("#000000", "#ffffff"), contrast("#777777", "#ffffff"))
	// Output: 21.0 4.5
}
