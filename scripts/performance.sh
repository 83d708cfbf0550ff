#!/usr/bin/env bash
# Measures Fathom beside PyTorch and ONNX Runtime on this machine and writes the tables of docs/performance.md, in some
# fifteen minutes on two cores. The machine should have nothing else to do. `--rounds 1` is a quick look; `--out FILE`
# writes elsewhere. Works where /proc is, that is on Linux.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$root"

cargo build --release --locked --ignore-rust-version

# A Python of its own: what is measured does not depend on what else is installed. The wheels take 6 GB.
python=target/reference-venv/bin/python
if ! cmp -s scripts/reference/requirements.txt target/reference-venv/installed.txt; then
    say "Installing PyTorch and ONNX Runtime into target/reference-venv"
    python3 -m venv target/reference-venv
    "$python" -m pip install --quiet --requirement scripts/reference/requirements.txt
    cp scripts/reference/requirements.txt target/reference-venv/installed.txt
fi

exec "$python" scripts/reference/compare.py "$@"
