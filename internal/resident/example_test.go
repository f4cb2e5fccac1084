package resident_test

import (
	"context"
	"fmt"
	"strings"

	"porchlight.example/evidence"
	"porchlight.example/internal/resident"
	"porchlight.example/seal"
)

// How a program finds a request near a place, sends a clip for it and looks what became of it. Every question is its own to
// ask: this package sends nothing that was not confirmed by whoever calls Send.
func Example() {
	ctx := context.Background()
	x := resident.New("https://exchange.example", "exchange.example/log+1a2b3c4d+AQ…") // pinned, see internal/trust
	request, id, err := resident.ParseLink("https://exchange.example/requests/0123…")
	if err != nil {
		fmt.Println(err)
		return
	}
	checked, err := x.Request(ctx, id)
	if err != nil {
		fmt.Println(request, err) // Untrusted: nothing may be sealed to this
		return
	}
	clip, err := resident.OpenClip("door.mp4", resident.ClipOptions{Zone: checked.Document.Zone})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer clip.Close()
	if clip.Fit(checked.Document.Window) == resident.Outside {
		fmt.Println(clip.OutsideError(checked.Document))
		return
	}
	removed, stays := clip.Findings()
	consent, _, err := evidence.ConsentText(evidence.CurrentVersion, "en")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(checked.Agency.Name, removed, stays, consent) // and then the owner's yes

	folder := resident.Folder{Dir: "unfinished"}
	share := resident.Share{Request: checked, Clips: []*resident.Clip{clip}, Language: "en"}
	sent, err := x.Send(ctx, share, resident.SendOptions{Keep: folder.Save, Progress: func(done, total int64) { fmt.Println(done, total) }})
	if err != nil {
		fmt.Println(err) // x.Resume goes on with what folder.List gives
		return
	}
	words := strings.Join(sent.Secret.Words("en"), " ") // shown once
	if err := folder.Remove(sent.Pending); err != nil {
		fmt.Println(err)
	}

	secret, err := seal.ParseWords(words)
	if err != nil {
		fmt.Println(err)
		return
	}
	box, err := x.Mailbox(ctx, secret)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, step := range box.Timeline() {
		fmt.Println(step.At, step.By, step.What)
	}
}
