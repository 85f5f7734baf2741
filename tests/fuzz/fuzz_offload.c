/*
 * fuzz_offload.c: long frames, joined from segments and cut again (offload.h).
 *
 * The first byte chooses: a long frame from a device that may lie about its
 * lengths, cut into pieces and its checksum finished; or a list of frames
 * (length, then bytes) which are joined as far as they go. What was joined
 * and is cut again must be what it was, to the byte; but for the IP
 * identification, which a join does not keep.
 */
#include "fuzz.h"
#include "bytes.h"
#include "offload.h"
#include "journal.h"
#include "pkt.h"
#include "sum.h"

#include <assert.h>
#include <string.h>

#define FRAMES_MAX 16
#define IP         14
#define TCP        34
#define FIRST_ID   7 /* of the IP headers: they count on */

static struct journal journal;
static struct instant now;

/* A frame of the list made honest where joining looks: nothing is joined
 * that IP would not have let in. */
static void
sign(uint8_t *f, size_t len, uint16_t id)
{
    struct ipv4 src, dst;
    struct cursor c;
    struct writer w;

    if (len < TCP + 20)
        return;
    w = writer_of(f + IP + 2, 4);
    put_be16(&w, (uint16_t)(len - IP));
    put_be16(&w, id);
    c = cursor_of(f + IP + 12, 8);
    src = get_ipv4(&c);
    dst = get_ipv4(&c);
    memset(f + IP + 10, 0, 2);
    memset(f + TCP + 16, 0, 2);
    w = writer_of(f + IP + 10, 2);
    put_be16(&w, sum_fold(sum_add(0, f + IP, 20)));
    w = writer_of(f + TCP + 16, 2);
    put_be16(&w, sum_fold(sum_add(sum_pseudo(src, dst, 6, (uint32_t)len - TCP),
                     f + TCP, len - TCP)));
}

/* Cuts what `long_frame` holds; each piece is compared unless want is NULL. */
static void
cut(struct pkt_pool *pool, const struct offload_run *r, uint32_t size,
    uint8_t *const *want, const size_t *want_len, unsigned count)
{
    bool last = false;

    for (uint32_t n = 0; !last; n++) {
        struct pkt *p = pkt_new(pool, 0, r->head_len + size);

        assert(p);
        last = offload_cut(r, size, n, p);
        assert(p->len >= r->head_len && p->len <= r->head_len + size);
        assert(p->len > r->head_len || r->text == 0);
        if (want) {
            assert(n < count && p->len == want_len[n]);
            assert(memcmp(p->data, want[n], p->len) == 0);
            assert(!last || n + 1 == count);
        }
        pkt_free(p);
    }
}

/* From the device: any bytes, any size of pieces, any place of a checksum. */
static void
from_device(struct pkt_pool *pool, struct cursor *c)
{
    static uint8_t frame[8192];
    uint32_t size = get_be16(c);
    uint16_t start = get_be16(c), offset = get_be16(c);
    size_t len = cursor_left(c) < sizeof frame ? cursor_left(c) : sizeof frame;
    struct offload_run r;

    if (len == 0)
        return;
    memcpy(frame, c->at, len);
    if (size > 0 && offload_begin(&r, frame, len)) {
        assert(r.head_len + r.text == len);
        cut(pool, &r, size, NULL, NULL, 0);
    }
    if (offload_sum(frame, len, start, offset))
        assert(start + offset + 2u <= len);
}

/* A list of frames, given to each other as far as they go. */
static void
there_and_back(struct pkt_pool *pool, struct cursor *c)
{
    static uint8_t bytes[FRAMES_MAX][256 + OFFLOAD_HEAD], whole[8192];
    uint8_t *at[FRAMES_MAX];
    size_t len[FRAMES_MAX], text = 0;
    struct offload_run r, again;
    unsigned count = 0;

    while (count < FRAMES_MAX && cursor_left(c) > 0) {
        uint8_t n = get_u8(c);
        size_t have = cursor_left(c) < n ? cursor_left(c) : n;

        at[count] = bytes[count];
        len[count] = have;
        memcpy(at[count], get_bytes(c, have), have);
        sign(at[count], have, (uint16_t)(FIRST_ID + count));
        if (count == 0 && !offload_begin(&r, at[0], len[0]))
            return;
        if (count > 0 && !offload_join(&r, at[count], len[count]))
            break;
        count++;
    }
    if (count == 0 || r.text == 0)
        return;
    memcpy(whole, at[0], r.head_len);
    offload_head(&r, whole);
    for (unsigned i = 0; i < count; i++) {
        memcpy(
            whole + r.head_len + text, at[i] + r.head_len, len[i] - r.head_len);
        text += len[i] - r.head_len;
    }
    assert(text == r.text);
    assert(offload_begin(&again, whole, r.head_len + text));
    cut(pool, &again, r.size, at, len, count);
    offload_leave(whole);
    assert(offload_sum(whole, r.head_len + text, TCP, 16));
}

int
fuzz_offload(const uint8_t *data, size_t size)
{
    struct cursor c = cursor_of(data, size);
    struct pkt_pool *pool;
    unsigned choice = get_u8(&c);

    journal_init(&journal, &now);
    pool = pkt_pool_new(&journal, 4);
    assert(pool);
    (choice & 1 ? from_device : there_and_back)(pool, &c);
    assert(pkt_pool_used(pool) == 0);
    pkt_pool_free(pool);
    journal_close(&journal);
    return 0;
}
