/*
 * reply.c: what of an answer is believed.
 */
#include "reply.h"

static enum reply_kind
verdict(struct reply *out, enum reply_kind kind, const char *why, uint32_t at)
{
    out->why = why;
    out->at = at;
    return kind;
}

static bool
same_question(const struct dns_question *a, const struct dns_question *b)
{
    return a->type == b->type && a->class == b->class &&
           dns_name_eq(&a->name, &b->name);
}

/* RFC 5452 9.1. NULL: it is ours. */
static const char *
stranger(struct dns_reader *r, uint16_t id, const struct dns_question *asked,
    uint32_t *at)
{
    const struct dns_header *h = &r->header;
    struct dns_question q;

    *at = 0;
    if (h->id != id)
        return "its id is not the question's";
    *at = 2;
    if (!h->qr)
        return "it is a question itself";
    if (h->opcode)
        return "its opcode is not the question's";
    *at = 4;
    if (h->count[DNS_QUESTION] != 1)
        return "it does not repeat the one question";
    if (dns_question(r, &q) < 0) {
        *at = r->fault.at;
        return dns_bad_text(r->fault.why);
    }
    *at = q.at;
    return same_question(&q, asked) ? NULL : "its question is not ours";
}

/* RFC 1035 4.1.1, as resolver(3) takes it. */
static enum reply_kind
by_rcode(struct reply *out)
{
    const struct dns_header *h = &out->header;

    switch (h->rcode) {
    case DNS_NOERROR: break;
    case DNS_NXDOMAIN:
        return verdict(out, REPLY_NO_NAME, "the name does not exist", 3);
    case DNS_SERVFAIL:
        return verdict(out, REPLY_NEXT_SERVER, "the server has failed", 3);
    case DNS_NOTIMP:
        return verdict(
            out, REPLY_NEXT_SERVER, "the server does not know how", 3);
    case DNS_REFUSED:
        return verdict(out, REPLY_NEXT_SERVER, "the server refuses", 3);
    case DNS_FORMERR:
        return verdict(
            out, REPLY_FAILED, "the server cannot read the question", 3);
    default:
        return verdict(out, REPLY_FAILED, "the server gives an odd code", 3);
    }
    if (h->count[DNS_ANSWER] == 0 && !h->aa && !h->ra)
        return verdict(out, REPLY_NEXT_SERVER,
            "the server only refers to others (no recursion)", 3);
    return REPLY_FOUND;
}

static bool
in_chain(const struct reply *r, const struct dns_name *name)
{
    for (unsigned i = 0; i < r->nchain; i++)
        if (dns_name_eq(&r->chain[i], name))
            return true;
    return false;
}

static void
keep_ttl(struct reply *out, const struct dns_record *rr)
{
    if (dns_ttl(rr) < out->ttl)
        out->ttl = dns_ttl(rr);
}

/* The alias of the last name of the chain, if the answer has one. */
static bool
find_alias(struct dns_reader r, struct reply *out, struct dns_record *rr)
{
    const struct dns_name *last = &out->chain[out->nchain - 1];

    while (dns_record(&r, rr) == 1 && rr->section == DNS_ANSWER)
        if (rr->type == DNS_CNAME && rr->class == DNS_CLASS_IN &&
            dns_name_eq(&rr->name, last))
            return true;
    return false;
}

/* RFC 1034 3.6.2: aliases lead on; they stand in any order. */
static enum reply_kind
follow(const struct dns_reader *start, struct reply *out)
{
    struct dns_record rr;

    while (find_alias(*start, out, &rr)) {
        if (in_chain(out, &rr.target))
            return verdict(
                out, REPLY_FAILED, "the aliases lead in a circle", rr.at);
        if (out->nchain == REPLY_CHAIN)
            return verdict(out, REPLY_FAILED, "the aliases do not end", rr.at);
        out->chain[out->nchain++] = rr.target;
        keep_ttl(out, &rr);
    }
    return REPLY_FOUND;
}

static enum reply_kind
collect(struct dns_reader r, struct reply *out)
{
    const struct dns_name *last = &out->chain[out->nchain - 1];
    struct dns_record rr;

    while (dns_record(&r, &rr) == 1 && rr.section == DNS_ANSWER) {
        if (rr.shape != DNS_SHAPE_A || !dns_name_eq(&rr.name, last))
            continue;
        if (out->naddrs < REPLY_ADDRS)
            out->addrs[out->naddrs++] = rr.a;
        keep_ttl(out, &rr);
    }
    if (out->naddrs)
        return REPLY_FOUND;
    return verdict(out, REPLY_NO_DATA, "the name has no address", 6);
}

enum reply_kind
reply_read(const void *message, size_t len, uint16_t id,
    const struct dns_question *asked, struct reply *out)
{
    struct dns_reader r, start;
    struct dns_record rr;
    enum reply_kind kind;
    uint32_t at;

    *out = (struct reply){.ttl = UINT32_MAX, .nchain = 1};
    out->chain[0] = asked->name;
    if (dns_open(&r, message, len))
        return verdict(
            out, REPLY_IGNORED, dns_bad_text(r.fault.why), r.fault.at);
    out->header = r.header;
    const char *why = stranger(&r, id, asked, &at);
    if (why)
        return verdict(out, REPLY_IGNORED, why, at);
    if (r.header.tc) /* the rest is not worth reading (RFC 2181 9) */
        return verdict(out, REPLY_TRUNCATED, "it was cut to fit", 2);
    start = r;
    while (dns_record(&r, &rr) == 1)
        ;
    if (r.fault.why != DNS_BAD_NONE)
        return verdict(
            out, REPLY_IGNORED, dns_bad_text(r.fault.why), r.fault.at);
    kind = by_rcode(out);
    if (kind == REPLY_FOUND)
        kind = follow(&start, out);
    return kind == REPLY_FOUND ? collect(start, out) : kind;
}

bool
reply_counts(const struct reply *r, const struct dns_record *rr)
{
    if (rr->section != DNS_ANSWER || rr->class != DNS_CLASS_IN)
        return false;
    if (rr->type == DNS_A)
        return dns_name_eq(&rr->name, &r->chain[r->nchain - 1]);
    return rr->type == DNS_CNAME && in_chain(r, &rr->name);
}
