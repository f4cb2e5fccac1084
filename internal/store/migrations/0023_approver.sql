-- +goose Up

-- Which of the supervisors whom other agencies lend is to approve a request.
ALTER TABLE request ADD COLUMN approver TEXT NOT NULL DEFAULT ''; -- '': any of them

-- +goose Down

ALTER TABLE request DROP COLUMN approver;
