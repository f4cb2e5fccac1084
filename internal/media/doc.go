// Package media knows what a clip says about itself, and makes a copy that says less.
//
// [Inspect] recognises MP4, QuickTime and JPEG by content, never by name, and lists what could give its owner away: position,
// serial numbers, names, software, sound. [Clean] gives the cleaned copy: for MP4 and QuickTime a view of the original with an
// overlay of edits, of the same length, without a temporary file; for JPEG a copy in memory. The same clip and the same
// options always give the same bytes, so that an upload which broke off can be taken up again. The original is only ever read.
//
// The copy is made by what may stay, not by what must go. A box that is not known to be needed for playing becomes free space
// (ISO/IEC 14496-12, 8.1.2) filled with zeros, and of the media data only those bytes stay that a kept track refers to.
// Nothing moves, so no offset has to be mended; pictures are never decoded and stay identical bit by bit.
//
// What stays, and is said to stay: the capture time (timing is evidence), what the pictures show, and messages that the
// encoder put between the pictures (H.264 and H.265 SEI). The files are hostile until shown otherwise: every length is
// checked against what is there, and memory is bounded whatever a file claims.
package media
