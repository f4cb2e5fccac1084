package resident_test

import (
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/media"
	"porchlight.example/internal/media/sample"
	"porchlight.example/internal/resident"
	"porchlight.example/seal"
)

// TestWholeWay is how a program sends clips and keeps in touch: request, clips, consent, sending, words, mailbox.
func TestWholeWay(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	secret := sample.Plant{Position: "+41.8781-087.6298/", Serial: "SN-0042", Owner: "Alex Doe", Sound: "voice", Tail: "tail"}
	door := w.film(t, "door.mp4", sample.Film{Seed: 1, Duration: 2 * time.Second, Plant: secret})
	yard := w.film(t, "yard.mov", sample.Film{Seed: 2, Duration: time.Second, Container: sample.MOV, Plant: secret})

	request, err := w.x.Request(ctx, w.id)
	if err != nil {
		t.Fatal(err)
	}
	clips := []*resident.Clip{open(t, door, resident.ClipOptions{}), open(t, yard, resident.ClipOptions{KeepSound: true, KeepName: true}), open(t, door, resident.ClipOptions{Original: true})}
	for i, c := range clips {
		if fit := c.Fit(request.Document.Window); fit != resident.Inside {
			t.Errorf("clip %d is %s", i, fit)
		}
	}
	removed, stays := clips[0].Findings()
	if len(removed) < 4 || strings.Contains(strings.Join(stays, " "), "sound") {
		t.Errorf("removed %q, stays %q", removed, stays)
	}
	var done, total int64
	share := resident.Share{Request: request, Clips: clips, Language: "es", Message: "From my door.", Contact: &footage.Contact{Name: "Sam"}}
	sent, err := w.x.Send(ctx, share, resident.SendOptions{Progress: func(d, n int64) { done, total = d, n }})
	if err != nil {
		t.Fatal(err)
	}
	if done != total || total == 0 {
		t.Errorf("progress ended at %d of %d", done, total)
	}

	got := w.receive(t, sent.Receipt.Share)
	original := read(t, door)
	wantClip(t, got, 0, cleaned(t, original, media.Options{}), original)
	wantClip(t, got, 1, cleaned(t, read(t, yard), media.Options{KeepAudio: true}), read(t, yard))
	wantClip(t, got, 2, original, original)
	m := got.manifest
	if m.Clips[0].Name != "clip-01.mp4" || m.Clips[1].Name != "yard.mov" || m.Clips[2].Name != "clip-03.mp4" {
		t.Errorf("names: %s, %s, %s", m.Clips[0].Name, m.Clips[1].Name, m.Clips[2].Name)
	}
	if m.Message != "From my door." || m.Contact.Name != "Sam" || m.Consent.Language != "es" || m.Pseudonym != sent.Pseudonym {
		t.Errorf("manifest: %+v", m)
	}
	if !m.Clips[2].Original.Sent || m.Clips[0].Original.Sent || len(m.Clips[0].Edits) == 0 || len(m.Clips[2].Kept) < 4 {
		t.Errorf("manifest's clips: %+v", m.Clips)
	}

	again, err := seal.ParseWords(strings.Join(sent.Secret.Words("es"), " "))
	if err != nil {
		t.Fatal(err)
	}
	box, err := w.x.Mailbox(ctx, again)
	if err != nil {
		t.Fatal(err)
	}
	if box.State != footage.SharePickedUp || len(box.Timeline()) != 3 || box.Pseudonym != sent.Pseudonym {
		t.Errorf("mailbox: %s, %v", box.State, box.Timeline())
	}
}
