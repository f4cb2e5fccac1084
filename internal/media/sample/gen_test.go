package sample

import (
	"os"
	"testing"
	"time"
)

func TestGen(t *testing.T) {
	p := Plant{Position: "+41.8781-087.6298/", Serial: "SN-CANARY", Owner: "OWN-CANARY", Title: "TITLE-CANARY", Handler: "HDLR-CANARY", Encoder: "ENC-CANARY", Sound: "SOUND-CANARY", Track: "TRACK-CANARY", Message: "SEI-CANARY", Free: "FREE-CANARY", Tail: "TAIL", Gap: "GAP-CANARY"}
	for n, f := range map[string]Film{"plain.mp4": {Seed: 1, Duration: 6 * time.Second}, "a.mp4": {Seed: 2, Duration: 6 * time.Second, Plant: p}, "a.mov": {Seed: 3, Duration: 6 * time.Second, Container: MOV, Plant: p}, "f.mp4": {Seed: 4, Duration: 6 * time.Second, Container: Fragmented, Plant: p}} {
		os.WriteFile("/tmp/med/"+n, f.Bytes(), 0o644)
	}
}
