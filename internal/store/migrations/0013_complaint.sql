-- +goose Up

-- Complaints. Who complains is not known; whoever has the code that hashes to credential can read the answer.
CREATE TABLE complaint (
    id           TEXT PRIMARY KEY,
    agency       TEXT NOT NULL REFERENCES agency (id),
    request      TEXT NOT NULL,                 -- '': about the agency as such
    reason       TEXT NOT NULL,
    words        TEXT NOT NULL,                 -- forgotten some time after the answer
    hand_on      INTEGER NOT NULL,              -- 1: the agency may be shown the words
    handed       INTEGER NOT NULL DEFAULT 0,    -- 1: a moderator has shown them to it
    credential   TEXT NOT NULL UNIQUE,          -- SHA-256 of the code
    day          TEXT NOT NULL,
    due          TEXT NOT NULL,
    log_index    INTEGER NOT NULL DEFAULT -1,   -- of complaint.received
    outcome      TEXT NOT NULL DEFAULT '',      -- '': waits
    led_to       TEXT NOT NULL DEFAULT '[]',    -- JSON array
    answer       TEXT NOT NULL DEFAULT '',      -- to everybody
    reply        TEXT NOT NULL DEFAULT '',      -- to whoever complained
    moderator    TEXT NOT NULL DEFAULT '',      -- '': the operator at the machine
    answered     INTEGER NOT NULL DEFAULT 0,
    answer_index INTEGER NOT NULL DEFAULT -1
) STRICT;
CREATE INDEX complaint_waiting ON complaint (outcome, day);
CREATE INDEX complaint_unrecorded ON complaint (log_index, day);
CREATE INDEX complaint_agency ON complaint (agency, day);
CREATE INDEX complaint_request ON complaint (request, day);
CREATE INDEX complaint_day ON complaint (day, id);

-- +goose Down

DROP TABLE complaint;
