/*
 * states.c: which way a connection can go, and the two doors that lead
 * there. nginx itself has no such table: there the state is which function
 * will be called next. The names of the first three are those under which
 * ngx_http_stub_status_module counts connections (it says "writing").
 */
#include "upstream.h"

#include <assert.h>

static const char *const conn_texts[] = {
#define S(name, text) text,
    CONN_STATES(S)
#undef S
};

static const char *const upstream_texts[] = {
#define S(name, text) text,
    UPSTREAM_STATES(S)
#undef S
};

#define ARROW(kind, from, to, cause)                                           \
    {                                                                          \
        kind##_##from, kind##_##to, (cause)                                    \
    }

const struct state_arrow conn_arrows[] = {
    ARROW(CONN, WAITING, READING, "the first byte of a request came"),
    ARROW(CONN, WAITING, CLOSED, "keepalive_timeout, or the client is gone"),
    ARROW(CONN, READING, ANSWERING, "the head is complete, or refused"),
    ARROW(CONN, READING, CLOSED, "client_header_timeout, or it broke off"),
    ARROW(CONN, ANSWERING, WAITING, "answered; the connection stays"),
    ARROW(CONN, ANSWERING, LINGERING, "answered; more may be under way"),
    ARROW(CONN, ANSWERING, CLOSED, "answered, or given up"),
    ARROW(CONN, LINGERING, CLOSED, "the client closed, or lingering_timeout"),
};

const struct state_arrow upstream_arrows[] = {
    ARROW(UPSTREAM, NONE, CONNECTING, "a request for the program is ready"),
    ARROW(UPSTREAM, NONE, SENDING, "a connection was kept"),
    ARROW(UPSTREAM, CONNECTING, SENDING, "connected"),
    ARROW(UPSTREAM, CONNECTING, CLOSED, "refused, or nobody answers"),
    ARROW(UPSTREAM, SENDING, HEADER, "the whole request is sent"),
    ARROW(UPSTREAM, SENDING, CLOSED, "the program or the client is gone"),
    ARROW(UPSTREAM, HEADER, BODY, "the header lines are complete"),
    ARROW(UPSTREAM, HEADER, CLOSED, "no answer, or one that is none"),
    ARROW(UPSTREAM, BODY, KEPT, "END_REQUEST came; the connection stays"),
    ARROW(UPSTREAM, BODY, CLOSED, "END_REQUEST came, or it broke off"),
};

const unsigned conn_arrow_count = LW_COUNT(conn_arrows);
const unsigned upstream_arrow_count = LW_COUNT(upstream_arrows);

const char *
conn_state_text(enum conn_state s)
{
    return conn_texts[s];
}

const char *
upstream_state_text(enum upstream_state s)
{
    return upstream_texts[s];
}

static bool
legal(const struct state_arrow *a, unsigned n, unsigned from, unsigned to)
{
    for (unsigned i = 0; i < n; i++)
        if (a[i].from == from && a[i].to == to)
            return true;
    return false;
}

/* The door. No other line of the program assigns a connection's state. */
void
conn_move(struct conn *c, enum conn_state to)
{
    assert(legal(conn_arrows, conn_arrow_count, c->state, to));
    NOTE(c->worker->env, EV_NGINX_STATE, RULE_NGINX_STATE,
        f_u64("conn", c->number), f_text("from", conn_texts[c->state]),
        f_text("to", conn_texts[to]));
    c->state = to;
}

/* The same for the connection to the program behind. */
void
upstream_move(struct upstream *u, enum upstream_state to)
{
    assert(legal(upstream_arrows, upstream_arrow_count, u->state, to));
    u->state = to;
    upstream_tell(u, RULE_NGINX_FASTCGI_PASS, upstream_texts[to]);
}
