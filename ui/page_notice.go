package ui

import (
	"slices"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// NoticesPage lists what the exchange told of incidents of its own.
type NoticesPage struct {
	Notices []footage.Notice // the newest first
}

func (NoticesPage) folder() string                 { return "notices" }
func (NoticesPage) title(c *text.Catalogue) string { return c.T("notice.title") }
func (NoticesPage) address() string                { return "/notices" }

// NoticePage shows one notice. It is made from the closed lists that the notice holds.
type NoticePage struct {
	Notice footage.Notice
	Names  map[footage.AgencyID]string // of the agencies that it names
}

func (NoticePage) folder() string { return "notice" }
func (p NoticePage) title(c *text.Catalogue) string {
	return c.T(text.Key("notice.sort." + string(p.Notice.Sort)))
}
func (p NoticePage) address() string { return "/notices/" + string(p.Notice.ID) }

// Newest returns the steps, the newest first.
func (p NoticePage) Newest() []footage.NoticeStep {
	out := slices.Clone(p.Notice.Steps)
	slices.Reverse(out)
	return out
}

// Name is what an agency is called.
func (p NoticePage) Name(id footage.AgencyID) string {
	if name := p.Names[id]; name != "" {
		return name
	}
	return string(id)
}

// OpenNotices are the notices that pages show as long as they last.
func (s Site) OpenNotices() []footage.Notice {
	return slices.DeleteFunc(slices.Clone(s.Notices), func(n footage.Notice) bool { return !n.Open() })
}

// MaySend reports whether no open notice says that nothing should be sent.
func (s Site) MaySend() bool {
	return !slices.ContainsFunc(s.Notices, func(n footage.Notice) bool { return n.Advises(footage.AdviceDoNotSend) })
}
