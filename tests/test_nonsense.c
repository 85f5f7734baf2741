/*
 * test_nonsense.c: forty ways of asking for what cannot be: is each answered
 * at once, in one line that says where, with status 1 or 2, and is nothing
 * left behind?
 */
#include "check.h"
#include "live_possible.h"
#include "shell.h"

#include <stdio.h>
#include <string.h>

static void
setup(void)
{
    struct shell s = shell("mkdir -p $TMP/w/a $TMP/w/b");

    shell_free(&s);
}

static void
teardown(void)
{
    shell_clean();
}

/* A world of this text is refused with this message. */
static void
world(const char *text, const char *message)
{
    char command[1024];

    snprintf(command, sizeof command,
        "cd $TMP && printf '%%b' '%s' >w/world.yaml && "
        "timeout 20 $LW demo --text --quiet --world w",
        text);
    shell_refused(command, 1, message);
}

#define HOSTS                                                                  \
    "name: w\\nhosts:\\n  a: {interfaces: {eth0: 10.0.0.1/24}}\\n"             \
    "  b: {interfaces: {eth0: 10.0.0.2/24}}\\nlinks:\\n"

static void
worlds(void)
{
    world("", "layerwalk: w/world.yaml:1: the file says nothing");
    world("name: w\\nhosts: {}\\n",
        "layerwalk: w/world.yaml:1: the world has no `hosts`");
    world("name: w\\nseed: 18446744073709551616\\n",
        "layerwalk: w/world.yaml:2: `seed` `18446744073709551616` is not a "
        "whole number from 0 on");
    world("name: w\\nhosts:\\n  a: {run: [browser]}\\n",
        "layerwalk: w/world.yaml:3: browser needs a word after its name: URL");
    world("name: w\\nhosts:\\n  a: {run: [apache2]}\\n",
        "layerwalk: w/world.yaml:3: there is no program `apache2`");
    world("name: w\\nhosts:\\n  a: {run: [nginx]}\\n",
        "layerwalk: nginx did not start on a: open() \"/etc/nginx/nginx.conf\" "
        "failed (2: No such file or directory)");
    world(HOSTS "  l: {ends: [a:eth0, b:eth0]}\\n"
                "  m: {ends: [b:eth0, a:eth0]}\\n",
        "layerwalk: w/world.yaml:7: b:eth0 has a link already; a card takes "
        "one");
    world(HOSTS "  l: {ends: [a:eth0, a:eth0]}\\n",
        "layerwalk: w/world.yaml:6: a:eth0 has a link already; a card takes "
        "one");
    world(HOSTS "  l: {ends: [a:eth0, b:eth0], delay: -1ms}\\n",
        "layerwalk: w/world.yaml:6: `delay` `-1ms`: write a number and one of "
        "us, ms, s");
    world(HOSTS "  l: {ends: [a:eth0, b:eth0], loss: 1.01}\\n",
        "layerwalk: w/world.yaml:6: `loss` `1.01` is a chance: 0 to 1, or 0% "
        "to 100%");
    world("name: w\\nhosts:\\n  a: {interfaces: {eth0: 10.0.0.1/24}}\\n"
          "  b: {interfaces: {eth0: 10.0.0.1/24}}\\n",
        "layerwalk: w/world.yaml:4: 10.0.0.1/24 is taken by a");
    world("name: w\\nhosts: &h\\n  a: *h\\n",
        "layerwalk: w/world.yaml:2: a host has no key `a`");
}

/* The file is made by a command; what comes must come soon. */
static void
hostile(const char *make, const char *message)
{
    char command[1024];

    snprintf(command, sizeof command,
        "cd $TMP && rm -rf h && mkdir h && { %s; } && "
        "timeout 20 $LW demo --text --world h",
        make);
    shell_refused(command, 1, message);
}

#define DEEP                                                                   \
    "layerwalk: h/world.yaml:1: more than 32 lists and maps in one another"

static void
hostile_worlds(void)
{
    hostile("yes '[' | head -n 400000 | tr -d '\\n' >h/world.yaml", DEEP);
    hostile("yes '{a: ' | head -n 200000 | tr -d '\\n' >h/world.yaml", DEEP);
    hostile("yes -- '- ' | head -n 400000 | tr -d '\\n' >h/world.yaml", DEEP);
    hostile("yes '? ' | head -n 400000 | tr -d '\\n' >h/world.yaml", DEEP);
    hostile("head -c 100M /dev/zero >h/world.yaml",
        "layerwalk: h/world.yaml: larger than 1 MiB");
    hostile("printf '\\377\\376\\375' >h/world.yaml",
        "layerwalk: h/world.yaml:1: incomplete UTF-16 character");
    hostile("mkfifo h/world.yaml", "layerwalk: h/world.yaml: not a file");
    hostile("mkdir h/world.yaml", "layerwalk: h/world.yaml: not a file");
    hostile(
        "ln -s /dev/zero h/world.yaml", "layerwalk: h/world.yaml: not a file");
    hostile("ln -s world.yaml h/world.yaml",
        "layerwalk: h/world.yaml: Too many levels of symbolic links");
    /* ten lists of ten lists of ten ... */
    hostile("{ echo 'name: w'; echo 'hosts:'; echo '  h:'; "
            "echo '    a: &a [x,x]'; p=a; for c in b c d e f g h i j k; do "
            "echo \"    $c: &$c [*$p,*$p,*$p,*$p,*$p,*$p,*$p,*$p,*$p]\"; "
            "p=$c; done; } >h/world.yaml",
        "layerwalk: h/world.yaml:4: a host has no key `a`");
}

static void
captures(void)
{
    shell_refused("cd $TMP; : >e; $LW play --text e", 1,
        "layerwalk: e: the file is empty");
    shell_refused("$LW play --text /dev/zero", 1,
        "layerwalk: /dev/zero: unknown file format");
    shell_refused("$LW play --text tests/test_nonsense.c", 1,
        "layerwalk: tests/test_nonsense.c: unknown file format");
    shell_refused("$LW play --text tests", 1,
        "layerwalk: tests: cannot be read: Is a directory");
    shell_refused("head -c 1000 pcaps/shop.pcapng >$TMP/cut; cd $TMP; "
                  "$LW play --text cut",
        1,
        "layerwalk: cut: block 3 at byte 124: the file ends in the middle of "
        "it");
}

static void
outputs(void)
{
    shell_refused("$LW demo --text --quiet --save /dev/full", 1,
        "layerwalk: /dev/full: cannot be written: No space left on device");
    shell_refused(
        "$LW demo --text --quiet --save .", 1, "layerwalk: .: Is a directory");
    shell_refused("$LW demo --text >/dev/full", 1,
        "layerwalk: standard output cannot be written");
    shell_refused("$LW demo --text --quiet >&-", 1,
        "layerwalk: standard output cannot be written");
    shell_refused("$LW demo --window", 1,
        "layerwalk: no window: there is no display: neither DISPLAY nor "
        "WAYLAND_DISPLAY is set");
    /* whoever reads has heard enough: not a word about it */
    struct shell s = shell("$LW demo --text | head -n 2 | wc -l; "
                           "$LW help --man | head -n 1 | wc -l");
    CHECK_TEXT(s.out, "2\n1\n");
    CHECK_TEXT(s.err, "");
    shell_free(&s);
}

static void
pictures(void)
{
    struct shell s = shell("cd $TMP; : >f; $LW demo --text --quiet --shots f; "
                           "$LW demo --text --quiet --shots /proc/x/y");

    CHECK_EQ(s.status, 1);
    CHECK_TEXT(s.out, "");
    CHECK(strstr(s.err, "layerwalk: f/") == s.err ||
          strstr(s.err, "built without SDL2") != NULL);
    shell_free(&s);
}

static void
live(void)
{
    if (!live_possible())
        return;
    shell_refused("$LW run --seed x true", 2,
        "layerwalk: --seed `x` is not a whole number from 0 to "
        "18446744073709551615");
    shell_refused("$LW run --save /nowhere/x true", 1,
        "layerwalk: /nowhere/x: No such file or directory");
    shell_refused("$LW run --save /dev/full true", 1,
        "layerwalk: /dev/full: cannot be written: No space left on device");
    shell_refused(
        "$LW run -- ''", 127, "layerwalk: : No such file or directory");
    shell_refused("$LW run -- .", 126, "layerwalk: .: Permission denied");
    shell_refused("SHELL=/nowhere $LW run", 127,
        "layerwalk: /nowhere: No such file or directory");
    shell_refused("cd $TMP; printf 'name: w\\nhosts:\\n  a: {}\\n' "
                  ">w/world.yaml; $LW run --world w true",
        1,
        "layerwalk: w/world.yaml: no host runs `browser`, so there is no "
        "place for a command");
}

/* After all of the above, nothing runs and nothing lies about. */
static void
nothing_left(void)
{
    struct shell s =
        shell("cd $TMP && rm -rf w h && mkdir w && "
              "printf 'name: w\\nhosts:\\n  a: {folder: ., run: [php-fpm]}\\n' "
              ">w/world.yaml; export LW_MARK=$TMP; "
              "$LW demo --text --quiet --world w 2>/dev/null; unset LW_MARK; "
              "grep -lsz \"^LW_MARK=$TMP$\" /proc/[0-9]*/environ; "
              "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | "
              "grep -c -- \"[-]-root $TMP\"");

    CHECK_TEXT(s.out, "0\n");
    shell_free(&s);
}

static CU_TestInfo cases[] = {TEST(worlds), TEST(hostile_worlds),
    TEST(captures), TEST(outputs), TEST(pictures), TEST(live),
    TEST(nothing_left), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_nonsense = {.pName = "nonsense",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
