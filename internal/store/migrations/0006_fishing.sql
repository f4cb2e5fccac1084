-- +goose Up

-- Where and when requests were published: what the rules against fishing look at, found by spot and time. It takes the
-- place of request_cell, whose ranges no index could find.
DROP TABLE request_cell;

CREATE TABLE request_spot (
    spot        INTEGER NOT NULL,           -- number of an S2 cell of level 12
    published   INTEGER NOT NULL,
    request     TEXT NOT NULL REFERENCES request (id),
    window_from INTEGER NOT NULL,
    window_to   INTEGER NOT NULL,
    west        INTEGER NOT NULL,           -- of the box around the area, ten-millionths of a degree
    south       INTEGER NOT NULL,
    east        INTEGER NOT NULL,
    north       INTEGER NOT NULL,
    PRIMARY KEY (spot, published, request)
) STRICT;
CREATE INDEX request_spot_request ON request_spot (request);

-- The published requests that belong together with one, as the record says: a JSON array of their IDs.
ALTER TABLE request ADD COLUMN linked TEXT NOT NULL DEFAULT '[]';

-- Running sums of what agencies asked for, so that no ceiling has to be added up from all requests.
CREATE TABLE agency_day (
    agency               TEXT NOT NULL REFERENCES agency (id),
    day                  INTEGER NOT NULL,  -- of publication, days since 1970 in UTC
    requests             INTEGER NOT NULL,
    square_metre_seconds INTEGER NOT NULL,  -- area times time span
    PRIMARY KEY (agency, day)
) STRICT;
INSERT INTO agency_day (agency, day, requests, square_metre_seconds)
    SELECT agency, published / 86400000000, count(*), sum(square_metres * ((window_to - window_from) / 1000000))
    FROM request WHERE published > 0 GROUP BY agency, published / 86400000000;

CREATE INDEX request_author ON request (author, published);
CREATE INDEX request_published ON request (agency, published);

-- +goose Down

DROP INDEX request_published;
DROP INDEX request_author;
DROP TABLE agency_day;
ALTER TABLE request DROP COLUMN linked;
DROP TABLE request_spot;
CREATE TABLE request_cell (
    request TEXT NOT NULL REFERENCES request (id),
    lo      INTEGER NOT NULL,
    hi      INTEGER NOT NULL,
    PRIMARY KEY (lo, hi, request)
) STRICT;
