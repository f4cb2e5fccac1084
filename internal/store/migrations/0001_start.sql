-- The one schema text: SQLite STRICT is the master, three tokens are replaced for PostgreSQL.
-- Times are UTC microseconds. IDs are minted by us. Every column stands in doc/security.md, "What we could hand over".

-- +goose Up

CREATE TABLE exchange (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    name         TEXT NOT NULL,
    origin       TEXT NOT NULL,             -- of the log; names the exchange
    rp_id        TEXT NOT NULL,
    rp_origin    TEXT NOT NULL,
    fictional    INTEGER NOT NULL,          -- 1: software authenticators are accepted
    created      INTEGER NOT NULL,
    log_verifier TEXT NOT NULL,
    receipt_key  TEXT NOT NULL
) STRICT;

CREATE TABLE policy (
    hash     TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    body     BLOB NOT NULL,
    adopted  INTEGER NOT NULL,
    in_force INTEGER NOT NULL,
    ended    INTEGER                        -- when another of its name took its place
) STRICT;

CREATE TABLE agency (
    id        TEXT PRIMARY KEY,
    body      TEXT NOT NULL,                -- footage.Agency as JSON
    since     INTEGER NOT NULL,
    suspended INTEGER NOT NULL DEFAULT 0,
    reason    TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE person (
    id       TEXT PRIMARY KEY,
    agency   TEXT NOT NULL DEFAULT '',      -- empty: the exchange's own staff
    name     TEXT NOT NULL,
    roles    TEXT NOT NULL,                 -- JSON array
    disabled INTEGER NOT NULL DEFAULT 0,
    created  INTEGER NOT NULL
) STRICT;
CREATE INDEX person_agency ON person (agency);

CREATE TABLE invitation (
    token_hash TEXT PRIMARY KEY,
    person     TEXT NOT NULL REFERENCES person (id),
    expires    INTEGER NOT NULL,
    used       INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE credential (
    id         TEXT PRIMARY KEY,            -- base64url
    person     TEXT NOT NULL REFERENCES person (id),
    public_key BLOB NOT NULL,               -- SubjectPublicKeyInfo, DER
    data       BLOB NOT NULL,               -- the WebAuthn library's credential record, JSON
    software   INTEGER NOT NULL,
    created    INTEGER NOT NULL,
    revoked    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX credential_person ON credential (person);

CREATE TABLE challenge (
    hash    TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    data    BLOB NOT NULL,
    expires INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    token_hash TEXT PRIMARY KEY,
    person     TEXT NOT NULL REFERENCES person (id),
    created    INTEGER NOT NULL,
    expires    INTEGER NOT NULL
) STRICT;
CREATE INDEX session_person ON session (person);

CREATE TABLE custodian (
    id        TEXT PRIMARY KEY,
    agency    TEXT NOT NULL REFERENCES agency (id),
    person    TEXT NOT NULL REFERENCES person (id),
    sign_key  TEXT NOT NULL,                -- Ed25519, base64url
    recipient TEXT NOT NULL,                -- of the custodian's device
    created   INTEGER NOT NULL,
    disabled  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX custodian_agency ON custodian (agency);

CREATE TABLE epoch (
    agency    TEXT NOT NULL REFERENCES agency (id),
    number    INTEGER NOT NULL,
    body      TEXT NOT NULL,                -- footage.Epoch as JSON
    opened    INTEGER NOT NULL,
    log_index INTEGER NOT NULL,
    PRIMARY KEY (agency, number)
) STRICT;

CREATE TABLE wrapped_key (
    agency  TEXT NOT NULL,
    epoch   INTEGER NOT NULL,
    holder  TEXT NOT NULL,                  -- a custodian's ID, or 'recovery'
    wrapped BLOB NOT NULL,                  -- opaque to the exchange
    PRIMARY KEY (agency, epoch, holder)
) STRICT;

CREATE TABLE request (
    id           TEXT PRIMARY KEY,          -- hash of the document
    agency       TEXT NOT NULL REFERENCES agency (id),
    status       TEXT NOT NULL,
    document     BLOB NOT NULL,             -- canonical JSON
    private      TEXT NOT NULL,             -- footage.Private as JSON: never published
    case_key     TEXT NOT NULL,             -- normalised case number, hashed with the exchange's secret
    code         TEXT NOT NULL,             -- normalised investigation code: variants of spelling are the same
    author       TEXT NOT NULL REFERENCES person (id),
    officer      TEXT NOT NULL DEFAULT '',  -- footage.Assertion as JSON
    supervisor   TEXT NOT NULL DEFAULT '',
    created      INTEGER NOT NULL,
    published    INTEGER NOT NULL DEFAULT 0,
    closes       INTEGER NOT NULL,
    window_from  INTEGER NOT NULL,
    window_to    INTEGER NOT NULL,
    square_metres INTEGER NOT NULL,
    log_index    INTEGER NOT NULL DEFAULT -1,
    head         TEXT NOT NULL DEFAULT ''   -- hash of the newest update
) STRICT;
CREATE INDEX request_status ON request (status, published);
CREATE INDEX request_agency ON request (agency, created);
CREATE INDEX request_case ON request (agency, case_key);
CREATE INDEX request_code ON request (code);

CREATE TABLE request_cell (
    request TEXT NOT NULL REFERENCES request (id),
    lo      INTEGER NOT NULL,
    hi      INTEGER NOT NULL,
    PRIMARY KEY (lo, hi, request)
) STRICT;

CREATE TABLE request_update (
    request   TEXT NOT NULL REFERENCES request (id),
    seq       INTEGER NOT NULL,
    hash      TEXT NOT NULL,
    body      TEXT NOT NULL,                -- footage.UpdateRecord as JSON
    author    TEXT NOT NULL,
    published INTEGER NOT NULL DEFAULT 0,   -- 0: waits for the second signature
    log_index INTEGER NOT NULL DEFAULT -1,
    PRIMARY KEY (request, seq)
) STRICT;

CREATE TABLE share (
    id              TEXT PRIMARY KEY,
    request         TEXT NOT NULL REFERENCES request (id),
    agency          TEXT NOT NULL,
    epoch           INTEGER NOT NULL,
    state           TEXT NOT NULL,
    ticket_hash     TEXT NOT NULL,
    credential_hash TEXT NOT NULL,
    declared        INTEGER NOT NULL,       -- sealed bytes announced
    expires         INTEGER NOT NULL,       -- begun: swept then; later: erased by then
    committed       INTEGER NOT NULL DEFAULT 0,
    released        INTEGER NOT NULL DEFAULT 0,
    recalled        INTEGER NOT NULL DEFAULT 0, -- tick at which it was asked back
    recall_told     INTEGER NOT NULL DEFAULT 0, -- 1: the agency has been told
    manifest        BLOB,                   -- sealed; NULL once erased
    receipt         TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX share_request ON share (request, declared, state);
CREATE INDEX share_due ON share (state, expires);
CREATE INDEX share_recall ON share (recall_told, recalled);
CREATE UNIQUE INDEX share_ticket ON share (ticket_hash);
CREATE UNIQUE INDEX share_credential ON share (credential_hash);

CREATE TABLE upload (
    id_hash  TEXT PRIMARY KEY,              -- the ID itself is the resident's secret
    share    TEXT NOT NULL REFERENCES share (id),
    clip     TEXT NOT NULL,
    position INTEGER NOT NULL,
    key      TEXT NOT NULL,
    length   INTEGER NOT NULL,
    received INTEGER NOT NULL DEFAULT 0,
    state    BLOB,
    segments BLOB,
    digest   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX upload_share ON upload (share);

CREATE TABLE custody_event (
    share TEXT NOT NULL REFERENCES share (id),
    seq   INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    body  TEXT NOT NULL,                    -- footage.Event as JSON
    hash  TEXT NOT NULL,
    PRIMARY KEY (share, seq)
) STRICT;
CREATE INDEX custody_event_at ON custody_event (at);

CREATE TABLE custody_day (
    day       TEXT PRIMARY KEY,             -- YYYY-MM-DD, UTC
    seed      BLOB NOT NULL,
    root      TEXT NOT NULL,
    log_index INTEGER NOT NULL
) STRICT;

CREATE TABLE custody_leaf (
    day      TEXT NOT NULL REFERENCES custody_day (day),
    position INTEGER NOT NULL,
    share    TEXT NOT NULL,
    seq      INTEGER NOT NULL,              -- the event that was the chain's head
    path     BLOB NOT NULL,                 -- from the head to the root, 32 bytes a step
    PRIMARY KEY (day, position)
) STRICT;
CREATE INDEX custody_leaf_share ON custody_leaf (share);

CREATE TABLE message (
    id       TEXT PRIMARY KEY,
    share    TEXT NOT NULL REFERENCES share (id),
    party    TEXT NOT NULL,
    at       INTEGER NOT NULL,
    released INTEGER NOT NULL DEFAULT 0,
    body     BLOB NOT NULL                  -- sealed and padded
) STRICT;
CREATE INDEX message_share ON message (share, at);
CREATE INDEX message_waiting ON message (released, at);

CREATE TABLE work_spent (
    hash    TEXT PRIMARY KEY,
    expires INTEGER NOT NULL
) STRICT;

CREATE TABLE log_entry (
    idx     INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,                  -- whom or what it is about: a register or request ID, or empty
    body    BLOB NOT NULL
) STRICT;
CREATE INDEX log_entry_subject ON log_entry (subject, idx);

CREATE TABLE log_head (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    size       INTEGER NOT NULL,
    integrated INTEGER NOT NULL,
    last_at    INTEGER NOT NULL,            -- time of the newest entry: entries never go back in time
    checkpoint TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE job (
    name        TEXT PRIMARY KEY,
    due         INTEGER NOT NULL,
    lease_until INTEGER NOT NULL DEFAULT 0,
    last_ok     INTEGER NOT NULL DEFAULT 0,
    failures    INTEGER NOT NULL DEFAULT 0
) STRICT;

-- +goose Down

DROP TABLE job;
DROP TABLE log_head;
DROP TABLE log_entry;
DROP TABLE work_spent;
DROP TABLE message;
DROP TABLE custody_leaf;
DROP TABLE custody_day;
DROP TABLE custody_event;
DROP TABLE upload;
DROP TABLE share;
DROP TABLE request_update;
DROP TABLE request_cell;
DROP TABLE request;
DROP TABLE wrapped_key;
DROP TABLE epoch;
DROP TABLE custodian;
DROP TABLE session;
DROP TABLE challenge;
DROP TABLE credential;
DROP TABLE invitation;
DROP TABLE person;
DROP TABLE agency;
DROP TABLE policy;
DROP TABLE exchange;
