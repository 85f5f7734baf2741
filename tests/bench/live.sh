# live.sh: the part of bench.sh that goes through a TAP device. Sourced.
#
# Three columns, measured in turn by the same client (load.c):
#
#     layerwalk   our nginx and stack behind the TAP
#     real        real nginx on Linux's stack, behind a veth pair
#     limit       prepared frames behind the same TAP (zerostack.c)
#
# and of the server's CPU time, with the kernel's work in its name: that of
# one request, or of one megabyte.

files() {
    local www=$dir/world/web/srv/www
    cp -r "$here/world" "$dir/world"
    mkdir -p "$www" "$dir/peer/logs"
    head -c 1024 /dev/zero | tr '\0' x >"$www/1k.html"
    head -c 4M /dev/zero >"$www/big.html"
    echo '<?php $s = json_encode(["hello" => "world"]);
        header("Content-Length: " . strlen($s)); echo $s;' >"$www/json.php"
    [ -n "$php" ] || sed -i '/php-fpm/d' "$dir/world/world.yaml"
}

# The world's configuration, with this computer's paths in it.
peer_conf() {
    echo "user root; pid $dir/peer/pid;"
    echo "error_log $dir/peer/logs/error.log;"
    sed -e "s,/srv/www,$dir/world/web&," -e '/access_log off/r'<(
        for kind in client_body proxy fastcgi uwsgi scgi; do
            echo "    ${kind}_temp_path $dir/peer/$kind;"
        done
    ) "$dir/world/web/etc/nginx/nginx.conf"
}

# The peers: this namespace is their computer, another one the client's.
start_peers() {
    peer_fpm= # php-fpm's master, whose children count with it
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
    peer_conf >"$dir/peer/nginx.conf"
    "$nginx" -p "$dir/peer" -c "$dir/peer/nginx.conf"
    sleep 0.1
    peer_pid=$(pgrep -P "$(cat "$dir/peer/pid")" | head -n 1)
    [ -z "$php" ] || [ ! -x "$real_fpm" ] || start_peer_fpm
}

start_peer_fpm() {
    local etc=$dir/world/web/etc/php
    {
        printf '[global]\npid = %s\nerror_log = %s\n[www]\n' \
            "$dir/peer/fpm.pid" "$dir/peer/logs/fpm.log"
        grep -v '^;' "$etc/fpm/pool.d/www.conf" |
            sed -e '/^\[/d' -e 's/^\(user\|group\) *=.*/\1 = root/'
    } >"$dir/peer/fpm.conf"
    "$real_fpm" -R -c "$etc/php.ini" -y "$dir/peer/fpm.conf" || {
        echo "bench: real php-fpm did not start: its column has no PHP"
        return
    }
    sleep 0.1
    peer_fpm=$(<"$dir/peer/fpm.pid")
}

# plain on|off: the veth pair sends what does not fit a frame in several.
plain() {
    local most=65535
    [ "$1" = off ] || most=1
    ip link set v0 gso_max_segs "$most" 2>>"$dir/why" &&
        ip -n client link set v1 gso_max_segs "$most" 2>>"$dir/why"
}

ours() {
    timeout 20 "$layerwalk" run "${options[@]}" --world "$dir/world" -- \
        "$load" 10.9.0.1 80 "$@" 2>>"$dir/why" || echo 0 0 0 0
}

theirs() {
    timeout 20 ip netns exec client "$load" 10.9.0.1 80 "$@" "$peer_pid" \
        $peer_fpm \
        2>>"$dir/why" || echo 0 0 0 0
}

limit() {
    timeout 20 "$zerostack" "${prepared[@]}" -- "$load" 10.9.0.1 80 "$@" \
        2>>"$dir/why" || echo 0 0 0 0
}

# column FILE N: the median of the N-th figure in FILE; nothing: not measured.
# A round that failed counts as 0, the slowest.
column() {
    cut -d' ' -f"$2" "$dir/$1" | sort -g |
        sed -n -e "$(((rounds + 1) / 2))p" | sed '/^0*\.*0*$/d'
}

# Says in how many rounds of the row NAME each of the three failed.
failures() {
    local who n
    for who in ours theirs limit; do
        n=$(awk '$1 + $2 == 0 {n++} END {print n + 0}' "$dir/$who")
        [ "$n" = 0 ] || echo "bench: $1: $who failed in $n of $rounds rounds:" \
            "$(tail -n 1 "$dir/why")"
    done
}

# live NAME FIGURE LOAD-ARGUMENTS...; FIGURE 1: requests, 2: Mbit/s. Before:
# options (of layerwalk run), prepared (of zerostack; empty: no limit).
live() {
    local name=$1 figure=$2 i
    shift 2
    : >"$dir/ours"
    : >"$dir/theirs"
    : >"$dir/limit"
    for ((i = 0; i < rounds; i++)); do
        ours "$@" >>"$dir/ours"
        [ -z "$nginx" ] || theirs "$@" >>"$dir/theirs"
        [ ${#prepared[@]} = 0 ] || limit "$@" >>"$dir/limit"
    done
    awk -v name="$name" -v a="$(column ours "$figure")" \
        -v b="$(column theirs "$figure")" -v c="$(column limit "$figure")" \
        -v ca="$(column ours $((figure + 2)))" \
        -v cb="$(column theirs $((figure + 2)))" \
        -v cc="$(column limit $((figure + 2)))" \
        'function f(x) {return x == "" ? "-" : sprintf("%.0f", x)}
         function g(x) {return x == "" ? "-" : sprintf("%.1f", x)}
         function q(x, y) {
             return x == "" || y == "" ? "-" : sprintf("%.2f", x / y)}
         BEGIN {printf "%-34s %8s %8s %8s %6s %6s %6s %6s %6s\n", name, f(a),
             f(b), f(c), q(a, b), q(a, c), g(ca), g(cb), g(cc)}'
    failures "$name"
    figures=$(column ours "$figure")
}

lwip() {
    timeout 20 "$(dirname "$layerwalk")/bench-lwip-tap" "$1" -- "$load" \
        10.9.0.1 80 "${@:2}" 2>>"$dir/why" || echo 0 0 0 0
}

# beside_lwip down|up LOAD-ARGUMENTS...: ours and lwIP behind a plain TAP.
beside_lwip() {
    local i
    : >"$dir/ours"
    : >"$dir/lwip"
    for ((i = 0; i < rounds; i++)); do
        ours "${@:2}" >>"$dir/ours"
        lwip "$@" >>"$dir/lwip"
    done
    awk -v name="$1, lwIP in the place of real" -v a="$(column ours 2)" \
        -v b="$(column lwip 2)" -v ca="$(column ours 4)" \
        -v cb="$(column lwip 4)" 'BEGIN {
            printf "%-34s %8.0f %8.0f %8s %6s %6s %6.1f %6.1f\n", name, a, b,
                "", a && b ? sprintf("%.2f", a / b) : "-", "", ca, cb}'
}

bulk() {
    live "down, $1" 2 /big.html 1 "$seconds"
    prepared[0]=up
    live "up, $1" 2 /up 1 "$seconds" up
}

through_tap() {
    local of_32
    if ! "$layerwalk" run --world "$dir/world" -- true; then
        echo "bench: so nothing through the TAP"
        return
    fi
    if [ -n "$nginx" ]; then
        start_peers
        echo "-- through the TAP; real: nginx $("$nginx" -v 2>&1 |
            sed 's,.*/,,'), Linux's stack, veth," \
            "$(sysctl -n net.ipv4.tcp_congestion_control) on both sides"
    else
        echo "-- through the TAP; no real nginx was given"
    fi
    printf '%-34s %8s %8s %8s %6s %6s %6s %6s %6s\n' '' layerwlk real limit \
        /real /limit CPU-us real limit
    sleep 4 # the files come to rest: page_cache.c keeps no younger ones
    echo "bulk, Mbit/s; CPU us a megabyte"
    options=() prepared=(down)
    bulk 'segmentation offload'
    prepared=(down file)
    live 'the same down; limit: 4 MB in turn' 2 /big.html 1 "$seconds"
    options=(--no-offload) prepared=(down plain)
    if [ -z "$nginx" ] || plain on; then
        bulk 'frames of 1514 bytes'
        [ -z "$nginx" ] || plain off
        if [ -n "${LWIP-}" ]; then
            beside_lwip down /big.html 1 "$seconds"
            beside_lwip up /up 1 "$seconds" up
        fi
    else
        echo "bench: the veth pair cannot do without offload here:" \
            "no rows with frames of 1514 bytes"
    fi
    echo "HTTP, 1 KB, requests a second; CPU us a request"
    options=() prepared=(answer)
    live '1 connection' 1 /1k.html 1 "$seconds"
    options=(--busy-poll 100) prepared=(answer busy)
    live '1 connection, busy polling' 1 /1k.html 1 "$seconds"
    options=() prepared=(answer)
    live '32 connections' 1 /1k.html 32 "$seconds"
    of_32=$figures
    live '32 connections, open_file_cache' 1 /cached.html 32 "$seconds"
    live '1,000 connections' 1 /1k.html 1000 "$seconds"
    awk -v a="$figures" -v b="$of_32" 'BEGIN {if (a && b)
        printf "%-34s %8.2f\n", "  as a share of the rate of 32", a / b}'
    live '8 connections, 16 at once' 1 /1k.html 8 "$seconds" pipe
    prepared=(answer close)
    live '8 connections, one request each' 1 /1k.html 8 "$seconds" close
    prepared=()
    if [ -n "$php" ]; then
        live 'PHP json_encode, 4 connections' 1 /json.php 4 "$seconds"
    else
        echo "bench: no PHP pool was built: no row for PHP"
    fi
    [ -n "${LWIP-}" ] ||
        echo "bench: not measured: lwIP (LWIP=FOLDER names its source)"
}
