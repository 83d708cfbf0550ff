#!/usr/bin/env bash
# Makes the machine ready and runs every test. Needs no display and no graphics card.
# Arguments go to the test runner (cargo-nextest where it is installed, else cargo test): scripts/test.sh golden
set -euo pipefail
source "$(dirname "$0")/common.sh"

"$root/scripts/setup.sh" test
cd "$root"

if [ "$(uname -s)" = Linux ]; then
    # The same driver everywhere, also beside a graphics card: pictures are compared with stored ones.
    use_software_vulkan
    # Some libraries refuse to start without a folder that is theirs alone.
    XDG_RUNTIME_DIR=$(mktemp -d "${TMPDIR:-/tmp}/fathom-test.XXXXXX")
    export XDG_RUNTIME_DIR
    trap 'rm -rf "$XDG_RUNTIME_DIR"' EXIT
fi

# One profile for everything, so that the program and its tests are built once; every failure, not only the first.
runner=(cargo test)
if cargo nextest --version >/dev/null 2>&1; then
    runner=(cargo nextest run)
    # nextest leaves out examples in documentation.
    [ "$#" -gt 0 ] || cargo test --release --locked --ignore-rust-version --doc
fi
"${runner[@]}" --release --locked --ignore-rust-version --no-fail-fast "$@"
