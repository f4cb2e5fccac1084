package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// share is a whole share in answer to a world's request: what the agency has in its hands before it packs.
type share struct {
	*world
	m       Manifest
	receipt footage.Receipt
	events  []footage.Event
	clips   map[footage.ClipID][]byte
	days    []CustodyDay
}

// newShare makes a share of two clips, a trimmed copy and an untouched original with a kept name.
func newShare(t testing.TB) *share {
	w := newWorld(t)
	s := &share{world: w, clips: map[footage.ClipID][]byte{}}
	s.m = Manifest{
		Type: ManifestType, Exchange: testOrigin, Request: w.id(), Agency: w.agency.ID, Epoch: 1, Prepared: noon.Add(time.Hour), Pseudonym: "quiet-heron-41",
		Resident: Keys{Recipient: "age1pq1" + strings.Repeat("z", 1952)}, Message: "I heard it at about nine.\nThe gate is mine.",
	}
	var err error
	if _, s.m.Consent, err = ConsentText(CurrentVersion, "en"); err != nil {
		t.Fatal(err)
	}
	if _, s.m.Terms, err = TermsJSON(CurrentVersion); err != nil {
		t.Fatal(err)
	}
	trimmed, original := s.clip("one", "clip-01.mp4", 70_000), s.clip("two", "Einfahrt Süd 50% (2).mov", 5_000)
	trimmed.Edits = []Edit{{EditTrimmed, "cut to 20:10:00-20:14:00"}, {EditMuted, "sound removed"}, {EditStripped, "position and serial number removed"}}
	original.Original = Original{Sent: true, Salt: b64(seed("salt two")[:16]), Commitment: footage.Commit(seed("salt two")[:16], original.SHA256)}
	original.Kept, original.MediaType, original.Capture.Source = []string{"camera serial number"}, "video/quicktime", FromOwner
	s.m.Clips = []Clip{trimmed, original}
	s.seal()
	return s
}

// clip makes a clip with random bytes of a length.
func (s *share) clip(seedName, name string, size int) Clip {
	data := make([]byte, size)
	_, _ = (&bytesFrom{name: "clip " + seedName}).Read(data)
	clipID := footage.ClipID(id("c", "clip "+seedName))
	s.clips[clipID] = data
	h := hashBytes(data)
	from, to := noon.Add(-18*time.Hour), noon.Add(-18*time.Hour+4*time.Minute)
	return Clip{ID: clipID, Name: SafeName(name), MediaType: "video/mp4", Size: int64(size), Padded: int64(size + 100), SHA256: h.sha256,
		Sealed:   Sealed{Size: int64(size + 2000), Digest: footage.Hash([]byte("sealed " + seedName))},
		Original: Original{Salt: b64(seed("salt " + seedName)[:16]), Commitment: footage.Commit(seed("salt " + seedName)[:16], footage.Hash([]byte("original "+seedName)))},
		Capture:  Capture{From: &from, To: &to, Source: FromContainer, Offset: -12}, Edits: []Edit{}, Kept: []string{}}
}

// seal signs the manifest and makes receipt and custody chain anew.
func (s *share) seal() {
	s.t.Helper()
	if err := s.m.Sign(edKey("resident")); err != nil {
		s.t.Fatal(err)
	}
	s.receipt = footage.Receipt{Type: footage.ReceiptType, Exchange: testOrigin, Share: footage.ShareID(id("s", "share")), Request: s.m.Request, Agency: s.m.Agency, Epoch: s.m.Epoch,
		Manifest: footage.Hash([]byte("sealed manifest")), Committed: noon.Add(2 * time.Hour), EraseBy: noon.Add(7 * 24 * time.Hour)}
	for _, c := range s.m.Clips {
		s.receipt.Clips = append(s.receipt.Clips, footage.SealedClip{ID: c.ID, Size: c.Sealed.Size, Digest: c.Sealed.Digest})
	}
	if err := s.receipt.Sign(edKey("receipt")); err != nil {
		s.t.Fatal(err)
	}
	s.events = nil
	s.event(footage.EventCommitted, CommittedDetail(s.receipt))
	s.event(footage.EventReleased, nil)
	s.event(footage.EventPickedUp, nil)
	s.event(footage.EventOpened, nil)
	s.event(footage.EventVerified, VerifiedDetail(s.manifest(), Findings{}))
	s.event(footage.EventAccepted, nil)
	s.root()
}

// event appends a signed custody event.
func (s *share) event(kind footage.EventKind, detail map[string]string) {
	s.t.Helper()
	e := footage.Event{Share: footage.ShareID(id("s", "share")), Seq: len(s.events), At: noon.Add(2*time.Hour + time.Duration(len(s.events))*time.Minute), Kind: kind, Party: partyOf(kind), Signer: "exchange", Detail: detail}
	key := edKey("receipt")
	if e.Party == footage.PartyAgency {
		e.Signer, key = string(s.epoch.Custodians[0].ID), edKey("custodian")
	}
	if len(s.events) > 0 {
		e.Prev = s.head(len(s.events) - 1)
	}
	if err := e.Sign(key); err != nil {
		s.t.Fatal(err)
	}
	s.events = append(s.events, e)
}

func (s *share) head(seq int) string {
	s.t.Helper()
	h, err := s.events[seq].Hash()
	if err != nil {
		s.t.Fatal(err)
	}
	return h
}

// root puts the chain's newest head under a day's custody root in the public record.
func (s *share) root() {
	s.t.Helper()
	leaves := make([][32]byte, 8)
	for i := range leaves {
		leaves[i] = sha256.Sum256([]byte{byte(i)})
	}
	last := len(s.events) - 1
	head, err := hex.DecodeString(s.head(last))
	if err != nil {
		s.t.Fatal(err)
	}
	leaves[5] = [32]byte(head)
	root := ledger.MerkleRoot(leaves)
	day := fact{noon.Add(12 * time.Hour), ledger.CustodyRoot{Date: "2026-03-14", Root: hex.EncodeToString(root[:]), Leaves: len(leaves)}}
	all, _ := s.facts()
	objects, checkpoint, _, tree := s.log(append(all, day))
	proven, err := prove(s.t.Context(), objects, tree, checkpoint, tree.Size-1)
	if err != nil {
		s.t.Fatal(err)
	}
	proof := ledger.Inclusion{Index: proven.Index, Size: tree.Size, Hashes: proven.Hashes, Checkpoint: string(checkpoint)}
	s.days = []CustodyDay{NewCustodyDay(last, 5, leaves, proven.Entry, proof)}
}

func (s *share) manifest() []byte {
	s.t.Helper()
	raw, err := s.m.Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	return raw
}

// pack returns everything that WriteBag needs, the clips as streams.
func (s *share) pack() Package {
	p := Package{Manifest: s.manifest(), Bundle: s.bundle(), Receipt: s.receipt, Custody: CustodyRecord{Events: s.events, Days: s.days}, Clips: map[footage.ClipID]Source{}, Trust: s.pin(),
		Info: Info{Exported: noon.Add(24 * time.Hour), Exporter: s.epoch.Custodians[0].ID, Case: "26-001", Software: "porchlight test"}}
	for clipID, data := range s.clips {
		p.Clips[clipID] = Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
	}
	return p
}

// bag writes the package and returns its folder.
func (s *share) bag() string {
	s.t.Helper()
	dir := filepath.Join(s.t.TempDir(), "bag")
	if _, err := WriteBag(s.t.Context(), dir, s.pack()); err != nil {
		s.t.Fatal(err)
	}
	return dir
}

// bagOnDisk is a good bag that tests copy and break.
type bagOnDisk string

func goodBag(t testing.TB) bagOnDisk { return bagOnDisk(newShare(t).bag()) }

// copy returns a copy of the bag and the share that is in it.
func (b bagOnDisk) copy(t testing.TB) (*share, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bag")
	if err := os.CopyFS(dir, os.DirFS(string(b))); err != nil {
		t.Fatal(err)
	}
	return newShare(t), dir
}

// verify checks a bag as somebody who has pinned the key.
func (s *share) verify(dir string) Findings {
	s.t.Helper()
	f, err := VerifyBag(s.t.Context(), dir, VerifyOptions{Trust: s.pin(), Now: noon.Add(48 * time.Hour)})
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

// filesOf lists a bag's files by path.
func filesOf(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil || len(names) == 0 {
		t.Fatalf("list %s: %d files, %v", dir, len(names), err)
	}
	return names
}

// rehash writes a bag's manifests anew, as somebody does who changes a package and repacks it.
func rehash(t testing.TB, dir string) {
	t.Helper()
	f := folder{temp: dir, payload: map[string]sums{}, tags: map[string]sums{}}
	for _, name := range filesOf(t, dir) {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if isPayload(name) {
			f.payload[name] = hashBytes(raw)
		}
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		f.tags[name] = hashBytes(data)
	}
	write("bagit.txt", []byte(bagDeclaration))
	write("bag-info.txt", []byte("Payload-Oxum: "+oxum(f.payload)+"\n"))
	write("manifest-sha256.txt", encodeSums(f.payload, sha256Name))
	write("manifest-sha512.txt", encodeSums(f.payload, sha512Name))
	tag256, tag512 := encodeSums(f.tags, sha256Name), encodeSums(f.tags, sha512Name)
	write("tagmanifest-sha256.txt", tag256)
	write("tagmanifest-sha512.txt", tag512)
}
