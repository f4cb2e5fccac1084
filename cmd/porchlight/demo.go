package main

import "context"

func demoCommand() command {
	return command{name: "demo", summary: "a fictional town, ready to try", run: func(context.Context, env, []string) error { return nil }}
}
