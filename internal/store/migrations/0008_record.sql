-- +goose Up

-- Who looks for the newest entry of a kind, such as the last state, reads no others.
CREATE INDEX log_entry_kind ON log_entry (kind, idx);

-- +goose Down

DROP INDEX log_entry_kind;
