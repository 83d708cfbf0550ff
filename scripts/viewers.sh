#!/usr/bin/env bash
# Frame rates of three viewers on the same points: Fathom, rerun's and Open3D's (both from PyPI, into target/viewers-venv).
# All draw with software drivers of the same machine, one after the other, while the view is turned by the pointer; the 3D view is
# about 1280×800 pixels in each. Prints pictures per second and the ratio to each of the others.
#
#   scripts/viewers.sh [SECONDS]      how long each is watched, 15 if not given
set -euo pipefail
source "$(dirname "$0")/common.sh"

pictures="$root/target/viewers"
source "$root/scripts/display.sh"
apt_install libusb-1.0-0 libgl1 libegl1 libgl1-mesa-dri

seconds=${1:-15}
venv="$root/target/viewers-venv"
if [ ! -x "$venv/bin/rerun" ]; then
    python3 -m venv "$venv"
    # Later viewers of rerun than this stay black with Mesa's software Vulkan (seen with 0.33 to 0.41 on Mesa 22.3).
    "$venv/bin/pip" install -q numpy pillow rerun-sdk==0.31.4 open3d==0.20.0
fi

# From here on every picture that a Vulkan program shows is counted, twice a second, into the file.
count_into() {
    export VK_INSTANCE_LAYERS=VK_LAYER_MESA_overlay
    export VK_LAYER_MESA_OVERLAY_CONFIG="output_file=$1,fps_sampling_period=500,no_display"
}

# Turns the view to and fro with the left button for so long. One process for all of it: starting them would take the processor
# from who is watched.
turn() {
    local x=$1 y=$2 i steps=()
    for ((i = 1; i <= seconds * 70; i++)); do
        steps+=(mousemove "$((x + (i % 80 < 40 ? i % 40 : 40 - i % 40) * 4))" "$((y + i % 2))" sleep 0.014)
    done
    xdotool mousemove "$x" "$y" mousedown 1 "${steps[@]}" mouseup 1
}

# Median of the pictures per second since line $2 of a file of the overlay layer; its columns are device, format, fps, microseconds.
rate() {
    tail -n "+$2" "$1" | head -n -1 | awk -F', *' '$3 > 0 { print $3 }' | sort -n |
        awk '{ v[NR] = $1 } END { if (NR < 3) exit 1; print v[int((NR + 1) / 2)] }' || die "too few pictures were counted: $1"
}

# The line that the next count will have, once the first second of turning is over.
next_line() { echo "$(($(wc -l <"$1") + 3))"; }

cargo build --release --locked --ignore-rust-version
mkdir -p "$pictures"
start_display
scene="$work/scene"
target/release/fathom example --out "$scene" --views 5 --width 640 --height 480 >/dev/null
"$venv/bin/python" scripts/viewers/points.py "$scene" "$work/points.npz"

# ---- Fathom: the 3D view alone is about 1280×800 where the window leaves room for the panels ----
# watch_fathom NAME EYE_DOME
watch_fathom() {
    local counts="$work/$1.txt" from
    remembered="(centre:Space,cloud:(thins:false,look:(sizing:pixels,point_size:2.0,eye_dome:$2)))"
    count_into "$counts"
    start_window 1900x930
    at 25 60
    sleep 0.5
    xdotool click 1
    sleep 4
    settle
    shot_now "$1"
    from=$(next_line "$counts")
    turn 900 500
    stop_window
    rate "$counts" "$from" >"$work/$1.rate"
}
watch_fathom fathom false
watch_fathom fathom-eye-dome true

# ---- rerun ----
count_into "$work/rerun.txt"
"$venv/bin/python" scripts/viewers/to_rerun.py "$work/points.npz" "$work/points.rrd"
"$venv/bin/rerun" --renderer vulkan --window-size 1280x800 --hide-welcome-screen --memory-limit 8GB "$work/points.rrd" \
    >"$work/rerun.log" 2>&1 &
rerun=$!
helpers+=("$rerun")
sleep 25
import -window root -strip "$pictures/rerun.png"
from=$(next_line "$work/rerun.txt")
turn 700 400
rerun_rate=$(rate "$work/rerun.txt" "$from")
kill "$rerun" 2>/dev/null || true
wait "$rerun" 2>/dev/null || true
unset VK_INSTANCE_LAYERS VK_LAYER_MESA_OVERLAY_CONFIG

# ---- Open3D ----
LIBGL_ALWAYS_SOFTWARE=1 "$venv/bin/python" scripts/viewers/open3d_rate.py "$work/points.npz" "$seconds" "$pictures/open3d.png" \
    >"$work/open3d.txt" 2>"$work/open3d.log" || die "Open3D: $(tail -n 3 "$work/open3d.log")"

awk -v f="$(cat "$work/fathom.rate")" -v e="$(cat "$work/fathom-eye-dome.rate")" -v r="$rerun_rate" \
    -v o="$(tail -n 1 "$work/open3d.txt")" 'BEGIN {
    printf "Fathom %.1f (with eye-dome lighting %.1f)   rerun %.1f   Open3D %.1f   pictures per second\n", f, e, r, o
    printf "Fathom / rerun %.2f (%.2f)   Fathom / Open3D %.2f (%.2f)\n", f / r, e / r, f / o, e / o
}'
