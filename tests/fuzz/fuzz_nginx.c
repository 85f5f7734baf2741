/*
 * fuzz_nginx.c: a whole web server between two strangers: a client that
 * sends anything, and a program behind that answers anything. After that it
 * still serves an honest client, and ends when it is asked to.
 *
 *     split  length of the request (2)  request  what the program answers
 */
#include "fuzz.h"
#include "bytes.h"
#include "nginx_fixture.h"

#include <assert.h>
#include <string.h>

static const char server[] =
    "server { listen 80; server_name localhost; root /srv; index index.html;\n"
    "location / { try_files $uri $uri/ =404; }\n"
    "location ~ \\.php$ { fastcgi_pass 127.0.0.1:9000;\n"
    "fastcgi_read_timeout 5s;\n"
    "fastcgi_param SCRIPT_FILENAME $fastcgi_script_name;\n"
    "fastcgi_param CONTENT_LENGTH $content_length; }\n"
    "location /small { client_max_body_size 10;\n"
    "fastcgi_pass 127.0.0.1:9000; }\n"
    "location /kept { fastcgi_pass few; fastcgi_keep_conn on; } }\n"
    "upstream few { server 127.0.0.1:9000; keepalive 1; }";

int
fuzz_nginx(const uint8_t *data, size_t size)
{
    static struct web web;
    struct cursor c = cursor_of(data, size);
    size_t split = get_u8(&c), len = get_be16(&c);
    const char *answer;

    if (len > cursor_left(&c))
        len = cursor_left(&c);
    if (size < 4 || size > 6000)
        return 0;
    web_open(&web, server);
    web_file(&web, "/srv/page.html", "<p>page</p>\n", 12);
    web_file(&web, "/srv/index.php", "<?php\n", 6);
    web.backend = BACKEND_SCRIPT;
    web_start(&web, true);
    web.script = c.at + len;
    web.script_len = cursor_left(&c) - len;
    web_ask_bytes(&web, c.at, len, split, 1000);
    answer = web_ask(&web,
        "GET /page.html HTTP/1.1\r\nHost: localhost\r\nConnection: "
        "close\r\n\r\n",
        0, 1000);
    assert(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17) == 0);
    assert(strcmp(web_body(answer), "<p>page</p>\n") == 0);
    (void)answer;
    web_close(&web);
    return 0;
}
