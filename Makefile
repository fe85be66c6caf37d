# Every command a person types. What a command does stands in scripts/ and xtask/.
#
#   make run ADDR=127.0.0.1:3000 DATABASE_URL=postgres://…    (both may be left out)
#   make bench BENCH="rate=4000 returning=0.5"                 (what may be said stands in CONTRIBUTING.md)

.DEFAULT_GOAL := help
.PHONY: help run build test lint end2end picture dev bench setup

help: ## this list
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

run: build ## builds, fills a first database with demo data and serves it on 127.0.0.1:3000
	@scripts/run

build: ## target/release/dispatcher and target/site
	@scripts/setup run
	@cargo run --package xtask --bin xtask -- build

test: ## every check there is; the last line sums them up
	@scripts/test

lint: ## format and lints, for the host and for the browser
	@scripts/setup run
	cargo fmt --all --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy --package xtask --package bench --all-targets -- -D warnings
	cargo clippy --package frontend --target wasm32-unknown-unknown -- -D warnings

end2end: ## the end-to-end tests alone
	@scripts/setup test
	@cargo run --package xtask --bin xtask -- build
	@scripts/with-postgres node_modules/.bin/playwright test --config end2end

picture: end2end ## the pictures in docs/, as the end-to-end tests saw the dashboard
	cp target/end2end/pictures/*.jpg docs/

dev: ## rebuilds and reloads while you edit (needs cargo-leptos)
	@scripts/dev

bench: ## the benchmark table, as text and as JSON
	@scripts/setup bench
	@cargo run --package xtask --bin xtask -- build
	@scripts/with-postgres cargo run --quiet --release --package bench -- $(BENCH)

setup: ## installs what is missing for all of the above
	@scripts/setup bench
