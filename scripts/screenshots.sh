#!/usr/bin/env bash
# Makes the README's pictures: runs the real window on a display of its own, with the software Vulkan driver, drives it
# with key presses, the pointer and a real drag of files, and writes PNG files to screenshots/.
#
#   scripts/screenshots.sh [NAME…]      the named pictures (see "The pictures" below), or all of them
set -euo pipefail
source "$(dirname "$0")/common.sh"

pictures="$root/screenshots"
source "$root/scripts/display.sh"

# ---- The pictures ------------------------------------------------------------------------------------------------------
# One function for each: picture_NAME makes screenshots/NAME.png. Keys are those of the Keys window (F1).

photo="$root/assets/examples/coffee.jpg"
photos=("$root"/assets/examples/*.jpg)
normal=1440x900

# The first start follows the system's theme; where the system names none, that is the dark one.
picture_empty-dark() {
    start_window "$normal"
    shot empty-dark
}

picture_empty-light() {
    start_window "$normal"
    light
    shot empty-light
}

# Files held over the window.
picture_hover() {
    start_window "$normal"
    scripts/drop.py --window "$title" --hold 3 "$photo" &
    local dragging=$!
    sleep 2
    shot_now hover
    say "screenshots/hover.png"
    wait "$dragging"
}

# While a run is going on: early enough that the last photo is not done.
picture_running() {
    start_window "$normal"
    drop "${photos[@]}"
    sleep 4
    shot_now running
    say "screenshots/running.png"
}

picture_depth() {
    with_result "$normal"
    key ctrl+1
    settle
    shot depth
}

picture_split() {
    with_result "$normal"
    key ctrl+3
    drag 60 50 66 46
    settle
    shot split
}

picture_cloud() {
    with_result "$normal"
    key ctrl+2
    drag 50 50 62 44
    settle
    shot cloud
}

# Three photos of one place, made one scene by what they share, with their cameras.
picture_cameras() {
    with_scene "$normal"
    key ctrl+3
    drag 70 50 66 47
    key ctrl+2
    settle
    shot cameras
}

# What two of them share.
picture_matches() {
    with_scene "$normal"
    key j
    settle
    shot matches
}

picture_light() {
    with_result "$normal"
    light
    key ctrl+3
    settle
    shot light
}

# A file that is no photo among good ones, with the notices open.
picture_error() {
    start_window "$normal"
    printf 'not a photo' >"$work/broken.jpg"
    drop "$photo" "$work/broken.jpg"
    settle
    key n
    settle
    shot error
}

picture_small() {
    with_result 1280x720
    key ctrl+3
    settle
    shot small
}

picture_large() {
    with_result 1880x1120
    key ctrl+3
    settle
    shot large
}

# A window in which one photo has been dropped and its depth is done.
with_result() {
    start_window "$1"
    drop "$photo"
    settle
}

# A window in which the photos of one place have become a scene.
with_scene() {
    start_window "$1"
    drop "$root"/assets/examples/portal_*.jpg
    settle
}

# From the first start's theme to the light one.
light() {
    key t
    settle
}

every=(empty-dark empty-light hover running depth split cloud cameras matches light error small large)

# ---- All of it ---------------------------------------------------------------------------------------------------------

wanted=("$@")
[ "$#" -gt 0 ] || wanted=("${every[@]}")
for name in "${wanted[@]}"; do
    declare -F "picture_$name" >/dev/null || die "no picture is called $name; there are: ${every[*]}"
done

cargo build --release --locked --ignore-rust-version
mkdir -p "$pictures"
start_display
for name in "${wanted[@]}"; do
    "picture_$name"
done
