/*
 * dns_text.c: the words of DNS for people: names of types and codes, and the
 * data of a record as it would stand in a master file (RFC 1035 5.1).
 */
#include "dns.h"

#include <arpa/inet.h>
#include <stdio.h>

const char *
dns_type_text(uint16_t type)
{
    switch (type) {
#define DNS_TYPE_TEXT(name, number)                                            \
    case number: return #name;
        DNS_TYPES(DNS_TYPE_TEXT)
#undef DNS_TYPE_TEXT
    default: return NULL;
    }
}

const char *
dns_rcode_text(unsigned rcode)
{
    switch (rcode) {
#define DNS_RCODE_TEXT(name, number)                                           \
    case number: return #name;
        DNS_RCODES(DNS_RCODE_TEXT)
#undef DNS_RCODE_TEXT
    default: return NULL;
    }
}

/* How much of `size` the next piece may use; n never passes size - 1. */
static size_t
after(size_t n, int more, size_t size)
{
    size_t end = n + (more > 0 ? (size_t)more : 0);

    return end < size ? end : size - 1;
}

/* RFC 1035 5.1: quoted strings. */
static void
strings(struct dns_bytes d, char *buf, size_t size)
{
    struct cursor c = cursor_of(d.at, d.len);
    size_t n = 0;

    buf[0] = '\0';
    while (cursor_left(&c)) {
        uint8_t len = get_u8(&c);

        n = after(n, snprintf(buf + n, size - n, n ? " \"" : "\""), size);
        for (; len && cursor_left(&c); len--) {
            uint8_t b = get_u8(&c);
            const char *form = b < 0x20 || b >= 0x7f   ? "\\%03u"
                               : b == '"' || b == '\\' ? "\\%c"
                                                       : "%c";

            n = after(n, snprintf(buf + n, size - n, form, b), size);
        }
        n = after(n, snprintf(buf + n, size - n, "\""), size);
    }
}

/* RFC 3597 5: \# and the bytes, where no type says what they mean. */
static void
bytes(struct dns_bytes d, char *buf, size_t size)
{
    size_t n = after(0, snprintf(buf, size, "\\# %u ", d.len), size);

    for (unsigned i = 0; i < d.len && n + 1 < size; i++)
        n = after(n, snprintf(buf + n, size - n, "%02x", d.at[i]), size);
}

char *
dns_data_text(const struct dns_record *rr, char *buf, size_t size)
{
    char a[DNS_NAME_TEXT], b[DNS_NAME_TEXT];

    switch (rr->shape) {
    case DNS_SHAPE_A: snprintf(buf, size, "%s", ipv4_text(rr->a, a)); break;
    case DNS_SHAPE_AAAA:
        snprintf(buf, size, "%s", inet_ntop(AF_INET6, rr->aaaa, a, sizeof a));
        break;
    case DNS_SHAPE_NAME:
        snprintf(buf, size, "%s", dns_name_text(&rr->target, a));
        break;
    case DNS_SHAPE_MX:
        snprintf(buf, size, "%u %s", rr->mx.preference,
            dns_name_text(&rr->mx.exchange, a));
        break;
    case DNS_SHAPE_SOA:
        snprintf(buf, size, "%s %s %u %u %u %u %u",
            dns_name_text(&rr->soa.mname, a), dns_name_text(&rr->soa.rname, b),
            rr->soa.serial, rr->soa.refresh, rr->soa.retry, rr->soa.expire,
            rr->soa.minimum);
        break;
    case DNS_SHAPE_SRV:
        snprintf(buf, size, "%u %u %u %s", rr->srv.priority, rr->srv.weight,
            rr->srv.port, dns_name_text(&rr->srv.target, a));
        break;
    case DNS_SHAPE_TXT: strings(rr->rdata, buf, size); break;
    case DNS_SHAPE_OPT:
    case DNS_SHAPE_BYTES: bytes(rr->rdata, buf, size); break;
    }
    return buf;
}
