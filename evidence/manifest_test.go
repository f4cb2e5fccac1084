package evidence

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
)

func TestManifest(t *testing.T) {
	s := newShare(t)
	raw := s.manifest()
	m, err := ParseManifest(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Verify(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(s.m, m); diff != "" {
		t.Error(diff)
	}
	golden(t, filepath.Join("testdata", "vectors", "manifests", "good.json"), raw)
}

func TestManifestSignature(t *testing.T) {
	for name, change := range map[string]func(*Manifest){
		"message":         func(m *Manifest) { m.Message += "." },
		"hash":            func(m *Manifest) { m.Clips[0].SHA256 = footage.Hash(nil) },
		"key":             func(m *Manifest) { m.Resident.Verify = edPublic("forger") },
		"no key":          func(m *Manifest) { m.Resident.Verify = "" },
		"no signature":    func(m *Manifest) { m.Sig = "" },
		"signature cut":   func(m *Manifest) { m.Sig = m.Sig[:20] },
		"signature words": func(m *Manifest) { m.Sig = "?" },
	} {
		m := newShare(t).m
		change(&m)
		var own *footage.Error
		if err := m.Verify(); !errors.As(err, &own) || own.Code != "manifest_signature" || own.Kind != footage.Untrusted {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestManifestCheck spoils what a manifest binds a share to, member by member: the request, the version of the consent
// statement, and each clip by its hash among them (C2).
func TestManifestCheck(t *testing.T) {
	far := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		code   string
		change func(*Manifest)
	}{
		{"manifest_type", func(m *Manifest) { m.Type = "porchlight/manifest/v2" }},
		{"manifest_exchange", func(m *Manifest) { m.Exchange = "" }},
		{"manifest_request", func(m *Manifest) { m.Request = "1" }},
		{"manifest_agency", func(m *Manifest) { m.Agency = "Maplewood PD" }},
		{"manifest_epoch", func(m *Manifest) { m.Epoch = 0 }},
		{"manifest_time", func(m *Manifest) { m.Prepared = m.Prepared.Add(time.Millisecond) }},
		{"manifest_time", func(m *Manifest) { m.Prepared = m.Prepared.In(time.FixedZone("", 3600)) }},
		{"manifest_time", func(m *Manifest) { m.Prepared = far }},
		{"manifest_consent", func(m *Manifest) { m.Consent.Language = "" }},
		{"manifest_consent", func(m *Manifest) { m.Consent.Version = "../v1" }},
		{"manifest_terms", func(m *Manifest) { m.Terms.SHA256 = strings.ToUpper(m.Terms.SHA256) }},
		{"manifest_pseudonym", func(m *Manifest) { m.Pseudonym = "a\u202eb" }},
		{"manifest_keys", func(m *Manifest) { m.Resident.Recipient = "age1classic" }},
		{"manifest_keys", func(m *Manifest) { m.Resident.Verify = "AA" }},
		{"manifest_signature", func(m *Manifest) { m.Sig = "AA" }},
		{"manifest_message", func(m *Manifest) { m.Message = strings.Repeat("x", maxMessage+1) }},
		{"manifest_contact", func(m *Manifest) { m.Contact = &footage.Contact{Name: "a\nb"} }},
		{"manifest_clips", func(m *Manifest) { m.Clips = nil }},
		{"manifest_clips", func(m *Manifest) { m.Clips = make([]Clip, MaxClips+1) }},
		{"clip_twice", func(m *Manifest) { m.Clips[1].ID = m.Clips[0].ID }},
		{"clip_twice", func(m *Manifest) { m.Clips[1].Name = "CLIP-01.mp4" }},
		{"clip_id", func(m *Manifest) { m.Clips[0].ID = "s-1" }},
		{"clip_name", func(m *Manifest) { m.Clips[0].Name = "../clip.mp4" }},
		{"clip_name", func(m *Manifest) { m.Clips[0].Name = "" }},
		{"clip_type", func(m *Manifest) { m.Clips[0].MediaType = "video" }},
		{"clip_size", func(m *Manifest) { m.Clips[0].Size = 0 }},
		{"clip_size", func(m *Manifest) { m.Clips[0].Padded = 1 }},
		{"clip_size", func(m *Manifest) { m.Clips[0].Sealed.Size = m.Clips[0].Padded }},
		{"clip_hash", func(m *Manifest) { m.Clips[0].SHA256 += "00" }},
		{"clip_original", func(m *Manifest) { m.Clips[0].Original.Salt = "AA" }},
		{"clip_original", func(m *Manifest) { m.Clips[0].Original.Sent = true }},
		{"clip_capture", func(m *Manifest) { m.Clips[0].Capture.Source = "guess" }},
		{"clip_capture", func(m *Manifest) { m.Clips[0].Capture.To = nil }},
		{"clip_capture", func(m *Manifest) { c := &m.Clips[0].Capture; c.From, c.To = c.To, c.From }},
		{"clip_edit", func(m *Manifest) { m.Clips[0].Edits[0].Code = "improved" }},
		{"clip_kept", func(m *Manifest) { m.Clips[0].Kept = []string{"a\x00"} }},
	} {
		m := newShare(t).m
		c.change(&m)
		var own *footage.Error
		if err := m.Check(); !errors.As(err, &own) || own.Kind != footage.Invalid || own.Code != c.code {
			t.Errorf("%s: %v", c.code, err)
		}
	}
	m := Manifest{}
	var own *footage.Error
	if err := m.Check(); !errors.As(err, &own) || len(own.Reasons) < 8 {
		t.Errorf("an empty manifest does not get every reason at once: %v", err)
	}
}

func TestParseManifest(t *testing.T) {
	good := string(newShare(t).manifest())
	for name, raw := range map[string]string{
		"unknown member": strings.Replace(good, `{"agency"`, `{"aaa":1,"agency"`, 1),
		"doubled member": strings.Replace(good, `{"agency"`, `{"agency":"x","agency"`, 1),
		"white space":    strings.Replace(good, ":", ": ", 1),
		"another order":  strings.Replace(good, `{"agency":"maplewood-pd",`, `{`, 1),
		"trailing data":  good + " ",
		"misspelt":       strings.Replace(good, `"agency"`, `"Agency"`, 1),
		"no JSON":        "manifest",
		"too large":      good + strings.Repeat(" ", MaxManifest),
	} {
		if _, err := ParseManifest([]byte(raw)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	m := newShare(t).m
	for len(m.Clips) < MaxClips {
		c := m.Clips[0]
		c.ID, c.Name = footage.ClipID(id("c", string(rune(len(m.Clips))))), NeutralName(len(m.Clips)+1, ".mp4")
		c.Kept = []string{strings.Repeat("x", maxShortText)}
		m.Clips = append(m.Clips, c)
	}
	if _, err := m.Encode(); footage.KindOf(err) != footage.TooLarge {
		t.Errorf("more than 1 MiB: %v", err)
	}
}

func FuzzParseManifest(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "vectors", "manifests", "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := ParseManifest(raw)
		if err != nil {
			return
		}
		again, err := m.Encode()
		if err != nil || string(again) != string(raw) {
			t.Errorf("parse and encode changed the manifest: %v", err)
		}
		_ = m.Verify()
	})
}

func FuzzBagManifest(f *testing.F) {
	f.Add(encodeSums(map[string]sums{"data/a%b\nc\rd": hashBytes([]byte("x")), "data/ü": hashBytes(nil)}, sha256Name))
	f.Add([]byte(footage.Hash(nil) + "  data/../x\n"))
	f.Add([]byte(footage.Hash(nil) + " *data/x\n"))
	f.Add([]byte(footage.Hash(nil) + "  data/%0a\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := parseSums(raw, sha256Name)
		if err != nil {
			return
		}
		files := map[string]sums{}
		for name, sum := range list {
			if !filepath.IsLocal(name) {
				t.Errorf("%q leads out of the bag", name)
			}
			files[name] = sums{sha256: sum}
		}
		if string(encodeSums(files, sha256Name)) != string(raw) {
			t.Error("parse and encode changed the list")
		}
	})
}

func TestBagPaths(t *testing.T) {
	for path, want := range map[string]string{"data/a b": "data/a b", "data/100%": "data/100%25", "data/a\nb": "data/a%0Ab", "data/a\rb": "data/a%0Db", "data/%0A": "data/%250A"} {
		got := encodePath(path)
		back, err := decodePath(got)
		if got != want || err != nil || back != path {
			t.Errorf("%q: %q, back %q, %v", path, got, back, err)
		}
	}
	for _, bad := range []string{"", ".", "/a", "a/../b", "../a", "a//b", "a/", `a\b`, "c:a", "a%", "a%0a", "a%41", "a\x00b", "\xff"} {
		if p, err := decodePath(bad); err == nil {
			t.Errorf("%q was read as %q", bad, p)
		}
	}
}
