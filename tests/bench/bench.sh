#!/bin/bash
# bench.sh: how fast layerwalk is, as ratios to peers measured in the same
# run. Run by `make bench`:
#
#     bench.sh LAYERWALK LOAD MEMORY REAL-NGINX
#
# Each figure is the median of ROUNDS rounds (default 3) of SECONDS_EACH
# seconds (default 1); in each round layerwalk and its peer take turns. The
# peer of everything that goes through the TAP is real nginx on Linux's own
# stack behind a veth pair, with the same configuration and the same client;
# where it is missing, layerwalk's figures stand alone.
#
# Everything runs in namespaces of its own, so that nothing is left behind:
# no card, no server, no setting. Where they are closed (some containers), it
# says so and measures the rest.
set -eu

rounds=${ROUNDS:-3} seconds=${SECONDS_EACH:-1}
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

layerwalk=$1 load=$2 memory=$3 nginx=
[ ! -x "$4" ] || nginx=$4
dir=$BENCH_DIR
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY

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

# --- through the TAP -----------------------------------------------------

make_files() {
    cp -r "$here/world" "$dir/world"
    mkdir -p "$dir/world/web/srv/www" "$dir/peer/logs"
    head -c 1024 /dev/zero | tr '\0' x >"$dir/world/web/srv/www/1k.html"
    head -c 4M /dev/zero >"$dir/world/web/srv/www/big.html"
}

# The peer: this namespace is its computer, another one the client's.
start_peer() {
    mount --make-rprivate /
    mount -t tmpfs none /run
    ip netns add client
    ip link add v0 type veth peer name v1 netns client
    ip addr add 10.9.0.1/24 dev v0
    ip -n client addr add 10.9.0.2/24 dev v1
    ip link set v0 up
    ip -n client link set v1 up
    # New namespaces may come with another algorithm than ours.
    sysctl -qw net.ipv4.tcp_congestion_control=reno
    {
        echo "user root; pid $dir/peer/pid;"
        echo "error_log $dir/peer/logs/error.log;"
        sed -e "s,/srv/www,$dir/world/web&," -e '/access_log off/r'<(
            for kind in client_body proxy fastcgi uwsgi scgi; do
                echo "    ${kind}_temp_path $dir/peer/$kind;"
            done
        ) "$dir/world/web/etc/nginx/nginx.conf"
    } >"$dir/peer/nginx.conf"
    "$nginx" -p "$dir/peer" -c "$dir/peer/nginx.conf"
}

ours() {
    "$layerwalk" run --world "$dir/world" -- "$load" 10.9.0.1 80 "$@"
}

theirs() {
    ip netns exec client "$load" 10.9.0.1 80 "$@"
}

# compare NAME UNIT COLUMN LOAD-ARGUMENTS...
compare() {
    local name=$1 unit=$2 column=$3 i
    shift 3
    : >"$dir/ours"
    : >"$dir/theirs"
    for ((i = 0; i < rounds; i++)); do
        ours "$@" | cut -d' ' -f"$column" >>"$dir/ours"
        [ -z "$nginx" ] || theirs "$@" | cut -d' ' -f"$column" >>"$dir/theirs"
    done
    row "$name" "$unit" "$(median "$dir/ours")" "$(median "$dir/theirs")"
}

through_tap() {
    if ! "$layerwalk" run --world "$dir/world" -- true; then
        echo "bench: so nothing through the TAP"
        return
    fi
    if [ -n "$nginx" ]; then
        start_peer
        echo "-- through the TAP; peer: real nginx, Linux's stack, veth," \
            "$(sysctl -n net.ipv4.tcp_congestion_control)"
    else
        echo "-- through the TAP; no peer (no real nginx was given)"
    fi
    compare 'bulk, server to client' Mbit/s 2 /big.html 1 "$seconds"
    compare 'HTTP 1 KB, kept, 32 connections' req/s 1 /1k.html 32 "$seconds"
    compare 'HTTP 1 KB, kept, 1 connection' req/s 1 /1k.html 1 "$seconds"
    compare 'HTTP 1 KB, a connection each, 8' req/s 1 /1k.html 8 "$seconds" \
        close
}

# --- in memory -----------------------------------------------------------

# memory_row NAME UNIT OURS [PEER]: figures by their names in memory's output
memory_row() {
    local ours peer=
    ours=$(awk -v n="$3" '$1 == n {print $2}' "$dir/memory" >"$dir/n" &&
        median "$dir/n")
    [ -z "${4-}" ] || peer=$(awk -v n="$4" '$1 == n {print $2}' \
        "$dir/memory" >"$dir/n" && median "$dir/n")
    row "$1" "$2" "$ours" "$peer"
}

in_memory() {
    local i
    for ((i = 0; i < rounds; i++)); do
        "$memory" "$dir/world/web" >>"$dir/memory"
    done
    echo "-- in memory; peer: what any two stacks must do (two copies, two" \
        "checksums a frame)"
    memory_row 'two stacks, bulk, MTU 1500' Gbit/s bulk limit
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

make_files
[ "$BENCH_NET" = no ] || ip link set lo up
printf '%-38s %12s %12s %-10s %6s\n' work layerwalk peer unit ratio
[ "$BENCH_NET" = no ] || through_tap
in_memory
demo
