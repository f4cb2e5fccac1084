package web

import (
	"strconv"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// digest shows a supervisor what the agency's people did in a week.
func (s *server) digest(v *visitor) (ui.Page, error) {
	back := 0
	if raw := v.URL.Query().Get("back"); raw != "" {
		var err error
		if back, err = strconv.Atoi(raw); err != nil {
			return nil, footage.E(footage.Invalid, "Name the week as a number of weeks back.")
		}
	}
	d, err := s.x.Digest(v.Context(), v.who(), back)
	if err != nil {
		return nil, err
	}
	return ui.StaffDigestPage{Visit: v.visit, From: d.From, Last: d.To.AddDate(0, 0, -1), Back: back,
		Footage: digestLines(d.Footage), Requests: digestLines(d.Requests), Keys: digestLines(d.Keys)}, nil
}

func digestLines(all []exchange.DigestLine) (out []ui.DigestLine) {
	for _, l := range all {
		out = append(out, ui.DigestLine{At: l.At, Who: l.Who, Second: l.Second, Deed: string(l.Deed), About: l.About})
	}
	return out
}
