/*
 * ip_header.c: the IPv4 header, judged on the way in, built on the way out.
 */
#include "ip_header.h"
#include "bytes.h"
#include "sum.h"

#include <assert.h>

#define REFUSE(drop, rule_) ((struct ip_verdict){DROP_##drop, RULE_##rule_})
#define ACCEPT              ((struct ip_verdict){DROP_NONE, RULE_NONE})

struct ip_verdict
ip_parse(struct ip_fields *f, const uint8_t *data, size_t len)
{
    struct cursor c = cursor_of(data, IP_LEN);
    uint16_t fragment;
    uint8_t first;

    if (len < IP_LEN)
        return REFUSE(TOO_SHORT, IP_SHORT);
    first = get_u8(&c);
    f->h.tos = get_u8(&c);
    f->total = get_be16(&c);
    f->h.id = get_be16(&c);
    fragment = get_be16(&c);
    f->h.ttl = get_u8(&c);
    f->h.protocol = get_u8(&c);
    get_be16(&c); /* the checksum is verified over the bytes */
    f->h.src = get_ipv4(&c);
    f->h.dst = get_ipv4(&c);
    f->h.header_len = (uint16_t)((first & 15) * 4);
    f->h.df = fragment & IP_DF;
    f->mf = fragment & IP_MF;
    f->offset = (uint16_t)(fragment << 3);
    f->h.to_broadcast = f->h.link_broadcast = false;

    if (first >> 4 != 4)
        return REFUSE(IP_VERSION, IP_VERSION);
    if (f->h.header_len < IP_LEN || f->h.header_len > len)
        return REFUSE(IP_HEADER_LENGTH, IP_HEADER_LENGTH);
    if (sum_fold(sum_header(0, data, f->h.header_len)) != 0)
        return REFUSE(IP_CHECKSUM, IP_CHECKSUM);
    if (f->total < f->h.header_len || f->total > len)
        return REFUSE(IP_TOTAL_LENGTH, IP_TOTAL_LENGTH);
    return ACCEPT;
}

void
ip_sign(uint8_t *header, size_t len)
{
    struct writer w = writer_of(header + 10, 2);

    put_be16(&w, 0);
    w = writer_of(header + 10, 2);
    put_be16(&w, sum_fold(sum_header(0, header, len)));
}

void
ip_build(const struct ip_fields *f, uint8_t *header)
{
    struct writer w = writer_of(header, IP_LEN);

    assert(header);
    put_u8(&w, 4 << 4 | IP_LEN / 4);
    put_u8(&w, f->h.tos);
    put_be16(&w, f->total);
    put_be16(&w, f->h.id);
    put_be16(&w, (uint16_t)((f->h.df ? IP_DF : 0) | (f->mf ? IP_MF : 0) |
                            f->offset >> 3));
    put_u8(&w, f->h.ttl);
    put_u8(&w, f->h.protocol);
    put_be16(&w, 0);
    put_ipv4(&w, f->h.src);
    put_ipv4(&w, f->h.dst);
    ip_sign(header, IP_LEN);
}

void
ip_set_piece(uint8_t *header, size_t header_len, size_t data_len,
    uint32_t offset, bool more)
{
    struct writer w = writer_of(header + 2, 2);

    put_be16(&w, (uint16_t)(header_len + data_len));
    w = writer_of(header + 6, 2);
    put_be16(&w, (uint16_t)((more ? IP_MF : 0) | offset >> 3));
    ip_sign(header, header_len);
}

void
ip_decrement_ttl(uint8_t *header)
{
    struct cursor c = cursor_of(header + 8, 4);
    uint16_t before = get_be16(&c); /* TTL and protocol share a word */
    uint16_t check = get_be16(&c);
    uint16_t after = (uint16_t)(before - 0x100);
    struct writer w = writer_of(header + 8, 4);
    /* RFC 1624 3, equation 3: HC' = ~(~HC + ~m + m') */
    uint32_t sum = (uint16_t)~check + (uint32_t)(uint16_t)~before + after;

    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    put_be16(&w, after);
    put_be16(&w, (uint16_t)~sum);
}
