#!/usr/bin/env bash
# Changes small photos at random and has every decoder read them: fuzz.sh [SECONDS] [part of a seed's name].
# Prints files, panics (which cost one photo), the slowest file and the most memory; fails on a hang or too much memory.
# FATHOM_FUZZ_SEED=N takes other changes, FATHOM_FUZZ_KEEP=FOLDER keeps the files that made trouble.
set -euo pipefail
cd "$(dirname "$0")/.."
export FATHOM_FUZZ_SECONDS="${1:-60}" FATHOM_FUZZ_ONLY="${2:-}"
cargo test --release --locked --test fuzz_inputs -- --nocapture
