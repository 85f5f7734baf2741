/*
 * sock_tcp_open.c: how a TCP socket becomes something and ceases to be it. It
 * begins as nothing: bind only reserves a port; listen makes it a listener,
 * connect a connection, and accept returns sockets that are connections from
 * the start. connect to AF_UNSPEC, and shutdown of what is not yet connected,
 * make it nothing again.
 *
 *     socket --bind--> (a port) --listen--> listener --accept--> connection
 *        \-------------connect-----------------------> connection
 *
 * What connect(2) answers depends on how far the socket has come (enum
 * tcp_phase), not on TCP's state alone: Linux's socket->state.
 */
#include "sock_tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

bool
tcp_sock_over(const struct tcp_sock *t)
{
    return tcp_state(t->c) == TCP_CLOSED || tcp_state(t->c) == TCP_TIME_WAIT;
}

bool
tcp_sock_opening(const struct tcp_sock *t)
{
    return tcp_state(t->c) == TCP_SYN_SENT ||
           tcp_state(t->c) == TCP_SYN_RECEIVED;
}

/* --- being called -------------------------------------------------------- */

int
tcp_sock_listen(struct sock *s, int backlog)
{
    struct tcp_sock *t = tcp_sock_of(s);
    int err;

    if (t->c || t->phase != PHASE_NEW)
        return -EINVAL;
    s->backlog = backlog;
    if (t->l) {
        tcp_set_backlog(t->l, backlog);
        return 0;
    }
    if (list_empty(&t->bound)) {
        err = tcp_sock_reserve(t, (struct tcp_end){t->local.addr, 0});
        if (err)
            return err;
    } else if (tcp_sock_port_taken(t)) {
        return -EADDRINUSE; /* another one listens here by now */
    }
    err = tcp_listen(s->f.k->tcp, t->local, backlog,
        tcp_sock_sharing(t) | (sock_rare_of(s)->freebind ? TCP_FREEBIND : 0u),
        tcp_sock_told, t, &t->l);
    return err ? err : tcp_sock_apply(t);
}

int
tcp_sock_accept(struct sock *s, struct sock **out)
{
    struct tcp_sock *l = tcp_sock_of(s), *t;
    struct tcp_conn *c;
    bool inherits;

    if (!l->l)
        return -EINVAL;
    if (!(tcp_listener_poll(l->l) & TCP_IN))
        return -EAGAIN;
    t = tcp_sock_make(s->f.k);
    if (!t)
        return -ENOMEM;
    inherits = sock_inherit(&t->s, s);
    c = inherits ? tcp_accept(l->l) : NULL;
    if (!c) {
        file_put(&t->s.f);
        return inherits ? -EAGAIN : -ENOMEM;
    }
    t->c = c;
    t->phase = PHASE_CONNECTED;
    t->local = tcp_local(c);
    t->wants_room = false;
    tcp_set_owner(c, tcp_sock_told, t);
    tcp_set_acked(c, tcp_sock_acked);
    tcp_set_socket(c, t->s.f.no);
    tcp_sock_pace(t);
    t->readable = tcp_readable(c);
    t->ended = tcp_sock_ready(t) & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    t->s.f.cause_in = s->f.cause_in;
    sock_note_backlog(s, tcp_listener_waiting(l->l));
    *out = &t->s;
    return 0;
}

/* --- nothing again ------------------------------------------------------- */

/* Is the peer told with a RST? As tcp_need_reset in Linux. */
static bool
needs_reset(enum tcp_state s)
{
    return s == TCP_SYN_RECEIVED || s == TCP_ESTABLISHED ||
           s == TCP_FIN_WAIT_1 || s == TCP_FIN_WAIT_2 || s == TCP_CLOSE_WAIT;
}

/* What was reserved by itself is free again, though getsockname(2) still
 * tells it; what bind(2) named stays. */
static void
release_name(struct tcp_sock *t)
{
    if (!t->port_given)
        list_remove(&t->bound);
    if (!t->addr_given)
        t->local.addr.v = 0;
}

/* As tcp_disconnect in Linux: an error may stay behind. */
static void
disconnect(struct tcp_sock *t)
{
    enum tcp_state state = t->c ? tcp_state(t->c) : TCP_CLOSED;

    if (t->l) {
        tcp_unlisten(t->l);
        t->l = NULL;
        t->s.listening = false;
    }
    if (t->c) {
        t->local.port = tcp_local(t->c).port;
        if (!t->err)
            t->err = (uint16_t)tcp_error(t->c);
        t->soft = (uint16_t)tcp_soft_error(t->c);
        if (needs_reset(state) || state == TCP_SYN_SENT)
            t->err = ECONNRESET;
        if (state == TCP_TIME_WAIT) /* that goes on by itself */
            tcp_close(t->c);
        else
            tcp_abort(t->c);
        t->c = NULL;
    }
    release_name(t);
    t->shut_snd = t->shut_rcv = t->renamed = false;
    t->phase = PHASE_NEW;
    t->wants_room = true;
    t->ended = 0;
    t->readable = t->unsent = 0;
}

/* --- calling ------------------------------------------------------------- */

static int
begin(struct tcp_sock *t, const struct sockaddr *addr, socklen_t len)
{
    struct tcp_preset preset = {.reuse = tcp_sock_sharing(t)};
    struct tcp_end remote;
    int value[TCP_OPT_COUNT];
    int err = sock_addr_in(addr, len, &remote.addr, &remote.port);

    if (err)
        return err;
    if (!remote.addr.v)
        remote.addr = (struct ipv4){0x7f000001}; /* ip(7): this host */
    tcp_sock_preset(t, &preset, value);
    if (list_empty(&t->bound))
        t->local.port = 0;
    sock_note_connect(&t->s, addr, len);
    t->err = 0;
    t->phase = PHASE_CONNECTING;
    err = tcp_connect_preset(
        t->s.f.k->tcp, t->local, remote, &preset, tcp_sock_told, t, &t->c);
    if (err) {
        t->phase = PHASE_NEW;
        return err;
    }
    tcp_set_acked(t->c, tcp_sock_acked);
    tcp_set_socket(t->c, t->s.f.no);
    tcp_sock_pace(t); /* without memory it goes on unpaced */
    return 0;
}

/* A connect is under way: `now` while that is so, else how it went. */
static int
outcome(struct tcp_sock *t, int now)
{
    int err;

    if (tcp_sock_opening(t))
        return now;
    if (!tcp_sock_over(t)) {
        t->phase = PHASE_CONNECTED;
        return 0;
    }
    err = t->err ? t->err : tcp_error(t->c);
    disconnect(t);
    t->err = 0;
    return err ? -err : -ECONNABORTED;
}

int
tcp_sock_connect(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
    struct tcp_sock *t = tcp_sock_of(s);
    int err;

    if (len < sizeof addr->sa_family)
        return -EINVAL;
    if (addr->sa_family == AF_UNSPEC) { /* dissolves the association */
        disconnect(t);
        return 0;
    }
    switch (t->phase) {
    case PHASE_CONNECTED: return -EISCONN;
    case PHASE_CONNECTING: return outcome(t, -EALREADY);
    case PHASE_ENDED: return -EINVAL;
    case PHASE_NEW: break;
    }
    if (t->l)
        return -EISCONN;
    err = begin(t, addr, len);
    return err ? err : outcome(t, -EINPROGRESS);
}

/* --- ending -------------------------------------------------------------- */

int
tcp_sock_shutdown(struct sock *s, int how)
{
    struct tcp_sock *t = tcp_sock_of(s);
    bool none = !t->c || tcp_sock_over(t);

    if (t->phase == PHASE_CONNECTING)
        t->phase = none || tcp_sock_opening(t) ? PHASE_ENDED : PHASE_CONNECTED;
    if (t->l && how == SHUT_WR) /* there is nothing to send anyway */
        return 0;
    if (t->l || (t->c && tcp_state(t->c) == TCP_SYN_SENT)) {
        disconnect(t);
        file_tell(&s->f, EPOLLIN | EPOLLOUT | EPOLLHUP | EPOLLERR);
        return 0;
    }
    t->shut_rcv |= how != SHUT_WR;
    t->shut_snd |= how != SHUT_RD;
    if (none) {
        file_wake(&s->f, EPOLLIN | EPOLLRDHUP | EPOLLHUP);
        return -ENOTCONN;
    }
    if (how != SHUT_WR)
        tcp_shutdown_read(t->c);
    if (how != SHUT_RD && tcp_state(t->c) != TCP_SYN_RECEIVED)
        tcp_shutdown(t->c);
    s->f.quiet = true;
    tcp_sock_told(t);
    s->f.quiet = false;
    return 0;
}

/* Is something of ours still to be acknowledged, the FIN at least? */
static bool
is_closing(const struct tcp_sock *t)
{
    enum tcp_state s = tcp_state(t->c);

    return s == TCP_FIN_WAIT_1 || s == TCP_CLOSING || s == TCP_LAST_ACK;
}

/* socket(7), SO_LINGER: also on a socket that never waits otherwise. */
void
tcp_sock_linger(struct sock *s, struct proc *p)
{
    struct tcp_sock *t = tcp_sock_of(s);
    const struct linger *linger = &sock_rare_of(s)->linger;
    struct patience w = {.ns = linger->l_linger * LW_S};

    if (!t->c || !linger->l_onoff || w.ns <= 0 || tcp_readable(t->c))
        return;
    w.end = instant_add(s->f.k->env->timers->now, w.ns);
    t->lingers = true;
    tcp_shutdown(t->c);
    while (is_closing(t) && sock_wait(p, &s->f, EPOLLOUT, &w)) {
    }
    t->lingers = false;
}
