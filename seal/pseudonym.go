package seal

import (
	"fmt"
	"strings"
)

// The words of pseudonyms are our own and mean nothing: no people, animals of prey, weapons, crimes or traits of persons.
const (
	pseudonymFirst = "amber azure birch bright brisk bronze calm cedar clear cobalt copper coral crimson crystal dawn early " +
		"ember evening fern frosty gentle ginger golden grassy green hazel hidden indigo ivory jade lemon light " +
		"lilac linen lively lunar maple mellow misty morning mossy noble ochre olive opal orange pearl pine " +
		"plain quiet rosy russet saffron sandy scarlet silver sky snowy spring steady summer sunny velvet winter"
	pseudonymSecond = "acorn alder anchor apple arbor aspen aster basket beacon bell berry bramble bridge brook button cairn " +
		"candle canyon clover compass cottage creek daisy dune elm feather fiddle field finch garden gate grove " +
		"harbor heather hill island juniper kettle lagoon lantern larch lark leaf meadow mill orchard path pebble " +
		"pepper plum pond poplar prairie quill reed ribbon ridge river robin sparrow thimble valley willow wren"
)

// Pseudonym returns the name under which the agency knows the sender of this share, such as "Amber Finch 07". It derives
// from the secret, so that it is another one for each share, and is not unique: there are 409,600.
func (s Secret) Pseudonym() string {
	b := s.derive("pseudonym", 4)
	first, second := strings.Fields(pseudonymFirst), strings.Fields(pseudonymSecond)
	number := (int(b[2])<<8 | int(b[3])) % 100
	return fmt.Sprintf("%s %s %02d", capital(first[int(b[0])%len(first)]), capital(second[int(b[1])%len(second)]), number)
}

func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
