// Package resident is the resident's side: find requests near a place, choose clips for one of them, prepare, seal and send
// them, and keep in touch by the receipt. It runs on the resident's own device, believes the exchange nothing that a proof
// could show, and prints nothing: the command line, the home recorder and the desktop page put their own faces on it.
//
// The way of a share:
//
//	x := resident.New("https://exchange.example", pinnedKey)
//	request, err := x.Request(ctx, id)             // or from x.FeedAround(ctx, here): fetched and verified offline
//	clip, err := resident.OpenClip("door.mp4", resident.ClipOptions{})
//	defer clip.Close()                             // a view of the original without position, serial number, owner, sound
//	fit := clip.Fit(request.Document.Window)       // shown to the owner, with what goes, what stays and the consent text
//	share := resident.Share{Request: request, Clips: []*resident.Clip{clip}, Language: "en"}
//	sent, err := x.Send(ctx, share, resident.SendOptions{Progress: bar})
//	words := sent.Secret.Words("en")               // shown once: the only way back
//
// and later, with those words alone:
//
//	secret, err := seal.ParseWords(typed)
//	box, err := x.Mailbox(ctx, secret)             // state, custody chain and questions, each verified
//	err = x.Reply(ctx, box, "From my own door.")
//	state, err := x.Withdraw(ctx, secret)
//
// What leaves the device: [Exchange.WholeFeed] and [Exchange.FeedAround] ask for public files (at most for coarse cells, with
// all their neighbours); [Exchange.Request] asks for one request by its ID, which is the disclosed cost of following a link;
// Send and Mailbox speak under a pseudonym that is new for each share. What stays on it: nothing, unless the caller keeps the
// [Pending] share so that an upload can go on after the program was stopped.
//
// A clip is read once, in order, while it is sealed, hashed and sent; memory is constant. Errors are [footage.Error]s for
// people: Untrusted when something does not verify, Gone or Forbidden when a request takes nothing, Refused and Invalid for
// clips, TooLarge, TooMany and Full for limits, Unavailable and Interrupted when trying again helps.
package resident
