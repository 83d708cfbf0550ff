#!/usr/bin/env bash
# Type-checks Fathom for macOS and Windows on a Linux machine. Nothing is linked and nothing is run.
#
#   scripts/check-platforms.sh [TARGET…]        default: aarch64-apple-darwin x86_64-pc-windows-msvc
#
# A target that rustup has installed is checked with the ordinary toolchain (`rustup target add TARGET`). Without it,
# on Debian, the distribution's own compiler and the sources of its standard library are unpacked into a cache folder
# beside everything else (they are not installed), and the standard library is type-checked along with the program.
# The first run takes a few minutes for each target.
set -euo pipefail
source "$(dirname "$0")/common.sh"

targets=("$@")
[ "$#" -gt 0 ] || targets=(aarch64-apple-darwin x86_64-pc-windows-msvc)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/fathom/check-platforms"
debian="$cache/debian"

# Unpacks Debian's compiler, and whatever of its libraries this machine lacks, into the cache.
unpack_debian_compiler() {
    [ -x "$debian/usr/bin/rustc" ] && return
    command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
        die "Not a Debian system: add the targets to rustup instead: rustup target add ${targets[*]}"
    # An old index offers a compiler that is too old.
    as_root apt-get update -qq
    local packages
    # A simulated installation names everything that would be needed on this very machine.
    packages=$(apt-get -s --no-install-recommends install rustc-web cargo-web rust-web-src | awk '$1 == "Inst" { print $2 }')
    [ -n "$packages" ] || die "apt-get knows no rustc-web: add the targets to rustup instead: rustup target add ${targets[*]}"
    say "Unpacking into $debian:" $packages
    rm -rf "$cache/download" "$debian.new"
    mkdir -p "$cache/download" "$debian.new"
    (cd "$cache/download" && apt-get -qq -o APT::Sandbox::User=root download $packages)
    local package
    for package in "$cache"/download/*.deb; do
        dpkg -x "$package" "$debian.new"
    done
    rm -rf "$cache/download"
    # Renamed last, so that an interrupted run starts afresh.
    mv "$debian.new" "$debian"
}

# mimalloc and its C code are left out: they would want a cross compiler.
check() {
    local target=$1
    shift
    CARGO_TARGET_DIR="$cache/target" nice -n 19 "$@" --locked --ignore-rust-version --no-default-features --target "$target"
}

cd "$root"
installed=$(rustup target list --installed 2>/dev/null || true)
for target in "${targets[@]}"; do
    if grep -qx "$target" <<<"$installed"; then
        say "== $target, with rustup's standard library"
        check "$target" cargo check
    else
        unpack_debian_compiler
        say "== $target, with Debian's compiler and the standard library from source"
        # -Zbuild-std belongs to nightly compilers; RUSTC_BOOTSTRAP lets a stable one take it.
        RUSTC="$debian/usr/bin/rustc" RUSTC_BOOTSTRAP=1 LD_LIBRARY_PATH="$(echo "$debian"/usr/lib/*-linux-gnu)" \
            check "$target" "$debian/usr/bin/cargo" check -Zbuild-std=std,panic_unwind
    fi
done
say "Checked: ${targets[*]}"
