#!/usr/bin/env bash
# Makes the machine ready, builds Fathom and opens its window; arguments go to the program:
#
#   scripts/run.sh                              the window, with the built-in model
#   scripts/run.sh photo.jpg holiday/           the window, with these photos
#   scripts/run.sh depth photo.jpg --out out    no window: see scripts/run.sh --help
set -euo pipefail
source "$(dirname "$0")/common.sh"

"$root/scripts/setup.sh"
# Not from the repository's root: paths on the command line mean the caller's folder.
exec cargo run --release --locked --ignore-rust-version --manifest-path "$root/Cargo.toml" -- "$@"
