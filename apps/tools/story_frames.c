/*
 * story_frames.c: events read off the frames of a capture that somebody else
 * made. Each address becomes a computer; each frame leaves one and reaches
 * another; ARP, DNS and HTTP are recognised. All of it is inference and is
 * marked so by its rule; what a capture cannot show (processes, timers, the
 * stack's variables) is not invented.
 */
#include "frames.h"

#include "dissect.h"
#include "intern.h"
#include "story_in.h"

#include <string.h>

#define PORTS_MAX 65535 /* interfaces of one file */

void
frames_init(struct frames *f, struct known *known, struct story *story)
{
    *f =
        (struct frames){.known = known, .texts = &story->names, .story = story};
    arena_init(&f->arena, 0);
}

void
frames_free(struct frames *f)
{
    arena_free(&f->arena);
}

uint64_t
frames_tell(struct frames *f, enum event_kind kind, unsigned host,
    uint64_t cause, const struct field *fields, size_t nfields)
{
    struct event e = {.no = ++f->no,
        .at = f->at,
        .cause = cause,
        .pkt = f->of_pkt,
        .len = f->of_pkt ? f->len : 0,
        .host = (uint16_t)host,
        .kind = (uint16_t)kind,
        .rule = RULE_CAPTURE_GUESS,
        .nfields = (uint16_t)nfields,
        .literal = true,
        .func = "",
        .fields = fields};

    f->tell(f->owner, &e);
    return f->no;
}

uint64_t
frames_count(struct frames *f, enum event_kind kind)
{
    story_counts(f->story, ++f->no, kind);
    return f->no;
}

uint32_t
frames_port(
    struct frames *f, uint32_t interface, unsigned linktype, const char *link)
{
    struct known_port *p = NULL;
    const char *name;

    if (interface < f->known->ports.n) {
        p = rows_at(&f->known->ports, interface);
        if (p->linktype != UINT32_MAX)
            return interface;
    }
    if (interface >= PORTS_MAX)
        return UINT32_MAX;
    while (f->known->ports.n <= interface) { /* some may never show a frame */
        p = rows_add(&f->known->ports);
        if (!p)
            return UINT32_MAX;
        p->linktype = UINT32_MAX;
    }
    name = intern_text(f->texts, link, strlen(link));
    p->link =
        name ? known_link(f->known, name, (uint32_t)f->pkt + 1) : UINT32_MAX;
    if (p->link == UINT32_MAX)
        return UINT32_MAX;
    p->linktype = linktype;
    return interface;
}

/* What is known of an address. Learning, NULL: there are too many, or no
 * memory. */
static struct known_peer *
peer_of(struct frames *f, struct ipv4 addr)
{
    struct known_peer *p = known_peer(f->known, addr, f->learning);

    f->failed |= !p && f->learning && f->known->peers.n < HOSTS_MAX;
    return p;
}

void
frames_name(struct frames *f, struct ipv4 addr, const char *name)
{
    struct known_peer *p = peer_of(f, addr);

    if (!p || p->name)
        return;
    p->name = intern_text(f->texts, name, strlen(name));
    f->failed |= !p->name;
}

void
frames_card(struct frames *f, const struct known_peer *p)
{
    uint64_t about = f->of_pkt;

    f->of_pkt = 0;
    FRAMES_NOTE(f, EV_NETDEV, p->host, 0, f_text("if", "eth0"),
        f_mac("mac", p->mac), f_ip("ip", p->addr), f_u64("prefix", 32));
    f->of_pkt = about;
}

/* The computer with that address; a new one tells its card as well. */
static unsigned
host_of(struct frames *f, struct ipv4 addr, struct mac mac)
{
    struct known_peer *p;
    uint32_t *born;
    char text[16];

    if (addr.v == 0 || addr.v == 0xffffffff || ipv4_is_multicast(addr))
        return 0;
    p = peer_of(f, addr);
    if (!p)
        return 0;
    if (!p->host && f->learning) {
        born = rows_add(&f->known->born);
        p->host = (uint16_t)story_add_host(
            f->story, p->name ? p->name : ipv4_text(addr, text));
        p->born = (uint32_t)f->pkt;
        p->mac = mac;
        if (born)
            *born = addr.v;
        f->failed |= !born;
    }
    if (p->born == f->pkt && p->host && f->told != p) {
        f->told = p;
        frames_card(f, p);
    }
    return p->host;
}

static void
note_arp(struct frames *f, const struct dissect_keys *k, unsigned from,
    unsigned to, uint64_t cause)
{
    if (k->arp_op == 1) {
        FRAMES_NOTE(f, EV_ARP_ASK, from, cause, f_ip("ip", k->arp_tpa),
            f_ip("from_ip", k->arp_spa));
        return;
    }
    const struct known_arp arp = {
        (uint32_t)f->pkt, (uint16_t)to, k->arp_spa, k->arp_sha};
    FRAMES_NOTE(f, EV_ARP_ANSWER, to, cause, f_ip("ip", k->arp_spa),
        f_mac("mac", k->arp_sha));
    FRAMES_NOTE(f, EV_ARP_ENTRY, to, cause, f_ip("ip", k->arp_spa),
        f_text("if", "eth0"), f_mac("mac", k->arp_sha),
        f_text("state", "REACHABLE"));
    if (f->learning && !known_arp(f->known, &arp))
        f->failed = true;
}

/* The names that a DNS answer gives to addresses. */
static void
learn_names(struct frames *f, const struct dissection *d)
{
    const char *record = NULL;

    for (unsigned i = 0; d && i < d->count; i++) {
        const struct dissect_field *field = &d->fields[i];
        struct ipv4 addr;
        char name[256];

        if (strcmp(field->name, "Record") == 0)
            record = field->value;
        if (!record || strcmp(field->name, "Address") != 0 ||
            !ipv4_parse(field->value, &addr))
            continue;
        size_t len = strcspn(record, " ");
        if (len == 0 || len >= sizeof name)
            continue;
        memcpy(name, record, len);
        name[len] = '\0';
        frames_name(f, addr, name);
    }
}

static const char *
value(const struct dissection *d, const char *name)
{
    const struct dissect_field *f = d ? dissect_find(d, name) : NULL;

    return f ? f->value : "";
}

static void
note_http(struct frames *f, const struct frames_frame *frame, unsigned linktype,
    enum dissect_message m, unsigned host, uint64_t cause)
{
    const struct dissection *d = NULL;
    enum event_kind kind =
        m == DISSECT_REQUEST ? EV_HTTP_REQUEST_SENT : EV_HTTP_RESPONSE_READ;

    if (f->tell)
        d = dissect_brief(&f->arena, linktype, frame->data, frame->len);
    if (kind == EV_HTTP_REQUEST_SENT)
        FRAMES_NOTE(f, kind, host, cause, f_text("method", value(d, "Method")),
            f_text("target", value(d, "Request target")),
            f_text("host", value(d, "Host")));
    else
        FRAMES_NOTE(f, kind, host, cause,
            f_text("status", value(d, "Status code")),
            f_text("reason", value(d, "Reason phrase")));
    if (f->learning && !known_web(f->known, (uint32_t)f->pkt, host, kind))
        f->failed = true;
}

static uint64_t
note_frame(struct frames *f, const struct frames_frame *frame,
    struct known_link *link, unsigned from, unsigned to, uint64_t cause)
{
    uint64_t sent;

    sent = FRAMES_NOTE(f, EV_FRAME_SENT, from, cause,
        f_text("link", link->name), f_text("if", "eth0"),
        f_u64("len", frame->len), f_bytes("bytes", frame->data, frame->len));
    if (f->learning) {
        known_at_link(link, from, (uint32_t)f->pkt);
        known_at_link(link, to, (uint32_t)f->pkt);
    }
    return FRAMES_NOTE(f, EV_FRAME_RECEIVED, to, sent,
        f_text("link", link->name), f_text("if", "eth0"),
        f_u64("len", frame->len));
}

/* What the frame's own layer says before it leaves: the frame's cause. */
static uint64_t
note_before(struct frames *f, const struct dissect_keys *k,
    const struct tracked *conn, unsigned from, unsigned to)
{
    if (conn)
        track_sent(f, k, conn);
    else if (k->icmp)
        FRAMES_NOTE(f, EV_ICMP_SEND, from, 0, f_u64("type", k->icmp_type),
            f_ip("dst", k->dst));
    else if (k->arp && k->arp_op == 1)
        note_arp(f, k, from, to, 0);
    else
        return 0;
    return f->no;
}

void
frames_add(struct frames *f, const struct frames_frame *frame)
{
    const struct known_port *port = rows_at(&f->known->ports, frame->port);
    struct dissect_keys k;
    enum dissect_message m =
        dissect_peek(port->linktype, frame->data, frame->len, &k);
    struct tracked conn;

    f->at = frame->at;
    f->of_pkt = ++f->pkt;
    f->len = frame->len;
    f->told = NULL;
    unsigned from =
        host_of(f, k.arp ? k.arp_spa : k.src, k.arp ? k.arp_sha : k.eth_src);
    unsigned to =
        host_of(f, k.arp ? k.arp_tpa : k.dst, k.arp ? k.arp_tha : k.eth_dst);
    bool tracked = k.tcp && track_find(f, &k, from, to, &conn);
    uint64_t cause = note_before(f, &k, tracked ? &conn : NULL, from, to);
    uint64_t arrived = note_frame(
        f, frame, rows_at(&f->known->links, port->link), from, to, cause);
    if (k.arp && k.arp_op != 1)
        note_arp(f, &k, from, to, arrived);
    if (tracked)
        track_arrived(f, &k, &conn, arrived);
    if (k.icmp)
        FRAMES_NOTE(f, EV_ICMP_ARRIVE, to, arrived, f_u64("type", k.icmp_type),
            f_ip("src", k.src));
    if (k.udp && k.sport == 53 && f->learning)
        learn_names(f,
            dissect_brief(&f->arena, port->linktype, frame->data, frame->len));
    if (m != DISSECT_NO_MESSAGE)
        note_http(f, frame, port->linktype, m, m == DISSECT_REQUEST ? from : to,
            m == DISSECT_REQUEST ? cause : arrived);
    f->of_pkt = 0;
    f->failed |= f->arena.failed;
    arena_clear(&f->arena);
}
