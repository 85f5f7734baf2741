/*
 * dns.c: reads a message as RFC 1035 4 lays it out, and believes none of its
 * lengths: counts only end a section early (RFC 9267 6), RDLENGTH must lie
 * within the message and be what the type's data needs, to the byte (RFC
 * 9267 5), and after the last record nothing may follow.
 */
#include "dns.h"

#include <errno.h>

static int
refuse(struct dns_reader *r, enum dns_bad why, const uint8_t *at)
{
    if (r->fault.why == DNS_BAD_NONE)
        r->fault = (struct dns_fault){why, (uint32_t)(at - r->message.at)};
    return -EBADMSG;
}

/* The same, for the functions that say no. */
static bool
no(struct dns_reader *r, enum dns_bad why, const uint8_t *at)
{
    refuse(r, why, at);
    return false;
}

static bool
bit(unsigned flags, unsigned n)
{
    return flags >> n & 1;
}

int
dns_open(struct dns_reader *r, const void *message, size_t len)
{
    struct dns_header *h = &r->header;
    unsigned flags;

    *r = (struct dns_reader){.message = cursor_of(message, len)};
    r->c = r->message;
    h->id = get_be16(&r->c);
    flags = get_be16(&r->c);
    h->qr = bit(flags, 15);
    h->opcode = flags >> 11 & 15;
    h->aa = bit(flags, 10);
    h->tc = bit(flags, 9);
    h->rd = bit(flags, 8);
    h->ra = bit(flags, 7);
    h->z = bit(flags, 6);
    h->ad = bit(flags, 5);
    h->cd = bit(flags, 4);
    h->rcode = flags & 15;
    for (unsigned i = 0; i < DNS_SECTIONS; i++)
        h->count[i] = get_be16(&r->c);
    return r->c.over ? refuse(r, DNS_BAD_HEADER, r->message.end) : 0;
}

/* The name at the cursor of r or of a record's data. */
static bool
name(struct dns_reader *r, struct cursor *c, struct dns_name *out)
{
    return dns_name_get(c, &r->message, out, &r->fault);
}

int
dns_question(struct dns_reader *r, struct dns_question *q)
{
    const uint8_t *at = r->c.at;

    if (r->fault.why != DNS_BAD_NONE)
        return -EBADMSG;
    if (r->section != DNS_QUESTION)
        return 0;
    if (r->done == r->header.count[DNS_QUESTION]) {
        r->section = DNS_ANSWER;
        r->done = 0;
        return 0;
    }
    if (cursor_left(&r->c) == 0)
        return refuse(r, DNS_BAD_COUNT, at);
    if (!name(r, &r->c, &q->name))
        return -EBADMSG;
    q->type = get_be16(&r->c);
    q->class = get_be16(&r->c);
    if (r->c.over)
        return refuse(r, DNS_BAD_RECORD_END, at);
    q->at = (uint32_t)(at - r->message.at);
    r->done++;
    return 1;
}

enum dns_shape
dns_shape(uint16_t type, uint16_t class)
{
    bool in = class == DNS_CLASS_IN;

    if (type == DNS_OPT)
        return DNS_SHAPE_OPT;
    if (!in && class != DNS_CLASS_CH) /* NONE and ANY say no data at all */
        return DNS_SHAPE_BYTES;
    switch (type) {
    case DNS_A: return in ? DNS_SHAPE_A : DNS_SHAPE_BYTES;
    case DNS_AAAA: return in ? DNS_SHAPE_AAAA : DNS_SHAPE_BYTES;
    case DNS_SRV: return in ? DNS_SHAPE_SRV : DNS_SHAPE_BYTES;
    case DNS_NS:
    case DNS_CNAME:
    case DNS_PTR: return DNS_SHAPE_NAME;
    case DNS_MX: return DNS_SHAPE_MX;
    case DNS_SOA: return DNS_SHAPE_SOA;
    case DNS_TXT: return DNS_SHAPE_TXT;
    default: return DNS_SHAPE_BYTES;
    }
}

static bool
soa(struct dns_reader *r, struct cursor *c, struct dns_soa *s)
{
    if (!name(r, c, &s->mname) || !name(r, c, &s->rname))
        return false;
    s->serial = get_be32(c);
    s->refresh = get_be32(c);
    s->retry = get_be32(c);
    s->expire = get_be32(c);
    s->minimum = get_be32(c);
    return true;
}

/* RFC 1035 3.3.14: one or more strings, each behind its length. */
static bool
text(struct dns_reader *r, struct cursor *c)
{
    do {
        const uint8_t *at = c->at;

        get_bytes(c, get_u8(c));
        if (c->over)
            return no(r, DNS_BAD_TEXT, at);
    } while (cursor_left(c));
    return true;
}

/* RFC 6891 6.1.2: options, each with its code and length. */
static bool
opt(struct dns_reader *r, struct cursor *c, const struct dns_record *rr)
{
    const uint8_t *start = r->message.at + rr->at;

    if (rr->name.len != 1)
        return no(r, DNS_BAD_OPT_NAME, start);
    if (r->opt || rr->section != DNS_ADDITIONAL)
        return no(r, DNS_BAD_OPT_PLACE, start);
    r->opt = true;
    while (cursor_left(c)) {
        const uint8_t *at = c->at;

        get_be16(c);
        get_bytes(c, get_be16(c));
        if (c->over)
            return no(r, DNS_BAD_OPT_OPTION, at);
    }
    return true;
}

/* The data, of which c must be read to the end. False: refused. */
static bool
data(struct dns_reader *r, struct cursor *c, struct dns_record *rr)
{
    const uint8_t *bytes;

    switch (rr->shape) {
    case DNS_SHAPE_A: rr->a = get_ipv4(c); return true;
    case DNS_SHAPE_AAAA:
        bytes = get_bytes(c, sizeof rr->aaaa);
        if (bytes)
            memcpy(rr->aaaa, bytes, sizeof rr->aaaa);
        return true;
    case DNS_SHAPE_NAME: return name(r, c, &rr->target);
    case DNS_SHAPE_MX:
        rr->mx.preference = get_be16(c);
        return name(r, c, &rr->mx.exchange);
    case DNS_SHAPE_SOA: return soa(r, c, &rr->soa);
    case DNS_SHAPE_SRV:
        rr->srv.priority = get_be16(c);
        rr->srv.weight = get_be16(c);
        rr->srv.port = get_be16(c);
        return name(r, c, &rr->srv.target);
    case DNS_SHAPE_TXT: return text(r, c);
    case DNS_SHAPE_OPT: return opt(r, c, rr);
    case DNS_SHAPE_BYTES: break;
    }
    c->at = c->end;
    return true;
}

/* On to the section that still has a record; false: there is none. */
static bool
next_section(struct dns_reader *r)
{
    while (
        r->section < DNS_SECTIONS && r->done == r->header.count[r->section]) {
        r->section++;
        r->done = 0;
    }
    return r->section < DNS_SECTIONS;
}

/* RFC 1035 4.1.3: type, class, TTL, RDLENGTH and that many bytes. */
static int
rest_of_record(struct dns_reader *r, struct dns_record *rr)
{
    const uint8_t *length;
    struct cursor c;

    rr->type = get_be16(&r->c);
    rr->class = get_be16(&r->c);
    rr->ttl = get_be32(&r->c);
    length = r->c.at;
    rr->rdata.len = get_be16(&r->c);
    if (r->c.over)
        return refuse(r, DNS_BAD_RECORD_END, r->message.at + rr->at);
    rr->rdata.at = r->c.at;
    c = get_slice(&r->c, rr->rdata.len);
    if (r->c.over)
        return refuse(r, DNS_BAD_RDLENGTH_END, length);
    rr->shape = dns_shape(rr->type, rr->class);
    if (!data(r, &c, rr)) {
        /* a name that would end beyond the data: RDLENGTH lies */
        bool lies = r->fault.why == DNS_BAD_NAME_END &&
                    r->message.at + r->fault.at >= rr->rdata.at;

        if (lies)
            r->fault.why = DNS_BAD_NONE;
        return lies ? refuse(r, DNS_BAD_RDLENGTH_TYPE, length) : -EBADMSG;
    }
    if (c.over || cursor_left(&c))
        return refuse(r, DNS_BAD_RDLENGTH_TYPE, length);
    return 1;
}

int
dns_record(struct dns_reader *r, struct dns_record *rr)
{
    struct dns_question passed;
    int n = 1;

    while (r->section == DNS_QUESTION && n > 0)
        n = dns_question(r, &passed);
    if (r->fault.why != DNS_BAD_NONE)
        return -EBADMSG;
    if (!next_section(r))
        return cursor_left(&r->c) ? refuse(r, DNS_BAD_TRAILING, r->c.at) : 0;
    if (cursor_left(&r->c) == 0)
        return refuse(r, DNS_BAD_COUNT, r->c.at);
    rr->section = r->section;
    rr->at = (uint32_t)(r->c.at - r->message.at);
    if (!name(r, &r->c, &rr->name))
        return -EBADMSG;
    r->done++;
    return rest_of_record(r, rr);
}
