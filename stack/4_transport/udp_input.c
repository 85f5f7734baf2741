/*
 * udp_input.c: a datagram has arrived (RFC 768, RFC 1122 4.1): is it whole,
 * and which socket has its port? Called by IP.
 */
#include "udp_core.h"
#include "bytes.h"
#include "sum.h"

#include <errno.h>

struct udp_hdr {
    uint16_t src, dst, len, sum;
};

/* How well does s fit a datagram? 0: not at all. An exact peer beats an
 * exact address beats any address. */
static int
score(const struct udp_sock *s, struct udp_end local, struct udp_end remote)
{
    int points = 1;

    if (s->local.port != local.port)
        return 0;
    if (s->local.addr.v) {
        if (!ipv4_eq(s->local.addr, local.addr))
            return 0;
        points += 1;
    }
    if (s->remote.port) {
        if (s->remote.port != remote.port ||
            !ipv4_eq(s->remote.addr, remote.addr))
            return 0;
        points += 2;
    }
    return points;
}

static struct udp_sock *
find(struct udp *udp, struct udp_end local, struct udp_end remote)
{
    struct udp_sock *best = NULL;
    int best_score = 0;

    for (struct udp_sock *s = *udp_bucket(udp, local.port); s; s = s->chain) {
        int points = score(s, local, remote);

        if (points > best_score) {
            best = s;
            best_score = points;
        }
    }
    return best;
}

/* Does the header at p agree with the packet? */
static enum drop
judge(struct pkt *p, const struct ip_hdr *ih, struct udp_hdr *uh)
{
    struct cursor c = cursor_of(p->data, p->len);
    uint64_t sum;

    uh->src = get_be16(&c);
    uh->dst = get_be16(&c);
    uh->len = get_be16(&c);
    uh->sum = get_be16(&c);
    if (c.over || uh->len < UDP_LEN || uh->len > p->len)
        return DROP_UDP_LENGTH;
    if (uh->sum == 0 || p->sum_ok) /* 0: the sender made none */
        return DROP_NONE;
    sum = sum_pseudo(ih->src, ih->dst, IP_UDP, uh->len);
    if (sum_fold(sum_add(sum, p->data, uh->len)) != 0)
        return DROP_UDP_CHECKSUM;
    return DROP_NONE;
}

/* Appends p, which stands at its data, to the queue. Takes p. */
static void
enqueue(struct udp_sock *s, struct pkt *p)
{
    /* Buffers are counted, not data: a flood of empty datagrams costs
     * memory too. */
    if (s->queued + p->room > s->rcvbuf && s->queue) {
        pkt_drop(s->udp->env, p, DROP_SOCKET_BUFFER, RULE_UDP_BUFFER);
        return;
    }
    p->next = NULL;
    *s->queue_end = p;
    s->queue_end = &p->next;
    s->queued += p->room;
    s->notify(s->owner);
}

void
udp_input(void *owner, struct pkt *p, const struct ip_hdr *ih)
{
    struct udp *udp = owner;
    struct env *env = udp->env;
    struct udp_hdr uh;
    enum drop why = judge(p, ih, &uh);
    struct udp_end local = {ih->dst, uh.dst}, remote = {ih->src, uh.src};
    char from[22], to[22];
    struct udp_sock *s;
    uint64_t no, before;

    if (why != DROP_NONE) {
        pkt_drop(env, p, why,
            why == DROP_UDP_LENGTH ? RULE_UDP_LENGTH : RULE_UDP_CHECKSUM);
        return;
    }
    s = find(udp, local, remote);
    if (!s) {
        if (!ih->to_broadcast)
            icmp_unreachable(udp->ip, p, 3);
        pkt_drop(env, p, DROP_UDP_NO_SOCKET, RULE_UDP_NO_PORT);
        return;
    }
    pkt_trim(p, uh.len); /* not before: an ICMP error quotes it whole */
    NOTE_PKT(env, EV_LAYER_STRIPPED, RULE_UDP_HEADER, p, pkt_off(p), UDP_LEN,
        f_text("layer", "UDP"), f_text("if", ""));
    no = NOTE_PKT(env, EV_UDP_ARRIVE, RULE_UDP_PORT, p, pkt_off(p), p->len,
        f_text("remote", udp_end_text(remote, from)),
        f_text("local", udp_end_text(local, to)),
        f_u64("len", p->len - UDP_LEN));
    pkt_pull(p, UDP_LEN);
    before = journal_enter(env->journal, no);
    enqueue(s, p);
    journal_leave(env->journal, before);
}

/*
 * An ICMP error about a datagram of ours: for its socket, when that is
 * connected, as only then it is clear whom the program was talking to; and,
 * as in Linux without IP_RECVERR, only when to try again is of no use or the
 * datagram was too big (udp(7); RFC 1122 4.1.3.3 would tell all). Linux
 * learns the path's MTU from errors about unconnected sockets too; here
 * whoever knows a port could forge them for any destination.
 */
bool
udp_icmp_error(void *owner, const struct ip_error *err)
{
    struct udp *udp = owner;
    struct cursor c = cursor_of(err->data, err->len);
    struct udp_end local = {err->src, get_be16(&c)};
    struct udp_end remote = {err->dst, get_be16(&c)};
    struct udp_sock *s = find(udp, local, remote);
    bool hard;
    int error = ip_error_errno(err, &hard);

    if (c.over || !s || s->remote.port == 0)
        return false;
    if (error == EMSGSIZE)
        ip_learn_mtu(udp->ip, err->dst, err->next_mtu);
    if (hard || error == EMSGSIZE) {
        s->error = error;
        s->notify(s->owner);
    }
    return true;
}
