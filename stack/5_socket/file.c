/*
 * file.c: descriptions and the tables of descriptors that lead to them.
 * A table is an array with a bitmap beside it, because open(2) and its kin
 * must give the lowest free number and a server may hold fifty thousand.
 */
#include "file.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

void
file_init(
    struct file *f, struct kernel *k, const struct file_ops *ops, int flags)
{
    f->ops = ops;
    f->k = k;
    f->no = ++k->last_file;
    f->refs = 1;
    f->flags = flags;
    f->owner = 0;
    f->signal = 0;
    f->quiet = false;
    f->cause_in = f->cause_out = 0;
    list_init(&f->watchers);
}

void
file_put(struct file *f)
{
    assert(f->refs > 0);
    if (--f->refs) {
        if (f->ops->left)
            f->ops->left(f);
        return;
    }
    while (!list_empty(&f->watchers)) {
        struct watch *w = LW_CONTAINER(f->watchers.next, struct watch, link);

        assert(w->gone);
        w->gone(w);
    }
    f->ops->close(f);
}

bool
file_wake(struct file *f, unsigned events)
{
    uint64_t cause = f->k->env->journal->cause;

    if (events & ~(unsigned)EPOLLOUT)
        f->cause_in = cause;
    if (events & EPOLLOUT)
        f->cause_out = cause;
    if (list_empty(&f->watchers))
        return false;
    if (events & EPOLLIN) /* poll(2): the same by other names */
        events |= EPOLLRDNORM;
    if (events & EPOLLOUT)
        events |= EPOLLWRNORM | EPOLLWRBAND;
    return watch_tell(&f->watchers, events);
}

/* Not as in Linux: it does not signal while somebody sleeps in a read. */
bool
file_tell(struct file *f, unsigned events)
{
    bool woken = file_wake(f, events);

    if ((f->flags & O_ASYNC) && !f->quiet)
        file_signal(f, f->signal ? f->signal : SIGIO);
    return woken;
}

bool
file_wait(struct proc *p, struct file *f, unsigned events, bool exclusive,
    int64_t timeout_ns)
{
    bool in_time;

    p->watch.events = events;
    p->watch.exclusive = exclusive;
    p->waits = f;
    list_add(&f->watchers, &p->watch.link);
    in_time = proc_sleep(p, timeout_ns);
    list_remove(&p->watch.link);
    p->waits = NULL;
    return in_time;
}

size_t
io_spread(const struct io *io, const void *data, size_t len)
{
    const uint8_t *from = data;
    size_t done = 0;

    for (int i = 0; i < io->n && done < len; i++) {
        size_t left = len - done;
        size_t part = left < io->iov[i].iov_len ? left : io->iov[i].iov_len;

        if (part)
            memcpy(io->iov[i].iov_base, from + done, part);
        done += part;
    }
    return done;
}

/* --- the owner ----------------------------------------------------------- */

/* There are no process groups here, so a negative number finds nobody. */
int
file_set_owner(struct file *f, int pid)
{
    if (pid && !proc_find(f->k, pid))
        return -ESRCH;
    f->owner = pid;
    return 0;
}

int
file_owner(const struct file *f)
{
    return proc_find(f->k, f->owner) ? f->owner : 0;
}

void
file_signal(struct file *f, int signal)
{
    struct proc *p = proc_find(f->k, f->owner);

    if (p)
        proc_signal_later(p, signal);
}

int
file_set_async(struct file *f, bool on)
{
    if (on == !!(f->flags & O_ASYNC))
        return 0;
    if (!f->ops->signals)
        return -ENOTTY;
    f->flags ^= O_ASYNC;
    return 0;
}

/* --- tables -------------------------------------------------------------- */

/* Makes room for `room` descriptors, a multiple of 64. */
static int
grow(struct fds *t, unsigned room)
{
    size_t words = room / 64;
    size_t bitmaps = 2 * words * sizeof(uint64_t);
    struct file **at = calloc(room, sizeof *at);
    uint64_t *used = calloc(1, bitmaps);

    if (!at || !used) {
        free(at);
        free(used);
        return -ENOMEM;
    }
    if (t->room) {
        memcpy(at, t->at, t->room * sizeof *at);
        memcpy(used, t->used, t->room / 8);
        memcpy(used + words, t->cloexec, t->room / 8);
    }
    free(t->at);
    free(t->used);
    t->at = at;
    t->used = used;
    t->cloexec = used + words;
    t->room = room;
    return 0;
}

int
fds_init(struct fds *t)
{
    *t = (struct fds){0};
    return grow(t, 64);
}

int
fds_copy(struct fds *to, const struct fds *from)
{
    int err = to->room < from->room ? grow(to, from->room) : 0;

    if (err)
        return err;
    memcpy(to->at, from->at, from->room * sizeof *to->at);
    memcpy(to->used, from->used, from->room / 8);
    memcpy(to->cloexec, from->cloexec, from->room / 8);
    to->low = from->low;
    for (unsigned i = 0; i < from->room; i++)
        if (to->at[i])
            to->at[i]->refs++;
    return 0;
}

void
fds_close(struct proc *p)
{
    for (unsigned i = 0; i < p->fds.room; i++)
        if (p->fds.at[i])
            fd_close(p, (int)i);
}

void
fds_free(struct fds *t)
{
    free(t->at);
    free(t->used);
    *t = (struct fds){0};
}

static void
set_bit(uint64_t *map, int bit, bool on)
{
    if (on)
        map[bit / 64] |= 1ull << (bit % 64);
    else
        map[bit / 64] &= ~(1ull << (bit % 64));
}

/* The lowest free number from `from` on; the room's end when all is full. */
static unsigned
lowest_free(struct fds *t, unsigned from)
{
    unsigned word = from / 64 < t->low ? t->low : from / 64;
    uint64_t mask = word == from / 64 ? ~0ull << (from % 64) : ~0ull;

    for (; word < t->room / 64; word++, mask = ~0ull) {
        uint64_t free_bits = ~t->used[word] & mask;

        if (free_bits)
            return word * 64 + (unsigned)__builtin_ctzll(free_bits);
        if (word == t->low && t->used[word] == ~0ull)
            t->low++;
    }
    return t->room > from ? t->room : from;
}

static int
reserve(struct fds *t, unsigned fd)
{
    unsigned room = t->room;

    while (room <= fd)
        room *= 2;
    return room > t->room ? grow(t, room) : 0;
}

static void
store(struct fds *t, int fd, struct file *f, bool cloexec)
{
    t->at[fd] = f;
    set_bit(t->used, fd, true);
    set_bit(t->cloexec, fd, cloexec);
}

int
fd_add(struct proc *p, struct file *f, bool cloexec, int from)
{
    unsigned fd = lowest_free(&p->fds, (unsigned)from);

    if (fd >= FD_LIMIT)
        return -EMFILE;
    if (reserve(&p->fds, fd))
        return -ENOMEM;
    store(&p->fds, (int)fd, f, cloexec);
    return (int)fd;
}

int
fd_reserve(struct proc *p)
{
    unsigned fd = lowest_free(&p->fds, 0);

    return fd >= FD_LIMIT ? -EMFILE : reserve(&p->fds, fd);
}

int
fd_put(struct proc *p, struct file *f, int fd)
{
    if (fd < 0 || fd >= FD_LIMIT)
        return -EBADF;
    if (reserve(&p->fds, (unsigned)fd))
        return -ENOMEM;
    if (p->fds.at[fd])
        fd_close(p, fd);
    store(&p->fds, fd, f, false);
    return fd;
}

int
fd_close(struct proc *p, int fd)
{
    struct fds *t = &p->fds;
    struct file *f = fd_get(p, fd);

    if (!f)
        return -EBADF;
    t->at[fd] = NULL;
    set_bit(t->used, fd, false);
    if ((unsigned)fd / 64 < t->low)
        t->low = (unsigned)fd / 64;
    file_put(f);
    return 0;
}

bool
fd_cloexec(const struct proc *p, int fd)
{
    return p->fds.cloexec[fd / 64] >> (fd % 64) & 1;
}

void
fd_set_cloexec(struct proc *p, int fd, bool on)
{
    set_bit(p->fds.cloexec, fd, on);
}
