/*
 * uring.c: io_uring(7) by its system calls, for transfers that never wait.
 *
 *     we     write entries, move the tail of the submission ring,
 *     kernel does them while io_uring_enter(2) lasts, one after the other,
 *     we     read results, move the head of the completion ring
 *
 * Both rings and the entries are memory shared with the kernel. No entry may
 * wait (RWF_NOWAIT), so that the kernel is done with each when the call ends
 * in which it took it: nothing is under way between two calls, nor when the
 * ring fails, and nobody's buffer is in danger.
 */
#include "uring.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct uring {
    int fd;
    unsigned count; /* given, not run yet */
    uint8_t *rings;
    size_t rings_len;
    struct io_uring_sqe *sqe;
    size_t sqe_len;
    unsigned *sq_tail, *cq_head, *cq_tail;
    unsigned sq_mask, cq_mask;
    const struct io_uring_cqe *cqe;
};

/* Maps what the kernel has made. 0 or -errno. */
static int
map(struct uring *u, const struct io_uring_params *p)
{
    size_t sq = p->sq_off.array + p->sq_entries * sizeof(unsigned);
    size_t cq = p->cq_off.cqes + p->cq_entries * sizeof *u->cqe;
    unsigned *array;

    if (!(p->features & IORING_FEAT_SINGLE_MMAP))
        return -ENOSYS; /* before Linux 5.4 */
    u->rings_len = sq > cq ? sq : cq;
    u->rings = mmap(NULL, u->rings_len, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_POPULATE, u->fd, IORING_OFF_SQ_RING);
    u->sqe_len = p->sq_entries * sizeof *u->sqe;
    u->sqe = mmap(NULL, u->sqe_len, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_POPULATE, u->fd, IORING_OFF_SQES);
    if (u->rings == MAP_FAILED || u->sqe == MAP_FAILED)
        return -errno;
    u->sq_tail = (unsigned *)(void *)(u->rings + p->sq_off.tail);
    u->cq_head = (unsigned *)(void *)(u->rings + p->cq_off.head);
    u->cq_tail = (unsigned *)(void *)(u->rings + p->cq_off.tail);
    u->cqe = (struct io_uring_cqe *)(void *)(u->rings + p->cq_off.cqes);
    u->sq_mask = p->sq_entries - 1;
    u->cq_mask = p->cq_entries - 1;
    array = (unsigned *)(void *)(u->rings + p->sq_off.array);
    for (unsigned i = 0; i < p->sq_entries; i++) /* entry i is the i-th */
        array[i] = i;
    return 0;
}

struct uring *
uring_new(int *err)
{
    struct io_uring_params p = {0};
    struct uring *u = calloc(1, sizeof *u);

    *err = -ENOMEM;
    if (!u)
        return NULL;
    u->rings = MAP_FAILED;
    u->sqe = MAP_FAILED;
    u->fd = (int)syscall(SYS_io_uring_setup, URING_MOST, &p);
    *err = u->fd < 0 ? -errno : map(u, &p);
    if (*err) {
        uring_free(u);
        return NULL;
    }
    return u;
}

void
uring_free(struct uring *u)
{
    if (!u)
        return;
    if (u->rings != MAP_FAILED)
        munmap(u->rings, u->rings_len);
    if (u->sqe != MAP_FAILED)
        munmap(u->sqe, u->sqe_len);
    if (u->fd >= 0)
        close(u->fd);
    free(u);
}

static void
give(struct uring *u, uint8_t what, int fd, const void *at, uint32_t len)
{
    u->sqe[(*u->sq_tail + u->count) & u->sq_mask] =
        (struct io_uring_sqe){.opcode = what,
            .fd = fd,
            .addr = (uintptr_t)at,
            .len = len,
            .rw_flags = RWF_NOWAIT, /* without it, a read would wait */
            .user_data = u->count};
    u->count++;
}

void
uring_read(struct uring *u, int fd, void *to, uint32_t len)
{
    give(u, IORING_OP_READ, fd, to, len);
}

void
uring_write(struct uring *u, int fd, const void *from, uint32_t len)
{
    give(u, IORING_OP_WRITE, fd, from, len);
}

/* What has been done since the last look; how many. */
static unsigned
collect(struct uring *u, int32_t results[URING_MOST])
{
    unsigned head = *u->cq_head, n = 0;
    unsigned tail = __atomic_load_n(u->cq_tail, __ATOMIC_ACQUIRE);

    for (; head != tail; head++, n++) {
        const struct io_uring_cqe *e = &u->cqe[head & u->cq_mask];

        results[e->user_data % URING_MOST] = e->res;
    }
    __atomic_store_n(u->cq_head, head, __ATOMIC_RELEASE);
    return n;
}

int
uring_run(struct uring *u, int32_t results[URING_MOST])
{
    unsigned n = u->count, given = 0, done = 0;

    u->count = 0;
    for (unsigned i = 0; i < n; i++)
        results[i] = -EAGAIN;
    __atomic_store_n(u->sq_tail, *u->sq_tail + n, __ATOMIC_RELEASE);
    while (done < n) {
        long r = syscall(SYS_io_uring_enter, u->fd, n - given, n - done,
            IORING_ENTER_GETEVENTS, NULL, 0);

        given += r > 0 ? (unsigned)r : 0;
        done += collect(u, results);
        if (r < 0 && errno != EINTR)
            return -errno;
    }
    for (unsigned i = 0; i < n; i++)
        if (results[i] == -EOPNOTSUPP) /* no RWF_NOWAIT for this file */
            return -EOPNOTSUPP;
    return 0;
}
