/*
 * state_fold.c: what each event changes, from the cable up to the sockets.
 * One small function per kind; the table at the end says which.
 */
#include "state_in.h"

#include <string.h>

static bool
same(const char *a, const char *b)
{
    return a == b || strcmp(a, b) == 0;
}

const char *
state_text(struct states *ss, const struct event *e, const char *name)
{
    const struct field *f = event_field(e, name);
    char buf[64];
    const char *kept;

    if (!f)
        return "";
    const char *text =
        f->type == FIELD_TEXT ? f->at : field_text(f, buf, sizeof buf);
    if (text != buf && !story_passes(ss->story))
        return text; /* zero-terminated by the story */
    kept = intern_text(&ss->texts, text, strlen(text));
    ss->full |= !kept;
    return kept ? kept : "";
}

/* --- the world, cables, cards --------------------------------------- */

/* "web eth0", "web:eth0" or "web": the host's number, 0 when unknown. */
static uint16_t
host_of(const struct states *ss, const char *text)
{
    size_t len = strcspn(text, ": .");

    for (unsigned i = 1; i < story_hosts(ss->story); i++) {
        const char *name = story_host(ss->story, i);

        if (strlen(name) == len && strncmp(name, text, len) == 0)
            return (uint16_t)i;
    }
    return 0;
}

static struct state_link *
link_named(struct states *ss, const char *name)
{
    struct state *st = &ss->now;
    struct state_link *l;

    for (unsigned i = 0; i < st->nlink; i++)
        if (same(st->link[i].name, name))
            return &st->link[i];
    l = state_add_link(ss);
    if (l)
        l->name = name;
    return l;
}

static void
world_cable(struct states *ss, const struct event *e)
{
    const char *name = state_text(ss, e, "name");
    struct state_link *l;

    if (!*name)
        name = state_text(ss, e, "link");
    l = link_named(ss, name);
    if (!l)
        return;
    l->a = host_of(ss, state_text(ss, e, "a"));
    l->b = host_of(ss, state_text(ss, e, "b"));
    l->delay = (int64_t)event_u64(e, "delay", 0);
    l->rate = event_u64(e, "rate", 0);
}

/* A host is seen at one end of a link. */
static struct state_link *
link_end(struct states *ss, const struct event *e)
{
    struct state_link *l = link_named(ss, state_text(ss, e, "link"));

    if (l && l->a != e->host && l->b != e->host) {
        if (!l->a)
            l->a = e->host;
        else if (!l->b)
            l->b = e->host;
    }
    return l;
}

static void
netdev(struct states *ss, const struct event *e)
{
    struct state_netif *n = state_add_netif(ss);

    if (!n)
        return;
    n->host = e->host;
    n->name = state_text(ss, e, "if");
    n->mac = state_text(ss, e, "mac");
    n->ip = state_text(ss, e, "ip");
    n->prefix = event_u64(e, "prefix", 0);
}

/* --- frames under way ----------------------------------------------- */

/* What ended before this event is no longer shown. */
static void
sweep(struct states *ss, uint64_t pkt)
{
    struct state *st = &ss->now;

    for (unsigned i = st->nflight; i-- > 0;) {
        const struct state_flight *f = &st->flight[i];

        /* to the outside nobody reports the arrival */
        if (f->done || (!f->to && f->pkt != pkt))
            state_cut_flight(st, i);
    }
}

static void
flight_new(struct states *ss, const struct event *e, uint64_t sent)
{
    struct state_link *l = link_end(ss, e);
    struct state_flight *f = state_add_flight(ss);

    if (!f || !l)
        return;
    *f = (struct state_flight){.pkt = e->pkt,
        .sent = sent,
        .link = l->name,
        .lost = "",
        .from = e->host,
        .to = l->a == e->host ? l->b : l->a,
        .at = e->at};
}

static void
frame_sent(struct states *ss, const struct event *e)
{
    flight_new(ss, e, ss->now.at);
}

static void
frame_end(struct states *ss, const struct event *e, const char *lost)
{
    struct state *st = &ss->now;

    for (unsigned i = 0; i < st->nflight; i++) {
        struct state_flight *f = &st->flight[i];

        if (f->pkt != e->pkt || f->done)
            continue;
        f->done = st->at;
        f->lost = lost;
        if (!*lost && e->host != f->from)
            f->to = e->host;
        return;
    }
}

static void
frame_received(struct states *ss, const struct event *e)
{
    link_end(ss, e);
    frame_end(ss, e, "");
}

static void
frame_lost(struct states *ss, const struct event *e)
{
    frame_end(ss, e, state_text(ss, e, "why"));
}

/* --- tables of IP --------------------------------------------------- */

static void
route_entry(struct states *ss, const struct event *e)
{
    struct state_route *r = state_add_route(ss);

    if (!r)
        return;
    r->host = e->host;
    r->prefix = state_text(ss, e, "prefix");
    r->netif = state_text(ss, e, "if");
    r->gateway = state_text(ss, e, "gateway");
    r->type = state_text(ss, e, "type");
}

static void
route_gone(struct states *ss, const struct event *e)
{
    struct state *st = &ss->now;
    unsigned i = st->nroute;

    while (i-- > 0)
        if (st->route[i].host == e->host &&
            same(st->route[i].prefix, state_text(ss, e, "prefix")) &&
            same(st->route[i].type, state_text(ss, e, "type"))) {
            st->route[i] = st->route[--st->nroute];
            break;
        }
}

static struct state_arp *
arp(struct states *ss, const struct event *e)
{
    struct state *st = &ss->now;
    const char *ip = state_text(ss, e, "ip");
    struct state_arp *a;

    for (unsigned i = 0; i < st->narp; i++)
        if (st->arp[i].host == e->host && same(st->arp[i].ip, ip))
            return &st->arp[i];
    a = state_add_arp(ss);
    if (!a)
        return NULL;
    *a = (struct state_arp){
        .host = e->host, .ip = ip, .netif = "", .mac = "", .state = ""};
    return a;
}

/* Nobody has the address 0: it stands for one not known yet. */
static const char *
known_mac(struct states *ss, const struct event *e)
{
    return event_u64(e, "mac", 0) ? state_text(ss, e, "mac") : "";
}

static void
arp_move(struct states *ss, const struct event *e)
{
    struct state_arp *a = arp(ss, e);

    if (!a)
        return;
    a->state = state_text(ss, e, "to");
    a->netif = state_text(ss, e, "if");
    if (*state_text(ss, e, "mac"))
        a->mac = known_mac(ss, e);
}

static void
arp_entry(struct states *ss, const struct event *e)
{
    struct state_arp *a = arp(ss, e);

    if (!a)
        return;
    a->state = state_text(ss, e, "state");
    a->netif = state_text(ss, e, "if");
    a->mac = known_mac(ss, e);
}

static void
arp_hold(struct states *ss, const struct event *e)
{
    struct state_arp *a = arp(ss, e);

    if (a)
        a->held = event_u64(e, "held", 0);
}

static void
arp_release(struct states *ss, const struct event *e)
{
    struct state_arp *a = arp(ss, e);

    if (a)
        a->held = 0;
}

/* --- sockets -------------------------------------------------------- */

static struct state_sock *
sock_find(struct states *ss, uint16_t host, uint64_t sock)
{
    struct state *st = &ss->now;

    for (unsigned i = st->nsock; i-- > 0;)
        if (st->sock[i].sock == sock && st->sock[i].host == host)
            return &st->sock[i];
    return NULL;
}

static struct state_sock *
sock(struct states *ss, const struct event *e)
{
    uint64_t no = event_u64(e, "sock", 0);
    struct state_sock *s = sock_find(ss, e->host, no);

    if (s)
        return s;
    s = state_add_sock(ss);
    if (!s)
        return NULL;
    *s = (struct state_sock){.host = e->host,
        .pid = e->pid,
        .sock = no,
        .type = "",
        .local = "",
        .remote = "",
        .state = ""};
    return s;
}

/* Takes over what the event says about the socket. */
static void
sock_event(struct states *ss, const struct event *e)
{
    struct state_sock *s = sock(ss, e);

    if (!s)
        return;
    if (event_field(e, "type"))
        s->type = state_text(ss, e, "type");
    if (event_field(e, "local"))
        s->local = state_text(ss, e, "local");
    if (event_field(e, "remote"))
        s->remote = state_text(ss, e, "remote");
    s->rcv = event_u64(e, "rcv", s->rcv);
    s->snd = event_u64(e, "snd", s->snd);
    s->waiting = event_u64(e, "waiting", s->waiting);
    s->backlog = event_u64(e, "backlog", s->backlog);
    if (e->kind == EV_SOCKET_LISTEN) {
        s->listens = true;
        s->state = "LISTEN";
    }
    if (e->kind == EV_SOCKET_ACCEPT && !*s->type) {
        struct state_sock *l =
            sock_find(ss, e->host, event_u64(e, "listener", 0));
        s->type = l ? l->type : "";
        s->pid = e->pid;
    }
}

static void
sock_close(struct states *ss, const struct event *e)
{
    struct state *st = &ss->now;
    struct state_sock *s = sock_find(ss, e->host, event_u64(e, "sock", 0));

    if (s)
        state_cut_sock(st, (unsigned)(s - st->sock));
}

/* --- TCP ------------------------------------------------------------ */

static struct state_conn *
conn_find(struct states *ss, const struct event *e)
{
    struct state *st = &ss->now;
    uint64_t no = event_u64(e, "conn", 0);

    for (unsigned i = st->nconn; i-- > 0;)
        if (st->conn[i].conn == no && st->conn[i].host == e->host)
            return &st->conn[i];
    return NULL;
}

static struct state_conn *
conn(struct states *ss, const struct event *e)
{
    bool new = ss->retold && e->kind == EV_TCP_CONN;
    struct state_conn *c = new ? NULL : conn_find(ss, e);

    if (c)
        return c;
    c = state_add_conn(ss);
    if (!c)
        return NULL;
    *c = (struct state_conn){.host = e->host,
        .conn = event_u64(e, "conn", 0),
        .local = "",
        .remote = "",
        .state = "CLOSED",
        .timer = ""};
    return c;
}

static void
conn_event(struct states *ss, const struct event *e)
{
    struct state_conn *c = conn(ss, e);
    struct state_sock *s;

    if (!c)
        return;
    if (event_field(e, "local"))
        c->local = state_text(ss, e, "local");
    if (event_field(e, "remote"))
        c->remote = state_text(ss, e, "remote");
    c->sock = event_u64(e, "sock", c->sock);
    s = c->sock ? sock_find(ss, e->host, c->sock) : NULL;
    if (s) {
        s->state = c->state;
        s->local = c->local;
        s->remote = c->remote;
    }
}

static void
tcp_move(struct states *ss, const struct event *e)
{
    struct state *st = &ss->now;
    struct state_conn *c = conn(ss, e);

    if (!c)
        return;
    c->state = state_text(ss, e, "to");
    conn_event(ss, e);
    if (same(c->state, "CLOSED"))
        state_cut_conn(st, (unsigned)(c - st->conn));
}

static void
tcp_vars(struct states *ss, const struct event *e)
{
    struct state_conn *c = conn(ss, e);

    if (!c)
        return;
    c->known = true;
    c->una = event_u64(e, "una", c->una);
    c->nxt = event_u64(e, "nxt", c->nxt);
    c->snd_wnd = event_u64(e, "snd_wnd", c->snd_wnd);
    c->rcv_nxt = event_u64(e, "rcv_nxt", c->rcv_nxt);
    c->rcv_wnd = event_u64(e, "rcv_wnd", c->rcv_wnd);
    c->cwnd = event_u64(e, "cwnd", c->cwnd);
    c->ssthresh = event_u64(e, "ssthresh", c->ssthresh);
    c->rto = (int64_t)event_u64(e, "rto", (uint64_t)c->rto);
    c->srtt = (int64_t)event_u64(e, "srtt", (uint64_t)c->srtt);
}

static void
tcp_timer(struct states *ss, const struct event *e)
{
    struct state_conn *c = conn_find(ss, e);

    if (!c)
        return;
    c->timer = e->kind == EV_TCP_TIMER ? state_text(ss, e, "timer") : "";
    c->due = instant_add(e->at, (int64_t)event_u64(e, "in", 0));
}

state_fold *
state_fold_net(enum event_kind kind)
{
    static state_fold *const table[EV_COUNT] = {
        [EV_WORLD_CABLE] = world_cable,
        [EV_NETDEV] = netdev,
        [EV_FRAME_SENT] = frame_sent,
        [EV_FRAME_DUPLICATED] = frame_sent,
        [EV_FRAME_RECEIVED] = frame_received,
        [EV_FRAME_LOST] = frame_lost,
        [EV_ROUTE_ENTRY] = route_entry,
        [EV_ROUTE_GONE] = route_gone,
        [EV_ARP_MOVE] = arp_move,
        [EV_ARP_ENTRY] = arp_entry,
        [EV_ARP_HOLD] = arp_hold,
        [EV_ARP_RELEASE] = arp_release,
        [EV_SOCKET_NEW] = sock_event,
        [EV_SOCKET_BIND] = sock_event,
        [EV_SOCKET_LISTEN] = sock_event,
        [EV_SOCKET_CONNECT] = sock_event,
        [EV_SOCKET_ACCEPT] = sock_event,
        [EV_SOCKET_QUEUE] = sock_event,
        [EV_SOCKET_BACKLOG] = sock_event,
        [EV_SOCKET_CLOSE] = sock_close,
        [EV_TCP_CONN] = conn_event,
        [EV_TCP_MOVE] = tcp_move,
        [EV_TCP_VARS] = tcp_vars,
        [EV_TCP_CWND] = tcp_vars,
        [EV_TCP_RTT] = tcp_vars,
        [EV_TCP_TIMER] = tcp_timer,
        [EV_TCP_EXPIRED] = tcp_timer,
    };

    return table[kind];
}

void
state_apply(struct states *ss)
{
    struct state *st = &ss->now;
    const struct event *e = story_event(ss->story, ++st->at);

    st->now = e->at;
    sweep(ss, e->pkt);
    state_fold_event(ss, e);
}
