/*
 * ip_header.c: the IPv4 header, judged on the way in, built on the way out.
 */
#include "ip_header.h"
#include "bytes.h"
#include "sum.h"

#include <assert.h>

#define OPTION_END          0
#define OPTION_NOP          1
#define OPTION_RECORD_ROUTE 7
#define OPTION_TIMESTAMP    68
#define OPTION_LOOSE_ROUTE  131
#define OPTION_STRICT_ROUTE 137

#define REFUSE(drop, rule_) ((struct ip_verdict){DROP_##drop, RULE_##rule_})
#define ACCEPT              ((struct ip_verdict){DROP_NONE, RULE_NONE})

struct ip_verdict
ip_parse(struct ip_fields *f, const uint8_t *data, size_t len)
{
    struct cursor c = cursor_of(data, len);
    uint8_t first = get_u8(&c);
    uint16_t fragment;

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

    if (c.over)
        return REFUSE(TOO_SHORT, IP_SHORT);
    if (first >> 4 != 4)
        return REFUSE(IP_VERSION, IP_VERSION);
    if (f->h.header_len < IP_LEN || f->h.header_len > len)
        return REFUSE(IP_HEADER_LENGTH, IP_HEADER_LENGTH);
    if (sum_fold(sum_add(0, data, f->h.header_len)) != 0)
        return REFUSE(IP_CHECKSUM, IP_CHECKSUM);
    if (f->total < f->h.header_len || f->total > len)
        return REFUSE(IP_TOTAL_LENGTH, IP_TOTAL_LENGTH);
    return ACCEPT;
}

/* Is one option, `length` bytes with its type, in order? Those that collect
 * addresses have a pointer to the next free place, from 4 on. */
static bool
option_is_good(uint8_t type, uint8_t length, uint8_t pointer)
{
    switch (type) {
    case OPTION_RECORD_ROUTE: return length >= 3 && pointer >= 4;
    case OPTION_TIMESTAMP: return length >= 4 && pointer >= 5;
    default: return true;
    }
}

struct ip_verdict
ip_check_options(const struct ip_fields *f, const uint8_t *header, uint8_t *bad)
{
    struct cursor c =
        cursor_of(header + IP_LEN, f->h.header_len - (size_t)IP_LEN);

    while (cursor_left(&c) > 0) {
        const uint8_t *at = c.at;
        uint8_t type = get_u8(&c);
        struct cursor rest;
        uint8_t length;

        *bad = (uint8_t)(at - header);
        if (type == OPTION_END)
            break;
        if (type == OPTION_NOP)
            continue;
        length = get_u8(&c);
        if (length < 2)
            return REFUSE(IP_OPTION, IP_OPTION);
        rest = get_slice(&c, length - 2u);
        if (c.over)
            return REFUSE(IP_OPTION, IP_OPTION);
        if (type == OPTION_LOOSE_ROUTE || type == OPTION_STRICT_ROUTE)
            return REFUSE(IP_OPTION, IP_SOURCE_ROUTE);
        if (!option_is_good(type, length, get_u8(&rest)))
            return REFUSE(IP_OPTION, IP_OPTION);
    }
    return ACCEPT;
}

/* Computes the checksum of the header of `len` bytes anew. */
static void
sign(uint8_t *header, size_t len)
{
    struct writer w = writer_of(header + 10, 2);

    put_be16(&w, 0);
    w = writer_of(header + 10, 2);
    put_be16(&w, sum_fold(sum_add(0, header, len)));
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
    sign(header, IP_LEN);
}

void
ip_set_piece(uint8_t *header, size_t header_len, size_t data_len,
    uint32_t offset, bool more)
{
    struct writer w = writer_of(header + 2, 2);

    put_be16(&w, (uint16_t)(header_len + data_len));
    w = writer_of(header + 6, 2);
    put_be16(&w, (uint16_t)((more ? IP_MF : 0) | offset >> 3));
    sign(header, header_len);
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
