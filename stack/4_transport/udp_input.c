/*
 * udp_input.c: a datagram has arrived (RFC 768, RFC 1122 4.1): is it whole,
 * and which socket has its port? Called by IP.
 */
#include "udp_core.h"
#include "bytes.h"
#include "sum.h"

#include <assert.h>

struct udp_hdr {
    uint16_t src, dst, len, sum;
};

/* How well does s fit a datagram that came by nif? 0: not at all. An exact
 * peer beats an exact address beats the card that it is bound to. */
static int
score(const struct udp_sock *s, struct udp_end local, struct udp_end remote,
    const struct netif *nif)
{
    int points = 1;

    if (s->local.port != local.port)
        return 0;
    if (s->local.addr.v) {
        if (!ipv4_eq(s->local.addr, local.addr))
            return 0;
        points += 2;
    }
    if (s->card && nif) {
        if (s->card != ip_card_index(s->udp->ip, nif))
            return 0;
        points += 1;
    }
    if (s->remote.port) {
        if (s->remote.port != remote.port ||
            !ipv4_eq(s->remote.addr, remote.addr))
            return 0;
        points += 4;
    }
    return points;
}

/* Which of the sockets that fit equally well: by a hash of the sender, so
 * that one correspondent always meets the same. */
static unsigned
share_of(struct udp *udp, struct udp_end remote, unsigned of)
{
    uint32_t who[2] = {remote.addr.v, remote.port};

    return (unsigned)(siphash(udp->key, who, sizeof who) % of);
}

struct udp_sock *
udp_find(struct udp *udp, struct udp_end local, struct udp_end remote,
    const struct netif *nif)
{
    struct udp_sock *best = NULL;
    int best_score = 0;
    unsigned equals = 0;

    for (struct udp_sock *s = *udp_bucket(udp, local.port); s; s = s->chain) {
        int points = score(s, local, remote, nif);

        if (points > best_score) {
            best = s;
            best_score = points;
            equals = s->reuse & UDP_REUSEPORT ? 1 : 0;
        } else if (points && points == best_score && equals) {
            equals += s->reuse & UDP_REUSEPORT ? 1 : 0;
        }
    }
    if (equals > 1) {
        unsigned nth = share_of(udp, remote, equals);

        for (best = *udp_bucket(udp, local.port);; best = best->chain)
            if (score(best, local, remote, nif) == best_score &&
                (best->reuse & UDP_REUSEPORT) && !nth--)
                break;
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
enqueue(struct udp_sock *s, struct pkt *p, const struct ip_hdr *ih)
{
    assert(p->lent == 0);
    p->came.at_ns = s->udp->env->timers->now.ns;
    p->came.nif = ih->nif;
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

/* p, at its header, is for s. Takes p. */
static void
deliver(struct udp_sock *s, struct pkt *p, const struct ip_hdr *ih,
    struct udp_end local, struct udp_end remote)
{
    struct env *env = s->udp->env;
    char from[22], to[22];
    uint64_t no, before;

    NOTE_PKT(env, EV_LAYER_STRIPPED, RULE_UDP_HEADER, p, pkt_off(p), UDP_LEN,
        f_text("layer", "UDP"), f_text("if", ""));
    no = NOTE_PKT(env, EV_UDP_ARRIVE, RULE_UDP_PORT, p, pkt_off(p), p->len,
        f_text("remote", udp_end_text(remote, from)),
        f_text("local", udp_end_text(local, to)),
        f_u64("len", p->len - UDP_LEN));
    pkt_pull(p, UDP_LEN);
    before = journal_enter(env->journal, no);
    enqueue(s, p, ih);
    journal_leave(env->journal, before);
}

/* A copy at the same place, with the IP header in front, which tells who has
 * sent it (udp_recvmsg). */
static struct pkt *
copy_whole(struct pkt *p)
{
    uint32_t before = pkt_off(p) - p->l3;
    struct pkt *copy;

    pkt_push(p, before);
    copy = pkt_copy(p);
    pkt_pull(p, before);
    if (copy)
        pkt_pull(copy, before);
    return copy;
}

/*
 * A datagram to all hosts of a link is for every socket that fits (RFC 1122
 * 4.1.3.5 leaves it open; Linux does it so). p stands at its header. Takes p.
 */
static void
deliver_to_all(struct udp *udp, struct pkt *p, const struct ip_hdr *ih,
    struct udp_end local, struct udp_end remote)
{
    struct udp_sock *next, *s = *udp_bucket(udp, local.port);
    struct udp_sock *last = NULL;

    for (; s; s = next) {
        next = s->chain;
        if (!score(s, local, remote, ih->nif))
            continue;
        if (last) {
            struct pkt *copy = copy_whole(p);

            if (copy)
                deliver(last, copy, ih, local, remote);
            else
                udp->env->drops[DROP_NO_MEMORY]++;
        }
        last = s;
    }
    if (last)
        deliver(last, p, ih, local, remote);
    else
        pkt_drop(udp->env, p, DROP_UDP_NO_SOCKET, RULE_UDP_NO_PORT);
}

void
udp_input(void *owner, struct pkt *p, const struct ip_hdr *ih)
{
    struct udp *udp = owner;
    struct env *env = udp->env;
    struct udp_hdr uh;
    enum drop why = judge(p, ih, &uh);
    struct udp_end local = {ih->dst, uh.dst}, remote = {ih->src, uh.src};
    struct udp_sock *s;

    if (why != DROP_NONE) {
        pkt_drop(env, p, why,
            why == DROP_UDP_LENGTH ? RULE_UDP_LENGTH : RULE_UDP_CHECKSUM);
        return;
    }
    if (ih->to_broadcast) {
        pkt_trim(p, uh.len);
        deliver_to_all(udp, p, ih, local, remote);
        return;
    }
    s = udp_find(udp, local, remote, ih->nif);
    if (!s) {
        icmp_unreachable(udp->ip, p, 3);
        pkt_drop(env, p, DROP_UDP_NO_SOCKET, RULE_UDP_NO_PORT);
        return;
    }
    pkt_trim(p, uh.len); /* not before: an ICMP error quotes it whole */
    deliver(s, p, ih, local, remote);
}
