-- +goose Up

-- Entries of the public record whose facts a restore could not bring back, or not wholly.
CREATE TABLE loss (
    log_index INTEGER PRIMARY KEY,
    what      TEXT NOT NULL,                -- a sentence for the operator
    restored  INTEGER NOT NULL              -- when
) STRICT;

-- +goose Down

DROP TABLE loss;
