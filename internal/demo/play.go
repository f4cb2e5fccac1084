package demo

import (
	"context"
	"fmt"
	"os"
	"strings"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
)

// Play sets the town up, unless that was done before. It needs the exchange to be served.
func (d *Demo) Play(ctx context.Context) error {
	if !d.fresh {
		return nil
	}
	if err := d.agencies(ctx); err != nil {
		return err
	}
	ids, err := d.requests(ctx)
	if err != nil {
		return err
	}
	if err := d.shares(ctx, ids); err != nil {
		return err
	}
	if err := d.visitors(ctx); err != nil {
		return fmt.Errorf("invite visitors: %w", err)
	}
	return d.played()
}

// played marks the folder as whole.
func (d *Demo) played() error {
	if err := os.WriteFile(d.path(playedFile), []byte("This folder holds a demonstration of Porchlight. Nothing in it is real.\n"), 0o600); err != nil {
		return fmt.Errorf("mark the folder: %w", err)
	}
	d.fresh = false
	return nil
}

// Tour says what there is to see and to try, with program as the way to call this program.
func (d *Demo) Tour(ctx context.Context, program string) error {
	open, err := d.node.Exchange.PublicRequests(ctx, true)
	if err != nil {
		return err
	}
	link := d.base
	for _, p := range open {
		if p.Record.Document.Code == town.Requests()[0].Code {
			link = d.base + "/requests/" + string(p.ID)
		}
	}
	d.tour(program, link)
	return nil
}

func (d *Demo) tour(program, link string) {
	d.say("%s is open at\n\n    %s\n", d.node.Exchange.Info().Name, d.base)
	d.say("Nothing in it is real: the town, its people, its requests and its passkeys are made up.\n")
	d.say("What to try first, in another terminal:\n")
	for _, line := range [][2]string{
		{"Look at the requests, on the map and one by one.", d.base},
		{"Which requests touch the market square? Your place stays on your machine.", program + " near " + d.base + " --at 44.3000,-87.0120 --within 500"},
		{"Help: share a film with the police (it asks before anything leaves).", program + " share " + link + " " + d.path(clipsDir, "front-door-1.mp4")},
		{"Be the resident who was asked a question.", program + " receipt read --exchange " + d.base + " --words-file " + d.path(receiptsDir, "question.txt")},
		{"Be the police custodian: look at what came in, in a browser on your own machine, with the key there.", program + " desk serve --desk " + d.path(desksDir, "police-custodian")},
		{"Be an officer and ask: this file holds a link, with which a browser makes a passkey of your own.", d.invitation(footage.Officer)},
		{"Then approve it and make it public, by two more links beside it or by two desks.", program + " desk request list --desk " + d.path(desksDir, "police-supervisor") + "\n      " +
			program + " desk moderate list --desk " + d.path(desksDir, "moderator")},
		{"Be a defence lawyer: verify an evidence package, with no account and no server.", program + " verify " + d.path(packagesDir, "fire-investigation")},
		{"Be a journalist: check the whole public record, after the key that names this exchange.", program + " trust " + d.base + " " + d.node.Exchange.Info().LogVerifier + "\n      " +
			program + " audit " + d.base},
	} {
		d.say("  %s\n      %s", line[0], line[1])
	}
	var names []string
	for _, m := range staff() {
		names = append(names, m.desk)
	}
	d.say("\nSample logins are desks; give one as --desk %s:\n  %s\n", d.path(desksDir, "NAME"), strings.Join(names, ", "))
	d.say("Ctrl-C stops it; the same command goes on where it stopped.")
}
