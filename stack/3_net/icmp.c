/*
 * icmp.c: ICMP messages arriving (RFC 792, RFC 1122 3.2.2): echoes are
 * answered, errors go to the protocol whose packet they quote, the rest is
 * thrown away in silence.
 *
 * Left out: address masks (RFC 6918), and the obsolete source quench, which
 * is ignored on purpose (RFC 6633).
 */
#include "ip_core.h"
#include "ip_options.h"
#include "bytes.h"
#include "sum.h"

#include <string.h>

const char *
icmp_text(uint8_t type, uint8_t code)
{
    static const char *const unreachable[] = {"network unreachable",
        "host unreachable", "protocol unreachable", "port unreachable",
        "fragmentation needed", "source route failed", "network unknown",
        "host unknown", "host isolated", "network prohibited",
        "host prohibited", "network unreachable for this type of service",
        "host unreachable for this type of service", "communication prohibited",
        "host precedence violation", "precedence cutoff"};

    switch (type) {
    case ICMP_ECHO: return "echo request";
    case ICMP_ECHO_REPLY: return "echo reply";
    case ICMP_UNREACHABLE:
        return code < LW_COUNT(unreachable) ? unreachable[code]
                                            : "destination unreachable";
    case ICMP_TIME_EXCEEDED:
        return code ? "reassembly time exceeded" : "time exceeded";
    case ICMP_PARAMETER: return "parameter problem";
    case ICMP_SOURCE_QUENCH: return "source quench";
    case ICMP_REDIRECT: return "redirect";
    case ICMP_TIMESTAMP: return "timestamp request";
    case ICMP_TIMESTAMP_REPLY: return "timestamp reply";
    default: return "message of another type";
    }
}

/* A question to all: is it answered, and in whose name? (RFC 1122 3.2.2.6:
 * it may be; the source is one of ours) */
static bool
answers_all(const struct ip *ip, const struct ip_hdr *ih, struct ipv4 *src)
{
    *src = ih->nif->addr;
    return !ip->sysctl.icmp_echo_ignore_broadcasts;
}

/* Milliseconds since midnight UT: the time of IP's and ICMP's timestamps
 * (RFC 791 3.1, RFC 792). */
uint32_t
icmp_time(const struct ip *ip)
{
    const struct timers *ts = ip->env->timers;
    int64_t ms = ts->epoch % 86400 * 1000 + ts->now.ns / LW_MS;

    return (uint32_t)(ms % 86400000);
}

/* What time is it there? The asker's time, when the question came, when the
 * answer goes (RFC 1122 3.2.2.8). Takes p. */
static void
timestamp(struct ip *ip, struct pkt *p, const struct ip_hdr *ih, uint32_t rest)
{
    struct ip_out out = {.src = ih->dst,
        .dst = ih->src,
        .protocol = IP_ICMP,
        .tos = ih->tos & 0xfc};
    struct cursor c = cursor_of(p->data + ICMP_LEN, p->len - ICMP_LEN);
    uint8_t times[12];
    struct writer w = writer_of(times, sizeof times);

    put_be32(&w, get_be32(&c)); /* originate */
    put_be32(&w, icmp_time(ip));
    put_be32(&w, icmp_time(ip));
    if (c.over || (ih->to_broadcast && !answers_all(ip, ih, &out.src))) {
        pkt_drop(ip->env, p, c.over ? DROP_ICMP_MALFORMED : DROP_ICMP_IGNORED,
            c.over ? RULE_ICMP_MESSAGE : RULE_ICMP_ECHO_BROADCAST);
        return;
    }
    icmp_send(ip, &out, ICMP_TIMESTAMP_REPLY, 0, rest, times, sizeof times);
    pkt_free(p);
}

/* The options of the answer to p, into `options` and `out`. What is recorded
 * on the way there is recorded on (RFC 1122 3.2.2.6), and we twice: as who it
 * came to and, when it leaves, as who it comes from; so does Linux. */
static void
answer_options(struct ip *ip, const struct pkt *p, const struct ip_hdr *ih,
    uint8_t options[IP_OPTIONS_MAX], struct ip_out *out)
{
    uint8_t header[IP_LEN + IP_OPTIONS_MAX];
    struct ip_fields f = {.h = *ih};
    struct ip_options o;
    uint8_t bad;

    memcpy(header, p->buf + p->l3, ih->header_len);
    if (ip_options_parse(&o, &f, header, &bad).why != DROP_NONE)
        return;
    ip_options_record(ip, &o, header, out->src, icmp_time(ip));
    out->noptions = (uint8_t)ip_options_answer(
        &o, header, ih->header_len, options, &out->dst);
    out->options = options;
}

/* An echo request: the same data back. Takes p. */
static void
echo(struct ip *ip, struct pkt *p, const struct ip_hdr *ih, uint32_t rest)
{
    uint8_t options[IP_OPTIONS_MAX];
    struct ip_out out = {
        .src = ih->dst,
        .dst = ih->src,
        .protocol = IP_ICMP,
        .tos = ih->tos & 0xfc, /* not the ECN bits (RFC 3168 5) */
    };

    if (ip->sysctl.icmp_echo_ignore_all) {
        pkt_drop(ip->env, p, DROP_ICMP_IGNORED, RULE_ICMP_ECHO_OFF);
        return;
    }
    if (ih->to_broadcast && !answers_all(ip, ih, &out.src)) {
        pkt_drop(ip->env, p, DROP_ICMP_IGNORED, RULE_ICMP_ECHO_BROADCAST);
        return;
    }
    if (ih->header_len > IP_LEN)
        answer_options(ip, p, ih, options, &out);
    icmp_send(ip, &out, ICMP_ECHO_REPLY, 0, rest, p->data + ICMP_LEN,
        p->len - ICMP_LEN);
    pkt_free(p);
}

/* An error: finds out whose packet it quotes. Takes p. */
static void
error(struct ip *ip, struct pkt *p, const struct ip_hdr *ih, uint8_t type,
    uint8_t code, uint32_t rest)
{
    struct ipv4 gateway = {rest}; /* of a redirect */
    const struct ip_proto *proto;
    struct ip_error err = {
        .from = ih->src, .type = type, .code = code, .came = ih};
    struct cursor c = cursor_of(p->data + ICMP_LEN, p->len - ICMP_LEN);
    uint8_t first = get_u8(&c);
    uint8_t protocol;
    bool ours; /* the transport knows what is quoted */

    get_bytes(&c, 8);
    protocol = get_u8(&c);
    get_be16(&c); /* a checksum that routers on the way may have changed */
    err.src = get_ipv4(&c);
    err.dst = get_ipv4(&c);
    get_bytes(&c, (first & 15u) * 4 - IP_LEN);
    if (first >> 4 != 4 || (first & 15) < 5 || c.over || cursor_left(&c) < 8) {
        pkt_drop(ip->env, p, DROP_ICMP_MALFORMED, RULE_ICMP_ERROR_IN);
        return;
    }
    if (!ip_is_ours(ip, err.src)) {
        pkt_drop(ip->env, p, DROP_ICMP_IGNORED, RULE_ICMP_NOT_OURS);
        return;
    }
    if (type == ICMP_UNREACHABLE && code == ICMP_CODE_TOO_BIG)
        err.next_mtu = (uint16_t)rest; /* RFC 1191 4 */
    err.data = c.at;
    err.len = (uint32_t)cursor_left(&c);
    proto = ip_proto_find(ip, protocol);
    ours = proto && proto->error && proto->error(proto->owner, &err);
    if (type == ICMP_REDIRECT &&
        !(ours && icmp_redirect_input(ip, ih, &err, gateway)))
        pkt_drop(ip->env, p, DROP_ICMP_IGNORED, RULE_ICMP_REDIRECT_REFUSED);
    else
        pkt_free(p);
}

/* The message at p is in order. Takes p. */
static void
dispatch(struct ip *ip, struct pkt *p, const struct ip_hdr *ih)
{
    struct cursor c = cursor_of(p->data, p->len);
    uint8_t type = get_u8(&c);
    uint8_t code = get_u8(&c);
    uint32_t rest;

    get_be16(&c); /* the checksum was verified */
    rest = get_be32(&c);
    if (ih->to_broadcast && type != ICMP_ECHO && type != ICMP_TIMESTAMP) {
        /* Nobody tells all hosts of an error of one. */
        pkt_drop(ip->env, p, DROP_ICMP_IGNORED, RULE_ICMP_TO_ALL);
        return;
    }
    switch (type) {
    case ICMP_TIMESTAMP: timestamp(ip, p, ih, rest); break;
    case ICMP_ECHO: echo(ip, p, ih, rest); break;
    case ICMP_ECHO_REPLY: pkt_free(p); break; /* its event has said it all */
    case ICMP_UNREACHABLE:
    case ICMP_TIME_EXCEEDED:
    case ICMP_REDIRECT:
    case ICMP_PARAMETER: error(ip, p, ih, type, code, rest); break;
    case ICMP_SOURCE_QUENCH:
        pkt_drop(ip->env, p, DROP_ICMP_IGNORED, RULE_ICMP_SOURCE_QUENCH);
        break;
    default: pkt_drop(ip->env, p, DROP_ICMP_IGNORED, RULE_ICMP_IGNORED);
    }
}

void
icmp_input(void *owner, struct pkt *p, const struct ip_hdr *ih)
{
    struct ip *ip = owner;
    uint64_t no, before;
    struct cursor c;
    uint8_t type, code;

    if (p->len < ICMP_LEN) {
        pkt_drop(ip->env, p, DROP_ICMP_MALFORMED, RULE_ICMP_MESSAGE);
        return;
    }
    if (sum_fold(sum_add(0, p->data, p->len)) != 0) {
        pkt_drop(ip->env, p, DROP_ICMP_CHECKSUM, RULE_ICMP_CHECKSUM);
        return;
    }
    c = cursor_of(p->data, p->len);
    type = get_u8(&c);
    code = get_u8(&c);
    NOTE_PKT(ip->env, EV_LAYER_STRIPPED, RULE_ICMP_MESSAGE, p, pkt_off(p),
        ICMP_LEN, f_text("layer", "ICMP"), f_text("if", ""));
    no = NOTE_PKT(ip->env, EV_ICMP_ARRIVE, RULE_ICMP_MESSAGE, p, pkt_off(p),
        p->len, f_text("type", icmp_text(type, code)), f_ip("src", ih->src),
        f_ip("dst", ih->dst), f_u64("len", p->len - ICMP_LEN));
    before = journal_enter(ip->env->journal, no);
    dispatch(ip, p, ih);
    journal_leave(ip->env->journal, before);
}

int
icmp_ping(struct ip *ip, const struct ip_out *how, uint16_t id, uint16_t seq,
    const void *data, size_t len)
{
    struct ip_out out = *how;
    unsigned mtu;
    int err = ip_source(ip, out.dst, &out.src, &mtu);

    if (err)
        return err;
    out.protocol = IP_ICMP;
    return icmp_send(
        ip, &out, ICMP_ECHO, 0, (uint32_t)id << 16 | seq, data, len);
}

int
icmp_echo(struct ip *ip, struct ipv4 dst, uint8_t ttl, uint16_t id,
    uint16_t seq, const void *data, size_t len)
{
    struct ip_out out = {.dst = dst, .ttl = ttl};

    return icmp_ping(ip, &out, id, seq, data, len);
}
