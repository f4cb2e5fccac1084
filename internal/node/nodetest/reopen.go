package nodetest

import (
	"context"

	"porchlight.example/internal/node"
)

// Reopen closes the node and serves the one that opts describe at the same address, as after a restart or a restore.
func (w *Town) Reopen(opts node.Options) {
	w.t.Helper()
	ctx := context.Background()
	must(w.t, w.Node.Close())
	n, err := node.Open(ctx, opts)
	must(w.t, err)
	w.t.Cleanup(func() { n.Close() })
	h, err := n.Handler(ctx)
	must(w.t, err)
	w.Node, w.Opts, w.Server.Config.Handler = n, opts, h
}
