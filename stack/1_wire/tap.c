/*
 * tap.c: moves frames between a card and a file descriptor. One write is one
 * frame and one read is one frame; with offload (offload.h) one long frame,
 * of many segments.
 *
 *     xmit -> [waiting] -> tap_flush: runs of segments -> writev
 *     readv -> tap_poll: cut into segments -> up
 */
#include "tap.h"
#include "offload.h"

#include <errno.h>
#include <linux/virtio_net.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define BIG          (OFFLOAD_ETHERNET + 4 + OFFLOAD_MOST)
#define WAITING_MOST 256 /* frames that wait before they are written anyway */
#define RUN_MOST     64  /* segments in one long frame */
#define TCP_SUM      16  /* where the checksum stands in the TCP header */

struct tap {
    struct netdev *dev;
    int fd;
    char name[64];
    struct pkt *spare;        /* for the next frame; kept while there is none */
    uint8_t *big;             /* BIG bytes for a long frame; NULL: no offload */
    bool ends_here;           /* nobody behind this card sends frames on */
    bool was_long;            /* the frame read last */
    struct pkt *first, **end; /* waiting to leave */
    unsigned waiting;
};

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
    while (n-- > 0) {
        p = t->first;
        t->first = p->next;
        t->waiting--;
        left(t, p, gone);
    }
}

void
tap_flush(struct tap *t)
{
    while (t->first)
        flush_run(t);
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
    if (!t->big) {
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

/* --- up ------------------------------------------------------------------ */

/* The kernel on the other end is nobody's computer: host 0. */
static void
report_sent(struct tap *t, struct pkt *p)
{
    struct env outside = {.journal = t->dev->env->journal};
    uint64_t no;

    p->cause = 0;
    no = NOTE_PKT(&outside, EV_FRAME_SENT, RULE_TAP, p, pkt_off(p), p->len,
        f_text("link", t->name), f_text("if", "tap"), f_u64("len", p->len),
        f_bytes("bytes", p->data, p->len));
    if (no)
        p->cause = no;
}

static void
arrive(struct tap *t, struct pkt *p)
{
    report_sent(t, p);
    netdev_arrive(t->dev, p, t->name);
}

/* A packet for one frame of the link, or a long one; NULL, counted: no
 * memory. */
static struct pkt *
new_frame(struct tap *t, bool long_one)
{
    struct env *env = t->dev->env;
    size_t most = long_one ? BIG : t->dev->mtu + OFFLOAD_ETHERNET + 4;
    struct pkt *p;

    if (most < PKT_ROOM - PKT_HEADROOM)
        most = PKT_ROOM - PKT_HEADROOM;
    p = pkt_new(env->pool, PKT_HEADROOM, most);
    if (!p)
        env->drops[DROP_NO_MEMORY]++;
    return p;
}

/* One long frame, as the segments that the sender's card would make of it. */
static void
cut(struct tap *t, const struct offload_run *r, uint32_t size)
{
    bool last = false;

    for (uint32_t n = 0; !last; n++) {
        struct pkt *p = new_frame(t, false);

        if (!p)
            return;
        last = offload_cut(r, size, n, p);
        p->sum_ok = true; /* just computed */
        arrive(t, p);
    }
}

/* Does everybody above take it as it comes from the kernel: many segments as
 * one, and TCP's checksum not computed? */
static bool
stays_whole(const struct tap *t)
{
    return t->ends_here &&
           !journal_wants(t->dev->env->journal, EV_FRAME_RECEIVED) &&
           !journal_wants(t->dev->env->journal, EV_FRAME_SENT);
}

/* A frame with the device's header vh; takes p. */
static void
take(struct tap *t, const struct virtio_net_hdr *vh, struct pkt *p)
{
    bool long_one = vh->gso_type != VIRTIO_NET_HDR_GSO_NONE;
    bool left_to_us = vh->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
    struct offload_run r;

    long_one = long_one && vh->gso_size > 0 && vh->gso_size <= t->dev->mtu &&
               offload_begin(&r, p->data, p->len);
    if ((long_one || (left_to_us && offload_begin(&r, p->data, p->len))) &&
        stays_whole(t)) {
        p->sum_ok = true;
        arrive(t, p);
    } else if (long_one) {
        cut(t, &r, vh->gso_size);
        pkt_free(p);
    } else if (p->len > PKT_ROOM - PKT_HEADROOM &&
               p->len > t->dev->mtu + OFFLOAD_ETHERNET + 4) {
        pkt_drop(t->dev->env, p, DROP_IP_TOTAL_LENGTH, RULE_TAP);
    } else {
        p->sum_ok = left_to_us && offload_sum(p->data, p->len, vh->csum_start,
                                      vh->csum_offset);
        arrive(t, p);
    }
}

/* The frame of `len` bytes that begins in p and ends in t->big, or is short
 * and p too large for it, in a packet of its size. Takes p; NULL: no memory. */
static struct pkt *
fitting(struct tap *t, struct pkt *p, uint32_t len)
{
    struct pkt *to = new_frame(t, len > PKT_ROOM - PKT_HEADROOM);
    uint32_t have = p->len;

    if (to) {
        memcpy(pkt_put(to, len), p->data, have);
        memcpy(to->data + have, t->big, len - have);
    }
    pkt_free(p);
    return to;
}

/* 1: something was read; 0: there is nothing; -errno. */
static int
result(ssize_t n)
{
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    return n == 0 ? -EPIPE : 1;
}

/*
 * A frame is read to where it will stay: into a usual packet, and what does
 * not fit there, behind it. After a long one the next is likely to be as
 * long, and gets a packet to match.
 */
static int
read_big(struct tap *t)
{
    struct virtio_net_hdr vh;
    struct pkt *p = t->spare = t->spare ? t->spare : new_frame(t, t->was_long);
    uint32_t room = p ? p->room - pkt_off(p) : 0, len;
    struct iovec iov[3] = {
        {&vh, sizeof vh}, {p ? p->data : NULL, room}, {t->big, BIG}};
    ssize_t n = readv(t->fd, iov, 3);
    int r = result(n);

    if (r > 0)
        t->was_long = false;
    if (r <= 0 || (size_t)n <= sizeof vh || !p)
        return r;
    t->spare = NULL;
    len = (uint32_t)((size_t)n - sizeof vh);
    t->was_long = len > PKT_ROOM - PKT_HEADROOM;
    p->len = len < room ? len : room;
    if (len > room || (!t->was_long && p->room > PKT_ROOM))
        p = fitting(t, p, len);
    if (p)
        take(t, &vh, p);
    return r;
}

static int
read_frame(struct tap *t)
{
    uint8_t scrap[16];
    struct pkt *p = t->spare = t->spare ? t->spare : new_frame(t, false);
    ssize_t n = p ? read(t->fd, p->data, p->room - pkt_off(p))
                  : read(t->fd, scrap, sizeof scrap); /* the rest is cut off */
    int r = result(n);

    if (r <= 0 || !p)
        return r;
    t->spare = NULL;
    p->len = (uint32_t)n;
    arrive(t, p);
    return r;
}

int
tap_poll(struct tap *t, unsigned budget)
{
    struct env *env = t->dev->env;
    unsigned done = 0, spent = 0;
    int r = 1;

    env->batch = t->big != NULL;
    /* A long frame counts for eight: what is read is soon read again by a
     * program, and should still be in the processor's cache by then. */
    while (spent < budget && (r = t->big ? read_big(t) : read_frame(t)) > 0) {
        spent += t->was_long ? 8 : 1;
        done++;
    }
    env->batch = false;
    return r < 0 ? r : (int)done;
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
    t->big = malloc(BIG);
    t->ends_here = ends_here;
    t->dev->sums = t->big != NULL;
    return t->big ? 0 : -ENOMEM;
}

void
tap_free(struct tap *t)
{
    if (!t)
        return;
    while (t->first) {
        struct pkt *p = t->first;

        t->first = p->next;
        pkt_free(p);
    }
    pkt_free(t->spare);
    free(t->big);
    free(t);
}
