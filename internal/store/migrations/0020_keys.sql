-- +goose Up

-- Keys that are to count: of two people one has asked for it, and then both, and then it waits. What counts or was stopped is
-- here no more; the public record tells of it.
CREATE TABLE key_change (
    id        TEXT PRIMARY KEY,
    agency    TEXT NOT NULL,                 -- '': the exchange's own staff
    kind      TEXT NOT NULL,                 -- passkey, custodian, epoch
    person    TEXT NOT NULL REFERENCES person (id), -- whose passkey or device it is; who opens the epoch
    subject   TEXT NOT NULL,                 -- the credential; the epoch's number and the device; the epoch's number
    sha256    TEXT NOT NULL,                 -- what the record calls the key
    body      TEXT NOT NULL,                 -- JSON: what is to be done; nothing secret that is not sealed
    asked     TEXT NOT NULL,                 -- the first person; '': the office at the machine
    agreed    TEXT NOT NULL DEFAULT '',      -- the second person; '': nobody yet, or the office at the machine
    counts    INTEGER,                       -- from when; NULL: a second person has not agreed
    log_index INTEGER,                       -- of the entry that announced it
    UNIQUE (agency, kind, subject)
) STRICT;

-- +goose Down

DROP TABLE key_change;
