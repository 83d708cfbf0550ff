#!/usr/bin/env bash
# Makes a machine ready for Fathom. Installs what is missing, and does nothing where nothing is.
#
#   scripts/setup.sh                 what building and running needs
#   scripts/setup.sh test            the same and what the tests need
#   scripts/setup.sh screenshots     the same and what scripts/screenshots.sh needs
set -euo pipefail
source "$(dirname "$0")/common.sh"

purpose="${1:-run}"
case "$purpose" in
run | test | screenshots) ;;
*) die "usage: scripts/setup.sh [test|screenshots]" ;;
esac

# A window, its keyboard and pointer, and Vulkan or OpenGL to draw with. No -dev packages: Fathom opens these at run time.
# Certificates, to fetch models.
run_packages=(
    ca-certificates
    libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2 libxkbcommon0 libxkbcommon-x11-0 libwayland-client0
    libvulkan1 mesa-vulkan-drivers libegl1 libgl1-mesa-dri
)
# Programs of others read our files in tests.
test_packages=(python3 python3-venv)
screenshot_packages=(xvfb xauth openbox xdotool imagemagick python3-xlib)

linux_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "Not a Debian or Ubuntu system. If something is missing, these are the packages by their Debian names:"
        say "  build-essential ${run_packages[*]}"
        [ "$purpose" != test ] || say "  ${test_packages[*]}"
        [ "$purpose" != screenshots ] || say "  ${screenshot_packages[*]}"
        return
    fi
    local packages=("${run_packages[@]}")
    # A C compiler, for the allocator; any will do.
    command -v cc >/dev/null || packages+=(build-essential)
    command -v curl >/dev/null || packages+=(curl ca-certificates)
    # Open and save dialogs: a desktop brings its portal; zenity serves where there is none.
    dpkg-query -W xdg-desktop-portal >/dev/null 2>&1 || packages+=(zenity)
    [ "$purpose" != test ] || packages+=("${test_packages[@]}")
    [ "$purpose" != screenshots ] || packages+=("${screenshot_packages[@]}")
    apt_install "${packages[@]}"
}

# True when rustc is here and at least as new as Cargo.toml asks.
rust_is_new_enough() {
    local have
    have=$(cd "$root" && rustc --version 2>/dev/null | cut -d ' ' -f 2 | cut -d - -f 1) || return 1
    [ -n "$have" ] && [ "$(printf '%s\n%s\n' "$wanted" "$have" | sort -t . -k 1,1n -k 2,2n | head -n 1)" = "$wanted" ]
}

rust() {
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
    command -v cargo >/dev/null && rust_is_new_enough && return
    if command -v rustup >/dev/null; then
        say "Rust is older than $wanted: asking rustup for the current stable one"
        rustup toolchain install stable --profile minimal --component clippy,rustfmt
    else
        say "Installing Rust ($wanted or newer is needed) with rustup, into your home folder"
        # Only this shell's PATH is changed, by common.sh; rustup tells how to make that permanent.
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
            sh -s -- -y --no-modify-path --profile minimal --component clippy,rustfmt ||
            die "Could not install Rust: see https://rustup.rs, then run this again"
        PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
    fi
    hash -r
    rust_is_new_enough || die "rustc is still older than $wanted: run 'rustup default stable', or put rustup's cargo first in PATH"
}

case "$(uname -s)" in
Linux) linux_packages ;;
Darwin) command -v cc >/dev/null || die "A C compiler is missing: run xcode-select --install" ;;
esac
rust
[ "$purpose" != test ] || "$root/scripts/readers.sh"
