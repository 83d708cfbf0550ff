#!/usr/bin/env bash
# Holds matching to other golden files: those of a folder with a.png, b.png and their numbers as a safetensors file, by
# default with the program's own weights. A second folder names weights, xfeat.safetensors and xfeat-lighterglue.safetensors;
# with those every stage is compared.
#   scripts/matching-goldens.sh GOLDENS [WEIGHTS]
set -euo pipefail
source "$(dirname "$0")/common.sh"
[ $# -ge 1 ] || die "usage: $0 GOLDENS [WEIGHTS]"
FATHOM_GOLDENS="$(realpath "$1")"
export FATHOM_GOLDENS
if [ $# -ge 2 ]; then
    FATHOM_MATCHING_WEIGHTS="$(realpath "$2")"
    export FATHOM_MATCHING_WEIGHTS
fi
cd "$root"
exec cargo test --release --locked --ignore-rust-version --test golden matching -- --nocapture --test-threads 1
