package store

import (
	"database/sql"
	"slices"
	"time"

	"porchlight.example/internal/footage"
)

// Place is where a published request is found: the spots that its area touches and the box around it, in ten-millionths of
// a degree.
type Place struct {
	Spots                    []int64
	West, South, East, North int64
}

// Around is a published request in some spot.
type Around struct {
	Request   footage.RequestID
	Published time.Time
	Window    footage.Window
	Place     Place // without its spots
}

// indexPublished notes where and when a request was published and adds it to its agency's sums.
func (tx *Tx) indexPublished(q Request, at time.Time, p Place) error {
	if err := tx.InsertSpots(q, at, p); err != nil {
		return err
	}
	_, err := tx.exec(`INSERT INTO agency_day (agency, day, requests, square_metre_seconds) VALUES ($1, $2, 1, $3)
		ON CONFLICT (agency, day) DO UPDATE SET requests = agency_day.requests + 1,
			square_metre_seconds = agency_day.square_metre_seconds + excluded.square_metre_seconds`,
		q.Agency, Day(at), q.SquareMetres*int64(q.Window.Duration()/time.Second))
	return err
}

// InsertSpots notes where and when a request was published.
func (tx *Tx) InsertSpots(q Request, at time.Time, p Place) error {
	for _, spot := range p.Spots {
		if _, err := tx.exec(`INSERT INTO request_spot (spot, published, request, window_from, window_to, west, south, east, north)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, spot, micros(at), q.ID, micros(q.Window.From), micros(q.Window.To),
			p.West, p.South, p.East, p.North); err != nil {
			return err
		}
	}
	return nil
}

// Day returns the number of a time's day in UTC since 1970.
func Day(t time.Time) int64 { return t.Unix() / 86400 }

// spotsAtOnce is how many spots one query asks about.
const spotsAtOnce = 8

// RequestsAround returns the requests that were published in some spots after a time, the newest first, at most limit of
// them for each few spots. One that touches several spots may stand several times.
func (tx *Tx) RequestsAround(spots []int64, after time.Time, limit int) (all []Around, err error) {
	for few := range slices.Chunk(spots, spotsAtOnce) {
		args := make([]any, spotsAtOnce, spotsAtOnce+2)
		for i := range args {
			args[i] = few[min(i, len(few)-1)]
		}
		some, err := queryAll(tx, scanAround, `SELECT request, published, window_from, window_to, west, south, east, north FROM request_spot
			WHERE spot IN ($1, $2, $3, $4, $5, $6, $7, $8) AND published > $9 ORDER BY published DESC, request LIMIT $10`,
			append(args, micros(after), limit)...)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func scanAround(r *sql.Rows) (a Around, err error) {
	var published, from, to int64
	err = r.Scan(&a.Request, &published, &from, &to, &a.Place.West, &a.Place.South, &a.Place.East, &a.Place.North)
	a.Published, a.Window = fromMicros(published), footage.Window{From: fromMicros(from), To: fromMicros(to)}
	return a, err
}

// PlaceOf returns the box around a published request.
func (tx *Tx) PlaceOf(id footage.RequestID) (Place, error) {
	a, err := queryOne(tx, scanAround, `SELECT request, published, window_from, window_to, west, south, east, north FROM request_spot
		WHERE request = $1 LIMIT 1`, id)
	return a.Place, err
}

// Indexed reports whether the published requests can be found by where they are.
func (tx *Tx) Indexed() (bool, error) {
	n, err := queryOne(tx, scanInt, `SELECT CASE WHEN EXISTS (SELECT 1 FROM request_spot)
		OR NOT EXISTS (SELECT 1 FROM request WHERE status IN ('published', 'resolved', 'expired', 'withdrawn', 'withheld')) THEN 1 ELSE 0 END`)
	return n == 1, err
}

// InvestigationRequests returns an agency's published requests of one investigation, by its case number or its code, at
// most limit of each.
func (tx *Tx) InvestigationRequests(agency footage.AgencyID, caseKey, code string, limit int) ([]Request, error) {
	all, err := queryAll(tx, scanRequest, requestColumns+` WHERE agency = $1 AND case_key = $2 AND published > 0 ORDER BY published LIMIT $3`, agency, caseKey, limit)
	if err != nil {
		return nil, err
	}
	other, err := queryAll(tx, scanRequest, requestColumns+` WHERE code = $1 AND agency = $2 AND case_key <> $3 AND published > 0 ORDER BY published LIMIT $4`,
		code, agency, caseKey, limit)
	return append(all, other...), err
}

// PublishedSince counts what an officer and an agency published after a time.
func (tx *Tx) PublishedSince(author footage.PersonID, agency footage.AgencyID, after time.Time) (byAuthor, byAgency int, err error) {
	a, err := queryOne(tx, scanInt, `SELECT count(*) FROM request WHERE author = $1 AND published > $2`, author, micros(after))
	if err != nil {
		return 0, 0, err
	}
	b, err := queryOne(tx, scanInt, `SELECT count(*) FROM request WHERE agency = $1 AND published > $2`, agency, micros(after))
	return int(a), int(b), err
}

// AgencySum is how many requests an agency published and how much they asked for.
type AgencySum struct {
	Requests           int
	SquareMetreSeconds int64
}

// AgencySums adds up what an agency published on the days from one on.
func (tx *Tx) AgencySums(agency footage.AgencyID, from int64) (AgencySum, error) {
	return queryOne(tx, func(r *sql.Rows) (s AgencySum, err error) {
		err = r.Scan(&s.Requests, &s.SquareMetreSeconds)
		return s, err
	}, `SELECT CAST(coalesce(sum(requests), 0) AS BIGINT), CAST(coalesce(sum(square_metre_seconds), 0) AS BIGINT) FROM agency_day
		WHERE agency = $1 AND day >= $2`, agency, from)
}
