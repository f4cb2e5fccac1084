package fsck

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// playState holds a state entry against what the entries in front of it come to.
func (c *check) playState(index int64, at time.Time, f ledger.State) error {
	subject := fmt.Sprintf("log_entry %d", index)
	c.want(f.Size == index, Record, subject, "The state says that it sums up %d entries, %d stand in front of it.", f.Size, index)
	hash, err := c.state.present.Hash(at)
	if err != nil {
		return err
	}
	c.want(hash == f.SHA256, Record, subject, "The state is not what the entries in front of it come to.")
	c.state.states[f.SHA256] = true
	return nil
}

// states checks the documents that state entries commit to.
func (c *check) states() error {
	found := map[string]bool{}
	err := c.list("log/state/", func(key string, _ int64) error {
		raw, err := c.get(key)
		if err != nil {
			return err
		}
		c.report.Counts["states"]++
		hash := footage.Hash(raw)
		found[hash] = ledger.StateKey(hash) == key
		c.want(found[hash], Record, key, "The state document is damaged: its hash is not the one in its name.")
		return nil // one that no entry commits to is left by a crash, and the next one may
	})
	if err != nil {
		return err
	}
	for hash := range c.state.states {
		c.want(found[hash], Record, ledger.StateKey(hash), "The state document is missing.")
	}
	return nil
}

// policyFiles checks the published files of policies: there is one for each that was adopted, since whoever checks a request
// needs the rules of its day.
func (c *check) policyFiles() error {
	found := map[string]bool{}
	err := c.list("log/policy/", func(key string, _ int64) error {
		raw, err := c.get(key)
		if err != nil {
			return err
		}
		c.report.Counts["policy files"]++
		hash := footage.Hash(raw)
		found[hash] = ledger.PolicyKey(hash) == key
		c.want(found[hash], Record, key, "The policy's file is damaged: its hash is not the one in its name.")
		return nil
	})
	if err != nil {
		return err
	}
	for hash, p := range c.state.policies {
		c.want(found[hash] || c.lost[p.index], Record, ledger.PolicyKey(hash), "The policy %s was adopted, but its file is missing.", p.name)
	}
	return nil
}

// assetLists checks the lists of the pages' files that entries commit to.
func (c *check) assetLists() error {
	found := map[string]bool{}
	err := c.list("log/assets/", func(key string, _ int64) error {
		raw, err := c.get(key)
		if err != nil {
			return err
		}
		hash := footage.Hash(raw)
		found[hash] = ledger.AssetsKey(hash) == key
		c.want(found[hash], Record, key, "The list of the pages' files is damaged: its hash is not the one in its name.")
		return nil
	})
	continued := c.state.created != nil && c.state.created.Continues != nil // then the bucket was lost, and nothing tells what they were
	for hash := range c.state.assets {
		c.want(found[hash] || continued, Record, ledger.AssetsKey(hash), "The list of the pages' files is missing.")
	}
	return err
}

// publicHead checks the published head: it is of this record, and one that it had.
func (c *check) publicHead() error {
	raw, err := c.get(evidence.HeadKey)
	if dark(err) {
		return fmt.Errorf("read the published head: %w", err)
	}
	if err != nil {
		c.want(len(c.state.states) < 2, Record, evidence.HeadKey, "There is no published head.") // a crash may have come before the first
		return nil
	}
	h, err := evidence.ParseHead(raw)
	if err != nil {
		c.find(Record, evidence.HeadKey, "The published head cannot be read: %v", err)
		return nil
	}
	c.cosigned(evidence.HeadKey, []byte(h.Checkpoint))
	again, err := h.Encode()
	c.want(err == nil && bytes.Equal(raw, again), Record, evidence.HeadKey, "The published head is not as it was written.")
	hash, err := h.StateHash()
	if err != nil {
		c.find(Record, evidence.HeadKey, "The published head names no state: %v", err)
		return nil
	}
	document, err := c.get(ledger.StateKey(hash))
	if dark(err) {
		return fmt.Errorf("read the state: %w", err)
	}
	if _, err = h.Verify(evidence.Trust{Verifier: c.state.verifier}, c.state.verifier, document, time.Time{}); err != nil {
		c.find(Record, evidence.HeadKey, "The published head does not hold: %v", err)
	}
	if c.state.head.checkpoint == "" {
		return nil
	}
	proof, err := ledger.ProveConsistency(c.ctx, source{c, c.state.head.checkpoint}, h.Since, []byte(h.Checkpoint))
	if dark(err) {
		return fmt.Errorf("read the record: %w", err)
	}
	c.want(err == nil && slices.Equal(proof, h.Consistency), Record, evidence.HeadKey, "The published head does not show that it continues the one before.")
	own, err := ledger.OpenCheckpoint([]byte(c.state.head.checkpoint), c.state.verifier)
	if err == nil && !strings.HasPrefix(h.Checkpoint, c.state.head.checkpoint) {
		c.older(Record, evidence.HeadKey, h.Checkpoint, source{c, c.state.head.checkpoint}, own)
	}
	return nil
}
