#!/usr/bin/env bash
# 24 photos with the shapes of DA3-Base and DA3-Large under hard limits of memory (ulimit -v): each run finishes, or is
# refused before it starts and then runs with the first option that the refusal names. Linux; takes some ten minutes.
#
#   scripts/memory-limits.sh [LIMIT_MB…]      1500, 2000 and 4000 unless said otherwise
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$root"

limits=("$@")
[ "${#limits[@]}" -gt 0 ] || limits=(1500 2000 4000)
cargo build --release --locked --ignore-rust-version
fathom="$root/target/release/fathom"
weights="$root/target/performance"
work=$(mktemp -d "${TMPDIR:-/tmp}/fathom-limits.XXXXXX")
trap 'rm -rf "$work"' EXIT
export FATHOM_STATE="$work/state"

"$fathom" example --out "$work/scene" --views 8 >/dev/null
mkdir "$work/photos"
for round in 0 1 2; do
    for view in 0 1 2 3 4 5 6 7; do
        cp "$work/scene/view_0$view.png" "$work/photos/$round$view.png"
    done
done
# Generated weights: memory does not depend on what they say.
"$fathom" bench --model da3-base --model da3-large --size 28x28 --views 1 --runs 1 --weights-dir "$weights" >/dev/null 2>&1

# run LIMIT_MB MODEL [OPTION…]: the exit status of a run under the limit; its words are in $work/told.
run() {
    local limit=$1 model=$2
    shift 2
    (
        ulimit -c 0
        ulimit -v $((limit * 1000))
        exec "$fathom" depth "$work/photos" --model "$model" --weights "$weights/$model-generated.safetensors" \
            --out "$work/out" --overwrite "$@"
    ) >"$work/told" 2>&1
}

failed=0
for model in da3-base da3-large; do
    for limit in "${limits[@]}"; do
        options=()
        status=0
        run "$limit" "$model" || status=$?
        if [ "$status" -eq 1 ] && grep -q 'Not enough memory' "$work/told"; then
            read -r -a options < <(sed -n 's/^  \(--[a-z-]* [^ ]*\|--independent\) .*/\1/p' "$work/told" | head -n 1)
            status=0
            run "$limit" "$model" "${options[@]}" || status=$?
        fi
        plan=$(grep -m 1 '^Plan:' "$work/told" || true)
        peak=$(grep -m 1 '^Peak' "$work/told" || true)
        views=$(grep -c '_depth.png$' "$work/told" || true)
        echo "$model, ${limit} MB${options[*]:+, ${options[*]}}: status $status, $views views. $plan. $peak"
        [ "$status" -eq 0 ] && [ "$views" -eq 24 ] || failed=1
    done
done
exit "$failed"
