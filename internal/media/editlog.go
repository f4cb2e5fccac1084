package media

import "fmt"

// editLog counts what was changed, by code.
type editLog struct {
	bytes, boxes, tracks map[string]int64
}

func (l *editLog) count(code string, n int64) {
	if l.bytes == nil {
		l.bytes, l.boxes, l.tracks = map[string]int64{}, map[string]int64{}, map[string]int64{}
	}
	if n > 0 {
		l.bytes[code] += n
		l.boxes[code]++
	}
}

// dropped notes a box that became free space.
func (l *editLog) dropped(kind string, n int64) {
	switch kind {
	case "free", "skip", "wide":
		l.count("free", n)
	case "mfra", "sidx", "ssix":
		l.count("seek_index", n)
	case "tref":
		l.count("references", n)
	default:
		l.count("metadata", n)
	}
}

// track notes a track that is left out.
func (l *editLog) track(t *track) {
	l.count("", 0)
	l.tracks[map[Kind]string{Audio: "audio", Metadata: "timed_metadata"}[t.kind()]]++
}

// edits writes the log as sentences, in a fixed order.
func (l *editLog) edits() []Edit {
	var out []Edit
	say := func(code string, n int64, what string) {
		if n > 0 {
			out = append(out, Edit{Code: code, What: what})
		}
	}
	say("audio", l.tracks["audio"], fmt.Sprintf("Sound removed (%d tracks).", l.tracks["audio"]))
	say("timed_metadata", l.tracks["timed_metadata"], fmt.Sprintf("Timed metadata removed (%d tracks).", l.tracks["timed_metadata"]))
	say("other_tracks", l.tracks[""], fmt.Sprintf("Tracks that are neither picture nor sound removed (%d tracks).", l.tracks[""]))
	for _, e := range []struct{ code, what string }{
		{"metadata", "Descriptive data removed"},
		{"names", "Names of tracks and files blanked"},
		{"encoder", "Names of encoders blanked"},
		{"modified", "Modification times set to zero"},
		{"references", "References to removed tracks removed"},
		{"seek_index", "Seek indexes removed"},
		{"media_data", "Media data outside the kept tracks zeroed"},
		{"free", "Free space zeroed"},
		{"tail", "Data behind the end zeroed"},
	} {
		say(e.code, l.boxes[e.code], fmt.Sprintf("%s (%d places, %d bytes).", e.what, l.boxes[e.code], l.bytes[e.code]))
	}
	return out
}
