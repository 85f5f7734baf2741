/*
 * upstream_keep.c: connections to the program behind that wait for the next
 * request: `keepalive N` in upstream{} and fastcgi_keep_conn.
 *
 *     request 1   connect . request . answer . END_REQUEST
 *     idle                                                  [kept]
 *     request 2                                 request . answer . ...
 *
 * Each worker keeps up to N of its own, and takes the one used last. When one
 * more becomes idle, the one used longest ago is closed; so is one that is
 * idle for keepalive_timeout, that has carried keepalive_requests, or that is
 * older than keepalive_time. N does not limit how many connections there are.
 *
 * php-fpm has one child on each connection that is open, also while nothing
 * is said on it. When (N x worker_processes) reaches pm.max_children, all
 * children can be held by idle connections, and whoever connects anew waits
 * in the backlog until keepalive_timeout ends one. So N is chosen smaller.
 *
 * The other end may close just when a request goes out. Then the request is
 * sent again over another connection, as nginx does, except a POST, which
 * might then be carried out twice (RFC 9110 9.2.2).
 */
#include "upstream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct kept {
    struct source source; /* first: sources are kept connections */
    struct kept *newer, *older;
    struct worker *worker;
    const struct upstream_block *block;
    struct timer timer;
    struct upstream_past past;
};

/* Of one upstream{} in one worker, by last use. */
struct kept_list {
    struct kept *newest, *oldest;
    unsigned count;
};

static struct kept_list *
list_of(struct worker *w, const struct upstream_block *b)
{
    if (!w->kept)
        w->kept = calloc(w->conf->nupstreams, sizeof(*w->kept));
    return w->kept ? &w->kept[b->index] : NULL;
}

static void
tell(const struct kept *k, const char *state)
{
    NOTE(k->worker->env, EV_NGINX_UPSTREAM_KEPT, RULE_NGINX_UPSTREAM_KEEPALIVE,
        f_text("upstream", k->block->address.text), f_text("state", state),
        f_i64("fd", k->source.fd), f_u64("requests", k->past.requests));
}

static void
leave(struct kept *k)
{
    struct kept_list *l = &k->worker->kept[k->block->index];

    *(k->newer ? &k->newer->older : &l->newest) = k->older;
    *(k->older ? &k->older->newer : &l->oldest) = k->newer;
    l->count--;
    timer_cancel(&k->worker->timers, &k->timer);
}

static void
end(struct kept *k, const char *why)
{
    tell(k, why);
    leave(k);
    worker_close(k->worker, &k->source);
    free(k);
}

static void
late(void *owner)
{
    end(owner, "is closed: keepalive_timeout");
}

/* Nothing is expected: whatever can be read ends it. */
static void
on_event(struct source *s, uint32_t events)
{
    struct kept *k = LW_CONTAINER(s, struct kept, source);
    uint8_t byte;
    ssize_t n;

    if (!(events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)))
        return;
    n = sys_recvfrom(k->worker->proc, s->fd, &byte, 1, MSG_PEEK, NULL, NULL);
    if (n != -EAGAIN)
        end(k, n == 0 ? "is closed, as the other end has done"
                      : "is closed: unexpected");
}

/* Is this connection, whose request is over, good for another one? Of an
 * answer without a body the end is not waited for, as in nginx. */
static bool
is_good(const struct upstream *u)
{
    const struct location *l = u->request->location;
    const struct upstream_block *b = l->fastcgi_upstream;
    const struct worker *w = u->request->worker;

    return b && b->keepalive > 0 && l->fastcgi_keep_conn && u->clean &&
           !u->request->header_only && !u->out && !w->quitting &&
           !w->stopping && (int64_t)u->past.requests < b->keepalive_requests &&
           w->timers.now.ns - u->past.since.ns <= b->keepalive_time * LW_MS;
}

bool
upstream_keep(struct upstream *u)
{
    struct worker *w = u->request->worker;
    const struct upstream_block *b = u->request->location->fastcgi_upstream;
    struct kept_list *l = is_good(u) ? list_of(w, b) : NULL;
    struct kept *k = l ? calloc(1, sizeof(*k)) : NULL;

    if (!k)
        return false;
    if (l->count >= (uint64_t)b->keepalive)
        end(l->oldest, "is closed: keepalive");
    upstream_move(u, UPSTREAM_KEPT);
    k->worker = w;
    k->block = b;
    k->timer = (struct timer){.fire = late, .owner = k};
    k->past = u->past;
    k->past.parser = u->parser;
    k->past.sent = u->sent;
    worker_hand_over(w, &u->source, &k->source, on_event);
    k->older = l->newest;
    *(l->newest ? &l->newest->newer : &l->oldest) = k;
    l->newest = k;
    l->count++;
    timer_cancel(&w->timers, &u->timer);
    timer_arm_in(&w->timers, &k->timer, b->keepalive_timeout * LW_MS);
    tell(k, "is kept");
    if (u->more) /* something may have come behind the answer */
        on_event(&k->source, EPOLLIN);
    return true;
}

bool
upstream_take(
    struct upstream *u, void (*event)(struct source *s, uint32_t events))
{
    struct worker *w = u->request->worker;
    const struct upstream_block *b = u->request->location->fastcgi_upstream;
    struct kept_list *l = b && b->keepalive > 0 ? list_of(w, b) : NULL;
    struct kept *k = l ? l->newest : NULL;

    if (!k)
        return false;
    tell(k, "is taken");
    leave(k);
    u->past = k->past;
    u->past.requests++;
    u->parser = k->past.parser;
    u->sent = k->past.sent;
    u->writable = true;
    worker_hand_over(w, &k->source, &u->source, event);
    free(k);
    return true;
}

bool
upstream_again(struct upstream *u)
{
    static const char *const once[] = {"POST", "LOCK", "PATCH"};
    struct request *r = u->request;

    if (u->past.requests <= 1 || u->head_len > 0)
        return false;
    for (size_t i = 0; i < LW_COUNT(once); i++)
        if (http_text_is(r->method, once[i]))
            return false;
    upstream_tell(u, RULE_NGINX_UPSTREAM_KEEPALIVE, "tried again");
    upstream_free(r);
    return true;
}

void
upstream_close_kept(struct worker *w)
{
    for (unsigned i = 0; w->kept && i < w->conf->nupstreams; i++)
        while (w->kept[i].newest)
            end(w->kept[i].newest, "is closed: the worker ends");
}

void
upstream_free_kept(struct worker *w)
{
    for (unsigned i = 0; w->kept && i < w->conf->nupstreams; i++)
        while (w->kept[i].newest) {
            struct kept *k = w->kept[i].newest;

            leave(k);
            free(k);
        }
    free(w->kept);
    w->kept = NULL;
}
