-- +goose Up

-- Ranks of people of agencies. A higher one counts once a second person has confirmed it.
ALTER TABLE person ADD COLUMN rank TEXT NOT NULL DEFAULT '';          -- '': none was sworn in
ALTER TABLE person ADD COLUMN rank_proposed TEXT NOT NULL DEFAULT ''; -- waits for a second person
ALTER TABLE person ADD COLUMN rank_by TEXT NOT NULL DEFAULT '';       -- who proposed it; '': the office at the machine

-- +goose Down

ALTER TABLE person DROP COLUMN rank_by;
ALTER TABLE person DROP COLUMN rank_proposed;
ALTER TABLE person DROP COLUMN rank;
