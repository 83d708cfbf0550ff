#!/usr/bin/env bash
# A tour of the 3D view by mouse and keyboard: every way to move, look, measure and take away, on the drawn example, in the real
# window on a display of its own. Each step leaves a picture in target/tour/, to be looked at.
#
#   scripts/tour.sh
set -euo pipefail
source "$(dirname "$0")/common.sh"

pictures="$root/target/tour"
source "$root/scripts/display.sh"

begin_steps

start_window 1440x900
at 18 63
sleep 0.5
xdotool click 1
sleep 3
settle
key ctrl+2
step 01-home

# ---- Moving ----
drag 50 50 62 44
step 02-orbit
at 50 50
xdotool keydown shift
drag 50 50 56 56
xdotool keyup shift
step 03-pan
at 52 60
wheel 4 6
step 04-zoom-towards-the-cursor
wheel 4 30
step 05-zoom-never-passes-through
key r
step 06-reset
at 50 60
xdotool click --repeat 2 --delay 80 1
step 07-double-click-focuses
key f
step 08-fit
for view in 1 3 7; do
    key "$view"
    step "09-standard-view-$view"
done
key 5
step 10-orthographic
key 5
key r
at 50 50
xdotool keydown w
sleep 0.6
xdotool keyup w
step 11-fly
key r
# The x axis of the gizmo in the corner.
at 77 12
xdotool click 1
sleep 1
step 12-gizmo

# ---- Cameras ----
key Down
key v
step 13-look-through-the-selected-camera
drag 43 15 46 15
step 13-photo-over-the-scene
at 50 60
key r
at 50 30
wheel 5 4
step 14-cameras-from-afar

# ---- Reading and measuring ----
key r
at 50 60
sleep 1
step 15-hover-reads-the-point
key p
at 46 62
xdotool click 1
sleep 0.7
at 58 62
xdotool click 1
sleep 0.7
at 52 52
sleep 0.7
step 16-measure
key Escape
step 17-measured

# ---- 2D and 3D ----
key ctrl+3
at 30 40
sleep 1
step 18-pixel-in-2d-marks-3d
at 62 55
sleep 1
step 19-point-in-3d-marks-2d

# ---- Taking away ----
key ctrl+2
key k
step 20-save-picture
key Escape
key shift+k
step 21-save-film
key Escape
at 50 60
key b
step 22-view-is-saved
