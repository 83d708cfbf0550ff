# Sourced, after common.sh: a display of its own with the real window on it, driven by keys and pointer. Installs what that needs,
# goes to the project's folder, and leaves nothing behind at the end. Pictures go to $pictures.

[ "$(uname -s)" = Linux ] || die "Needs an X server that can run without a screen: Linux only"
"$root/scripts/setup.sh" screenshots
cd "$root"

title=Fathom
work=$(mktemp -d "${TMPDIR:-/tmp}/fathom-screenshots.XXXXXX")
window_pid=
helpers=()

clean_up() {
    stop_window
    [ "${#helpers[@]}" -eq 0 ] || kill "${helpers[@]}" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

# ---- The display -------------------------------------------------------------------------------------------------------

# Starts an X server on a display that nobody uses, and a window manager: without one nothing has the keyboard.
start_display() {
    mkfifo "$work/display"
    Xvfb -displayfd 3 -screen 0 1920x1200x24 -nolisten tcp 3>"$work/display" 2>"$work/xvfb.log" &
    helpers+=($!)
    local number
    read -r -t 20 number <"$work/display" || die "Xvfb does not start: $(cat "$work/xvfb.log")"
    export DISPLAY=":$number"
    unset WAYLAND_DISPLAY
    openbox >"$work/openbox.log" 2>&1 &
    helpers+=($!)
    export XDG_RUNTIME_DIR="$work/runtime"
    mkdir -m 700 "$XDG_RUNTIME_DIR"
    use_software_vulkan
}

# ---- What a picture is made with ---------------------------------------------------------------------------------------

# start_window WIDTHxHEIGHT [ARGUMENT…]: opens the program as on its first start, with nothing remembered but $remembered
# (preferences as the program stores them).
remembered=
start_window() {
    local size=$1
    shift
    stop_window
    rm -rf "$work/home"
    mkdir -p "$work/home/data/fathom"
    [ -z "$remembered" ] || echo "{\"fathom\": \"$remembered\"}" >"$work/home/data/fathom/app.ron"
    XDG_CONFIG_HOME="$work/home/config" XDG_DATA_HOME="$work/home/data" XDG_CACHE_HOME="$work/home/cache" \
        XDG_STATE_HOME="$work/home/state" target/release/fathom "$@" >"$work/window.log" 2>&1 &
    window_pid=$!
    # The manager's frame has the title as well; the window that belongs to the program is the one to drive.
    window=$(timeout 60 xdotool search --sync --onlyvisible --all --pid "$window_pid" --name "$title" | head -n 1) ||
        die "no window: $(cat "$work/window.log")"
    xdotool windowactivate --sync "$window"
    xdotool windowmove "$window" 20 40 windowsize --sync "$window" "${size%x*}" "${size#*x}"
    settle
}

stop_window() {
    [ -n "$window_pid" ] || return 0
    kill "$window_pid" 2>/dev/null || true
    wait "$window_pid" 2>/dev/null || true
    window_pid=
}

# CPU time of the program so far, in hundredths of a second.
cpu_time() { awk '{ print $14 + $15 }' "/proc/$window_pid/stat"; }

# Waits until the program has had little to do for two seconds: a run is over, animations have ended.
settle() {
    local before after quiet=0 seconds
    for ((seconds = 0; seconds < 300; seconds++)); do
        before=$(cpu_time) || die "the program has ended: $(cat "$work/window.log")"
        sleep 1
        after=$(cpu_time) || die "the program has ended: $(cat "$work/window.log")"
        if [ "$((after - before))" -lt 40 ]; then quiet=$((quiet + 1)); else quiet=0; fi
        [ "$quiet" -lt 2 ] || return 0
    done
    die "still busy after five minutes"
}

# key COMBINATION…: presses keys, as in `key ctrl+3`.
key() {
    xdotool windowactivate --sync "$window"
    xdotool key --delay 120 "$@"
    sleep 0.5
}

# at X% Y%: moves the pointer to a place in the window.
at() {
    local WIDTH HEIGHT
    eval "$(xdotool getwindowgeometry --shell "$window" | grep -E '^(WIDTH|HEIGHT)=')"
    xdotool mousemove --sync --window "$window" "$((WIDTH * $1 / 100))" "$((HEIGHT * $2 / 100))"
}

# drag X% Y% X% Y%: holds the left button from one place to another.
drag() {
    at "$1" "$2"
    xdotool mousedown 1
    local step
    for step in 1 2 3 4 5 6 7 8; do
        at "$(($1 + ($3 - $1) * step / 8))" "$(($2 + ($4 - $2) * step / 8))"
        sleep 0.05
    done
    xdotool mouseup 1
}

# wheel BUTTON TIMES: turns the wheel, up with button 4 and down with 5.
wheel() { xdotool click --repeat "$2" --delay 60 "$1"; }

# drop FILE…: drags files onto the window, as a file manager would.
drop() { scripts/drop.py --window "$title" "$@" || die "the window did not take: $*"; }

# shot NAME: writes the window as screenshots/NAME.png. The pointer is moved out of the way first.
shot() {
    local file="$pictures/$1.png"
    xdotool mousemove 1919 1199
    sleep 0.5
    shot_now "$1"
    # A picture of one colour is a window that drew nothing.
    [ "$(identify -format %k "$file")" -gt 16 ] || die "$file is empty"
    say "$file"
}

# The same at once and with the pointer where it is.
shot_now() {
    local file="$pictures/$1.png"
    import -window "$window" -strip -depth 8 -define png:compression-level=9 "$file"
    [ "$(stat -c %s "$file")" -le 2097152 ] || die "$file is larger than 2 MiB"
}

# ---- A way of many steps -----------------------------------------------------------------------------------------------

# Builds the program, empties $pictures and opens a display.
begin_steps() {
    cargo build --release --locked --ignore-rust-version
    rm -rf "$pictures"
    mkdir -p "$pictures"
    start_display
}

# step NAME: waits until the picture is at rest and keeps it, with the pointer where it is.
step() {
    settle
    shot_now "$1"
    say "${pictures#"$root/"}/$1.png"
}
