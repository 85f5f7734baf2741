/*
 * dns_sample.c: messages by the dice.
 */
#include "dns_sample.h"

#include <assert.h>
#include <string.h>

struct dns_name
dns_sample_name(const char *text)
{
    struct dns_name name;
    struct dns_fault f;
    bool good = dns_name_parse(text, strlen(text), &name, &f);

    assert(good);
    (void)good;
    return name;
}

static uint8_t
random_byte(struct rng *r, bool plain)
{
    return (uint8_t)(plain ? 'a' + rng_below(r, 26) : rng_below(r, 256));
}

/* Some new labels in front of the end of a name that was there before. */
static struct dns_name
random_name(const struct dns_sample *s, struct rng *r, bool plain)
{
    const struct dns_name *old = &s->question.name;
    struct dns_name name = {0};
    unsigned labels = (unsigned)rng_below(r, 4), cut;

    if (s->n && rng_below(r, 4))
        old = &s->records[rng_below(r, s->n)].name;
    cut = old->len ? (unsigned)rng_below(r, dns_name_labels(old) + 1) : 0;
    while (labels--) {
        unsigned most = rng_below(r, 8) ? 12 : DNS_LABEL_MAX;
        uint8_t len = (uint8_t)(1 + rng_below(r, most));

        if (name.len + 1u + len >= DNS_NAME_MAX)
            break;
        name.wire[name.len++] = len;
        while (len--)
            name.wire[name.len++] = random_byte(r, plain);
    }
    size_t at = 0;
    while (old->len && cut--)
        at += 1u + old->wire[at];
    if (!old->len || name.len + old->len - at > DNS_NAME_MAX) {
        name.wire[name.len++] = 0;
        return name;
    }
    memcpy(name.wire + name.len, old->wire + at, old->len - at);
    name.len = (uint8_t)(name.len + old->len - at);
    return name;
}

/* Character strings, options, or bytes of a type that nobody knows. */
static struct dns_bytes
random_data(struct rng *r, uint8_t *at, enum dns_shape shape, bool plain)
{
    unsigned len = 0, pieces = (unsigned)rng_below(r, 4);

    for (unsigned i = 0; i < pieces || (shape == DNS_SHAPE_TXT && i < 1); i++) {
        uint8_t n = (uint8_t)rng_below(r, 70);

        if (shape == DNS_SHAPE_TXT)
            at[len++] = n;
        if (shape == DNS_SHAPE_OPT) {
            memcpy(at + len, (uint8_t[]){0xfd, 0xe9, 0, n}, 4);
            len += 4;
        }
        while (n--)
            at[len++] = random_byte(r, plain);
    }
    return (struct dns_bytes){at, (uint16_t)len};
}

static void
random_record(struct dns_sample *s, struct rng *r, bool plain)
{
    static const uint16_t types[] = {DNS_A, DNS_NS, DNS_CNAME, DNS_SOA, DNS_PTR,
        DNS_MX, DNS_TXT, DNS_AAAA, DNS_SRV, 65280};
    struct dns_record *rr = &s->records[s->n];

    memset(rr, 0, sizeof *rr);
    rr->name = random_name(s, r, plain);
    rr->type = types[rng_below(r, LW_COUNT(types))];
    rr->class = DNS_CLASS_IN;
    rr->ttl = (uint32_t)rng_below(r, 1u << 31);
    rr->shape = dns_shape(rr->type, rr->class);
    switch (rr->shape) {
    case DNS_SHAPE_A: rr->a.v = (uint32_t)rng_u64(r); break;
    case DNS_SHAPE_AAAA:
        for (unsigned i = 0; i < sizeof rr->aaaa; i++)
            rr->aaaa[i] = random_byte(r, false);
        break;
    case DNS_SHAPE_NAME: rr->target = random_name(s, r, plain); break;
    case DNS_SHAPE_MX:
        rr->mx =
            (struct dns_mx){(uint16_t)rng_u64(r), random_name(s, r, plain)};
        break;
    case DNS_SHAPE_SOA:
        rr->soa = (struct dns_soa){random_name(s, r, plain),
            random_name(s, r, plain), (uint32_t)rng_u64(r), 2, 3, 4, 5};
        break;
    case DNS_SHAPE_SRV:
        rr->srv = (struct dns_srv){
            1, 2, (uint16_t)rng_u64(r), random_name(s, r, plain)};
        break;
    default: rr->rdata = random_data(r, s->data[s->n], rr->shape, plain); break;
    }
    s->n++;
}

static void
add_opt(struct dns_sample *s, struct rng *r)
{
    struct dns_record *rr = &s->records[s->n];

    memset(rr, 0, sizeof *rr);
    rr->name = dns_sample_name(".");
    rr->type = DNS_OPT;
    rr->class = 1232;
    rr->shape = DNS_SHAPE_OPT;
    rr->section = DNS_ADDITIONAL;
    rr->rdata = random_data(r, s->data[s->n], DNS_SHAPE_OPT, true);
    s->n++;
}

void
dns_sample_make(struct dns_sample *s, struct rng *r, bool plain)
{
    struct dns_writer w;
    uint64_t bits = rng_u64(r);
    unsigned n = (unsigned)rng_below(r, DNS_SAMPLE_RECORDS - 1);
    int err;

    memset(s, 0, sizeof *s);
    s->header = (struct dns_header){.id = (uint16_t)(bits >> 16),
        .qr = true,
        .aa = bits & 1,
        .rd = bits & 2,
        .ra = bits & 4,
        .rcode = bits & 8 ? DNS_NXDOMAIN : DNS_NOERROR};
    s->question.name = random_name(s, r, plain);
    s->question.type = DNS_A;
    s->question.class = DNS_CLASS_IN;
    for (unsigned i = 0; i < n; i++) {
        random_record(s, r, plain);
        s->records[i].section = (enum dns_section)(DNS_ANSWER + i * 3 / n);
    }
    if (bits & 16)
        add_opt(s, r);
    dns_begin(&w, s->bytes, sizeof s->bytes, &s->header);
    err = dns_put_question(&w, &s->question);
    for (unsigned i = 0; i < s->n && !err; i++)
        err = dns_put_record(&w, &s->records[i]);
    assert(!err);
    s->len = dns_end(&w);
}

static bool
name_same(const struct dns_name *a, const struct dns_name *b)
{
    return a->len == b->len && memcmp(a->wire, b->wire, a->len) == 0;
}

static bool
data_same(const struct dns_record *a, const struct dns_record *b)
{
    switch (a->shape) {
    case DNS_SHAPE_A: return a->a.v == b->a.v;
    case DNS_SHAPE_AAAA: return memcmp(a->aaaa, b->aaaa, sizeof a->aaaa) == 0;
    case DNS_SHAPE_NAME: return name_same(&a->target, &b->target);
    case DNS_SHAPE_MX:
        return a->mx.preference == b->mx.preference &&
               name_same(&a->mx.exchange, &b->mx.exchange);
    case DNS_SHAPE_SOA:
        return name_same(&a->soa.mname, &b->soa.mname) &&
               name_same(&a->soa.rname, &b->soa.rname) &&
               a->soa.serial == b->soa.serial &&
               a->soa.refresh == b->soa.refresh &&
               a->soa.retry == b->soa.retry && a->soa.expire == b->soa.expire &&
               a->soa.minimum == b->soa.minimum;
    case DNS_SHAPE_SRV:
        return a->srv.priority == b->srv.priority &&
               a->srv.weight == b->srv.weight && a->srv.port == b->srv.port &&
               name_same(&a->srv.target, &b->srv.target);
    default:
        return a->rdata.len == b->rdata.len &&
               memcmp(a->rdata.at, b->rdata.at, a->rdata.len) == 0;
    }
}

bool
dns_sample_same(const struct dns_record *a, const struct dns_record *b)
{
    return name_same(&a->name, &b->name) && a->type == b->type &&
           a->class == b->class && a->ttl == b->ttl &&
           a->section == b->section && a->shape == b->shape && data_same(a, b);
}
