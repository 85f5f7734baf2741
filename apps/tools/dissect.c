/*
 * dissect.c: the tree of fields, and the link layer: where every frame
 * begins. The tree is one array in the order of reading, depth by depth, so
 * that a panel draws it from top to bottom and a test prints it.
 */
#include "dissect_in.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* More fields than this no frame of 64 KiB needs; DNS could pretend to. */
#define FIELDS_MAX 4000

static struct dissect_field *
append(struct dis *d, const uint8_t *at, size_t len, const char *name,
    const char *format, va_list ap)
{
    struct dissection *out = d->out;
    struct dissect_field *f;
    char text[400];

    if (out->count == d->room) {
        unsigned room = d->room ? d->room * 2 : 64;

        f = arena_alloc(d->arena, room * sizeof *f);
        if (!f || out->count >= FIELDS_MAX)
            return NULL;
        if (out->count)
            memcpy(f, out->fields, out->count * sizeof *f);
        out->fields = f;
        d->room = room;
    }
    f = &out->fields[out->count];
    if (!d->brief)
        vsnprintf(text, sizeof text, format, ap);
    *f = (struct dissect_field){.name = name,
        .value = d->brief ? "" : arena_text(d->arena, text, strlen(text)),
        .off = (uint32_t)(at - out->bytes),
        .len = (uint32_t)len,
        .depth = (uint8_t)d->depth,
        .layer = (uint8_t)(out->nlayers ? out->nlayers - 1 : 0)};
    if (!f->value)
        return NULL;
    out->count++;
    return f;
}

unsigned
dis_field(struct dis *d, const uint8_t *at, size_t len, const char *name,
    const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    append(d, at, len, name, format, ap);
    va_end(ap);
    return d->out->count;
}

void
dis_bits(struct dis *d, const uint8_t *at, size_t len, unsigned bit,
    unsigned bits, const char *name, const char *format, ...)
{
    struct dissect_field *f;
    va_list ap;

    va_start(ap, format);
    f = append(d, at, len, name, format, ap);
    va_end(ap);
    if (f) {
        f->bit = (uint8_t)bit;
        f->bits = (uint8_t)bits;
    }
}

void
dis_note(struct dis *d, const uint8_t *at, size_t len, bool wrong,
    const char *name, const char *format, ...)
{
    struct dissect_field *f;
    va_list ap;

    va_start(ap, format);
    f = append(d, at, len, name, format, ap);
    va_end(ap);
    if (f) {
        f->generated = true;
        f->wrong = wrong;
    }
}

void
dis_layer(struct dis *d, const uint8_t *at, size_t len, const char *name,
    enum layer layer, const char *format, ...)
{
    struct dissection *out = d->out;
    va_list ap;

    if (!d->inner && out->nlayers < DISSECT_LAYERS) {
        out->layers[out->nlayers++] = (struct dissect_layer){
            name, layer, (uint32_t)(at - out->bytes), (uint32_t)len};
    }
    va_start(ap, format);
    append(d, at, len, name, format, ap);
    va_end(ap);
    d->group = out->count;
    d->depth++;
}

void
dis_summary(struct dis *d, const char *format, ...)
{
    char text[200];
    const char *kept;
    va_list ap;

    if (d->brief)
        return;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    kept = arena_text(d->arena, text, strlen(text));
    if (kept && d->group && d->group <= d->out->count)
        d->out->fields[d->group - 1].value = kept;
}

void
dis_layer_end(struct dis *d)
{
    d->depth--;
}

uint8_t
dis_u8(struct dis *d, struct cursor *c, const char *name)
{
    const uint8_t *at = c->at;
    uint8_t v = get_u8(c);

    if (!c->over)
        dis_field(d, at, 1, name, "%u (0x%02x)", v, v);
    return v;
}

uint16_t
dis_be16(struct dis *d, struct cursor *c, const char *name)
{
    const uint8_t *at = c->at;
    uint16_t v = get_be16(c);

    if (!c->over)
        dis_field(d, at, 2, name, "%u (0x%04x)", v, v);
    return v;
}

uint32_t
dis_be32(struct dis *d, struct cursor *c, const char *name)
{
    const uint8_t *at = c->at;
    uint32_t v = get_be32(c);

    if (!c->over)
        dis_field(d, at, 4, name, "%u (0x%08x)", v, v);
    return v;
}

struct ipv4
dis_ipv4(struct dis *d, struct cursor *c, const char *name)
{
    const uint8_t *at = c->at;
    struct ipv4 v = get_ipv4(c);
    char text[16];

    if (!c->over)
        dis_field(d, at, 4, name, "%s", ipv4_text(v, text));
    return v;
}

struct mac
dis_mac(struct dis *d, struct cursor *c, const char *name)
{
    const uint8_t *at = c->at;
    struct mac v = get_mac(c);
    char text[18];

    if (!c->over)
        dis_field(d, at, 6, name, "%s%s", mac_text(v, text),
            mac_eq(v, MAC_BROADCAST) ? " (broadcast)" : "");
    return v;
}

const char *
dis_text(struct dis *d, const uint8_t *at, size_t len)
{
    char text[300];
    size_t n = 0;
    size_t i;

    if (d->brief)
        return "";
    for (i = 0; i < len && n < sizeof text - 8; i++) {
        if (at[i] >= 0x20 && at[i] < 0x7f)
            text[n++] = (char)at[i];
        else
            n += (size_t)snprintf(text + n, 5, "\\x%02x", at[i]);
    }
    if (i < len) {
        memcpy(text + n, "...", 3);
        n += 3;
    }
    const char *kept = arena_text(d->arena, text, n);

    return kept ? kept : "";
}

void
dis_info(struct dis *d, const char *format, ...)
{
    va_list ap;

    if (d->inner || d->brief)
        return;
    va_start(ap, format);
    vsnprintf(d->out->info, sizeof d->out->info, format, ap);
    va_end(ap);
}

void
dis_data(struct dis *d, struct cursor *c)
{
    size_t len = cursor_left(c);
    const uint8_t *at = get_bytes(c, len);

    if (len == 0)
        return;
    dis_layer(d, at, len, "Data", LAYER_PAGE, "%zu bytes", len);
    dis_field(d, at, len, "Bytes", "%s", dis_text(d, at, len));
    dis_layer_end(d);
}

/* RFC 826. Only Ethernet and IPv4 addresses are taken apart. */
void
dis_arp(struct dis *d, struct cursor *c)
{
    struct dissect_keys *k = &d->out->keys;
    const uint8_t *start = c->at;
    size_t len = cursor_left(c) < 28 ? cursor_left(c) : 28;
    char a[16], b[16];

    dis_layer(d, start, len, "ARP", LAYER_ARP, "Address Resolution Protocol");
    uint16_t hrd = dis_be16(d, c, "Hardware type");
    uint16_t pro = dis_be16(d, c, "Protocol type");
    uint8_t hln = dis_u8(d, c, "Hardware address length");
    uint8_t pln = dis_u8(d, c, "Protocol address length");
    k->arp_op = get_be16(c);
    if (!c->over) {
        dis_field(d, c->at - 2, 2, "Operation", "%u (%s)", k->arp_op,
            k->arp_op == 1   ? "request"
            : k->arp_op == 2 ? "reply"
                             : "other");
    }
    if (hrd == 1 && pro == 0x0800 && hln == 6 && pln == 4) {
        k->arp_sha = dis_mac(d, c, "Sender hardware address");
        k->arp_spa = dis_ipv4(d, c, "Sender protocol address");
        k->arp_tha = dis_mac(d, c, "Target hardware address");
        k->arp_tpa = dis_ipv4(d, c, "Target protocol address");
        k->arp = !c->over;
    }
    if (c->over) {
        dis_note(d, start, len, true, "Too short", "the header is cut off");
    } else if (k->arp_op == 2) {
        char m[18];

        dis_info(d, "ARP %s is at %s", ipv4_text(k->arp_spa, a),
            mac_text(k->arp_sha, m));
        dis_summary(d, "%s is at %s", a, m);
    } else {
        dis_info(d, "ARP who has %s? Tell %s", ipv4_text(k->arp_tpa, a),
            ipv4_text(k->arp_spa, b));
        dis_summary(d, "who has %s? Tell %s", a, b);
    }
    dis_layer_end(d);
}

static void
by_ethertype(struct dis *d, struct cursor *c, uint16_t type)
{
    if (type == 0x0800) {
        dis_ip(d, c);
    } else if (type == 0x0806) {
        dis_arp(d, c);
        if (cursor_left(c)) {
            dis_note(d, c->at, cursor_left(c), false, "Padding",
                "%zu bytes, to the 60 of the shortest frame", cursor_left(c));
            get_bytes(c, cursor_left(c));
        }
    }
}

static const char *
ethertype_name(uint16_t type)
{
    switch (type) {
    case 0x0800: return "IPv4";
    case 0x0806: return "ARP";
    case 0x8100: return "802.1Q";
    case 0x86dd: return "IPv6";
    default: return type < 1536 ? "a length" : "unknown";
    }
}

/* IEEE 802.3 3.1.1: destination, source, type (or length when < 1536). */
static void
ethernet(struct dis *d, struct cursor *c)
{
    struct dissect_keys *k = &d->out->keys;
    const uint8_t *start = c->at;
    size_t len = cursor_left(c) < 14 ? cursor_left(c) : 14;
    char src[18], dst[18];

    dis_layer(d, start, len, "Ethernet", LAYER_LINK, "%s", "Ethernet II");
    k->eth_dst = dis_mac(d, c, "Destination");
    k->eth_src = dis_mac(d, c, "Source");
    uint16_t type = get_be16(c);
    if (c->over) {
        dis_note(d, start, len, true, "Too short", "%zu bytes of 14", len);
        dis_layer_end(d);
        return;
    }
    k->eth = true;
    dis_field(
        d, c->at - 2, 2, "Type", "0x%04x (%s)", type, ethertype_name(type));
    dis_info(d, "Ethernet %s > %s, type 0x%04x", mac_text(k->eth_src, src),
        mac_text(k->eth_dst, dst), type);
    dis_summary(d, "%s > %s, %s", src, dst, ethertype_name(type));
    dis_layer_end(d);
    by_ethertype(d, c, type);
}

/* Linux "cooked" captures: 16 bytes in place of the link's own header. */
static void
cooked(struct dis *d, struct cursor *c)
{
    const uint8_t *start = c->at;
    size_t len = cursor_left(c) < 16 ? cursor_left(c) : 16;

    dis_layer(d, start, len, "Linux cooked", LAYER_LINK, "capture header");
    dis_be16(d, c, "Packet type");
    dis_be16(d, c, "ARPHRD type");
    dis_be16(d, c, "Address length");
    get_bytes(c, 8);
    uint16_t type = dis_be16(d, c, "Protocol");
    dis_layer_end(d);
    if (!c->over)
        by_ethertype(d, c, type);
}

static struct dissection *
read_frame(struct arena *a, unsigned linktype, const void *frame, size_t len,
    bool brief)
{
    struct dissection *out = arena_alloc(a, sizeof *out);
    struct cursor c = cursor_of(frame, len);
    struct dis d = {.out = out, .arena = a, .brief = brief};

    if (!out)
        return NULL;
    out->bytes = frame;
    out->len = (uint32_t)len;
    dis_info(&d, "%zu bytes", len);
    if (linktype == DISSECT_ETHERNET) {
        ethernet(&d, &c);
    } else if (linktype == DISSECT_SLL) {
        cooked(&d, &c);
    } else if (linktype == DISSECT_RAW || linktype == DISSECT_IPV4) {
        dis_ip(&d, &c);
    } else if (linktype == DISSECT_NULL && len >= 4) {
        /* BSD loopback: the address family in the byte order of its host */
        bool inet = get_le32(&c) == 2 ||
                    get_be32(&(struct cursor){frame, c.end, false}) == 2;

        dis_layer(&d, frame, 4, "Loopback", LAYER_LINK, "family");
        dis_layer_end(&d);
        if (inet)
            dis_ip(&d, &c);
    }
    dis_data(&d, &c);
    return out;
}

struct dissection *
dissect(struct arena *a, unsigned linktype, const void *frame, size_t len)
{
    return read_frame(a, linktype, frame, len, false);
}

struct dissection *
dissect_brief(struct arena *a, unsigned linktype, const void *frame, size_t len)
{
    return read_frame(a, linktype, frame, len, true);
}

int
dissect_at(const struct dissection *d, uint32_t off)
{
    int best = -1;
    unsigned best_rank = 0;

    for (unsigned i = 0; i < d->count; i++) {
        const struct dissect_field *f = &d->fields[i];
        unsigned rank = f->bits ? 1 : f->depth + 2u; /* whole bytes first */

        if (f->generated || off < f->off || off - f->off >= f->len)
            continue;
        if (rank > best_rank) {
            best = (int)i;
            best_rank = rank;
        }
    }
    return best;
}

const struct dissect_field *
dissect_find(const struct dissection *d, const char *name)
{
    for (unsigned i = 0; i < d->count; i++)
        if (strcmp(d->fields[i].name, name) == 0)
            return &d->fields[i];
    return NULL;
}
