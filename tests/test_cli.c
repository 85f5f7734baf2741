/*
 * test_cli.c: does every kind of nonsense get one clear line and the right
 * exit status, and is the help true to the program?
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

/* Wrong use: status 2. */
static void
usage(void)
{
    shell_refused("$LW", 2,
        "layerwalk: say what to do: `layerwalk demo`, or `layerwalk help`");
    shell_refused("$LW dmeo", 2,
        "layerwalk: there is no command `dmeo`; did you mean `demo`?");
    shell_refused("$LW frobnicate", 2,
        "layerwalk: there is no command `frobnicate`; see `layerwalk help`");
    shell_refused(
        "$LW ''", 2, "layerwalk: there is no command ``; see `layerwalk help`");
    shell_refused("$LW --demo", 2,
        "layerwalk: there is no option `--demo` here; see `layerwalk help`");
    shell_refused("$LW demo --sed 1", 2,
        "layerwalk: demo has no option --sed; did you mean --seed?");
    shell_refused("$LW demo -x", 2,
        "layerwalk: demo has no option -x; see `layerwalk demo --help`");
    shell_refused("$LW demo --seed", 2, "layerwalk: --seed needs a value: N");
    shell_refused("$LW demo --seed=", 2, "layerwalk: --seed needs a value: N");
    shell_refused("$LW demo --seed x", 2,
        "layerwalk: --seed `x` is not a whole number from 0 to "
        "18446744073709551615");
    shell_refused("$LW demo --seed -1", 2,
        "layerwalk: --seed `-1` is not a whole number from 0 to "
        "18446744073709551615");
    shell_refused(
        "$LW demo --seed 1 --seed 2", 2, "layerwalk: --seed is given twice");
    shell_refused("$LW demo --text=yes", 2, "layerwalk: --text takes no value");
    shell_refused("$LW demo now", 2,
        "layerwalk: demo: `now` is too much; see `layerwalk demo --help`");
    shell_refused("$LW demo --until LUNCH", 2,
        "layerwalk: --until `LUNCH` is neither an event such as TCP_MOVE nor "
        "a number such as #123");
    shell_refused("$LW demo --until '#0'", 2,
        "layerwalk: --until `#0` is neither an event such as TCP_MOVE nor a "
        "number such as #123");
    shell_refused("$LW play", 2,
        "layerwalk: play needs FILE; see `layerwalk play --help`");
    shell_refused("$LW play a b", 2,
        "layerwalk: play: `b` is too much; see `layerwalk play --help`");
    shell_refused("$LW help me", 2,
        "layerwalk: there is no command `me`; see `layerwalk help`");
    shell_refused("$LW run --text --window true", 2,
        "layerwalk: --text and --window exclude each other");
    shell_refused("$LW \"$(printf 'a\\nb\\033[31m')\"", 2,
        "layerwalk: there is no command `a?b?[31m`; see `layerwalk help`");
}

/* What was asked for is clear, and cannot be done: status 1. */
static void
failures(void)
{
    shell_refused("$LW demo --text --world /nowhere", 1,
        "layerwalk: /nowhere/world.yaml: No such file or directory");
    shell_refused("$LW run --world /nowhere true", 1,
        "layerwalk: /nowhere/world.yaml: No such file or directory");
    shell_refused("mkdir $TMP/w; echo 'name: [' >$TMP/w/world.yaml; "
                  "cd $TMP; $LW demo --text --world w",
        1, "layerwalk: w/world.yaml:2: did not find expected node content");
    shell_refused("$LW demo --text --quiet --save /nowhere/x.pcapng", 1,
        "layerwalk: /nowhere/x.pcapng: No such file or directory");
    shell_refused("cd $TMP; $LW play --text missing.pcap", 1,
        "layerwalk: missing.pcap: cannot be opened: No such file or directory");
    shell_refused("LAYERWALK_PHP_FPM=/nowhere/fpm $LW demo --text", 1,
        "layerwalk: world shop runs php-fpm, but /nowhere/fpm is not there: "
        "`make` builds it where libphp8.x-embed and php8.x-dev are installed "
        "(`make install-deps`)");
}

/* The walk is shown to its end, but what was asked for did not come. */
static void
pages_that_do_not_come(void)
{
    struct shell s =
        shell("cp -r lessons/worlds/shop $TMP/u; cd $TMP/u; "
              "sed -i -e s,shop.test/,shop.test:81/, -e /php-fpm/d world.yaml; "
              "$LW demo --text --world .");

    CHECK_EQ(s.status, 1);
    CHECK_TEXT(s.err, "layerwalk: browser ended with exit status 1\n");
    CHECK(strstr(s.out, "sha256 "));
    shell_free(&s);
    s = shell("cd $TMP/u; $LW demo --text --quiet --world . --until TCP_MOVE");
    CHECK_EQ(s.status, 0); /* it was not asked to come to an end */
    shell_free(&s);
}

/* A program that the world names and nobody has, told with its line. */
static void
programs(void)
{
    shell_refused("mkdir -p $TMP/v/a; cd $TMP; printf 'name: v\\nhosts:\\n  "
                  "a:\\n    run: [ngnix]\\n' >v/world.yaml; "
                  "$LW demo --text --world v",
        1,
        "layerwalk: v/world.yaml:4: there is no program `ngnix`; did you "
        "mean `nginx`?");
    shell_refused("cd $TMP; printf 'name: v\\nhosts:\\n  a: {}\\n' "
                  ">v/world.yaml; $LW run --world v true",
        1,
        "layerwalk: v/world.yaml: no host runs `browser`, so there is no "
        "place for a command");
}

static void
says(const char *command, const char *what)
{
    struct shell s = shell("%s", command);

    CHECK_EQ(s.status, 0);
    CHECK_TEXT(s.err, "");
    if (!CHECK(strstr(s.out, what) != NULL))
        printf("    (%s: %s)\n", command, what);
    shell_free(&s);
}

static void
help(void)
{
    says("$LW --version", "layerwalk ");
    says("$LW help", "usage: layerwalk COMMAND");
    says("$LW --help", "usage: layerwalk COMMAND");
    says("$LW demo --help", "--seed N");
    says("$LW run --help", "usage: layerwalk run [OPTION]... [--] [COMMAND");
    says("$LW play -h", "usage: layerwalk play [OPTION]... FILE");
    says("$LW help run", "usage: layerwalk run");
    says("$LW help --man", ".SS layerwalk demo");
    struct shell s = shell("$LW help --man | man -l --warnings - >/dev/null");
    CHECK_TEXT(s.err, "");
    shell_free(&s);
    s = shell("for c in '' demo run play help; do $LW help $c; done | "
              "awk 'length > 80'");
    CHECK_TEXT(s.out, "");
    shell_free(&s);
}

/* Output that cannot be written is a failure, not silence. */
static void
full_disk(void)
{
    shell_refused("$LW help >/dev/full", 1,
        "layerwalk: standard output cannot be written");
}

static CU_TestInfo cases[] = {TEST(usage), TEST(failures),
    TEST(pages_that_do_not_come), TEST(programs), TEST(help), TEST(full_disk),
    CU_TEST_INFO_NULL};

CU_SuiteInfo suite_cli = {
    .pName = "cli", .pTests = cases, .pTearDownFunc = teardown};
