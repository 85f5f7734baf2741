/*
 * fuzz_fragments.c: pieces of UDP datagrams in any order, overlapping and
 * lying. Each record of four bytes is a piece:
 *
 *     id:2 bits, more:1, last bit of what follows | offset / 8 | length | gap
 *
 * Every byte of a piece says what it says by its place alone, so a datagram
 * that is put together wrongly shows: at offset n of the datagram stands
 * n * 7. The first eight bytes are the UDP header, for port 53.
 */
#include "fuzz.h"
#include "living.h"

#include <assert.h>
#include <string.h>

#define PIECES_MAX 300
#define PKTS_MAX   2000

/* What stands at offset n of a datagram of so many bytes. */
static uint8_t
byte_at(size_t n, uint16_t total)
{
    const uint8_t header[8] = {
        19, 136, 0, 53, (uint8_t)(total >> 8), (uint8_t)total, 0, 0};

    return n < 8 ? header[n] : (uint8_t)(n * 7);
}

/* `lie`: one byte of it differs. */
static void
piece(struct living *h, unsigned id, unsigned offset, size_t len, bool more,
    bool lie)
{
    uint8_t packet[20 + 2040];
    struct writer w = writer_of(packet, sizeof packet);
    uint16_t total = (uint16_t)(600 + 1000 * id);

    put_be32(&w, 0x45000000u | (uint32_t)(20 + len));
    put_be16(&w, (uint16_t)id);
    put_be16(&w, (uint16_t)((more ? 0x2000 : 0) | offset / 8));
    put_be32(&w, 0x40110000);
    put_ipv4(&w, LIVING_PEER);
    put_ipv4(&w, LIVING_ADDR);
    for (size_t i = 0; i < len; i++)
        put_u8(&w, byte_at(offset + i, total));
    if (lie && len > 0)
        packet[20 + len / 2] ^= 0x55;
    assert(!w.over);
    living_packet(h, packet, 20 + len);
}

/* What was put together without a lie is what was cut. */
static void
look(struct living *h, bool lied)
{
    static uint8_t buf[65536];
    struct udp_end from;
    size_t full;
    int64_t n;

    while ((n = udp_recv(h->udp, buf, sizeof buf, &from, &full, false)) >= 0) {
        assert((size_t)n == full && n % 1000 == 592);
        for (int64_t i = 0; i < n && !lied; i++)
            assert(buf[i] == byte_at(8 + (size_t)i, 0));
    }
    assert(n == -11 /* EAGAIN */);
}

int
fuzz_fragments(const uint8_t *data, size_t size)
{
    struct living h;
    struct cursor c = cursor_of(data, size);
    bool lied = false;

    living_open(&h, false);
    h.may_end = false;
    for (unsigned i = 0; i < PIECES_MAX && cursor_left(&c) >= 4; i++) {
        unsigned what = get_u8(&c), offset = get_u8(&c) * 8u;
        size_t len = get_u8(&c) * 8u;
        unsigned then = get_u8(&c);

        if (what & 16) /* anywhere in the 64 KiB */
            offset *= 32;
        if (what & 8)
            len = len ? len - 1 : 0;
        lied = lied || (what & 32);
        piece(&h, what & 3, offset, len, what & 4, what & 32);
        if (then & 1)
            living_run(&h, (int64_t)(then >> 1) * 250 * LW_MS);
        assert(pkt_pool_used(world_pool(h.world)) < PKTS_MAX);
        look(&h, lied);
    }
    h.may_end = false; /* these were all UDP */
    living_serves(&h);
    living_run(&h, 120 * LW_S);
    assert(pkt_pool_used(world_pool(h.world)) == 0); /* none waits for ever */
    living_close(&h);
    return 0;
}
