# What the scripts share. Sourced, never run; works with the bash 3.2 that macOS ships.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# rustup puts cargo here; a shell that was open before the installation does not know it yet.
if [ -d "${CARGO_HOME:-$HOME/.cargo}/bin" ]; then
    PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
fi

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# Runs a command as root, with sudo where that is needed.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "This needs root, and there is no sudo here. Run as root: $*"
    fi
}

# Installs those of the named Debian packages that are missing; asks nobody and is quick when there are none.
apt_install() {
    local package missing=()
    for package in "$@"; do
        if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
            missing+=("$package")
        fi
    done
    [ "${#missing[@]}" -eq 0 ] && return
    say "Installing: ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# Points Vulkan at Mesa's software driver, whose pictures are the same on every machine. A driver chosen by hand stays.
use_software_vulkan() {
    local driver
    [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] || return 0
    for driver in /usr/share/vulkan/icd.d/lvp_icd*.json; do
        [ -e "$driver" ] || continue
        # Loaders before 1.3.207 know only the second name.
        export VK_DRIVER_FILES="$driver" VK_ICD_FILENAMES="$driver"
        return
    done
    die "Mesa's software Vulkan driver (lvp_icd*.json) is not in /usr/share/vulkan/icd.d: install mesa-vulkan-drivers"
}

# The Python of the readers that tests compare with, where it was set up; else the system's.
readers_python() {
    local python="$root/target/readers-venv/bin/python"
    [ -x "$python" ] || python=python3
    printf '%s\n' "$python"
}

# The photos of a folder with truth.json, or of one of its variants: PYTHON FOLDER VARIANT.
photos_of_set() {
    "$1" - "$2" "$3" <<'PYTHON'
import json, sys, pathlib
folder, variant = pathlib.Path(sys.argv[1]), sys.argv[2]
truth = json.loads((folder / "truth.json").read_text())
names = truth["variants"][variant] if variant else [photo["name"] for photo in truth["photos"]]
print("\n".join(str(folder / name) for name in names))
PYTHON
}

# What measuring on known photos begins with: a folder `work` that goes at the end, `python`, and the program. NAME.
prepare_measuring() {
    work=$(mktemp -d "${TMPDIR:-/tmp}/fathom-$1.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    python=$(readers_python)
    (cd "$root" && cargo build --release --locked --ignore-rust-version)
    fathom="$root/target/release/fathom"
}
