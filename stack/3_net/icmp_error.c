/*
 * icmp_error.c: telling a sender that its packet did not get there (RFC 792,
 * RFC 1122 3.2.2, RFC 1812 4.3.2), and when to keep silent about it.
 */
#include "ip_core.h"
#include "bytes.h"
#include "sum.h"

#include <assert.h>
#include <errno.h>

/* The whole message, its IP header included, stays within what every host
 * must accept (RFC 1812 4.3.2.3). */
#define QUOTE_MAX (576 - IP_LEN - ICMP_LEN)

/* How much of the right to send is saved up for one destination, in times of
 * icmp_ratelimit (Linux's burst factor). */
#define BURST 6

/*
 * A bucket of `most` tokens, one of which comes back each token_ns. What is
 * kept is the instant at which it will be full.
 */
static bool
take(struct instant *full_at, struct instant now, int64_t token_ns,
    int64_t most, int64_t tokens)
{
    struct instant from = instant_lt(now, *full_at) ? *full_at : now;

    if (instant_diff(from, now) > (most - 1) * token_ns)
        return false;
    *full_at = instant_add(from, tokens * token_ns);
    return true;
}

/*
 * May this error be sent? A limit for all, so that a flood of bad packets is
 * not answered by a flood, and one for each destination (RFC 1812 4.3.2.8).
 * How far the common limit is used up must not be measurable from outside by
 * one's own share of it (CVE-2020-25705): each takes one to three tokens.
 */
static bool
may_send(struct ip *ip, uint8_t type, uint8_t code, struct ipv4 to)
{
    const struct sysctl *k = &ip->sysctl;
    struct instant now = ip->env->timers->now;
    uint64_t hash = siphash(ip->key, &to.v, sizeof to.v);
    uint64_t n = ip->errors++;
    int64_t tokens = 1 + (int64_t)(siphash(ip->key, &n, sizeof n) % 3);

    /* Path MTU discovery must not be starved (RFC 1191 3). */
    if (!((unsigned)k->icmp_ratemask >> (type & 31) & 1) ||
        (type == ICMP_UNREACHABLE && code == ICMP_CODE_TOO_BIG))
        return true;
    /* First its own, so that one who is refused uses up nothing of the
     * others'. By a keyed hash, so that a table of fixed size is enough and
     * nobody can measure what we said to others. */
    if (!take(&ip->full_at[hash % ICMP_BUCKETS], now, k->icmp_ratelimit * LW_MS,
            BURST, 1))
        return false;
    return k->icmp_msgs_per_sec > 0 &&
           take(&ip->all_full_at, now, LW_S / k->icmp_msgs_per_sec,
               k->icmp_msgs_burst, tokens);
}

/* Is the packet itself an ICMP error? Those are never answered. `data` is
 * behind its IP header. */
static bool
is_icmp_error(const struct ip_fields *f, const uint8_t *data, size_t len)
{
    if (f->h.protocol != IP_ICMP)
        return false;
    if (len < 1)
        return true; /* unknown: rather silent */
    switch (data[0]) {
    case ICMP_ECHO:
    case ICMP_ECHO_REPLY:
    case 13: /* timestamp and its reply */
    case 14: return false;
    default: return true;
    }
}

/* May this packet be answered with an error? (RFC 1122 3.2.2) */
static bool
may_answer(struct ip *ip, const struct ip_fields *f)
{
    const struct route *to = route_find(&ip->routes, f->h.dst);
    const struct route *from = route_find(&ip->routes, f->h.src);
    uint32_t source_net = f->h.src.v >> 24;

    if (f->offset != 0)
        return false;
    if (ipv4_is_multicast(f->h.dst) || f->h.dst.v == 0xffffffff ||
        (to && to->type == ROUTE_BROADCAST))
        return false;
    if (source_net == 0 || source_net >= 224 || !from || !from->nif ||
        from->type == ROUTE_BROADCAST)
        return false;
    return true;
}

/* Which of our addresses speaks: the one that was spoken to, or that of the
 * card towards the sender (RFC 1812 4.3.2.4). */
static struct ipv4
speaker(struct ip *ip, const struct ip_fields *f, const struct route *back)
{
    return ip_is_ours(ip, f->h.dst) ? f->h.dst : back->src;
}

void
icmp_error(struct ip *ip, const struct pkt *p, uint8_t type, uint8_t code,
    uint32_t rest)
{
    const uint8_t *start = p->buf + p->l3;
    const uint8_t *end = p->data + p->len;
    size_t len = (size_t)(end - start);
    struct ip_fields f;
    const struct route *back;
    struct ip_out out;

    if (ip_parse(&f, start, len).why != DROP_NONE || !may_answer(ip, &f) ||
        is_icmp_error(&f, start + f.h.header_len, len - f.h.header_len))
        return;
    back = route_find(&ip->routes, f.h.src);
    if (back->type != ROUTE_LOCAL && !may_send(ip, type, code, f.h.src))
        return;
    out = (struct ip_out){
        .src = speaker(ip, &f, back),
        .dst = f.h.src,
        .protocol = IP_ICMP,
        /* The same type of service, at the precedence of internetwork
         * control (RFC 1812 4.3.2.5); no ECN bits (RFC 3168 5). */
        .tos = 0xc0 | (f.h.tos & 0x1c),
    };
    icmp_send(
        ip, &out, type, code, rest, start, len < QUOTE_MAX ? len : QUOTE_MAX);
}

void
icmp_unreachable(struct ip *ip, const struct pkt *p, uint8_t code)
{
    icmp_error(ip, p, ICMP_UNREACHABLE, code, 0);
}

int
icmp_send(struct ip *ip, const struct ip_out *out, uint8_t type, uint8_t code,
    uint32_t rest, const void *data, size_t len)
{
    struct pkt *p = pkt_new(ip->env->pool, PKT_HEADROOM, ICMP_LEN + len);
    struct writer w;
    uint8_t *message, *body;
    uint64_t sum, no, before;
    int err;

    if (!p)
        return -ENOMEM;
    message = pkt_put(p, ICMP_LEN);
    body = pkt_put(p, (uint32_t)len);
    assert(message && body); /* pkt_new has made the room */
    w = writer_of(message, ICMP_LEN);
    put_u8(&w, type);
    put_u8(&w, code);
    put_be16(&w, 0);
    put_be32(&w, rest);
    sum = sum_add(0, message, ICMP_LEN);
    if (len)
        sum = sum_copy(sum, body, data, len);
    w = writer_of(message + 2, 2);
    put_be16(&w, sum_fold(sum));
    no = NOTE_PKT(ip->env, EV_ICMP_SEND,
        type == ICMP_ECHO || type == ICMP_ECHO_REPLY ? RULE_ICMP_ECHO
                                                     : RULE_ICMP_ERROR,
        p, pkt_off(p), p->len, f_text("type", icmp_text(type, code)),
        f_ip("dst", out->dst), f_ip("src", out->src));
    NOTE_PKT(ip->env, EV_LAYER_ADDED, RULE_ICMP_MESSAGE, p, pkt_off(p),
        ICMP_LEN, f_text("layer", "ICMP"), f_text("if", ""));
    before = journal_enter(ip->env->journal, no);
    err = ip_output(ip, p, out);
    journal_leave(ip->env->journal, before);
    return err;
}
