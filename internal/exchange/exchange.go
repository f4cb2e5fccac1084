package exchange

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/blob"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
	"porchlight.example/internal/witness"
	"porchlight.example/ledger"
)

// Config is what an exchange is built from. All fields are required but Now and Random.
type Config struct {
	DB     *store.DB
	Bucket blob.Bucket
	Keys   Keys
	Guard  Guard
	Now    func() time.Time // the clock; nil: time.Now
	// Random returns the randomness of one object's IDs and nonces, by its kind and by what is known of it beforehand;
	// nil: crypto/rand for each. Tests seed it per object, so that two exchanges can be compared byte by byte whatever
	// else happens on one of them, in whatever order.
	Random func(kind, of string) io.Reader
	// AtOnce releases shares without waiting for a tick, for demonstrations and tests: a fictional exchange only.
	AtOnce bool
	// KeyDelay is how long a changed key waits before it counts, in place of [footage.KeyDelay]: a fictional exchange only.
	KeyDelay time.Duration
	// Witnesses cosign the record's heads; nil: nobody does.
	Witnesses *witness.Group
}

// Exchange carries out the use cases. It is safe for concurrent use.
type Exchange struct {
	db       *store.DB
	bucket   blob.Bucket
	objects  objects
	tiles    *ledger.Cache // of objects, for proofs
	keys     Keys
	guard    Guard
	now      func() time.Time
	random   func(kind, of string) io.Reader
	info     store.Exchange
	accounts *account.Service
	atOnce   bool
	keyDelay time.Duration
	watched  *witness.Group // nil: no witness

	board       board      // what is public, in memory
	integrating sync.Mutex // held while the record is integrated: one integrator per node, one per exchange by lease

	// What this node did last with checkpoints; guarded by integrating.
	lastSeen      string // told the guard
	lastPublished string // put into the bucket

	mu        sync.Mutex                 // guards the fields below
	places    map[footage.AgencyID]place // compiled jurisdictions
	rules     map[string]policy.Set      // the rules in force, under the hashes of their files
	shown     string                     // hashes of the policies in force whose files are public
	nextRound *round                     // the integration that waits for the one under way; nil: none does
}

// Create makes a new exchange in an empty database: its row, its first log entry and the policies.
// It refuses to create what exists.
func Create(ctx context.Context, cfg Config, name, origin string, rp footage.RelyingParty, fictional bool, policies ...[]byte) (*Exchange, error) {
	x := build(cfg)
	for _, raw := range policies {
		if err := x.showPolicy(ctx, raw); err != nil {
			return nil, fmt.Errorf("create exchange %s: %w", name, err)
		}
	}
	receipt := ed25519.NewKeyFromSeed(cfg.Keys.Receipt[:]).Public().(ed25519.PublicKey)
	row := store.Exchange{Name: name, Origin: origin, RP: rp, Fictional: fictional, Created: x.now(),
		LogVerifier: cfg.Keys.LogVerifier, ReceiptKey: encode(receipt)}
	err := x.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.InsertExchange(row); err != nil {
			if errors.Is(err, footage.Conflict) {
				return footage.E(footage.Conflict, "There is an exchange in this database already.")
			}
			return err
		}
		if err := tx.InsertLogHead(); err != nil {
			return err
		}
		if _, _, err := x.recordAt(tx, row.Created, ledger.ExchangeCreated{Name: name, Origin: origin, Fictional: fictional, RP: rp, ReceiptKey: row.ReceiptKey}); err != nil {
			return err
		}
		for _, raw := range policies {
			if err := x.adopt(tx, raw, nil); err != nil {
				return err
			}
		}
		_, err := x.policies(tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("create exchange %s: %w", name, err)
	}
	return Open(ctx, cfg)
}

// Open opens an existing exchange. It refuses when the database is behind what the guard or the bucket has seen signed:
// such a database was rolled back, and going on would fork the public record.
func Open(ctx context.Context, cfg Config) (*Exchange, error) {
	x := build(cfg)
	err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
		x.info, err = tx.Exchange()
		return err
	})
	if errors.Is(err, footage.NotFound) {
		return nil, footage.Coded(footage.NotFound, "no_exchange", "There is no exchange in this database yet. Make one with 'porchlight office init'.")
	}
	if err != nil {
		return nil, fmt.Errorf("open exchange: %w", err)
	}
	if err := x.checkKeys(); err != nil {
		return nil, err
	}
	if x.atOnce && !x.info.Fictional {
		return nil, footage.Coded(footage.Invalid, "at_once", "Only a fictional exchange may release shares at once. Leave out --release-at-once.")
	}
	if x.keyDelay != 0 && !x.info.Fictional {
		return nil, footage.Coded(footage.Invalid, "key_delay", "Only a fictional exchange may choose how long a changed key waits: on this one it is 72 hours. Leave out --key-delay.")
	}
	x.accounts = x.accountService()
	if err := x.checkRollback(ctx); err != nil {
		return nil, err
	}
	if err := x.checkWitnesses(ctx); err != nil {
		return nil, err
	}
	if err := x.index(ctx); err != nil {
		return nil, fmt.Errorf("index the published requests: %w", err)
	}
	if err := x.oweAgain(ctx); err != nil {
		return nil, fmt.Errorf("note what is owed after requests: %w", err)
	}
	return x, nil
}

// checkKeys refuses keys that are not this exchange's: a checkpoint or receipt signed by another would be worth nothing.
func (x *Exchange) checkKeys() error {
	signer, err := ledger.NewSigner(x.keys.LogSigner)
	if err != nil {
		return err
	}
	verifier, err := ledger.NewVerifier(x.info.LogVerifier)
	if err != nil {
		return err
	}
	if x.info.LogVerifier != x.keys.LogVerifier || signer.Name() != verifier.Name() || signer.KeyHash() != verifier.KeyHash() {
		return footage.Coded(footage.Untrusted, "wrong_log_key", "The log key in the key folder is not the one of this exchange. Put the right key file back.")
	}
	if encode(x.keys.receiptKey().Public().(ed25519.PublicKey)) != x.info.ReceiptKey {
		return footage.Coded(footage.Untrusted, "wrong_receipt_key", "The receipt key in the key folder is not the one of this exchange. Put the right key file back.")
	}
	return nil
}

func (x *Exchange) accountService() *account.Service {
	return &account.Service{DB: x.db, RP: x.info.RP, Name: x.info.Name, Fictional: x.info.Fictional, Now: x.now}
}

// maxTiles is how many bytes of the record's tiles are kept in memory: enough for the tiles above a record of any size, and for
// some 30,000 entries below.
const maxTiles = 2 << 20

func build(cfg Config) *Exchange {
	x := &Exchange{db: cfg.DB, bucket: cfg.Bucket, objects: objects{cfg.Bucket}, keys: cfg.Keys, guard: cfg.Guard,
		now: cfg.Now, random: cfg.Random, atOnce: cfg.AtOnce, keyDelay: cfg.KeyDelay, watched: cfg.Witnesses, places: map[footage.AgencyID]place{}}
	x.tiles = ledger.NewCache(x.objects, maxTiles)
	if x.now == nil {
		x.now = func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
	}
	if x.random == nil {
		x.random = func(string, string) io.Reader { return rand.Reader }
	}
	return x
}

// Info returns the exchange's public facts.
func (x *Exchange) Info() store.Exchange { return x.info }

// Accounts returns the sign-in service.
func (x *Exchange) Accounts() *account.Service { return x.accounts }

// policies returns the rules in force now.
func (x *Exchange) policies(tx *store.Tx) (policy.Set, error) {
	now := x.now()
	hashes, err := tx.PoliciesInForce(now)
	if err != nil {
		return policy.Set{}, err
	}
	key := strings.Join(hashes, " ")
	x.mu.Lock()
	known, ok := x.rules[key]
	x.mu.Unlock()
	if ok {
		return known, nil
	}
	set, err := readPolicies(tx, now)
	if err == nil {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.rules = map[string]policy.Set{key: set} // those in force before are asked for no more
	}
	return set, err
}

// write runs fn in a transaction and, when it left entries in the record, brings the record up to date.
//
// Once fn is committed the fact stands, and an error would say that it does not. A bucket that does not answer now delays
// the tree alone: the task that integrates the record catches up, and is what fails, in public, if it cannot.
func (x *Exchange) write(ctx context.Context, fn func(*store.Tx) error) error {
	if err := x.db.Write(ctx, fn); err != nil {
		return err
	}
	_ = x.Integrate(context.WithoutCancel(ctx))
	return nil
}

// staff returns the member of staff, refusing those who are disabled or lack every one of the roles.
func (x *Exchange) staff(tx *store.Tx, id footage.PersonID, roles ...footage.Role) (footage.Person, error) {
	p, err := tx.Person(id)
	if err != nil {
		return p, footage.E(footage.Unauthorized, "Sign in first.")
	}
	if p.Disabled {
		return p, footage.E(footage.Forbidden, "This account is disabled. Ask your administrator.")
	}
	if p.Suspended != "" {
		return p, footage.Coded(footage.Forbidden, "person_suspended", "You are suspended: "+p.Suspended)
	}
	for _, role := range roles {
		if p.Has(role) {
			return p, nil
		}
	}
	return p, footage.E(footage.Forbidden, fmt.Sprintf("This needs the role %s, which you do not have.", roles[0]))
}
