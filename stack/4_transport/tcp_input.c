/*
 * tcp_input.c: whose segment is this? Called by IP with every TCP datagram
 * for this host. Reads and checks the header, finds the connection by its
 * four-tuple, else a listener, else answers that there is nobody
 * (RFC 9293 3.10.7.1), and hands the segment on.
 *
 * A train (pkt.h) that is not what its connection expects is taken apart.
 *
 * It also sees to the end of TIME-WAIT by a new SYN (MAY-2, RFC 6191): that
 * one segment belongs to the old connection and to the listener.
 */
#include "tcp_conn.h"

void
tcp_arrive_drop(struct tcp_arrival *a, enum drop why, enum rule rule)
{
    if (a->p)
        pkt_drop(a->tcp->env, a->p, why, rule);
    a->p = NULL;
}

/*
 * A SYN for a connection in TIME-WAIT opens a new one when it cannot be an
 * old duplicate: its timestamp, or else its number, is past all that the old
 * connection has seen; or it has timestamps where the old one had none.
 */
static bool
reopens(const struct tcp_arrival *a)
{
    const struct tcp_conn *c = a->c;
    const struct tcp_seg *seg = &a->seg;

    if (c->state != TCP_TIME_WAIT ||
        (seg->flags & (SEG_SYN | SEG_ACK | SEG_RST | SEG_FIN)) != SEG_SYN)
        return false;
    if (!c->ts.ok && seg->opts.ts && a->tcp->config.timestamps)
        return true; /* without timestamps nothing old is taken for new */
    if (c->ts.ok && seg->opts.ts && seg->opts.tsval != c->ts.recent)
        return (int32_t)(seg->opts.tsval - c->ts.recent) > 0;
    return seq_lt(c->rcv.nxt, seg->seq);
}

/* RFC 9293 3.10.7.1: the state is CLOSED, there is no such connection. */
static void
nobody(struct tcp_arrival *a)
{
    tcp_send_reset(a, RULE_TCP_RST_NOBODY);
    tcp_arrive_drop(a, DROP_TCP_NO_CONNECTION, RULE_TCP_RST_NOBODY);
}

/* Nobody can cut in by another card: where a connection that is bound to one
 * has these two ends, only who is bound to another gets a second. */
static void
for_listener(struct tcp_arrival *a, const struct seq *after)
{
    struct tcp_listener *l =
        tcp_find_listener(a->tcp, a->local, a->remote, a->ih);

    if (l && (!a->apart || l->tune.card))
        tcp_listen_input(l, a, after);
    else
        nobody(a);
}

static void
dispatch(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;

    if (!c) {
        for_listener(a, NULL);
        return;
    }
    if (reopens(a) && tcp_find_listener(a->tcp, a->local, a->remote, a->ih)) {
        struct seq after = c->snd.nxt;

        a->tcp->mib[TCP_MIB_TCPTimeWaitReopened]++;
        tcp_enter(c);
        tcp_conn_end(c, 0, RULE_TCP_TIME_WAIT_REOPEN);
        tcp_leave(c);
        a->c = NULL;
        for_listener(a, &after);
        return;
    }
    tcp_enter(c);
    tcp_arrive(a);
    tcp_leave(c);
}

/* What a->p's header says. Why it is refused, or DROP_NONE. */
static enum drop
read_header(struct tcp_arrival *a)
{
    const struct ip_hdr *ih = a->ih;
    struct cursor ports = cursor_of(a->p->data, a->p->len);
    enum drop bad = tcp_segment_parse(&a->seg, a->p, ih);

    if (bad != DROP_NONE)
        return bad;
    a->remote = (struct tcp_end){ih->src, get_be16(&ports)};
    a->local = (struct tcp_end){ih->dst, get_be16(&ports)};
    return DROP_NONE;
}

static void
find(struct tcp_arrival *a)
{
    a->c = tcp_find(a->tcp, a->local, a->remote);
    a->apart =
        a->c && a->c->tune.card && !tcp_by_card(a->tcp, a->c->tune.card, a->ih);
    if (a->apart)
        a->c = tcp_find_by_card(a->tcp, a->local, a->remote, a->ih);
}

/* Takes p. */
static void
one(struct tcp *tcp, struct pkt *p, const struct ip_hdr *ih)
{
    struct tcp_arrival a = {.tcp = tcp, .ih = ih, .p = p, .off = pkt_off(p)};
    enum drop bad = read_header(&a);
    uint64_t before;

    tcp->counts.segments_in++;
    if (bad != DROP_NONE) {
        pkt_drop(tcp->env, p, bad, RULE_TCP_HEADER);
        return;
    }
    if (ih->to_broadcast || ih->link_broadcast) {
        pkt_drop(tcp->env, p, DROP_TCP_NO_CONNECTION, RULE_TCP_BROADCAST);
        return;
    }
    find(&a);
    before = journal_enter(tcp->env->journal, tcp_note_arrive(&a));
    pkt_pull(p, a.seg.header_len);
    dispatch(&a);
    pkt_free(a.p);
    journal_leave(tcp->env->journal, before);
}

/* All of a train, if it is as expected; false: nothing was done. */
static bool
all(struct tcp *tcp, struct pkt *p, const struct ip_hdr *ih)
{
    struct tcp_arrival a = {.tcp = tcp, .ih = ih, .p = p, .off = pkt_off(p)};

    if (read_header(&a) != DROP_NONE)
        return false;
    find(&a);
    return tcp_train_input(&a);
}

void
tcp_input(void *owner, struct pkt *p, const struct ip_hdr *ih)
{
    struct tcp *tcp = owner;
    struct pkt *next = p->train;
    bool batch = tcp->env->batch;

    if (next && all(tcp, p, ih))
        return;
    p->train = NULL;
    tcp->env->batch = next || batch;
    one(tcp, p, ih);
    while (next) {
        p = next;
        next = p->next;
        p->next = NULL;
        pkt_pull(p, TCP_TRAIN_IP);
        tcp->env->batch = next || batch;
        one(tcp, p, ih);
    }
}
