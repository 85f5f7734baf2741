/*
 * tcp_listen.c: who is calling? Listeners and their two queues, as in Linux:
 *
 *     SYN  -> [SYN queue: SYN-RECEIVED] -> ACK -> [accept queue] -> accept
 *
 * The accept queue holds backlog + 1 connections that are complete and wait
 * for the program. When it is full, SYNs are dropped, and so is the ACK that
 * would complete a handshake: our SYN,ACK goes again later, and the peer's
 * ACK with it, when there may be room. Nobody is refused (but see
 * tcp_abort_on_overflow); the caller waits.
 *
 * The SYN queue holds backlog + 1 handshakes that are half done. Beyond that
 * callers are answered from memory that is not ours (tcp_cookie.c), or
 * without cookies dropped. While it is more than half full, those who have
 * not answered for long are given up sooner.
 *
 * Who sees these queues: tcp_each.c.
 */
#include "tcp_conn.h"

#include <errno.h>
#include <stdlib.h>

#define SYN_QUEUE_LEAST 8 /* smaller ones are not hurried */

static void
append(struct tcp_conn **head, struct tcp_conn **tail, struct tcp_conn *c)
{
    c->next = NULL;
    c->prev = *tail;
    if (*tail)
        (*tail)->next = c;
    else
        *head = c;
    *tail = c;
}

static void
take_out(struct tcp_conn **head, struct tcp_conn **tail, struct tcp_conn *c)
{
    if (c->prev)
        c->prev->next = c->next;
    else
        *head = c->next;
    if (c->next)
        c->next->prev = c->prev;
    else
        *tail = c->prev;
    c->next = c->prev = NULL;
}

static void
leave_syn_queue(struct tcp_conn *c)
{
    struct tcp_listener *l = c->listener;

    take_out(&l->syn_head, &l->syn_tail, c);
    l->syn_count--;
    l->syn_young -= c->retries == 0;
}

/* It leaves whichever queue it stands in. */
void
tcp_listen_forget(struct tcp_conn *c)
{
    struct tcp_listener *l = c->listener;

    if (c->in_accept) {
        take_out(&l->accept_head, &l->accept_tail, c);
        l->accept_count--;
    } else {
        leave_syn_queue(c);
    }
    c->listener = NULL;
    c->in_accept = false;
}

static bool
accept_full(const struct tcp_listener *l)
{
    return l->accept_count > l->backlog;
}

static bool
syn_full(const struct tcp_listener *l)
{
    return l->syn_count > l->backlog;
}

/* The handshake is complete: from the SYN queue to the accept queue. */
void
tcp_listen_established(struct tcp_conn *c)
{
    struct tcp_listener *l = c->listener;

    if (!l)
        return;
    leave_syn_queue(c);
    append(&l->accept_head, &l->accept_tail, c);
    l->accept_count++;
    c->in_accept = true;
}

/* --- a SYN ------------------------------------------------------------ */

static void
refuse_syn(struct tcp_listener *l, struct tcp_arrival *a, enum rule why)
{
    l->tcp->mib[TCP_MIB_ListenDrops]++;
    tcp_arrive_drop(a, DROP_TCP_BACKLOG, why);
}

/* What a SYN says (RFC 9293 3.10.7.2, third step) into a new connection. */
static struct tcp_conn *
from_syn(
    struct tcp_listener *l, struct tcp_arrival *a, const struct tcp_opts *opts)
{
    const struct tcp_seg *seg = &a->seg;
    struct tcp_conn *c = tcp_conn_new(l->tcp, a->local, a->remote, &l->tune);

    if (!c)
        return NULL;
    c->reuse = l->reuse & 3;
    c->passive = true;
    c->rcv.irs = seg->seq;
    c->rcv.nxt = c->rcv.adv = seq_add(seg->seq, 1);
    c->snd.wnd = c->snd.max_wnd = seg->wnd;
    c->snd.wl1 = seg->seq;
    c->snd.wl2 = c->snd.iss;
    c->heard_at = l->tcp->env->timers->now;
    tcp_agree(c, opts);
    return c;
}

static void
join_syn_queue(struct tcp_listener *l, struct tcp_conn *c)
{
    c->listener = l;
    append(&l->syn_head, &l->syn_tail, c);
    l->syn_count++;
    l->syn_young++;
    tcp_insert(l->tcp, c);
    tcp_inherit_state(c, l);
    tcp_note_conn(c);
}

static void
answer_syn(
    struct tcp_listener *l, struct tcp_arrival *a, const struct seq *after)
{
    struct tcp_conn *c = from_syn(l, a, &a->seg.opts);

    if (!c) {
        tcp_arrive_drop(a, DROP_NO_MEMORY, RULE_TCP_SYN_QUEUE);
        return;
    }
    if (after && seq_leq(c->snd.iss, *after)) /* above the old connection */
        tcp_set_iss(c, seq_add(*after, 65536 + 1));
    c->snd.wl2 = c->snd.iss;
    join_syn_queue(l, c);
    a->c = c;
    tcp_enter(c);
    tcp_move(c, TCP_SYN_RECEIVED, RULE_TCP_SYN_CAME);
    tcp_ecn_agree(a);
    tcp_send_syn(c, RULE_TCP_SYNACK);
    tcp_keep_syn_text(a);
    tcp_leave(c);
}

/* Sends the SYN,ACK and forgets the caller. */
static void
answer_with_cookie(struct tcp_listener *l, struct tcp_arrival *a)
{
    struct tcp_opts opts = a->seg.opts;
    struct tcp_conn *c;

    tcp_cookie_options(&opts);
    c = from_syn(l, a, &opts);
    if (!c) {
        tcp_arrive_drop(a, DROP_NO_MEMORY, RULE_TCP_SYN_QUEUE);
        return;
    }
    c->state = TCP_SYN_RECEIVED; /* for this one segment */
    a->c = c;
    tcp_ecn_agree(a);
    tcp_cookie_send(c, a);
    a->c = NULL;
    tcp_conn_forget(c);
}

/* Without cookies the last quarter of the host's queue stays free: Linux
 * keeps it for callers that it knows to be alive. */
static bool
last_quarter(const struct tcp_listener *l)
{
    unsigned most = l->tcp->config.max_syn_backlog;

    return !l->tcp->config.syncookies &&
           (l->syn_count >= most || most - l->syn_count < most >> 2);
}

/* after: see tcp_listen_input. Who was here before is no flood. */
static void
take_syn(struct tcp_listener *l, struct tcp_arrival *a, const struct seq *after)
{
    struct tcp *tcp = l->tcp;
    bool crowded = !after && (syn_full(l) || tcp->config.syncookies == 2);

    if (crowded)
        tcp->mib[tcp->config.syncookies ? TCP_MIB_TCPReqQFullDoCookies
                                        : TCP_MIB_TCPReqQFullDrop]++;
    if (crowded && !tcp->config.syncookies) {
        refuse_syn(l, a, RULE_TCP_SYN_QUEUE);
    } else if (accept_full(l)) {
        tcp->mib[TCP_MIB_ListenOverflows]++;
        refuse_syn(l, a, RULE_TCP_BACKLOG);
    } else if (crowded) {
        answer_with_cookie(l, a);
    } else if (!after && last_quarter(l)) {
        refuse_syn(l, a, RULE_TCP_SYN_QUEUE);
    } else {
        answer_syn(l, a, after);
    }
}

/* --- an ACK ----------------------------------------------------------- */

/* The connection that the cookie tells of, as if it had been there all the
 * time; the ACK then completes its handshake like any other. */
static bool
from_cookie(struct tcp_listener *l, struct tcp_arrival *a)
{
    const struct tcp_seg seg = a->seg;
    struct tcp_opts opts;
    struct tcp_conn *c;
    bool ecn;

    if (!tcp_cookie_check(a, &opts, &ecn))
        return false;
    a->seg.seq = seq_add(seg.seq, UINT32_MAX); /* as the SYN's */
    c = from_syn(l, a, &opts);
    a->seg = seg;
    if (!c)
        return false;
    tcp_set_iss(c, seq_add(seg.ack, UINT32_MAX));
    c->snd.wl2 = c->snd.iss;
    c->ecn_ok = ecn;
    join_syn_queue(l, c);
    a->c = c;
    a->seg.opts.tsecr = 0; /* it carried other things than the time */
    tcp_enter(c);
    tcp_move(c, TCP_SYN_RECEIVED, RULE_TCP_COOKIE_GOOD);
    tcp_sent_push(c, c->snd.iss, 1, 1, SENT_SYN | SENT_EVER);
    c->snd.nxt = seg.ack;
    (void)tcp_window(c); /* what our SYN,ACK has offered */
    tcp_arrive(a);
    if (c->state == TCP_SYN_RECEIVED) { /* refused: nothing is kept */
        c->orphan = true;
        tcp_conn_end(c, 0, RULE_TCP_BACKLOG);
    }
    tcp_leave(c);
    return true;
}

/* A bare ACK, while text is waited for: remembered, but not accepted. */
static bool
deferred(const struct tcp_arrival *a)
{
    const struct tcp_conn *c = a->c;

    return c->retries < c->tune.defer_accept && a->seg.data == 0 &&
           !(a->seg.flags & SEG_FIN);
}

bool
tcp_listen_ack(struct tcp_arrival *a)
{
    struct tcp_conn *c = a->c;
    struct tcp *tcp = a->tcp;

    if (!c->listener)
        return true;
    if (deferred(a)) {
        tcp->mib[TCP_MIB_TCPDeferAcceptDrop]++;
        c->syn_acked = true;
        tcp_arrive_drop(a, DROP_TCP_BACKLOG, RULE_TCP_DEFER_ACCEPT);
        return false;
    }
    if (!accept_full(c->listener))
        return true;
    tcp->mib[TCP_MIB_ListenOverflows]++;
    tcp->mib[TCP_MIB_ListenDrops]++;
    c->syn_acked = true;
    if (tcp->config.abort_on_overflow) {
        tcp_arrive_drop(a, DROP_TCP_BACKLOG, RULE_TCP_BACKLOG_RST);
        tcp_conn_abort(c, 0, RULE_TCP_BACKLOG_RST);
    } else {
        tcp_arrive_drop(a, DROP_TCP_BACKLOG, RULE_TCP_BACKLOG);
    }
    return false;
}

/* --- nobody answers ---------------------------------------------------- */

/* How often our SYN,ACK goes again: fewer times while the queue is more than
 * half full and most in it are new (RFC 4987 3.4, 3.5). */
static unsigned
most_retries(const struct tcp_listener *l)
{
    unsigned most = l->tcp->config.synack_retries, young = l->syn_young;
    unsigned limit =
        l->backlog > SYN_QUEUE_LEAST ? l->backlog : SYN_QUEUE_LEAST;

    if (2 * l->syn_count <= limit)
        return most;
    for (young *= 2; most > 2 && l->syn_count >= young; young *= 2)
        most--;
    return most;
}

/* With TCP_DEFER_ACCEPT who has once answered is waited for to the end of
 * the delay, and gets one more SYN,ACK then. */
bool
tcp_listen_expired(struct tcp_conn *c)
{
    unsigned defer = c->tune.defer_accept;
    bool expired = c->retries >= most_retries(c->listener);

    if (defer)
        expired = expired && (!c->syn_acked || c->retries >= defer);
    if (!expired && c->retries == 0)
        c->listener->syn_young--;
    return expired;
}

bool
tcp_listen_repeats(const struct tcp_conn *c)
{
    unsigned defer = c->tune.defer_accept;

    return !defer || !c->syn_acked || c->retries + 1u >= defer;
}

/*
 * RFC 9293 3.10.7.2, third: the SYN counts, whatever else it says, and a FIN
 * with it comes again. But no program sends both, only who wants to slip past
 * a filter that looks for SYNs: Linux, and we, unless told (drop_synfin),
 * answer nothing.
 */
void
tcp_listen_input(
    struct tcp_listener *l, struct tcp_arrival *a, const struct seq *after)
{
    uint8_t flags = a->seg.flags;

    if (flags & SEG_RST) {
        tcp_arrive_drop(a, DROP_TCP_STATE, RULE_TCP_LISTEN_RST);
    } else if (flags & SEG_ACK) {
        if (from_cookie(l, a))
            return;
        tcp_send_reset(a, RULE_TCP_LISTEN_ACK);
        tcp_arrive_drop(a, DROP_TCP_STATE, RULE_TCP_LISTEN_ACK);
    } else if (!(flags & SEG_SYN) ||
               ((flags & SEG_FIN) && l->tcp->config.drop_synfin)) {
        tcp_arrive_drop(a, DROP_TCP_FLAGS, RULE_TCP_LISTEN_OTHER);
    } else if (a->remote.port == 0 || ipv4_is_multicast(a->remote.addr)) {
        tcp_arrive_drop(a, DROP_TCP_FLAGS, RULE_TCP_BROADCAST);
    } else {
        take_syn(l, a, after);
    }
}

/* --- calls ------------------------------------------------------------ */

void
tcp_set_backlog(struct tcp_listener *l, int backlog)
{
    unsigned most = l->tcp->config.somaxconn;

    l->backlog =
        backlog < 0 || (unsigned)backlog > most ? most : (unsigned)backlog;
}

int
tcp_listen(struct tcp *tcp, struct tcp_end local, int backlog, unsigned reuse,
    tcp_notify *notify, void *owner, struct tcp_listener **out)
{
    struct tcp_listener *l;

    if (local.addr.v != 0 && !(reuse & TCP_FREEBIND) &&
        !ip_is_ours(tcp->ip, local.addr))
        return -EADDRNOTAVAIL;
    if (local.port == 0)
        local.port = tcp_listen_port(tcp, local.addr, reuse);
    if (local.port == 0 || !tcp_can_bind(tcp, local, reuse))
        return -EADDRINUSE;
    l = calloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    l->tcp = tcp;
    l->notify = notify;
    l->owner = owner;
    l->local = local;
    l->reuse = reuse & (TCP_REUSEADDR | TCP_REUSEPORT);
    l->id = ++tcp->last_id;
    tcp_set_backlog(l, backlog);
    tcp_tune_default(tcp, &l->tune);
    l->tune.card = (uint8_t)(reuse >> 8);
    tcp_insert_listener(tcp, l);
    tcp_listener_move(l, TCP_LISTEN, RULE_TCP_LISTEN);
    *out = l;
    return 0;
}

void
tcp_unlisten(struct tcp_listener *l)
{
    struct tcp_conn *c;

    while ((c = l->syn_head) || (c = l->accept_head)) {
        tcp_enter(c);
        tcp_listen_forget(c);
        c->orphan = true;
        tcp_conn_abort(c, 0, RULE_TCP_UNLISTEN);
        tcp_leave(c);
    }
    tcp_remove_listener(l->tcp, l);
    tcp_listener_move(l, TCP_CLOSED, RULE_TCP_UNLISTEN);
    free(l);
}

struct tcp_end
tcp_listener_local(const struct tcp_listener *l)
{
    return l->local;
}

struct tcp_conn *
tcp_accept(struct tcp_listener *l)
{
    struct tcp_conn *c = l->accept_head;

    if (c)
        tcp_listen_forget(c);
    return c;
}

unsigned
tcp_listener_poll(const struct tcp_listener *l)
{
    return l->accept_head ? TCP_IN : 0;
}

unsigned
tcp_listener_waiting(const struct tcp_listener *l)
{
    return l->accept_count;
}
