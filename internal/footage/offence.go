package footage

import "slices"

// Offence is one kind of incident that a request may be about. The list is closed: a request without a listed code cannot
// be made, and codes that only federal bodies report, or that concern immigration, are not in it.
type Offence struct {
	Code           string      `json:"code"`                      // NIBRS code such as "220", or a local extension such as "X-MISSING"
	En             string      `json:"en"`                        // plain name in English
	Es             string      `json:"es"`                        // plain name in Spanish
	Against        string      `json:"against,omitempty"`         // "person", "property", "society", or empty when it need not be a crime
	Seriousness    Seriousness `json:"seriousness"`               // for the floor that a policy may set
	VictimGuard    bool        `json:"victim_guard,omitempty"`    // the text and the area must not lead to the victim
	SecondReviewer bool        `json:"second_reviewer,omitempty"` // often stands in for a protest or for anything at all
	Independent    bool        `json:"independent,omitempty"`     // only a body that is not the force concerned may ask
}

// Seriousness is how grave an incident is, as codes alone can say it: what a charge would commonly be in the states, not
// what it comes to in one case. A policy may refuse what lies below a rung.
type Seriousness string

// The rungs, from the lowest.
const (
	Petty   Seriousness = "petty"   // an infraction, or harm to nobody else
	Minor   Seriousness = "minor"   // commonly a misdemeanor
	Serious Seriousness = "serious" // commonly a felony, or somebody was hurt
	Gravest Seriousness = "grave"   // violence, or a life at stake
)

// seriousness grades a code.
func seriousness(code string) Seriousness {
	switch code {
	case "35B", "39A", "40A", "90A", "90B", "90C", "90E", "90F", "90G":
		return Petty
	case "13B", "13C", "23A", "23B", "23C", "23D", "23E", "23F", "23G", "23H", "26D", "290", "370", "39B", "39C", "39D", "40C", "90D", "90H", "90J", "90Z":
		return Minor
	case "09A", "09B", "100", "11A", "11B", "11C", "11D", "120", "13A", "200", "36A", "36B", "64A", "64B",
		"X-MISSING", "X-DEMENTIA", "X-CHILD", "X-SEARCH", "X-CRASH-FATAL", "X-OFFICER":
		return Gravest
	}
	return Serious
}

// Name returns the plain name in a language, "en" or "es"; every other language gets English.
func (o Offence) Name(language string) string {
	if language == "es" {
		return o.Es
	}
	return o.En
}

// Local reports whether the code is a local extension, which NIBRS does not have.
func (o Offence) Local() bool { return len(o.Code) > 1 && o.Code[:2] == "X-" }

// Offences lists every offence in the order of a picker: NIBRS by group and code, then the local extensions. It follows
// the FBI's National Incident-Based Reporting System without the codes for federal reporting, justifiable homicide (09C,
// no crime) and runaways (90I, dropped from the national list). The caller may change the slice.
func Offences() []Offence {
	list := slices.Concat(personOffences(), propertyOffences(), fraudOffences(), societyOffences(), localOffences())
	for i := range list {
		list[i].Seriousness = seriousness(list[i].Code)
	}
	return list
}

// OffenceByCode returns the offence with exactly this code.
func OffenceByCode(code string) (Offence, bool) {
	for _, o := range Offences() {
		if o.Code == code {
			return o, true
		}
	}
	return Offence{}, false
}

func against(what string, list []Offence) []Offence {
	for i := range list {
		list[i].Against = what
	}
	return list
}

func personOffences() []Offence {
	return against("person", []Offence{
		{Code: "09A", En: "Murder", Es: "Homicidio doloso"},
		{Code: "09B", En: "Negligent manslaughter", Es: "Homicidio por negligencia"},
		{Code: "100", En: "Kidnapping or abduction", Es: "Secuestro"},
		{Code: "11A", En: "Rape", Es: "Violación", VictimGuard: true},
		{Code: "11B", En: "Sodomy by force", Es: "Sodomía forzada", VictimGuard: true},
		{Code: "11C", En: "Sexual assault with an object", Es: "Agresión sexual con un objeto", VictimGuard: true},
		{Code: "11D", En: "Fondling", Es: "Tocamientos sin consentimiento", VictimGuard: true},
		{Code: "13A", En: "Aggravated assault", Es: "Agresión con agravantes"},
		{Code: "13B", En: "Simple assault", Es: "Agresión simple", VictimGuard: true},
		{Code: "13C", En: "Threats or intimidation", Es: "Amenazas o intimidación", VictimGuard: true},
		{Code: "36A", En: "Incest", Es: "Incesto", VictimGuard: true},
		{Code: "36B", En: "Statutory rape", Es: "Abuso sexual de menores", VictimGuard: true},
		{Code: "64A", En: "Human trafficking, commercial sex", Es: "Trata de personas con fines sexuales", VictimGuard: true},
		{Code: "64B", En: "Human trafficking, forced labor", Es: "Trata de personas con fines laborales", VictimGuard: true},
		{Code: "90F", En: "Family offense without violence", Es: "Delito familiar sin violencia", VictimGuard: true},
	})
}

func propertyOffences() []Offence {
	return against("property", []Offence{
		{Code: "120", En: "Robbery", Es: "Robo con violencia"},
		{Code: "200", En: "Arson", Es: "Incendio intencional"},
		{Code: "210", En: "Extortion or blackmail", Es: "Extorsión o chantaje"},
		{Code: "220", En: "Burglary or break-in", Es: "Robo en un edificio"},
		{Code: "23A", En: "Pocket-picking", Es: "Hurto a un transeúnte"},
		{Code: "23B", En: "Purse-snatching", Es: "Arrebato de bolso"},
		{Code: "23C", En: "Shoplifting", Es: "Hurto en una tienda"},
		{Code: "23D", En: "Theft from a building", Es: "Hurto dentro de un edificio"},
		{Code: "23E", En: "Theft from a coin machine", Es: "Hurto de una máquina de monedas"},
		{Code: "23F", En: "Theft from a vehicle", Es: "Hurto de objetos en un vehículo"},
		{Code: "23G", En: "Theft of vehicle parts", Es: "Hurto de partes de un vehículo"},
		{Code: "23H", En: "Other theft, such as a parcel from a porch", Es: "Otro hurto, como un paquete en la puerta"},
		{Code: "240", En: "Vehicle theft", Es: "Robo de un vehículo"},
		{Code: "280", En: "Stolen property", Es: "Objetos robados"},
		{Code: "290", En: "Vandalism or property damage", Es: "Vandalismo o daños a la propiedad"},
	})
}

func fraudOffences() []Offence {
	return against("property", []Offence{
		{Code: "250", En: "Counterfeiting or forgery", Es: "Falsificación"},
		{Code: "26A", En: "Swindle or false pretenses", Es: "Estafa"},
		{Code: "26B", En: "Card or cash-machine fraud", Es: "Fraude con tarjeta o cajero automático"},
		{Code: "26C", En: "Impersonation", Es: "Suplantación de persona"},
		{Code: "26D", En: "Welfare fraud", Es: "Fraude a la asistencia social"},
		{Code: "26E", En: "Wire fraud", Es: "Fraude electrónico"},
		{Code: "26F", En: "Identity theft", Es: "Robo de identidad"},
		{Code: "26G", En: "Computer intrusion", Es: "Intrusión informática"},
		{Code: "270", En: "Embezzlement", Es: "Malversación"},
		{Code: "510", En: "Bribery", Es: "Soborno"},
		{Code: "90A", En: "Bad checks", Es: "Cheques sin fondos"},
	})
}

func societyOffences() []Offence {
	return against("society", []Offence{
		{Code: "35A", En: "Drug offense", Es: "Delito de drogas"},
		{Code: "35B", En: "Drug equipment", Es: "Utensilios para drogas"},
		{Code: "370", En: "Obscene material", Es: "Material obsceno"},
		{Code: "39A", En: "Illegal betting", Es: "Apuestas ilegales"},
		{Code: "39B", En: "Running illegal gambling", Es: "Organización de juegos ilegales"},
		{Code: "39C", En: "Gambling equipment", Es: "Equipo de juegos ilegales"},
		{Code: "39D", En: "Sports tampering", Es: "Manipulación de competencias deportivas"},
		{Code: "40A", En: "Prostitution", Es: "Prostitución"},
		{Code: "40B", En: "Promoting prostitution", Es: "Promoción de la prostitución"},
		{Code: "40C", En: "Purchasing prostitution", Es: "Compra de servicios sexuales"},
		{Code: "520", En: "Weapon offense, such as shots fired", Es: "Delito con armas, como disparos"},
		{Code: "720", En: "Animal cruelty", Es: "Crueldad contra animales"},
		{Code: "90B", En: "Curfew, loitering or vagrancy", Es: "Toque de queda, merodeo o vagancia"},
		{Code: "90C", En: "Disorderly conduct", Es: "Alteración del orden público"},
		{Code: "90D", En: "Driving under the influence", Es: "Conducir bajo los efectos del alcohol o las drogas"},
		{Code: "90E", En: "Drunkenness", Es: "Ebriedad"},
		{Code: "90G", En: "Liquor-law offense", Es: "Infracción a la ley de alcoholes"},
		{Code: "90H", En: "Peeping Tom", Es: "Espiar en viviendas ajenas"},
		{Code: "90J", En: "Trespass", Es: "Entrada sin autorización", SecondReviewer: true},
		{Code: "90Z", En: "Another offense", Es: "Otro delito", SecondReviewer: true},
	})
}

// localOffences are the incidents for which NIBRS has no code.
func localOffences() []Offence {
	return []Offence{
		{Code: "X-MISSING", En: "Missing or endangered person", Es: "Persona desaparecida o en peligro"},
		{Code: "X-DEMENTIA", En: "Lost person with dementia", Es: "Persona con demencia extraviada"},
		{Code: "X-CHILD", En: "Child abduction alert", Es: "Alerta por secuestro de un menor"},
		{Code: "X-SEARCH", En: "Search and rescue", Es: "Búsqueda y rescate"},
		{Code: "X-CRASH-INJURY", En: "Traffic crash with injury", Es: "Choque de tránsito con heridos"},
		{Code: "X-CRASH-FATAL", En: "Fatal traffic crash", Es: "Choque de tránsito con muertos"},
		{Code: "X-HIT-RUN", En: "Hit-and-run", Es: "Choque con fuga"},
		{Code: "X-DEATH", En: "Unattended death", Es: "Muerte sin testigos"},
		{Code: "X-FIRE", En: "Fire of unknown cause", Es: "Incendio de causa desconocida"},
		{Code: "X-OFFICER", En: "Officer-involved incident", Es: "Incidente con participación de un oficial", Independent: true},
		{Code: "X-DISASTER", En: "Damage from a natural disaster", Es: "Daños por un desastre natural"},
	}
}
