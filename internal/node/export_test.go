package node

import (
	"log/slog"

	"porchlight.example/internal/blob"
)

// Log returns the log that the node writes to.
func (n *Node) Log() *slog.Logger { return n.opts.Log }

// Bucket returns the node's bucket.
func (n *Node) Bucket() blob.Bucket { return n.bucket }
