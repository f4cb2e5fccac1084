package node

import (
	"context"
	"log/slog"

	"porchlight.example/internal/web"
)

// quiet is a log handler that cuts network addresses and the IDs of residents' shares, clips, uploads and messages out of
// whatever reaches it, be it an error's text that names a storage key or a library's message. It is the last line, not the
// first: callers do not log such things.
type quiet struct{ slog.Handler }

func quietLogger(log *slog.Logger) *slog.Logger { return slog.New(quiet{log.Handler()}) }

// Handle passes on a cleaned copy.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, web.Scrub(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(scrubbed(a))
		return true
	})
	return q.Handler.Handle(ctx, clean)
}

// WithAttrs keeps the handler quiet.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = scrubbed(a)
	}
	return quiet{q.Handler.WithAttrs(clean)}
}

// WithGroup keeps the handler quiet.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }

// scrubbed cleans an attribute; numbers, times and truth values hold nothing to cut.
func scrubbed(a slog.Attr) slog.Attr {
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString, slog.KindAny:
		a.Value = slog.StringValue(web.Scrub(v.String()))
	case slog.KindGroup:
		var clean []slog.Attr
		for _, inner := range v.Group() {
			clean = append(clean, scrubbed(inner))
		}
		a.Value = slog.GroupValue(clean...)
	}
	return a
}
