/*
 * worker.c: one process, one thread, one loop. epoll says which descriptors
 * have something new (edge-triggered for connections, so each is told once),
 * the timers say who has been silent for too long; between the two the
 * worker sleeps in epoll_wait. A thousand connections cost a thousand small
 * structs, not a thousand threads.
 *
 * Called by the master (nginx.c) in each new process.
 */
#include "worker.h"
#include "request.h"
#include "upstream.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_MAX    512
#define LISTEN_EVENTS (EPOLLIN | EPOLLRDHUP)
#define REST_MS       500 /* as nginx does, by accept_mutex_delay */

/* data.u64 is generation and descriptor, never an address: the same run
 * prints the same system calls. */
static uint64_t
tag_of(const struct source *s)
{
    return (uint64_t)s->generation << 32 | (uint32_t)s->fd;
}

static bool
make_room(struct worker *w, int fd)
{
    unsigned room = w->nsources ? w->nsources : 64;
    struct source **table;

    if ((unsigned)fd < w->nsources)
        return true;
    while (room <= (unsigned)fd)
        room *= 2;
    table = realloc(w->sources, room * sizeof(struct source *));
    if (!table)
        return false;
    memset(
        table + w->nsources, 0, (room - w->nsources) * sizeof(struct source *));
    w->sources = table;
    w->nsources = room;
    return true;
}

int
worker_watch(struct worker *w, struct source *s, uint32_t events)
{
    struct epoll_event e = {.events = events};
    int op = s->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, err;

    if (s->watched == events)
        return 0;
    if (!make_room(w, s->fd))
        return -ENOMEM;
    if (!s->watched)
        s->generation = ++w->generation;
    e.data.u64 = tag_of(s);
    err = sys_epoll_ctl(w->proc, w->epfd, op, s->fd, &e);
    if (err < 0)
        return err;
    s->watched = events;
    w->sources[s->fd] = s;
    return 0;
}

void
worker_close(struct worker *w, struct source *s)
{
    if (s->fd < 0)
        return;
    if ((unsigned)s->fd < w->nsources && w->sources[s->fd] == s)
        w->sources[s->fd] = NULL;
    sys_close(w->proc, s->fd);
    s->fd = -1;
    s->watched = 0;
}

void
worker_hand_over(struct worker *w, struct source *from, struct source *to,
    void (*event)(struct source *s, uint32_t events))
{
    *to = *from;
    to->event = event;
    w->sources[to->fd] = to;
    from->fd = -1;
    from->watched = 0;
}

int64_t
worker_time(struct worker *w)
{
    struct env *env = sys_env(w->proc);

    return env->timers->epoch + env->timers->now.ns / LW_S;
}

const char *
worker_date(struct worker *w)
{
    int64_t now = worker_time(w);

    if (now != w->date_at || !w->date[0])
        http_date(now, w->date);
    w->date_at = now;
    return w->date;
}

const char *
worker_modified(struct worker *w, int64_t when)
{
    unsigned i = (unsigned)(when ^ when >> 8) & (DATES_KEPT - 1);

    if (w->modified[i].at != when || !w->modified[i].text[0])
        http_date(when, w->modified[i].text);
    w->modified[i].at = when;
    return w->modified[i].text;
}

void
worker_post(struct worker *w, struct conn *c)
{
    if (c->posted)
        return;
    c->posted = true;
    c->next_posted = NULL;
    if (!w->posted)
        w->posted_end = &w->posted;
    *w->posted_end = c;
    w->posted_end = &c->next_posted;
}

static void
run_posted(struct worker *w)
{
    while (w->posted) {
        struct conn *c = w->posted;

        w->posted = c->next_posted;
        c->posted = false;
        if (c->state != CONN_CLOSED)
            c->on_read(c);
    }
}

/* Asked for errors alone, epoll says nothing of those who wait. */
static void
watch_again(struct worker *w, uint32_t events)
{
    for (struct source *s = w->listening; s->event; s++)
        if (s->watched)
            worker_watch(w, s, events);
}

static void
rested(void *owner)
{
    watch_again(owner, LISTEN_EVENTS);
}

void
worker_rest(struct worker *w)
{
    watch_again(w, EPOLLERR);
    w->rest.fire = rested;
    w->rest.owner = w;
    timer_arm_in(&w->timers, &w->rest, REST_MS * LW_MS);
}

static void
on_listening(struct source *s, uint32_t events)
{
    (void)s;
    (void)events; /* found by its address in the table: see dispatch */
}

/* The master's word: 'Q' to finish in peace, 'T' to stop at once. */
static void
on_channel(struct source *s, uint32_t events)
{
    struct worker *w = LW_CONTAINER(s, struct worker, channel_source);
    char word = 0;

    (void)events;
    if (sys_read(w->proc, s->fd, &word, 1) == 1) {
        w->quitting = true;
        w->stopping = word == 'T';
    } else
        worker_close(w, s); /* the master is gone */
}

static void
dispatch(struct worker *w, const struct epoll_event *e)
{
    uint32_t fd = (uint32_t)e->data.u64;
    struct source *s = fd < w->nsources ? w->sources[fd] : NULL;
    struct source *first = w->listening;
    unsigned i = 0;

    if (!s || s->generation != e->data.u64 >> 32)
        return; /* closed earlier in this batch */
    if (s->event != on_listening) {
        s->event(s, e->events);
        return;
    }
    for (struct listen *l = w->conf->listens; l; l = l->next, i++)
        if (&first[i] == s)
            conn_accept(w, s, l);
}

/* Milliseconds to the next deadline, rounded up; -1: none. */
static int
next_timeout(struct worker *w)
{
    struct instant due;
    int64_t ms;

    if (!timers_next(&w->timers, &due))
        return -1;
    ms = (due.ns - w->timers.now.ns + LW_MS - 1) / LW_MS;
    return ms < 0 ? 0 : ms > 3600000 ? 3600000 : (int)ms;
}

/* A quitting worker leaves the listening sockets to the others. epoll forgets
 * a descriptor only when the last process has closed the socket behind it, so
 * it has to be told (epoll(7), questions and answers). */
static void
stop_listening(struct worker *w)
{
    for (struct source *s = w->listening; s->event; s++) {
        if (!s->watched)
            continue;
        sys_epoll_ctl(w->proc, w->epfd, EPOLL_CTL_DEL, s->fd, NULL);
        worker_close(w, s);
    }
}

static void
close_idle(struct worker *w)
{
    struct conn *next;

    stop_listening(w);
    upstream_close_kept(w);
    for (struct conn *c = w->conns; c; c = next) {
        next = c->next;
        if (c->state == CONN_WAITING && c->requests > 0)
            conn_close(c);
    }
}

static void
loop(struct worker *w)
{
    while (!w->stopping && !(w->quitting && w->nconns == 0)) {
        int n = sys_epoll_wait(
            w->proc, w->epfd, w->events, EVENTS_MAX, next_timeout(w));
        struct instant now = sys_env(w->proc)->timers->now;

        if (n < 0 && n != -EINTR)
            break;
        w->timers.now = now;
        for (int i = 0; i < n; i++)
            dispatch(w, &w->events[i]);
        run_posted(w);
        timers_advance(&w->timers, now);
        run_posted(w);
        if (w->quitting)
            close_idle(w);
        conn_free_dead(w);
    }
}

/* Also when the process is killed: gives back what a real kernel would. */
static void
worker_free(void *arg)
{
    struct worker *w = arg;

    timers_close(&w->timers); /* while whoever has one is there */
    for (struct conn *c = w->conns, *next; c; c = next) {
        next = c->next;
        c->next = w->dead;
        w->dead = c;
    }
    w->stopping = true; /* nothing is kept */
    conn_free_dead(w);
    requests_free(w);
    heads_free(w);
    file_caches_free(w);
    upstream_free_kept(w);
    free(w->sources);
    free(w->listening);
    free(w->events);
    conf_drop(w->conf);
    free(w);
}

static int
watch_listening(struct worker *w)
{
    unsigned n = 1, i = 0;
    int err = 0;

    for (struct listen *l = w->conf->listens; l; l = l->next)
        n++;
    w->listening = calloc(n, sizeof(*w->listening));
    if (!w->listening)
        return -ENOMEM;
    for (struct listen *l = w->conf->listens; l && !err; l = l->next, i++) {
        w->listening[i] = (struct source){.fd = l->fd, .event = on_listening};
        if (l->fd >= 0)
            err = worker_watch(w, &w->listening[i], LISTEN_EVENTS);
    }
    return err;
}

int
worker_run(struct proc *p, struct conf *c, int channel)
{
    struct worker *w = calloc(1, sizeof(*w));
    int err;

    if (!w)
        return 2;
    *w = (struct worker){
        .proc = p, .env = sys_env(p), .conf = c, .channel = channel};
    timers_init(&w->timers, w->env->journal);
    c->users++;
    if (sys_at_end(p, worker_free, w) < 0)
        return 2;
    w->timers.now = w->env->timers->now;
    w->pid = sys_getpid(p);
    sys_prctl_name(p, "nginx: worker process");
    sys_rt_sigprocmask(p, 0);
    w->events = calloc(EVENTS_MAX, sizeof(*w->events));
    if (!w->events)
        return 2;
    w->epfd = sys_epoll_create1(p, EPOLL_CLOEXEC);
    if (w->epfd < 0)
        return 2;
    err = watch_listening(w);
    w->channel_source = (struct source){.fd = channel, .event = on_channel};
    if (!err && channel >= 0)
        err = worker_watch(w, &w->channel_source, EPOLLIN | EPOLLRDHUP);
    if (err)
        return 2;
    NOTE(w->env, EV_NGINX_WORKER, RULE_NGINX_WORKERS,
        f_u64("pid", (uint64_t)w->pid));
    loop(w);
    return 0;
}
