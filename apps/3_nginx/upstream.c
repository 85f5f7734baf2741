/*
 * upstream.c: nginx as a FastCGI client: connect without waiting, send the
 * request, turn what comes back into an HTTP answer and pass it on
 * (answer.c).
 *
 * Whoever compares with strace of nginx 1.22 will see three differences: it
 * asks epoll for EPOLLOUT of the client's socket before it connects, it sends
 * the empty STDIN record from the same buffer as the others, and after
 * END_REQUEST it reads once more, to the end of file, before it closes.
 */
#include "upstream.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#define UPSTREAM_EVENTS (EPOLLIN | EPOLLOUT | EPOLLRDHUP | (uint32_t)EPOLLET)

void
upstream_tell(struct upstream *u, enum rule rule, const char *state)
{
    struct request *r = u->request;

    journal_enter(r->worker->env->journal,
        NOTE(r->worker->env, EV_NGINX_UPSTREAM, rule,
            f_u64("conn", r->conn->number),
            f_text("upstream", r->location->fastcgi_pass->text),
            f_text("state", state), f_i64("fd", u->source.fd)));
}

void
upstream_free(struct request *r)
{
    struct upstream *u = r->upstream;

    if (!u)
        return;
    timer_cancel(&r->worker->timers, &u->timer);
    if (u->state != UPSTREAM_NONE && u->state != UPSTREAM_KEPT &&
        u->state != UPSTREAM_CLOSED)
        upstream_move(u, UPSTREAM_CLOSED);
    worker_close(r->worker, &u->source);
}

void
upstream_fail(struct upstream *u, enum rule rule, int status)
{
    struct request *r = u->request;

    upstream_tell(u, rule, status == 504 ? "timed out" : "failed");
    upstream_free(r);
    request_finish(r, status);
}

void
upstream_arm(struct upstream *u, int64_t ms)
{
    timer_arm_in(&u->request->worker->timers, &u->timer, ms * LW_MS);
}

static void
late(void *owner)
{
    struct upstream *u = owner;
    struct conn *c = u->request->conn;

    log_error(
        c, LOG_LEVEL_ERROR, "upstream timed out (110: Connection timed out)");
    upstream_fail(u, RULE_NGINX_UPSTREAM_TIMEOUT, 504);
}

/* The client has taken some: buffers are free again. */
static void
on_client(struct conn *c)
{
    struct request *r = c->request;

    if (out_flush(c) == RC_ERROR)
        request_finish(r, RC_ERROR);
    else
        upstream_read(r->upstream);
}

/* --- the request --------------------------------------------------------- */

static int
refused(struct upstream *u, int err)
{
    log_error(u->request->conn, LOG_LEVEL_ERROR, "connect() %sfailed (%d: %s)",
        u->request->location->fastcgi_pass->sock.any.sa_family == AF_UNIX
            ? "to unix socket "
            : "",
        err, strerror(err));
    return 502;
}

static void
sent(struct upstream *u, size_t n)
{
    u->sent += n;
    while (u->out && n >= u->out->len) {
        n -= u->out->len;
        u->out = u->out->next;
    }
    if (u->out) {
        u->out->at += n;
        u->out->len -= n;
    }
}

static void
send_request(struct upstream *u)
{
    struct request *r = u->request;

    r->conn->doing = "sending request to upstream";
    while (u->out && u->writable) {
        struct iovec iov[64];
        int count = 0;
        ssize_t n;

        for (struct out *o = u->out; o && count < 64; o = o->next)
            iov[count++] = (struct iovec){(void *)o->at, o->len};
        n = sys_writev(r->worker->proc, u->source.fd, iov, count);
        if (n == -EAGAIN) {
            u->writable = false;
            upstream_arm(u, r->location->fastcgi_send_timeout);
            return;
        }
        if (n < 0) {
            log_error(r->conn, LOG_LEVEL_ERROR, "writev() failed (%d: %s)",
                (int)-n, strerror((int)-n));
            if (upstream_again(u))
                upstream_start(r);
            else
                upstream_fail(u, RULE_NGINX_UPSTREAM_FAILED, 502);
            return;
        }
        sent(u, (size_t)n);
    }
    if (u->out)
        return;
    upstream_move(u, UPSTREAM_HEADER);
    r->conn->doing = "reading response header from upstream";
    upstream_arm(u, r->location->fastcgi_read_timeout);
    if (u->readable)
        upstream_read(u);
}

static void
connected(struct upstream *u)
{
    struct request *r = u->request;
    int err = 0;
    socklen_t len = sizeof(err);

    if (sys_getsockopt(r->worker->proc, u->source.fd, SOL_SOCKET, SO_ERROR,
            &err, &len) < 0 ||
        err != 0) {
        refused(u, err);
        upstream_fail(u, RULE_NGINX_UPSTREAM_FAILED, 502);
        return;
    }
    upstream_move(u, UPSTREAM_SENDING);
    send_request(u);
}

static void
on_event(struct source *s, uint32_t events)
{
    struct upstream *u = LW_CONTAINER(s, struct upstream, source);

    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP))
        u->readable = true;
    if (events & EPOLLRDHUP)
        u->eof = true;
    if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
        u->writable = true;
    if (u->state == UPSTREAM_CONNECTING)
        connected(u);
    else if (u->state == UPSTREAM_SENDING && u->writable)
        send_request(u);
    else if ((u->state == UPSTREAM_HEADER || u->state == UPSTREAM_BODY) &&
             u->readable)
        upstream_read(u);
}

/* The client has hung up while the program works: stop it. */
static void
check_client(struct conn *c)
{
    struct request *r = c->request;

    if (!c->eof || r->location->fastcgi_ignore_client_abort)
        return;
    log_error(c, LOG_LEVEL_INFO,
        "epoll_wait() reported that client prematurely closed connection, so "
        "upstream connection is closed too");
    upstream_tell(r->upstream, RULE_NGINX_CLIENT_GONE, "given up");
    upstream_free(r);
    if (!r->header_sent)
        r->status = 499;
    request_finish(r, 499);
}

static int
open_socket(struct upstream *u)
{
    struct request *r = u->request;
    struct worker *w = r->worker;
    const struct address *a = r->location->fastcgi_pass;
    int one = 1, err;

    u->source.fd = sys_socket(w->proc, a->sock.any.sa_family, SOCK_STREAM, 0);
    if (u->source.fd < 0)
        return 500;
    err = sys_ioctl(w->proc, u->source.fd, FIONBIO, &one);
    if (err == 0)
        err = worker_watch(w, &u->source, UPSTREAM_EVENTS);
    if (err < 0)
        return 500;
    upstream_move(u, UPSTREAM_CONNECTING);
    err = sys_connect(w->proc, u->source.fd, &a->sock.any, a->len);
    if (err < 0 && err != -EINPROGRESS)
        return refused(u, -err);
    return err == 0 ? RC_OK : RC_AGAIN;
}

void
upstream_start(struct request *r)
{
    struct upstream *u = arena_alloc(&r->arena, sizeof(*u));
    struct conn *c = r->conn;
    bool kept;
    int rc;

    if (!u) {
        request_finish(r, 500);
        return;
    }
    *u = (struct upstream){.request = r, .left = -1};
    u->source = (struct source){.fd = -1, .event = on_event};
    u->timer = (struct timer){.fire = late, .owner = u};
    u->past =
        (struct upstream_past){.requests = 1, .since = r->worker->timers.now};
    r->upstream = u;
    kept = upstream_take(u, on_event);
    rc = fcgi_build(r, &u->out);
    if (rc != RC_OK) {
        request_finish(r, rc);
        return;
    }
    c->doing = "connecting to upstream";
    c->on_read = check_client;
    c->on_write = on_client;
    rc = kept ? RC_OK : open_socket(u);
    if (rc >= 100) {
        upstream_fail(u, RULE_NGINX_UPSTREAM_FAILED, rc);
        return;
    }
    if (rc == RC_AGAIN) {
        upstream_arm(u, r->location->fastcgi_connect_timeout);
        return;
    }
    upstream_move(u, UPSTREAM_SENDING);
    u->writable = true;
    send_request(u);
}

int
upstream_run(struct request *r)
{
    int rc = body_read(r, upstream_start);

    if (rc == RC_OK)
        upstream_start(r);
    return rc == RC_OK ? RC_DONE : rc;
}
