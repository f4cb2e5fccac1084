package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// Bounds of a bag that is read: a hostile one must not fill the memory.
const (
	maxBagFiles = MaxClips + 1000
	maxPapers   = 64 << 20 // bytes of all files but the clips
)

// VerifyOptions say how a bag is to be checked. The zero value checks it as a stranger would.
type VerifyOptions struct {
	Trust    Trust
	Now      time.Time               // zero: dates in the future are not noticed
	Progress func(done, total int64) // bytes of all files; may be nil
}

// VerifyBag checks an evidence package with no account and no server: that the bag is whole and holds nothing else, both hashes
// of every file, the manifest's signature, the clips, the request with its proofs and both signatures, the receipt, the
// custody chain, consent and terms, and what is known of each clip's origin. It reads every file once, in constant memory.
//
// What it finds, good or bad, is in the findings, in the order of the checks; the error is only for what kept it from
// checking, such as a folder that cannot be read or a cancelled context.
func VerifyBag(ctx context.Context, dir string, opts VerifyOptions) (Findings, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("verify package: %w", err)
	}
	defer root.Close()
	b := bagReader{root: root, opts: opts, sizes: map[string]int64{}, buf: newChunk(), content: content{files: map[string][]byte{}, sums: map[string]sums{}}}
	if err := b.list(); err != nil {
		return nil, fmt.Errorf("verify package: %w", err)
	}
	if err := b.read(ctx); err != nil {
		return nil, fmt.Errorf("verify package: %w", err)
	}
	b.structure()
	v := b.content.judge(opts.Trust, opts.Now)
	if !b.found.Failed() && !v.Failed() {
		v.report(b.content)
	}
	return append(b.found, v.Findings...), nil
}

// BagHash returns the hash of a bag's tag manifests, one after the other, which covers every byte of the bag. Anybody can make
// it: cat tagmanifest-sha256.txt tagmanifest-sha512.txt | sha256sum.
func BagHash(dir string) (string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", fmt.Errorf("hash package: %w", err)
	}
	defer root.Close()
	tag256, err := root.ReadFile("tagmanifest-sha256.txt")
	if err != nil {
		return "", fmt.Errorf("hash package: %w", err)
	}
	tag512, err := root.ReadFile("tagmanifest-sha512.txt")
	if err != nil {
		return "", fmt.Errorf("hash package: %w", err)
	}
	return bagHash(tag256, tag512), nil
}

// bagReader is one run over a bag.
type bagReader struct {
	root    *os.Root
	opts    VerifyOptions
	sizes   map[string]int64 // every regular file, by path
	papers  int64            // bytes of papers kept so far
	content content
	found   Findings
	buf     []byte
}

// list finds every file. Links, devices and the like are not followed and not forgiven.
func (b *bagReader) list() error {
	return fs.WalkDir(b.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return nil
		case !d.Type().IsRegular() || !safePath(name):
			b.found.add(Fail, "bag_irregular", name, "The package holds a link, a device or a name that is not allowed.")
			return nil
		case len(b.sizes) >= maxBagFiles:
			b.found.add(Fail, "bag_too_many", "", "The package holds more than %d files.", maxBagFiles)
			return fs.SkipAll
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		b.sizes[name] = info.Size()
		return nil
	})
}

// read hashes every file once and keeps the papers.
func (b *bagReader) read(ctx context.Context) error {
	var done, total int64
	names := make([]string, 0, len(b.sizes))
	for name, size := range b.sizes {
		names, total = append(names, name), total+size
	}
	slices.Sort(names)
	step := func(n int64) {
		if done += n; b.opts.Progress != nil {
			b.opts.Progress(done, total)
		}
	}
	for _, name := range names {
		if err := b.file(ctx, name, step); err != nil {
			return fmt.Errorf("read %s: %w", SafeName(name), err)
		}
	}
	return nil
}

func (b *bagReader) file(ctx context.Context, name string, step func(int64)) error {
	f, err := b.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	var paper bytes.Buffer
	var keep io.Writer = &paper
	if strings.HasPrefix(name, clipFolder) {
		keep = io.Discard
	} else if b.papers += b.sizes[name]; b.papers > maxPapers {
		b.found.add(Fail, "bag_too_large", name, "The papers of the package are larger than 64 MiB together.")
		return nil
	}
	got, err := hashStream(ctx, b.buf, io.LimitReader(f, b.sizes[name]+1), keep, step)
	if err != nil {
		return err
	}
	b.content.sums[name], b.content.files[name] = got, paper.Bytes()
	return nil
}

// structure checks the bag as RFC 8493 and this package's own profile demand: version 1.0, both algorithms over every file, no
// fetch.txt, nothing besides.
func (b *bagReader) structure() {
	if string(b.content.files["bagit.txt"]) != bagDeclaration {
		b.found.add(Fail, "bag_declaration", "bagit.txt", "The folder is not a BagIt 1.0 bag, or it was not written to its end.")
	}
	for _, a := range []algorithm{sha256Name, sha512Name} {
		b.listed("manifest-"+string(a)+".txt", a, isPayload)
		b.listed("tagmanifest-"+string(a)+".txt", a, isTag)
	}
	for _, name := range []string{reportPath, certificatePath} {
		if _, ok := b.content.sums[name]; !ok {
			b.found.add(Fail, "paper_missing", name, "The package lacks a paper.")
		}
	}
	b.oxum()
	if !b.found.Failed() {
		b.found.add(OK, "bag_whole", "", "The package is whole: %d files, none missing, none added, none changed; SHA-256 and SHA-512 agree.", len(b.sizes))
	}
}

func isPayload(name string) bool { return strings.HasPrefix(name, "data/") }

func isTag(name string) bool { return !isPayload(name) && !strings.HasPrefix(name, "tagmanifest-") }

// listed compares one bag manifest with the files that it must list.
func (b *bagReader) listed(manifest string, a algorithm, covers func(string) bool) {
	raw, ok := b.content.files[manifest]
	if !ok {
		b.found.add(Fail, "bag_manifest", manifest, "The bag manifest is missing.")
		return
	}
	list, err := parseSums(raw, a)
	if err != nil {
		var own *footage.Error
		errors.As(err, &own)
		b.found.add(Fail, own.Code, manifest, "%s", own.Msg)
		return
	}
	for _, name := range union(list, b.content.sums) {
		want, named := list[name]
		got, there := b.content.sums[name]
		switch {
		case named && (!there || !covers(name)):
			b.found.add(Fail, "bag_missing", name, "%s names a file that the package lacks.", manifest)
		case !named && covers(name):
			b.found.add(Fail, "bag_unlisted", name, "%s does not name a file that lies in the package.", manifest)
		case named && want != got.of(a):
			b.found.add(Fail, "bag_changed", name, "The file was changed after the package was made: its %s differs.", strings.ToUpper(string(a)))
		}
	}
}

func union(list map[string]string, files map[string]sums) []string {
	var names []string
	for name := range list {
		names = append(names, name)
	}
	for name := range files {
		if _, ok := list[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// oxum checks the payload's size and count in bag-info.txt.
func (b *bagReader) oxum() {
	payload := map[string]sums{}
	for name, s := range b.content.sums {
		if isPayload(name) {
			payload[name] = s
		}
	}
	if !slices.Contains(strings.Split(string(b.content.files["bag-info.txt"]), "\n"), "Payload-Oxum: "+oxum(payload)) {
		b.found.add(Fail, "bag_oxum", "bag-info.txt", "The payload's size or number of files is not what bag-info.txt says.")
	}
}
