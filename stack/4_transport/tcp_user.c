/*
 * tcp_user.c: what does the program want? The calls of tcp.h that open, use
 * and close a connection: the user calls of RFC 9293 3.10.1 to 3.10.5, with
 * the results that Linux gives.
 */
#include "tcp_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* As Linux has it, where tcp.h does not say otherwise. */
static struct tcp_config
usual_config(void)
{
    return (struct tcp_config){
        .sndbuf = 16 * 1024,
        .sndbuf_most = 4 * 1024 * 1024,
        .wmem_max = 212992,
        .rcvbuf = 6 * 1024 * 1024,
        .rcvbuf_first = 65536,
        .pacing_ss_ratio = 200,
        .pacing_ca_ratio = 120,
        .min_rto_ns = 200 * LW_MS,
        .max_rto_ns = 120 * LW_S,
        .initial_rto_ns = LW_S,
        .delayed_ack_ns = 40 * LW_MS,
        .time_wait_ns = 60 * LW_S,
        .timestamps = true,
        .sack = true,
        .window_scaling = true,
        .initial_window = 10,
        .quick_acks = 16,
        .syn_retries = 6,
        .data_retries = 15,
        .r1_retries = 3,
        .synack_retries = 5,
        .syn_r2_ns = 180 * LW_S,
        .somaxconn = 4096,
        .max_syn_backlog = 4096,
        .syncookies = 1,
        .restart_after_idle = true,
        .ecn = 2,
        .mtu_probing = 1,
        .base_mss = 1024,
        .rack = true,
        .tail_probe = true,
        .dsack = true,
        .frto = true,
        .cubic = true,
        .hystart = true,
        .burst_least = 2,
        .drop_synfin = 1,
        .keepidle = 7200, /* MUST-28: two hours at least by default */
        .keepintvl = 75,
        .keepcnt = 9,
        .min_rttvar_ns = 200 * LW_MS,
    };
}

struct tcp *
tcp_new(struct env *env, struct ip *ip)
{
    struct tcp *tcp = calloc(1, sizeof *tcp);
    struct ip_proto proto = {
        .protocol = IP_TCP, .input = tcp_input, .error = tcp_icmp};

    if (!tcp)
        return NULL;
    tcp->env = env;
    tcp->ip = ip;
    tcp->config = usual_config();
    tcp->batch_end = (struct timer){.fire = tcp_ack_batch_end, .owner = tcp};
    tcp->table_key = rng_key(&env->rng);
    tcp->isn_key = rng_key(&env->rng);
    tcp->ts_key = rng_key(&env->rng);
    tcp->port_key = rng_key(&env->rng);
    tcp->cookie_key = tcp_cookie_key(tcp->isn_key);
    proto.owner = tcp;
    if (!tcp_table_init(tcp)) {
        free(tcp);
        return NULL;
    }
    if (ip_register(ip, &proto) != 0) {
        tcp_table_free(tcp);
        free(tcp);
        return NULL;
    }
    return tcp;
}

struct tcp_config *
tcp_config(struct tcp *tcp)
{
    return &tcp->config;
}

struct tcp_counts
tcp_counts(const struct tcp *tcp)
{
    return tcp->counts;
}

/* --- open ------------------------------------------------------------- */

static int
choose_local(struct tcp *tcp, struct tcp_end *local, struct tcp_end remote,
    unsigned card)
{
    struct ipv4 src;
    unsigned mtu;
    int err;

    if (ipv4_is_multicast(remote.addr) || ip_is_broadcast(tcp->ip, remote.addr))
        return -ENETUNREACH; /* MUST-46 */
    err = ip_source_by(tcp->ip, card, remote.addr, &src, &mtu);
    if (err)
        return err == -ENODEV ? err : -ENETUNREACH;
    if (local->addr.v == 0)
        local->addr = src;
    else if (!ip_is_ours(tcp->ip, local->addr))
        return -EADDRNOTAVAIL;
    if (local->port == 0)
        local->port = tcp_connect_port(tcp, local->addr, remote);
    if (local->port == 0 || tcp_find(tcp, *local, remote))
        return -EADDRNOTAVAIL;
    return 0;
}

/* RCVBUF and MAXSEG show in the SYN, so all come before it. */
static int
preset_tune(
    struct tcp *tcp, struct tcp_tune *tune, const struct tcp_preset *preset)
{
    int err = 0;

    tcp_tune_default(tcp, tune);
    for (unsigned o = 0; preset && preset->set >> o && !err; o++)
        if (preset->set >> o & 1)
            err = tcp_tune_set(tune, (enum tcp_option)o, preset->value[o]);
    return err;
}

int
tcp_connect_preset(struct tcp *tcp, struct tcp_end local, struct tcp_end remote,
    const struct tcp_preset *preset, tcp_notify *notify, void *owner,
    struct tcp_conn **out)
{
    struct tcp_tune tune;
    struct tcp_conn *c;
    int err = preset_tune(tcp, &tune, preset);

    if (!err)
        err = choose_local(tcp, &local, remote, tune.card);
    if (err)
        return err;
    c = tcp_conn_new(tcp, local, remote, &tune);
    if (!c)
        return -ENOMEM;
    c->notify = notify;
    c->owner = owner;
    c->reuse = preset ? preset->reuse & 3 : 0;
    c->heard_at = tcp->env->timers->now;
    tcp_insert(tcp, c);
    tcp_note_conn(c);
    *out = c;
    tcp_enter(c);
    tcp_move(c, TCP_SYN_SENT, RULE_TCP_ACTIVE_OPEN);
    tcp_send_syn(c, RULE_TCP_ACTIVE_OPEN);
    tcp_leave(c);
    return 0;
}

int
tcp_connect(struct tcp *tcp, struct tcp_end local, struct tcp_end remote,
    tcp_notify *notify, void *owner, struct tcp_conn **out)
{
    return tcp_connect_preset(tcp, local, remote, NULL, notify, owner, out);
}

/* --- receive ---------------------------------------------------------- */

static size_t
copy_peek(const struct tcp_conn *c, uint8_t *to, size_t len)
{
    size_t done = 0, skip = tcp_urgent_hides(c);

    for (struct pkt *p = c->rcv.head; p && done < len; p = p->next) {
        size_t left = p->len - skip;
        size_t n = left < len - done ? left : len - done;

        if (to)
            memcpy(to + done, p->data + skip, n);
        done += n;
        skip = 0;
    }
    return done;
}

static size_t
copy_out(struct tcp_conn *c, uint8_t *to, size_t len)
{
    size_t done = 0;

    while (c->rcv.head && done < len) {
        struct pkt *p = c->rcv.head;
        uint32_t n = p->len < len - done ? p->len : (uint32_t)(len - done);

        if (to)
            memcpy(to + done, p->data, n);
        done += n;
        pkt_pull(p, n);
        if (p->len > 0)
            break;
        c->rcv.head = p->next;
        if (!c->rcv.head)
            c->rcv.tail = NULL;
        pkt_free(p);
    }
    c->rcv.queued -= (uint32_t)done;
    return done;
}

/* The urgent byte is not for a plain read. */
void
tcp_urgent_skip(struct tcp_conn *c)
{
    copy_out(c, NULL, 1);
    c->rcv.urgent = URGENT_NONE;
}

/* Nothing is there to read: why? 0 is the end of the stream. */
static int64_t
nothing_to_read(struct tcp_conn *c)
{
    if (c->rcv.fin_done) /* an error after that is the writer's */
        return 0;
    if (c->error)
        return tcp_take_error(c);
    if (c->read_shut)
        return 0;
    if (c->state == TCP_CLOSED)
        return c->connected ? 0 : -ENOTCONN;
    return -EAGAIN;
}

int64_t
tcp_recv(struct tcp_conn *c, void *buf, size_t len, bool peek)
{
    size_t n;

    if (len == 0)
        return 0;
    if (c->rcv.queued > 0 && tcp_urgent_hides(c) && !peek)
        tcp_urgent_skip(c);
    if (c->rcv.queued <= tcp_urgent_hides(c))
        return nothing_to_read(c);
    len = tcp_urgent_stop(c, len);
    if (peek)
        return (int64_t)copy_peek(c, buf, len);
    n = copy_out(c, buf, len);
    tcp_urgent_passed(c);
    tcp_enter(c);
    tcp_ack_tune(c, (uint32_t)n);
    tcp_ack_window(c);
    tcp_leave(c);
    return (int64_t)n;
}

/* --- close ------------------------------------------------------------ */

/* RFC 9293 3.10.4. The FIN itself goes when all before it has gone. */
static void
end_stream(struct tcp_conn *c)
{
    switch (c->state) {
    case TCP_SYN_SENT: tcp_conn_end(c, 0, RULE_TCP_CLOSE); break;
    case TCP_SYN_RECEIVED:
    case TCP_ESTABLISHED:
        c->fin_queued = true;
        tcp_move(c, TCP_FIN_WAIT_1, RULE_TCP_CLOSE);
        break;
    case TCP_CLOSE_WAIT:
        c->fin_queued = true;
        tcp_move(c, TCP_LAST_ACK, RULE_TCP_CLOSE);
        break;
    default: break;
    }
}

int
tcp_shutdown(struct tcp_conn *c)
{
    if (c->state == TCP_CLOSED)
        return -ENOTCONN;
    tcp_enter(c);
    end_stream(c);
    c->wake = true; /* writing now fails at once: that is news, too */
    tcp_leave(c);
    return 0;
}

void
tcp_shutdown_read(struct tcp_conn *c)
{
    c->read_shut = true;
}

/* Text is thrown away that the peer takes for delivered: it must hear of it,
 * even in the states in which an ABORT sends nothing (RFC 2525 2.17). */
static void
abort_unread(struct tcp_conn *c)
{
    if (c->later) /* what was handed over before goes before */
        tcp_output(c);
    if (c->state == TCP_CLOSING || c->state == TCP_LAST_ACK)
        tcp_transmit(c, c->snd.nxt, 0, SEG_RST | SEG_ACK, RULE_TCP_RST_UNREAD);
    tcp_conn_abort(c, 0, RULE_TCP_RST_UNREAD);
}

void
tcp_close(struct tcp_conn *c)
{
    tcp_enter(c);
    c->orphan = true;
    if (c->rcv.queued > 0 && c->state != TCP_CLOSED &&
        c->state != TCP_TIME_WAIT) {
        c->tcp->mib[TCP_MIB_TCPAbortOnClose]++;
        abort_unread(c);
    } else {
        end_stream(c);
        if (c->state == TCP_FIN_WAIT_2)
            tcp_await_fin(c);
    }
    tcp_queue_free(c);
    tcp_leave(c);
}

void
tcp_abort(struct tcp_conn *c)
{
    tcp_enter(c);
    c->orphan = true;
    if (c->state == TCP_SYN_RECEIVED || tcp_synchronized(c))
        tcp_conn_abort(c, 0, RULE_TCP_ABORT);
    else
        tcp_conn_end(c, 0, RULE_TCP_ABORT);
    tcp_leave(c);
}

/* Silently: nobody is told, nothing is sent, no event is reported. */
void
tcp_free(struct tcp *tcp)
{
    if (!tcp)
        return;
    for (unsigned i = 0; i < TCP_LISTEN_BUCKETS; i++) {
        while (tcp->listeners[i]) {
            struct tcp_listener *l = tcp->listeners[i];

            tcp->listeners[i] = l->next;
            while (l->accept_head || l->syn_head)
                tcp_conn_forget(l->accept_head ? l->accept_head : l->syn_head);
            free(l);
        }
    }
    for (uint32_t i = 0; i <= tcp->mask; i++)
        while (tcp->bucket[i])
            tcp_conn_forget(tcp->bucket[i]);
    while (tcp->nrings > 0)
        free(tcp->rings[--tcp->nrings]);
    while (tcp->nrecs > 0)
        free(tcp->recs[--tcp->nrecs]);
    timer_cancel(tcp->env->timers, &tcp->batch_end);
    free(tcp->later.at);
    free(tcp->owing.at);
    tcp_table_free(tcp);
    free(tcp);
}
