package main

import (
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/trust"
)

// configFlag adds --config to a command that keeps something on the user's device.
func configFlag(fs *flag.FlagSet) *string {
	return fs.String("config", "", "`folder` for pinned exchanges, keys and unfinished shares; empty for the user's own")
}

// configFolder returns the folder that --config names, or the user's own.
func configFolder(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", usagef("there is no configuration folder on this device; name one with --config")
	}
	return filepath.Join(dir, "porchlight"), nil
}

// baseOf returns the base address of an exchange from the address of any of its pages.
func baseOf(address string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return "", footage.E(footage.Invalid, "An exchange's address looks like https://exchange.example.")
	}
	return u.Scheme + "://" + u.Host, nil
}

// pinsIn opens the pinned exchanges of the folder that --config names.
func pinsIn(config string) (*trust.Pins, error) {
	dir, err := configFolder(config)
	if err != nil {
		return nil, err
	}
	return trust.Open(dir)
}
