#!/bin/sh
# run.sh [SECONDS]: runs each fuzzer that `make fuzz` has built for so long,
# one after the other, beginning with the corpus in the repository; what they
# find new stays in build/fuzz/found/NAME. Without SECONDS it runs none.
set -u

[ $# -gt 0 ] || exit 0
status=0
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    [ -x "build/fuzz/$name" ] || continue
    found=build/fuzz/found/${name#fuzz_}
    mkdir -p "$found"
    echo "$name: $1 seconds"
    nice -n 10 "build/fuzz/$name" -max_total_time="$1" -max_len=4096 \
        -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/$name." "$found" \
        "tests/fuzz/corpus/${name#fuzz_}" >"build/fuzz/$name.log" 2>&1 ||
        status=1
    grep -E '^stat::number_of_executed_units|^SUMMARY|^Test unit|fuzz_.*Assertion' \
        "build/fuzz/$name.log"
done
exit $status
