package media

import (
	"bytes"
	"cmp"
	"io"
	"slices"
)

// overlay is a file with changes laid over it. It is built once and only read afterwards.
type overlay struct {
	r      io.ReaderAt
	size   int64
	zeros  spans   // merged: these read as zeros
	writes []write // in order, apart from one another, laid over the zeros
	held   int     // bytes of memory behind writes, about
}

// maxHeld bounds the memory behind an overlay, whatever a file is made of.
const maxHeld = 192 << 20

type write struct {
	off  int64
	data []byte
}

// ReadAt implements [io.ReaderAt].
func (o *overlay) ReadAt(p []byte, off int64) (int, error) {
	if off >= o.size {
		return 0, io.EOF
	}
	past := int64(len(p)) > o.size-off
	p = p[:min(int64(len(p)), o.size-off)]
	n, err := o.r.ReadAt(p, off)
	o.lay(p[:n], off)
	switch {
	case n < len(p): // the original has become shorter, or cannot be read
		return n, err
	case past:
		return n, io.EOF
	}
	return n, nil
}

// lay changes the bytes p of the original, which stand at off.
func (o *overlay) lay(p []byte, off int64) {
	end := off + int64(len(p))
	i, _ := slices.BinarySearchFunc(o.zeros, off, func(s span, off int64) int { return cmp.Compare(s.end, off+1) })
	for ; i < len(o.zeros) && o.zeros[i].off < end; i++ {
		clear(p[max(o.zeros[i].off, off)-off : min(o.zeros[i].end, end)-off])
	}
	i, _ = slices.BinarySearchFunc(o.writes, off, func(w write, off int64) int { return cmp.Compare(w.off+int64(len(w.data)), off+1) })
	for ; i < len(o.writes) && o.writes[i].off < end; i++ {
		w := o.writes[i]
		from := max(w.off, off)
		copy(p[from-off:], w.data[from-w.off:])
	}
}

// diffGap is how many equal bytes end a change. Shorter gaps are cheaper to carry than to split at.
const diffGap = 32

// diff lays the changes from before to after, which stand at off, over the file.
func (o *overlay) diff(off int64, before, after []byte) error {
	for i := 0; i < len(before); {
		if before[i] == after[i] {
			i++
			continue
		}
		end := i + 1
		for j := end; j < len(before) && j < end+diffGap; j++ {
			if before[j] != after[j] {
				end = j + 1
			}
		}
		if err := o.change(off+int64(i), after[i:end]); err != nil {
			return err
		}
		i = end
	}
	return nil
}

// change writes data at off; zeros at its end cost nothing to carry.
func (o *overlay) change(off int64, data []byte) error {
	kept := bytes.TrimRight(data, "\x00")
	if len(kept) > 0 {
		if o.held += len(kept) + 64; o.held > maxHeld {
			return unsupported("clip_intricate", "This clip's index is too intricate.")
		}
		o.writes = append(o.writes, write{off, bytes.Clone(kept)})
	}
	return o.zeros.add(off+int64(len(kept)), off+int64(len(data)))
}

// finish puts the changes in order for reading.
func (o *overlay) finish() {
	o.zeros = o.zeros.merged()
	slices.SortFunc(o.writes, func(a, b write) int { return cmp.Compare(a.off, b.off) })
}
