/*
 * test_live.c: does a real program in the place of the browser find the
 * world it expects, and is nothing left of it afterwards?
 */
#include "check.h"
#include "live_possible.h"
#include "shell.h"
#include "show.h"

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

/* Eight megabytes arrive as they are, whatever way the device is used. */
static void
bulk(void)
{
    if (!live_possible())
        return;
    struct shell s = shell(
        "cp -r tests/bench/world $TMP/b && sed -i /php-fpm/d "
        "$TMP/b/world.yaml && mkdir -p $TMP/b/web/srv/www && head -c 8000001 "
        "/dev/urandom >$TMP/b/web/srv/www/8m.html; "
        "for o in '' --no-offload '--busy-poll 50' \"--save $TMP/b.pcapng\"; "
        "do "
        "$LW run $o --world $TMP/b -- sh -c 'curl -s "
        "http://shop.test/8m.html | tail -c +2 | curl -s http://shop.test/up "
        "-T -; curl -s http://shop.test/8m.html http://shop.test/8m.html' | "
        "cat - >$TMP/got; cat $TMP/b/web/srv/www/8m.html "
        "$TMP/b/web/srv/www/8m.html | cmp - $TMP/got && echo same; done; "
        "rm -r $TMP/b $TMP/got $TMP/b.pcapng; "
        "$LW run --busy-poll soon -- true");
    CHECK_EQ(s.status, 2);
    CHECK_TEXT(s.out, "same\nsame\nsame\nsame\n");
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

/* --text tells it while it happens, in whole lines, and on stderr alone. */
static void
narration(void)
{
    if (!live_possible())
        return;
    struct shell s =
        shell("$LW run --text -- sh -c 'grep -c . $TMP/told >$TMP/before; "
              "curl -s http://shop.test/index.php; sleep 0.1; "
              "grep -c \"GET /index.php\" $TMP/told' 2>$TMP/told; "
              "cat $TMP/before; grep -c 'GET /index.php' $TMP/told");
    unsigned during = 0, before = 0, after = 0;

    CHECK_EQ(s.status, 0);
    CHECK(sscanf(s.out, "{\"key\":\"val\"}%u %u %u", &during, &before,
              &after) == 3);
    CHECK(before > 20); /* the start of the servers was told before */
    CHECK(during > 0);  /* and the request before the command ended */
    shell_free(&s);
    s = shell("$LW run --text -- sh -c 'curl -s http://shop.test/index.php; "
              "exit 4' 2>&1 >$TMP/page | head -n 1 >$TMP/line; cat $TMP/page");
    CHECK_TEXT(s.out, "{\"key\":\"val\"}"); /* nobody reads the tale: no harm */
    shell_free(&s);
}

/* ^C is the command's: it may heed it, or end of it. */
static void
control_c(void)
{
    if (!live_possible())
        return;
    struct shell s = shell_signalled(
        "exec $LW run -- sh -c 'trap \"echo caught; exit 3\" INT; "
        ": >$TMP/ready; while :; do sleep 0.02; done'",
        "ready", SIGINT);
    CHECK_EQ(s.status, 3);
    CHECK_TEXT(s.out, "caught\n");
    shell_free(&s);
    s = shell_signalled(
        "exec $LW run -- sh -c ': >$TMP/ready; exec sleep 1000'", "ready",
        SIGINT);
    CHECK_EQ(s.status, 128 + SIGINT);
    shell_free(&s);
}

/*
 * The window beside a run, on a display that nobody sees: the command's
 * output and status are its own; the window stays until it is closed, here
 * by a signal.
 */
static void
window(void)
{
    const char *why;

    if (!live_possible() || !show_built(&why))
        return;
    struct shell s = shell(
        "export SDL_VIDEODRIVER=dummy SDL_RENDER_DRIVER=software; "
        "$LW run --window --save $TMP/win.pcapng -- sh -c 'for i in 1 2 3; do "
        "curl -s http://shop.test/index.php; sleep 0.05; done; exit 8' "
        "2>$TMP/err & p=$!; n=0; "
        "while ! grep -q 'has ended' $TMP/err && [ $n -lt 400 ]; do "
        "sleep 0.05; n=$((n + 1)); done; kill -TERM $p; wait $p; echo \" $?\"; "
        "cat $TMP/err");
    CHECK_TEXT(s.out, "{\"key\":\"val\"}{\"key\":\"val\"}{\"key\":\"val\"} "
                      "8\nlayerwalk: the command has ended with status 8; "
                      "close the window to end\n");
    shell_free(&s);
    s = shell(
        "tshark -r $TMP/win.pcapng -Y http.response -T fields "
        "-e frame.interface_name | sort | uniq -c | grep -c ' 3 internet'");
    CHECK_TEXT(s.out, "1\n");
    shell_free(&s);
    /* told to go while the command runs, it passes it on and ends with it */
    s = shell("SDL_VIDEODRIVER=dummy SDL_RENDER_DRIVER=software $LW run "
              "--window -- sh -c ': >$TMP/runs; exec sleep 1000' 2>$TMP/err & "
              "p=$!; while [ ! -e $TMP/runs ]; do sleep 0.02; done; "
              "kill -TERM $p; while ! grep -q 'has ended' $TMP/err; do "
              "sleep 0.02; done; kill -TERM $p; wait $p");
    CHECK_EQ(s.status, 128 + SIGTERM);
    shell_free(&s);
}

/* What nobody asked to keep is not kept: memory stands still. */
static void
memory(void)
{
    if (!live_possible())
        return;
    struct shell s = shell(
        "export ASAN_OPTIONS=quarantine_size_mb=1; " /* frees what is freed */
        "for o in '' '--save /dev/null'; do $LW run $o -- sh -c '"
        "load() { curl -s -Z --parallel-max 16 -o /dev/null "
        "\"http://shop.test/index.php?[1-$1]\"; "
        "grep VmRSS /proc/$PPID/status | tr -dc 0-9; echo; }; "
        "load 300; load 1000'; done");
    unsigned early = 0, late = 0, saved_early = 0, saved_late = 0;

    CHECK_EQ(s.status, 0);
    CHECK(sscanf(s.out, "%u %u %u %u", &early, &late, &saved_early,
              &saved_late) == 4);
    if (!CHECK(late < early + early / 4 &&
               saved_late < saved_early + saved_early / 4))
        printf("    (%s)\n", s.out);
    shell_free(&s);
}

static void
setup(void)
{
    struct shell s = shell("id -u >$TMP/outside; echo $HOME >>$TMP/outside");

    shell_free(&s);
}

static CU_TestInfo cases[] = {TEST(status), TEST(surroundings), TEST(pages),
    TEST(bulk), TEST(load), TEST(narration), TEST(control_c), TEST(window),
    TEST(memory), TEST(nothing_left), TEST(servers_refuse), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_live = {.pName = "live",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
