#!/bin/bash
# replaced.sh WWW: files of the folder WWW, which http://cache.test/ serves
# with open_file_cache, are replaced, written anew, removed and made between
# requests; prints what is answered before, at once, and when
# open_file_cache_valid (5 s, counted in whole seconds) is over.
set -u

www=$1
export LC_ALL=C

# put NAME TEXT: another file takes the name.
put() {
    printf %s "$2" >"$www/new"
    touch -d '2026-01-02 03:04:05 UTC' "$www/new"
    mv "$www/new" "$www/$1"
}

# ask PATH...: status, length and tag as the head says, and the body's start.
ask() {
    local path
    for path; do
        curl -s -D - -o body --max-time 5 -H 'Host: cache.test' \
            "http://shop.test$path" | tr -d '\r' |
            sed -n -e '1s/ *$//p' -e '/^ETag/p' -e '/^Content-Length/p'
        echo "$path: $(head -c 40 body | head -n 1)"
    done
}

all() {
    ask /replaced /rewritten /removed /folder /file /try/replaced /none \
        /errors/none /twice/replaced /off/replaced /one/replaced
}

cd "$(mktemp -d)" || exit 1
mkdir "$www"/{folder,try,errors,twice,off,one}
for f in replaced rewritten removed file {try,twice,off,one}/replaced; do
    put $f "the first text of $f"
done
put one/other 'pushes the other one out'
echo "before"
all
ask /one/other
for f in replaced {try,twice,off,one}/replaced; do
    put $f "another file, in the place of $f"
done
printf 'written in place, and longer than it was' >"$www/rewritten"
touch -d '2026-01-02 03:04:06 UTC' "$www/rewritten"
rm "$www/removed" "$www/file"
mkdir "$www/file"
rmdir "$www/folder"
put folder 'a file that was a folder'
put none 'it is there now'
put errors/none 'it is there now, too'
echo "at once"
all
sleep 6.2
echo "later"
all
rm -r "$PWD"
