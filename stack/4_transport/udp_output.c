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

/* One datagram on its way, in the name of `from`. */
static int
send_datagram(struct udp *udp, struct udp_end from, struct udp_end to,
    const void *data, size_t len, unsigned mtu)
{
    struct env *env = udp->env;
    struct pkt *p = pkt_new(env->pool, PKT_HEADROOM, UDP_LEN + len);
    struct ip_out out = {
        .src = from.addr,
        .dst = to.addr,
        .protocol = IP_UDP,
        /* As Linux: what fits is not to be cut on the way; what does not
         * fit is cut here, and then may be cut further. */
        .df = 20 + UDP_LEN + len <= mtu,
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

int64_t
udp_send(struct udp_sock *s, const void *data, size_t len, struct udp_end to)
{
    struct udp_end from = s->local;
    struct ipv4 src;
    unsigned mtu;
    int err = udp_error(s);

    if (err)
        return -err;
    if (len > UDP_MAX)
        return -EMSGSIZE;
    if (to.port == 0)
        to = s->remote;
    if (to.port == 0)
        return -EDESTADDRREQ;
    err = ip_source(s->udp->ip, to.addr, &src, &mtu);
    if (err)
        return err;
    if (!from.addr.v)
        from.addr = src;
    err = send_datagram(s->udp, from, to, data, len, mtu);
    return err ? err : (int64_t)len;
}
