#!/bin/bash
# requests.sh DIR: asks http://shop.test/ for everything that layerwalk's
# servers and the real ones must answer alike, and leaves in DIR a file for
# each request: status line, header fields, body. What may differ is masked:
# the hour, nginx's version, and the blank that some of its versions write
# behind a status without words.
set -u

dir=$1
url=http://shop.test
mkdir -p "$dir"
cd "$dir" || exit 1
export LC_ALL=C

mask() {
    sed -e 's/^Date: .*GMT/Date: now/' \
        -e 's#nginx/[0-9.]*#nginx#' -e '1s/^\(HTTP[^ ]* [0-9]*\) \(\r*\)$/\1\2/'
}

# ask NAME CURL-ARGUMENTS...
ask() {
    local name=$1
    shift
    curl -s --max-time 20 -D "$name.head" -o "$name.body" \
        -w '%{http_code} %{size_download} bytes\n' "$@" >"$name.code"
    echo "curl $?" >>"$name.code"
    [ -e "$name.body" ] || : >"$name.body"
    { cat "$name.code"; mask <"$name.head"; mask <"$name.body" | limit; } \
        >"$name"
    rm -f "$name".code "$name".head "$name".body
}

# Bodies of more than 4 kB are told by length and digest.
limit() {
    cat >rest
    if [ "$(stat -c %s rest)" -gt 4096 ]; then
        echo "$(stat -c %s rest) bytes, md5 $(md5sum <rest)"
    else
        cat rest
    fi
    rm -f rest
}

# say NAME: the lines on stdin, ended by CRLF, go to the server at once, and
# everything it answers is kept. spell NAME: the same, byte for byte. send
# NAME: as it is.
send() {
    exec 3<>/dev/tcp/shop.test/80
    cat >&3
    timeout 10 cat <&3 | mask | limit >"$1"
    exec 3<&- 3>&-
}
say() {
    sed 's/$/\r/' | send "$1"
}
spell() {
    exec 3<>/dev/tcp/shop.test/80
    while IFS= read -r -d '' -n 1 c; do
        printf '%s' "$c" >&3
        sleep 0.002
    done < <(sed 's/$/\r/')
    timeout 10 cat <&3 | mask | limit >"$1"
    exec 3<&- 3>&-
}

head -c 1000000 /dev/zero | tr '\0' 'x' >upload

# Files.
ask static $url/page.html
ask static_text $url/page.txt
ask static_style $url/style.css
ask static_unknown $url/data.unknown
ask static_big $url/big.bin
ask static_head -I $url/page.html
ask static_query "$url/page.html?x=1#y"
ask static_escaped $url/%70age.html
ask static_dots $url/dir/../page.html
ask static_post -d x=1 $url/page.html
ask static_range -r 10-19 $url/page.html
ask static_range_end -r -5 $url/page.html
ask static_range_wrong -r 999999-1000000 $url/page.html
ask not_modified -z "$(date -R -d '+1 hour')" $url/page.html
ask modified -z '1 Jan 2001' $url/page.html
ask put -X PUT -d x=1 $url/page.html
ask delete -X DELETE $url/page.html

# Folders, and what is not there.
ask directory $url/dir/
ask directory_slash $url/dir
ask directory_empty $url/empty/
ask root $url/
ask missing $url/none/at/all
ask missing_query "$url/none?a=b"
ask missing_php $url/none.php
ask outside --path-as-is $url/../../etc/passwd

# PHP.
ask php_index $url/index.php
ask php_get "$url/get.php?a=1&b=two%20words&c[]=x&c[]=y"
ask php_post -d 'name=J%C3%BCrgen&list[]=1&list[]=2' $url/post.php
ask php_post_form -F 'field=value' -F "file=@upload;filename=u.txt" \
    $url/post.php
ask php_head -I $url/get.php
ask php_server -A tester -H 'X-Own: 1' "$url/server.php?q=1"
ask php_big $url/big.php
ask php_upload --data-binary @upload -H 'Expect:' $url/upload.php
ask php_upload_expect --data-binary @upload -H 'Expect: 100-continue' \
    $url/upload.php
ask php_upload_chunked -T upload -H 'Transfer-Encoding: chunked' \
    -X POST $url/upload.php
ask php_fatal $url/fatal.php
ask php_exception $url/exception.php
ask php_parse_error $url/parse_error.php
ask php_exit $url/exit.php
ask php_location $url/location.php
ask php_location_follow -L $url/location.php
ask php_cookies -b 'a=1; b=2' $url/cookies.php
ask php_binary $url/binary.php
ask php_status $url/status.php
ask php_empty $url/empty.php
ask php_no_content $url/no_content.php
ask php_length $url/length.php
ask php_options -X OPTIONS $url/get.php

# Connections.
ask keep_alive $url/page.html -o again $url/get.php
ask close -H 'Connection: close' $url/page.html
ask old --http1.0 $url/page.html
ask old_php --http1.0 $url/get.php
ask header_long -H "X-Long: $(head -c 3000 upload)" $url/server.php
ask header_huge -H "X-Huge: $(head -c 40000 upload)" $url/page.html
ask uri_huge "$url/$(head -c 40000 upload)"
rm -f again upload

say pipelined <<'END'
GET /page.html HTTP/1.1
Host: shop.test

GET /get.php?second HTTP/1.1
Host: shop.test
Connection: close

END
spell pieces <<'END'
GET /get.php?pieces HTTP/1.1
Host: shop.test
Connection: close

END
say no_host <<'END'
GET / HTTP/1.1

END
say not_http <<'END'
hello
END
say absolute <<'END'
GET http://other.test/page.html HTTP/1.1
Host: shop.test
Connection: close

END
say length_twice <<'END'
POST /post.php HTTP/1.1
Host: shop.test
Content-Length: 3
Content-Length: 4
Connection: close

abc
END
{
    printf 'POST /post.php HTTP/1.1\r\nHost: shop.test\r\n'
    printf 'Content-Type: application/x-www-form-urlencoded\r\n'
    printf 'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n'
    printf '3\r\na=1\r\n4\r\n&b=2\r\n0\r\n\r\n'
} | send chunked
