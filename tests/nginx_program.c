/*
 * nginx_program.c: a FastCGI program for nginx to ask, which answers as the
 * fixture says: well, badly, late, or not at all.
 */
#include "fastcgi.h"
#include "nginx_fixture.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct served {
    uint8_t params[16384], body[4096];
    size_t nparams, nbody, total;
    bool done, keep;
};

static void
read_request(struct proc *p, int fd, struct served *s)
{
    struct fcgi_parser f = {0};

    while (!s->done) {
        uint8_t buf[65536];
        ssize_t n = sys_read(p, fd, buf, sizeof buf);
        struct cursor in = cursor_of(buf, n > 0 ? (size_t)n : 0);
        enum fcgi_step step;

        if (n <= 0)
            return;
        while ((step = fcgi_parse(&f, &in)) != FCGI_MORE) {
            if (step == FCGI_CONTENT && f.type == FCGI_PARAMS &&
                s->nparams + f.piece_len <= sizeof s->params) {
                memcpy(s->params + s->nparams, f.piece, f.piece_len);
                s->nparams += f.piece_len;
            }
            if (step == FCGI_CONTENT && f.type == FCGI_BEGIN_REQUEST)
                s->keep = f.piece_len > 2 && (f.piece[2] & FCGI_KEEP_CONN);
            if (step == FCGI_CONTENT && f.type == FCGI_STDIN) {
                size_t room = sizeof s->body - s->nbody;
                size_t take = f.piece_len < room ? f.piece_len : room;

                memcpy(s->body + s->nbody, f.piece, take);
                s->nbody += take;
                s->total += f.piece_len;
            }
            if (step == FCGI_END && f.type == FCGI_STDIN && f.length == 0)
                s->done = true;
        }
    }
}

static void
write_out(struct proc *p, int fd, const void *text, size_t len)
{
    static uint8_t buf[66000];
    struct writer w = writer_of(buf, sizeof buf);

    fcgi_put_record(&w, FCGI_STDOUT, 1, text, len);
    assert(!w.over);
    sys_write(p, fd, buf, writer_len(&w));
}

static void
echo(struct proc *p, int fd, const struct served *s)
{
    static char text[32768];
    struct cursor c = cursor_of(s->params, s->nparams);
    struct fcgi_pair pair;
    int n = snprintf(text, sizeof text, "Content-Type: text/plain\r\n\r\n");

    while (fcgi_get_pair(&c, &pair))
        n += snprintf(text + n, sizeof text - (size_t)n, "%.*s=%.*s\n",
            (int)pair.name_len, pair.name, (int)pair.value_len, pair.value);
    n += snprintf(text + n, sizeof text - (size_t)n, "body %zu: %.*s\n",
        s->total, (int)s->nbody, (const char *)s->body);
    write_out(p, fd, text, (size_t)n);
}

static void
respond(struct proc *p, int fd, const struct served *s)
{
    static char big[30000];
    uint8_t end[16];
    struct writer w = writer_of(end, sizeof end);

    switch (web_current()->backend) {
    case BACKEND_SILENT: sys_nanosleep(p, &(struct timespec){200, 0}); return;
    case BACKEND_CLOSES: return;
    case BACKEND_SCRIPT:
        sys_write(p, fd, web_current()->script, web_current()->script_len);
        return;
    case BACKEND_BREAKS_OFF:
        write_out(p, fd, "Content-Length: 10\r\n\r\nhalf!", 27);
        return;
    case BACKEND_LARGE:
        memset(big, 'L', sizeof big);
        write_out(p, fd, "Status: 200 OK\r\n\r\n", 18);
        for (int i = 0; i < 100; i++)
            write_out(p, fd, big, sizeof big);
        break;
    default: echo(p, fd, s); break;
    }
    fcgi_put_end(&w, 1, 0, FCGI_REQUEST_COMPLETE);
    sys_write(p, fd, end, sizeof end);
}

/* All requests of one connection: one, unless nginx keeps it. */
static void
serve(struct proc *p, int fd)
{
    struct web *web = web_current();
    struct served *s = calloc(1, sizeof *s);
    bool again = true, first = true;

    assert(s);
    sys_at_end(p, free, s);
    web->accepted++;
    while (again) {
        *s = (struct served){0};
        read_request(p, fd, s);
        again = s->done && s->keep;
        web->served += s->done || first;
        first = false;
        web->kept += again;
        if (web->hang_up && web->served == web->hang_up)
            return;
        if (web->work_ms)
            sys_nanosleep(p, &(struct timespec){.tv_sec = web->work_ms / 1000,
                                 .tv_nsec = web->work_ms % 1000 * LW_MS});
        if (s->done)
            respond(p, fd, s);
    }
}

static int
child(struct proc *p, void *arg)
{
    int listening = *(int *)arg;

    for (;;) {
        int fd = sys_accept4(p, listening, NULL, NULL, 0);

        assert(fd >= 0);
        serve(p, fd);
        sys_close(p, fd);
    }
}

int
web_program(struct proc *p, int argc, char **argv)
{
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = {.sin_family = AF_INET,
        .sin_port = htons(FCGI_PORT),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    (void)argc;
    (void)argv;
    sys_bind(p, fd, (struct sockaddr *)&a, sizeof a);
    sys_listen(p, fd, 8);
    for (int i = 1; i < web_current()->children; i++)
        sys_clone(p, child, &fd);
    return child(p, &fd);
}
