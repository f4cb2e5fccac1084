package media

import "strings"

// entryMeaning says what an entry of udta or ilst holds. Sources: QuickTime File Format, "User data atoms"; 3GPP TS 26.244,
// clause 8; the lists that recorders of the field are seen to write. The copyright sign is 0xA9.
func entryMeaning(kind string) (code, label string) {
	switch kind {
	case "\xA9xyz", "loci", "GPS ", "GPS0", "gps ", "\xA9gpt", "\xA9gyw", "\xA9grl", "\xA9ptc", "\xA9yaw", "\xA9rol":
		return Position, "Position"
	case "GPMF", "smta", "CAMM", "gpmd":
		return Position, "Measurements of the camera, which may tell its position"
	case "SNum", "CAME", "MUID", "GUMI", "BCID", "\xA9snm":
		return Serial, "Number of this very camera"
	case "\xA9mod", "\xA9mak", "\xA9mdl", "CNMN", "CNCV", "FIRM", "LENS", "modl", "manu", "\xA9cam":
		return Device, "Camera"
	case "\xA9ART", "\xA9aut", "auth", "perf", "\xA9own", "ownr", "\xA9prd", "\xA9dir", "\xA9cpy", "cprt", "aART", "apID", "\xA9wrt":
		return Owner, "Name of a person or owner"
	case "\xA9nam", "titl", "\xA9cmt", "\xA9des", "dscp", "desc", "ldes", "\xA9inf", "\xA9key", "kywd", "\xA9alb", "albm", "name", "\xA9day", "\xA9dat":
		return Text, "Title, date or comment"
	case "\xA9swr", "\xA9too", "\xA9enc", "\xA9req", "\xA9fmt", "\xA9src", "FIEL", "vndr", "cver", "CNFV":
		return Software, "Program"
	case "thmb", "tnam", "covr", "CNTH", "thum", "\xA9thm", "prvw":
		return Thumbnail, "Small picture"
	case "\xA9fil", "file", "\xA9fnm", "path":
		return FileName, "Name of a file"
	case "XMP_", "Xtra":
		return Text, "Description of the clip and its making"
	}
	return Unknown, "Entry " + printable(kind)
}

// keyMeaning says what a QuickTime metadata key holds, such as "com.apple.quicktime.location.ISO6709".
func keyMeaning(key string) (code, label string) {
	short := key[strings.LastIndexByte(key, '.')+1:]
	key = strings.ToLower(key)
	for _, m := range []struct{ code, label, words string }{
		{Position, "Position", "location gps latitude longitude iso6709 direction"},
		{Serial, "Number of this very camera", "serial identifier uuid deviceid umid"},
		{Software, "Program", "software encoder version firmware tool"},
		{Device, "Camera", "make model lens camera device"},
		{Owner, "Name of a person or owner", "author artist owner user copyright director producer account"},
		{Thumbnail, "Small picture", "artwork thumbnail preview"},
		{FileName, "Name of a file", "filename path"},
		{Text, "Title, date or comment", "title comment description keyword date information displayname"},
	} {
		for _, word := range strings.Fields(m.words) {
			if strings.Contains(key, word) {
				return m.code, m.label
			}
		}
	}
	return Unknown, "Entry " + quote([]byte(short))
}
