/*
 * epoll.c: epoll(7): which of a thousand descriptors is ready?
 *
 *     epoll
 *       |-- items, one a descriptor: found by its number in epoll_ctl
 *       '-- ready list:  item -> item        <- epoll_wait looks here only
 *                          ^
 *     socket -- watchers --'   when something happens to the socket, its
 *                              item puts itself into the list
 *
 * So the cost of epoll_wait is that of the sockets that are ready, however
 * many are watched. Level-triggered items go back to the end of the list
 * and leave it when a later look finds them no longer ready; edge-triggered
 * ones leave at once, until something happens again.
 *
 * An epoll may watch another: it is ready when one of its items is. No ring
 * of them, though, and no chain of more than five (ELOOP): the news would go
 * round for ever, or too far.
 */
#include "epoll.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    BEHAVIOUR = EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP,
    NESTS = 4 /* EP_MAX_NESTS of Linux */
};

struct epoll;

struct item {
    struct watch watch; /* on the file; first in the ready list's eyes */
    struct link ready;  /* in the epoll's ready list */
    struct epoll *epoll;
    struct file *file;
    struct item *same_fd; /* another file that had the same number */
    struct epoll_event event;
    int fd;
};

struct epoll {
    struct file f;
    struct link ready;
    struct item **items; /* [room]: by descriptor number */
    unsigned room;
    struct item *spare; /* items to be used again, by same_fd */
};

static struct epoll *
epoll_of(struct file *f)
{
    return LW_CONTAINER(f, struct epoll, f);
}

/* What this item is interested in; errors need no asking. */
static unsigned
interest(const struct item *it)
{
    return it->event.events & ~(unsigned)(BEHAVIOUR | EPOLLET);
}

static void
note_ready(struct item *it, unsigned events)
{
    struct env *env = it->file->k->env;
    char text[64] = "";

    if (!journal_wants(env->journal, EV_EPOLL_READY))
        return;
    if (events & EPOLLIN)
        strcat(text, "EPOLLIN|");
    if (events & EPOLLOUT)
        strcat(text, "EPOLLOUT|");
    if (events & EPOLLERR)
        strcat(text, "EPOLLERR|");
    if (events & EPOLLHUP)
        strcat(text, "EPOLLHUP|");
    if (events & EPOLLRDHUP)
        strcat(text, "EPOLLRDHUP|");
    NOTE(env, EV_EPOLL_READY, RULE_EPOLL_READY, f_u64("epoll", it->epoll->f.no),
        f_i64("fd", it->fd), f_u64("sock", it->file->no),
        f_textn("events", text, text[0] ? strlen(text) - 1 : 0));
}

static bool
item_ready(struct watch *w, unsigned events)
{
    struct item *it = LW_CONTAINER(w, struct item, watch);
    struct epoll *e = it->epoll;

    if (list_empty(&it->ready)) {
        list_add(&e->ready, &it->ready);
        note_ready(it, events & it->watch.events);
    }
    /* Who is awake already does not count: exclusive news go on to the next
     * (Linux's ep_poll_callback, whose sleepers leave the queue on waking). */
    return file_tell(&e->f, EPOLLIN);
}

/* Takes the item out of everything; its memory is kept for the next. */
static void
item_remove(struct item *it)
{
    struct epoll *e = it->epoll;
    struct item **at = &e->items[it->fd];

    while (*at != it)
        at = &(*at)->same_fd;
    *at = it->same_fd;
    list_remove(&it->watch.link);
    list_remove(&it->ready);
    it->same_fd = e->spare;
    e->spare = it;
}

static void
item_gone(struct watch *w)
{
    item_remove(LW_CONTAINER(w, struct item, watch));
}

static struct item *
item_find(struct epoll *e, int fd, const struct file *target)
{
    struct item *it = (unsigned)fd < e->room ? e->items[fd] : NULL;

    while (it && it->file != target)
        it = it->same_fd;
    return it;
}

/* Sets what is asked for, and looks at once whether it is there already. */
static void
item_set(struct item *it, const struct epoll_event *event)
{
    unsigned now = it->file->ops->poll(it->file);

    it->event = *event;
    it->watch.exclusive = event->events & EPOLLEXCLUSIVE;
    it->watch.events = interest(it) | EPOLLERR | EPOLLHUP;
    if (now & it->watch.events)
        item_ready(&it->watch, now);
}

static int
make_room(struct epoll *e, unsigned fd)
{
    unsigned room = e->room ? e->room : 64;
    struct item **items;

    while (room <= fd)
        room *= 2;
    if (room == e->room)
        return 0;
    items = realloc(e->items, room * sizeof *items);
    if (!items)
        return -ENOMEM;
    memset(items + e->room, 0, (room - e->room) * sizeof *items);
    e->items = items;
    e->room = room;
    return 0;
}

int
epoll_add(struct file *ep, int fd, struct file *target,
    const struct epoll_event *event)
{
    const unsigned beside = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP |
                            EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
    struct epoll *e = epoll_of(ep);
    struct item *it;

    /* epoll_ctl(2): what may stand beside EPOLLEXCLUSIVE. */
    if ((event->events & EPOLLEXCLUSIVE) && (event->events & ~beside))
        return -EINVAL;
    if (item_find(e, fd, target))
        return -EEXIST;
    if (make_room(e, (unsigned)fd))
        return -ENOMEM;
    it = e->spare;
    if (it)
        e->spare = it->same_fd;
    else if (!(it = malloc(sizeof *it)))
        return -ENOMEM;
    *it = (struct item){.epoll = e,
        .file = target,
        .fd = fd,
        .same_fd = e->items[fd],
        .watch = {.ready = item_ready, .gone = item_gone}};
    e->items[fd] = it;
    list_init(&it->ready);
    list_init(&it->watch.link);
    list_add(&target->watchers, &it->watch.link);
    item_set(it, event);
    return 0;
}

int
epoll_mod(struct file *ep, int fd, struct file *target,
    const struct epoll_event *event)
{
    struct item *it = item_find(epoll_of(ep), fd, target);

    /* epoll_ctl(2): EPOLLEXCLUSIVE only with EPOLL_CTL_ADD. */
    if (event->events & EPOLLEXCLUSIVE)
        return -EINVAL;
    if (!it)
        return -ENOENT;
    if (it->event.events & EPOLLEXCLUSIVE)
        return -EINVAL;
    item_set(it, event);
    return 0;
}

int
epoll_del(struct file *ep, int fd, struct file *target)
{
    struct item *it = item_find(epoll_of(ep), fd, target);

    if (!it)
        return -ENOENT;
    item_remove(it);
    return 0;
}

int
epoll_collect(struct file *ep, struct epoll_event *events, int max)
{
    struct epoll *e = epoll_of(ep);
    struct link now, again;
    int n = 0;

    list_init(&now);
    list_init(&again);
    list_splice(&now, &e->ready);
    while (n < max && !list_empty(&now)) {
        struct item *it = LW_CONTAINER(now.next, struct item, ready);
        unsigned found = it->file->ops->poll(it->file) & it->watch.events;

        list_remove(&it->ready);
        if (!found)
            continue;
        events[n].events = found;
        events[n++].data = it->event.data;
        if (it->event.events & EPOLLONESHOT)
            it->watch.events = it->event.events = 0;
        else if (!(it->event.events & EPOLLET))
            list_add(&again, &it->ready);
    }
    /* First those nobody has seen yet, then the seen ones. */
    list_splice(&e->ready, &again);
    list_splice(&e->ready, &now);
    return n;
}

/* --- as a file ----------------------------------------------------------- */

static ssize_t
no_bytes(struct file *f, struct io *io)
{
    (void)f;
    (void)io;
    return -EINVAL;
}

/* What is in the list may have ceased to be ready since. */
static unsigned
epoll_poll(struct file *f)
{
    struct epoll *e = epoll_of(f);

    while (!list_empty(&e->ready)) {
        struct item *it = LW_CONTAINER(e->ready.next, struct item, ready);

        if (it->file->ops->poll(it->file) & it->watch.events)
            return EPOLLIN | EPOLLRDNORM;
        list_remove(&it->ready);
    }
    return 0;
}

static void
epoll_close(struct file *f)
{
    struct epoll *e = epoll_of(f);

    for (unsigned fd = 0; fd < e->room; fd++)
        while (e->items[fd])
            item_remove(e->items[fd]);
    while (e->spare) {
        struct item *it = e->spare;

        e->spare = it->same_fd;
        free(it);
    }
    free(e->items);
    free(e);
}

static const struct file_ops epoll_ops = {.recv = no_bytes,
    .send = no_bytes,
    .poll = epoll_poll,
    .close = epoll_close};

bool
is_epoll(const struct file *f)
{
    return f->ops == &epoll_ops;
}

/* How many epolls lie below e, at most; more than NESTS when `end`, or a
 * chain that is too long, is among them. */
static int
depth_below(struct epoll *e, const struct epoll *end, int depth)
{
    int most = 0;

    if (e == end || depth > NESTS)
        return NESTS + 1;
    for (unsigned fd = 0; fd < e->room && most <= NESTS; fd++) {
        for (struct item *it = e->items[fd]; it; it = it->same_fd) {
            int below =
                !is_epoll(it->file)
                    ? 0
                    : 1 + depth_below(epoll_of(it->file), end, depth + 1);

            most = below > most ? below : most;
        }
    }
    return most;
}

/* How many lie above: those who watch e, and so on. */
static int
depth_above(struct epoll *e)
{
    int most = 0;

    for (struct link *l = e->f.watchers.next; l != &e->f.watchers;
         l = l->next) {
        struct watch *w = LW_CONTAINER(l, struct watch, link);

        if (w->ready == item_ready) {
            int above =
                1 + depth_above(LW_CONTAINER(w, struct item, watch)->epoll);

            most = above > most ? above : most;
        }
    }
    return most;
}

bool
epoll_would_loop(struct file *ep, struct file *target)
{
    int below = depth_below(epoll_of(target), epoll_of(ep), 0);

    return below > NESTS || below + 1 + depth_above(epoll_of(ep)) > NESTS;
}

struct file *
epoll_new(struct kernel *k)
{
    struct epoll *e = calloc(1, sizeof *e);

    if (!e)
        return NULL;
    list_init(&e->ready);
    file_init(&e->f, k, &epoll_ops, O_RDWR);
    return &e->f;
}
