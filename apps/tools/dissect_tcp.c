/*
 * dissect_tcp.c: the header of a TCP segment and its options for the eye
 * (RFC 9293 3.1 and 3.2, RFC 7323, RFC 2018, RFC 6994, RFC 7413).
 */
#include "dissect_in.h"

#include "sum.h"

#include <stdio.h>

/* "SYN, ACK" from the flags, in the order of tcpdump's readers. */
static void
flags_text(unsigned flags, char *text, size_t size)
{
    static const char *const names[] = {
        "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
    size_t n = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < 8; i++) {
        if (flags >> i & 1)
            n += (size_t)snprintf(
                text + n, size - n, "%s%s", n ? ", " : "", names[i]);
    }
}

/* RFC 2018 3: pairs of edges. */
static void
sack(struct dis *d, struct cursor c)
{
    dis_down(d);
    while (cursor_left(&c) >= 8) {
        const uint8_t *at = c.at;
        uint32_t left = get_be32(&c);
        uint32_t right = get_be32(&c);

        dis_field(d, at, 8, "Block", "%u to %u", left, right);
    }
    dis_up(d);
}

/* One option after its kind and length; c is the rest of it. */
static void
option(
    struct dis *d, const uint8_t *at, size_t len, uint8_t kind, struct cursor c)
{
    unsigned v;

    switch (kind) {
    case 2:
        v = get_be16(&c);
        dis_field(d, at, len, "Maximum segment size", "%u (0x%04x)", v, v);
        break;
    case 3:
        v = get_u8(&c);
        dis_field(d, at, len, "Window scale", "%u (multiply by %u)", v,
            v < 15 ? 1u << v : 1u << 14);
        break;
    case 4: dis_field(d, at, len, "SACK permitted", " "); break;
    case 5:
        dis_field(d, at, len, "SACK", "%zu blocks", (len - 2) / 8);
        sack(d, c);
        break;
    case 8:
        dis_field(d, at, len, "Timestamps", " ");
        dis_down(d);
        dis_be32(d, &c, "TSval");
        dis_be32(d, &c, "TSecr");
        dis_up(d);
        break;
    case 34:
        dis_field(d, at, len, "Fast Open cookie", "%zu bytes", len - 2);
        break;
    default:
        dis_field(d, at, len, "Option", "kind %u, %zu bytes", kind, len);
        break;
    }
    if (c.over)
        dis_note(d, at, len, true, "Option", "shorter than its kind needs");
}

/* RFC 9293 3.1, Options: two kinds are one byte, all others say a length. */
static void
options(struct dis *d, struct cursor c)
{
    if (cursor_left(&c) == 0)
        return;
    dis_field(
        d, c.at, cursor_left(&c), "Options", "%zu bytes", cursor_left(&c));
    dis_down(d);
    while (cursor_left(&c)) {
        const uint8_t *at = c.at;
        uint8_t kind = get_u8(&c);

        if (kind == 0) {
            dis_field(d, at, cursor_left(&c) + 1, "End of option list", " ");
            break;
        }
        if (kind == 1) {
            dis_field(d, at, 1, "No operation", " ");
            continue;
        }
        uint8_t len = get_u8(&c);
        struct cursor rest = get_slice(&c, len < 2 ? 0 : len - 2u);
        if (len < 2 || c.over) {
            dis_note(d, at, (size_t)(c.end - at), true, "Option",
                "kind %u: the length lies", kind);
            break;
        }
        option(d, at, len, kind, rest);
    }
    dis_up(d);
}

/* Data offset, reserved and the eight flags, a bit each. */
static void
offset_and_flags(struct dis *d, struct cursor *c, unsigned *flags)
{
    static const char *const names[] = {
        "CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"};
    const uint8_t *at = c->at;
    uint8_t offset = get_u8(c);
    char text[48];

    *flags = get_u8(c);
    flags_text(*flags, text, sizeof text);
    dis_bits(d, at, 1, 0, 4, "Data offset", "%u words (%u bytes)", offset >> 4,
        (offset >> 4) * 4);
    dis_bits(d, at, 1, 4, 4, "Reserved", "%u", offset & 15);
    dis_field(d, at + 1, 1, "Flags", "0x%02x (%s)", *flags, text);
    dis_down(d);
    for (unsigned i = 0; i < 8; i++)
        dis_bits(d, at + 1, 1, i, 1, names[i], "%u", *flags >> (7 - i) & 1);
    dis_up(d);
}

static void
keys(struct dis *d, struct cursor *c, const uint8_t *start, unsigned flags)
{
    struct dissect_keys *k = &d->out->keys;
    struct cursor again = cursor_of(start, 20);
    char text[48];

    flags_text(flags, text, sizeof text);
    k->tcp = true;
    k->flags = (uint8_t)flags;
    k->sport = get_be16(&again);
    k->dport = get_be16(&again);
    k->seq = get_be32(&again);
    k->ack = get_be32(&again);
    get_be16(&again);
    k->wnd = get_be16(&again);
    k->off = (uint32_t)(c->at - d->out->bytes);
    k->payload = (uint32_t)cursor_left(c);
    dis_info(
        d, "TCP %u > %u [%s], %u bytes", k->sport, k->dport, text, k->payload);
    dis_summary(
        d, "%u > %u [%s], %u bytes", k->sport, k->dport, text, k->payload);
}

void
dis_tcp(struct dis *d, struct cursor *c, uint64_t pseudo, bool whole)
{
    const uint8_t *start = c->at;
    size_t all = cursor_left(c);
    uint32_t header = all > 12 ? (start[12] >> 4) * 4u : 0;
    bool quoted = d->inner && all < 20;
    unsigned flags = 0;

    if (!quoted && (header < 20 || all < 20)) {
        dis_layer(d, start, all, "TCP", LAYER_TCP, "no whole header");
        dis_note(d, start, all, true, "Data offset status",
            "%u bytes of header, %zu are there", header, all);
        dis_layer_end(d);
        c->at = c->end;
        return;
    }
    bool cut = header > all; /* the options went with another fragment */
    if (cut)
        header = (uint32_t)all;
    dis_layer(d, start, quoted ? all : header, "TCP", LAYER_TCP,
        "Transmission Control Protocol");
    dis_be16(d, c, "Source port");
    dis_be16(d, c, "Destination port");
    dis_be32(d, c, "Sequence number");
    if (quoted) { /* RFC 792: at least 8 bytes are quoted, often no more */
        dis_layer_end(d);
        return;
    }
    dis_be32(d, c, "Acknowledgment number");
    offset_and_flags(d, c, &flags);
    dis_be16(d, c, "Window");
    dis_be16(d, c, "Checksum");
    if (whole) {
        bool good = sum_fold(sum_add(pseudo, start, all)) == 0;

        dis_note(d, c->at - 2, 2, !good, "Checksum status", "%s",
            good ? "correct" : "wrong");
    }
    dis_be16(d, c, "Urgent pointer");
    options(d, get_slice(c, header - 20));
    if (cut)
        dis_note(d, start + 12, 1, true, "Data offset status",
            "only %zu bytes are there", all);
    if (!d->inner)
        keys(d, c, start, flags);
    dis_layer_end(d);
    if (d->inner)
        return;
    const struct dissect_keys *k = &d->out->keys;
    if (cursor_left(c))
        dis_stream(d, c, k->sport, k->dport);
}
