/*
 * tcp_listen.c: who is calling? Listeners and their two queues, as in Linux:
 *
 *     SYN  -> [SYN queue: SYN-RECEIVED] -> ACK -> [accept queue] -> accept
 *
 * The accept queue holds backlog + 1 connections that are complete and wait
 * for the program. When it is full, SYNs are dropped, and so is the ACK that
 * would complete a handshake: our SYN,ACK goes again later, and the peer's
 * ACK with it, when there may be room. Nobody is refused; the caller waits.
 *
 * The SYN queue is bounded too. A flood of SYNs pushes out the oldest that
 * has not been answered, so that honest callers, who answer within a round
 * trip, still get through.
 */
#include "tcp_conn.h"

#include <errno.h>
#include <stdlib.h>

#define SOMAXCONN_LINUX 4096
#define SYN_QUEUE_LEAST 8

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

/* It leaves whichever queue it stands in. */
void
tcp_listen_forget(struct tcp_conn *c)
{
    struct tcp_listener *l = c->listener;

    if (c->in_accept) {
        take_out(&l->accept_head, &l->accept_tail, c);
        l->accept_count--;
    } else {
        take_out(&l->syn_head, &l->syn_tail, c);
        l->syn_count--;
    }
    c->listener = NULL;
    c->in_accept = false;
}

bool
tcp_listen_full(const struct tcp_listener *l)
{
    return l->accept_count > l->backlog;
}

/* The handshake is complete: from the SYN queue to the accept queue. */
void
tcp_listen_established(struct tcp_conn *c)
{
    struct tcp_listener *l = c->listener;

    if (!l)
        return;
    take_out(&l->syn_head, &l->syn_tail, c);
    l->syn_count--;
    append(&l->accept_head, &l->accept_tail, c);
    l->accept_count++;
    c->in_accept = true;
}

/* --- a SYN ------------------------------------------------------------ */

static void
make_room(struct tcp_listener *l)
{
    unsigned most = l->backlog < SYN_QUEUE_LEAST ? SYN_QUEUE_LEAST : l->backlog;
    struct tcp_conn *oldest = l->syn_head;

    if (l->syn_count < most)
        return;
    tcp_enter(oldest);
    tcp_conn_end(oldest, ETIMEDOUT, RULE_TCP_SYN_QUEUE);
    tcp_leave(oldest);
}

/* RFC 9293 3.10.7.2, third step: a connection of its own for the caller. */
static void
answer_syn(
    struct tcp_listener *l, struct tcp_arrival *a, const struct seq *after)
{
    const struct tcp_seg *seg = &a->seg;
    struct tcp_conn *c = tcp_conn_new(l->tcp, a->local, a->remote, &l->tune);

    if (!c) {
        tcp_arrive_drop(a, DROP_NO_MEMORY, RULE_TCP_SYN_QUEUE);
        return;
    }
    if (after && seq_leq(c->snd.iss, *after)) /* above the old connection */
        tcp_set_iss(c, seq_add(*after, 65536 + 1));
    c->listener = l;
    c->reuse = l->reuse & 3;
    c->passive = true;
    c->rcv.irs = seg->seq;
    c->rcv.nxt = c->rcv.adv = seq_add(seg->seq, 1);
    c->snd.wnd = c->snd.max_wnd = seg->wnd;
    c->snd.wl1 = seg->seq;
    c->snd.wl2 = c->snd.iss;
    c->heard_at = l->tcp->env->timers->now;
    tcp_agree(c, &seg->opts);
    append(&l->syn_head, &l->syn_tail, c);
    l->syn_count++;
    tcp_insert(l->tcp, c);
    tcp_inherit_state(c, l);
    tcp_note_conn(c);
    a->c = c;
    tcp_ecn_agree(a);
    tcp_enter(c);
    tcp_move(c, TCP_SYN_RECEIVED, RULE_TCP_SYN_CAME);
    tcp_send_syn(c, RULE_TCP_SYNACK);
    tcp_keep_syn_text(a);
    tcp_leave(c);
}

void
tcp_listen_input(
    struct tcp_listener *l, struct tcp_arrival *a, const struct seq *after)
{
    uint8_t flags = a->seg.flags;

    if (flags & SEG_RST) {
        tcp_arrive_drop(a, DROP_TCP_STATE, RULE_TCP_LISTEN_RST);
    } else if (flags & SEG_ACK) {
        tcp_send_reset(a, RULE_TCP_LISTEN_ACK);
        tcp_arrive_drop(a, DROP_TCP_STATE, RULE_TCP_LISTEN_ACK);
    } else if ((flags & (SEG_SYN | SEG_FIN)) != SEG_SYN) {
        tcp_arrive_drop(a, DROP_TCP_FLAGS, RULE_TCP_LISTEN_OTHER);
    } else if (a->remote.port == 0 || ipv4_is_multicast(a->remote.addr)) {
        tcp_arrive_drop(a, DROP_TCP_FLAGS, RULE_TCP_BROADCAST);
    } else if (tcp_listen_full(l)) {
        tcp_arrive_drop(a, DROP_TCP_BACKLOG, RULE_TCP_BACKLOG);
    } else {
        make_room(l);
        answer_syn(l, a, after);
    }
}

/* --- calls ------------------------------------------------------------ */

void
tcp_set_backlog(struct tcp_listener *l, int backlog)
{
    l->backlog = backlog < 0 || backlog > SOMAXCONN_LINUX ? SOMAXCONN_LINUX
                                                          : (unsigned)backlog;
}

int
tcp_listen(struct tcp *tcp, struct tcp_end local, int backlog, unsigned reuse,
    tcp_notify *notify, void *owner, struct tcp_listener **out)
{
    struct tcp_listener *l;

    if (local.addr.v != 0 && !ip_is_ours(tcp->ip, local.addr))
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
    l->reuse = (uint8_t)reuse;
    l->id = ++tcp->last_id;
    tcp_set_backlog(l, backlog);
    tcp_tune_default(tcp, &l->tune);
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
