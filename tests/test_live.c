/*
 * test_live.c: does a real program in the place of the browser find the
 * world it expects, and is nothing left of it afterwards?
 */
#include "check.h"
#include "live_possible.h"
#include "shell.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static void
teardown(void)
{
    shell_clean();
}

/* What the command prints, and with which status layerwalk then ends. */
static void
gives(const char *command, const char *out, int status)
{
    struct shell s = shell("$LW run -- %s", command);

    if (!CHECK_EQ(s.status, status))
        printf("    (%s: %s)\n", command, s.err);
    CHECK_TEXT(s.out, out);
    shell_free(&s);
}

/* Status and output are the command's own. */
static void
status(void)
{
    if (!live_possible())
        return;
    gives("true", "", 0);
    gives("false", "", 1);
    gives("sh -c 'echo a; exit 7'", "a\n", 7);
    gives("sh -c 'kill -TERM $$'", "", 128 + SIGTERM);
    gives("/nowhere/command", "", 127);
    gives("/etc/hosts", "", 126);
    struct shell s = shell("SHELL=/bin/true $LW run");
    CHECK_EQ(s.status, 0);
    shell_free(&s);
}

/* The place of the browser: its name file, its address, its way out. */
static void
surroundings(void)
{
    if (!live_possible())
        return;
    gives("getent hosts shop.test | tr -s ' '",
        "10.0.2.10 shop.test www.shop.test\n", 0);
    gives("sh -c 'cat /etc/hosts' | cmp - lessons/worlds/shop/browser/etc/"
          "hosts",
        "", 0);
    gives("cat /proc/net/route | awk '{print $1, $2, $3, $8}'",
        "Iface Destination Gateway Mask\n"
        "eth0 00000000 0101000A 00000000\n"
        "eth0 0001000A 00000000 00FFFFFF\n",
        0);
    gives("sh -c 'id -u; echo $HOME' | cmp - $TMP/outside && echo same",
        "same\n", 0);
    gives("sh -c 'echo x >>/etc/hosts' 2>/dev/null", "", 2);
}

/* A page from PHP, a file, and what is not there. */
static void
pages(void)
{
    if (!live_possible())
        return;
    gives("curl -s http://shop.test/index.php", "{\"key\":\"val\"}", 0);
    gives("curl -s -o /dev/null -w '%{http_code}' http://shop.test/none.php",
        "404", 0);
    gives("curl -s -o /dev/null -w '%{http_code} %{num_connects}\\n' "
          "http://shop.test/index.php -o /dev/null http://shop.test/index.php",
        "200 1\n200 0\n", 0);
    gives("curl -s --max-time 5 http://10.0.2.10:81/", "", 7);
}

/* A megabyte each way, many requests at once, and a run that is saved. */
static void
load(void)
{
    if (!live_possible())
        return;
    struct shell s = shell(
        "$LW run --save $TMP/live.pcapng -- sh -c '"
        "for i in 1 2 3 4 5 6 7 8; do "
        "curl -s http://shop.test/index.php & done; wait' && "
        "tshark -r $TMP/live.pcapng -Y 'http.response.code == 200' | wc -l");
    CHECK_EQ(s.status, 0);
    CHECK(strstr(s.out, "{\"key\":\"val\"}{\"key\":\"val\"}") != NULL);
    CHECK(strstr(s.out, "\n") && strstr(s.out, "8\n") != NULL);
    shell_free(&s);
}

/* After every way out there is no process, no device, no file. */
static void
nothing_left(void)
{
    if (!live_possible())
        return;
    static const char *const ways[] = {
        "$LW run -- sh -c 'sleep 1000 & sleep 1000 & exit 0'",
        "$LW run -- sh -c 'kill -9 $$'",
        "$LW run -- /nowhere/command 2>/dev/null",
        /* layerwalk is told to go, and passes it on */
        "$LW run -- sleep 1000 & p=$!; sleep 0.4; kill -TERM $p; wait $p",
        /* layerwalk is shot, and can do nothing more */
        "$LW run -- sleep 1000 & p=$!; sleep 0.4; kill -KILL $p; wait $p; "
        "sleep 0.3",
    };

    for (size_t i = 0; i < LW_COUNT(ways); i++) {
        struct shell s = shell(
            "export LW_MARK=%s; grep -c . /proc/net/dev >$TMP/before; "
            "(%s); grep -c . /proc/net/dev | diff - $TMP/before; "
            "unset LW_MARK; grep -lsz '^LW_MARK=%s$' /proc/[0-9]*/environ | "
            "while read f; do tr '\\0' ' ' <${f%%environ}cmdline; done; "
            "mount | grep -c 'etc/hosts'",
            shell_tmp(), ways[i], shell_tmp());

        CHECK_TEXT(s.out, "0\n");
        if (strcmp(s.out, "0\n") != 0)
            printf("    (after %s)\n", ways[i]);
        shell_free(&s);
    }
}

/* Servers that cannot start are told, and nothing is begun. */
static void
servers_refuse(void)
{
    if (!live_possible())
        return;
    struct shell s =
        shell("cp -r lessons/worlds/shop $TMP/w && "
              "echo 'lissen 80;' >>$TMP/w/web/etc/nginx/nginx.conf && "
              "$LW run --world $TMP/w -- echo never");

    CHECK_EQ(s.status, 1);
    CHECK_TEXT(s.out, "");
    CHECK(strstr(s.err, "nginx did not start on web") != NULL);
    CHECK(strstr(s.err, "lissen") != NULL);
    CHECK(strstr(s.err, "nginx.conf:") != NULL);
    shell_free(&s);
}

static void
setup(void)
{
    struct shell s = shell("id -u >$TMP/outside; echo $HOME >>$TMP/outside");

    shell_free(&s);
}

static CU_TestInfo cases[] = {TEST(status), TEST(surroundings), TEST(pages),
    TEST(load), TEST(nothing_left), TEST(servers_refuse), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_live = {.pName = "live",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
