/*
 * tap_read.c: frames from the device, on their way up: one a read, or one
 * long one, or (io_uring) many in one call.
 */
#include "tap_parts.h"

#include <errno.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

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
    size_t most = long_one ? TAP_BIG : t->dev->mtu + OFFLOAD_ETHERNET + 4;
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

    long_one = long_one && vh->gso_size > 0 &&
               offload_begin(&r, p->data, p->len) &&
               r.head_len + vh->gso_size <= t->dev->mtu + OFFLOAD_ETHERNET;
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
        {&vh, sizeof vh}, {p ? p->data : NULL, room}, {t->big, TAP_BIG}};
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

/* What a batch of n reads has brought, in the packets that were ready for
 * it: how many frames, or -errno. */
static int
take_batch(struct tap *t, const int32_t *results, unsigned n)
{
    int got = 0, err = 0;

    for (unsigned i = 0; i < n; i++) {
        struct pkt *p = t->ready[i];

        if (results[i] > 0) {
            t->ready[i] = NULL;
            p->len = (uint32_t)results[i];
            arrive(t, p);
            got++;
        } else if (results[i] != -EAGAIN && results[i] != -EINTR) {
            err = results[i] ? results[i] : -EPIPE;
        }
    }
    return err ? err : got;
}

/* Up to `most` frames in one call: twice as many as came the last time, or
 * one. How many, or -errno. */
static int
read_batch(struct tap *t, unsigned most)
{
    int32_t results[URING_MOST];
    unsigned n = 0;
    int got;

    if (t->reads < most)
        most = t->reads;
    for (; n < most; n++) {
        if (!t->ready[n])
            t->ready[n] = new_frame(t, false);
        if (!t->ready[n])
            break;
        uring_read(t->uring, t->fd, t->ready[n]->data,
            t->ready[n]->room - pkt_off(t->ready[n]));
    }
    if (n == 0) /* no memory: it throws the frame away */
        return read_frame(t);
    if (uring_run(t->uring, results) < 0) {
        uring_free(t->uring);
        t->uring = NULL;
    }
    got = take_batch(t, results, n);
    if (!t->uring) /* the next one will tell what is the matter */
        return got > 0 ? got : read_frame(t);
    t->reads = got > 0 && (unsigned)got == n ? 2 * n : 1;
    if (t->reads > URING_MOST)
        t->reads = URING_MOST;
    return got;
}

/* Frames that come one in a read, until there are none. */
static int
poll_plain(struct tap *t, unsigned budget)
{
    unsigned done = 0;
    int r = 1;

    while (done < budget && r > 0) {
        r = t->uring ? read_batch(t, budget - done) : read_frame(t);
        done += r > 0 ? (unsigned)r : 0;
    }
    return r < 0 ? r : (int)done;
}

int
tap_poll(struct tap *t, unsigned budget)
{
    struct env *env = t->dev->env;
    unsigned done = 0, spent = 0;
    int r = 1;

    if (!t->big)
        return poll_plain(t, budget);
    env->batch = true;
    /* A long frame counts for eight: what is read is soon read again by a
     * program, and should still be in the processor's cache by then. */
    while (spent < budget && (r = read_big(t)) > 0) {
        spent += t->was_long ? 8 : 1;
        done++;
    }
    env->batch = false;
    return r < 0 ? r : (int)done;
}
