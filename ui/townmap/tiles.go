package townmap

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"porchlight.example/internal/footage"
)

// Bounds of what is read of a PMTiles file. Every reader of the front page downloads the map whole, so that nobody learns
// where anybody looks; it must stay small.
const (
	maxTileBytes    = 1 << 20 // of all tiles of the zoom that is taken, as they are stored
	maxZoom         = 15
	maxEntries      = 1 << 20 // in all directories
	maxDirectories  = 4096
	maxUncompressed = 32 << 20
)

// tileHeader is the head of a PMTiles archive, version 3 (https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md).
type tileHeader struct {
	Magic                                         [7]byte
	Version                                       uint8
	RootOffset, RootLength                        uint64
	MetadataOffset, MetadataLength                uint64
	LeafOffset, LeafLength                        uint64
	DataOffset, DataLength                        uint64
	Addressed, Entries, Contents                  uint64
	Clustered, Compression, TileCompression, Kind uint8
}

// tileEntry is a line of a directory: tiles from ID on lie at the offset; with no run it leads to a further directory.
type tileEntry struct {
	id, run, offset, length uint64
}

// archive is an opened PMTiles file.
type archive struct {
	r      io.ReaderAt
	header tileHeader
	read   int // directories
}

// Open reads the basemap in a file: a PMTiles archive if it begins as one, else GeoJSON.
func Open(path string) (*Basemap, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read basemap: %w", err)
	}
	defer f.Close()
	begin := make([]byte, len(tilesMagic))
	if _, err := io.ReadFull(f, begin); err == nil && string(begin) == tilesMagic {
		return ParseTiles(f)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read basemap: %w", err)
	}
	return Parse(raw)
}

const tilesMagic = "PMTiles"

// ParseTiles reads a basemap from a PMTiles archive of vector tiles in the schema of Protomaps or of OpenMapTiles: the most
// detailed zoom whose tiles are small enough, all of it. What cannot be read is an error of kind [footage.Invalid].
func ParseTiles(r io.ReaderAt) (*Basemap, error) {
	b, err := readTiles(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", footage.E(footage.Invalid, "The basemap cannot be read as PMTiles of vector tiles for one region."), err)
	}
	return b, nil
}

func readTiles(r io.ReaderAt) (*Basemap, error) {
	a := &archive{r: r}
	if err := binary.Read(io.NewSectionReader(r, 0, 127), binary.LittleEndian, &a.header); err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	if h := a.header; string(h.Magic[:]) != tilesMagic || h.Version != 3 || h.Kind != 1 {
		return nil, fmt.Errorf("it is not version 3 with vector tiles")
	}
	entries, err := a.directory(a.header.RootOffset, a.header.RootLength)
	if err != nil {
		return nil, err
	}
	chosen := mostDetailed(entries)
	if len(chosen) == 0 {
		return nil, fmt.Errorf("even its coarsest tiles are more than %d bytes", maxTileBytes)
	}
	c := newCollector()
	for _, e := range chosen {
		raw, err := a.section(a.header.DataOffset+e.offset, e.length, a.header.TileCompression)
		if err != nil {
			return nil, fmt.Errorf("read tile %d: %w", e.id, err)
		}
		for i := range e.run { // equal tiles, such as open water
			if err := c.tile(raw, e.id+i); err != nil {
				return nil, fmt.Errorf("read tile %d: %w", e.id+i, err)
			}
		}
	}
	return &Basemap{Features: c.out, Attribution: a.attribution()}, nil
}

// attribution is what the archive says of whose work it is; empty where that cannot be read.
func (a *archive) attribution() string {
	var about struct {
		Attribution string `json:"attribution"`
	}
	raw, err := a.section(a.header.MetadataOffset, a.header.MetadataLength, a.header.Compression)
	if err != nil || json.Unmarshal(raw, &about) != nil {
		return ""
	}
	return plainText(about.Attribution)
}

// section reads a part of the file and decompresses it.
func (a *archive) section(offset, length uint64, compression uint8) ([]byte, error) {
	if length > maxUncompressed || offset > 1<<50 {
		return nil, fmt.Errorf("a part of %d bytes at %d", length, offset)
	}
	raw := make([]byte, length)
	if _, err := a.r.ReadAt(raw, int64(offset)); err != nil {
		return nil, err
	}
	switch compression {
	case 1:
		return raw, nil
	case 2:
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, err
		}
		out, err := io.ReadAll(io.LimitReader(z, maxUncompressed+1))
		if err == nil && len(out) > maxUncompressed {
			err = fmt.Errorf("more than %d bytes uncompressed", maxUncompressed)
		}
		return out, err
	}
	return nil, fmt.Errorf("compression %d; gzip and none can be read", compression)
}

// directory returns the entries of a directory that lead to tiles, and of those below it.
func (a *archive) directory(offset, length uint64) ([]tileEntry, error) {
	if a.read++; a.read > maxDirectories {
		return nil, fmt.Errorf("more than %d directories: cut out the region of the exchange", maxDirectories)
	}
	raw, err := a.section(offset, length, a.header.Compression)
	if err != nil {
		return nil, fmt.Errorf("read directory: %w", err)
	}
	entries, err := parseDirectory(raw)
	if err != nil {
		return nil, err
	}
	var out []tileEntry
	for _, e := range entries {
		if e.run > 0 {
			out = append(out, e)
			continue
		}
		below, err := a.directory(a.header.LeafOffset+e.offset, e.length)
		if err != nil {
			return nil, err
		}
		if out = append(out, below...); len(out) > maxEntries {
			return nil, fmt.Errorf("more than %d tiles: cut out the region of the exchange", maxEntries)
		}
	}
	return out, nil
}

// parseDirectory reads the four columns of a directory: IDs as differences, runs, lengths, offsets.
func parseDirectory(raw []byte) ([]tileEntry, error) {
	p := wire{raw}
	n, ok := p.varint()
	if !ok || n > maxEntries || n > uint64(len(raw)) {
		return nil, fmt.Errorf("a directory of %d entries in %d bytes", n, len(raw))
	}
	entries := make([]tileEntry, n)
	var id uint64
	for column := range 4 {
		for i := range entries {
			v, ok := p.varint()
			if !ok {
				return nil, fmt.Errorf("a directory ends too early")
			}
			e := &entries[i]
			switch column {
			case 0:
				id += v
				e.id = id
			case 1:
				e.run = v
			case 2:
				e.length = v
			case 3:
				if e.offset = v - 1; v == 0 && i > 0 {
					e.offset = entries[i-1].offset + entries[i-1].length
				}
			}
		}
	}
	return entries, nil
}

// mostDetailed returns the entries of the most detailed zoom that is small enough.
func mostDetailed(entries []tileEntry) []tileEntry {
	var byZoom [maxZoom + 1][]tileEntry
	var sizes [maxZoom + 1]uint64
	for _, e := range entries {
		z, _, _ := place(e.id)
		if last, _, _ := place(e.id + e.run - 1); z > maxZoom || last != z || e.run > 4096 {
			continue
		}
		byZoom[z] = append(byZoom[z], e)
		sizes[z] += max(e.length, 64) * e.run
	}
	for z := maxZoom; z >= 0; z-- {
		if len(byZoom[z]) > 0 && sizes[z] <= maxTileBytes {
			return byZoom[z]
		}
	}
	return nil
}

// place returns a tile's zoom, column and row from its ID: the zooms one after the other, each along a Hilbert curve.
func place(id uint64) (z int, x, y uint64) {
	var before uint64
	for n := uint64(1); z < 32; n, z = n*4, z+1 {
		if id < before+n {
			break
		}
		before += n
	}
	left := id - before
	for s := uint64(1); s < 1<<z; s *= 2 {
		rx := 1 & (left / 2)
		ry := 1 & (left ^ rx)
		if ry == 0 {
			if rx == 1 {
				x, y = s-1-x, s-1-y
			}
			x, y = y, x
		}
		x, y, left = x+s*rx, y+s*ry, left/4
	}
	return z, x, y
}

// collector puts the features of tiles together; lines of one name and kind become one feature.
type collector struct {
	lines  map[lineKey]int // index into features
	out    []Feature
	places map[string]bool
}

// lineKey is what tells lines apart.
type lineKey struct {
	kind  Kind
	name  string
	major bool
}

func newCollector() *collector {
	return &collector{lines: map[lineKey]int{}, places: map[string]bool{}}
}

func (c *collector) add(f Feature) {
	if len(f.Lines) == 0 {
		return
	}
	if f.Kind == Place {
		if f.Name == "" || c.places[f.Name] {
			return
		}
		c.places[f.Name] = true
	}
	if f.Filled || f.Kind == Place {
		c.out = append(c.out, f)
		return
	}
	key := lineKey{f.Kind, f.Name, f.Major}
	i, known := c.lines[key]
	if !known {
		i = len(c.out)
		c.lines[key] = i
		c.out = append(c.out, Feature{Kind: f.Kind, Name: f.Name, Major: f.Major})
	}
	c.out[i].Lines = append(c.out[i].Lines, f.Lines...)
}
