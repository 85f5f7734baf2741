/*
 * check.h: CUnit 2.1-3 with assertions that print both values.
 *
 * A test file defines one suite, named after the file:
 *     static void must_do_this(void) { CHECK_EQ(1 + 1, 2); }
 *     static CU_TestInfo cases[] = { TEST(must_do_this), CU_TEST_INFO_NULL };
 *     CU_SuiteInfo suite_bytes = { .pName = "bytes", .pTests = cases,
 *         .pSetUpFunc = setup, .pTearDownFunc = teardown };
 * and tests/main.c lists it. A failed check does not end the test; REQUIRE
 * does.
 */
#ifndef LW_CHECK_H
#define LW_CHECK_H

#include <CUnit/CUnit.h>

#include <stdbool.h>
#include <stdint.h>

#define TEST(name)                                                             \
    {                                                                          \
#name, name                                                            \
    }

/* Within this long of the last check there is another, or the tests hang. */
#define CHECK_SECONDS 300

/* Each returns whether it held, and on failure prints what was found. */
bool check_i64(int64_t got, int64_t want, const char *text, const char *file,
    unsigned line);
bool check_text(const char *got, const char *want, const char *text,
    const char *file, unsigned line);
bool check_mem(const void *got, const void *want, size_t len, const char *text,
    const char *file, unsigned line);
bool check_true(bool held, const char *text, const char *file, unsigned line);

/* Ends a child that a test has forked, without what exit(3) does on the
 * parent's behalf; `make coverage` counts what it has reached. */
_Noreturn void check_leave(int status);

#define CHECK(expr) check_true((expr), #expr, __FILE__, __LINE__)
#define CHECK_EQ(got, want)                                                    \
    check_i64((int64_t)(got), (int64_t)(want), #got " == " #want, __FILE__,    \
        __LINE__)
#define CHECK_TEXT(got, want)                                                  \
    check_text((got), (want), #got " is " #want, __FILE__, __LINE__)
#define CHECK_MEM(got, want, len)                                              \
    check_mem((got), (want), (len), #got " is " #want, __FILE__, __LINE__)
#define REQUIRE(expr)                                                          \
    do {                                                                       \
        if (!CHECK(expr))                                                      \
            return;                                                            \
    } while (0)

#endif
