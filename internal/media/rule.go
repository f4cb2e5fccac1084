package media

// rule says what becomes of a box inside another.
type rule int

const (
	drop  rule = iota // becomes free space
	keep              // stays as it is
	enter             // stays; its children have rules of their own
	edit              // stays, but for some of its fields
)

// moovRule is the list of what may stay (ISO/IEC 14496-12, table 1; QuickTime File Format). What it does not name is dropped:
// that is how boxes go which nobody has thought of.
func moovRule(parent, kind string) rule {
	switch parent + "/" + kind {
	case "moov/mvhd", "trak/tkhd", "mdia/mdhd", "mdia/hdlr", "minf/hdlr", "dinf/dref", "stbl/stsd",
		"moov/trak", "trak/tref", "mvex/trex":
		return edit
	case "moov/mvex", "trak/edts", "trak/mdia", "trak/tapt", "mdia/minf", "minf/dinf", "minf/stbl":
		return enter
	case "mvex/mehd", "edts/elst", "tapt/clef", "tapt/prof", "tapt/enof", "minf/vmhd", "minf/smhd":
		return keep
	case "stbl/stts", "stbl/ctts", "stbl/cslg", "stbl/stsc", "stbl/stsz", "stbl/stz2", "stbl/stco", "stbl/co64",
		"stbl/stss", "stbl/stps", "stbl/sdtp", "stbl/sbgp", "stbl/sgpd", "stbl/subs", "stbl/stdp", "stbl/padb":
		return keep
	case "traf/tfhd", "traf/tfdt", "traf/trun", "traf/sdtp", "traf/sbgp", "traf/sgpd", "traf/subs", "moof/mfhd":
		return keep
	}
	return drop
}

// entryRule is moovRule for what stands inside a sample description: what decoders need.
func entryRule(kind string) rule {
	switch kind {
	case "avcC", "hvcC", "lhvC", "vvcC", "av1C", "vpcC", "dvcC", "dvvC", "dvwC", "esds", "glbl", "d263", "jpgC", "mjqt", "mjht",
		"colr", "pasp", "clap", "fiel", "gama", "btrt", "mdcv", "clli", "SmDm", "CoLL", "amve", "st3d",
		"wave", "dac3", "dec3", "dac4", "dOps", "dfLa", "alac", "damr", "chan", "chnl", "pcmC", "srat", "frma", "enda", "mp4a":
		return keep
	}
	return drop
}
