-- +goose Up

-- What became of an application: how the office answered, why if it refused, and as which agency it entered the applicant.
ALTER TABLE application ADD COLUMN state TEXT NOT NULL DEFAULT 'waits';
ALTER TABLE application ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE application ADD COLUMN agency TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE application DROP COLUMN agency;
ALTER TABLE application DROP COLUMN reason;
ALTER TABLE application DROP COLUMN state;
