#!/usr/bin/env bash
# What building costs: a clean build, and an edit in worker/, each in a target folder of its own.
#
#   bash bench/build_times.sh [dev|release|all]     default: dev
#
# Goals (2 cores): clean build ≤ 12 min, an edit in worker/ ≤ 10 s. Dependencies are downloaded first; only compiling counts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

which=${1:-dev}
target=$(mktemp -d "${TMPDIR:-/tmp}/aggregator-build-times.XXXXXX")
trap 'rm -rf "$target"' EXIT
unset CARGO_INCREMENTAL
export CARGO_TARGET_DIR=$target CARGO_TERM_PROGRESS_WHEN=never

# Wall clock and processor seconds: the second hardly moves when the machine is busy with something else.
timed() {
    local label=$1 seconds
    shift
    local TIMEFORMAT='%R %U %S'
    seconds=$({ time "$@" >"$target/log" 2>&1; } 2>&1) || { cat "$target/log"; exit 1; }
    awk -v label="$label" '{ printf "%-44s %8.1f s %8.1f s of processor\n", label, $1, $2 + $3 }' <<<"$seconds"
}

# The product's binary, as `cargo build` makes it (default-members).
measure() {
    local profile=$1
    timed "$profile: clean build" cargo build --locked --offline --profile "$profile"
    touch worker/src/lib.rs
    timed "$profile: after an edit in worker/" cargo build --locked --offline --profile "$profile"
    touch worker/src/lib.rs
    timed "$profile: the same, cargo check" cargo check --locked --offline --profile "$profile"
    touch worker/src/lib.rs
    timed "$profile: the same, checked again" cargo check --locked --offline --profile "$profile"
    du -sh "$target" | awk -v profile="$profile" '{ printf "%-44s %10s\n", profile ": target folder", $1 }'
    rm -rf "${target:?}"/*
}

cargo fetch --locked --quiet
printf 'cores: %s, load before: %s\n' "$(nproc)" "$(cut -d' ' -f1-3 /proc/loadavg)"
case $which in
    dev | release) measure "$which" ;;
    all) measure dev && measure release ;;
    *) printf 'usage: bash bench/build_times.sh [dev|release|all]\n' >&2; exit 2 ;;
esac
