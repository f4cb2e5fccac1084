-- +goose Up

-- What the office says of incidents of the exchange itself, step by step. What waits for a second person is not public.
CREATE TABLE notice_step (
    id        TEXT PRIMARY KEY,             -- the first step's is the notice's
    notice    TEXT NOT NULL,
    step      TEXT NOT NULL,                -- publish, update or end
    body      TEXT NOT NULL,                -- what it says, as JSON
    proposed  TEXT NOT NULL REFERENCES person (id),
    agreed    TEXT NOT NULL DEFAULT '',     -- the second person; '': it waits for them
    at        INTEGER NOT NULL DEFAULT 0,   -- time of the entry
    log_index INTEGER NOT NULL DEFAULT -1
) STRICT;
CREATE INDEX notice_step_notice ON notice_step (notice);

-- +goose Down

DROP TABLE notice_step;
