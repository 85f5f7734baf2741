/*
 * udp_output.c: a datagram leaves (RFC 768): a header of eight bytes and a
 * checksum over header, data and both addresses. Called by the socket storey.
 */
#include "udp_core.h"
#include "bytes.h"
#include "sum.h"

#include <assert.h>
#include <errno.h>

#define UDP_MAX (65535 - 20 - UDP_LEN) /* data of one datagram */

/* Header and data into p; the checksum is always made (RFC 1122 4.1.3.4). */
static void
fill(struct pkt *p, struct udp_end from, struct udp_end to, const void *data,
    size_t len)
{
    uint16_t total = (uint16_t)(len + UDP_LEN);
    uint8_t *header = pkt_put(p, UDP_LEN);
    uint8_t *body = pkt_put(p, (uint32_t)len);
    uint64_t sum = sum_pseudo(from.addr, to.addr, IP_UDP, total);
    struct writer w;
    uint16_t check;

    assert(header && body); /* pkt_new has made the room */
    w = writer_of(header, UDP_LEN);
    put_be16(&w, from.port);
    put_be16(&w, to.port);
    put_be16(&w, total);
    put_be16(&w, 0);
    sum = sum_add(sum, header, UDP_LEN);
    if (len)
        sum = sum_copy(sum, body, data, len);
    check = sum_fold(sum);
    w = writer_of(header + 6, 2);
    put_be16(&w, check ? check : 0xffff); /* 0 would mean: none */
}

/* May it be cut? As Linux: what fits is not to be cut on the way; what does
 * not fit is cut here, and then may be cut further. */
static bool
dont_fragment(const struct udp_how *how, size_t len, unsigned mtu)
{
    switch (how->mtu_discover) {
    case 1: return 20 + how->noptions + UDP_LEN + len <= mtu;
    case 2:
    case 3: return true;
    default: return false;
    }
}

/* One datagram on its way, in the name of `from`. */
static int
send_datagram(struct udp *udp, struct udp_end from, struct udp_end to,
    unsigned card, const void *data, size_t len, unsigned mtu,
    const struct udp_how *how)
{
    struct env *env = udp->env;
    struct pkt *p = pkt_new(env->pool, PKT_HEADROOM, UDP_LEN + len);
    struct ip_out out = {
        .src = from.addr,
        .dst = to.addr,
        .protocol = IP_UDP,
        .ttl = how->ttl,
        .tos = how->tos,
        .df = dont_fragment(how, len, mtu),
        .card = (uint8_t)card,
        .noptions = how->noptions,
        .options = how->options,
    };
    char local[22], remote[22];
    uint64_t no, before;
    int err;

    if (!p)
        return -ENOMEM;
    fill(p, from, to, data, len);
    no = NOTE_PKT(env, EV_UDP_SEND, RULE_UDP_HEADER, p, pkt_off(p), p->len,
        f_text("local", udp_end_text(from, local)),
        f_text("remote", udp_end_text(to, remote)), f_u64("len", len));
    NOTE_PKT(env, EV_LAYER_ADDED, RULE_UDP_HEADER, p, pkt_off(p), UDP_LEN,
        f_text("layer", "UDP"), f_text("if", ""));
    before = journal_enter(env->journal, no);
    err = ip_output(udp->ip, p, &out);
    journal_leave(env->journal, before);
    return err;
}

/* Where it goes from, and how large it may be, by the card that the program has
 * named or bound the socket to. */
static int
choose_source(struct udp_sock *s, struct udp_end to, const struct udp_how *how,
    unsigned card, struct udp_end *from, unsigned *mtu)
{
    struct ip *ip = s->udp->ip;
    struct ipv4 src;
    int err;

    *from = s->local;
    if (how->card && !ip_card_name(ip, how->card))
        return -ENODEV;
    if (how->src.v && !ip_is_ours(ip, how->src))
        return -ENETUNREACH;
    err = ip_source_by(ip, card, to.addr, &src, mtu);
    if (err)
        return err;
    if (how->src.v)
        from->addr = how->src;
    else if (!from->addr.v || s->group)
        from->addr = src;
    return 0;
}

int64_t
udp_sendmsg(struct udp_sock *s, const void *data, size_t len, struct udp_end to,
    const struct udp_how *how)
{
    unsigned card = how->card ? how->card : s->card, mtu;
    struct udp_end from;
    int err = udp_error(s);

    if (err)
        return -err;
    if (len > (size_t)UDP_MAX - how->noptions)
        return -EMSGSIZE;
    if (to.port == 0)
        to = s->remote;
    if (to.port == 0)
        return -EDESTADDRREQ;
    err = choose_source(s, to, how, card, &from, &mtu);
    if (err)
        return err;
    if (how->mtu_discover >= 2 && how->mtu_discover <= 4 &&
        20 + how->noptions + UDP_LEN + len > mtu) {
        udp_too_big(s, to, mtu - how->noptions);
        return -EMSGSIZE;
    }
    err = send_datagram(s->udp, from, to, card, data, len, mtu, how);
    return err ? err : (int64_t)len;
}

int64_t
udp_send(struct udp_sock *s, const void *data, size_t len, struct udp_end to)
{
    return udp_sendmsg(s, data, len, to, &(struct udp_how){.mtu_discover = 1});
}
