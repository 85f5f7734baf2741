#!/bin/sh
# coverage.sh: which lines and branches of stack/ do the tests reach?
#
#     coverage.sh build/cov     after build/cov/tests has run
#
# A line a file: how many of its lines have run, how many of its branches
# have been taken. Beside build/cov lies coverage/, with every file of stack/
# as gcov tells it: ##### stands before a line that never ran.
set -eu
built=$(cd "$1" && pwd)
out=$(dirname "$built")/coverage
rm -rf "$out"
mkdir -p "$out"

# gcov names its files after the source, and prints a summary of each.
find "$built/obj/stack" -name '*.gcda' | sort | while read -r data; do
    gcov --branch-probabilities --object-directory "$(dirname "$data")" "$data"
done >"$out/summary" 2>"$out/said" || {
    echo "coverage: gcov failed: $(tail -n 1 "$out/said")" >&2
    exit 1
}
mv ./*.gcov "$out"
find stack -name '*.c' | sort >"$out/sources"

awk -v out="$out" '
    FILENAME ~ /sources$/ { source[++sources] = $0; next }
    /^File / { file = $2; gsub(/\047/, "", file) }
    /^Lines executed:/ { split($2, p, /[:%]/); n = $NF; put(lines, p[2], n) }
    /^Taken at least once:/ {
        split($4, p, /[:%]/); put(taken, p[2], $NF) }
    # A header is told once for each file that includes it: only the .c count.
    function put(table, percent, n) {
        if (file ~ /^stack\/.*\.c$/)
            table[file] = percent / 100 * n SUBSEP n
    }
    function show(name, l, ln, t, tn) {
        printf "%-40s %6d %6.1f%% %8d %6.1f%%\n", name, ln,
            ln ? 100 * l / ln : 0, tn, tn ? 100 * t / tn : 100
    }
    END {
        printf "%-40s %6s %7s %8s %7s\n", "", "lines", "run", "branches",
            "taken"
        for (i = 1; i <= sources; i++) {
            split(lines[source[i]] SUBSEP "0" SUBSEP "0", a, SUBSEP)
            split(taken[source[i]] SUBSEP "0" SUBSEP "0", b, SUBSEP)
            if (a[2] + 0 == 0)
                missing = missing " " source[i]
            show(source[i], a[1], a[2], b[1], b[2])
            L += a[1]; LN += a[2]; T += b[1]; TN += b[2]
        }
        show("stack/", L, LN, T, TN)
        if (missing)
            print "without a line that ran:" missing
        print "line by line: " out
        exit sources == 0 || LN == 0
    }' "$out/sources" "$out/summary"
