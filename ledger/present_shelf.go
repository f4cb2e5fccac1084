package ledger

import (
	"hash"
	"slices"

	"porchlight.example/internal/footage"
)

// shelf holds one list of a state document by key, each value with its encoding as long as that is good: between two states
// little changes, and making all of it anew would be most of the work of playing a record.
type shelf[K ~string, V any] struct {
	keys []K // ascending
	at   map[K]*shelved[V]
}

type shelved[V any] struct {
	value   V
	encoded []byte // canonical JSON; nil: it changed
}

// get returns a value, the zero value if there is none.
func (s *shelf[K, V]) get(k K) (v V, ok bool) {
	one, ok := s.at[k]
	if !ok {
		return v, false
	}
	return one.value, true
}

func (s *shelf[K, V]) set(k K, v V) {
	if s.at == nil {
		s.at = map[K]*shelved[V]{}
	}
	if _, known := s.at[k]; !known {
		i, _ := slices.BinarySearch(s.keys, k)
		s.keys = slices.Insert(s.keys, i, k)
	}
	s.at[k] = &shelved[V]{value: v}
}

func (s *shelf[K, V]) delete(k K) {
	if _, known := s.at[k]; !known {
		return
	}
	delete(s.at, k)
	i, _ := slices.BinarySearch(s.keys, k)
	s.keys = slices.Delete(s.keys, i, i+1)
}

// values returns the values by ascending key, never nil.
func (s *shelf[K, V]) values() []V {
	all := make([]V, 0, len(s.keys))
	for _, k := range s.keys {
		all = append(all, s.at[k].value)
	}
	return all
}

// write writes the list as it stands in canonical JSON.
func (s *shelf[K, V]) write(to hash.Hash) (err error) {
	to.Write([]byte("["))
	for i, k := range s.keys {
		one := s.at[k]
		if one.encoded == nil {
			if one.encoded, err = footage.Canonical(one.value); err != nil {
				return err
			}
		}
		if i > 0 {
			to.Write([]byte(","))
		}
		to.Write(one.encoded)
	}
	to.Write([]byte("]"))
	return nil
}
