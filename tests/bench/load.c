/*
 * load.c: a load generator on Linux's own stack, for `make bench`.
 *
 *     load ADDRESS PORT PATH CONNECTIONS SECONDS [close]
 *
 * Keeps CONNECTIONS requests in flight (keep-alive, or a connection per
 * request with `close`) for SECONDS and prints one line:
 *
 *     REQUESTS-PER-SECOND MEGABITS-PER-SECOND
 *
 * of answers with status 200 and their bodies. Anything else than a whole
 * 200 with a Content-Length ends it with status 1: a server that answers
 * quickly and wrongly is not fast. With `close` the server ends the
 * connection, and the next begins when its end has come. The same program
 * measures layerwalk behind its TAP and real nginx behind a veth pair; it
 * uses Reno, as layerwalk does, whatever the system's default is.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD_MAX 4096

struct conn {
    int fd;
    bool connecting;
    char head[HEAD_MAX]; /* the answer's header section, as far as it came */
    size_t head_len;
    int64_t body_left; /* -1: still in the header section */
};

struct load {
    struct sockaddr_in to;
    char request[512];
    size_t request_len;
    bool close_each;
    int epoll;
    uint64_t answers, bytes;
};

static void
fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double
seconds_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
conn_open(struct load *l, struct conn *c)
{
    struct epoll_event ev = {.events = EPOLLOUT, .data.ptr = c};
    int on = 1;

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0)
        fail("socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (setsockopt(c->fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4) < 0)
        fail("reno");
    if (connect(c->fd, (struct sockaddr *)&l->to, sizeof l->to) < 0 &&
        errno != EINPROGRESS)
        fail("connect");
    c->connecting = true;
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &ev) < 0)
        fail("epoll_ctl");
}

static void
conn_ask(struct load *l, struct conn *c)
{
    if (send(c->fd, l->request, l->request_len, MSG_NOSIGNAL) !=
        (ssize_t)l->request_len)
        fail("send");
    c->head_len = 0;
    c->body_left = -1;
}

static void
conn_connected(struct load *l, struct conn *c)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
    int error = 0;
    socklen_t len = sizeof error;

    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    errno = error;
    if (error)
        fail("connect");
    c->connecting = false;
    if (epoll_ctl(l->epoll, EPOLL_CTL_MOD, c->fd, &ev) < 0)
        fail("epoll_ctl");
    conn_ask(l, c);
}

/* Takes in header bytes; what follows them counts as body. */
static void
take_head(struct conn *c, const char *data, size_t len)
{
    char *end, *field;
    size_t take =
        len < HEAD_MAX - 1 - c->head_len ? len : HEAD_MAX - 1 - c->head_len;

    memcpy(c->head + c->head_len, data, take);
    c->head[c->head_len + take] = 0;
    end = strstr(c->head, "\r\n\r\n");
    if (!end) {
        c->head_len += take;
        errno = EMSGSIZE;
        if (c->head_len == HEAD_MAX - 1)
            fail("header section");
        return;
    }
    field = strcasestr(c->head, "\r\nContent-Length:");
    errno = EPROTO;
    if (strncmp(c->head, "HTTP/1.1 200", 12) != 0 || !field || field > end)
        fail("answer");
    c->body_left = atoll(field + 17) -
                   (int64_t)(len - ((size_t)(end + 4 - c->head) - c->head_len));
}

static void
conn_done(struct load *l, struct conn *c)
{
    l->answers++;
    if (!l->close_each)
        conn_ask(l, c);
}

/* The server has closed: as it should, or in the middle of an answer. */
static void
conn_ended(struct load *l, struct conn *c)
{
    errno = ECONNRESET;
    if (!l->close_each || c->body_left != 0)
        fail("recv");
    close(c->fd);
    conn_open(l, c);
}

static void
conn_readable(struct load *l, struct conn *c)
{
    static char buf[256 * 1024];
    ssize_t n = recv(c->fd, buf, sizeof buf, 0);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 0)
        fail("recv");
    if (n == 0) {
        conn_ended(l, c);
        return;
    }
    l->bytes += (uint64_t)n;
    if (c->body_left < 0)
        take_head(c, buf, (size_t)n);
    else
        c->body_left -= n;
    if (c->body_left == 0)
        conn_done(l, c);
}

static void
load_for(struct load *l, double seconds)
{
    double start = seconds_now(), now = start;

    while (now - start < seconds) {
        struct epoll_event ev[256];
        int n = epoll_wait(l->epoll, ev, 256, 100);

        for (int i = 0; i < n; i++) {
            struct conn *c = ev[i].data.ptr;

            if (c->connecting)
                conn_connected(l, c);
            else
                conn_readable(l, c);
        }
        now = seconds_now();
    }
    printf("%.0f %.1f\n", (double)l->answers / (now - start),
        (double)l->bytes * 8 / 1e6 / (now - start));
}

int
main(int argc, char **argv)
{
    struct load l = {.to.sin_family = AF_INET};
    int conns = argc > 4 ? atoi(argv[4]) : 0;
    struct conn *all;

    if (argc < 6 || conns < 1 ||
        inet_pton(AF_INET, argv[1], &l.to.sin_addr) != 1) {
        fprintf(stderr,
            "usage: load ADDRESS PORT PATH CONNECTIONS SECONDS [close]\n");
        return 2;
    }
    l.to.sin_port = htons((uint16_t)atoi(argv[2]));
    l.close_each = argc > 6 && strcmp(argv[6], "close") == 0;
    l.request_len = (size_t)snprintf(l.request, sizeof l.request,
        "GET %s HTTP/1.1\r\nHost: shop.test\r\n%s\r\n", argv[3],
        l.close_each ? "Connection: close\r\n" : "");
    l.epoll = epoll_create1(0);
    all = calloc((size_t)conns, sizeof *all);
    if (!all || l.epoll < 0 || l.request_len >= sizeof l.request)
        fail("start");
    for (int i = 0; i < conns; i++)
        conn_open(&l, &all[i]);
    load_for(&l, atof(argv[5]));
    free(all);
    return 0;
}
