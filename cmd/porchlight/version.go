package main

import (
	"context"
	"fmt"
	"runtime/debug"
)

func versionCommand() command {
	return command{name: "version", summary: "print the version", help: "Prints the program's version and that of Go.",
		run: func(_ context.Context, e env, args []string) error {
			if _, err := parse(e, flags("porchlight version"), args, 0, 0); err != nil {
				return err
			}
			name, goVersion := software()
			fmt.Fprintf(e.stdout, "%s (%s)\n", name, goVersion)
			return nil
		}}
}

// software returns the program's name with its version, and the version of Go.
func software() (name, goVersion string) {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version, goVersion = info.Main.Version, info.GoVersion
	}
	return "porchlight " + version, goVersion
}
