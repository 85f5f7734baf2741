/*
 * dissect_dns.c: a DNS message for the eye (RFC 1035 4, RFC 6891), read by
 * the same reader as the resolver's (dns.h), so that what is refused there is
 * marked here, at the byte where it goes wrong. A name is shown label by
 * label as it stands in the bytes; a pointer is shown with the name that it
 * leads to.
 */
#include "dissect_in.h"

#include "dns.h"

#include <stdio.h>
#include <string.h>

#define RECORDS_MAX 200 /* shown of one message */

/* Where the next byte of this message's data stands, and how it is read. */
struct dns_view {
    struct dis *d;
    struct cursor message;
    struct dns_reader r;
};

static const char *
type_name(unsigned type)
{
    const char *name = dns_type_text((uint16_t)type);

    return name ? name : "other";
}

static const char *
rcode_name(unsigned rcode)
{
    static const char *const names[] = {"no error", "format error",
        "server failure", "no such name", "not implemented", "refused"};

    return rcode < LW_COUNT(names) ? names[rcode] : "other";
}

static const char *
opcode_name(unsigned opcode)
{
    static const char *const names[] = {"standard query", "inverse query",
        "status", "other", "notify", "update"};

    return opcode < LW_COUNT(names) ? names[opcode] : "other";
}

static unsigned
offset(const struct dns_view *v, const uint8_t *at)
{
    return (unsigned)(at - v->message.at);
}

/* The name that a pointer leads to. */
static void
pointer(struct dns_view *v, const uint8_t *at)
{
    struct cursor c = {at, v->message.end, false};
    struct dns_name name;
    struct dns_fault fault;
    char text[DNS_NAME_TEXT];

    if (dns_name_get(&c, &v->message, &name, &fault))
        dis_field(v->d, at, 2, "Pointer", "to byte %u: %s",
            (at[0] & 0x3fu) << 8 | at[1], dns_name_text(&name, text));
}

/* The name at the cursor, which the reader has found sound: its bytes up to
 * the root or the first pointer, as children when there is more than one. */
static void
name(struct dns_view *v, struct cursor *c, const char *field)
{
    const uint8_t *at = c->at;
    struct cursor in = *c;
    struct dns_name whole;
    struct dns_fault fault;
    char text[DNS_NAME_TEXT];

    if (!dns_name_get(c, &v->message, &whole, &fault))
        return;
    dis_field(v->d, at, (size_t)(c->at - at), field, "%s",
        dns_name_text(&whole, text));
    dis_down(v->d);
    while (in.at < c->at) {
        const uint8_t *label = in.at;
        uint8_t len = get_u8(&in);

        if (len >= 0xc0) {
            pointer(v, label);
            break;
        }
        get_bytes(&in, len);
        if (len)
            dis_field(v->d, label, 1u + len, "Label", "%s",
                dis_text(v->d, label + 1, len));
        else
            dis_field(v->d, label, 1, "Root", "the name ends here");
    }
    dis_up(v->d);
}

static void
soa(struct dns_view *v, struct cursor *c)
{
    name(v, c, "Primary server");
    name(v, c, "Mailbox");
    dis_be32(v->d, c, "Serial");
    dis_be32(v->d, c, "Refresh");
    dis_be32(v->d, c, "Retry");
    dis_be32(v->d, c, "Expire");
    dis_be32(v->d, c, "Minimum");
}

/* RFC 1035 3.3: strings behind their lengths. */
static void
strings(struct dns_view *v, struct cursor *c)
{
    while (cursor_left(c)) {
        const uint8_t *at = c->at;
        uint8_t len = get_u8(c);

        get_bytes(c, len);
        dis_field(
            v->d, at, 1u + len, "Text", "%s", dis_text(v->d, at + 1, len));
    }
}

/* RFC 6891 6.1.2: options of OPT. */
static void
options(struct dns_view *v, struct cursor *c)
{
    while (cursor_left(c)) {
        const uint8_t *at = c->at;
        unsigned code = get_be16(c), len = get_be16(c);

        get_bytes(c, len);
        dis_field(v->d, at, 4u + len, "Option", "code %u, %u bytes", code, len);
    }
}

/* The data of a sound record, in the way of its type. */
static void
data(struct dns_view *v, const struct dns_record *rr)
{
    struct cursor c = cursor_of(rr->rdata.at, rr->rdata.len);
    char text[64];

    switch (rr->shape) {
    case DNS_SHAPE_A: dis_ipv4(v->d, &c, "Address"); break;
    case DNS_SHAPE_AAAA:
        dis_field(v->d, c.at, 16, "Address", "%s",
            dns_data_text(rr, text, sizeof text));
        break;
    case DNS_SHAPE_NAME: name(v, &c, "Target"); break;
    case DNS_SHAPE_MX:
        dis_be16(v->d, &c, "Preference");
        name(v, &c, "Exchange");
        break;
    case DNS_SHAPE_SOA: soa(v, &c); break;
    case DNS_SHAPE_SRV:
        dis_be16(v->d, &c, "Priority");
        dis_be16(v->d, &c, "Weight");
        dis_be16(v->d, &c, "Port");
        name(v, &c, "Target");
        break;
    case DNS_SHAPE_TXT: strings(v, &c); break;
    case DNS_SHAPE_OPT: options(v, &c); break;
    case DNS_SHAPE_BYTES:
        if (rr->rdata.len)
            dis_field(v->d, c.at, rr->rdata.len, "Data", "%s",
                dis_text(v->d, c.at, rr->rdata.len));
        break;
    }
}

static void
type_and_class(struct dns_view *v, struct cursor *c)
{
    const uint8_t *at = c->at;
    unsigned type = get_be16(c), class = get_be16(c);

    dis_field(v->d, at, 2, "Type", "%u (%s)", type, type_name(type));
    dis_field(v->d, at + 2, 2, "Class", "%u (%s)", class,
        class == DNS_CLASS_IN   ? "IN"
        : class == DNS_CLASS_CH ? "CH"
                                : "other");
}

/* RFC 6891 6.1.3: what class and TTL mean in OPT. */
static void
opt_fixed(struct dns_view *v, struct cursor *c)
{
    const uint8_t *at = c->at;

    dis_field(v->d, at, 2, "Type", "41 (OPT)");
    get_be16(c);
    dis_be16(v->d, c, "UDP payload size");
    dis_u8(v->d, c, "Extended RCODE");
    dis_u8(v->d, c, "EDNS version");
    at = c->at;
    dis_bits(v->d, at, 1, 0, 1, "DO", "%u", get_be16(c) >> 15);
}

static bool
question(struct dns_view *v)
{
    const uint8_t *start = v->r.c.at;
    struct cursor c = {start, v->message.end, false};
    struct dns_question q;
    char text[DNS_NAME_TEXT];

    if (dns_question(&v->r, &q) != 1)
        return false;
    dis_field(v->d, start, (size_t)(v->r.c.at - start), "Question", "%s %s",
        dns_name_text(&q.name, text), type_name(q.type));
    dis_down(v->d);
    name(v, &c, "Name");
    type_and_class(v, &c);
    dis_up(v->d);
    return true;
}

static bool
record(struct dns_view *v)
{
    const uint8_t *start = v->r.c.at, *at;
    struct cursor c = {start, v->message.end, false};
    struct dns_record rr;
    char text[DNS_NAME_TEXT];

    if (dns_record(&v->r, &rr) != 1)
        return false;
    dis_field(v->d, start, (size_t)(v->r.c.at - start), "Record", "%s %s",
        dns_name_text(&rr.name, text), type_name(rr.type));
    dis_down(v->d);
    name(v, &c, "Name");
    if (rr.type == DNS_OPT) {
        opt_fixed(v, &c);
    } else {
        type_and_class(v, &c);
        at = c.at;
        dis_field(v->d, at, 4, "TTL", "%u s", get_be32(&c));
    }
    dis_be16(v->d, &c, "Data length");
    data(v, &rr);
    dis_up(v->d);
    return true;
}

/* What the reader refused: where, and why. */
static void
refused(struct dns_view *v, unsigned done, unsigned count)
{
    const struct dns_fault *f = &v->r.fault;
    const uint8_t *at = v->message.at + f->at;

    dis_note(v->d, at, at < v->message.end ? 1 : 0, true, "Cut off",
        "%u of %u could be read: %s (byte %u; %s)", done, count,
        dns_bad_text(f->why), f->at, dns_bad_source(f->why));
}

/* One section; false: nothing after it can be read. */
static bool
section(struct dns_view *v, enum dns_section s, unsigned *left)
{
    static const char *const names[] = {
        "Questions", "Answers", "Authority", "Additional"};
    unsigned count = v->r.header.count[s], i = 0;
    const uint8_t *start = v->r.c.at;
    unsigned at;

    if (count == 0)
        return true;
    at = dis_field(v->d, start, 0, names[s], "%u", count);
    dis_down(v->d);
    for (; i<count && * left> 0; i++, --*left)
        if (s == DNS_QUESTION ? !question(v) : !record(v))
            break;
    if (i < count && v->r.fault.why != DNS_BAD_NONE)
        refused(v, i, count);
    else if (i < count)
        dis_note(v->d, v->r.c.at, 0, false, "Cut off",
            "only %u of %u are shown", i, count);
    dis_up(v->d);
    if (at && at <= v->d->out->count && i)
        v->d->out->fields[at - 1].len =
            (uint32_t)((v->r.fault.why == DNS_BAD_NONE ? v->r.c.at
                                                       : v->message.end) -
                       start);
    return i == count;
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
    dis_bits(d, at, 1, 1, 4, "Opcode", "%u (%s)", v >> 11 & 15,
        opcode_name(v >> 11 & 15));
    dis_bits(d, at, 1, 5, 1, "AA", "%u", v >> 10 & 1);
    dis_bits(d, at, 1, 6, 1, "TC", "%u", v >> 9 & 1);
    dis_bits(d, at, 1, 7, 1, "RD", "%u", v >> 8 & 1);
    dis_bits(d, at + 1, 1, 0, 1, "RA", "%u", v >> 7 & 1);
    dis_bits(d, at + 1, 1, 1, 1, "Z", "%u", v >> 6 & 1);
    dis_bits(d, at + 1, 1, 2, 1, "AD", "%u", v >> 5 & 1);
    dis_bits(d, at + 1, 1, 3, 1, "CD", "%u", v >> 4 & 1);
    dis_bits(
        d, at + 1, 1, 4, 4, "RCODE", "%u (%s)", v & 15, rcode_name(v & 15));
    dis_up(d);
}

/* The line about the message: what is asked, and what the answer says. */
static void
info(struct dns_view *v)
{
    struct dns_reader r = v->r;
    struct dns_question q;
    struct dns_record rr;
    char text[DNS_NAME_TEXT], value[100] = "";
    const char *answer = r.header.qr ? "answer for" : "question";

    if (dns_question(&r, &q) != 1)
        return;
    dns_name_text(&q.name, text);
    if (r.header.qr && r.header.rcode)
        snprintf(value, sizeof value, ": %s", rcode_name(r.header.rcode));
    while (r.header.qr && !value[0] && dns_record(&r, &rr) == 1 &&
           rr.section == DNS_ANSWER)
        if (rr.type == q.type) {
            memcpy(value, ": ", 3);
            dns_data_text(&rr, value + 2, sizeof value - 2);
        }
    dis_info(
        v->d, "DNS %s %.90s %s%.40s", answer, text, type_name(q.type), value);
    dis_summary(
        v->d, "%s %.90s %s%.40s", answer, text, type_name(q.type), value);
}

/* A message from the cursor's place to its end, after any length. */
static void
message(struct dis *d, struct cursor *c)
{
    struct dns_view v = {.d = d, .message = *c};
    unsigned left = RECORDS_MAX;
    enum dns_section s = DNS_QUESTION;

    dns_open(&v.r, c->at, cursor_left(c));
    dis_be16(d, c, "ID");
    flags(d, c);
    dis_be16(d, c, "QDCOUNT");
    dis_be16(d, c, "ANCOUNT");
    dis_be16(d, c, "NSCOUNT");
    dis_be16(d, c, "ARCOUNT");
    info(&v);
    while (s < DNS_SECTIONS && section(&v, s, &left))
        s++;
    if (s == DNS_SECTIONS && cursor_left(&v.r.c))
        dis_note(d, v.r.c.at, cursor_left(&v.r.c), true, "Trailing bytes",
            "%zu after the last record (byte %u)", cursor_left(&v.r.c),
            offset(&v, v.r.c.at));
    c->at = c->end;
}

/* A segment is read alone: does a message begin here? Two bytes of length
 * that a header fits into, an opcode that exists, and one question. */
static bool
begins(const struct cursor *c)
{
    return cursor_left(c) >= 14 && (c->at[0] << 8 | c->at[1]) >= 12 &&
           (c->at[4] >> 3 & 15) <= 5 && c->at[6] == 0 && c->at[7] <= 1;
}

void
dis_dns(struct dis *d, struct cursor *c, bool stream)
{
    const uint8_t *start = c->at;
    size_t all = cursor_left(c);

    if (stream ? !begins(c) : all < DNS_HEADER_LEN)
        return;
    d->brief = false; /* the story tells names and addresses */
    dis_layer(d, start, all, "DNS", LAYER_NAME, "Domain Name System");
    if (!stream)
        message(d, c);
    while (stream && begins(c)) { /* RFC 7766 6.2.1: one after the other */
        size_t len = dis_be16(d, c, "Length"), there = cursor_left(c);
        struct cursor one = get_slice(c, len < there ? len : there);

        if (len > there)
            dis_note(d, c->at, 0, false, "Length",
                "%zu of %zu bytes are in this segment", there, len);
        message(d, &one);
    }
    d->out->layers[d->out->nlayers - 1].len = (uint32_t)(c->at - start);
    dis_layer_end(d);
}
