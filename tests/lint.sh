#!/bin/sh
# lint.sh: the rules of style that a machine can check. Prints one line for
# each thing found, "file:line: what", and fails when there was one. Run from
# the top of the tree; with files as arguments it looks at these alone.
set -u

[ $# -gt 0 ] || set -- $(find stack apps viz tests -name '*.[ch]' \
    -o -name '*.def' | sort)
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# Sizes, conditionals, includes, words: one pass over the text.
awk -f tests/lint.awk "$@" >"$out"

# The formatter's answer differs between its versions; 14 is the one.
format=$(command -v clang-format-14 || command -v clang-format)
case $("${format:-false}" --version 2>/dev/null) in
*"version 14."*)
    for f in "$@"; do
        case $f in *.def) continue ;; esac
        "$format" "$f" | cmp -s - "$f" ||
            echo "$f:1: clang-format would write this differently"
    done >>"$out"
    ;;
*) echo "lint: no clang-format 14 here: layout is not checked" >&2 ;;
esac

# The top of the tree is fixed.
for f in *; do
    case $f in
    stack | apps | viz | pcaps | lessons | tests | Makefile | README.md | build) ;;
    *) echo "$f:1: does not belong at the top of the tree" ;;
    esac
done >>"$out"

cat "$out"
[ ! -s "$out" ]
