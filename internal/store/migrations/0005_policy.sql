-- +goose Up

-- Planned public gatherings, as the operator lists them: near them one moderator more must clear a request.

CREATE TABLE gathering (
    id     TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    lon    INTEGER NOT NULL,  -- ten-millionths of a degree
    lat    INTEGER NOT NULL,
    metres INTEGER NOT NULL,  -- radius of the place
    begins INTEGER NOT NULL,
    ends   INTEGER NOT NULL
) STRICT;
CREATE INDEX gathering_ends ON gathering (ends);

-- +goose Down

DROP TABLE gathering;
