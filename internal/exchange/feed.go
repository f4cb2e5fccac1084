package exchange

import (
	"context"
	"errors"
	"fmt"

	"porchlight.example/evidence"
	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/store"
)

// bundlePrefix begins the keys of requests with their proofs, as they were made for the feed.
const bundlePrefix = "feed/bundle/"

// RenderFeed renders the open requests as files. A request's bundle is made once per state of what it stands on and kept
// in the bucket, so that a file changes only when its content does: proofs stay those of the checkpoint at which they
// were rendered.
func (x *Exchange) RenderFeed(ctx context.Context, base string) (feed.Set, error) {
	open, err := x.PublicRequests(ctx, true)
	if err != nil {
		return nil, err
	}
	var items []feed.Item
	for _, p := range open {
		standing, err := x.Agency(ctx, p.Record.Document.Agency)
		if err != nil {
			return nil, err
		}
		if standing.Suspended {
			continue // what a suspended agency has open is paused
		}
		item, err := x.feedItem(ctx, p)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return feed.Render(feed.Site{Name: x.info.Name, Origin: x.info.Origin, Base: base, Fictional: x.info.Fictional, Since: x.info.Created}, geo.FeedLevel, items)
}

func (x *Exchange) feedItem(ctx context.Context, p footage.PublicRequest) (feed.Item, error) {
	item := feed.Item{Request: p}
	region, err := geo.Compile(p.Record.Document.Area)
	if err != nil {
		return item, fmt.Errorf("area of request %s: %w", p.ID.Short(), err)
	}
	item.Cells = region.Cells(geo.FeedLevel)
	item.Bundle, err = x.keptBundle(ctx, p)
	return item, err
}

// keptBundle returns the canonical JSON of a request's bundle as it was first rendered for its present entries.
func (x *Exchange) keptBundle(ctx context.Context, p footage.PublicRequest) ([]byte, error) {
	var head store.LogHead
	var indexes []int64
	err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
		if head, err = tx.LogHead(); err != nil {
			return err
		}
		indexes, err = entriesFor(tx, p, head.Integrated)
		return err
	})
	if err != nil {
		return nil, err
	}
	key := bundlePrefix + string(p.ID) + "/" + footage.Hash(fmt.Append(nil, indexes))[:16] + ".json"
	kept, err := x.objects.Get(ctx, key)
	if err == nil || !errors.Is(err, footage.NotFound) {
		return kept, err
	}
	b, err := evidence.NewBundle(ctx, x.objects, []byte(head.Checkpoint), x.info.LogVerifier, p.Record, p.Updates, indexes)
	if err != nil {
		return nil, fmt.Errorf("bundle request %s: %w", p.ID.Short(), err)
	}
	raw, err := b.Encode()
	if err != nil {
		return nil, err
	}
	return raw, x.objects.Put(ctx, key, raw)
}
