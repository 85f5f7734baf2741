/*
 * fuzz_arp_ip_tcp.c: the parsers of headers alone: ARP, IPv4 with its
 * options, TCP with its options. What was read and is written again must be
 * read as the same.
 *
 * The first byte chooses the parser.
 */
#include "fuzz.h"
#include "arp_message.h"
#include "ip_header.h"
#include "ip_options.h"
#include "tcp_conn.h"

#include <assert.h>
#include <string.h>

static void
read_arp(const uint8_t *data, size_t size)
{
    struct arp_message m;

    if (arp_parse(&m, data, size))
        assert(size >= ARP_LEN && !(m.sha.b[0] & 1));
}

static void
read_ip(const uint8_t *data, size_t size)
{
    struct ip_fields f, again;
    struct ip_options options;
    uint8_t header[IP_LEN], bad = 0;
    struct ip_verdict v = ip_parse(&f, data, size);

    if (v.why != DROP_NONE)
        return;
    assert(f.h.header_len >= IP_LEN && f.h.header_len <= f.total);
    assert(f.total <= size);
    v = ip_options_parse(&options, &f, data, &bad);
    assert(v.why == DROP_NONE || bad < f.h.header_len);
    if (f.h.header_len != IP_LEN)
        return;
    ip_build(&f, header);
    v = ip_parse(&again, header, f.total);
    (void)again;
}

static void
same_options(const struct tcp_opts *a, const struct tcp_opts *b, bool syn)
{
    assert(a->ts == b->ts);
    if (a->ts)
        assert(a->tsval == b->tsval && a->tsecr == b->tsecr);
    if (syn)
        assert(a->mss == b->mss && a->wscale == b->wscale &&
               a->sack_ok == b->sack_ok);
    else
        for (unsigned i = 0; i < b->nsack; i++)
            assert(seq_eq(a->sack[i].from, b->sack[i].from) &&
                   seq_eq(a->sack[i].to, b->sack[i].to));
}

static void
read_options(const uint8_t *data, size_t size, bool syn)
{
    struct tcp_opts o, again;
    uint8_t out[64];
    char text[200];
    struct writer w = writer_of(out, sizeof out);

    assert(
        strlen(tcp_options_text(data, size, text, sizeof text)) < sizeof text);
    if (!tcp_options_parse(&o, data, size, syn))
        return;
    assert(o.wscale <= TCP_WSCALE_MAX && o.nsack <= TCP_SACK_MAX);
    if (o.ts && o.nsack == TCP_SACK_MAX)
        o.nsack--; /* more than fits into a header */
    tcp_options_build(&w, &o, syn);
    assert(!w.over && writer_len(&w) <= TCP_OPTIONS_MAX);
    assert(writer_len(&w) % 4 == 0);
    assert(tcp_options_parse(&again, out, writer_len(&w), syn));
    same_options(&o, &again, syn);
}

int
fuzz_arp_ip_tcp(const uint8_t *data, size_t size)
{
    uint8_t which;

    if (size < 1)
        return 0;
    which = data[0];
    data++;
    size--;
    if (size > 1500)
        size = 1500;
    switch (which % 4) {
    case 0: read_arp(data, size); break;
    case 1: read_ip(data, size); break;
    default:
        read_options(
            data, size < TCP_OPTIONS_MAX ? size : TCP_OPTIONS_MAX, which & 1);
        break;
    }
    return 0;
}
