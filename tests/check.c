/*
 * check.c: assertions that print what was found beside what was wanted.
 */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Writes what was reached; there in a build for `make coverage` only. */
extern void __gcov_dump(void) __attribute__((weak));

void
check_leave(int status)
{
    if (__gcov_dump)
        __gcov_dump();
    _exit(status);
}

static bool
report(bool held, const char *detail, const char *file, unsigned line)
{
    alarm(CHECK_SECONDS);
    CU_assertImplementation(held, line, detail, file, "", CU_FALSE);
    return held;
}

bool
check_true(bool held, const char *text, const char *file, unsigned line)
{
    return report(held, text, file, line);
}

bool
check_i64(int64_t got, int64_t want, const char *text, const char *file,
    unsigned line)
{
    char detail[512];

    snprintf(detail, sizeof detail, "%s: got %lld, want %lld", text,
        (long long)got, (long long)want);
    return report(got == want, detail, file, line);
}

bool
check_text(const char *got, const char *want, const char *text,
    const char *file, unsigned line)
{
    char detail[2048];

    got = got ? got : "(null)";
    snprintf(
        detail, sizeof detail, "%s: got \"%s\", want \"%s\"", text, got, want);
    return report(strcmp(got, want) == 0, detail, file, line);
}

bool
check_mem(const void *got, const void *want, size_t len, const char *text,
    const char *file, unsigned line)
{
    const uint8_t *g = got, *w = want;
    char detail[512];
    size_t i = 0;

    while (i < len && g[i] == w[i])
        i++;
    if (i == len)
        return report(true, text, file, line);
    snprintf(detail, sizeof detail, "%s: byte %zu of %zu: got %02x, want %02x",
        text, i, len, g[i], w[i]);
    return report(false, detail, file, line);
}
