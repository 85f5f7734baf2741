/*
 * story_frames.c: events read off the frames of a capture that somebody else
 * made. Each address becomes a computer; each frame leaves one and reaches
 * another; ARP, DNS and HTTP are recognised. All of it is inference and is
 * marked so by its rule; what a capture cannot show (processes, timers, the
 * stack's variables) is not invented.
 */
#include "story_in.h"

#include "dissect.h"

#include <stdlib.h>
#include <string.h>

#define HOSTS_MAX 2000 /* more addresses share the nameless host */

struct peer {
    struct ipv4 addr;
    unsigned host;    /* 0: only its name is known yet */
    const char *name; /* or NULL */
};

struct frames {
    struct story *story;
    struct tracks *tracks;
    struct peer *peers;
    unsigned npeers, peer_room;
    struct arena arena; /* the frame under the knife */
    struct instant at;
    uint64_t no, pkt; /* given out */
    uint64_t of_pkt;  /* what notes are about */
    uint32_t len;
};

struct frames *
frames_new(struct story *s)
{
    struct frames *f = calloc(1, sizeof *f);

    if (!f)
        return NULL;
    f->story = s;
    f->tracks = tracks_new();
    arena_init(&f->arena, 0);
    if (!f->tracks) {
        free(f);
        return NULL;
    }
    return f;
}

void
frames_free(struct frames *f)
{
    if (!f)
        return;
    tracks_free(f->tracks);
    free(f->peers);
    arena_free(&f->arena);
    free(f);
}

uint64_t
frames_note(struct frames *f, enum event_kind kind, unsigned host,
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
        .func = "",
        .fields = fields};

    story_add(f->story, &e);
    return f->no;
}

static struct peer *
peer(struct frames *f, struct ipv4 addr)
{
    for (unsigned i = 0; i < f->npeers; i++)
        if (ipv4_eq(f->peers[i].addr, addr))
            return &f->peers[i];
    if (f->npeers == f->peer_room) {
        unsigned room = f->peer_room ? f->peer_room * 2 : 16;
        struct peer *peers = NULL;

        if (room <= HOSTS_MAX)
            peers = realloc(f->peers, room * sizeof *peers);
        if (!peers)
            return NULL;
        f->peers = peers;
        f->peer_room = room;
    }
    f->peers[f->npeers] = (struct peer){.addr = addr};
    return &f->peers[f->npeers++];
}

void
frames_name(struct frames *f, struct ipv4 addr, const char *name)
{
    struct peer *p = peer(f, addr);

    if (p && !p->name)
        p->name = intern_text(&f->story->names, name, strlen(name));
}

/* The computer with that address; a new one tells its card as well. */
static unsigned
host_of(struct frames *f, struct ipv4 addr, struct mac mac)
{
    struct peer *p;
    char text[16];
    uint64_t about = f->of_pkt;

    if (addr.v == 0 || addr.v == 0xffffffff || ipv4_is_multicast(addr))
        return 0;
    p = peer(f, addr);
    if (!p)
        return 0;
    if (p->host)
        return p->host;
    ipv4_text(addr, text);
    p->host = story_add_host(f->story, p->name ? p->name : text);
    f->of_pkt = 0;
    FRAMES_NOTE(f, EV_NETDEV, p->host, 0, f_text("if", "eth0"),
        f_mac("mac", mac), f_ip("ip", addr), f_u64("prefix", 32));
    f->of_pkt = about;
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
    FRAMES_NOTE(f, EV_ARP_ANSWER, to, cause, f_ip("ip", k->arp_spa),
        f_mac("mac", k->arp_sha));
    FRAMES_NOTE(f, EV_ARP_ENTRY, to, cause, f_ip("ip", k->arp_spa),
        f_text("if", "eth0"), f_mac("mac", k->arp_sha),
        f_text("state", "REACHABLE"));
}

/* The names that a DNS answer gives to addresses. */
static void
learn_names(struct frames *f, const struct dissection *d)
{
    const char *record = NULL;

    for (unsigned i = 0; i < d->count; i++) {
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
    const struct dissect_field *f = dissect_find(d, name);

    return f ? f->value : "";
}

static void
note_http(struct frames *f, const struct dissection *d, unsigned from,
    unsigned to, uint64_t sent, uint64_t arrived)
{
    if (dissect_find(d, "Request line"))
        FRAMES_NOTE(f, EV_HTTP_REQUEST_SENT, from, sent,
            f_text("method", value(d, "Method")),
            f_text("target", value(d, "Request target")),
            f_text("host", value(d, "Host")));
    if (dissect_find(d, "Status line"))
        FRAMES_NOTE(f, EV_HTTP_RESPONSE_READ, to, arrived,
            f_text("status", value(d, "Status code")),
            f_text("reason", value(d, "Reason phrase")));
}

/* Before the frame leaves: which layer asked for it. */
static uint64_t
note_cause(struct frames *f, const struct dissect_keys *k, unsigned from)
{
    if (k->tcp)
        track_sent(f->tracks, f, k, from);
    else if (k->icmp)
        FRAMES_NOTE(f, EV_ICMP_SEND, from, 0, f_u64("type", k->icmp_type),
            f_ip("dst", k->dst));
    else
        return 0;
    return f->no;
}

static uint64_t
note_frame(struct frames *f, const char *link, unsigned from, unsigned to,
    uint64_t cause, const void *data, size_t len)
{
    uint64_t sent;

    sent = FRAMES_NOTE(f, EV_FRAME_SENT, from, cause, f_text("link", link),
        f_text("if", "eth0"), f_u64("len", len), f_bytes("bytes", data, len));
    return FRAMES_NOTE(f, EV_FRAME_RECEIVED, to, sent, f_text("link", link),
        f_text("if", "eth0"), f_u64("len", len));
}

void
frames_add(struct frames *f, unsigned linktype, struct instant at,
    const char *link, const void *data, size_t len)
{
    struct dissection *d = dissect_brief(&f->arena, linktype, data, len);
    const struct dissect_keys *k = d ? &d->keys : NULL;

    if (!k)
        return;
    f->at = at;
    if (f->pkt == 0)
        story_set_linktype(f->story, linktype);
    f->of_pkt = ++f->pkt;
    f->len = (uint32_t)len;
    unsigned from = host_of(
        f, k->arp ? k->arp_spa : k->src, k->arp ? k->arp_sha : k->eth_src);
    unsigned to = host_of(
        f, k->arp ? k->arp_tpa : k->dst, k->arp ? k->arp_tha : k->eth_dst);
    uint64_t cause = note_cause(f, k, from);
    if (k->arp && k->arp_op == 1) {
        note_arp(f, k, from, to, 0);
        cause = f->no;
    }
    uint64_t arrived = note_frame(f, link, from, to, cause, data, len);
    if (k->arp && k->arp_op != 1)
        note_arp(f, k, from, to, arrived);
    if (k->tcp)
        track_arrived(f->tracks, f, k, to, arrived);
    if (k->icmp)
        FRAMES_NOTE(f, EV_ICMP_ARRIVE, to, arrived, f_u64("type", k->icmp_type),
            f_ip("src", k->src));
    if (k->udp && k->sport == 53)
        learn_names(f, d);
    note_http(f, d, from, to, cause, arrived);
    f->of_pkt = 0;
    arena_free(&f->arena);
}
