package exchange_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
)

// rawly opens a database past the store, on one connection that waits for no disk.
func rawly(b testing.TB, url string) *sql.Conn {
	b.Helper()
	driver, first := "sqlite", []string{`PRAGMA synchronous = OFF`, `PRAGMA cache_size = -500000`, `PRAGMA foreign_keys = OFF`}
	if strings.HasPrefix(url, "postgres:") {
		driver, first = "pgx", []string{`SET synchronous_commit = off`, `SET session_replication_role = replica`, `SET maintenance_work_mem = '256MB'`}
	}
	db, err := sql.Open(driver, url)
	must(b, err)
	conn, err := db.Conn(context.Background())
	must(b, err)
	b.Cleanup(func() { conn.Close(); db.Close() })
	for _, s := range first {
		_, err := conn.ExecContext(context.Background(), s)
		must(b, err)
	}
	return conn
}

// seededAgencies is how many agencies the past of [seedPast] has, and placesEach in how many places each has asked.
const (
	seededAgencies = 5000
	placesEach     = 16
)

// seedPast stores n published and closed requests of 5,000 agencies, evenly through time at the pace of 10,000 in the 45 days
// that the rules look back, and for the town's two agencies one every twelve hours of these days besides, with everything
// by which they are found. SQL makes the rows, from a table of the places that each agency has asked
// about, so that a million take a minute. Every request has its own IDs, code and case; only those in the town have a true
// document, since nobody reads the others'.
func seedPast(b *testing.B, w *world, url string, n int) {
	b.Helper()
	conn := rawly(b, url)
	run := func(query string) {
		b.Helper()
		if _, err := conn.ExecContext(context.Background(), query); err != nil {
			b.Fatalf("%v: %s", err, query[:min(len(query), 400)])
		}
	}
	run(`CREATE TABLE seed_agency (k INTEGER PRIMARY KEY, id TEXT)`)
	run(`CREATE TABLE seed_place (k INTEGER, place INTEGER, first INTEGER, spot BIGINT, west BIGINT, south BIGINT, east BIGINT, north BIGINT, metres BIGINT, document ` + blobType(url) + `)`)
	seedPlaces(b, w, run, url)
	indexes := []string{"request_status ON request (status, published)", "request_agency ON request (agency, created)", "request_case ON request (agency, case_key)",
		"request_code ON request (code)", "request_author ON request (author, published)", "request_published ON request (agency, published)",
		"request_spot_request ON request_spot (request)"}
	for _, index := range indexes {
		run(`DROP INDEX ` + strings.Fields(index)[0])
	}
	const scattered = `substr(CAST(10000000000 + (i * 7919999993) % 10000000000 AS TEXT), 2)`
	id := scattered + ` || '` + strings.Repeat("0", 54) + `'`
	newest := w.now().Add(-time.Minute).UnixMicro()
	pace := (45 * 24 * time.Hour).Microseconds() / 10_000
	at := fmt.Sprintf(`(%d - CAST(%d - i AS BIGINT) * %d)`, newest, n, pace)
	seedRequestRows(run, n, id, scattered, at, fmt.Sprintf(`k = i %% %d`, seededAgencies), fmt.Sprintf(`(i / %d) %% %d`, seededAgencies, placesEach))
	at = fmt.Sprintf(`(%d - i * %d)`, newest, (12 * time.Hour).Microseconds())
	seedRequestRows(run, 90, `'town' || CAST(i AS TEXT)`, `'town' || CAST(i AS TEXT)`, at, `k = i % 2`, fmt.Sprintf(`(i / 2) %% %d`, placesEach))
	run(`DELETE FROM agency_day`)
	run(`INSERT INTO agency_day (agency, day, requests, square_metre_seconds)
		SELECT agency, published / 86400000000, count(*), sum(square_metres * ((window_to - window_from) / 1000000)) FROM request WHERE published > 0 GROUP BY agency, published / 86400000000`)
	for _, index := range indexes {
		run(`CREATE INDEX ` + index)
	}
	run(`DROP TABLE seed_place`)
	run(`DROP TABLE seed_agency`)
	run(`ANALYZE`)
}

// seedRequestRows stores requests and the spots in which they are found; id, code, time, agency and place are SQL over a number i.
func seedRequestRows(run func(string), n int, id, code, at, agency, place string) {
	numbers := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d)`, n)
	hour := time.Hour.Microseconds()
	run(fmt.Sprintf(`INSERT INTO request (id, agency, status, document, private, case_key, code, author, created, published, closes, window_from, window_to,
			square_metres, log_index, head) %s
		SELECT %s, a.id, 'expired', p.document, '{}', %s || 'case', 'M1PD' || %s, 'p-' || a.id, %s, %s, %s, %s - %d, %s - %d, p.metres, i, ''
		FROM n JOIN seed_agency a ON a.%s JOIN seed_place p ON p.k = a.k AND p.place = %s AND p.first = 1`,
		numbers, id, code, code, at, at, at, at, 30*hour, at, 27*hour, agency, place))
	run(fmt.Sprintf(`INSERT INTO request_spot (spot, published, request, window_from, window_to, west, south, east, north) %s
		SELECT p.spot, %s, %s, %s - %d, %s - %d, p.west, p.south, p.east, p.north FROM n JOIN seed_place p ON p.%s AND p.place = %s`,
		numbers, at, id, at, 30*hour, at, 27*hour, agency, place))
}

func blobType(url string) string {
	if strings.HasPrefix(url, "postgres:") {
		return "BYTEA"
	}
	return "BLOB"
}

// seedPlaces fills the tables of agencies and of the places that each has asked about. The first agency is the town's
// police, the second its sister; the others have towns of their own.
func seedPlaces(b *testing.B, w *world, run func(string), url string) {
	b.Helper()
	quote := func(raw []byte) string {
		if strings.HasPrefix(url, "postgres:") {
			return fmt.Sprintf(`'\x%x'::bytea`, raw)
		}
		return fmt.Sprintf(`x'%x'`, raw)
	}
	var agencies, places []string
	for k := range seededAgencies {
		name := string(w.police.ID)
		if k > 0 {
			name = fmt.Sprintf("agency-%04d", k)
		}
		agencies = append(agencies, fmt.Sprintf(`(%d, '%s')`, k, name))
		for place := range placesEach {
			east, north := float64(place%4)*1200-1800, float64(place/4)*900-1350
			center := town.At(east, north)
			if k > 1 {
				center.Lon, center.Lat = center.Lon+float64(k%70)*0.4-20, center.Lat+float64(k/70)*0.2-10
			}
			area := geo.Square(center, 0.15*geo.SquareMile)
			region, err := geo.Compile(area)
			must(b, err)
			document := []byte(`{}`)
			if k < 2 {
				document = canonical(b, struct {
					Area footage.Area `json:"area"`
				}{area})
			}
			box := region.Bounds()
			for i, spot := range region.Spots() {
				places = append(places, fmt.Sprintf(`(%d, %d, %d, %d, %d, %d, %d, %d, %d, %s)`, k, place, max(0, 1-i), spot, int64(box.West*1e7), int64(box.South*1e7),
					int64(box.East*1e7), int64(box.North*1e7), int64(region.SquareMetres()), quote(document)))
			}
		}
		if len(agencies) == 100 {
			run(`INSERT INTO seed_agency (k, id) VALUES ` + strings.Join(agencies, ", "))
			run(`INSERT INTO seed_place (k, place, first, spot, west, south, east, north, metres, document) VALUES ` + strings.Join(places, ", "))
			agencies, places = nil, nil
		}
	}
	run(`CREATE INDEX seed_place_k ON seed_place (k, place)`)
}

// seedRequests stores past requests of 500 agencies, one in a hundred of them open. The SQL makes them itself, so that a
// hundred thousand take seconds; the multiplier scatters IDs and codes over their indexes as hashes do.
func seedRequests(b *testing.B, url string, n int) {
	b.Helper()
	db := rawly(b, url)
	numbers := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)`, n)
	const scattered = `substr(CAST(10000000000 + (i * 7919999993) % 10000000000 AS TEXT), 2)`
	id := scattered + ` || '` + strings.Repeat("0", 54) + `'`
	agency := `'agency-' || substr(CAST(1000 + i % 500 AS TEXT), 2)`
	for _, statement := range []string{
		`INSERT INTO agency (id, body, since) ` + numbers + ` SELECT ` + agency + `, (SELECT min(body) FROM agency), 1 FROM n WHERE i <= 500`,
		`INSERT INTO request (id, agency, status, document, private, officer, supervisor, case_key, code, author, created, published, closes, window_from,
				window_to, square_metres, log_index, head) ` + numbers + `
			SELECT ` + id + `, ` + agency + `, CASE WHEN i % 100 = 0 THEN 'published' ELSE 'expired' END, (SELECT document FROM request LIMIT 1), '{}', (SELECT max(officer) FROM request), (SELECT max(supervisor) FROM request),
				` + scattered + ` || 'case', 'M1PD' || ` + scattered + `, (SELECT min(author) FROM request), i, i + 1, i, i, i, 1000, i, ` + id + ` FROM n`,
		`ANALYZE`,
	} {
		_, err := db.ExecContext(context.Background(), statement)
		must(b, err)
	}
}
