package evidence

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"porchlight.example/internal/footage"
)

// algorithm is one of the two hashes of a bag, as BagIt names it.
type algorithm string

const (
	sha256Name algorithm = "sha256"
	sha512Name algorithm = "sha512"
)

func (a algorithm) form() *regexp.Regexp {
	if a == sha512Name {
		return hash512Form
	}
	return hash256Form
}

// sums are both hashes and the length of one file.
type sums struct {
	sha256, sha512 string
	size           int64
}

func (s sums) of(a algorithm) string {
	if a == sha512Name {
		return s.sha512
	}
	return s.sha256
}

var pathEscapes = strings.NewReplacer("%", "%25", "\n", "%0A", "\r", "%0D")
var pathUnescapes = strings.NewReplacer("%25", "%", "%0A", "\n", "%0D", "\r")

// encodePath writes a path as a bag manifest holds it (RFC 8493, 2.1.3): line ends and the per cent sign are encoded.
func encodePath(p string) string { return pathEscapes.Replace(p) }

// decodePath is encodePath's inverse. It refuses what could lead out of the bag or is not the one encoding of its path.
func decodePath(s string) (string, error) {
	p := pathUnescapes.Replace(s)
	if encodePath(p) != s || !safePath(p) {
		return "", footage.Coded(footage.Untrusted, "bag_path", "The bag lists a path that is not allowed: "+SafeName(s)+".")
	}
	return p, nil
}

// safePath reports whether p stays inside the folder on every system: relative, clean, of UTF-8, with no backslash or drive.
func safePath(p string) bool {
	return p != "." && fs.ValidPath(p) && path.Clean(p) == p && !strings.ContainsAny(p, "\\:\x00")
}

// encodeSums writes a bag manifest: a line for each path, sorted, hash first.
func encodeSums(files map[string]sums, a algorithm) []byte {
	paths := make([]string, 0, len(files))
	for p := range files {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	var b bytes.Buffer
	for _, p := range paths {
		b.WriteString(files[p].of(a) + "  " + encodePath(p) + "\n")
	}
	return b.Bytes()
}

// parseSums reads a bag manifest. It is stricter than RFC 8493 asks: lower-case hashes, two spaces, sorted lines and no other
// form, so that each list has one spelling and a changed byte never goes unseen.
func parseSums(raw []byte, a algorithm) (map[string]string, error) {
	list := map[string]string{}
	bad := footage.Coded(footage.Untrusted, "bag_manifest", "A line of a bag manifest cannot be read.")
	last := ""
	for len(raw) > 0 {
		line, rest, ended := bytes.Cut(raw, []byte{'\n'})
		sum, encoded, found := strings.Cut(string(line), "  ")
		if !ended || !found || !a.form().MatchString(sum) {
			return nil, bad
		}
		p, err := decodePath(encoded)
		if err != nil {
			return nil, err
		}
		if p <= last {
			return nil, footage.Coded(footage.Untrusted, "bag_manifest", "A bag manifest is not sorted, or lists a path twice.")
		}
		list[p], last, raw = sum, p, rest
	}
	return list, nil
}
