/*
 * fetch.c: the textbook client: socket, connect, send, receive, close.
 *
 * It asks with GET and without Connection: close, as browsers do, and closes
 * when it has the answer: so it is the client that closes first, and the
 * client that must wait in TIME-WAIT.
 */
#include "fetch.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define TARGET_MAX 8000 /* octets, RFC 9112 3 asks for at least as many */

/* For the arena: strerror is the library's words for an errno. */
static int
fails(struct fetch *f, const char *call, int err)
{
    f->why = arena_printf(f->arena, "%s: %s", call, strerror(-err));
    if (!f->why)
        f->why = call;
    return -1;
}

static int
open_connection(struct proc *p, struct fetch *f)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    uint8_t *port = (uint8_t *)&to.sin_port;
    uint8_t *addr = (uint8_t *)&to.sin_addr;
    struct writer w = writer_of(port, 2);

    put_be16(&w, f->url->port);
    w = writer_of(addr, 4);
    put_ipv4(&w, f->server);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd < 0)
        return fails(f, "socket", fd);
    int err = sys_connect(p, fd, (struct sockaddr *)&to, sizeof to);
    if (err < 0) {
        sys_close(p, fd);
        return fails(f, "connect", err);
    }
    return fd;
}

static int
send_request(struct proc *p, struct fetch *f, int fd)
{
    char *target = arena_alloc(f->arena, TARGET_MAX);
    char host[300];
    int n = target ? url_target(f->url, target, TARGET_MAX) : -ENOMEM;

    if (n < 0)
        return fails(f, "the request line", n);
    if ((n = url_host_field(f->url, host, sizeof host)) < 0)
        return fails(f, "the host name", n);
    char *text = arena_printf(f->arena,
        "GET %s HTTP/1.1\r\n"
        "Host: %s\r\n"
        "User-Agent: layerwalk\r\n"
        "Accept: text/html, */*;q=0.8\r\n"
        "\r\n",
        target, host);
    if (!text)
        return fails(f, "the request", -ENOMEM);
    journal_enter(sys_env(p)->journal,
        NOTE(sys_env(p), EV_HTTP_REQUEST_SENT, RULE_HTTP_REQUEST,
            f_text("method", "GET"), f_text("target", target),
            f_text("host", host), f_u64("fd", (uint64_t)fd),
            f_text("text", text)));
    for (size_t len = strlen(text), sent = 0; sent < len;) {
        ssize_t k =
            sys_sendto(p, fd, text + sent, len - sent, MSG_NOSIGNAL, NULL, 0);

        if (k < 0)
            return fails(f, "send", (int)k);
        sent += (size_t)k;
    }
    return 0;
}

static void
note_head(struct proc *p, const struct http_response *r)
{
    struct env *env = sys_env(p);

    journal_enter(
        env->journal, NOTE(env, EV_HTTP_RESPONSE_READ, RULE_HTTP_RESPONSE,
                          f_u64("status", r->status),
                          f_textn("reason", r->reason.at, r->reason.len)));
    for (const struct http_header *h = r->headers.first; h; h = h->next)
        NOTE(env, EV_HTTP_HEADER, RULE_HTTP_FIELD,
            f_textn("name", h->name.at, h->name.len),
            f_textn("value", h->value.at, h->value.len));
}

static void
keep_piece(struct fetch *f)
{
    size_t room = FETCH_KEEP - f->body_kept, n = f->response.piece_len;

    n = n < room ? n : room;
    memcpy(f->body + f->body_kept, f->response.piece, n);
    f->body_kept += n;
}

/* Goes through what has come; HTTP_MORE: it was not all. */
static enum http_step
take(struct proc *p, struct fetch *f, const void *data, size_t len)
{
    struct cursor in = cursor_of(data, len);

    for (;;) {
        enum http_step step = http_response_parse(&f->response, &in);

        if (step == HTTP_HEAD)
            note_head(p, &f->response);
        else if (step == HTTP_PIECE)
            keep_piece(f);
        else
            return step;
    }
}

static int
read_response(struct proc *p, struct fetch *f, int fd)
{
    const size_t size = 16384;
    uint8_t *buf = arena_alloc(f->arena, size);
    enum http_step step = HTTP_MORE;

    if (!buf)
        return fails(f, "receive", -ENOMEM);
    f->response.arena = f->arena;
    while (step == HTTP_MORE) {
        ssize_t n = sys_recvfrom(p, fd, buf, size, 0, NULL, NULL);

        if (n < 0)
            return fails(f, "receive", (int)n);
        step = n == 0 ? http_response_eof(&f->response)
                      : take(p, f, buf, (size_t)n);
    }
    if (step == HTTP_DONE)
        return 0;
    f->why = f->response.why;
    return -1;
}

int
fetch_page(struct proc *p, struct fetch *f)
{
    f->fd = open_connection(p, f);
    if (f->fd < 0)
        return -1;
    f->connected = true;
    int err = send_request(p, f, f->fd);
    if (!err)
        err = read_response(p, f, f->fd);
    if (err)
        fetch_close(p, f);
    return err;
}

void
fetch_close(struct proc *p, struct fetch *f)
{
    sys_close(p, f->fd);
}
