/*
 * conn.c: a client's connection: taken from the accept queue, read, kept
 * open between requests, closed. What is read goes to head.c.
 */
#include "request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONN_EVENTS (EPOLLIN | EPOLLRDHUP | (uint32_t)EPOLLET)

static struct conn *
conn_of(struct source *s)
{
    return LW_CONTAINER(s, struct conn, source);
}

static void
on_event(struct source *s, uint32_t events)
{
    struct conn *c = conn_of(s);

    if (events & (EPOLLERR | EPOLLHUP))
        events |= EPOLLIN | EPOLLOUT;
    if (events & EPOLLRDHUP)
        c->eof = true;
    if (events & (EPOLLIN | EPOLLRDHUP)) {
        c->readable = true;
        c->on_read(c);
    }
    if (c->state == CONN_CLOSED || !(events & EPOLLOUT))
        return;
    c->writable = true;
    if (c->on_write)
        c->on_write(c);
}

static void
fire_read(void *owner)
{
    struct conn *c = owner;

    c->on_late(c);
}

void
conn_read_timer(struct conn *c, int64_t ms, void (*late)(struct conn *))
{
    c->on_late = late;
    timer_arm_in(&c->worker->timers, &c->read_timer, ms * LW_MS);
}

/* send_timeout: the client takes nothing. */
static void
fire_write(void *owner)
{
    struct conn *c = owner;

    log_error(
        c, LOG_LEVEL_INFO, "client timed out (110: Connection timed out)");
    out_drop(c);
    if (c->request) {
        c->request->keep_alive = false;
        c->request->lingering = false;
        request_end(c->request);
    } else {
        conn_close(c);
    }
}

static void
conn_init(struct worker *w, struct conn *c, struct listen *l, int fd,
    const struct sockaddr_storage *peer)
{
    const struct sockaddr_in *in = (const void *)peer;

    c->source = (struct source){.fd = fd, .event = on_event};
    c->worker = w;
    c->listen = l;
    c->number = ++w->numbers;
    c->writable = true;
    c->read_timer = (struct timer){.fire = fire_read, .owner = c};
    c->write_timer = (struct timer){.fire = fire_write, .owner = c};
    strcpy(c->peer_text, "unix:");
    if (peer->ss_family == AF_INET) {
        c->peer = (struct ipv4){ntohl(in->sin_addr.s_addr)};
        c->peer_port = ntohs(in->sin_port);
        ipv4_text(c->peer, c->peer_text);
    }
    c->next = w->conns;
    c->link = &w->conns;
    if (c->next)
        c->next->link = &c->next;
    w->conns = c;
    w->nconns++;
}

/* With several addresses on one port, which one was meant? */
static void
find_listen(struct conn *c)
{
    if (!c->listen->shared)
        return;
    conn_local(c);
    for (struct listen *l = c->worker->conf->listens; l; l = l->next) {
        char text[32];

        snprintf(text, sizeof(text), "%s:%u", c->local_text, c->local_port);
        if (l->wildcard == c->listen && strcmp(l->address.text, text) == 0)
            c->listen = l;
    }
}

static void
conn_open(struct worker *w, struct listen *l, int fd,
    const struct sockaddr_storage *peer)
{
    struct conn *c = NULL;
    char remote[40];

    if (w->nconns >= (uint64_t)w->conf->worker_connections)
        log_program(w->proc, w->conf->error_log, LOG_LEVEL_ALERT,
            "%lld worker_connections are not enough",
            (long long)w->conf->worker_connections);
    else if (!(c = calloc(1, sizeof(*c))))
        log_program(w->proc, w->conf->error_log, LOG_LEVEL_EMERG,
            "no room for a connection (%d: %s)", ENOMEM, strerror(ENOMEM));
    if (!c) {
        sys_close(w->proc, fd);
        return;
    }
    conn_init(w, c, l, fd, peer);
    snprintf(remote, sizeof(remote), "%s:%u", c->peer_text, c->peer_port);
    NOTE(w->env, EV_NGINX_CONN, RULE_NGINX_ACCEPT, f_u64("conn", c->number),
        f_text("remote", remote), f_u64("fd", (uint64_t)fd));
    find_listen(c);
    head_start(c);
    conn_read_timer(
        c, c->listen->servers[0]->client_header_timeout, conn_close);
    if (worker_watch(w, &c->source, CONN_EVENTS) < 0)
        conn_close(c);
}

void
conn_accept(struct worker *w, struct source *s, struct listen *l)
{
    do {
        struct sockaddr_storage peer = {0};
        socklen_t len = 112; /* nginx's union of in, in6 and un */
        int fd = sys_accept4(
            w->proc, s->fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK);

        if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM) {
            log_program(w->proc, w->conf->error_log, LOG_LEVEL_CRIT,
                "accept4() failed (%d: %s)", -fd, strerror(-fd));
            worker_rest(w);
        }
        if (fd < 0)
            return; /* -EAGAIN: another worker was faster */
        conn_open(w, l, fd, &peer);
    } while (w->conf->multi_accept);
}

ssize_t
conn_recv(struct conn *c, void *buf, size_t len)
{
    ssize_t n;

    if (!c->readable)
        return -EAGAIN;
    n = sys_recvfrom(c->worker->proc, c->source.fd, buf, len, 0, NULL, NULL);
    if (n == -EAGAIN || (n > 0 && (size_t)n < len && !c->eof))
        c->readable = false;
    return n;
}

const char *
conn_local(struct conn *c)
{
    struct sockaddr_in a = {0};
    socklen_t len = sizeof(a);

    if (c->listen->address.sock.any.sa_family == AF_UNIX)
        return c->listen->address.text;
    if (c->local_text[0])
        return c->local_text;
    strcpy(c->local_text, "0.0.0.0");
    if (sys_getsockname(
            c->worker->proc, c->source.fd, (struct sockaddr *)&a, &len) == 0 &&
        a.sin_family == AF_INET) {
        ipv4_text((struct ipv4){ntohl(a.sin_addr.s_addr)}, c->local_text);
        c->local_port = ntohs(a.sin_port);
    }
    return c->local_text;
}

void
conn_close(struct conn *c)
{
    struct worker *w = c->worker;

    if (c->state == CONN_CLOSED)
        return;
    NOTE(w->env, EV_NGINX_CLOSE, RULE_NGINX_CLOSE, f_u64("conn", c->number));
    conn_move(c, CONN_CLOSED);
    out_drop(c);
    timer_cancel(&w->timers, &c->read_timer);
    timer_cancel(&w->timers, &c->write_timer);
    if (c->request) {
        upstream_free(c->request);
        file_release(c->request);
        request_free(c->request);
        c->request = NULL;
    }
    worker_close(w, &c->source);
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    c->next = w->dead;
    w->dead = c;
    w->nconns--;
}

void
conn_free_dead(struct worker *w)
{
    while (w->dead) {
        struct conn *c = w->dead;

        w->dead = c->next;
        if (c->request)
            request_free(c->request);
        head_give_back(c);
        free(c->rest);
        free(c);
    }
    while (w->dead_requests) {
        struct request *r = w->dead_requests;

        w->dead_requests = r->next_dead;
        file_release(r);
        if (w->nspare < REQUESTS_KEPT && !w->stopping) {
            arena_clear(&r->arena);
            r->next_dead = w->spare;
            w->spare = r;
            w->nspare++;
        } else {
            arena_free(&r->arena);
            free(r);
        }
    }
}

/* Between two requests: the first byte of the next, or the end. */
static void
idle_read(struct conn *c)
{
    timer_rest(&c->read_timer);
    head_start(c);
    head_read(c);
}

static void
no_delay(struct conn *c)
{
    int one = 1;

    if (c->nodelay || c->listen->address.sock.any.sa_family != AF_INET)
        return;
    c->nodelay = true;
    sys_setsockopt(c->worker->proc, c->source.fd, IPPROTO_TCP, TCP_NODELAY,
        &one, sizeof(one));
}

void
conn_keep_alive(struct conn *c)
{
    struct request *r = c->request;
    struct location *l = r->location;

    NOTE(c->worker->env, EV_NGINX_KEEPALIVE, RULE_NGINX_KEEPALIVE,
        f_u64("conn", c->number), f_u64("requests", c->requests));
    conn_move(c, CONN_WAITING);
    c->rest_len = (size_t)(c->head.last - c->head.line);
    c->rest = c->rest_len ? malloc(c->rest_len) : NULL;
    if (c->rest_len && !c->rest) {
        conn_close(c);
        return;
    }
    if (c->rest)
        memcpy(c->rest, c->head.line, c->rest_len);
    c->head = (struct head_buffer){0};
    head_give_back(c);
    upstream_free(r);
    request_free(r);
    c->request = NULL;
    c->doing = NULL;
    if (c->rest) { /* pipelined: the next one is here already */
        head_start(c);
        worker_post(c->worker, c);
        return;
    }
    if (l->tcp_nodelay)
        no_delay(c);
    c->doing = "waiting for request";
    c->on_read = idle_read;
    c->on_write = NULL;
    conn_read_timer(c, l->keepalive_timeout, conn_close);
    if (c->readable)
        worker_post(c->worker, c);
}

static void
linger_read(struct conn *c)
{
    static const size_t size = 4096;
    uint8_t waste[4096];
    ssize_t n;
    int64_t left;

    do
        n = conn_recv(c, waste, size);
    while (n > 0);
    left = c->linger_until - c->worker->timers.now.ns;
    if (n != -EAGAIN || left <= 0) {
        conn_close(c);
        return;
    }
    if (left > c->request->location->lingering_timeout * LW_MS)
        left = c->request->location->lingering_timeout * LW_MS;
    conn_read_timer(c, left / LW_MS, conn_close);
}

void
conn_linger(struct conn *c)
{
    struct location *l = c->request->location;

    conn_move(c, CONN_LINGERING);
    c->linger_until = c->worker->timers.now.ns + l->lingering_time * LW_MS;
    c->on_read = linger_read;
    c->on_write = NULL;
    sys_shutdown(c->worker->proc, c->source.fd, SHUT_WR);
    conn_read_timer(c, l->lingering_timeout, conn_close);
    if (c->readable)
        linger_read(c);
}
