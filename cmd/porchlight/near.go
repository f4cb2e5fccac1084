package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/resident"
	"porchlight.example/internal/trust"
)

func nearCommand() command {
	return command{name: "near", args: "[EXCHANGE]", summary: "find the requests around a place, on this device",
		help: `Shows the open requests whose areas hold a place or lie near it. EXCHANGE is the exchange's address; it may be left out
when one exchange is pinned.

The place never leaves this device. Of an exchange with few requests the whole feed is fetched; of a large one the files
of the cell of some 80 km around the place, and of all cells that touch it. Every request is verified here before it is
shown. Nothing is kept: neither the place nor what was fetched.`,
		run: runNear}
}

func runNear(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight near")
	config := configFlag(fs)
	at := fs.String("at", "", "the place as `LAT,LON` in degrees, such as 41.8837,-87.6289")
	within := fs.Float64("within", 0, "also show requests so many `metres` away, 50000 at most")
	asJSON := fs.Bool("json", false, "print JSON")
	rest, err := parse(e, fs, args, 0, 1)
	if err != nil {
		return err
	}
	place, err := parsePoint(*at)
	if err != nil {
		return err
	}
	x, err := exchangeFor(*config, rest)
	if err != nil {
		return err
	}
	feed, err := x.FeedFor(ctx, place)
	if err != nil {
		return err
	}
	near, refused, err := feed.Near(place, *within)
	if err != nil {
		return err
	}
	if *asJSON {
		err = printJSON(e.stdout, nearJSON(x, near, refused))
	} else {
		showNear(e, x, near, feed.Len())
	}
	return errors.Join(err, refusals(e, refused))
}

// parsePoint reads LATITUDE,LONGITUDE as maps show it.
func parsePoint(s string) (footage.Point, error) {
	lat, lon, ok := strings.Cut(s, ",")
	y, err1 := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	x, err2 := strconv.ParseFloat(strings.TrimSpace(lon), 64)
	if !ok || err1 != nil || err2 != nil || !(y >= -90 && y <= 90 && x >= -180 && x <= 180) {
		return footage.Point{}, usagef("--at takes latitude and longitude in degrees, such as --at 41.8837,-87.6289")
	}
	return footage.Point{Lon: x, Lat: y}, nil
}

// exchangeFor returns the exchange that is named, or the only one that is pinned.
func exchangeFor(config string, named []string) (*resident.Exchange, error) {
	pins, err := pinsIn(config)
	if err != nil {
		return nil, err
	}
	if len(named) > 0 && named[0] != "" {
		base, err := baseOf(named[0])
		if err != nil {
			return nil, err
		}
		return pinnedExchange(pins, base), nil
	}
	all := pins.All()
	for base := range all {
		if len(all) == 1 {
			return pinnedExchange(pins, base), nil
		}
	}
	return nil, usagef("say which exchange is meant by its address, such as https://exchange.example")
}

// pinnedExchange returns an exchange with what is pinned for it, and remembers its record if anything is.
func pinnedExchange(pins *trust.Pins, base string) *resident.Exchange {
	pin := pins.Of(base)
	x := resident.New(base, pin.Verifier)
	x.Witnesses, x.Quorum, x.Memory = pin.Witnesses, pin.Quorum, pins.Memory(base)
	x.Unwitnessed = pin.Unwitnessed
	return x
}

// nearRequest is one match as JSON.
type nearRequest struct {
	Agency  string            `json:"agency"`
	ID      footage.RequestID `json:"id"`
	Title   string            `json:"title"`
	Code    string            `json:"code"`
	Window  footage.Window    `json:"window"`
	Inside  bool              `json:"inside"`
	Metres  int               `json:"metres"`
	URL     string            `json:"url"`
	Pinned  bool              `json:"exchange_pinned"`
	Fiction bool              `json:"fictional"`
}

type nearAnswer struct {
	Requests []nearRequest `json:"requests"`
	Refused  []string      `json:"refused"` // requests that do not verify
}

func nearJSON(x *resident.Exchange, near []resident.Match, refused []resident.Refusal) nearAnswer {
	out := nearAnswer{Requests: []nearRequest{}, Refused: []string{}}
	for _, m := range near {
		d := m.Request.Document
		out.Requests = append(out.Requests, nearRequest{Agency: m.Request.Agency.Name, ID: m.Request.ID, Title: d.Title, Code: d.Code, Window: d.Window,
			Inside: m.Inside(), Metres: int(m.Metres), URL: x.Client.Base + "/requests/" + string(m.Request.ID), Pinned: !m.Request.FirstUse, Fiction: m.Request.Fictional})
	}
	for _, r := range refused {
		out.Refused = append(out.Refused, string(r.ID)+": "+r.Err.Error())
	}
	return out
}

func showNear(e env, x *resident.Exchange, near []resident.Match, looked int) {
	for i, m := range near {
		if i == 0 {
			showFirstUse(e.stderr, m.Request, x.Client.Base)
		}
		where := "Where    the place lies inside the area"
		if !m.Inside() {
			where = "Where    the area is " + metresText(m.Metres) + " away from the place"
		}
		showRequest(e.stdout, m.Request, x.Client.Base, where)
	}
	if len(near) == 0 {
		fmt.Fprintf(e.stdout, "No open request is near (%d were compared, on this device).\n", looked)
	}
}

// refusals makes an error of the requests that did not verify: what was shown holds all the same.
func refusals(e env, refused []resident.Refusal) error {
	if len(refused) == 0 {
		return nil
	}
	for _, r := range refused {
		fmt.Fprintf(e.stderr, "porchlight: warning: request %s does not hold: %v\n", r.ID.Short(), r.Err)
	}
	return footage.Coded(footage.Untrusted, "bad_feed", fmt.Sprintf("The exchange's feed holds %d requests near here that do not verify. Do not rely on them; tell its oversight body.", len(refused)))
}
