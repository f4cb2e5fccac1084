-- +goose Up

-- Where staff want to be told that work waits. They give it themselves.
CREATE TABLE mail_address (
    person  TEXT PRIMARY KEY REFERENCES person (id),
    address TEXT NOT NULL
) STRICT;

-- Letters that say that work waits, and nothing of what or how much.
CREATE TABLE letter (
    id     TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id),
    tick   INTEGER NOT NULL,                -- of which it is; of an urgent one the moment
    urgent INTEGER NOT NULL,
    due    INTEGER NOT NULL,                -- when it is tried next
    tries  INTEGER NOT NULL DEFAULT 0,
    sent   INTEGER NOT NULL DEFAULT 0,      -- 1: kept until the next day, so that it is not written twice
    UNIQUE (person, tick, urgent)
) STRICT;
CREATE INDEX letter_due ON letter (sent, due);

-- +goose Down

DROP TABLE letter;
DROP TABLE mail_address;
