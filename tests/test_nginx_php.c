/*
 * test_nginx_php.c: our nginx and the real php-fpm on one computer, in
 * virtual time, joined in ways that the lessons' world does not show: over a
 * Unix socket, with a path behind the script's name, with a script that
 * leaves the answer to nginx.
 */
#include "check.h"
#include "fpm_fixture.h"
#include "host.h"
#include "nginx.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static struct fpm_fixture fx;

/* One question to nginx, and what came back. */
static struct {
    const char *unix_path; /* or 127.0.0.1:80 */
    char request[512];
    char answer[16384];
    size_t len;
} talk;

static void
setup(void)
{
    char command[256];

    fpm_fixture_open(&fx);
    snprintf(command, sizeof command,
        "cp -r lessons/worlds/shop/web/etc/nginx %s/etc/ && "
        "mkdir %s/srv/abc %s/srv/files",
        fx.folder, fx.folder, fx.folder);
    CHECK_EQ(system(command), 0);
    fpm_write(&fx, "srv/abc/index.php",
        "<?php foreach (['SCRIPT_NAME', 'PATH_INFO', 'SCRIPT_FILENAME', "
        "'DOCUMENT_ROOT', 'PATH_TRANSLATED', 'REMOTE_ADDR', 'SERVER_PORT'] "
        "as $k) echo $k, '=', $_SERVER[$k] ?? 'none', \"\\n\";");
}

static void
teardown(void)
{
    fpm_fixture_close(&fx);
}

/* Both programs; `server` is all that stands in http{} besides the types. */
static bool
start(const char *server)
{
    char conf[4096], *argv[] = {"nginx", NULL};

    snprintf(conf, sizeof conf,
        "error_log stderr info;\nevents {}\nhttp {\n"
        "include mime.types; access_log off;\n%s\n}\n",
        server);
    fpm_write(&fx, "etc/nginx/nginx.conf", conf);
    if (!fpm_start(&fx, LEVEL_STEP))
        return false;
    fpm_run_for(&fx, LW_S);
    kernel_start(host_kernel(fx.host), "nginx", nginx_main, 1, argv);
    fpm_run_for(&fx, LW_S);
    return true;
}

static int
client(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(80)};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    bool local = talk.unix_path != NULL;
    int fd = sys_socket(p, local ? AF_UNIX : AF_INET, SOCK_STREAM, 0), err;
    ssize_t n;

    (void)argc;
    (void)argv;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (local)
        snprintf(un.sun_path, sizeof un.sun_path, "%s", talk.unix_path);
    err = local ? sys_connect(p, fd, (struct sockaddr *)&un, sizeof un)
                : sys_connect(p, fd, (struct sockaddr *)&in, sizeof in);
    if (err < 0)
        return 1;
    sys_write(p, fd, talk.request, strlen(talk.request));
    while ((n = sys_read(p, fd, talk.answer + talk.len,
                sizeof talk.answer - 1 - talk.len)) > 0)
        talk.len += (size_t)n;
    return 0;
}

/* The answer to GET target, head and body. */
static const char *
get(const char *target)
{
    char *argv[] = {"client", NULL};
    const char *unix_path = talk.unix_path;

    memset(&talk, 0, sizeof talk);
    talk.unix_path = unix_path;
    snprintf(talk.request, sizeof talk.request,
        "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", target);
    kernel_start(host_kernel(fx.host), "client", client, 1, argv);
    fpm_run_for(&fx, 5 * LW_S);
    return talk.answer;
}

#define PHP_OVER(address)                                                      \
    "location ~ \\.php$ { fastcgi_pass " address "; include fastcgi_params;\n" \
    "fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name; }\n"

/* Both ends reconfigured from a port to the name of a socket. */
static void
must_reach_php_over_a_unix_socket(void)
{
    const char *answer;
    bool connected = false;

    fpm_write_pool(&fx, "listen = /run/php/php-fpm.sock\npm = static\n"
                        "pm.max_children = 1\n");
    REQUIRE(start("server { listen 80; root /srv;\n" PHP_OVER(
        "unix:/run/php/php-fpm.sock") "}"));
    answer = get("/abc/index.php");
    CHECK(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17) == 0);
    CHECK(strstr(answer, "SCRIPT_NAME=/abc/index.php\n") != NULL);
    for (unsigned i = 0; recorder_find(&fx.rec, EV_SYSCALL, i); i++) {
        const struct event *e = recorder_find(&fx.rec, EV_SYSCALL, i);

        if (strstr(recorder_text(e, "args", 0),
                "sun_path=\"/run/php/php-fpm.sock\""))
            connected = true;
    }
    CHECK(connected);
    CHECK_EQ(recorder_count(&fx.rec, EV_FPM_REQUEST), 1);
}

/* The name is there, but nobody listens any more; or there is no such name. */
static void
must_answer_502_when_the_socket_is_not_there(void)
{
    const char *answer;

    REQUIRE(start("server { listen 80; root /srv;\n" PHP_OVER(
        "unix:/run/php/other.sock") "}"));
    answer = get("/abc/index.php");
    CHECK(strncmp(answer, "HTTP/1.1 502 Bad Gateway\r\n", 26) == 0);
    CHECK(strstr(recorder_text(
                     recorder_find(&fx.rec, EV_NGINX_ERROR, 0), "line", 0),
              "connect() to unix socket failed (2: No such file or "
              "directory)") != NULL);
}

/* A well-known explanation of a web request shows this configuration. */
static void
must_split_the_path_behind_the_script(void)
{
    const char *answer;

    REQUIRE(
        start("server {\n"
              "        listen 80;\n"
              "        server_name  localhost;\n"
              "        root  /srv/;\n"
              "        index  index.html index.htm index.php;\n"
              "        location @rewrite {\n"
              "            rewrite ^/(.*)$ /index.php?_url=/$1;\n"
              "        }\n"
              "        location / {\n"
              "            allow all;\n"
              "        }\n"
              "        location ~ ^(.+\\.php)(.*)$ {\n"
              "            fastcgi_pass 127.0.0.1:9000;\n"
              "            fastcgi_index   index.php;\n"
              "            fastcgi_split_path_info         ^(.+\\.php)(.*)$;\n"
              "            fastcgi_param       PATH_INFO                "
              "$fastcgi_path_info;\n"
              "            fastcgi_param       PATH_TRANSLATED        "
              "$DOCUMENT_ROOT$fastcgi_path_info;\n"
              "            fastcgi_param       SCRIPT_FILENAME  "
              "$DOCUMENT_ROOT/$fastcgi_script_name;\n"
              "            include             fastcgi_params;\n"
              "        }\n"
              "}\n"));
    answer = get("/abc/index.php/def");
    CHECK(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17) == 0);
    CHECK(strstr(answer, "SCRIPT_NAME=/abc/index.php\n") != NULL);
    CHECK(strstr(answer, "PATH_INFO=/def\n") != NULL);
    CHECK(strstr(answer, "DOCUMENT_ROOT=/srv\n") != NULL);
    CHECK(strstr(answer, "SERVER_PORT=80\n") != NULL);
    answer = get("/abc/index.php");
    CHECK(strstr(answer, "SCRIPT_NAME=/abc/index.php\n") != NULL);
    CHECK(strstr(answer, "PATH_INFO=/def\n") == NULL);
    answer = get("/abc/"); /* index: a redirect inside, to the script */
    CHECK(strstr(answer, "SCRIPT_NAME=/abc/index.php\n") != NULL);
}

static void
must_leave_the_file_to_nginx(void)
{
    const char *answer;

    fpm_write(&fx, "srv/get.php",
        "<?php header('X-Accel-Redirect: /files/a%20b.txt');"
        "header('Set-Cookie: seen=1'); header('X-Own: 1'); echo 'not this';");
    fpm_write(&fx, "srv/files/a b.txt", "the file itself");
    REQUIRE(start(
        "server { listen 80; root /srv;\n"
        "location /files/ { internal; }\n" PHP_OVER("127.0.0.1:9000") "}"));
    answer = get("/get.php");
    CHECK(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17) == 0);
    CHECK(strstr(answer, "\r\nSet-Cookie: seen=1\r\n") != NULL);
    CHECK(strstr(answer, "X-Own") == NULL);
    CHECK(strstr(answer, "\r\n\r\nthe file itself") != NULL);
    CHECK(strncmp(get("/files/a%20b.txt"), "HTTP/1.1 404 ", 13) == 0);
}

/* nginx's own clients may come by a name as well. */
static void
must_listen_on_a_unix_socket(void)
{
    const char *answer;

    REQUIRE(start(
        "server { listen unix:/run/web.sock; root /srv;\n"
        "location = /who { return 200 \"$remote_addr "
        "$server_addr:$server_port\"; }\n" PHP_OVER("127.0.0.1:9000") "}"));
    talk.unix_path = "/run/web.sock";
    answer = get("/who");
    CHECK(strstr(answer, "\r\n\r\nunix: unix:/run/web.sock:") != NULL);
    answer = get("/abc/index.php");
    CHECK(strstr(answer, "REMOTE_ADDR=unix:\n") != NULL);
    talk.unix_path = NULL;
}

/* Calls of nginx that make a connection to php-fpm. */
static unsigned
connects(void)
{
    const struct event *e;
    unsigned n = 0;

    for (unsigned i = 0; (e = recorder_find(&fx.rec, EV_SYSCALL, i)); i++)
        n += strcmp(recorder_text(e, "name", 0), "connect") == 0 &&
             (strstr(recorder_text(e, "args", 1), "htons(9000)") ||
                 strstr(recorder_text(e, "args", 1), "php-fpm.sock"));
    return n;
}

#define KEEPING(address)                                                       \
    "upstream php { server " address "; keepalive 1; }\n"                      \
    "server { listen 80; root /srv; fastcgi_keep_conn on;\n" PHP_OVER(         \
        "php") "}"

/* FCGI_KEEP_CONN: a child stays on its connection, until pm.max_requests. */
static void
must_serve_several_requests_over_one_connection(void)
{
    fpm_write_pool(&fx, "listen = 127.0.0.1:9000\npm = static\n"
                        "pm.max_children = 1\npm.max_requests = 3\n");
    fpm_write(&fx, "srv/post.php",
        "<?php ob_start(); echo file_get_contents('php://input'), 'x';");
    REQUIRE(start(KEEPING("127.0.0.1:9000")));
    for (int i = 0; i < 3; i++) {
        const char *answer = get("/abc/index.php");

        CHECK(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17) == 0);
        CHECK(strstr(answer, "SCRIPT_NAME=/abc/index.php\n") != NULL);
    }
    CHECK_EQ(connects(), 1);
    CHECK_EQ(recorder_count(&fx.rec, EV_FPM_REQUEST), 3);
    CHECK(strstr(get("/post.php"), "\r\n\r\nx") != NULL); /* a new child */
    CHECK(strstr(get("/post.php"), "\r\n\r\nx") != NULL);
    CHECK_EQ(connects(), 2);
}

static void
must_keep_connections_over_a_unix_socket(void)
{
    fpm_write_pool(&fx, "listen = /run/php/php-fpm.sock\npm = static\n"
                        "pm.max_children = 2\n");
    REQUIRE(start(KEEPING("unix:/run/php/php-fpm.sock")));
    CHECK(strstr(get("/abc/index.php"), "SCRIPT_NAME=/abc") != NULL);
    CHECK(strstr(get("/abc/index.php"), "SCRIPT_NAME=/abc") != NULL);
    CHECK_EQ(connects(), 1);
    fpm_run_for(&fx, 60 * LW_S); /* keepalive_timeout: the child is free */
    CHECK(strstr(get("/abc/index.php"), "SCRIPT_NAME=/abc") != NULL);
    CHECK_EQ(connects(), 2);
}

static CU_TestInfo cases[] = {TEST(must_reach_php_over_a_unix_socket),
    TEST(must_answer_502_when_the_socket_is_not_there),
    TEST(must_split_the_path_behind_the_script),
    TEST(must_leave_the_file_to_nginx),
    TEST(must_serve_several_requests_over_one_connection),
    TEST(must_keep_connections_over_a_unix_socket),
    TEST(must_listen_on_a_unix_socket), CU_TEST_INFO_NULL};
CU_SuiteInfo suite_nginx_php = {.pName = "nginx_php",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
