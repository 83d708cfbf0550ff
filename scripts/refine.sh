#!/usr/bin/env bash
# Makes cameras coarse whose truth is known, lets Fathom refine them, and says how right they are before and after.
#
#   scripts/refine.sh SCORER SET[:VARIANT][:FOV]…
#
# SCORER and SET are those of scripts/cameras.sh. FOV is the lens of the reference run that the photos' depth comes from; refining finds
# the lens itself. Three levels of noise: 1° and 5 % of the cameras' distance from their middle, 5° and 10 %, 10° and 20 %; focal lengths
# off by up to 10 %, depth by 8 %.
set -euo pipefail
source "$(dirname "$0")/common.sh"

[ "$#" -ge 2 ] || die "usage: scripts/refine.sh SCORER SET[:VARIANT][:FOV]…"
scorer=$1
shift
prepare_measuring refine

for each in "$@"; do
    IFS=: read -r set variant fov <<<"$each"
    say "== $set ${variant:-all}"
    list=()
    while IFS= read -r photo; do list+=("$photo"); done < <(photos_of_set "$python" "$set" "${variant:-}")
    rm -rf "$work"/*
    "$fathom" depth "${list[@]}" --out "$work/good" --formats npz,cameras --quiet ${fov:+--fov "$fov"}
    say "from matches alone:"
    "$python" "$scorer" "$work/good" "$set" ${variant:+--variant "$variant"}
    for noise in "1 0.05" "5 0.1" "10 0.2"; do
        read -r degrees way <<<"$noise"
        "$python" "$root/scripts/reference/noisy_cameras.py" "$work/good" "$set" "$work/noisy" --degrees "$degrees" --way "$way"
        say "off by $degrees° and $way:"
        "$python" "$scorer" "$work/noisy" "$set" ${variant:+--variant "$variant"}
        "$fathom" refine "$work/noisy" --out "$work/refined" --formats cameras,npz --overwrite | tail -1 || continue
        "$python" "$scorer" "$work/refined" "$set" ${variant:+--variant "$variant"}
    done
done
