# Thin names over real commands; CI calls the same ones (.ci/run → make test).
# Two to know: `make run` (the main job, nothing needed but Rust and a C compiler) and `make test` (all that CI runs).

CARGO ?= cargo
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run build test lint fmt fmt-check clippy doc deny advisories nextest conformance doctest tools openapi web web-dist \
        web-client e2e lighthouse \
        bench build-times chaos chaos-controls extract-score fuzz

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: ## The main job: API, worker and web app in one process, SQLite, no other server
	@why=; if ! command -v npm >/dev/null; then why="Node is missing"; \
	elif ! why=$$(node web/scripts/node-version.cjs 2>&1); then :; \
	elif ! $(MAKE) --no-print-directory web-dist; then why="The web app could not be built"; fi; \
	[ -z "$$why" ] || echo "!!! $$why: the API is served without the web app (install Node 20.20 or later, then make run again)"
	$(CARGO) run --locked --release -- up

build: ## The binary, optimised: target/release/aggregator
	$(CARGO) build --locked --release

test: ## Everything CI runs, with times
	@bash .ci/steps tools fmt-check deny advisories clippy doc doctest web nextest conformance e2e

lint: fmt-check clippy ## Formatting and clippy

fmt: ## Format the code
	$(CARGO) fmt --all

fmt-check:
	$(CARGO) fmt --all --check

clippy: ## Lints of every crate and target, warnings are errors
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

doc: ## API documentation, warnings are errors: target/doc
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps

deny: ## Licences, bans and sources of the dependencies
	@bash .ci/tools deny
	$(CARGO) deny --locked --log-level error check licenses bans sources

advisories: ## Known vulnerabilities (says so where the database cannot be reached)
	@bash .ci/tools deny
	@bash .ci/advisories

doctest:
	$(CARGO) test --locked --workspace --doc --quiet

# Real PostgreSQL and Redis: the machine's, or our own, started and stopped here (.ci/services).
nextest: ## The tests alone
	@bash .ci/tools nextest
	@data="$${AGGREGATOR_TEST_DATA:-../shared/data}"; [ -d "$$data" ] || \
	echo "!!! NO TEST DATA in $$data (AGGREGATOR_TEST_DATA): the tests on real data skipped themselves"
	@set -e; services=$$(bash .ci/services start); eval "$$services"; trap 'bash .ci/services stop' EXIT; \
	$(CARGO) nextest run --locked --workspace

# The binary is the one the tests were built with: after `nextest` nothing is compiled again.
conformance: ## Hold the API against its document on both databases (schemathesis)
	@set -e; services=$$(bash .ci/services start); eval "$$services"; trap 'bash .ci/services stop' EXIT; \
	$(CARGO) test --locked --workspace --no-run --quiet; bash api/conformance/run

tools: ## Install what `make test` needs and the machine lacks
	@bash .ci/tools components nextest deny curl schemathesis node chromium

web/node_modules: web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch web/node_modules

# What the files are made of; folders, too, so that a file that is gone counts.
WEB_SOURCES := $(shell find web/src web/public web/scripts/compress.mjs web/index.html web/*.ts web/tsconfig.json web/package.json web/package-lock.json \
    -not -path '*/.*' -not -name '*.test.ts')

web/dist/index.html: $(WEB_SOURCES) | web/node_modules
	cd web && { npm run build || { rm -rf dist; false; }; }

web-dist: web/dist/index.html ## The web app's files: web/dist

web: web/node_modules ## Types, lint, unit tests and build of the web app; the generated client is that of the document
	cd web && npm run check && npm run budget

web-client: web/node_modules ## Generate the web app's client from openapi/openapi.json
	cd web && npm run gen

# The binary is the one the tests were built with; the files are built where a source is newer (`web` has just built them in `make test`).
e2e: web-dist ## Journeys through the web app in Chromium, against the real program
	@bash .ci/tools chromium
	@set -e; services=$$(bash .ci/services start); eval "$$services"; trap 'bash .ci/services stop' EXIT; \
	$(CARGO) build --locked --workspace --quiet; \
	(cd web && AGGREGATOR_BINARY=$(CURDIR)/target/debug/aggregator npm run e2e)

lighthouse: web-dist build ## Lighthouse (desktop) over the web app as the program serves it
	@bash .ci/tools chromium
	cd web && AGGREGATOR_BINARY=$(CURDIR)/target/release/aggregator npm run lighthouse

openapi: ## Write openapi/openapi.json from the router that serves
	$(CARGO) run --locked --quiet -- openapi > openapi/openapi.json.new
	mv openapi/openapi.json.new openapi/openapi.json

bench: ## The benchmarks (release): writes bench/results.md; QUICK=1 for a short run
	@bash bench/run $(if $(QUICK),--quick)

build-times: ## What a clean build and an edit cost
	@bash bench/build_times.sh

chaos: ## Kill, restart and deliver twice on purpose (release, minutes); writes docs/RELIABILITY.md
	@bash .ci/tools nextest
	@set -e; services=$$(bash .ci/services start); eval "$$services"; trap 'bash .ci/services stop' EXIT; \
	export AGGREGATOR_TEST_CHAOS=long AGGREGATOR_TEST_CHAOS_REPORT=$(CURDIR)/docs/RELIABILITY.md; \
	$(CARGO) nextest run --locked --cargo-profile release --profile chaos --workspace --test chaos
	@AGGREGATOR_TEST_CHAOS_REPORT=$(CURDIR)/docs/RELIABILITY.md $(MAKE) --no-print-directory chaos-controls

# Each build lacks one safety; the checker must go red (docs/RELIABILITY.md). The services are only made sure to be installed:
# every scenario starts its own.
chaos-controls: ## The negative controls of the chaos suite
	@bash .ci/tools nextest
	@set -e; services=$$(bash .ci/services start); eval "$$services"; trap 'bash .ci/services stop' EXIT; \
	$(CARGO) nextest run --locked --workspace --test chaos --features aggregator-cli/chaos-without-fencing \
	    -E 'test(chaos_09_worker_stopped) - test(in_a_commit) | test(chaos_11)'; \
	$(CARGO) nextest run --locked --workspace --test chaos --features aggregator-cli/chaos-without-sweep -E 'test(chaos_01)'

extract-score: ## Recall and precision of extraction per kind and corpus
	$(CARGO) run --locked --release --quiet -p aggregator-domain --example extract_score

fuzz: ## Fuzz detection and extraction for ten minutes
	@bash fuzz/run $(or $(SECONDS),600)
