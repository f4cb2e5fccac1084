# make test is the one command: it installs what the tests need where it can, and skips nothing.
.PHONY: help test tools check bench soak fuzz

help: ## what the targets do
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/'

tools: ## install PostgreSQL, ffmpeg, Chromium, exiftool, strace, Node and the S3 test server, or say what is missing
	@tools/install

check: ## gofmt, vet, staticcheck, types of the scripts, generated files
	@tools/check

test: tools check ## everything, nothing skipped
	PORCHLIGHT_REQUIRE_ALL=1 go test -count=1 -timeout 20m ./...

ROUNDS ?= 2000
soak: tools ## the tests of crashes and cuts, ROUNDS times each; PORCHLIGHT_SEED=N throws the dice of a run that failed again
	PORCHLIGHT_REQUIRE_ALL=1 PORCHLIGHT_SOAK=$(ROUNDS) go test -count=1 -timeout 24h -run 'TestKilled|TestCut' ./internal/proof

FUZZTIME ?= 20s
fuzz: ## every fuzzer for FUZZTIME each, which is a quarter of an hour in all
	@FUZZTIME=$(FUZZTIME) tools/fuzz

bench: ## the comparisons of ../shared/bench with us in them, where that folder is there
	@bench/run
