package node

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// The key files, in the folder keys of the data folder. doc/security.md says what the loss of each costs.
const (
	logKeyFile      = "log.key"      // signs checkpoints of the public record
	verifierKeyFile = "log.pub"      // its public half
	receiptKeyFile  = "receipt.key"  // signs receipts and custody events
	secretFile      = "exchange.key" // keys hashes of case numbers and proof-of-work challenges
)

// keyFiles lists them.
func keyFiles() []string { return []string{logKeyFile, verifierKeyFile, receiptKeyFile, secretFile} }

// NewKeys makes the keys of an exchange whose record bears the name origin.
func NewKeys(origin string) (keys exchange.Keys, err error) {
	if keys.LogSigner, keys.LogVerifier, err = ledger.GenerateKey(origin, rand.Reader); err != nil {
		return keys, fmt.Errorf("make log key: %w", err)
	}
	_, _ = rand.Read(keys.Receipt[:]) // crypto/rand.Read never fails
	_, _ = rand.Read(keys.Secret[:])
	return keys, nil
}

// writeKeys writes the key files of a new exchange; it refuses to overwrite any.
func writeKeys(dir string, keys exchange.Keys) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make key folder: %w", err)
	}
	for _, name := range keyFiles() {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return errKeyExists(name)
		}
	}
	for name, value := range map[string]string{
		logKeyFile:      keys.LogSigner,
		verifierKeyFile: keys.LogVerifier,
		receiptKeyFile:  hex.EncodeToString(keys.Receipt[:]),
		secretFile:      hex.EncodeToString(keys.Secret[:]),
	} {
		if err := writeNew(filepath.Join(dir, name), value+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func writeNew(path, content string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return errKeyExists(filepath.Base(path))
	}
	if err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	_, err = f.WriteString(content)
	return errors.Join(err, f.Sync(), f.Close())
}

func errKeyExists(name string) error {
	return footage.E(footage.Conflict, "There is an exchange here already: the key file "+name+" is never overwritten. Use another data folder.")
}

// removeKeys removes the keys that writeKeys wrote.
func removeKeys(dir string) error {
	var errs []error
	for _, name := range keyFiles() {
		if err := os.Remove(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// readKeys reads the key files and refuses those that others can read.
func readKeys(dir string) (exchange.Keys, error) {
	signer, err := readSecret(dir, logKeyFile)
	if err != nil {
		return exchange.Keys{}, err
	}
	keys, err := readOtherKeys(dir)
	if err != nil {
		return keys, err
	}
	keys.LogSigner = signer
	keys.LogVerifier, err = readSecret(dir, verifierKeyFile)
	return keys, err
}

// readOtherKeys reads all but the log key, which may be lost when a new record is opened.
func readOtherKeys(dir string) (keys exchange.Keys, err error) {
	for name, into := range map[string]*[32]byte{receiptKeyFile: &keys.Receipt, secretFile: &keys.Secret} {
		text, err := readSecret(dir, name)
		if err != nil {
			return keys, err
		}
		raw, err := hex.DecodeString(text)
		if err != nil || len(raw) != len(into) {
			return keys, footage.E(footage.Invalid, "The key file "+name+" is damaged. Put back its copy.")
		}
		copy(into[:], raw)
	}
	return keys, nil
}

func readSecret(dir, name string) (string, error) {
	path := filepath.Join(dir, name)
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", footage.E(footage.NotFound, "The key file "+name+" is missing from "+dir+". Put back its copy, or make a new exchange with 'porchlight office init'.")
	}
	if err != nil {
		return "", fmt.Errorf("read key file: %w", err)
	}
	if name != verifierKeyFile {
		if err := privateFile(path, 0o077); err != nil {
			return "", err
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read key file: %w", err)
	}
	return strings.TrimSpace(string(raw)), nil
}
