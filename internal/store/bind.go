package store

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"porchlight.example/internal/footage"
)

// micros returns t as the schema holds it: UTC microseconds since 1970, and 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros is the reverse of [micros].
func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// bind makes arguments mean the same on both engines: truth values become 0 and 1, times [micros], every kind of string
// a string. It refuses with kind [footage.Invalid] text that PostgreSQL cannot hold and SQLite could, so that neither can.
func bind(args []any) ([]any, error) {
	bound := make([]any, len(args))
	for i, arg := range args {
		v, err := bindOne(arg)
		if err != nil {
			return nil, err
		}
		bound[i] = v
	}
	return bound, nil
}

func bindOne(arg any) (any, error) {
	switch v := arg.(type) {
	case string:
		return v, checkText(v)
	case int64, []byte, nil:
		return v, nil
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	case time.Time:
		return micros(v), nil
	}
	switch v := reflect.ValueOf(arg); v.Kind() {
	case reflect.String:
		return v.String(), checkText(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	}
	return nil, fmt.Errorf("a %T cannot be a value in SQL here", arg)
}

func checkText(s string) error {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return footage.E(footage.Invalid, "The text holds bytes that are no characters; write it anew as plain UTF-8.")
	}
	return nil
}
