package media_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"porchlight.example/internal/testenv"
)

// The judges know nothing of this package: exiftool, ffprobe and ffmpeg.

// need ends the test where a program is missing.
func need(t testing.TB, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			testenv.Skip(t, "this test needs "+name)
		}
	}
}

// run runs a program and returns what it printed.
func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	var out, fault bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, &fault
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, &fault)
	}
	return out.String()
}

// mayStay is the allow-list: whatever else exiftool finds in a cleaned copy is a fault. A tag with a value must have it.
var mayStay = tagList(`
	SourceFile ExifTool:ExifToolVersion System:FileName System:Directory System:FileSize System:FileModifyDate
	System:FileAccessDate System:FileInodeChangeDate System:FilePermissions
	File:FileType File:FileTypeExtension File:MIMEType
	File:ExifByteOrder File:ImageWidth File:ImageHeight File:EncodingProcess File:BitsPerSample File:ColorComponents File:YCbCrSubSampling
	Composite:ImageSize Composite:Megapixels Composite:AvgBitrate Composite:Rotation
	JFIF:JFIFVersion JFIF:ResolutionUnit JFIF:XResolution JFIF:YResolution JFIF:ThumbnailWidth=0 JFIF:ThumbnailHeight=0 IFD0:Orientation
	Adobe:DCTEncodeVersion Adobe:APP14Flags0 Adobe:APP14Flags1 Adobe:ColorTransform
	QuickTime:MajorBrand QuickTime:MinorVersion QuickTime:CompatibleBrands QuickTime:Free QuickTime:Wide QuickTime:MediaDataSize
	QuickTime:MediaDataOffset QuickTime:MediaData QuickTime:MovieHeaderVersion QuickTime:CreateDate QuickTime:ModifyDate=0
	QuickTime:TimeScale QuickTime:Duration QuickTime:PreferredRate QuickTime:PreferredVolume QuickTime:MatrixStructure
	QuickTime:PreviewTime QuickTime:PreviewDuration QuickTime:PosterTime QuickTime:SelectionTime QuickTime:SelectionDuration
	QuickTime:CurrentTime QuickTime:NextTrackID QuickTime:MovieFragmentSequence QuickTime:Unknown_tfdt QuickTime:Unknown_tfhd QuickTime:Unknown_trun
	QuickTime:Unknown_sidx
	QuickTime:Unknown_free=0 QuickTime:Unknown_mvex Track:Unknown_free=0
	Track:TrackHeaderVersion Track:TrackCreateDate Track:TrackModifyDate=0 Track:TrackID Track:TrackDuration Track:TrackLayer
	Track:TrackVolume Track:MatrixStructure Track:ImageWidth Track:ImageHeight Track:Unknown_edts Track:Free
	Track:MediaHeaderVersion Track:MediaCreateDate Track:MediaModifyDate=0 Track:MediaTimeScale Track:MediaDuration
	Track:MediaLanguageCode Track:HandlerClass Track:HandlerType Track:GraphicsMode Track:OpColor Track:CompressorID
	Track:SourceImageWidth Track:SourceImageHeight Track:XResolution Track:YResolution Track:BitDepth Track:AVCConfiguration
	Track:HEVCConfiguration Track:PixelAspectRatio Track:BufferSize Track:MaxBitrate Track:AverageBitrate Track:VideoFrameRate Track:SyncSampleTable
	Track:SampleToChunk Track:SampleSizes Track:ChunkOffset Track:ChunkOffset64 Track:SampleGroupDescription Track:SampleToGroup
	Track:TimeToSampleTable Track:CompositionTimeToSample Track:IdependentAndDisposableSamples Track:PartialSyncSamples
	Track:Balance Track:AudioFormat Track:AudioChannels Track:AudioBitsPerSample Track:AudioSampleRate
	Track:ColorRepresentation Track:ColorProfiles Track:ColorPrimaries Track:TransferCharacteristics Track:MatrixCoefficients Track:VideoFullRangeFlag
	Track:CleanApertureDimensions Track:ProductionApertureDimensions Track:EncodedPixelsDimensions
	Track:Unknown_esds Track:Unknown_btrt Track:Unknown_hvcC Track:Unknown_av1C Track:Unknown_fiel Track:Unknown_wave Track:Unknown_chan Track:Unknown_co64
	Track:PurchaseFileFormat Track:Unknown_mp4a Track:VideoFieldOrder Track:LayoutFlags Track:AudioChannelTypes Track:NumChannelDescriptions
	Track:Endianness Track:Unknown_dac3`)

// tagList reads a list of names, some with the value that they must have; Track stands for every track.
func tagList(text string) map[string]string {
	list := map[string]string{}
	for _, word := range strings.Fields(text) {
		name, value, _ := strings.Cut(word, "=")
		list[name] = value
	}
	return list
}

// exiftool returns, by path, what exiftool finds in each file and what of it must not be there.
func exiftool(t testing.TB, paths ...string) map[string][]string {
	t.Helper()
	args := []string{"-json", "-G1", "-a", "-s", "-ee", "-u", "-api", "largefilesupport=1"}
	var found []map[string]any
	if err := json.Unmarshal([]byte(run(t, "exiftool", append(args, paths...)...)), &found); err != nil {
		t.Fatal(err)
	}
	if len(found) != len(paths) {
		t.Fatalf("exiftool looked at %d files of %d", len(found), len(paths))
	}
	faults := map[string][]string{}
	for _, tags := range found {
		path := tags["SourceFile"].(string)
		faults[path] = []string{}
		for name, value := range tags {
			if fault := tagFault(name, value); fault != "" {
				faults[path] = append(faults[path], "exiftool: "+fault)
			}
		}
		slices.Sort(faults[path])
	}
	return faults
}

func tagFault(name string, value any) string {
	group, tag, _ := strings.Cut(name, ":")
	if strings.TrimRight(group, "0123456789") == "Track" {
		name = "Track:" + tag
	}
	want, ok := mayStay[name]
	text := fmt.Sprint(value)
	if zero := strings.Trim(text, "0: ") == ""; !ok || want == "0" && !zero {
		return name + " = " + text
	}
	return ""
}

// probe is what ffprobe says of a file.
type probe struct {
	Streams []struct {
		Kind    string            `json:"codec_type"`
		Codec   string            `json:"codec_name"`
		Tags    map[string]string `json:"tags"`
		Marks   map[string]int    `json:"disposition"`
		Effects []struct {
			Rotation int `json:"rotation"`
		} `json:"side_data_list"`
	} `json:"streams"`
	Packets []struct {
		Kind string `json:"codec_type"`
		At   int    `json:"pos,string"`
		Size int    `json:"size,string"`
	} `json:"packets"`
	Chapters []any `json:"chapters"`
	Format   struct {
		Tags map[string]string `json:"tags"`
	} `json:"format"`
}

func ffprobe(t testing.TB, path string) probe {
	t.Helper()
	var p probe
	out := run(t, "ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_chapters", "-show_format", "-show_packets", path)
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// kinds returns which of pictures and sound the file has, in order. A cover is no film.
func (p probe) kinds() string {
	var out []string
	for _, s := range p.Streams {
		if (s.Kind == "video" || s.Kind == "audio") && s.Marks["attached_pic"] == 0 {
			out = append(out, s.Kind)
		}
	}
	return strings.Join(out, " ")
}

// soundLeft returns how many bytes of the sound are not zero where the original's packets stand, and how many there were.
func (p probe) soundLeft(copied []byte) (left, all int) {
	for _, k := range p.Packets {
		if k.Kind == "audio" {
			all += k.Size
			left += k.Size - bytes.Count(copied[k.At:k.At+k.Size], []byte{0})
		}
	}
	return left, all
}

// rotation returns how the first picture stream is turned.
func (p probe) rotation() int {
	for _, s := range p.Streams {
		for _, e := range s.Effects {
			if e.Rotation != 0 {
				return e.Rotation
			}
		}
	}
	return 0
}

// faults returns what ffprobe finds that must not be in a cleaned copy.
func (p probe) faults() []string {
	var out []string
	say := func(tags map[string]string, allowed ...string) {
		for name, value := range tags {
			if !slices.Contains(allowed, name) && value != "" && value != "[0][0][0][0]" {
				out = append(out, fmt.Sprintf("ffprobe: %s = %q", name, value))
			}
		}
	}
	say(p.Format.Tags, "major_brand", "minor_version", "compatible_brands", "creation_time")
	for _, s := range p.Streams {
		say(s.Tags, "language", "creation_time")
		if s.Kind != "video" && s.Kind != "audio" || s.Marks["attached_pic"] != 0 {
			out = append(out, "ffprobe: a stream of kind "+s.Kind+", "+s.Codec)
		}
	}
	if len(p.Chapters) > 0 {
		out = append(out, fmt.Sprintf("ffprobe: %d chapters", len(p.Chapters)))
	}
	slices.Sort(out)
	return out
}

// shown is what a player makes of a file: hashes with their times.
type shown struct {
	Pictures, Sound []string // decoded, of the first four seconds
	Packets         []string // of all pictures, still coded
}

// play decodes a file.
func play(t testing.TB, path string) shown {
	t.Helper()
	packets := filepath.Join(t.TempDir(), "packets")
	out := run(t, "ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", path,
		"-map", "0:V:0", "-map", "0:a?", "-fps_mode", "passthrough", "-t", "4", "-f", "framemd5", "-",
		"-map", "0:V:0", "-c", "copy", "-f", "framemd5", packets)
	var s shown
	for line := range strings.Lines(out) {
		switch {
		case strings.HasPrefix(line, "0,"), strings.HasPrefix(line, "#tb 0"), strings.HasPrefix(line, "#dimensions 0"), strings.HasPrefix(line, "#sar 0"):
			s.Pictures = append(s.Pictures, line)
		case !strings.HasPrefix(line, "#"):
			s.Sound = append(s.Sound, line)
		}
	}
	whole, err := os.ReadFile(packets)
	if err != nil {
		t.Fatal(err)
	}
	s.Packets = slices.Collect(strings.Lines(string(whole)))
	if len(s.Pictures) < 4 || len(s.Packets) < 10 {
		t.Fatalf("%s has no pictures:\n%s", path, out)
	}
	return s
}

// secretsIn returns which of the secrets stand in the file, in whatever place and as 8-bit or 16-bit text.
func secretsIn(t testing.TB, path string, secrets []string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range secrets {
		wide := []byte{}
		for _, c := range []byte(s) {
			wide = append(wide, c, 0)
		}
		if bytes.Contains(data, []byte(s)) || bytes.Contains(data, wide[:len(wide)-1]) {
			out = append(out, "the bytes "+s)
		}
	}
	return out
}
