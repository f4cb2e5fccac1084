-- +goose Up

-- What was demanded of the exchange by law. The record counts demands by half-year; nothing of one demand is public.
CREATE TABLE demand (
    id       TEXT PRIMARY KEY,
    received INTEGER NOT NULL,              -- the day on which it came in
    body     TEXT NOT NULL,
    kind     TEXT NOT NULL,
    asked    TEXT NOT NULL,                 -- what was demanded, in words
    gag      INTEGER NOT NULL DEFAULT 0,    -- until when the law forbids to tell of it; 0: it does not
    entered  TEXT NOT NULL REFERENCES person (id),
    answer   TEXT NOT NULL DEFAULT '',      -- as proposed
    given    TEXT NOT NULL DEFAULT '',      -- what was given, in words
    proposed TEXT NOT NULL DEFAULT '',      -- who wrote the answer
    agreed   TEXT NOT NULL DEFAULT '',      -- the second person; '': the answer waits for them
    counted  TEXT NOT NULL DEFAULT '',      -- half-year in whose report it is counted
    settled  TEXT NOT NULL DEFAULT ''       -- and in whose its answer is
) STRICT;

-- How many shares were erased in a half-year: the coarse total that is published needs no more.
CREATE TABLE erasure_total (
    period TEXT PRIMARY KEY,
    shares INTEGER NOT NULL
) STRICT;

-- +goose Down

DROP TABLE erasure_total;
DROP TABLE demand;
