package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"porchlight.example/ledger"
)

// publishAssets records the hashes of what this node serves and of the program that serves it, once in its life.
func (n *Node) publishAssets(ctx context.Context) error {
	if n.assetsKnown.Load() {
		return nil
	}
	pages, err := n.pages()
	if err != nil {
		return err
	}
	root, hashes := pages.Files()
	list := ledger.AssetList{Type: ledger.AssetsType, Root: root, Files: []ledger.AssetFile{}}
	for _, name := range slices.Sorted(maps.Keys(hashes)) {
		list.Files = append(list.Files, ledger.AssetFile{Name: name, SHA256: hashes[name]})
	}
	program, err := ownHash()
	if err != nil {
		return err
	}
	if err := n.Exchange.PublishAssets(ctx, list, program); err != nil {
		return err
	}
	n.assetsKnown.Store(true)
	return nil
}

// ownHash returns the hash of the program that runs.
func ownHash() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the program: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the program: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read the program: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
