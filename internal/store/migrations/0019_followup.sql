-- +goose Up

-- What agencies owe the public after their requests have ended, and what they said. Nothing here depends on what was shared.
CREATE TABLE duty (
    request TEXT NOT NULL REFERENCES request (id),
    duty    TEXT NOT NULL,                 -- footage.Duty
    agency  TEXT NOT NULL REFERENCES agency (id),
    ended   INTEGER NOT NULL,              -- time of the request.closed entry
    first   TEXT NOT NULL,                 -- last day for the first word, UTC, 2006-01-02
    due     TEXT NOT NULL,                 -- last day for the next; '': nothing more is owed
    PRIMARY KEY (request, duty)
) STRICT;
CREATE INDEX duty_due ON duty (due);
CREATE INDEX duty_agency ON duty (agency, due);
CREATE INDEX duty_ended ON duty (ended);

CREATE TABLE followup (
    hash      TEXT PRIMARY KEY,            -- SHA-256 of the canonical follow-up
    request   TEXT NOT NULL,
    duty      TEXT NOT NULL,
    body      TEXT NOT NULL,               -- footage.FollowUp as JSON
    assertion TEXT NOT NULL,               -- footage.Assertion as JSON
    at        INTEGER NOT NULL,
    log_index INTEGER NOT NULL,
    FOREIGN KEY (request, duty) REFERENCES duty (request, duty)
) STRICT;
CREATE INDEX followup_duty ON followup (request, duty, log_index);

-- +goose Down

DROP TABLE followup;
DROP TABLE duty;
