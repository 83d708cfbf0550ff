#!/usr/bin/env bash
# Changes small photos and cameras at random and has every reader read them: fuzz.sh [SECONDS] [part of a seed's name].
# SECONDS are those of photos, and once more those of cameras. Prints files, panics (which cost one photo), the slowest file
# and the most memory; fails on a hang, on too much memory, and on a panic where cameras are read.
# FATHOM_FUZZ_FILES=N goes on until there were N of each format instead. FATHOM_FUZZ_SEED=N takes other changes,
# FATHOM_FUZZ_KEEP=FOLDER keeps the files that made trouble.
set -euo pipefail
cd "$(dirname "$0")/.."
export FATHOM_FUZZ_SECONDS="${1:-60}" FATHOM_FUZZ_ONLY="${2:-}"
# One after the other: memory is that of the process.
cargo test --release --locked --ignore-rust-version --test fuzz_inputs -- --nocapture --test-threads=1
