#!/bin/bash
# kept.sh FILE: asks http://shop.test/ for scripts, over connections to
# php-fpm that nginx keeps (keepalive 2, for 3 s), prints the answers, and
# leaves in FILE how many connections were made besides curl's own. That
# counts php-fpm's where nginx runs on the same computer.
set -u

url=http://shop.test
asked=0

opens() {
    awk '/^Tcp: [0-9]/ {print $6}' /proc/net/snmp
}
ask() {
    asked=$((asked + 1))
    curl -s --max-time 10 -w ' %{http_code}\n' "$@"
}

sleep 3.7 # what was kept before is gone
before=$(opens)
for i in 1 2 3 4 5; do
    ask "$url/get.php?n=$i"
done
ask -d 'name=x' $url/post.php
ask -I -o /dev/null $url/get.php
ask "$url/get.php?again"
ask $url/slow.php >"$1.a" & ask $url/slow.php >"$1.b"
wait
asked=$((asked + 1)) # the one behind
cat "$1.a" "$1.b"
rm "$1.a" "$1.b"
ask "$url/get.php?both+are+idle"
sleep 3.7
ask "$url/get.php?none+is+left"
echo $(($(opens) - before - asked)) >"$1"
