/*
 * dissect_dns.c: a DNS message for the eye (RFC 1035 4, RFC 3596, RFC 6891).
 * Compressed names may point only backwards and never hold more than 255
 * bytes, so a name that points at itself ends.
 */
#include "dissect_in.h"

#include <stdio.h>
#include <string.h>

#define RECORDS_MAX 200

static const char *
type_name(unsigned type)
{
    switch (type) {
    case 1: return "A";
    case 2: return "NS";
    case 5: return "CNAME";
    case 6: return "SOA";
    case 12: return "PTR";
    case 15: return "MX";
    case 16: return "TXT";
    case 28: return "AAAA";
    case 33: return "SRV";
    case 41: return "OPT";
    case 65: return "HTTPS";
    case 252: return "AXFR";
    case 255: return "ANY";
    default: return "other";
    }
}

static const char *
rcode_name(unsigned rcode)
{
    static const char *const names[] = {"no error", "format error",
        "server failure", "no such name", "not implemented", "refused"};

    return rcode < LW_COUNT(names) ? names[rcode] : "other";
}

/* Appends a label to the text; what is not a letter comes as \DDD. */
static size_t
label(char *text, size_t n, size_t size, const uint8_t *at, size_t len)
{
    if (n)
        text[n++] = '.';
    for (size_t i = 0; i < len && n + 6 < size; i++) {
        if (at[i] > 0x20 && at[i] < 0x7f && at[i] != '.')
            text[n++] = (char)at[i];
        else
            n += (size_t)snprintf(text + n, 5, "\\%03u", at[i]);
    }
    return n;
}

/* RFC 1035 4.1.4. Reads a name; `message` is what pointers count from. */
static bool
name(struct cursor *c, struct cursor message, char *text, size_t size)
{
    struct cursor at = *c;
    const uint8_t *before = c->at; /* pointers must lead before this */
    bool jumped = false;
    size_t n = 0;

    for (unsigned total = 0; total < 256;) {
        uint8_t len = get_u8(&at);

        if (len >= 0xc0) {
            size_t to = (size_t)(len & 0x3f) << 8 | get_u8(&at);

            if (!jumped)
                c->at = at.at;
            jumped = true;
            if (at.over || message.at + to >= before)
                break;
            at = (struct cursor){message.at + to, message.end, false};
            before = message.at + to;
            continue;
        }
        const uint8_t *bytes = get_bytes(&at, len);
        if (at.over || len > 63 || n + 4u * len + 8 > size)
            break;
        if (len == 0) {
            if (!jumped)
                c->at = at.at;
            snprintf(text + n, size - n, "%s", n ? "" : ".");
            return true;
        }
        n = label(text, n, size, bytes, len);
        total += len + 1u;
    }
    text[n < size ? n : size - 1] = '\0';
    c->over = true;
    c->at = c->end;
    return false;
}

/* What the record says, for the types that name an address or a name. */
static void
rdata(struct dis *d, struct cursor c, struct cursor message, unsigned type)
{
    const uint8_t *at = c.at;
    size_t len = cursor_left(&c);
    char text[1100];

    if (type == 1 && len == 4) {
        dis_ipv4(d, &c, "Address");
    } else if (type == 28 && len == 16) {
        size_t n = 0;

        for (unsigned i = 0; i < 8; i++)
            n += (size_t)snprintf(
                text + n, sizeof text - n, "%s%x", i ? ":" : "", get_be16(&c));
        dis_field(d, at, len, "Address", "%s", text);
    } else if (type == 2 || type == 5 || type == 12) {
        /* the name may point back into the message: read it from there */
        struct cursor in = {at, message.end, false};

        if (name(&in, message, text, sizeof text))
            dis_field(d, at, len, "Name", "%s", text);
    } else if (type == 15 && len > 2) {
        struct cursor in = {at + 2, message.end, false};

        dis_be16(d, &c, "Preference");
        if (name(&in, message, text, sizeof text))
            dis_field(d, at + 2, len - 2, "Exchange", "%s", text);
    } else if (len) {
        dis_field(d, at, len, "Data", "%s", dis_text(d, at, len));
    }
}

static bool
record(struct dis *d, struct cursor *c, struct cursor message, bool question)
{
    const uint8_t *start = c->at;
    char text[1100];

    if (!name(c, message, text, sizeof text))
        return false;
    const uint8_t *after = c->at;
    unsigned type = get_be16(c);
    unsigned class = get_be16(c);
    uint32_t ttl = question ? 0 : get_be32(c);
    unsigned len = question ? 0 : get_be16(c);
    struct cursor data = get_slice(c, len);

    if (c->over)
        return false;
    dis_field(d, start, (size_t)(c->at - start),
        question ? "Question" : "Record", "%s %s", text, type_name(type));
    dis_down(d);
    dis_field(d, start, (size_t)(after - start), "Name", "%s", text);
    dis_field(d, after, 2, "Type", "%u (%s)", type, type_name(type));
    dis_field(
        d, after + 2, 2, "Class", "%u%s", class, class == 1 ? " (IN)" : "");
    if (!question) {
        dis_field(d, after + 4, 4, "TTL", "%u s", ttl);
        dis_field(d, after + 8, 2, "Data length", "%u", len);
        rdata(d, data, message, type);
    }
    dis_up(d);
    return true;
}

static void
sections(struct dis *d, struct cursor *c, struct cursor message,
    const unsigned counts[4])
{
    static const char *const names[] = {
        "Questions", "Answers", "Authority", "Additional"};
    unsigned left = RECORDS_MAX;

    for (unsigned s = 0; s < 4; s++) {
        if (counts[s] == 0)
            continue;
        unsigned at =
            dis_field(d, c->at, cursor_left(c), names[s], "%u", counts[s]);
        const uint8_t *start = c->at;

        dis_down(d);
        for (unsigned i = 0; i < counts[s]; i++) {
            if (left-- > 0 && record(d, c, message, s == 0))
                continue;
            dis_note(d, start, 0, true, "Cut off", "%u of %u could be read", i,
                counts[s]);
            dis_up(d);
            return;
        }
        dis_up(d);
        if (at && at <= d->out->count)
            d->out->fields[at - 1].len = (uint32_t)(c->at - start);
    }
}

static void
flags(struct dis *d, struct cursor *c)
{
    const uint8_t *at = c->at;
    unsigned v = get_be16(c);

    dis_field(d, at, 2, "Flags", "0x%04x", v);
    dis_down(d);
    dis_bits(d, at, 1, 0, 1, "QR", "%u (%s)", v >> 15,
        v >> 15 ? "response" : "query");
    dis_bits(d, at, 1, 1, 4, "Opcode", "%u", v >> 11 & 15);
    dis_bits(d, at, 1, 5, 1, "AA", "%u", v >> 10 & 1);
    dis_bits(d, at, 1, 6, 1, "TC", "%u", v >> 9 & 1);
    dis_bits(d, at, 1, 7, 1, "RD", "%u", v >> 8 & 1);
    dis_bits(d, at + 1, 1, 0, 1, "RA", "%u", v >> 7 & 1);
    dis_bits(d, at + 1, 1, 1, 3, "Z", "%u", v >> 4 & 7);
    dis_bits(
        d, at + 1, 1, 4, 4, "RCODE", "%u (%s)", v & 15, rcode_name(v & 15));
    dis_up(d);
}

void
dis_dns(struct dis *d, struct cursor *c, bool stream)
{
    const uint8_t *start = c->at;
    size_t all = cursor_left(c);

    if (all < (stream ? 14u : 12u))
        return;
    struct cursor message = {start + (stream ? 2 : 0), c->end, false};
    d->brief = false;
    dis_layer(d, start, all, "DNS", LAYER_NAME, "Domain Name System");
    if (stream)
        dis_be16(d, c, "Length");
    dis_be16(d, c, "ID");
    bool response = c->at[0] >> 7;
    flags(d, c);

    struct cursor peek = *c;
    unsigned counts[4];
    for (unsigned i = 0; i < 4; i++)
        counts[i] = get_be16(&peek);
    dis_be16(d, c, "QDCOUNT");
    dis_be16(d, c, "ANCOUNT");
    dis_be16(d, c, "NSCOUNT");
    dis_be16(d, c, "ARCOUNT");

    char text[1100];
    struct cursor first = *c;
    if (counts[0] && name(&first, message, text, sizeof text))
        dis_info(
            d, "DNS %s %.120s", response ? "answer for" : "question", text);
    sections(d, c, message, counts);
    dis_layer_end(d);
    c->at = c->end;
}
