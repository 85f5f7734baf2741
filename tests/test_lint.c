/*
 * test_lint.c: does the tree keep its own rules, and does the linter find
 * what breaks them?
 */
#include "check.h"
#include "shell.h"

#include <stdio.h>
#include <string.h>

static void
teardown(void)
{
    shell_clean();
}

static void
tree_is_clean(void)
{
    struct shell s = shell("sh tests/lint.sh");

    CHECK_TEXT(s.out, "");
    CHECK_EQ(s.status, 0);
    shell_free(&s);
}

/* Each requirement of RFC 9293, and each of the sixty inputs that broke other
 * stacks, is shown by some test: the tables of `make requirements` and `make
 * bad-inputs` say so, and fail when one is missing. */
static void
tables_are_full(void)
{
    struct shell s = shell("awk -f tests/rfc9293.awk tests/test_rfc9293.h "
                           "tests/rfc9293.list");

    CHECK(strstr(s.out, " 0 are untested.") != NULL);
    CHECK_EQ(s.status, 0);
    shell_free(&s);
    s = shell("echo 'MUST-99 nobody tests this' >$TMP/l; awk -f "
              "tests/rfc9293.awk tests/test_rfc9293.h $TMP/l");
    CHECK(strstr(s.out, "1 are untested.") != NULL);
    CHECK_EQ(s.status, 1);
    shell_free(&s);
    s = shell("awk -f tests/bad_input.awk tests/test_*.c");
    CHECK(strstr(s.out, "; 0 of 60 inputs have none.") != NULL);
    CHECK_EQ(s.status, 0);
    shell_free(&s);
    s = shell("awk -f tests/bad_input.awk tests/test_bad_ip.c");
    CHECK_EQ(s.status, 1);
    shell_free(&s);
}

/* A file in a tree of its own breaks one rule: the linter says so. */
static void
finds(const char *file, const char *text, const char *what)
{
    struct shell s = shell(
        "mkdir -p $TMP/t/stack/0_base $TMP/t/stack/2_link $TMP/t/stack/3_net "
        "$TMP/t/apps/0_proto $TMP/t/apps/1_browser $TMP/t/apps/3_nginx "
        "$TMP/t/viz $TMP/t/tests && "
        "cp tests/lint.* $TMP/t/tests/ && cp .clang-format $TMP/t/ && "
        "cd $TMP/t && "
        "for h in stack/0_base/bytes stack/2_link/arp stack/3_net/ip "
        "apps/3_nginx/nginx; do printf '/* a */\\n' >$h.h; done && "
        "printf '%%b' '/* a */\\n%s' >%s && sh tests/lint.sh; rm -f %s",
        text, file, file);

    if (!CHECK(strstr(s.out, what) != NULL))
        printf("    (%s: got %s)\n", what, s.out);
    CHECK_EQ(s.status, 0); /* of rm */
    shell_free(&s);
}

static void
finds_what_breaks_a_rule(void)
{
    finds("stack/2_link/a.c", "#include \"ip.h\"\\n",
        "includes ip.h, which is not below");
    finds("apps/1_browser/a.c", "#include \"nginx.h\"\\n",
        "includes nginx.h, which is not below");
    finds("apps/0_proto/a.c", "#include \"arp.h\"\\n",
        "includes arp.h, which is not below");
    finds(
        "viz/a.c", "#include \"ip.h\"\\n", "includes ip.h, which is not below");
    finds("stack/3_net/a.c", "#include \"../0_base/bytes.h\"\\n",
        "include by the bare name");
    finds("stack/3_net/a.c", "#if 0\\n#endif\\n", "a conditional");
    finds("stack/3_net/a.c",
        "/* TO"
        "DO */\\n",
        "litter");
    finds("stack/3_net/a.c",
        "/* (/ro"
        "ot/x) */\\n",
        "a path of somebody's machine");
    finds("stack/3_net/a.c", "int x;\\t\\n", "a tab");
    struct shell s = shell("(clang-format-14 --version || clang-format "
                           "--version) 2>/dev/null");
    if (strstr(s.out, "version 14.")) /* others are not asked: lint.sh */
        finds("stack/3_net/a.c", "int   x;\\n", "clang-format");
    shell_free(&s);
    finds("stack/3_net/a.c", "typedef int word;\\n", "typedef");
    finds("notes.txt", "", "does not belong at the top");
}

static void
finds_what_is_too_large(void)
{
    char text[4096] = "int\\nf(void)\\n{\\n";
    size_t n = strlen(text);

    for (int i = 0; i < 80; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "    f();\\n");
    snprintf(text + n, sizeof text - n, "}\\n");
    finds("stack/3_net/a.c", text, "f is longer than 70 lines");
    for (n = 0; n < 3000; n += 6)
        memcpy(text + n, "/**/\\n", 7);
    finds("stack/3_net/a.c", text, "longer than 500 lines");
    memset(text, 'x', 100);
    text[100] = 0;
    finds("stack/3_net/a.h", text, "longer than 80 columns");
}

static CU_TestInfo cases[] = {TEST(tree_is_clean), TEST(tables_are_full),
    TEST(finds_what_breaks_a_rule), TEST(finds_what_is_too_large),
    CU_TEST_INFO_NULL};

CU_SuiteInfo suite_lint = {
    .pName = "lint", .pTests = cases, .pTearDownFunc = teardown};
