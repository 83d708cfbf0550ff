#!/usr/bin/env bash
# A person's first hour: eleven things that people want, done by mouse and keys in the real window on a display of its own. Each step leaves a
# picture in target/first-hour/, to be looked at; where the program ends, so does the script. What is seen is said by names, so that a
# picture that shows something else is found.
#
#   scripts/first-hour.sh
set -euo pipefail
source "$(dirname "$0")/common.sh"

pictures="$root/target/first-hour"
source "$root/scripts/display.sh"

begin_steps
photos="$work/photos"
mkdir -p "$photos"
cp assets/examples/portal_{1,2,3}.jpg assets/examples/cat.jpg "$photos"
head -c 20000 assets/examples/coffee.jpg >"$photos/cut_off.jpg"
echo "Buy milk" >"$photos/notes.txt"
printf '\0\0\0\030ftypmp42\0\0\0\0mp42isom' >"$photos/street.mp4"

# 1. The first photo: from an empty window to depth.
start_window 1280x800
step 01-empty
drop "$photos/portal_1.jpg"
step 01-depth

# 2. Looking closely: the photo's own pixels, a swipe, the value at the pointer.
key ctrl+1
key l
at 45 50
wheel 4 6
step 02-swipe-and-zoom
key 0
at 40 55
step 02-value-at-the-pointer

# 3. The scene in 3D.
key ctrl+2
step 03-scene-at-first
drag 50 50 58 46
step 03-turned
key r

# 4. More photos: only they run, and then all are one scene.
drop "$photos/portal_2.jpg" "$photos/portal_3.jpg"
step 04-one-scene
key j
step 04-matches
key Escape

# 5. What cannot be taken.
drop "$photos/notes.txt" "$photos/street.mp4" "$photos/cut_off.jpg"
step 05-not-taken
key n
step 05-all-that-was-told
key n

# 6. Several views at once, and back.
at 8 14
xdotool click 1
key shift+Down
step 06-two-selected
key h
step 06-hidden
key Delete
step 06-removed
key ctrl+z
key ctrl+z
step 06-undone

# 7. A known length.
key ctrl+2
at 46 60
key p
xdotool click 1
sleep 0.7
at 56 60
xdotool click 1
step 07-measured
key Escape

# 8. Export: what, how large, into which folder.
key ctrl+e
step 08-export
key Escape

# 9. Models.
key ctrl+shift+m
step 09-models
key Escape

# 10. A film of one photo.
start_window 1280x800
drop "$photos/cat.jpg"
settle
key ctrl+2
key shift+k
step 10-sway
key Escape

# 11. What is kept: memory, keys, the other theme, a small window.
key m
step 11-memory
key m
key F1
step 11-keys
key Escape
key t
xdotool windowsize --sync "$window" 900 600
step 11-small-and-light
