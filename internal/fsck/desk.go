package fsck

import "porchlight.example/internal/footage"

// deskColumns checks whether clips may be opened in pages of the exchange. Of what waits for a second person the record says
// nothing.
func (c *check) deskColumns(r row, s *agencyState) {
	c.want(r.num("desk_since") == stamp(s.deskSince), Database, r.name(), "Its clips may or may not be opened in pages of the exchange, other than the record says.")
	asked, agreed := r.str("desk_asked"), r.str("desk_agreed")
	if s.deskSince.IsZero() {
		c.want(agreed == "" && (asked == "" || footage.ValidID(asked, "p")), Database, r.name(), "Who asked for pages in which clips are opened has not the form of an ID, or somebody agreed of whom the record says nothing.")
		return
	}
	c.want(asked == string(s.desk.By[0]) && agreed == string(s.desk.By[1]), Database, r.name(), "Who wants its clips opened in pages of the exchange is not what the record says.")
}
