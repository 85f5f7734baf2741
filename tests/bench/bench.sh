#!/bin/bash
# bench.sh: how fast layerwalk is, as ratios to peers measured in the same
# run. Run by `make bench`:
#
#     bench.sh LAYERWALK LOAD ZEROSTACK MEMORY STEP PEERS
#
# Each figure is the median of ROUNDS rounds (default 5) of SECONDS_EACH
# seconds (default 0.4); in each round layerwalk and its peers take turns, so
# that all of them meet the same weather. BENCH=quick: 3 rounds of 0.2;
# BENCH=live, BENCH=memory: that half alone; "quick live": both.
# README.md beside this file has the table of targets.
#
# Everything runs in namespaces of its own, so that nothing is left behind:
# no card, no server, no setting, no process. Where they are closed (some
# containers), it says so and measures the rest.
set -eu

case "${BENCH-}" in
*quick*) : "${ROUNDS:=3}" "${SECONDS_EACH:=0.2}" ;;
esac
rounds=${ROUNDS:-5} seconds=${SECONDS_EACH:-0.4}
here=$(dirname "$(realpath "$0")")

if [ "${BENCH_INSIDE-}" != yes ]; then
    args=()
    for program in "$@"; do
        args+=("$(realpath -m "$program")")
    done
    BENCH_DIR=$(mktemp -d)
    export BENCH_DIR BENCH_INSIDE=yes BENCH_NET=yes
    trap 'rm -rf "$BENCH_DIR"' EXIT
    user=
    [ "$(id -u)" = 0 ] || user=--map-root-user
    space="unshare $user --net --mount --pid --fork --kill-child --mount-proc"
    if ! $space true 2>"$BENCH_DIR/why"; then
        echo "bench: no namespaces here, so nothing through the TAP:" \
            "$(cat "$BENCH_DIR/why")"
        BENCH_NET=no space=
    fi
    $space "$0" "${args[@]}"
    exit
fi

layerwalk=$1 load=$2 zerostack=$3 memory=$4 step=$5 peers=$6 nginx= php=
[ ! -x "$peers/usr/sbin/nginx" ] || nginx=$peers/usr/sbin/nginx
[ ! -x "$layerwalk-php-fpm" ] || php=yes
real_fpm=
[ ! -r "$peers/php" ] || real_fpm=$peers/usr/sbin/php-fpm$(<"$peers/php")
dir=$BENCH_DIR
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY

. "$here/live.sh"

# --- the table -----------------------------------------------------------

median() {
    sort -g "$1" | sed -n "$(((rounds + 1) / 2))p"
}

# row NAME UNIT OURS [PEER]
row() {
    local ratio=
    case ${4-} in
    '' | 0) ;;
    *) ratio=$(awk "BEGIN {printf \"%.2f\", $3 / $4}") ;;
    esac
    printf '%-38s %12s %12s %-10s %6s\n' "$1" "$3" "${4:--}" "$2" "$ratio"
}

# --- in memory -----------------------------------------------------------

# memory_row NAME UNIT OURS [PEER]: figures by their names in memory's output
memory_row() {
    local ours peer=
    ours=$(awk -v n="$3" '$1 == n {print $2}' "$dir/memory" >"$dir/n" &&
        median "$dir/n")
    [ "${ours:-0}" != 0 ] || echo "bench: not measured: $3"
    [ -z "${4-}" ] || peer=$(awk -v n="$4" '$1 == n {print $2}' \
        "$dir/memory" >"$dir/n" && median "$dir/n")
    [ -z "${4-}" ] || [ "${peer:-0}" != 0 ] || echo "bench: not measured: $4"
    row "$1" "$2" "$ours" "$peer"
}

in_memory() {
    local i
    for ((i = 0; i < rounds; i++)); do
        "$memory" "$dir/world/web" >>"$dir/memory"
        [ -z "${LWIP-}" ] || "$(dirname "$memory")/bench-lwip" >>"$dir/memory"
    done
    echo "-- in memory; peer: what any two stacks must do (two copies, two" \
        "checksums a frame)"
    memory_row 'two stacks, bulk, MTU 1500' Gbit/s bulk limit
    if [ -n "${LWIP-}" ]; then
        echo "-- in memory; peer: lwIP"
        memory_row 'two stacks, bulk, MTU 1500' Gbit/s bulk lwip_bulk
    else
        echo "-- (no lwIP: LWIP=FOLDER names its source)"
    fi
    echo "-- in memory; peer: Linux's stack over its loopback"
    memory_row 'connections opened and closed' conn/s conns conns_linux
    memory_row 'the same, 16,000 in TIME-WAIT' conn/s conns_wait conns_linux
    echo "-- in memory; peer: the same with 32 connections"
    memory_row 'HTTP 1 KB, 32 connections' req/s http_32
    memory_row 'HTTP 1 KB, 1,000 connections' req/s http_1000 http_32
    memory_row 'HTTP 1 KB, 10,000 connections' req/s http_10000 http_32
    echo "-- the simulator; peer: the same without a listener"
    memory_row 'packets, nobody listens' packets/s packets
    memory_row 'packets, every event heard' packets/s packets_heard packets
    memory_row 'events, every event heard' events/s events_heard
    memory_row 'packets, every event kept' packets/s packets_kept packets
    memory_row 'an event, kept' bytes kept_event_bytes
}

# --- a large capture, and the window ------------------------------------

# tshark's summary of the same file in the same round, where there is one.
captures() {
    local i frames=1000000 tool summary file=$dir/large.pcapng
    case "${BENCH-}" in
    *quick*) frames=200000 ;;
    esac
    tool=$(dirname "$memory")/bench-capture
    [ -x "$tool" ] || {
        echo "-- (no SDL: no window)"
        return
    }
    [ "$(df -P --block-size=1M "$dir" | awk 'NR == 2 {print $4}')" -gt \
        $((frames / 1000)) ] || {
        echo "-- (no room for a large capture)"
        return
    }
    "$tool" make "$file" $frames
    for ((i = 0; i < rounds; i++)); do
        "$tool" measure "$file"
        [ -z "$(command -v tshark)" ] || {
            TIMEFORMAT='%U %S'
            { time tshark -n -r "$file" >/dev/null 2>&1; } 2>&1 |
                awk '{print "tshark_s", $1 + $2}'
        }
        "$tool" window "$(dirname "$tool")/../pcaps/shop.pcapng"
    done >>"$dir/memory"
    rm -f "$file"
    summary=
    [ -z "$(command -v tshark)" ] || summary=tshark_s
    echo "-- a capture of $frames frames; peer: tshark's summary of it"
    memory_row 'first picture, 1920x1080' s capture_first_s $summary
    memory_row 'all of it read, with HTTP' s capture_all_s $summary
    memory_row 'the same' frames/s capture_frames_s
    memory_row 'a jump to any place, with its picture' ms capture_jump_ms
    memory_row 'the longest of 200' ms capture_jump_longest_ms
    memory_row 'memory that a frame takes' bytes capture_frame_bytes
    memory_row 'most resident memory, in all' MB capture_resident_mb
    echo "-- the window, 1920x1080; peer: drawing it whole"
    memory_row 'drawn whole' ms window_whole_ms
    memory_row 'drawn after a step' ms window_step_ms window_whole_ms
}

stepping() {
    [ -n "$php" ] || return 0
    if ! "$step" "$layerwalk-php-fpm" >"$dir/memory" 2>"$dir/why"; then
        echo "bench: no opcode stepping: $(cat "$dir/why")"
        return
    fi
    echo "-- PHP's virtual machine, ns an instruction; peer: nobody watches"
    rounds=1
    memory_row 'instructions counted' ns step_counted step_none
    memory_row 'instructions read' ns step_read step_none
}

demo() {
    local i
    : >"$dir/demo"
    for ((i = 0; i < rounds; i++)); do
        TIMEFORMAT=%R
        if ! { time "$layerwalk" demo --text >/dev/null 2>"$dir/why"; } \
            2>>"$dir/demo"; then
            echo "bench: no demo: $(cat "$dir/why")"
            return
        fi
    done
    echo "-- the default world"
    row 'layerwalk demo, its start to its end' s "$(median "$dir/demo")"
}

files
[ "$BENCH_NET" != yes ] || ip link set lo up
case "${BENCH-}" in
*memory*) ;;
*) [ "$BENCH_NET" != yes ] || through_tap ;;
esac
case "${BENCH-}" in
*live*) ;;
*)
    printf '%-38s %12s %12s %-10s %6s\n' '' layerwalk peer unit ratio
    in_memory
    captures
    demo
    stepping
    ;;
esac
