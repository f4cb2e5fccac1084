package story

import (
	"net/url"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// gatheringStories are the pages of the list of planned gatherings.
func gatheringStories() []Story {
	operator, auditor := Visit("Nora Lind", footage.Operator), Visit("Inés Prado", footage.Auditor)
	day := time.Date(2027, 5, 1, 15, 0, 0, 0, time.UTC)
	list := []footage.Gathering{
		{ID: "g-1", Name: "May Day march", Place: footage.Point{Lon: -87.0045, Lat: 44.3012}, Metres: 300, From: day, To: day.Add(6 * time.Hour)},
		{ID: "g-2", Name: "Open-air service at Hillside Cemetery", Place: footage.Point{Lon: -87.02, Lat: 44.295}, Metres: 1200, From: day.AddDate(0, 0, 29), To: day.AddDate(0, 0, 29).Add(3 * time.Hour)},
	}
	bad := refused(url.Values{"name": {""}, "metres": {"many"}, "from": {"2027-05-01T10:00"}}, footage.Reason{Code: "gathering_name"}, footage.Reason{Code: "gathering_place", Msg: "The place must be a latitude and a longitude in degrees."},
		footage.Reason{Code: "gathering_to"})
	return []Story{
		{"/staff/gatherings", "staff gatherings", ui.NewStaffGatheringsPage(operator, list, ui.Sent{})},
		{"/staff/gatherings?edit=g-1", "staff gatherings STATE editing", ui.NewStaffGatheringsPage(operator, list, ui.Sent{Values: ui.GatheringValues(list[0])})},
		{"/staff/gatherings-refused", "staff gatherings STATE refused", ui.NewStaffGatheringsPage(operator, nil, bad)},
		{"/staff/gatherings-auditor", "staff gatherings STATE for an auditor", ui.NewStaffGatheringsPage(auditor, list, ui.Sent{})},
	}
}
