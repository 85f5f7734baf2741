/*
 * fuzz_dissect.c: the second reading of frames, for eyes. It reads whatever
 * a capture holds, of every link type; every field lies in the frame. And
 * the short reading, for the keys alone, finds the same keys.
 *
 * The first byte chooses the link type.
 */
#include "fuzz.h"
#include "dissect.h"

#include <assert.h>
#include <string.h>

#define ARENA_MAX (4u << 20)

static void
same_headers(const struct dissect_keys *a, const struct dissect_keys *b)
{
    assert(a->eth == b->eth && a->arp == b->arp && a->ip == b->ip);
    assert(a->tcp == b->tcp && a->udp == b->udp && a->icmp == b->icmp);
    if (a->eth)
        assert(
            mac_eq(a->eth_src, b->eth_src) && mac_eq(a->eth_dst, b->eth_dst));
    if (a->arp)
        assert(a->arp_op == b->arp_op && mac_eq(a->arp_sha, b->arp_sha) &&
               mac_eq(a->arp_tha, b->arp_tha) &&
               ipv4_eq(a->arp_spa, b->arp_spa) &&
               ipv4_eq(a->arp_tpa, b->arp_tpa));
    if (a->ip)
        assert(ipv4_eq(a->src, b->src) && ipv4_eq(a->dst, b->dst) &&
               a->ttl == b->ttl && a->protocol == b->protocol &&
               a->fragment == b->fragment);
    if (a->tcp || a->udp)
        assert(a->sport == b->sport && a->dport == b->dport &&
               a->off == b->off && a->payload == b->payload);
    if (a->tcp)
        assert(a->seq == b->seq && a->ack == b->ack && a->wnd == b->wnd &&
               a->flags == b->flags);
    if (a->icmp)
        assert(a->icmp_type == b->icmp_type && a->icmp_code == b->icmp_code);
}

static void
same_keys(unsigned linktype, const struct dissection *d)
{
    struct dissect_keys k;
    enum dissect_message m = dissect_peek(linktype, d->bytes, d->len, &k);
    bool http = false;

    same_headers(&k, &d->keys);
    for (unsigned i = 0; i < d->nlayers; i++)
        http |= strcmp(d->layers[i].name, "HTTP") == 0;
    assert((m != DISSECT_NO_MESSAGE) ==
           (http && (dissect_find(d, "Request line") ||
                        dissect_find(d, "Status line"))));
    if (m == DISSECT_REQUEST)
        assert(dissect_find(d, "Request line"));
    if (m == DISSECT_RESPONSE)
        assert(dissect_find(d, "Status line"));
}

int
fuzz_dissect(const uint8_t *data, size_t size)
{
    static const unsigned types[] = {DISSECT_ETHERNET, DISSECT_RAW,
        DISSECT_IPV4, DISSECT_SLL, DISSECT_NULL, 65000};
    struct arena arena;
    struct dissection *d;

    if (size < 1)
        return 0;
    arena_init(&arena, ARENA_MAX);
    d = dissect(&arena, types[data[0] % LW_COUNT(types)], data + 1, --size);
    assert(d || size > 60000);
    if (d)
        same_keys(types[data[0] % LW_COUNT(types)], d);
    for (unsigned i = 0; d && i < d->count; i++) {
        const struct dissect_field *f = &d->fields[i];

        assert(f->off <= size && f->len <= size - f->off);
        assert(f->name && f->value && strlen(f->name) < 1000);
        assert(i == 0 || f->depth <= d->fields[i - 1].depth + 1);
        assert(f->layer < d->nlayers || d->nlayers == 0);
    }
    for (unsigned i = 0; d && i < d->nlayers; i++)
        assert(d->layers[i].off <= size &&
               d->layers[i].len <= size - d->layers[i].off);
    for (uint32_t off = 0; d && off < size && off < 200; off++)
        assert(dissect_at(d, off) < (int)d->count);
    arena_free(&arena);
    return 0;
}
