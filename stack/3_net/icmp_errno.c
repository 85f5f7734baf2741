/*
 * icmp_errno.c: what an ICMP error means to a program: Linux's translation
 * (icmp(7); the codes are those of RFC 792, RFC 1122 3.2.2.1, RFC 1812
 * 5.2.7.1). A hard error says that trying again is of no use (RFC 1122
 * 4.2.3.9).
 */
#include "ip_core.h"

#include <errno.h>

static const struct {
    uint8_t error;
    bool hard;
} unreachable[] = {
    {ENETUNREACH, false},  /* 0: net */
    {EHOSTUNREACH, false}, /* 1: host */
    {ENOPROTOOPT, true},   /* 2: protocol */
    {ECONNREFUSED, true},  /* 3: port */
    {EMSGSIZE, false},     /* 4: fragmentation needed */
    {EOPNOTSUPP, false},   /* 5: source route failed */
    {ENETUNREACH, true},   /* 6: net unknown */
    {EHOSTDOWN, true},     /* 7: host unknown */
    {ENONET, true},        /* 8: host isolated */
    {ENETUNREACH, true},   /* 9: net prohibited */
    {EHOSTUNREACH, true},  /* 10: host prohibited */
    {ENETUNREACH, false},  /* 11: net, for this type of service */
    {EHOSTUNREACH, false}, /* 12: host, for this type of service */
    {EHOSTUNREACH, true},  /* 13: prohibited by a filter */
    {EHOSTUNREACH, true},  /* 14: precedence violation */
    {EHOSTUNREACH, true},  /* 15: precedence too low */
};

int
ip_error_errno(const struct ip_error *err, bool *hard)
{
    *hard = false;
    switch (err->type) {
    case ICMP_UNREACHABLE:
        if (err->code >= LW_COUNT(unreachable))
            return 0;
        *hard = unreachable[err->code].hard;
        return unreachable[err->code].error;
    case ICMP_TIME_EXCEEDED: return EHOSTUNREACH;
    case ICMP_PARAMETER: *hard = true; return EPROTO;
    default: return 0;
    }
}

void
ip_trouble_fill(struct ip *ip, const struct ip_error *err, struct ip_trouble *t)
{
    bool hard;

    *t = (struct ip_trouble){.error = ip_error_errno(err, &hard),
        .type = err->type,
        .code = err->code,
        .from = err->from,
        .us = err->came->dst,
        .card = ip_card_index(ip, err->came->nif),
        .ttl = err->came->ttl,
        .tos = err->came->tos};
    if (t->error == EMSGSIZE)
        t->info = err->next_mtu;
}
