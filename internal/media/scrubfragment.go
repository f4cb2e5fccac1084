package media

import (
	"encoding/binary"
	"math"
)

// fragments edits each moof and notes which media data stays.
func (s *scrub) fragments() error {
	return s.m.eachFragment(func(f *fragment) error {
		after := f.box
		after.raw = append([]byte(nil), f.box.raw...)
		i, end := 0, f.box.off
		for c := range after.children(0) {
			if c.kind != "traf" {
				s.fragmentBox(c)
				continue
			}
			t := f.trafs[i]
			i++
			if !s.keeps(t.track) {
				s.quietDrop(c)
				continue
			}
			if err := s.traf(c, t, end); err != nil {
				return err
			}
			end = t.end
		}
		return s.over.diff(f.box.off, f.box.raw, after.raw)
	})
}

func (s *scrub) fragmentBox(c box) {
	if c.kind == "" {
		clear(c.raw)
	} else if moovRule("moof", c.kind) == drop {
		s.drop(c)
	}
}

// traf keeps the samples of a traf whose implicit base, now that others are gone, is at end.
func (s *scrub) traf(c box, t *traf, end int64) error {
	for b := range c.children(0) {
		if b.kind == "" {
			clear(b.raw)
		} else if moovRule("traf", b.kind) == drop {
			s.drop(b)
		}
	}
	for i, r := range t.runs {
		if err := s.kept.add(r.data.off, r.data.end); err != nil {
			return err
		}
		if !t.implicit || t.base == end {
			continue
		}
		if r.field < 0 {
			if i == 0 {
				return unsupported("clip_interwoven", "This clip's fragments hang together so that none can be taken out.")
			}
			continue
		}
		off := r.data.off - end
		if off < math.MinInt32 || off > math.MaxInt32 {
			return unsupported("clip_interwoven", "This clip's fragments lie too far apart.")
		}
		binary.BigEndian.PutUint32(c.raw[r.field:], uint32(int32(off)))
	}
	return nil
}
