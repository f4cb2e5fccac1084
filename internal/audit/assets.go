package audit

import (
	"context"
	"errors"
	"regexp"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// maxAsset is how large a file of the pages may be.
const maxAsset = 64 << 20

// assets fetches every file that the pages load and holds it against the hashes in the record, and the front page against the
// list: nobody is to be given another program than everybody else.
func (a *Auditor) assets(ctx context.Context) error {
	hash := a.world.assets
	if hash == "" {
		return nil
	}
	raw, err := a.get(ctx, ledger.AssetsKey(hash), maxAsset)
	if errors.Is(err, footage.NotFound) {
		a.find("assets_withheld", ledger.AssetsKey(hash), "The exchange keeps back the list of the files that its pages load.")
		return nil
	}
	if err != nil {
		return err
	}
	var list ledger.AssetList
	if footage.Hash(raw) != hash || footage.DecodeStrict(raw, &list) != nil {
		a.find("assets_changed", ledger.AssetsKey(hash), "The list of the files that the pages load is not the one in the record.")
		return nil
	}
	listed := map[string]bool{}
	for _, file := range list.Files {
		listed[list.Root+file.Name] = true
		if err := a.asset(ctx, list.Root, file); err != nil {
			return err
		}
	}
	return a.frontPage(ctx, listed)
}

func (a *Auditor) asset(ctx context.Context, root string, file ledger.AssetFile) error {
	raw, err := a.get(ctx, root[1:]+file.Name, maxAsset)
	if err != nil && !errors.Is(err, footage.NotFound) {
		return err
	}
	if err != nil || footage.Hash(raw) != file.SHA256 {
		a.find("asset_changed", root+file.Name, "The file %s of the pages is not the one in the record: whoever opens a page is given another program than was published.", file.Name)
	}
	return nil
}

// loaded finds what a page loads.
var loaded = regexp.MustCompile(`(?:src|href)="(/assets/[^"?#]+)"`)

// frontPage checks that the page everybody opens loads nothing that is not listed.
func (a *Auditor) frontPage(ctx context.Context, listed map[string]bool) error {
	raw, err := a.get(ctx, "", 4<<20)
	if errors.Is(err, footage.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, m := range loaded.FindAllSubmatch(raw, -1) {
		if !listed[string(m[1])] {
			a.find("asset_unlisted", string(m[1]), "The front page loads the file %s, which the record does not list.", m[1])
		}
	}
	return nil
}
