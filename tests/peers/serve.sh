#!/bin/sh
# serve.sh PEERS WEB COMMAND...: the real nginx and php-fpm that fetch.sh has
# unpacked under PEERS serve the folder WEB (a web host's: etc/nginx,
# etc/php, srv) with its own configuration, at shop.test port 80, in a
# network, a root and a process namespace of their own, while COMMAND runs
# beside them. Exit status: COMMAND's. Nothing of it is left afterwards.
set -u

peers=$(realpath "$1")
web=$(realpath "$2")
shift 2
if [ "${SERVE_INSIDE-}" != yes ]; then
    user=
    [ "$(id -u)" = 0 ] || user=--map-root-user
    mkdir -p "$peers/root"
    SERVE_INSIDE=yes exec unshare $user --mount --net --pid --fork \
        --kill-child "$0" "$peers" "$web" "$@"
fi
unset SERVE_INSIDE http_proxy HTTP_PROXY all_proxy ALL_PROXY

# A root of this system's programs and the web host's files.
root=$peers/root
mount --make-rprivate /
mount -t tmpfs -o mode=755 none "$root"
for d in /usr /bin /sbin /lib /lib32 /lib64 /dev /proc /sys /opt; do
    if [ -L "$d" ]; then
        ln -s "$(readlink "$d")" "$root$d"
    elif [ -d "$d" ]; then
        mkdir "$root$d"
        mount --rbind "$d" "$root$d"
    fi
done
mkdir -p "$root/etc" "$root/tmp" "$root/run/php" "$root/var/log/nginx" \
    "$root/var/lib/nginx" "$root/srv" "$root/peers"
for f in passwd group nsswitch.conf ld.so.cache alternatives; do
    cp -rP "/etc/$f" "$root/etc/"
done
cp -r "$web/etc/." "$root/etc/"
echo '127.0.0.1 localhost shop.test' >"$root/etc/hosts"
mount --bind "$web/srv" "$root/srv"
mount --bind "$peers" "$root/peers"
# Everyone in here is root, as user namespaces know nobody else.
sed -i 's/^\(user\|group\|listen\.owner\|listen\.group\) *=.*/\1 = root/' \
    "$root"/etc/php/fpm/pool.d/*.conf
sed -i 's/^ *user  *[a-z].*;//' "$root/etc/nginx/nginx.conf"
# SIOCSIFFLAGS: lo, up and running.
perl -e 'socket(S, 2, 2, 0); $r = pack("a16s", "lo", 0x49);
    ioctl(S, 0x8914, $r) or die "lo: $!"'

# The distribution's own modules of PHP, as its php.ini would load them.
php=$(cat "$peers/php")
chroot "$root" "/peers/usr/sbin/php-fpm$php" -F -R -c /etc/php/php.ini \
    -y /etc/php/fpm/php-fpm.conf >"$root/tmp/fpm.log" 2>&1 &
chroot "$root" /peers/usr/sbin/nginx -c /etc/nginx/nginx.conf \
    -g 'daemon off; user root;' >"$root/tmp/nginx.log" 2>&1 &

mount --bind "$root/etc/hosts" /etc/hosts
tries=0
until curl -s -o /dev/null --max-time 1 http://shop.test/index.php &&
    bash -c ': </dev/tcp/127.0.0.1/9000' 2>/dev/null; do
    tries=$((tries + 1))
    if [ $tries = 100 ]; then
        echo "peers: the real servers do not start:" >&2
        cat "$root/tmp/fpm.log" "$root/tmp/nginx.log" \
            "$root/var/log/nginx/error.log" >&2
        exit 1
    fi
    sleep 0.05
done
"$@"
