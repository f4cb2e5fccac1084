package town

import "porchlight.example/internal/footage"

// The register IDs of the two agencies.
const (
	Police footage.AgencyID = "maplewood-pd"
	Fire   footage.AgencyID = "maplewood-fire"
)

// Agencies returns the two agencies as the register would hold them.
func Agencies() []footage.Agency {
	return []footage.Agency{
		{
			ID: Police, Name: "Maplewood Landing Police Department", Type: footage.MunicipalPolice,
			Body: "town-of-maplewood-landing", LocalID: "ZZ-POLICE-01", State: "ZZ", County: "Lantern",
			Jurisdiction: []footage.Area{limits()},
			Contact:      footage.Contact{Name: "Investigations desk", Email: "investigations@police.maplewood.example", Phone: "+1 555 0100"},
			Policies:     "General order 12: footage that turns out not to matter is deleted within 14 days. Any officer who asks for footage names the case to a supervisor first.",
			Subsidies:    "None. The department gives no cameras and no discounts.",
			TaskForces:   "None.",
		},
		{
			ID: Fire, Name: "Maplewood Landing Fire and Rescue", Type: footage.FireService,
			Body: "maplewood-fire-district", FDID: "ZZ107", State: "ZZ", County: "Lantern",
			Jurisdiction: []footage.Area{district()},
			Contact:      footage.Contact{Name: "Fire marshal's office", Email: "marshal@fire.maplewood.example", Phone: "+1 555 0107"},
			Policies:     "Footage is used to find where and how a fire began, and is shared with the police only when a fire was set on purpose.",
			Subsidies:    "Smoke alarms are free for every home. No cameras.",
			TaskForces:   "County arson investigation team (local agencies only).",
		},
	}
}

// limits is the town's limit.
func limits() footage.Area {
	return shape([2]float64{-2700, -1500}, [2]float64{-1900, -2000}, [2]float64{1900, -2000}, [2]float64{2700, -1500},
		[2]float64{2700, 1450}, [2]float64{2050, 2050}, [2]float64{-2050, 2050}, [2]float64{-2700, 1500})
}

// district is the fire district, which reaches beyond the town.
func district() footage.Area {
	return shape([2]float64{-4400, -2300}, [2]float64{4400, -2300}, [2]float64{4400, 3000}, [2]float64{-4400, 3000})
}
