/*
 * fuzz_frames.c: whole frames into a living computer. The input is a first
 * byte (bit 0: the connection has timestamps, SACK and window scaling) and
 * then records:
 *
 *     what  len  len bytes
 *
 *     what  bits 0-1  0 a frame, as it is
 *                     1 an IP packet: frame and checksums are added
 *                     2 a segment of the connection, numbers relative
 *                     3 a segment of a stranger to the listener
 *           bits 2-4  how much time passes afterwards, see `gap`
 *           bit 5     the program reads
 *           bit 6     the program writes 1000 bytes
 *           bit 7     1200 zeros are added to the bytes
 *
 * Whatever came: the connection still carries bytes, unless a FIN or RST may
 * have been among it; what strangers can make us keep is bounded, and so is
 * what they can make us say; and at the end nothing is left.
 */
#include "fuzz.h"
#include "living.h"

#include <assert.h>
#include <string.h>

#define RECORDS_MAX 200
#define ZEROS       1200
#define CONNS_MAX   (1 + 8 + 5) /* ours, the SYN queue, the accept queue */
#define PKTS_MAX    2000

static const int64_t gap[8] = {
    0, LW_MS, 10 * LW_MS, 50 * LW_MS, 250 * LW_MS, LW_S, 3 * LW_S, 10 * LW_S};

static void
arrives(struct living *h, unsigned what, uint8_t *bytes, size_t len)
{
    uint16_t stranger = len > 1 ? (uint16_t)(5000 + bytes[1]) : 5000;

    switch (what & 3) {
    case 0:
        h->may_end = true; /* not looked into */
        living_frame(h, bytes, len);
        break;
    case 1: living_packet(h, bytes, len); break;
    case 2: living_segment(h, 4000, bytes, len); break;
    default: living_segment(h, stranger, bytes, len); break;
    }
}

/* What the program does; writing fails once the connection has ended. */
static unsigned
program(struct living *h, unsigned what)
{
    static uint8_t text[1000];
    struct iovec iov = {text, sizeof text};

    if (what & 32)
        living_read(h);
    if (what & 64)
        tcp_send(h->conn, &iov, 1, false);
    return what >> 6 & 1;
}

static void
bounded(struct living *h, unsigned frames, unsigned writes)
{
    assert(tcp_counts(host_tcp(h->host)).conns <= CONNS_MAX);
    assert(pkt_pool_used(world_pool(h->world)) < PKTS_MAX);
    /* One answer each, window updates, and what goes again by itself. */
    assert(h->sent <= 3 * frames + 30 * writes + 60);
}

int
fuzz_frames(const uint8_t *data, size_t size)
{
    struct living h;
    struct cursor c = cursor_of(data, size);
    unsigned frames = 0, writes = 0;

    living_open(&h, get_u8(&c) & 1);
    for (; cursor_left(&c) > 0 && frames < RECORDS_MAX; frames++) {
        uint8_t bytes[256 + ZEROS] = {0};
        unsigned what = get_u8(&c);
        size_t len = get_u8(&c);

        if (len > cursor_left(&c))
            len = cursor_left(&c);
        if (len > 0)
            memcpy(bytes, get_bytes(&c, len), len);
        arrives(&h, what, bytes, what & 128 ? len + ZEROS : len);
        writes += program(&h, what);
        living_run(&h, gap[what >> 2 & 7]);
        bounded(&h, frames + 1, writes);
    }
    living_serves(&h);
    living_close(&h);
    return 0;
}
