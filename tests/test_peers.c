/*
 * test_peers.c: do our nginx and our php-fpm answer as the real ones do? The
 * same folder, the same configuration, the same questions by real clients;
 * what differs is shown. tests/peers/ holds the questions (requests.sh), the
 * scripts that are asked (www), and how the real servers are had and run.
 */
#include "check.h"
#include "live_possible.h"
#include "shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
teardown(void)
{
    shell_clean();
}

/* The real ones, unpacked once under build/; false: they cannot be had. */
static bool
peers_possible(void)
{
    struct shell s = shell("sh tests/peers/fetch.sh build/peers");
    bool possible = s.status == 0;

    if (!possible)
        printf("\n    not tried here: %s", s.err);
    shell_free(&s);
    return possible;
}

/* The shop with more to ask for; both sides serve this very folder. Without
 * server_tokens their versions would make every error page differ. */
static void
make_world(void)
{
    struct shell s = shell(
        "cp -r lessons/worlds/shop $TMP/w && "
        "cp -r tests/peers/www/. $TMP/w/web/srv/www/ && "
        "sed -i 's/^http {/&\\n    server_tokens off;/' "
        "$TMP/w/web/etc/nginx/nginx.conf && "
        "head -c 1500000 /dev/zero | tr '\\0' y >$TMP/w/web/srv/www/big.bin");

    CHECK_EQ(s.status, 0);
    CHECK_TEXT(s.err, "");
    shell_free(&s);
}

static void
answers_are_the_same(void)
{
    if (!live_possible() || !peers_possible())
        return;
    make_world();
    struct shell s = shell("sh tests/peers/serve.sh build/peers $TMP/w/web "
                           "\"$PWD\"/tests/peers/requests.sh $TMP/real");
    CHECK_EQ(s.status, 0);
    CHECK_TEXT(s.err, "");
    shell_free(&s);
    s = shell("$LW run --world $TMP/w -- "
              "\"$PWD\"/tests/peers/requests.sh $TMP/ours");
    CHECK_EQ(s.status, 0);
    CHECK_TEXT(s.err, "");
    shell_free(&s);
    s = shell("ls $TMP/real | wc -l");
    CHECK_EQ(strtol(s.out, NULL, 10), 62);
    shell_free(&s);
    s = shell("cd $TMP; for f in $(ls real); do cmp -s real/$f ours/$f || "
              "{ echo \"$f:\"; diff -a real/$f ours/$f | head -n 12; }; done");
    CHECK_TEXT(s.out, "");
    shell_free(&s);
}

static long
occurrences(const char *text, const char *what)
{
    long n = 0;

    for (; (text = strstr(text, what)); text += strlen(what))
        n++;
    return n;
}

/* A folder whose files come and go, with every setting of open_file_cache. */
static void
make_cached_world(const char *name)
{
    struct shell s = shell(
        "cp -r lessons/worlds/shop $TMP/%s && "
        "cat >>$TMP/%s/web/etc/nginx/conf.d/test.conf <<'END'\n"
        "server { listen 80; server_name cache.test; root /srv/www;\n"
        "server_tokens off; open_file_cache max=20;\n"
        "open_file_cache_valid 5; location /off/ { open_file_cache off; }\n"
        "location /try/ { try_files $uri =404; }\n"
        "location = /errors/none { open_file_cache_errors on; }\n"
        "location /twice/ { open_file_cache_min_uses 2; }\n"
        "location /one/ { open_file_cache max=1 inactive=1m; } }\n"
        "END\n",
        name, name);

    CHECK_EQ(s.status, 0);
    CHECK_TEXT(s.err, "");
    shell_free(&s);
}

/* open_file_cache answers with what was there for as long as real nginx. */
static void
replaced_files_are_noticed_alike(void)
{
    if (!live_possible() || !peers_possible())
        return;
    make_cached_world("real");
    make_cached_world("ours");
    struct shell real =
        shell("sh tests/peers/serve.sh build/peers $TMP/real/web "
              "\"$PWD\"/tests/peers/replaced.sh $TMP/real/web/srv/www");
    struct shell ours =
        shell("$LW run --world $TMP/ours -- "
              "\"$PWD\"/tests/peers/replaced.sh $TMP/ours/web/srv/www");
    CHECK_EQ(real.status, 0);
    CHECK_EQ(ours.status, 0);
    CHECK(strstr(real.out, "later\n") != NULL);
    CHECK_TEXT(ours.err, real.err);
    CHECK_TEXT(ours.out, real.out);
    shell_free(&real);
    shell_free(&ours);
}

/* As many connections between nginx and php-fpm as between the real ones. */
static void
connections_are_kept_alike(void)
{
    if (!live_possible() || !peers_possible())
        return;
    make_world();
    struct shell s = shell(
        "cd $TMP/w/web && sed -i -e 's/127.0.0.1:9000;/php; "
        "fastcgi_keep_conn on;/' -e '1i upstream php { server "
        "127.0.0.1:9000; keepalive 2; keepalive_timeout 3s; }' "
        "etc/nginx/conf.d/test.conf && sed -i -e 's/^pm *=.*/pm = static/' "
        "-e 's/^pm.max_children.*/pm.max_children = 3/' "
        "etc/php/fpm/pool.d/www.conf && "
        "echo '<?php usleep(300000); echo 1;' >srv/www/slow.php");
    CHECK_EQ(s.status, 0);
    CHECK_TEXT(s.err, "");
    shell_free(&s);
    struct shell real = shell("sh tests/peers/serve.sh build/peers $TMP/w/web "
                              "\"$PWD\"/tests/peers/kept.sh $TMP/opens");
    struct shell ours = shell("$LW run --text --world $TMP/w -- "
                              "\"$PWD\"/tests/peers/kept.sh $TMP/none");
    CHECK_EQ(real.status, 0);
    CHECK_EQ(ours.status, 0);
    CHECK(strstr(real.out, "left") != NULL);
    CHECK_TEXT(ours.out, real.out);
    s = shell("cat $TMP/opens");
    CHECK_EQ(occurrences(ours.err, " upstream 127.0.0.1:9000: connecting"),
        strtol(s.out, NULL, 10));
    CHECK_EQ(strtol(s.out, NULL, 10), 4);
    shell_free(&s);
    shell_free(&real);
    shell_free(&ours);
}

/* A worker that a script shoots: 502, and everything else goes on. */
static void
crash(void)
{
    if (!live_possible())
        return;
    make_world();
    struct shell s =
        shell("echo '<?php posix_kill(getmypid(), 11);' "
              ">$TMP/w/web/srv/www/crash.php; "
              "echo extension=posix >>$TMP/w/web/etc/php/php.ini; "
              "$LW run --world $TMP/w -- sh -c 'for i in 1 2 3 4 5; do "
              "curl -s -o /dev/null -w \"%%{http_code} \" "
              "http://shop.test/crash.php; "
              "curl -s http://shop.test/index.php; echo; done'");

    CHECK_TEXT(s.out, "502 {\"key\":\"val\"}\n502 {\"key\":\"val\"}\n"
                      "502 {\"key\":\"val\"}\n502 {\"key\":\"val\"}\n"
                      "502 {\"key\":\"val\"}\n");
    CHECK_EQ(s.status, 0);
    shell_free(&s);
}

static CU_TestInfo cases[] = {TEST(answers_are_the_same),
    TEST(replaced_files_are_noticed_alike), TEST(connections_are_kept_alike),
    TEST(crash), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_peers = {
    .pName = "peers", .pTests = cases, .pTearDownFunc = teardown};
