-- +goose Up

-- Published requests whose text is withheld, or is to be when a second person agrees.
CREATE TABLE withholding (
    request    TEXT PRIMARY KEY REFERENCES request (id),
    body       TEXT NOT NULL,                -- footage.Withholding as JSON
    assertions TEXT NOT NULL,                -- footage.Assertion as JSON array: of who proposed it, then of who agreed
    reference  TEXT NOT NULL,                -- of the order, or the reason in words: never published
    proposed   INTEGER NOT NULL,
    withheld   INTEGER NOT NULL DEFAULT 0,   -- 0: waits for the second person
    log_index  INTEGER NOT NULL DEFAULT -1
) STRICT;
CREATE INDEX withholding_waiting ON withholding (withheld);

-- +goose Down

DROP TABLE withholding;
