/*
 * ip_options.c: the options of an IPv4 header, understood.
 *
 * What they ask for: a record of the addresses (and times) that a packet
 * passes, or a way that it shall take. Source routes lead packets past the
 * guards and are refused unless accept_source_route allows them (RFC 7126
 * 4.3, 4.4); the others only add to what the packet carries.
 */
#include "ip_options.h"
#include "bytes.h"
#include "ip_core.h"

#include <stdio.h>
#include <string.h>

#define END          0
#define NOP          1
#define RECORD_ROUTE 7
#define TIMESTAMP    68
#define LOOSE_ROUTE  131
#define ROUTER_ALERT 148
#define STRICT_ROUTE 137

#define TS_ONLY    0 /* flags of a timestamp: times alone */
#define TS_ADDRESS 1 /* each with the address of who adds it */
#define TS_GIVEN   3 /* the sender gave the addresses */

#define REFUSE(drop, rule_) ((struct ip_verdict){DROP_##drop, RULE_##rule_})
#define ACCEPT              ((struct ip_verdict){DROP_NONE, RULE_NONE})

/* One option in place: byte 0 is its type, 1 its length, 2 its pointer.
 * Returns the offset in it of what is wrong, or -1. */
static int
judge_addresses(const uint8_t *o)
{
    if (o[1] < 3)
        return 1;
    if (o[2] < 4 || (o[2] <= o[1] && o[2] + 3 > o[1]))
        return 2;
    return -1;
}

static int
judge_timestamp(const uint8_t *o)
{
    unsigned entry;

    if (o[1] < 4)
        return 1;
    if (o[2] < 5)
        return 2;
    if (o[2] > o[1]) /* full: those who find no room are counted, to 15 */
        return o[3] >> 4 == 15 ? 2 : -1;
    switch (o[3] & 15) {
    case TS_ONLY: entry = 4; break;
    case TS_ADDRESS:
    case TS_GIVEN: entry = 8; break;
    default: return 3;
    }
    return o[2] + entry - 1 > o[1] ? 2 : -1;
}

/* Where in `o` an option of this type is noted, or NULL: it is passed over. */
static uint8_t *
place_of(struct ip_options *o, uint8_t type)
{
    switch (type) {
    case RECORD_ROUTE: return &o->record_route;
    case TIMESTAMP: return &o->timestamp;
    case LOOSE_ROUTE:
    case STRICT_ROUTE: return &o->source_route;
    case ROUTER_ALERT: return &o->router_alert;
    default: return NULL;
    }
}

struct ip_verdict
ip_options_parse(struct ip_options *o, const struct ip_fields *f,
    const uint8_t *header, uint8_t *bad)
{
    unsigned at = IP_LEN, end = f->h.header_len;

    *o = (struct ip_options){0};
    while (at < end && header[at] != END) {
        const uint8_t *option = header + at;
        uint8_t *place = place_of(o, option[0]);
        int wrong = -1;

        *bad = (uint8_t)at;
        if (option[0] == NOP) {
            at++;
            continue;
        }
        if (end - at < 2 || option[1] < 2 || option[1] > end - at)
            return REFUSE(IP_OPTION, IP_OPTION);
        if (place && *place) /* twice */
            return REFUSE(IP_OPTION, IP_OPTION);
        if (place)
            *place = (uint8_t)at;
        if (place == &o->timestamp)
            wrong = judge_timestamp(option);
        else if (place == &o->router_alert)
            wrong = option[1] < 4 ? 1 : -1;
        else if (place)
            wrong = judge_addresses(option);
        if (wrong >= 0) {
            *bad = (uint8_t)(at + (unsigned)wrong);
            return REFUSE(IP_OPTION, IP_OPTION);
        }
        o->strict |= option[0] == STRICT_ROUTE;
        at += option[1];
    }
    return ACCEPT;
}

static void
put_at(uint8_t *at, uint32_t v)
{
    struct writer w = writer_of(at, 4);

    put_be32(&w, v);
}

static struct ipv4
address_at(const uint8_t *at)
{
    struct cursor c = cursor_of(at, 4);

    return get_ipv4(&c);
}

/* A time, when there is room; else one more that found none. */
static void
record_time(struct ip *ip, uint8_t *o, struct ipv4 us, uint32_t now_ms)
{
    unsigned flag = o[3] & 15;
    uint8_t *at = o + o[2] - 1;

    if (o[2] > o[1]) {
        if (o[3] >> 4 < 15)
            o[3] = (uint8_t)(o[3] + 0x10);
        return;
    }
    if (flag == TS_GIVEN && !ip_is_ours(ip, address_at(at)))
        return;
    if (flag == TS_ADDRESS)
        put_at(at, us.v);
    if (flag != TS_ONLY)
        at += 4;
    put_at(at, now_ms);
    o[2] = (uint8_t)(o[2] + (flag == TS_ONLY ? 4 : 8));
}

void
ip_options_record(struct ip *ip, const struct ip_options *o, uint8_t *header,
    struct ipv4 us, uint32_t now_ms)
{
    uint8_t *route = header + o->record_route;

    if (o->record_route && route[2] <= route[1]) {
        put_at(route + route[2] - 1, us.v);
        route[2] = (uint8_t)(route[2] + 4);
    }
    if (o->timestamp)
        record_time(ip, header + o->timestamp, us, now_ms);
}

bool
ip_options_next(const struct ip_options *o, uint8_t *header, struct ipv4 us,
    struct ipv4 *dst)
{
    uint8_t *route = header + o->source_route;

    if (!o->source_route || route[2] > route[1])
        return false;
    *dst = address_at(route + route[2] - 1);
    put_at(route + route[2] - 1, us.v);
    put_at(header + 16, dst->v);
    route[2] = (uint8_t)(route[2] + 4);
    return true;
}

/* The source route at `from`, backwards; how many bytes. */
static size_t
turn_round(
    uint8_t *to, const uint8_t *from, struct ipv4 sender, struct ipv4 *dst)
{
    unsigned end = from[2] - 1u < from[1] ? from[2] - 1u : from[1];
    unsigned n = (end - 3) / 4; /* stations that it has passed */

    if (n == 0)
        return 0;
    to[0] = from[0];
    to[1] = (uint8_t)(3 + 4 * n);
    to[2] = 4;
    *dst = address_at(from + 3 + 4 * (n - 1));
    for (unsigned i = 1; i < n; i++)
        memcpy(to + 3 + 4 * (i - 1), from + 3 + 4 * (n - 1 - i), 4);
    put_at(to + 3 + 4 * (n - 1), sender.v);
    return to[1];
}

size_t
ip_options_answer(const struct ip_options *o, const uint8_t *header,
    size_t header_len, uint8_t to[IP_OPTIONS_MAX], struct ipv4 *dst)
{
    struct ipv4 sender = *dst;
    size_t len = 0;

    memset(to, 0, IP_OPTIONS_MAX);
    if (header_len <= IP_LEN)
        return 0;
    if (o->source_route)
        len += turn_round(to, header + o->source_route, sender, dst);
    if (o->record_route) {
        memcpy(to + len, header + o->record_route, header[o->record_route + 1]);
        len += header[o->record_route + 1];
    }
    if (o->timestamp) {
        memcpy(to + len, header + o->timestamp, header[o->timestamp + 1]);
        len += header[o->timestamp + 1];
    }
    return (len + 3) & ~(size_t)3;
}

/* --- for the journal ----------------------------------------------------- */

static void
list(char *buf, size_t size, const char *what, const uint8_t *o, unsigned from,
    unsigned step)
{
    size_t n = strlen(buf);
    char addr[16];

    snprintf(buf + n, size - n, "%s%s", n ? "; " : "", what);
    for (unsigned at = from; step && at + 4u <= o[1] && at + 1u < o[2];
         at += step) {
        n = strlen(buf);
        snprintf(buf + n, size - n, " %s", ipv4_text(address_at(o + at), addr));
    }
}

char *
ip_options_text(
    const struct ip_options *o, const uint8_t *header, char *buf, size_t size)
{
    buf[0] = 0;
    if (o->record_route)
        list(buf, size, "record route", header + o->record_route, 3, 4);
    if (o->source_route)
        list(buf, size,
            o->strict ? "strict source route" : "loose source route",
            header + o->source_route, 3, 4);
    if (o->timestamp)
        list(buf, size, "timestamp", header + o->timestamp, 4,
            (header[o->timestamp + 3] & 15) == TS_ONLY ? 0 : 8);
    if (o->router_alert)
        list(buf, size, "router alert", header, 0, 0);
    return buf;
}
