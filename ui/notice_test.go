package ui_test

import (
	"bytes"
	"strings"
	"testing"

	"porchlight.example/internal/footage"
	"porchlight.example/ui"
	"porchlight.example/ui/storybook/story"
	"porchlight.example/ui/text"
)

// TestNoticeOnEveryPage (S5): while a notice is open every public page says so first, and a request's page does not let anybody
// begin to share while the notice says that nothing should be sent; when it is over, nothing of it is left.
func TestNoticeOnEveryPage(t *testing.T) {
	site, err := story.Site(false)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := ui.New(site)
	if err != nil {
		t.Fatal(err)
	}
	requests, _ := story.Requests("en")
	render := func(page ui.Page, notices ...footage.Notice) string {
		var out bytes.Buffer
		if err := pages.With(ui.DefaultLimits(), notices).Render(&out, text.English, page); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	open, over := story.Notice(false), story.Notice(true)
	for _, page := range []ui.Page{ui.FrontPage{Requests: requests}, ui.SharesPage{}, ui.HowPage{}, ui.RequestPage{Request: requests[0]}} {
		with := render(page, open, over)
		banner, content := strings.Index(with, `href="/en/notices/`+string(open.ID)+`"`), strings.Index(with, "<main")
		if banner < 0 || banner > content || !strings.Contains(with[:content], "Do not send anything") || strings.Contains(with[:content], string(over.ID)) {
			t.Errorf("%T does not show the open notice, or one that is over", page)
		}
		if without := render(page, over); strings.Contains(without, `class="incident"`) {
			t.Errorf("%T shows a notice that is over", page)
		}
	}
	share := func(notices ...footage.Notice) bool {
		return strings.Contains(render(ui.RequestPage{Request: requests[0]}, notices...), "data-share=")
	}
	lifted := open
	lifted.Steps = append(lifted.Steps[:1:1], lifted.Steps[1])
	lifted.Steps[1].Advice = []footage.NoticeAdvice{footage.AdviceReceipt}
	if share(open) || !share(lifted) || !share(over) {
		t.Errorf("sharing can begin: while nothing should be sent %v, when that is lifted %v, when it is over %v", share(open), share(lifted), share(over))
	}
}
