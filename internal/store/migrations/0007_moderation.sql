-- +goose Up

-- What moderators decide: a request, or text added to one, and each appeal as a round of its own.
CREATE TABLE moderation (
    subject   TEXT NOT NULL,                -- ID of the request, or hash of the addition
    round     INTEGER NOT NULL,             -- 1; an appeal is 2
    request   TEXT NOT NULL REFERENCES request (id),
    agency    TEXT NOT NULL,
    offence   TEXT NOT NULL,
    submitted INTEGER NOT NULL,
    urgent    INTEGER NOT NULL,
    appeal    TEXT NOT NULL DEFAULT '',     -- the agency's words
    findings  TEXT NOT NULL,                -- of the content check: footage.Reason as JSON array
    needs     INTEGER NOT NULL,             -- how many moderators must clear
    agreed    TEXT NOT NULL DEFAULT '[]',   -- moderators who have cleared it, while more are needed: JSON array
    moderator TEXT NOT NULL DEFAULT '',
    outcome   TEXT NOT NULL DEFAULT '',     -- '': waits
    reason    TEXT NOT NULL DEFAULT '',
    words     TEXT NOT NULL DEFAULT '',     -- of the moderator to the agency
    decided   INTEGER NOT NULL DEFAULT 0,
    log_index INTEGER NOT NULL DEFAULT -1,
    PRIMARY KEY (subject, round)
) STRICT;
CREATE INDEX moderation_waiting ON moderation (outcome, submitted);
CREATE INDEX moderation_alike ON moderation (offence, decided);
CREATE INDEX moderation_request ON moderation (request);

-- +goose Down

DROP TABLE moderation;
