-- +goose Up

-- People: when they were last here, who let which device in, what a session is bound to, and credentials of programs.
ALTER TABLE person ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;          -- day of the last sign-in; 0: not known
ALTER TABLE invitation ADD COLUMN inviter TEXT NOT NULL DEFAULT '';     -- person; empty: the office at the machine
ALTER TABLE credential ADD COLUMN inviter TEXT NOT NULL DEFAULT '';
ALTER TABLE credential ADD COLUMN pending INTEGER NOT NULL DEFAULT 0;   -- 1: a second person has to confirm it
ALTER TABLE session ADD COLUMN kind TEXT NOT NULL DEFAULT 'program';    -- browser or program
ALTER TABLE session ADD COLUMN credential TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN client TEXT NOT NULL DEFAULT '';         -- sort of browser and system, no more
ALTER TABLE session ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;

CREATE TABLE lent (
    person  TEXT NOT NULL REFERENCES person (id),
    agency  TEXT NOT NULL REFERENCES agency (id), -- that borrows the person
    until   INTEGER NOT NULL,
    offered TEXT NOT NULL,                        -- an administrator of the person's own agency
    agreed  TEXT NOT NULL DEFAULT '',             -- one of the other; empty: not yet
    PRIMARY KEY (person, agency)
) STRICT;
CREATE INDEX lent_agency ON lent (agency);

CREATE TABLE machine (
    id         TEXT PRIMARY KEY,
    person     TEXT NOT NULL REFERENCES person (id), -- for whom it acts
    name       TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    scopes     TEXT NOT NULL,                     -- JSON array
    created    INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    seen       INTEGER NOT NULL DEFAULT 0,        -- day of the last use
    revoked    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX machine_token ON machine (token_hash);
CREATE INDEX machine_person ON machine (person);

CREATE TABLE device_login (
    device_hash TEXT PRIMARY KEY,                 -- of what the program holds
    code_hash   TEXT NOT NULL,                    -- of what the person types
    person      TEXT NOT NULL DEFAULT '',         -- who said yes; empty: nobody yet
    credential  TEXT NOT NULL DEFAULT '',
    expires     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX device_login_code ON device_login (code_hash);

-- +goose Down

DROP TABLE device_login;
DROP TABLE machine;
DROP TABLE lent;

ALTER TABLE session DROP COLUMN seen;
ALTER TABLE session DROP COLUMN client;
ALTER TABLE session DROP COLUMN credential;
ALTER TABLE session DROP COLUMN kind;
ALTER TABLE credential DROP COLUMN pending;
ALTER TABLE credential DROP COLUMN inviter;
ALTER TABLE invitation DROP COLUMN inviter;
ALTER TABLE person DROP COLUMN seen;
