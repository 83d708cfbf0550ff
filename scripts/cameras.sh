#!/usr/bin/env bash
# Finds the cameras of photos whose cameras are known, and says how right they are.
#
#   [PEER=PYTHON] scripts/cameras.sh SCORER SET[:VARIANT][:FOV]…
#
# PEER is a Python with pycolmap and openmvg-rs (PyPI): then these are run on the same photos, and scored as well.
#
# SCORER is a program that compares a folder with cameras.json with a folder that has truth.json (SCORER RESULT SET [--variant V]). SET
# is such a folder, with the photos in it; VARIANT names some of its photos; FOV gives the lens, in degrees across the longer side.
set -euo pipefail
source "$(dirname "$0")/common.sh"

[ "$#" -ge 2 ] || die "usage: scripts/cameras.sh SCORER SET[:VARIANT][:FOV]…"
scorer=$1
shift
prepare_measuring cameras

for each in "$@"; do
    IFS=: read -r set variant fov <<<"$each"
    say "== $set ${variant:-all} ${fov:+$fov°}"
    list=()
    while IFS= read -r photo; do list+=("$photo"); done < <(photos_of_set "$python" "$set" "${variant:-}")
    out="$work/result"
    start=$SECONDS
    "$fathom" cameras "${list[@]}" --out "$out" --overwrite --quiet ${fov:+--fov "$fov"} || true
    say "$((SECONDS - start)) s"
    "$python" "$scorer" "$out" "$set" ${variant:+--variant "$variant"}
    rm -rf "$out"
    for peer in ${PEER:+pycolmap openmvg}; do
        start=$SECONDS
        "$PEER" "$root/scripts/reference/cameras_$peer.py" "$out" ${fov:+--fov "$fov"} "${list[@]}" >/dev/null 2>&1 ||
            say "$peer found no scene"
        say "$peer: $((SECONDS - start)) s"
        [ ! -d "$out" ] || "$python" "$scorer" "$out" "$set" ${variant:+--variant "$variant"}
        rm -rf "$out"
    done
done
