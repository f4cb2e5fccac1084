package evidence

import (
	"embed"
	"fmt"

	"porchlight.example/internal/footage"
)

// TermsType is the value of the type member of machine-readable terms.
const TermsType = "porchlight/terms/v1"

// CurrentVersion is the version of consent statement and terms that new shares use. Old versions stay embedded, so that
// what was once agreed can always be read.
const CurrentVersion = "v1"

//go:embed consent/*.txt terms/*.txt terms/*.json
var texts embed.FS

// Terms are the terms of use in a form that a program can obey. A rule that is not listed is not granted.
type Terms struct {
	Type    string `json:"type"` // TermsType
	Version string `json:"version"`
	// Purpose limits use to one request; another needs fresh consent or legal process.
	Purpose    string            `json:"purpose"` // "single_request"
	Prohibited []Prohibition     `json:"prohibited"`
	Retention  Retention         `json:"retention"`
	OnwardLog  bool              `json:"onward_log_required"`  // to whom, authority and purpose, before handing on
	Defence    bool              `json:"defence_access"`       // the same package and verifier
	NoUnmask   bool              `json:"no_unmasking"`         // who the resident is may not be sought without legal process
	LawFirst   bool              `json:"law_takes_precedence"` // a law or court order prevails, and is recorded
	Texts      map[string]string `json:"text_sha256"`          // language to hash of the text for people
}

// Prohibition is a use that is barred, as a stable word.
type Prohibition string

// The barred uses.
const (
	NoFaceRecognition Prohibition = "face_recognition" // and any other biometric identification
	NoPlateMatching   Prohibition = "plate_matching"
	NoTraining        Prohibition = "training"
	NoBulkSearch      Prohibition = "bulk_search"
	NoPromotion       Prohibition = "promotion"
	NoImmigration     Prohibition = "immigration_enforcement"
)

// Retention says how long the agency may keep a clip, in days.
type Retention struct {
	NoCharge int  `json:"days_without_charge"`
	Declined int  `json:"days_declined"`
	HoldLog  bool `json:"legal_hold_recorded"`
}

// Languages lists the languages of the texts, BCP 47.
func Languages() []string { return []string{"en", "es"} }

// ConsentText returns a version of the consent statement in a language and the reference that a manifest holds. A
// language that there is no text for falls back to English. An unknown version is footage.NotFound.
func ConsentText(version, language string) (string, TextRef, error) {
	return text("consent", version, language)
}

// TermsText returns a version of the terms for people. See [ConsentText].
func TermsText(version, language string) (string, TextRef, error) {
	return text("terms", version, language)
}

func text(folder, version, language string) (string, TextRef, error) {
	for _, lang := range []string{language, base(language), "en"} {
		b, err := texts.ReadFile(folder + "/" + version + "." + lang + ".txt")
		if err == nil {
			return string(b), TextRef{Version: version, Language: lang, SHA256: footage.Hash(b)}, nil
		}
	}
	return "", TextRef{}, footage.Coded(footage.NotFound, folder+"_version", "This program does not know version "+version+" of the "+folder+" text: use a newer program.")
}

// base returns the primary subtag of a language tag: "es" for "es-MX".
func base(language string) string {
	for i, r := range language {
		if r == '-' {
			return language[:i]
		}
	}
	return language
}

// TermsJSON returns a version of the terms in their machine-readable, canonical form and the reference that a manifest
// holds. The form names the hash of every text for people, so it binds them too.
func TermsJSON(version string) ([]byte, TextRef, error) {
	b, err := texts.ReadFile("terms/" + version + ".json")
	if err != nil {
		return nil, TextRef{}, footage.Coded(footage.NotFound, "terms_version", "This program does not know version "+version+" of the terms: use a newer program.")
	}
	return b, TextRef{Version: version, SHA256: footage.Hash(b)}, nil
}

// ParseTerms reads machine-readable terms strictly.
func ParseTerms(raw []byte) (Terms, error) {
	var t Terms
	if err := decodeCanonical(raw, &t); err != nil {
		return Terms{}, fmt.Errorf("read terms: %w", err)
	}
	if t.Type != TermsType {
		return Terms{}, footage.Coded(footage.Invalid, "terms_type", "These terms are of a type that this program does not know.")
	}
	return t, nil
}
