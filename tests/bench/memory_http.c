/*
 * memory_http.c: requests per second of our nginx with nothing but memory
 * below it. A client process on the other computer keeps N connections and
 * one request in flight on each; both computers share the one thread, so a
 * figure is of client and server together.
 */
#include "memory.h"
#include "nginx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS  200000 /* counted, after WARM for each connection */
#define WARM      4
#define ANSWER    1024 /* bytes of 1k.html */
#define EVENTS    512
#define HEAD_MOST 1024

static const char request[] =
    "GET /1k.html HTTP/1.1\r\nHost: shop.test\r\n\r\n";

struct http {
    int conns;
    int left; /* requests still to be sent */
    int warm; /* answers that do not count yet */
    int answers;
    int64_t *expected; /* by descriptor: bytes of the answer still to come */
    double seconds;
};

static bool
ask(struct proc *p, struct http *h, int fd)
{
    if (h->left == 0)
        return true;
    h->left--;
    h->expected[fd] = -1;
    return sys_write(p, fd, request, sizeof request - 1) == sizeof request - 1;
}

/* Where the head ends, or NULL. */
static const char *
head_end(const char *buf, ssize_t n)
{
    const char *at = buf, *end = buf + n;

    while ((at = memchr(at, '\n', (size_t)(end - at))) && end - ++at >= 2)
        if (at[0] == '\r' && at[1] == '\n')
            return at + 2;
    return NULL;
}

/* The first bytes of an answer say how much more comes. False: not a 200. */
static bool
begin_answer(struct http *h, int fd, const char *buf, ssize_t n)
{
    const char *end = head_end(buf, n);

    if (!end || memcmp(buf, "HTTP/1.1 200", 12) != 0)
        return false;
    h->expected[fd] = end - buf + ANSWER;
    return true;
}

static bool
hear(struct proc *p, struct http *h, int fd)
{
    char buf[HEAD_MOST + ANSWER];
    ssize_t n = sys_read(p, fd, buf, sizeof buf);

    if (n <= 0)
        return false;
    if (h->expected[fd] < 0 && !begin_answer(h, fd, buf, n))
        return false;
    h->expected[fd] -= n;
    if (h->expected[fd] > 0)
        return true;
    if (++h->answers == h->warm)
        h->seconds = seconds_now();
    return ask(p, h, fd);
}

static bool
open_all(struct proc *p, struct http *h, int ep)
{
    struct sockaddr_in to = server_address();

    for (int i = 0; i < h->conns; i++) {
        int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
        struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};

        if (sys_connect(p, fd, (struct sockaddr *)&to, sizeof to) < 0 ||
            sys_epoll_ctl(p, ep, EPOLL_CTL_ADD, fd, &e) < 0)
            return false;
        h->expected[fd] = 0;
    }
    return true;
}

static int
client_main(struct proc *p, int argc, char **argv)
{
    struct http *h = pair_arg(argv);
    int ep = sys_epoll_create1(p, 0);
    struct epoll_event events[EVENTS];
    int first = ep + 1;

    (void)argc;
    if (!open_all(p, h, ep))
        return 1;
    for (int i = 0; i < h->conns; i++)
        if (!ask(p, h, first + i))
            return 1;
    while (h->answers < h->warm + REQUESTS) {
        int n = sys_epoll_wait(p, ep, events, EVENTS, -1);

        for (int i = 0; i < n; i++)
            if (!hear(p, h, events[i].data.fd))
                return 1;
    }
    h->seconds = seconds_now() - h->seconds;
    return 0;
}

static bool
all_answered(void *owner)
{
    const struct http *h = owner;

    return h->answers == h->warm + REQUESTS;
}

static double
http_run(const char *folder, int conns)
{
    struct http h = {.conns = conns,
        .left = REQUESTS + WARM * conns,
        .warm = WARM * conns,
        .expected = calloc((size_t)conns + 64, sizeof *h.expected)};
    struct disk *disk = memory_disk(folder);
    char *argv[] = {"nginx", NULL};
    struct pair p;

    if (!disk || !h.expected)
        exit(1);
    pair_open(&p, disk);
    kernel_start(host_kernel(p.server), "nginx", nginx_main, 1, argv);
    world_settle(p.world);
    pair_start(p.client, "client", client_main, &h);
    world_run(p.world, (struct instant){INT64_MAX}, all_answered, &h);
    if (!all_answered(&h)) {
        fprintf(
            stderr, "memory: %d of %d answers\n", h.answers, h.warm + REQUESTS);
        exit(1);
    }
    pair_close(&p);
    free(h.expected);
    return REQUESTS / h.seconds;
}

void
memory_http(const char *folder)
{
    printf("http_32 %.0f\n", http_run(folder, 32));
    printf("http_1000 %.0f\n", http_run(folder, 1000));
    printf("http_10000 %.0f\n", http_run(folder, 10000));
}
