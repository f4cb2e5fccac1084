-- +goose Up

-- Public counts of households by census block, as the operator loads them: where there are few or many, one moderator more must
-- clear a request. Agencies are told nothing of it.
CREATE TABLE census_block (
    id         TEXT PRIMARY KEY,
    spot       INTEGER NOT NULL,            -- number of an S2 cell of level 12
    lon        INTEGER NOT NULL,            -- of the middle, ten-millionths of a degree
    lat        INTEGER NOT NULL,
    households INTEGER NOT NULL
) STRICT;
CREATE INDEX census_spot ON census_block (spot);

-- +goose Down

DROP TABLE census_block;
