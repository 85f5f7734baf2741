/*
 * dns_write.c: a message from structs. A name that ends as one written
 * before ends with a pointer to it (RFC 1035 4.1.4): exactly as, letter by
 * letter, so that reading gives back what was written. Within data only the
 * types of RFC 1035 may be shortened so (RFC 3597 4), SRV not (RFC 2782).
 */
#include "dns.h"

#include <assert.h>
#include <errno.h>

#define POINTER_MOST 0x3fff /* fourteen bits */

void
dns_begin(struct dns_writer *w, void *buf, size_t size,
    const struct dns_header *header)
{
    assert(size >= DNS_HEADER_LEN);
    *w = (struct dns_writer){.w = writer_of(buf, size), .header = *header};
    memset(w->header.count, 0, sizeof w->header.count);
    put_room(&w->w, DNS_HEADER_LEN);
}

/* Does the name at `at` in the message say these bytes? It is ours: sound. */
static bool
says(const struct dns_writer *w, size_t at, const uint8_t *wire, size_t len)
{
    const uint8_t *start = w->w.start;
    size_t i = 0;

    for (;;) {
        size_t n = start[at];

        if (n >= 0xc0) {
            at = (n & 0x3f) << 8 | start[at + 1];
            continue;
        }
        if (i + 1 + n > len || memcmp(start + at, wire + i, 1 + n) != 0)
            return false;
        i += 1 + n;
        at += 1 + n;
        if (n == 0)
            return i == len;
    }
}

/* Where these bytes were written before; 0: nowhere. */
static size_t
written(const struct dns_writer *w, const uint8_t *wire, size_t len)
{
    for (unsigned i = 0; i < w->nplaces; i++)
        if (says(w, w->places[i], wire, len))
            return w->places[i];
    return 0;
}

static void
put_name(struct dns_writer *w, const struct dns_name *name, bool shorten)
{
    unsigned before = w->nplaces; /* not into the name itself */
    size_t i = 0;

    assert(name->len);
    while (name->wire[i]) {
        size_t n = 1u + name->wire[i], at = writer_len(&w->w);
        size_t to = shorten ? written(w, name->wire + i, name->len - i) : 0;

        if (to) {
            put_be16(&w->w, (uint16_t)(0xc000 | to));
            break;
        }
        put_bytes(&w->w, name->wire + i, n);
        if (w->w.over)
            break;
        if (at <= POINTER_MOST && before < DNS_PLACES)
            w->places[before++] = (uint16_t)at;
        i += n;
    }
    if (name->wire[i] == 0)
        put_u8(&w->w, 0);
    if (!w->w.over)
        w->nplaces = before;
}

static void
put_data(struct dns_writer *w, const struct dns_record *rr)
{
    struct writer *out = &w->w;

    switch (dns_shape(rr->type, rr->class)) {
    case DNS_SHAPE_A: put_ipv4(out, rr->a); break;
    case DNS_SHAPE_AAAA: put_bytes(out, rr->aaaa, sizeof rr->aaaa); break;
    case DNS_SHAPE_NAME: put_name(w, &rr->target, true); break;
    case DNS_SHAPE_MX:
        put_be16(out, rr->mx.preference);
        put_name(w, &rr->mx.exchange, true);
        break;
    case DNS_SHAPE_SOA:
        put_name(w, &rr->soa.mname, true);
        put_name(w, &rr->soa.rname, true);
        put_be32(out, rr->soa.serial);
        put_be32(out, rr->soa.refresh);
        put_be32(out, rr->soa.retry);
        put_be32(out, rr->soa.expire);
        put_be32(out, rr->soa.minimum);
        break;
    case DNS_SHAPE_SRV:
        put_be16(out, rr->srv.priority);
        put_be16(out, rr->srv.weight);
        put_be16(out, rr->srv.port);
        put_name(w, &rr->srv.target, false);
        break;
    case DNS_SHAPE_TXT:
    case DNS_SHAPE_OPT:
    case DNS_SHAPE_BYTES:
        if (rr->rdata.len)
            put_bytes(out, rr->rdata.at, rr->rdata.len);
        break;
    }
}

/* One more in its section, or all as it was at `before`. */
static int
finish(struct dns_writer *w, const struct dns_writer *before,
    enum dns_section section)
{
    if (w->w.over || w->header.count[section] == UINT16_MAX) {
        *w = *before;
        return -EMSGSIZE;
    }
    w->section = section;
    w->header.count[section]++;
    return 0;
}

int
dns_put_question(struct dns_writer *w, const struct dns_question *q)
{
    struct dns_writer before = *w;

    assert(w->section == DNS_QUESTION);
    put_name(w, &q->name, true);
    put_be16(&w->w, q->type);
    put_be16(&w->w, q->class);
    return finish(w, &before, DNS_QUESTION);
}

int
dns_put_record(struct dns_writer *w, const struct dns_record *rr)
{
    struct dns_writer before = *w;
    struct writer length;
    uint8_t *at;

    assert(rr->section >= w->section && rr->section != DNS_QUESTION);
    put_name(w, &rr->name, true);
    put_be16(&w->w, rr->type);
    put_be16(&w->w, rr->class);
    put_be32(&w->w, rr->ttl);
    at = put_room(&w->w, 2);
    put_data(w, rr);
    if (at && !w->w.over) {
        length = writer_of(at, 2);
        put_be16(&length, (uint16_t)(w->w.at - at - 2));
    }
    return finish(w, &before, rr->section);
}

size_t
dns_end(struct dns_writer *w)
{
    const struct dns_header *h = &w->header;
    struct writer out = writer_of(w->w.start, DNS_HEADER_LEN);

    put_be16(&out, h->id);
    put_be16(
        &out, (uint16_t)(h->qr << 15 | (h->opcode & 15) << 11 | h->aa << 10 |
                         h->tc << 9 | h->rd << 8 | h->ra << 7 | h->z << 6 |
                         h->ad << 5 | h->cd << 4 | (h->rcode & 15)));
    for (unsigned i = 0; i < DNS_SECTIONS; i++)
        put_be16(&out, h->count[i]);
    return writer_len(&w->w);
}
