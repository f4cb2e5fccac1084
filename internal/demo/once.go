package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/resident"
)

// job is one run of the main job, from the request to the erasure.
type job struct {
	*Demo
	officer, supervisor, custodian *desk.Desk
	resident                       *resident.Exchange
	step                           int

	request  evidence.Checked // as the resident verified it
	sent     resident.Sent
	clips    []*resident.Clip
	sealed   []string // paths of the sealed clips that the custodian fetched
	original []string // their names as sent
	findings evidence.Findings
}

// Once plays the main job whole and leaves its proof for other programs. Every step checks what it claims; the first that
// does not hold is the error.
func (d *Demo) Once(ctx context.Context) error {
	if err := d.setUp(ctx); err != nil {
		return err
	}
	j := &job{Demo: d, resident: resident.New(d.base, d.node.Exchange.Info().LogVerifier)}
	defer func() {
		for _, c := range j.clips {
			c.Close()
		}
	}()
	for _, step := range []func(context.Context) error{
		j.peopleSignIn, j.badRequestIsRefused, j.requestIsPublished, j.residentFindsIt, j.clipsArePrepared, j.clipsAreSent, j.shareIsReleased,
		j.agencyOpens, j.bothTalk, j.packageIsExported, j.copyIsErased, j.recordIsChecked, j.proofIsLeft,
	} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("step %d: %w", j.step, err)
		}
	}
	d.say("\nEvery step held. %s holds what other people's programs need to check it.", d.path(proofDir))
	return nil
}

// setUp makes the agencies and their people where they are not there yet.
func (d *Demo) setUp(ctx context.Context) error {
	if !d.fresh {
		return nil
	}
	if err := d.agencies(ctx); err != nil {
		return err
	}
	return d.played()
}

// did tells what was done, and what that proved.
func (j *job) did(what string, proved ...string) {
	j.say("%2d. %s", j.step, what)
	for _, p := range proved {
		j.say("      proved: %s", p)
	}
}

func (j *job) peopleSignIn(ctx context.Context) (err error) {
	j.step++
	for _, who := range []struct {
		role footage.Role
		desk **desk.Desk
	}{{footage.Officer, &j.officer}, {footage.Supervisor, &j.supervisor}, {footage.Custodian, &j.custodian}} {
		if *who.desk, err = j.desk(ctx, town.Police, who.role); err != nil {
			return err
		}
	}
	record, err := j.custodian.Record(ctx)
	if err != nil {
		return err
	}
	epoch := record.Epochs[len(record.Epochs)-1]
	j.did("An officer, a supervisor and a custodian of the police sign in with passkeys.",
		fmt.Sprintf("every entry of the public record was read and verified; it names epoch %d of the agency's sealing key", epoch.Number))
	return nil
}

// draft returns the town's first sample as another investigation.
func (j *job) investigation() (desk.Draft, error) {
	draft, err := j.draft(town.Requests()[0])
	var random [4]byte
	_, _ = rand.Read(random[:]) // crypto/rand.Read never fails
	draft.Code = "MLPD-" + strings.ToUpper(hex.EncodeToString(random[:]))
	draft.CaseNumber = "once " + hex.EncodeToString(random[:])
	return draft, err
}

func (j *job) badRequestIsRefused(ctx context.Context) error {
	j.step++
	draft, err := j.investigation()
	if err != nil {
		return err
	}
	from, err := time.Parse(time.RFC3339, draft.From)
	if err != nil {
		return err
	}
	draft.From, draft.Federal = from.AddDate(0, 0, -60).Format(time.RFC3339), "a task force"
	in, err := j.officer.Compose(ctx, draft)
	if err != nil {
		return err
	}
	_, err = j.officer.Draft(ctx, in)
	var refused *footage.Error
	if !errors.As(err, &refused) || len(refused.Reasons) < 3 {
		return fmt.Errorf("a request that breaks three rules was not refused with each of them: %w", err)
	}
	var proved []string
	for _, r := range refused.Reasons {
		proved = append(proved, "refused: "+r.Msg)
	}
	j.did("The officer asks for two months at once, with a federal task force.", proved...)
	return nil
}

func (j *job) requestIsPublished(ctx context.Context) error {
	j.step++
	draft, err := j.investigation()
	if err != nil {
		return err
	}
	q, err := write(ctx, j.officer, draft)
	if err != nil {
		return err
	}
	if err := j.supervisor.Submit(ctx, q.ID, false); !errors.Is(err, footage.Conflict) {
		return fmt.Errorf("one signature was enough: %w", err)
	}
	if err := approve(ctx, j.supervisor, q.ID); err != nil {
		return err
	}
	if err := j.supervisor.Submit(ctx, q.ID, false); err != nil {
		return err
	}
	if err := j.supervisor.Clear(ctx, string(q.ID)); !errors.Is(err, footage.Forbidden) {
		return fmt.Errorf("the agency cleared its own request: %w", err)
	}
	if err := j.moderate(ctx, q.ID); err != nil {
		return err
	}
	j.request.ID = q.ID
	j.did("The officer writes and signs a narrow request, the supervisor approves it, a moderator of the exchange clears it.",
		"with one signature it was refused, and the agency cannot clear it itself", "its ID is the hash of its text: "+q.ID.Short())
	return nil
}

func (j *job) residentFindsIt(ctx context.Context) error {
	j.step++
	home := town.At(-1100, 60)
	feed, err := j.resident.FeedAround(ctx, home)
	if err != nil {
		return err
	}
	near, refused, err := feed.Near(home, 0)
	if err != nil || len(refused) > 0 {
		return errors.Join(err, fmt.Errorf("%d requests of the feed do not verify", len(refused)))
	}
	i := slices.IndexFunc(near, func(m resident.Match) bool { return m.Request.ID == j.request.ID })
	if i < 0 {
		return footage.E(footage.NotFound, "The resident's feed does not hold the request.")
	}
	j.request = near[i].Request
	j.did(fmt.Sprintf("A resident downloads the region's feed (%d open requests) and finds %d around the home.", feed.Len(), len(near)),
		"the place of the home left the device in no form but cells of 80 km",
		fmt.Sprintf("both signatures, the agency's key and %d entries of the record verify offline", j.request.LogSize))
	return nil
}

func (j *job) clipsArePrepared(context.Context) error {
	j.step++
	window := j.request.Document.Window
	home, err := j.homeFilm("front-door.mp4", 7, window.From)
	if err != nil {
		return err
	}
	var proved []string
	for _, f := range append([]film{home}, j.realFilms(window.From)...) {
		clip, err := j.prepare(f)
		if err != nil {
			return err
		}
		j.clips = append(j.clips, clip)
		if clip.Fit(window) != resident.Inside {
			return clip.OutsideError(j.request.Document)
		}
		removed, _ := clip.Findings()
		proved = append(proved, fmt.Sprintf("%s lies in the window; %d things that name its owner or place are left off", filepath.Base(f.path), len(removed)))
	}
	early, err := resident.OpenClip(home.path, resident.ClipOptions{ClockAhead: 72 * time.Hour})
	if err != nil {
		return err
	}
	defer early.Close()
	if early.Fit(window) != resident.Outside {
		return footage.E(footage.Invalid, "A clip from another day was taken for one of the window.")
	}
	j.did("The resident picks clips. Copies without position, serial number, owner and sound are prepared.",
		append(proved, "a clip of three days before would be refused")...)
	return nil
}

func (j *job) clipsAreSent(ctx context.Context) (err error) {
	j.step++
	share := resident.Share{Request: j.request, Clips: j.clips, Language: "en", Message: "From my front door."}
	if j.sent, err = j.resident.Send(ctx, share, resident.SendOptions{}); err != nil {
		return err
	}
	if err := j.sent.Receipt.Verify(j.request.ReceiptKey); err != nil {
		return err
	}
	if err := j.keepWords("once.txt", j.sent); err != nil {
		return err
	}
	box, err := j.resident.Mailbox(ctx, j.sent.Secret)
	if err != nil {
		return err
	}
	j.did(fmt.Sprintf("%d clips (%d bytes) are sealed on the device to the agency's key while they are sent.", len(j.clips), share.Bytes()),
		"the exchange signed for every sealed byte: receipt of share "+string(j.sent.Receipt.Share)[:8]+"…",
		"the ten words of the receipt open the mailbox; the share is "+string(box.State))
	return nil
}

func (j *job) shareIsReleased(ctx context.Context) error {
	j.step++
	id := j.sent.Receipt.Share
	if err := arrives(ctx, j.custodian, id); err != nil {
		return err
	}
	s, err := j.custodian.Share(ctx, id)
	if err != nil {
		return err
	}
	if s.Manifest != "" {
		return footage.E(footage.Forbidden, "The list of clips was handed out before the pick-up was recorded.")
	}
	client := api.New(j.base).As("not-a-session")
	if _, err := client.Clip(ctx, id, s.Clips[0].ID, 0); !errors.Is(err, footage.Unauthorized) {
		return fmt.Errorf("a stranger was not turned away from a clip: %w", err)
	}
	j.did("At the next tick the share appears in the agency's inbox.",
		"before the pick-up is recorded the exchange hands out neither clips nor the list of them", "a stranger gets nothing")
	return nil
}

func (j *job) agencyOpens(ctx context.Context) error {
	j.step++
	id := j.sent.Receipt.Share
	v, err := inspect(ctx, j.custodian, id)
	if err != nil {
		return err
	}
	if v.Findings.Failed() {
		return footage.E(footage.Untrusted, "Verification found faults: "+v.Findings.Summary()+".")
	}
	j.findings = v.Findings
	folder := filepath.Join(j.custodian.Dir(), "shares", string(id))
	for i, c := range v.Manifest.Clips {
		opened, err := os.ReadFile(filepath.Join(folder, "clips", c.Name))
		if err != nil {
			return fmt.Errorf("read an opened clip: %w", err)
		}
		sent, err := readAll(j.clips[i])
		if err != nil {
			return err
		}
		if !bytes.Equal(opened, sent) {
			return footage.E(footage.Untrusted, "The opened clip "+c.Name+" is not what was sent.")
		}
		j.original = append(j.original, c.Name)
	}
	if j.sealed, err = filepath.Glob(filepath.Join(folder, "sealed", "*")); err != nil || len(j.sealed) != len(j.clips) {
		return fmt.Errorf("find the sealed clips: %d of %d (%w)", len(j.sealed), len(j.clips), err)
	}
	j.did("The custodian fetches the sealed clips, opens them on the agency's own machine and verifies them.",
		"each opened clip is byte for byte the prepared one", "findings: "+v.Findings.Summary())
	return nil
}

func readAll(c *resident.Clip) ([]byte, error) {
	raw := make([]byte, c.Size)
	if _, err := c.Open().ReadAt(raw, 0); err != nil {
		return nil, fmt.Errorf("read a prepared clip: %w", err)
	}
	return raw, nil
}

func (j *job) bothTalk(ctx context.Context) error {
	j.step++
	id := j.sent.Receipt.Share
	if _, err := j.custodian.Ask(ctx, id, "Is the clock of your camera right?"); err != nil {
		return err
	}
	box, err := j.resident.Mailbox(ctx, j.sent.Secret)
	if err != nil {
		return err
	}
	if len(box.Notes) == 0 || box.Notes[len(box.Notes)-1].Err != nil {
		return footage.E(footage.Untrusted, "The agency's question did not reach the resident whole.")
	}
	if err := j.resident.Reply(ctx, box, "Yes, to the minute."); err != nil {
		return err
	}
	if !box.PickedUp() {
		return footage.E(footage.Untrusted, "The resident cannot see that the clips were fetched.")
	}
	j.did("The agency asks, the resident answers, without a name.",
		fmt.Sprintf("the resident sees every step of the agency's program: %d signed events, from %q", len(box.Events), box.Pseudonym))
	return nil
}

func (j *job) packageIsExported(ctx context.Context) error {
	j.step++
	id := j.sent.Receipt.Share
	if _, err := j.custodian.Accept(ctx, id); err != nil {
		return err
	}
	bag := j.path(proofDir, "bag")
	if err := os.RemoveAll(j.path(proofDir)); err != nil {
		return fmt.Errorf("clear the proof of an earlier run: %w", err)
	}
	if err := os.MkdirAll(j.path(proofDir), 0o700); err != nil {
		return fmt.Errorf("make the proof folder: %w", err)
	}
	hash, err := j.custodian.Export(ctx, id, bag, desk.ExportOptions{Case: "2026-004127"})
	if err != nil {
		return err
	}
	if err := j.bagHolds(ctx, bag); err != nil {
		return err
	}
	j.did("The custodian accepts and exports an evidence package.", "it verifies with no account and no server: "+j.findings.Summary(),
		"with one bit of a clip flipped it does not", "its hash "+hash[:16]+"… is in the custody chain")
	return nil
}

// bagHolds verifies the package, and that a copy with one flipped bit does not verify.
func (j *job) bagHolds(ctx context.Context, bag string) (err error) {
	if j.findings, err = j.verifyBag(ctx, bag); err != nil {
		return err
	}
	if j.findings.Failed() {
		return footage.E(footage.Untrusted, "The package does not verify: "+j.findings.Summary()+".")
	}
	tmp, err := os.MkdirTemp("", "porchlight-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := os.CopyFS(filepath.Join(tmp, "bag"), os.DirFS(bag)); err != nil {
		return fmt.Errorf("copy the package: %w", err)
	}
	clips, err := filepath.Glob(filepath.Join(tmp, "bag", "data", "clips", "*"))
	if err != nil || len(clips) == 0 {
		return fmt.Errorf("find a clip in the package: %w", err)
	}
	if err := flip(clips[0]); err != nil {
		return err
	}
	broken, err := j.verifyBag(ctx, filepath.Join(tmp, "bag"))
	if err == nil && !broken.Failed() {
		return footage.E(footage.Untrusted, "A package with a flipped bit was taken for whole.")
	}
	return err
}

func flip(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("flip a bit: %w", err)
	}
	raw[len(raw)/2] ^= 1
	if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, raw, 0o600)); err != nil {
		return fmt.Errorf("flip a bit: %w", err)
	}
	return nil
}

func (j *job) copyIsErased(ctx context.Context) error {
	j.step++
	id := j.sent.Receipt.Share
	if _, err := j.custodian.Confirm(ctx, id); err != nil {
		return err
	}
	box, err := j.resident.Mailbox(ctx, j.sent.Secret)
	if err != nil {
		return err
	}
	if !box.Erased() {
		return footage.E(footage.Conflict, "The exchange's copy is not erased: the share is "+string(box.State)+".")
	}
	for _, c := range j.sent.Receipt.Clips {
		left, err := filepath.Glob(j.path(exchangeDir, "blobs", "clips", string(c.ID)+"*"))
		if err != nil || len(left) > 0 {
			return fmt.Errorf("sealed clips are left on the exchange's disk: %v (%w)", left, err)
		}
	}
	j.did("The agency confirms that it holds its own copy; the exchange erases its own.",
		"no sealed clip of the share is on the exchange's disk", "the resident's mailbox says so, signed")
	return nil
}

func (j *job) recordIsChecked(ctx context.Context) error {
	j.step++
	head, entry, err := j.checkRecord(ctx)
	if err != nil {
		return err
	}
	j.did("Anybody checks the public record, tile by tile.", fmt.Sprintf("%d entries lead to the root that the exchange signed", head.Size),
		fmt.Sprintf("the request is entry %d, and nothing in the record says who shared", entry))
	return nil
}

func (j *job) proofIsLeft(ctx context.Context) error {
	j.step++
	if err := j.writeProof(ctx); err != nil {
		return err
	}
	j.did("What was made is laid out for other people's programs.", "see README.txt there: age, BagIt and log programs that we did not write can check it")
	return nil
}
