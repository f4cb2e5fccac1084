package story

import (
	"net/url"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// Notice is a notice of an incident that is open, with an update, or one that is over.
func Notice(over bool) footage.Notice {
	found := Now().Add(-80 * time.Hour)
	says := footage.NoticeSays{Began: found.Add(-30 * time.Hour), Touched: []footage.NoticeTouched{footage.TouchedClips, footage.TouchedReceipts, footage.TouchedAgencyKey},
		Advice: []footage.NoticeAdvice{footage.AdviceDoNotSend, footage.AdviceTakeBack, footage.AdviceRotate}, Agencies: []footage.AgencyID{town.Police}}
	n := footage.Notice{ID: "n-7v8k1m5t9x2c7f0g4h6j1n8q2r", Sort: footage.NoticeData, Found: found, Steps: []footage.NoticeStep{
		{At: found.Add(7*time.Hour + 12*time.Minute), Entry: 2201, NoticeSays: says, NoticeText: footage.NoticeText{En: "A copy of our backup was taken from a storage service.", Es: "Se llevaron una copia de nuestro respaldo de un servicio de almacenamiento."}},
		{At: found.Add(30 * time.Hour), Entry: 2230, NoticeSays: says, NoticeText: footage.NoticeText{En: "The service is closed. The agency opens a new key today."}}}}
	if over {
		n.ID, n.Sort, n.Found = "n-0v8k1m5t9x2c7f0g4h6j1n8q2r", footage.NoticeUploads, found.AddDate(0, -1, 0)
		n.Steps = append(n.Steps, footage.NoticeStep{At: found.Add(60 * time.Hour), Entry: 2290, End: true, NoticeText: footage.NoticeText{En: "All is mended."}})
	}
	return n
}

// noticeStories are the pages about incidents: what the public sees, and those of the office.
func noticeStories() []Story {
	operator, moderator := Visit("Nora Lind", footage.Operator), Visit("Noor Haddad", footage.Moderator)
	open, over := Notice(false), Notice(true)
	names := map[footage.AgencyID]string{town.Police: town.Agencies()[0].Name}
	waits := api.WaitingNotice{ID: "n-1v8k1m5t9x2c7f0g4h6j1n8q2r", Proposed: "p-9v8k1m5t9x2c7f0g4h6j1n8q2r", NewNotice: api.NewNotice{Sort: footage.NoticePage, Found: "2026-11-18 03:20", Began: "2026-11-18 01:00",
		Touched: []footage.NoticeTouched{footage.TouchedPages}, Advice: []footage.NoticeAdvice{footage.AdviceDoNotSend}, NoticeText: footage.NoticeText{En: "The page of shares was another one for an hour."}}}
	list := ui.StaffNoticesPage{Visit: operator, Waiting: []api.WaitingNotice{waits}, Notices: []footage.Notice{open, over}}
	wrong := refused(url.Values{"found": {"last night"}}, footage.Reason{Code: "notice_sort"}, footage.Reason{Code: "notice_found"}, footage.Reason{Code: "notice_touched"}, footage.Reason{Code: "notice_advice"})
	return []Story{
		{"/notices", "notices of incidents", ui.NoticesPage{Notices: []footage.Notice{open, over}}},
		{"/notices-none", "notices of incidents, empty", ui.NoticesPage{}},
		{"/notices/" + string(open.ID), "notice of an incident", ui.NoticePage{Notice: open, Names: names}},
		{"/notices/over", "notice of an incident STATE over", ui.NoticePage{Notice: over, Names: names}},
		{"/staff/notices", "staff notices", ui.NewStaffNoticesPage(list, ui.Sent{})},
		{"/staff/notices-refused", "staff notices STATE refused", ui.NewStaffNoticesPage(list, wrong)},
		{"/staff/notices/second", "staff notice STATE second person", ui.NewStaffNoticePage(ui.StaffNoticePage{Visit: moderator, Waits: &waits}, ui.Sent{})},
		{"/staff/notices/open", "staff notice", ui.NewStaffNoticePage(ui.StaffNoticePage{Visit: operator, Notice: &open}, ui.Sent{})},
		{"/staff/notices/over", "staff notice STATE over", ui.NewStaffNoticePage(ui.StaffNoticePage{Visit: operator, Notice: &over}, ui.Sent{})},
	}
}
