package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"porchlight.example/internal/footage"
)

// Table describes a table to one who reads it column by column, such as a check of the whole database.
type Table struct {
	Name    string
	Key     []string // the primary key
	Columns []string // all columns
}

// Row is one row as the database holds it: int64, string, []byte or nil for each column by its name.
type Row map[string]any

// Rows returns a table's next rows in the order of its key, at most limit of them: those behind a row, or the first ones
// after nil. Names come from constants of this program, never from outside.
func (tx *Tx) Rows(t Table, after Row, limit int) ([]Row, error) {
	query := `SELECT ` + strings.Join(t.Columns, ", ") + ` FROM ` + t.Name
	var args []any
	if after != nil {
		marks := make([]string, len(t.Key))
		for i, column := range t.Key {
			marks[i] = "$" + strconv.Itoa(i+1)
			args = append(args, after[column])
		}
		query += ` WHERE (` + strings.Join(t.Key, ", ") + `) > (` + strings.Join(marks, ", ") + `)`
	}
	query += ` ORDER BY ` + strings.Join(t.Key, ", ") + ` LIMIT ` + strconv.Itoa(limit)
	return tx.rowsOf(t, query, args...)
}

// RowsWhere returns the rows in which a column holds a value, in the order of the key.
func (tx *Tx) RowsWhere(t Table, column string, value any) ([]Row, error) {
	if !slices.Contains(t.Columns, column) {
		return nil, footage.E(footage.Invalid, "The table "+t.Name+" has no column "+column+".")
	}
	return tx.rowsOf(t, `SELECT `+strings.Join(t.Columns, ", ")+` FROM `+t.Name+` WHERE `+column+` = $1 ORDER BY `+strings.Join(t.Key, ", "), value)
}

func (tx *Tx) rowsOf(t Table, query string, args ...any) (all []Row, err error) {
	rows, err := tx.query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		values, _, err := scanAny(rows, len(t.Columns))
		if err != nil {
			return nil, fmt.Errorf("read a row of %s: %w", t.Name, err)
		}
		row := Row{}
		for i, column := range t.Columns {
			row[column] = values[i]
		}
		all = append(all, row)
	}
	return all, tx.fail(rows.Err())
}
