-- +goose Up

-- Agencies that open clips in pages which the exchange serves. Both people are empty where nobody asked for it.
ALTER TABLE agency ADD COLUMN desk_asked TEXT NOT NULL DEFAULT '';     -- an administrator of the agency
ALTER TABLE agency ADD COLUMN desk_agreed TEXT NOT NULL DEFAULT '';    -- a second person of it; empty: not yet
ALTER TABLE agency ADD COLUMN desk_since INTEGER NOT NULL DEFAULT 0;   -- 0: the pages are not served

-- +goose Down

ALTER TABLE agency DROP COLUMN desk_since;
ALTER TABLE agency DROP COLUMN desk_agreed;
ALTER TABLE agency DROP COLUMN desk_asked;
