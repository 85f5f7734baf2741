/*
 * dissect_ip.c: IPv4, ICMP and UDP for the eye. Checksums are computed
 * again and said to be right or wrong in [brackets].
 */
#include "dissect_in.h"

#include "sum.h"

#include <string.h>

static const char *
protocol_name(uint8_t protocol)
{
    switch (protocol) {
    case 1: return "ICMP";
    case 2: return "IGMP";
    case 6: return "TCP";
    case 17: return "UDP";
    default: return "other";
    }
}

static const char *
ip_option_name(uint8_t type)
{
    switch (type) {
    case 0: return "End of option list";
    case 1: return "No operation";
    case 7: return "Record route";
    case 68: return "Timestamp";
    case 131: return "Loose source route";
    case 137: return "Strict source route";
    case 148: return "Router alert";
    default: return "Option";
    }
}

/* RFC 791 3.1, Options: type, and for all but two of them a length. */
static void
ip_options(struct dis *d, struct cursor c)
{
    if (cursor_left(&c) == 0)
        return;
    dis_field(
        d, c.at, cursor_left(&c), "Options", "%zu bytes", cursor_left(&c));
    dis_down(d);
    while (cursor_left(&c)) {
        const uint8_t *at = c.at;
        uint8_t type = get_u8(&c);
        size_t len = 1;

        if (type > 1) {
            len = get_u8(&c);
            if (c.over || len < 2 || !get_bytes(&c, len - 2)) {
                dis_note(d, at, (size_t)(c.end - at), true, "Option",
                    "type %u: the length lies", type);
                break;
            }
        }
        dis_field(
            d, at, len, ip_option_name(type), "type %u, %zu bytes", type, len);
        if (type == 0)
            break;
    }
    dis_up(d);
}

/* Version to fragment offset: the first two words. */
static void
ip_head(struct dis *d, struct cursor *c, unsigned *more)
{
    const uint8_t *at = c->at;
    uint8_t v = get_u8(c);
    uint8_t tos = get_u8(c);
    static const char *const ecn[] = {
        "not ECN-capable", "ECT(1)", "ECT(0)", "congestion experienced"};

    dis_bits(d, at, 1, 0, 4, "Version", "%u", v >> 4);
    dis_bits(
        d, at, 1, 4, 4, "IHL", "%u words (%u bytes)", v & 15, (v & 15) * 4);
    dis_field(d, at + 1, 1, "Type of service", "0x%02x", tos);
    dis_down(d);
    dis_bits(d, at + 1, 1, 0, 6, "DSCP", "%u", tos >> 2);
    dis_bits(d, at + 1, 1, 6, 2, "ECN", "%u (%s)", tos & 3, ecn[tos & 3]);
    dis_up(d);
    dis_be16(d, c, "Total length");
    dis_be16(d, c, "Identification");
    at = c->at;
    uint16_t frag = get_be16(c);
    dis_field(d, at, 2, "Flags and fragment offset", "0x%04x", frag);
    dis_down(d);
    dis_bits(d, at, 1, 0, 1, "Reserved", "%u", frag >> 15);
    dis_bits(d, at, 1, 1, 1, "Don't fragment (DF)", "%u", frag >> 14 & 1);
    dis_bits(d, at, 1, 2, 1, "More fragments (MF)", "%u", frag >> 13 & 1);
    dis_bits(d, at, 2, 3, 13, "Fragment offset", "%u (byte %u)", frag & 0x1fff,
        (frag & 0x1fff) * 8);
    dis_up(d);
    *more = frag & 0x3fff;
}

static uint16_t
total_length(struct cursor c)
{
    get_be16(&c);
    return get_be16(&c);
}

static const char *
icmp_name(uint8_t type, uint8_t code)
{
    static const char *const unreachable[] = {"net unreachable",
        "host unreachable", "protocol unreachable", "port unreachable",
        "fragmentation needed and DF set", "source route failed"};

    switch (type) {
    case 0: return "echo reply";
    case 3:
        return code < LW_COUNT(unreachable) ? unreachable[code]
                                            : "destination unreachable";
    case 4: return "source quench";
    case 5: return "redirect";
    case 8: return "echo request";
    case 11: return code ? "reassembly time exceeded" : "TTL exceeded";
    case 12: return "parameter problem";
    case 13: return "timestamp request";
    case 14: return "timestamp reply";
    default: return "other";
    }
}

/* RFC 792. Errors quote the packet that they are about. */
static void
icmp(struct dis *d, struct cursor *c, bool whole)
{
    struct dissect_keys *k = &d->out->keys;
    const uint8_t *start = c->at;
    size_t all = cursor_left(c), len = all < 8 ? all : 8;
    uint8_t type = all ? start[0] : 0;
    uint8_t code = all > 1 ? start[1] : 0;

    dis_layer(d, start, len, "ICMP", LAYER_ICMP, "%s", icmp_name(type, code));
    dis_u8(d, c, "Type");
    dis_u8(d, c, "Code");
    dis_be16(d, c, "Checksum");
    if (whole && !d->inner && !c->over) {
        bool good = sum_fold(sum_add(0, start, all)) == 0;

        dis_note(d, start + 2, 2, !good, "Checksum status", "%s",
            good ? "correct" : "wrong");
    }
    if (type == 0 || type == 8) {
        dis_be16(d, c, "Identifier");
        dis_be16(d, c, "Sequence number");
    } else if (type == 3 && code == 4) {
        dis_be16(d, c, "Unused");
        dis_be16(d, c, "Next-hop MTU");
    } else if (type == 5) {
        dis_ipv4(d, c, "Gateway address");
    } else {
        dis_be32(d, c, "Unused");
    }
    if (c->over)
        dis_note(d, start, len, true, "Too short", "%zu bytes of 8", all);
    else
        dis_info(d, "ICMP %s", icmp_name(type, code));
    if (!d->inner) {
        k->icmp = !c->over;
        k->icmp_type = type;
        k->icmp_code = code;
    }
    bool quotes =
        type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    if (quotes && !d->inner && !c->over) {
        d->inner = true;
        dis_field(d, c->at, cursor_left(c), "Packet that it is about", " ");
        dis_down(d);
        dis_ip(d, c);
        dis_up(d);
        d->inner = false;
    }
    dis_layer_end(d);
}

/* RFC 768. Checksum 0 on the wire: the sender computed none. */
void
dis_udp(struct dis *d, struct cursor *c, uint64_t pseudo, bool whole)
{
    struct dissect_keys *k = &d->out->keys;
    const uint8_t *start = c->at;
    size_t all = cursor_left(c), len = all < 8 ? all : 8;

    dis_layer(d, start, len, "UDP", LAYER_UDP, "User Datagram Protocol");
    uint16_t sport = dis_be16(d, c, "Source port");
    uint16_t dport = dis_be16(d, c, "Destination port");
    uint16_t length = dis_be16(d, c, "Length");
    uint16_t sum = dis_be16(d, c, "Checksum");
    if (c->over) {
        dis_note(d, start, len, true, "Too short", "%zu bytes of 8", all);
        dis_layer_end(d);
        return;
    }
    bool lies = length < 8 || (length > all && whole);
    if (lies)
        dis_note(d, start + 4, 2, true, "Length status", "%zu are there", all);
    else if (sum == 0)
        dis_note(d, start + 6, 2, false, "Checksum status", "not computed");
    else if (whole && !d->inner) {
        bool good = sum_fold(sum_add(pseudo, start, length)) == 0;

        dis_note(d, start + 6, 2, !good, "Checksum status", "%s",
            good ? "correct" : "wrong");
    }
    dis_info(
        d, "UDP %u > %u, %u bytes", sport, dport, length < 8 ? 0 : length - 8u);
    dis_summary(
        d, "%u > %u, %u bytes", sport, dport, length < 8 ? 0 : length - 8u);
    dis_summary(
        d, "%u > %u, %u bytes", sport, dport, length < 8 ? 0 : length - 8u);
    dis_layer_end(d);
    if (d->inner)
        return;
    k->udp = true;
    k->sport = sport;
    k->dport = dport;
    k->off = (uint32_t)(c->at - d->out->bytes);
    k->payload = (uint32_t)cursor_left(c);
    if (sport == 53 || dport == 53 || sport == 5353 || dport == 5353)
        dis_dns(d, c, false);
}

static void
transport(struct dis *d, struct cursor *c, struct ipv4 src, struct ipv4 dst,
    uint8_t protocol, bool whole)
{
    uint64_t pseudo = sum_pseudo(src, dst, protocol, (uint32_t)cursor_left(c));

    if (protocol == 1)
        icmp(d, c, whole);
    else if (protocol == 6)
        dis_tcp(d, c, pseudo, whole);
    else if (protocol == 17)
        dis_udp(d, c, pseudo, whole);
    if (cursor_left(c) && !d->inner)
        dis_data(d, c);
}

/* What a total length says about the bytes behind the header. */
static struct cursor
body(struct dis *d, struct cursor *c, uint32_t total, size_t there,
    uint32_t header, bool *cut)
{
    struct cursor in = *c;

    *cut = total > there;
    if (total < header || total > there) {
        if (!d->inner)
            dis_note(d, in.at, 0, true, "Total length status",
                "says %u, %zu are there", total, there);
        return in;
    }
    return cursor_of(in.at, total - header);
}

void
dis_ip(struct dis *d, struct cursor *c)
{
    struct dissect_keys *k = &d->out->keys;
    const uint8_t *start = c->at;
    size_t there = cursor_left(c);
    uint32_t header = there ? (start[0] & 15u) * 4 : 0;
    struct ipv4 src, dst;
    unsigned fragment = 0;
    bool cut;
    char a[16], b[16];

    if (there < 20 || start[0] >> 4 != 4 || header < 20 || header > there) {
        dis_note(d, start, there < 20 ? there : 20, there > 0, "IPv4",
            "not a whole IPv4 header");
        return;
    }
    uint32_t total = total_length(*c);
    dis_layer(d, start, header, "IPv4", LAYER_IP, "Internet Protocol");
    ip_head(d, c, &fragment);
    uint8_t ttl = dis_u8(d, c, "Time to live");
    uint8_t protocol = get_u8(c);
    dis_field(d, c->at - 1, 1, "Protocol", "%u (%s)", protocol,
        protocol_name(protocol));
    dis_be16(d, c, "Header checksum");
    bool good = sum_fold(sum_add(0, start, header)) == 0;
    dis_note(d, c->at - 2, 2, !good, "Header checksum status", "%s",
        good ? "correct" : "wrong");
    src = dis_ipv4(d, c, "Source address");
    dst = dis_ipv4(d, c, "Destination address");
    ip_options(d, get_slice(c, header - 20));
    struct cursor in = body(d, c, total, there, header, &cut);
    dis_info(d, "IPv4 %s > %s, %s", ipv4_text(src, a), ipv4_text(dst, b),
        protocol_name(protocol));
    dis_summary(d, "%s > %s, %s, TTL %u", a, b, protocol_name(protocol), ttl);
    dis_layer_end(d);
    if (!d->inner) {
        k->ip = true;
        k->fragment = fragment != 0 && (fragment & 0x3fff) != 0;
        k->src = src;
        k->dst = dst;
        k->ttl = ttl;
        k->protocol = protocol;
    }
    const uint8_t *end = in.end;
    if (fragment & 0x1fff)
        dis_data(d, &in); /* the transport header went with the first one */
    else
        transport(d, &in, src, dst, protocol,
            !cut && !(fragment & 0x2000) && !d->inner);
    c->at = end;
    if (cursor_left(c) && !d->inner) {
        dis_note(d, end, cursor_left(c), false, "Padding",
            "%zu bytes after the packet", cursor_left(c));
        c->at = c->end;
    }
}
