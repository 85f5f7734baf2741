#!/bin/sh
# fetch.sh DIR: the real nginx and the real php-fpm of this system's own
# distribution, unpacked under DIR without being installed: no service, no
# user, no setting. Prints what is missing and fails when they cannot be had.
set -u

dir=$1
mkdir -p "$dir" || exit 1
[ -x "$dir/usr/sbin/nginx" ] && [ -e "$dir/php" ] && exit 0

php=$(dpkg-query -W -f='${Package} ${Status}\n' 'libphp8.*-embed' 2>/dev/null |
    sed -n 's/^libphp\(8\.[0-9]*\)-embed .* installed$/\1/p' | head -n 1)
if [ -z "$php" ]; then
    echo "peers: no libphp8.x-embed: which PHP would be compared?" >&2
    exit 1
fi

cd "$dir" || exit 1
for package in nginx nginx-common "php$php-fpm"; do
    apt-get -q download "$package" >/dev/null 2>&1 ||
        apt-get -q download "$package" || exit 1
    dpkg-deb -x "$package"_*.deb . || exit 1
    rm -f "$package"_*.deb
done
echo "$php" >php
