#!/usr/bin/env bash
# Frame rates of three viewers on the same points: Fathom, rerun's and Open3D's (both from PyPI, into target/viewers-venv).
# All draw with software drivers of the same machine, one after the other, while the view is turned by the pointer; the 3D view is
# about 1280×800 pixels in each. Prints pictures per second and the ratio to the fastest of the others.
#
#   scripts/viewers.sh [SECONDS]      how long each is watched, 15 if not given
set -euo pipefail
source "$(dirname "$0")/common.sh"

[ "$(uname -s)" = Linux ] || die "Needs an X server that can run without a screen: Linux only"
"$root/scripts/setup.sh" screenshots
apt_install libusb-1.0-0 libgl1 libegl1 libgl1-mesa-dri
cd "$root"

pictures="$root/target/viewers"
source scripts/display.sh

seconds=${1:-15}
venv="$root/target/viewers-venv"
if [ ! -x "$venv/bin/rerun" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q numpy pillow rerun-sdk open3d
fi

# Counts the pictures that a Vulkan program shows, every half second.
watched() {
    env VK_INSTANCE_LAYERS=VK_LAYER_MESA_overlay \
        VK_LAYER_MESA_OVERLAY_CONFIG="output_file=$1,fps_sampling_period=500000,no_display" "${@:2}"
}

# Turns the view to and fro with the left button for so long.
turn() {
    local x=$1 y=$2 end=$((SECONDS + seconds)) i=0
    xdotool mousemove "$x" "$y" mousedown 1
    while [ "$SECONDS" -lt "$end" ]; do
        i=$((i + 1))
        xdotool mousemove "$((x + (i % 80 < 40 ? i % 40 : 40 - i % 40) * 4))" "$((y + i % 2))"
        sleep 0.012
    done
    xdotool mouseup 1
}

# Median of the pictures per second in a file of the overlay layer, without its first and last seconds.
rate() { grep -E '^ *[0-9.]' "$1" | tail -n +4 | head -n -2 | tr -d ' ,' | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

trap clean_up EXIT
cargo build --release --locked
mkdir -p "$pictures"
start_display
scene="$work/scene"
target/release/fathom example --out "$scene" --views 5 --width 640 --height 480 >/dev/null
"$venv/bin/python" scripts/viewers/points.py "$scene" "$work/points.npz"

# ---- Fathom: the 3D view alone is 1280×800 where the window leaves room for the panels ----
watch_fathom() {
    start_window 1900x930 2>/dev/null
    at 25 60
    sleep 0.5
    xdotool click 1
    sleep 4
    settle
    key ctrl+2
    settle
    shot_now fathom
    turn 900 500
    stop_window
}
watched "$work/fathom.txt" true
export VK_INSTANCE_LAYERS=VK_LAYER_MESA_overlay
export VK_LAYER_MESA_OVERLAY_CONFIG="output_file=$work/fathom.txt,fps_sampling_period=500000,no_display"
watch_fathom
export VK_LAYER_MESA_OVERLAY_CONFIG="output_file=$work/rerun.txt,fps_sampling_period=500000,no_display"

# ---- rerun ----
"$venv/bin/python" scripts/viewers/to_rerun.py "$work/points.npz" "$work/points.rrd"
"$venv/bin/rerun" --window-size 1280x800 --hide-welcome-screen --memory-limit 8GB "$work/points.rrd" >"$work/rerun.log" 2>&1 &
rerun=$!
helpers+=("$rerun")
sleep 25
import -window root -strip "$pictures/rerun.png"
turn 700 400
kill "$rerun" 2>/dev/null || true
wait "$rerun" 2>/dev/null || true
unset VK_INSTANCE_LAYERS VK_LAYER_MESA_OVERLAY_CONFIG

# ---- Open3D ----
LIBGL_ALWAYS_SOFTWARE=1 "$venv/bin/python" scripts/viewers/open3d_rate.py "$work/points.npz" "$seconds" "$pictures/open3d.png" \
    >"$work/open3d.txt" 2>"$work/open3d.log" || die "Open3D: $(tail -n 3 "$work/open3d.log")"

awk -v f="$(rate "$work/fathom.txt")" -v r="$(rate "$work/rerun.txt")" -v o="$(tail -n 1 "$work/open3d.txt")" 'BEGIN {
    printf "Fathom %.1f   rerun %.1f   Open3D %.1f   pictures per second\n", f, r, o
    printf "Fathom / rerun %.2f   Fathom / Open3D %.2f\n", f / r, f / o
}'
