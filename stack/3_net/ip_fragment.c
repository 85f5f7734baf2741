/*
 * ip_fragment.c: a packet that is too big for the link is cut into pieces
 * (RFC 791 3.2), each a packet of its own that finds its own way. They come
 * together again only at the destination.
 */
#include "ip_core.h"
#include "bytes.h"

#include <string.h>

/* What every link must take: the largest header and 8 bytes (RFC 791 3.2). */
#define MTU_MIN 68

/*
 * Copies the options that every piece must carry (bit 7 of the type is set,
 * RFC 791 3.1) from the header at `from` to `to`, padded to a multiple of
 * four. The options were checked on arrival. Returns how many bytes.
 */
static size_t
copy_options(uint8_t *to, const uint8_t *from, size_t header_len)
{
    struct cursor c = cursor_of(from + IP_LEN, header_len - IP_LEN);
    size_t len = 0;

    while (cursor_left(&c) > 1) {
        const uint8_t *at = c.at;
        uint8_t type = get_u8(&c);
        uint8_t length;

        if (type == 0)
            break;
        if (type == 1)
            continue;
        length = get_u8(&c);
        get_bytes(&c, length - 2u);
        if (c.over)
            break;
        if (type & 0x80) {
            memcpy(to + len, at, length);
            len += length;
        }
    }
    while (len % 4)
        to[len++] = 0;
    return len;
}

/* The header of all pieces but the first; returns its length. */
static size_t
later_header(uint8_t *to, const uint8_t *from, size_t header_len)
{
    size_t len = IP_LEN;

    memcpy(to, from, IP_LEN);
    if (header_len > IP_LEN)
        len += copy_options(to + IP_LEN, from, header_len);
    to[0] = (uint8_t)(4 << 4 | len / 4);
    return len;
}

/* One piece: n bytes at data, which are at `offset` of the datagram. */
static struct pkt *
piece_new(struct ip *ip, const uint8_t *header, size_t header_len,
    const uint8_t *data, size_t n, uint32_t offset, bool more)
{
    struct pkt *p = pkt_new(ip->env->pool, PKT_HEADROOM, n);

    if (!p)
        return NULL;
    memcpy(pkt_put(p, (uint32_t)n), data, n);
    memcpy(pkt_push(p, (uint32_t)header_len), header, header_len);
    ip_set_piece(p->data, header_len, n, offset, more);
    p->l3 = (uint16_t)pkt_off(p);
    return p;
}

void
ip_fragment(struct ip *ip, const struct route *r, struct pkt *p,
    const struct ip_fields *f)
{
    struct netif *nif = r->nif;
    struct ipv4 hop = route_hop(r, f->h.dst);
    unsigned mtu = route_mtu(r); /* once: r may go while the pieces go */
    uint8_t later[60];
    const uint8_t *header = p->data;
    size_t header_len = f->h.header_len;
    size_t later_len = later_header(later, p->data, header_len);
    const uint8_t *data = p->data + header_len;
    uint32_t left = f->total - f->h.header_len;
    uint32_t offset = f->offset;

    if (mtu < MTU_MIN) {
        pkt_drop(ip->env, p, DROP_IP_FRAGMENT_NEEDED, RULE_IP_FRAGMENT);
        return;
    }
    while (left > 0) {
        uint32_t most = (uint32_t)(mtu - header_len) & ~7u;
        uint32_t n = left <= mtu - header_len ? left : most;
        struct pkt *piece = piece_new(
            ip, header, header_len, data, n, offset, f->mf || n < left);

        if (!piece)
            break; /* the others alone would be of no use */
        NOTE_PKT(ip->env, EV_IP_FRAGMENT, RULE_IP_FRAGMENT, piece,
            pkt_off(piece), header_len, f_u64("id", f->h.id), f_u64("len", n),
            f_u64("offset", offset), f_u64("of_pkt", p->id));
        link_output(nif, hop, piece);
        data += n;
        left -= n;
        offset += n;
        header = later;
        header_len = later_len;
    }
    if (left > 0)
        pkt_drop(ip->env, p, DROP_NO_MEMORY, RULE_IP_FRAGMENT);
    else
        pkt_free(p);
}
