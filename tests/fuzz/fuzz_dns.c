/*
 * fuzz_dns.c: DNS messages of strangers. What is taken is written again and
 * read back equal, names survive the way over their text, and the resolver's
 * judge believes only what its question leads to.
 *
 * The input is a message. The judge is asked with the message's own id and
 * first question, so that it has to read on.
 */
#include "fuzz.h"
#include "dns_sample.h"
#include "reply.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define RECORDS 64 /* compared one by one */

static void
check_name(const struct dns_name *name)
{
    char text[DNS_NAME_TEXT];
    struct dns_name again;
    struct dns_fault fault;
    bool good;

    assert(name->len >= 1 && name->wire[name->len - 1] == 0);
    dns_name_text(name, text);
    good = dns_name_parse(text, strlen(text), &again, &fault);
    assert(good && again.len == name->len);
    assert(memcmp(again.wire, name->wire, name->len) == 0);
    (void)good;
}

/* Goes through a message; the first records are kept. How many there were. */
static unsigned
read_all(struct dns_reader *r, const uint8_t *data, size_t size,
    struct dns_question *q, struct dns_record *rr)
{
    struct dns_record passed;
    char text[64];
    unsigned n = 0;
    int more = dns_open(r, data, size);

    q->name.len = 0;
    if (more == 0 && dns_question(r, q) == 1)
        check_name(&q->name);
    while (more == 0 && (more = dns_record(r, &passed)) == 1) {
        assert(passed.at < size && passed.rdata.at >= data);
        assert(passed.rdata.at + passed.rdata.len <= data + size);
        check_name(&passed.name);
        dns_data_text(&passed, text, sizeof text);
        if (n < RECORDS)
            rr[n] = passed;
        n++;
        more = 0;
    }
    assert((more == -EBADMSG) == (r->fault.why != DNS_BAD_NONE));
    assert(r->fault.at <= size);
    return n;
}

/* Written again, it says the same. */
static void
write_again(const struct dns_reader *r, const struct dns_question *q,
    const struct dns_record *rr, unsigned n)
{
    static uint8_t out[65535];
    static struct dns_record back[RECORDS];
    struct dns_question q_back;
    struct dns_reader again;
    struct dns_writer w;
    int err;

    dns_begin(&w, out, sizeof out, &r->header);
    err = q->name.len ? dns_put_question(&w, q) : 0;
    for (unsigned i = 0; i < n && !err; i++)
        err = dns_put_record(&w, &rr[i]);
    if (err)
        return; /* names within names grew beyond 65535 bytes */
    size_t len = dns_end(&w);
    unsigned k = read_all(&again, out, len, &q_back, back);

    assert(again.fault.why == DNS_BAD_NONE && k == n);
    assert(q_back.name.len == q->name.len);
    for (unsigned i = 0; i < n; i++)
        assert(dns_sample_same(&back[i], &rr[i]));
    (void)k;
}

static void
judge(const struct dns_reader *r, const uint8_t *data, size_t size,
    const struct dns_question *q)
{
    struct reply reply;
    enum reply_kind kind = reply_read(data, size, r->header.id, q, &reply);

    assert((kind == REPLY_FOUND) == (reply.naddrs > 0));
    assert((kind == REPLY_FOUND) == (reply.why == NULL));
    assert(reply.naddrs <= REPLY_ADDRS && reply.at <= size);
    assert(reply.nchain >= 1 && reply.nchain <= REPLY_CHAIN);
    if (r->fault.why != DNS_BAD_NONE)
        assert(kind == REPLY_IGNORED || kind == REPLY_TRUNCATED);
    kind = reply_read(data, size, (uint16_t)(r->header.id + 1), q, &reply);
    assert(kind == REPLY_IGNORED);
    (void)kind;
}

int
fuzz_dns(const uint8_t *data, size_t size)
{
    static struct dns_record rr[RECORDS];
    struct dns_question q;
    struct dns_reader r;
    unsigned n = read_all(&r, data, size, &q, rr);

    if (r.fault.why == DNS_BAD_NONE && n <= RECORDS &&
        r.header.count[DNS_QUESTION] <= 1)
        write_again(&r, &q, rr, n);
    if (q.name.len)
        judge(&r, data, size, &q);
    return 0;
}
