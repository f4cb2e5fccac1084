package ledger

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// leafTree holds the stored hashes of a small tree in memory.
type leafTree []tlog.Hash

// ReadHashes makes leafTree a tlog.HashReader.
func (t leafTree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(t)) {
			return nil, fmt.Errorf("no stored hash %d", index)
		}
		hashes[i] = t[index]
	}
	return hashes, nil
}

func newLeafTree(leaves [][32]byte) leafTree {
	t := make(leafTree, 0, tlog.StoredHashCount(int64(len(leaves))))
	for i, leaf := range leaves {
		hashes, err := tlog.StoredHashes(int64(i), leaf[:], t)
		if err != nil {
			panic("ledger: small tree lacks a hash: " + err.Error())
		}
		t = append(t, hashes...)
	}
	return t
}

// MerkleRoot returns the RFC 6962 root over leaves of 32 bytes, such as the heads of custody chains: a leaf's hash is
// SHA-256(0x00 ‖ leaf), a node's SHA-256(0x01 ‖ left ‖ right). Without leaves it is the SHA-256 of nothing.
func MerkleRoot(leaves [][32]byte) [32]byte {
	root, err := tlog.TreeHash(int64(len(leaves)), newLeafTree(leaves))
	if err != nil {
		panic("ledger: small tree lacks a hash: " + err.Error())
	}
	return root
}

// MerklePath returns the audit path of leaf i, from the leaf upwards, for [VerifyPath]. It panics when there is no leaf i.
func MerklePath(leaves [][32]byte, i int) [][32]byte { return MerklePaths(leaves, i)[0] }

// MerklePaths returns the paths of several leaves of one tree, in the order of their indexes.
func MerklePaths(leaves [][32]byte, indexes ...int) [][][32]byte {
	tree := newLeafTree(leaves)
	paths := make([][][32]byte, len(indexes))
	for n, i := range indexes {
		proof, err := tlog.ProveRecord(int64(len(leaves)), int64(i), tree)
		if err != nil {
			panic(fmt.Sprintf("ledger: path of leaf %d of %d: %v", i, len(leaves), err))
		}
		paths[n] = make([][32]byte, len(proof))
		for k, h := range proof {
			paths[n][k] = h
		}
	}
	return paths
}

// VerifyPath reports whether path shows that leaf is the one at index i among size leaves under root.
func VerifyPath(leaf [32]byte, i, size int, path [][32]byte, root [32]byte) bool {
	proof := make(tlog.RecordProof, len(path))
	for k, h := range path {
		proof[k] = h
	}
	return tlog.CheckRecord(proof, int64(size), root, int64(i), tlog.RecordHash(leaf[:])) == nil
}
