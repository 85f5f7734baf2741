/*
 * test_nginx_conf.c: nginx's configuration: the two files that the lessons
 * quote, what is inherited, and what is refused with which words.
 */
#include "check.h"
#include "conf.h"
#include "regex.h"
#include "value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int
read_conf(struct conf *c, const char *text, struct fault *f)
{
    *c = (struct conf){0};
    *f = (struct fault){""};
    return conf_read_text(c, NULL, "nginx.conf", text, strlen(text), f);
}

/* Its php block says include fastcgi_params; without files, a block. */
static const char walk[] =
    "events {}\n"
    "http {\n"
    "server {\n"
    "    listen       8000;\n"
    "    server_name  localhost;\n"
    "\n"
    "    root /home/work/www;\n"
    "    index index.html index.htm index.php;\n"
    "\n"
    "    location / {\n"
    "        try_files $uri $uri/ /index.php?$query_string;\n"
    "    }\n"
    "\n"
    "    location ~ \\.php$ {\n"
    "        fastcgi_pass 127.0.0.1:9000;\n"
    "        fastcgi_param SCRIPT_FILENAME "
    "$document_root$fastcgi_script_name;\n"
    "        try_files $uri =404;\n"
    "    }\n"
    "}\n}\n";

static void
must_read_the_walks_configuration(void)
{
    struct conf c;
    struct fault f;
    struct location *root, *php;

    if (!CHECK_EQ(read_conf(&c, walk, &f), 0))
        printf("      %s\n", f.text);
    REQUIRE(c.servers && c.listens && f.text[0] == '\0');
    CHECK_TEXT(c.listens->address.text, "0.0.0.0:8000");
    CHECK_TEXT(c.servers->name, "localhost");
    root = c.servers->location->children;
    REQUIRE(root && root->next);
    php = root->next;
    CHECK_TEXT(root->shown, "/");
    CHECK_TEXT(root->try_files->fallback->source, "/index.php?$query_string");
    CHECK(!root->try_files->is_dir[0] && root->try_files->is_dir[1]);
    CHECK_EQ(php->match, LOCATION_REGEX);
    CHECK_EQ(php->try_files->status, 404);
    CHECK_TEXT(php->fastcgi_pass->text, "127.0.0.1:9000");
    CHECK_TEXT(php->root->value->source, "/home/work/www");
    CHECK_TEXT(php->index->next->next->value->source, "index.php");
    conf_free(&c);
}

static void
must_read_the_other_one(void)
{
    static const char text[] =
        "http {\n#loaclhost \nserver {\n"
        "        listen 80;\n        server_name  localhost;\n"
        "        root  /opt/wwwroot/;\n"
        "        index  index.html index.htm index.php;\n"
        "        location @rewrite {\n"
        "            rewrite ^/(.*)$ /index.php?_url=/$1;\n        }\n"
        "        location / {\n            allow all;\n        }\n"
        "        location ~ ^(.+\\.php)(.*)$ {\n"
        "            fastcgi_pass 127.0.0.1:9000;\n"
        "            #fastcgi_pass unix:/run/php/php5.6-fpm.sock; //x\n"
        "            fastcgi_index   index.php;\n"
        "            fastcgi_split_path_info         ^(.+\\.php)(.*)$;\n"
        "            fastcgi_param PATH_INFO $fastcgi_path_info;\n"
        "            fastcgi_param PATH_TRANSLATED "
        "$DOCUMENT_ROOT$fastcgi_path_info;\n        }\n}\n}\n";
    struct conf c;
    struct fault f;
    struct location *l;

    if (!CHECK_EQ(read_conf(&c, text, &f), 0))
        printf("      %s\n", f.text);
    REQUIRE(c.servers != NULL);
    l = c.servers->location->children;
    CHECK_EQ(l->match, LOCATION_NAMED);
    CHECK_EQ(l->rewrites->kind, REWRITE_REGEX);
    CHECK(l->next->access && !l->next->access->deny);
    CHECK_TEXT(l->root->value->source, "/opt/wwwroot");
    CHECK_TEXT(l->next->next->fastcgi_index->source, "index.php");
    CHECK(l->next->next->fastcgi_split != NULL);
    conf_free(&c);
}

static void
must_inherit_from_outer_blocks(void)
{
    static const char text[] =
        "http { keepalive_timeout 10s; sendfile on;\n"
        "client_max_body_size 8m; fastcgi_buffers 16 8k;\n"
        "server { keepalive_timeout 1m 30s; location /a { sendfile off;\n"
        "location /a/b { client_body_timeout 500ms; root /x; } } } }";
    struct conf c;
    struct fault f;
    struct location *a, *b;

    REQUIRE(read_conf(&c, text, &f) == 0);
    a = c.servers->location->children;
    b = a->children;
    CHECK_EQ(b->keepalive_timeout, 60000);
    CHECK_EQ(b->keepalive_header, 30000);
    CHECK_EQ(c.servers->location->sendfile, 1);
    CHECK_EQ(b->sendfile, 0);
    CHECK_EQ(b->client_max_body_size, 8 << 20);
    CHECK_EQ(b->fastcgi_buffers, 16);
    CHECK_EQ(b->fastcgi_buffers_size, 8192);
    CHECK_EQ(b->client_body_timeout, 500);
    CHECK_EQ(a->client_body_timeout, 60000);
    CHECK_EQ(b->send_timeout, 60000);
    CHECK_TEXT(a->root->value->source, "/usr/share/nginx/html");
    CHECK_TEXT(b->root->value->source, "/x");
    CHECK_EQ(c.servers->large_buffers, 4);
    CHECK_EQ(c.servers->large_buffers_size, 8192);
    conf_free(&c);
}

static void
must_read_quotes_and_escapes(void)
{
    static const char text[] = "http { server { location = /a {\n"
                               "return 200 \"a b\\\"c\\n${uri}x\"; }\n"
                               "location '/b c' { return 200 a\\ b\\;c; } } }";
    struct conf c;
    struct fault f;
    struct location *l;

    REQUIRE(read_conf(&c, text, &f) == 0);
    l = c.servers->location->children;
    CHECK_TEXT(l->rewrites->value->source, "a b\"c\n${uri}x");
    CHECK_TEXT(l->next->name, "/b c");
    CHECK_TEXT(l->next->rewrites->value->source, "a\\ b\\;c");
    conf_free(&c);
}

/* What is refused, and a part of what is said. */
static const char *const bad[][2] = {
    {"http {", "unexpected end of file, expecting \"}\" in nginx.conf:1"},
    {"http { server { listen 80 } }", "unexpected \"}\" in nginx.conf:1"},
    {"\n\n}", "unexpected \"}\" in nginx.conf:3"},
    {"user \"a", "unexpected end of file, expecting \";\" or \"}\""},
    {"user 'a'b;", "unexpected \"b\" in nginx.conf:1"},
    {"\nhttp { server {\nlisen 80; } }",
        "unknown directive \"lisen\" (did you mean \"listen\"?) in "
        "nginx.conf:3"},
    {"http { upstream x { } }", "no servers are inside upstream"},
    {"http { upstream x { server 127.0.0.1:9000; server 127.0.0.1:9001; } }",
        "a second server in upstream \"x\""},
    {"http { upstream x { server 127.0.0.1:9000 weight=2; } }",
        "invalid parameter \"weight=2\""},
    {"http { upstream x { server 127.0.0.1:9000; keepalive 0; } }",
        "invalid value \"0\" in \"keepalive\" directive"},
    {"http { upstream x { server 127.0.0.1:9000; } upstream x { } }",
        "duplicate upstream \"x\""},
    {"http { server { location / {\nfastcgi_pass y; } } }",
        "host not found in upstream \"y\" in nginx.conf:2"},
    {"http { keepalive 4; }", "\"keepalive\" directive is not allowed here"},
    {"listen 80;", "\"listen\" directive is not allowed here"},
    {"http;", "directive \"http\" has no opening \"{\""},
    {"user a {}", "directive \"user\" is not terminated by \";\""},
    {"user;", "invalid number of arguments in \"user\" directive"},
    {"http { sendfile yes; }", "it must be \"on\" or \"off\""},
    {"http { sendfile on; sendfile on; }",
        "\"sendfile\" directive is duplicate"},
    {"http { client_max_body_size 1x; }",
        "\"client_max_body_size\" directive invalid value"},
    {"http { send_timeout 1y; }", "\"send_timeout\" directive invalid value"},
    {"http { server { listen 80; listen 80; } }", "a duplicate listen 80"},
    {"http { server { listen 99999; } }", "invalid port in \"99999\""},
    {"http { server { listen shop.test:80; } }",
        "host not found in \"shop.test:80\""},
    {"http { server { listen 80 default_server; } server { listen 80 "
     "default_server; } }",
        "a duplicate default server for 0.0.0.0:80"},
    {"http { server { location ~ ( { } } }", "pcre2_compile() failed"},
    {"http { server { location /a { } location /a { } } }",
        "duplicate location \"/a\""},
    {"http { server { location = /a { location /b { } } } }",
        "cannot be inside the location"},
    {"http { server { location /a { location /b { } } } }",
        "is outside location"},
    {"http { server { location /a { location @b { } } } }",
        "can be on the server level only"},
    {"http { server { return 200 $nothing; } }",
        "unknown \"nothing\" variable in nginx.conf:1"},
    {"http { server { return 200 ${uri; } }",
        "the closing bracket in \"uri\" variable is missing"},
    {"http { server { set $uri x; } }", "the duplicate \"uri\" variable"},
    {"http { server { location / { fastcgi_pass 127.0.0.1; } } }",
        "no port in \"127.0.0.1\""},
    {"http { server { location / { fastcgi_split_path_info ^(x)$; } } }",
        "must have 2 captures"},
    {"http { server { location / { try_files $uri =abc; } } }",
        "invalid code \"=abc\""},
    {"http { access_log x nosuch; }", "unknown log format \"nosuch\""},
    {"error_log x loud;", "invalid log level \"loud\""},
    {"http { error_page 200 /x; }", "must be between 300 and 599"},
    {"http { server { location / { allow 10.0.0.0/33; } } }",
        "invalid parameter \"33\""},
    {"http { include none; }",
        "open() \"/etc/nginx/none\" failed (2: No such file"},
    {"http { open_file_cache inactive=5; }",
        "\"open_file_cache\" must have the \"max\" parameter"},
    {"http { open_file_cache max=0; }",
        "invalid \"open_file_cache\" parameter \"max=0\""},
    {"http { open_file_cache max=9 inactive=500ms; }",
        "invalid \"open_file_cache\" parameter \"inactive=500ms\""},
    {"http { open_file_cache max=9; open_file_cache off; }",
        "\"open_file_cache\" directive is duplicate"},
    {"http { open_file_cache_valid 1500ms; }",
        "\"open_file_cache_valid\" directive invalid value"},
    {"events { use kqueue; }", "invalid event type \"kqueue\""},
    {"http { autoindex on; }", "\"autoindex\" can only be \"off\""}};

static void
must_refuse_with_file_and_line(void)
{
    for (size_t i = 0; i < LW_COUNT(bad); i++) {
        struct conf c;
        struct fault f;

        CHECK(read_conf(&c, bad[i][0], &f) < 0);
        if (!CHECK(strstr(f.text, bad[i][1])))
            printf("      %s\n      %s\n", bad[i][0], f.text);
        conf_free(&c);
    }
}

static void
must_survive_any_cut(void)
{
    for (size_t len = 0; len < sizeof(walk) - 1; len++) {
        struct conf c = {0};
        struct fault f = {""};
        int err = conf_read_text(&c, NULL, "nginx.conf", walk, len, &f);

        CHECK_EQ(err == 0, f.text[0] == '\0');
        conf_free(&c);
    }
}

static void
must_bound_nesting(void)
{
    char text[4096] = "http { server { ";
    struct conf c;
    struct fault f;

    for (int i = 0; i < 100; i++)
        strcat(text, "location / { ");
    CHECK(read_conf(&c, text, &f) < 0);
    CHECK(strstr(f.text, "nested too deep") != NULL);
    conf_free(&c);
}

/* Matches are what PCRE2 finds, also where we do not ask it (regex.c). */
static void
must_match_patterns_whatever_their_case(void)
{
    static const struct {
        const char *location, *yes, *no;
    } all[] = {{"~ \\.php$", "/a.php", "/a.html"},
        {"~ \\.php$", "/p.php", "/a.PHP"}, {"~* \\.php$", "/a.PHP", "/a.htm"},
        {"~ (?i)\\.txt$", "/a.TXT", "/a.tx"},
        {"~ (?i:\\.txt)$", "/A.TXt", "/a.bat"}, {"~ ^/[a-z]+$", "/abc", "/1"},
        {"~ x?$", "/", NULL}, {"~ (a|b)$", "/b", "/c"}, {"~ ^/@$", "/@", "/`"},
        {"~ (*ACCEPT)z", "/", NULL}};

    for (size_t i = 0; i < LW_COUNT(all); i++) {
        char text[128];
        struct conf c;
        struct fault f;
        struct regex *x;

        snprintf(text, sizeof text, "http { server { location %s { } } }",
            all[i].location);
        REQUIRE(read_conf(&c, text, &f) == 0);
        x = c.servers->location->children->regex;
        CHECK(regex_match(x, http_text(all[i].yes), NULL, NULL));
        if (all[i].no &&
            !CHECK(!regex_match(x, http_text(all[i].no), NULL, NULL)))
            printf("      %s: %s\n", all[i].location, all[i].no);
        conf_free(&c);
    }
}

static CU_TestInfo cases[] = {TEST(must_read_the_walks_configuration),
    TEST(must_read_the_other_one), TEST(must_inherit_from_outer_blocks),
    TEST(must_read_quotes_and_escapes), TEST(must_refuse_with_file_and_line),
    TEST(must_match_patterns_whatever_their_case), TEST(must_survive_any_cut),
    TEST(must_bound_nesting), CU_TEST_INFO_NULL};
CU_SuiteInfo suite_nginx_conf = {.pName = "nginx_conf", .pTests = cases};
