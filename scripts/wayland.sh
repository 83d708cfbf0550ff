#!/usr/bin/env bash
# The window on a Wayland desktop without a screen (sway): shown by Wayland itself, where copied files are pasted, and through
# XWayland, where files are dropped. Leaves pictures in target/wayland/, to be looked at, and fails where nothing was added.
#
#   scripts/wayland.sh [PHOTO…]
set -euo pipefail
source "$(dirname "$0")/common.sh"

[ "$(uname -s)" = Linux ] || die "Wayland is on Linux only"
[ "$(id -u)" -ne 0 ] || die "sway does not run as root: start this as somebody else"
cd "$root"
apt_install sway xwayland wl-clipboard wtype grim python3-xlib
pictures="$root/target/wayland"
mkdir -p "$pictures"
photos=("$@")
[ "${#photos[@]}" -gt 0 ] || photos=("$root/assets/examples/coffee.jpg")
cargo build --release --locked --ignore-rust-version

work=$(mktemp -d "${TMPDIR:-/tmp}/fathom-wayland.XXXXXX")
helpers=()
clean_up() {
    [ "${#helpers[@]}" -eq 0 ] || kill "${helpers[@]}" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

export XDG_RUNTIME_DIR="$work/runtime" WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman
mkdir -m 700 "$XDG_RUNTIME_DIR"
use_software_vulkan
unset DISPLAY WAYLAND_DISPLAY
cat >"$work/config" <<CONFIG
output HEADLESS-1 resolution 1280x800
xwayland force
default_border none
exec sh -c 'echo "\$DISPLAY \$WAYLAND_DISPLAY" >$work/displays'
CONFIG
sway -c "$work/config" >"$work/sway.log" 2>&1 &
helpers+=($!)
for _ in $(seq 100); do
    [ -s "$work/displays" ] && break
    sleep 0.1
done
[ -s "$work/displays" ] || die "sway does not start: $(cat "$work/sway.log")"
read -r x11 wayland <"$work/displays"

# open VARIABLE=VALUE…: starts the program with these displays and a home of its own.
open() {
    local home="$work/home-$RANDOM"
    mkdir -p "$home"
    env "$@" XDG_CONFIG_HOME="$home/config" XDG_DATA_HOME="$home/data" XDG_CACHE_HOME="$home/cache" \
        XDG_STATE_HOME="$home/state" target/release/fathom >"$work/window.log" 2>&1 &
    window=$!
    helpers+=("$window")
    sleep 8
    kill -0 "$window" || die "no window: $(cat "$work/window.log")"
}

# shot NAME: what the desktop shows.
shot() {
    WAYLAND_DISPLAY="$wayland" grim "$pictures/$1.png"
    say "$pictures/$1.png"
}

# Says which server shows the window; the compositor knows.
shell_of_window() { swaymsg -s "$(ls "$XDG_RUNTIME_DIR"/sway-ipc.*)" -t get_tree | grep -o '"shell": "[a-z_]*"' | tail -n 1; }

changed() { ! cmp -s "$pictures/$1.png" "$pictures/$2.png"; }

say "Through Wayland itself"
open WAYLAND_DISPLAY="$wayland"
shell_of_window | grep -q xdg_shell || die "the window is not shown by Wayland"
shot 1-wayland
printf '%s\n' "${photos[@]}" | WAYLAND_DISPLAY="$wayland" wl-copy
WAYLAND_DISPLAY="$wayland" wtype -s 2500 -M ctrl -s 200 -k v -s 200 -m ctrl -s 1000
sleep 12
shot 2-wayland-pasted
changed 1-wayland 2-wayland-pasted || die "nothing was pasted"
kill "$window"

say "Through XWayland, which comes first where both are"
open WAYLAND_DISPLAY="$wayland" DISPLAY="$x11"
shell_of_window | grep -q xwayland || die "the window is not shown through XWayland"
shot 3-xwayland
DISPLAY="$x11" scripts/drop.py --window Fathom "${photos[@]}" || die "the window did not take the drop"
sleep 12
shot 4-xwayland-dropped
changed 3-xwayland 4-xwayland-dropped || die "nothing was dropped"
kill "$window"
