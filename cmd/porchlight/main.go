// Porchlight is an open, self-hosted exchange for community footage requests. One binary holds all faces: the exchange
// (serve, office), the agency's desk (desk), the resident's tools (near, share, receipt), and the checks that need no
// server of ours (verify, trust).
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(execute()) }

// execute runs the command of the command line, until it ends or Ctrl-C or SIGTERM ends it, and returns the exit code.
func execute() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	return run(ctx, system(), os.Args[1:])
}
