#!/usr/bin/env bash
# Installs the programs of others that tests/files/readers.rs has read Fathom's files, into target/readers-venv: packages of PyPI
# and one of npm, in the versions that tests/readers/ names. Does nothing where they are already there.
set -euo pipefail
source "$(dirname "$0")/common.sh"

venv="$root/target/readers-venv"
wanted=$(cat "$root/tests/readers/requirements.txt" "$root/tests/readers/package.json")
[ "$(cat "$venv/installed" 2>/dev/null)" != "$wanted" ] || exit 0

python=$(command -v python3 || command -v python) || die "Python 3.11 or newer is missing: install python3 and python3-venv"
say "Installing the readers that tests compare with, into target/readers-venv"
"$python" -m venv "$venv" || die "Python cannot make a virtual environment: install python3-venv"
bin="$venv/bin"
# Windows has its own name for it.
[ -d "$bin" ] || bin="$venv/Scripts"
"$bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$root/tests/readers/requirements.txt"
cp "$root/tests/readers/package.json" "$venv/"
(cd "$venv" && PATH="$bin:$PATH" npm install --silent --no-audit --no-fund)
printf '%s\n' "$wanted" >"$venv/installed"
