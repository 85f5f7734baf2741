/*
 * load.c: a load generator on Linux's own stack, for `make bench`.
 *
 *     load ADDRESS PORT PATH CONNECTIONS SECONDS [close|pipe|up] [PID...]
 *
 * Keeps requests in flight for SECONDS: one on each of CONNECTIONS that are
 * kept, one on a connection of its own (`close`), or 16 on each (`pipe`).
 * With `up` each connection sends one endless body instead. Prints
 *
 *     REQUESTS-PER-SECOND MEGABITS-PER-SECOND US-PER-REQUEST US-PER-MEGABYTE
 *
 * of answers with status 200 and their bytes (`up`: of the bytes sent). The
 * last two are CPU time of the server: of the processes PID, or of the parent,
 * and of all their children, which serve PHP.
 * Anything else than a whole 200 with a Content-Length ends it with status 1:
 * a server that answers quickly and wrongly is not fast. With `close` the
 * server ends the connection, and the next begins when its end has come.
 *
 * The same program measures layerwalk behind its TAP, real nginx behind a
 * veth pair, and the limit (zerostack.c). It uses Reno, whatever the system's
 * default is.
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

enum {
    HEAD_MAX = 4096,
    PIPE = 16,          /* requests sent at once with `pipe` */
    CHUNK = 256 * 1024, /* bytes moved at once */
    PIDS_MOST = 16
};

struct conn {
    int fd;
    bool connecting;
    char head[HEAD_MAX]; /* the answer's header section, as far as it came */
    size_t head_len;
    int64_t body_left; /* -1: still in the header section */
    int outstanding;   /* answers to come */
};

struct load {
    struct sockaddr_in to;
    char request[PIPE * 512]; /* all that is sent at once */
    size_t request_len;
    bool close_each, up;
    int depth; /* requests sent at once */
    int epoll;
    uint64_t answers, bytes;
    pid_t pids[PIDS_MOST]; /* whose CPU time counts */
    int npids;
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

/* CPU time that the server's processes have used so far, in microseconds. */
static double
server_us(const struct load *l)
{
    double all = 0;

    for (int i = 0; i < l->npids; i++) {
        unsigned long long ns = 0;
        char path[64];
        FILE *f;

        snprintf(path, sizeof path, "/proc/%d/schedstat", (int)l->pids[i]);
        f = fopen(path, "r");
        if (f && fscanf(f, "%llu", &ns) != 1)
            ns = 0;
        if (f)
            fclose(f);
        all += (double)ns / 1e3;
    }
    return all;
}

/* --- one connection ------------------------------------------------------ */

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
    c->outstanding = l->depth;
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
    conn_ask(l, c);
    if (!l->up && epoll_ctl(l->epoll, EPOLL_CTL_MOD, c->fd, &ev) < 0)
        fail("epoll_ctl");
}

/* Takes in header bytes; returns how many of them were the header's. */
static size_t
take_head(struct conn *c, const char *data, size_t len)
{
    size_t before = c->head_len, room = HEAD_MAX - 1 - before;
    size_t taken = len < room ? len : room;
    char *end, *field;

    memcpy(c->head + before, data, taken);
    c->head[before + taken] = 0;
    end = strstr(c->head, "\r\n\r\n");
    if (!end) {
        c->head_len += taken;
        errno = EMSGSIZE;
        if (c->head_len == HEAD_MAX - 1)
            fail("header section");
        return len;
    }
    end[2] = 0;
    field = strstr(c->head, "\r\nContent-Length:");
    errno = EPROTO;
    if (strncmp(c->head, "HTTP/1.1 200", 12) != 0 || !field)
        fail("answer");
    c->body_left = atoll(field + 17);
    return (size_t)(end + 4 - c->head) - before;
}

static void
take(struct load *l, struct conn *c, const char *data, size_t len)
{
    while (len > 0) {
        size_t n = len;

        errno = EPROTO;
        if (c->outstanding == 0)
            fail("more than was asked for");
        if (c->body_left < 0) {
            n = take_head(c, data, len);
        } else {
            if ((int64_t)n > c->body_left)
                n = (size_t)c->body_left;
            c->body_left -= (int64_t)n;
        }
        data += n;
        len -= n;
        if (c->body_left == 0) {
            c->head_len = 0;
            c->body_left = -1;
            c->outstanding--;
            l->answers++;
        }
    }
}

static void
conn_readable(struct load *l, struct conn *c)
{
    static char buf[CHUNK];
    ssize_t n = recv(c->fd, buf, sizeof buf, 0);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 0)
        fail("recv");
    if (n > 0) {
        l->bytes += (uint64_t)n;
        take(l, c, buf, (size_t)n);
        if (c->outstanding == 0 && !l->close_each)
            conn_ask(l, c);
        return;
    }
    errno = ECONNRESET; /* closed: as it should, or within an answer? */
    if (!l->close_each || c->outstanding != 0)
        fail("recv");
    close(c->fd);
    conn_open(l, c);
}

static void
conn_writable(struct load *l, struct conn *c)
{
    static char buf[CHUNK];
    ssize_t n = send(c->fd, buf, sizeof buf, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN)
        fail("send");
    l->bytes += n > 0 ? (uint64_t)n : 0;
}

/* --- all of them --------------------------------------------------------- */

static void
load_for(struct load *l, double seconds)
{
    double start = seconds_now(), now = start, us = server_us(l);

    while (now - start < seconds) {
        struct epoll_event ev[256];
        int n = epoll_wait(l->epoll, ev, 256, 100);

        for (int i = 0; i < n; i++) {
            struct conn *c = ev[i].data.ptr;

            if (c->connecting)
                conn_connected(l, c);
            else if (l->up)
                conn_writable(l, c);
            else
                conn_readable(l, c);
        }
        now = seconds_now();
    }
    us = server_us(l) - us;
    printf("%.0f %.1f %.2f %.2f\n", (double)l->answers / (now - start),
        (double)l->bytes * 8 / 1e6 / (now - start),
        l->answers ? us / (double)l->answers : 0,
        l->bytes ? us * 1e6 / (double)l->bytes : 0);
}

static void
make_request(struct load *l, const char *path)
{
    const char *how = l->up           ? "Content-Length: 1000000000000000\r\n"
                      : l->close_each ? "Connection: close\r\n"
                                      : "";

    for (int i = 0; i < l->depth; i++)
        l->request_len += (size_t)snprintf(l->request + l->request_len, 512,
            "%s %s HTTP/1.1\r\nHost: shop.test\r\n%s\r\n",
            l->up ? "POST" : "GET", path, how);
}

/* A process of the server and its children but this one. */
static void
add_family(struct load *l, pid_t pid)
{
    char path[64];
    FILE *f;
    int child;

    if (pid == getpid() || l->npids == PIDS_MOST)
        return;
    l->pids[l->npids++] = pid;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    f = fopen(path, "r");
    while (f && fscanf(f, "%d", &child) == 1)
        add_family(l, child);
    if (f)
        fclose(f);
}

int
main(int argc, char **argv)
{
    struct load l = {.to.sin_family = AF_INET, .depth = 1};
    int conns = argc > 4 ? atoi(argv[4]) : 0;
    struct conn *all;

    if (argc < 6 || conns < 1 || strlen(argv[3]) > 256 ||
        inet_pton(AF_INET, argv[1], &l.to.sin_addr) != 1) {
        fprintf(stderr, "usage: load ADDRESS PORT PATH CONNECTIONS SECONDS "
                        "[close|pipe|up] [PID...]\n");
        return 2;
    }
    l.to.sin_port = htons((uint16_t)atoi(argv[2]));
    for (int i = 6; i < argc; i++) {
        if (strcmp(argv[i], "close") == 0)
            l.close_each = true;
        else if (strcmp(argv[i], "up") == 0)
            l.up = true;
        else if (strcmp(argv[i], "pipe") == 0)
            l.depth = PIPE;
        else
            add_family(&l, atoi(argv[i]));
    }
    if (l.npids == 0)
        add_family(&l, getppid());
    make_request(&l, argv[3]);
    l.epoll = epoll_create1(0);
    all = calloc((size_t)conns, sizeof *all);
    if (!all || l.epoll < 0)
        fail("start");
    for (int i = 0; i < conns; i++)
        conn_open(&l, &all[i]);
    load_for(&l, atof(argv[5]));
    free(all);
    return 0;
}
