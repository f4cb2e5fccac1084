-- +goose Up

-- Who vouches for agencies, and what is held of each agency's two verifications.

ALTER TABLE exchange ADD COLUMN operator TEXT NOT NULL DEFAULT '';        -- footage.Body as JSON: who runs the exchange

ALTER TABLE agency ADD COLUMN verification TEXT NOT NULL DEFAULT '{}';    -- footage.Verification as JSON, made of the tables below
ALTER TABLE agency ADD COLUMN verified_until INTEGER NOT NULL DEFAULT 0;  -- both verifications are in force until then; 0: they are not

ALTER TABLE person ADD COLUMN suspended TEXT NOT NULL DEFAULT '';         -- why the person may not act now; empty: not suspended

CREATE TABLE attestor (
    id        TEXT PRIMARY KEY,
    body      TEXT NOT NULL,                -- footage.Attestor as JSON
    since     INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL DEFAULT 0,   -- when; 0: it counts
    reason    TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE attestation (
    hash      TEXT PRIMARY KEY,             -- of the canonical statement without its signature
    attestor  TEXT NOT NULL REFERENCES attestor (id),
    agency    TEXT NOT NULL REFERENCES agency (id),
    body      TEXT NOT NULL,                -- footage.Attestation as JSON
    taken     INTEGER NOT NULL DEFAULT 0,   -- 1: the attestor took it back
    log_index INTEGER NOT NULL
) STRICT;
CREATE INDEX attestation_agency ON attestation (agency, log_index);
CREATE INDEX attestation_attestor ON attestation (attestor);

CREATE TABLE approval (
    hash      TEXT PRIMARY KEY,             -- of the canonical approval
    agency    TEXT NOT NULL REFERENCES agency (id),
    person    TEXT NOT NULL REFERENCES person (id),
    body      TEXT NOT NULL,                -- footage.Approval as JSON
    at        INTEGER NOT NULL,
    taken     INTEGER NOT NULL DEFAULT 0,   -- 1: the operator took it back
    log_index INTEGER NOT NULL
) STRICT;
CREATE INDEX approval_agency ON approval (agency, log_index);

CREATE TABLE application (
    id       TEXT PRIMARY KEY,
    body     TEXT NOT NULL,                 -- footage.Application as JSON
    received INTEGER NOT NULL,
    answered INTEGER NOT NULL DEFAULT 0     -- when the operator put it aside; 0: it waits
) STRICT;

-- +goose Down

DROP TABLE application;
DROP TABLE approval;
DROP TABLE attestation;
DROP TABLE attestor;
ALTER TABLE person DROP COLUMN suspended;
ALTER TABLE agency DROP COLUMN verified_until;
ALTER TABLE agency DROP COLUMN verification;
ALTER TABLE exchange DROP COLUMN operator;
