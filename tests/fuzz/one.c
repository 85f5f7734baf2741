/*
 * one.c: libFuzzer's entry into the fuzzer that -DFUZZ=fuzz_NAME names. Built
 * once for each of them.
 *
 *     make fuzz FUZZ_SECONDS=60          each of them for a minute
 *     build/fuzz/fuzz_http FILE          one input again
 *
 * There is no CUnit in it: a check that does not hold ends the program.
 */
#include "check.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return FUZZ(data, size);
}

bool
check_true(bool held, const char *text, const char *file, unsigned line)
{
    if (!held) {
        fprintf(stderr, "%s:%u: does not hold: %s\n", file, line, text);
        abort();
    }
    return held;
}

bool
check_i64(int64_t got, int64_t want, const char *text, const char *file,
    unsigned line)
{
    return check_true(got == want, text, file, line);
}
