-- +goose Up

-- People: when they were last here, who let which device in, what a session is bound to, and credentials of programs.
ALTER TABLE person ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;          -- day of the last sign-in; 0: not known
ALTER TABLE invitation ADD COLUMN inviter TEXT NOT NULL DEFAULT '';     -- person; empty: the office at the machine
ALTER TABLE credential ADD COLUMN inviter TEXT NOT NULL DEFAULT '';
ALTER TABLE credential ADD COLUMN pending INTEGER NOT NULL DEFAULT 0;   -- 1: a second person has to confirm it
ALTER TABLE session ADD COLUMN kind TEXT NOT NULL DEFAULT 'program';    -- browser or program
ALTER TABLE session ADD COLUMN credential TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN client TEXT NOT NULL DEFAULT '';         -- sort of browser and system, no more
ALTER TABLE session ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;

-- +goose Down

ALTER TABLE session DROP COLUMN seen;
ALTER TABLE session DROP COLUMN client;
ALTER TABLE session DROP COLUMN credential;
ALTER TABLE session DROP COLUMN kind;
ALTER TABLE credential DROP COLUMN pending;
ALTER TABLE credential DROP COLUMN inviter;
ALTER TABLE invitation DROP COLUMN inviter;
ALTER TABLE person DROP COLUMN seen;
