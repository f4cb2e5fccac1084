package api

import (
	"time"

	"porchlight.example/internal/footage"
)

// AdoptPolicy is a policy file with the operator's signed word that it is in force from a time on.
type AdoptPolicy struct {
	File      string            `json:"file"` // the file itself
	Adoption  footage.Adoption  `json:"adoption"`
	Assertion footage.Assertion `json:"assertion"`
}

// AdoptedPolicy is a policy that was adopted once.
type AdoptedPolicy struct {
	Name    string     `json:"name"`
	SHA256  string     `json:"sha256"`
	Adopted time.Time  `json:"adopted"`
	InForce time.Time  `json:"in_force"`
	Ended   *time.Time `json:"ended,omitempty"` // it is not in force from then on; before in_force: it never was
}
