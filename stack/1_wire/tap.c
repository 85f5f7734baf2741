/*
 * tap.c: moves frames between a card and a file descriptor. One write is one
 * frame and one read is one frame; with offload (offload.h) one long frame,
 * of many segments.
 *
 *     xmit -> [waiting] -> tap_flush: runs of segments -> writev
 *     readv -> tap_poll: cut into segments -> up
 *
 * and without, where io_uring(7) can be had, many frames share one call.
 */
#include "tap_parts.h"

#include <errno.h>
#include <linux/virtio_net.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define WAITING_MOST 256 /* frames that wait before they are written anyway */
#define RUN_MOST     64  /* segments in one long frame */
#define TCP_SUM      16  /* where the checksum stands in the TCP header */

/* --- down ---------------------------------------------------------------- */

static ssize_t
write_all(struct tap *t, const struct iovec *iov, int n)
{
    ssize_t done;

    do
        done = writev(t->fd, iov, n);
    while (done < 0 && errno == EINTR);
    return done;
}

/* p has left, or not; takes it. */
static void
left(struct tap *t, struct pkt *p, bool gone)
{
    struct netdev *dev = t->dev;

    if (!gone) {
        /* Full, or the device is no more; that, tap_poll tells the driver. */
        pkt_drop(dev->env, p, DROP_QUEUE_FULL, RULE_TAP);
        return;
    }
    netdev_sent(dev, p, t->name);
    pkt_free(p);
}

static struct pkt *
take_first(struct tap *t)
{
    struct pkt *p = t->first;

    t->first = p->next;
    t->waiting--;
    return p;
}

/* Joins to the run what follows p and fits; how many segments it has. */
static unsigned
collect(struct offload_run *r, const struct pkt *p, struct iovec *text)
{
    unsigned n = 0;

    do {
        text[n++] = (struct iovec){p->data + r->head_len, p->len - r->head_len};
        p = p->next;
    } while (p && n < RUN_MOST && offload_join(r, p->data, p->len));
    return n;
}

/* Writes the frame that waits first, and those that can travel with it. */
static void
flush_run(struct tap *t)
{
    struct pkt *p = t->first;
    struct virtio_net_hdr vh = {0};
    uint8_t head[OFFLOAD_HEAD];
    struct offload_run r;
    struct iovec iov[2 + RUN_MOST];
    unsigned n = 1;
    int parts = 2;
    bool gone;

    iov[0] = (struct iovec){&vh, sizeof vh};
    iov[1] = (struct iovec){p->data, p->len};
    if (offload_begin(&r, p->data, p->len)) {
        n = collect(&r, p, iov + 2);
        parts += (int)n;
        offload_head(&r, head);
        iov[1] = (struct iovec){head, r.head_len};
        vh.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        vh.csum_start = (uint16_t)r.tcp_at;
        vh.csum_offset = TCP_SUM;
        if (n > 1) {
            vh.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
            vh.gso_size = (uint16_t)r.size;
            vh.hdr_len = (uint16_t)r.head_len;
        }
    }
    gone = write_all(t, iov, parts) >= 0;
    while (n-- > 0)
        left(t, take_first(t), gone);
}

/* Writes the frame that waits first, alone. */
static void
flush_one(struct tap *t)
{
    struct pkt *p = take_first(t);
    struct iovec frame = {p->data, p->len};

    left(t, p, write_all(t, &frame, 1) >= 0);
}

/* Writes the frames that wait first, as many as one call takes. */
static void
flush_batch(struct tap *t)
{
    int32_t results[URING_MOST];
    unsigned n = 0;
    bool broken;

    for (struct pkt *p = t->first; p && n < URING_MOST; p = p->next, n++)
        uring_write(t->uring, t->fd, p->data, p->len);
    broken = uring_run(t->uring, results) < 0;
    for (unsigned i = 0; i < n; i++)
        if (broken && results[i] < 0)
            flush_one(t);
        else
            left(t, take_first(t), results[i] >= 0);
    if (broken) {
        uring_free(t->uring);
        t->uring = NULL;
    }
}

void
tap_flush(struct tap *t)
{
    while (t->first) {
        if (t->big)
            flush_run(t);
        else if (t->uring && t->waiting > 1)
            flush_batch(t);
        else
            flush_one(t);
    }
    t->end = &t->first;
}

/* A frame of many segments that was made as one: at once, for what of it is
 * lent must not be touched later. */
static void
write_long(struct tap *t, struct pkt *p)
{
    struct virtio_net_hdr vh = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
        .gso_size = p->segment,
        .hdr_len = (uint16_t)offload_leave(p->data),
        .csum_start = OFFLOAD_ETHERNET + 20,
        .csum_offset = TCP_SUM};
    struct iovec iov[2 + PKT_PARTS] = {{&vh, sizeof vh}, {p->data, p->len}};

    memcpy(iov + 2, pkt_parts(p), p->nparts * sizeof iov[0]);
    tap_flush(t);
    left(t, p, write_all(t, iov, 2 + p->nparts) >= 0);
}

static void
tap_xmit(struct netdev *dev, struct pkt *p)
{
    struct tap *t = dev->wire;

    if (dev->env->journal->cause)
        p->cause = dev->env->journal->cause;
    if (!t->big && !t->uring) {
        struct iovec frame = {p->data, p->len};

        left(t, p, write_all(t, &frame, 1) >= 0);
        return;
    }
    if (p->segment > 0) {
        write_long(t, p);
        return;
    }
    p->next = NULL;
    *t->end = p;
    t->end = &p->next;
    if (++t->waiting == WAITING_MOST)
        tap_flush(t);
}

/* --- plugging ------------------------------------------------------------ */

struct tap *
tap_new(struct netdev *dev, int fd, const char *link_name)
{
    struct tap *t = calloc(1, sizeof *t);

    if (!t)
        return NULL;
    t->dev = dev;
    t->fd = fd;
    t->end = &t->first;
    snprintf(t->name, sizeof t->name, "%s", link_name);
    dev->xmit = tap_xmit;
    dev->wire = t;
    return t;
}

int
tap_offload(struct tap *t, bool ends_here)
{
    t->big = malloc(TAP_BIG);
    t->ends_here = ends_here;
    t->dev->sums = t->big != NULL;
    return t->big ? 0 : -ENOMEM;
}

int
tap_batches(struct tap *t)
{
    int err;

    t->uring = uring_new(&err);
    t->reads = 1;
    return err;
}

void
tap_free(struct tap *t)
{
    if (!t)
        return;
    uring_free(t->uring);
    while (t->first) {
        struct pkt *p = t->first;

        t->first = p->next;
        pkt_free(p);
    }
    for (unsigned i = 0; i < URING_MOST; i++)
        pkt_free(t->ready[i]);
    pkt_free(t->spare);
    free(t->big);
    free(t);
}
