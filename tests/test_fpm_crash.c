/*
 * test_fpm_crash.c: a worker dies in the middle of its work. Through nginx,
 * what does the visitor see, and does everybody else notice nothing?
 */
#include "check.h"
#include "fpm_fixture.h"
#include "host.h"
#include "live_possible.h"
#include "nginx.h"
#include "shell.h"
#include "sys.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char nginx_conf[] =
    "events {}\n"
    "http { server { listen 80; root /srv; location ~ \\.php$ {\n"
    "fastcgi_pass 127.0.0.1:9000;\n"
    "fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n"
    "fastcgi_param REQUEST_METHOD $request_method; } } }\n";

static struct fpm_fixture fx;
static struct {
    const char *path;
    int after_ms;
    char answer[65536];
    size_t len;
} visits[4];

static void
setup(void)
{
    fpm_fixture_open(&fx);
    memset(visits, 0, sizeof(visits));
    fpm_write(&fx, "etc/nginx.conf", nginx_conf);
    fpm_write(&fx, "etc/php/php.ini", "extension = posix\n");
    fpm_write_pool(
        &fx, "listen = 127.0.0.1:9000\npm = static\npm.max_children = 2\n");
    fpm_write(&fx, "srv/good.php", "<?php usleep(500000); echo 'good';");
    fpm_write(&fx, "srv/early.php", "<?php posix_kill(getmypid(), 11);");
    fpm_write(&fx, "srv/late.php",
        "<?php header('Content-Length: 50000'); echo str_repeat('x', 20000);"
        "flush(); usleep(200000); posix_kill(getmypid(), 9);");
}

static void
teardown(void)
{
    fpm_fixture_close(&fx);
}

/* One visit of a browser that keeps nothing open. */
static int
visitor(struct proc *p, int argc, char **argv)
{
    int i = argc > 1 ? atoi(argv[1]) : 0;
    struct timespec wait = {0, visits[i].after_ms * LW_MS};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(80)};
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    char ask[128];
    ssize_t n;

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sys_nanosleep(p, &(struct timespec){1, 0});
    sys_nanosleep(p, &wait);
    if (sys_connect(p, fd, (struct sockaddr *)&in, sizeof(in)))
        return 1;
    n = snprintf(ask, sizeof(ask),
        "GET %s HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n",
        visits[i].path);
    sys_write(p, fd, ask, (size_t)n);
    while ((n = sys_read(p, fd, visits[i].answer + visits[i].len,
                sizeof(visits[i].answer) - 1 - visits[i].len)) > 0)
        visits[i].len += (size_t)n;
    return 0;
}

static void
visit(int i, const char *path, int after_ms)
{
    char number[12], *argv[] = {"visitor", number, NULL};

    visits[i].path = path;
    visits[i].after_ms = after_ms;
    snprintf(number, sizeof(number), "%d", i);
    kernel_start(host_kernel(fx.host), "visitor", visitor, 2, argv);
}

static bool
answered(int i, const char *status)
{
    return strncmp(visits[i].answer, "HTTP/1.1 ", 9) == 0 &&
           strncmp(visits[i].answer + 9, status, strlen(status)) == 0;
}

static bool
start(void)
{
    char *argv[] = {"nginx", "-c", "/etc/nginx.conf", NULL};

    return fpm_start(&fx, LEVEL_STEP) &&
           kernel_start(host_kernel(fx.host), "nginx", nginx_main, 3, argv) > 0;
}

static void
before_the_headers_it_is_502(void)
{
    REQUIRE(start());
    visit(0, "/good.php", 0); /* under way while the other dies */
    visit(1, "/early.php", 100);
    visit(2, "/good.php", 200); /* by the worker that comes instead */
    fpm_run_for(&fx, 10 * LW_S);
    CHECK(answered(0, "200"));
    CHECK(answered(1, "502"));
    CHECK(answered(2, "200"));
    CHECK(fpm_logged(&fx, "exited on signal 11 (SIGSEGV"));
    CHECK_EQ(recorder_count(&fx.rec, EV_FPM_REQUEST), 3);
}

static void
after_them_the_answer_is_cut(void)
{
    REQUIRE(start());
    visit(0, "/good.php", 0);
    visit(1, "/late.php", 100);
    visit(2, "/good.php", 400);
    fpm_run_for(&fx, 10 * LW_S);
    CHECK(answered(0, "200") && strstr(visits[0].answer, "good"));
    CHECK(answered(1, "200"));
    CHECK(visits[1].len >= 20000 && visits[1].len < 30000);
    CHECK(answered(2, "200") && strstr(visits[2].answer, "good"));
    CHECK(fpm_logged(&fx, "exited on signal 9 (SIGKILL"));
}

static void
live_too(void)
{
    if (!live_possible())
        return;
    struct shell s =
        shell("cp -r lessons/worlds/shop $TMP/w && "
              "echo extension=posix >>$TMP/w/web/etc/php/php.ini && "
              "cp %s/srv/*.php $TMP/w/web/srv/www && "
              "$LW run --world $TMP/w -- sh -c 'for p in early late good; do "
              "curl -s -o /dev/null -w \"%%{http_code} %%{size_download} \" "
              "http://shop.test/$p.php; echo $?; done'",
            fx.folder);

    CHECK(strncmp(s.out, "502 ", 4) == 0);
    CHECK(strstr(s.out, "\n200 20000 18\n"));
    CHECK(strstr(s.out, "\n200 4 0\n"));
    CHECK_EQ(s.status, 0);
    shell_free(&s);
    shell_clean();
}

static CU_TestInfo cases[] = {TEST(before_the_headers_it_is_502),
    TEST(after_them_the_answer_is_cut), TEST(live_too), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_fpm_crash = {.pName = "fpm_crash",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
