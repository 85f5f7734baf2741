/*
 * dialog_wire.c: the wire of a dialogue.
 */
#include "dialog_wire.h"
#include "check.h"
#include "sum.h"

#include <stdio.h>
#include <string.h>

uint8_t
dialog_pattern(uint32_t at)
{
    return (uint8_t)(at * 7 + (at >> 8));
}

void
dialog_expect(
    struct dialog *d, const char *got, const char *want, const char *line)
{
    char full[256];

    if (strcmp(got, want) == 0)
        return;
    snprintf(full, sizeof full, "%s   (line \"%s\")", want, line);
    check_text(got, full, d->question, d->file, d->line);
    d->failed = true;
}

/* --- the journal ------------------------------------------------------ */

static void
copy_text(char *to, size_t size, const struct event *e, const char *name)
{
    const struct field *f = event_field(e, name);

    snprintf(
        to, size, "%.*s", f ? (int)f->len : 0, f ? (const char *)f->at : "");
}

static void
hear(void *owner, const struct event *e)
{
    struct dialog *d = owner;
    char from[32], to[32];

    d->noted[e->kind]++;
    d->ruled[e->rule] = true;
    if (e->kind == EV_TCP_SEND)
        snprintf(d->because, sizeof d->because, "%s",
            rule_info((enum rule)e->rule)->name);
    if (e->kind != EV_TCP_MOVE)
        return;
    copy_text(from, sizeof from, e, "from");
    copy_text(to, sizeof to, e, "to");
    for (unsigned i = 0; i < tcp_arrow_count; i++)
        if (strcmp(from, tcp_state_text(tcp_arrows[i].from)) == 0 &&
            strcmp(to, tcp_state_text(tcp_arrows[i].to)) == 0)
            d->used[i] = true;
}

/* --- the wire --------------------------------------------------------- */

static void
keep(struct netdev *dev, struct pkt *p)
{
    struct dialog *d = dev->wire;
    struct sent *s = &d->sent[d->nsent];
    uint32_t skip = 14 + 20;

    if (d->nsent < SENT_MAX && p->len >= skip + 20 &&
        p->len - skip <= sizeof s->bytes) {
        s->at = d->w.timers.now;
        s->len = p->len - skip;
        memcpy(s->bytes, p->data + skip, s->len);
        s->tos = p->data[14 + 1];
        s->ttl = p->data[14 + 8];
        s->port = (uint16_t)(s->bytes[2] << 8 | s->bytes[3]);
        memcpy(s->because, d->because, sizeof s->because);
        d->nsent++;
    }
    pkt_free(p);
}

static void
inject(struct dialog *d, uint8_t protocol, uint8_t tos, const uint8_t *data,
    uint32_t len)
{
    struct pkt *p = pkt_new(d->w.pool, 34, len);
    struct writer w;

    memcpy(pkt_put(p, len), data, len);
    w = writer_of(pkt_push(p, 20), 20);
    put_u8(&w, 0x45);
    put_u8(&w, tos);
    put_be16(&w, (uint16_t)(len + 20));
    put_be32(&w, 0x00004000);
    put_u8(&w, 64);
    put_u8(&w, protocol);
    put_be16(&w, 0);
    put_ipv4(&w, TCP_HOST_B);
    put_ipv4(&w, TCP_HOST_A);
    w = writer_of(p->data + 10, 2);
    put_be16(&w, sum_fold(sum_add(0, p->data, 20)));
    w = writer_of(pkt_push(p, 14), 14);
    put_room(&w, 12);
    memset(p->data, 0, 12);
    put_be16(&w, ETHERTYPE_IPV4);
    netdev_arrive(&d->w.a.eth, p, "dialog");
}

uint16_t
dialog_peer_port(const struct dialog *d)
{
    return (uint16_t)(5000 + d->peer);
}

void
dialog_send(struct dialog *d, const struct dialog_segment *s)
{
    uint8_t bytes[4096];
    struct writer w = writer_of(bytes, sizeof bytes);
    uint8_t options[40];
    size_t nopt = dialog_options_build(s->options, options, d->ts_base, ISS);
    uint64_t drops[DROP_COUNT];

    put_be16(&w, dialog_peer_port(d));
    put_be16(&w, d->local.port);
    put_be32(&w, seq_add(PEER_ISS, s->seq).v);
    put_be32(&w, s->flags & SEG_ACK ? seq_add(ISS, s->ack).v : 0);
    put_u8(&w, (uint8_t)((s->offset ? s->offset : (20 + nopt) / 4) << 4));
    put_u8(&w, s->flags);
    put_be16(&w, (uint16_t)s->win);
    put_be16(&w, 0);
    put_be16(&w, (uint16_t)s->up);
    put_bytes(&w, options, nopt);
    for (uint32_t i = 0; i < s->len; i++)
        put_u8(&w, dialog_pattern(s->seq + !!(s->flags & SEG_SYN) + i));
    uint32_t len = (uint32_t)writer_len(&w) - s->cut;
    uint64_t sum = sum_pseudo(TCP_HOST_B, TCP_HOST_A, IP_TCP, len);
    w = writer_of(bytes + 16, 2);
    put_be16(&w, sum_fold(sum_add(sum, bytes, len)) ^ (s->bad_sum ? 0x100 : 0));
    memcpy(drops, d->w.a.env.drops, sizeof drops);
    inject(d, IP_TCP, s->tos, bytes, len);
    d->dropped = "nothing";
    for (unsigned i = 0; i < DROP_COUNT; i++)
        if (drops[i] != d->w.a.env.drops[i])
            d->dropped = drop_name((enum drop)i);
}

void
dialog_icmp(
    struct dialog *d, unsigned type, unsigned code, uint32_t seq, unsigned mtu)
{
    uint8_t bytes[36];
    struct writer w = writer_of(bytes, sizeof bytes);

    put_u8(&w, (uint8_t)type);
    put_u8(&w, (uint8_t)code);
    put_be16(&w, 0);
    put_be32(&w, type == 3 && code == 4 ? mtu : 0); /* next-hop MTU */
    put_be16(&w, 0x4500);
    put_be16(&w, 40);
    put_be32(&w, 0x00004000);
    put_u8(&w, 63);
    put_u8(&w, IP_TCP);
    put_be16(&w, 0);
    put_ipv4(&w, TCP_HOST_A);
    put_ipv4(&w, TCP_HOST_B);
    put_be16(&w, d->local.port);
    put_be16(&w, dialog_peer_port(d));
    put_be32(&w, seq_add(ISS, seq).v);
    w = writer_of(bytes + 18, 2);
    put_be16(&w, sum_fold(sum_add(0, bytes + 8, 20)));
    w = writer_of(bytes + 2, 2);
    put_be16(&w, sum_fold(sum_add(0, bytes, sizeof bytes)));
    inject(d, IP_ICMP, 0, bytes, sizeof bytes);
}

void
dialog_begin(struct dialog *d)
{
    d->peer = 1;
    d->local = (struct tcp_end){TCP_HOST_A, OUR_PORT};
    tcp_world_alone(&d->w, 1, keep, d);
    tcp_config(d->w.a.tcp)->cubic = false; /* "sysctl cubic 1" */
    tcp_config(d->w.a.tcp)->tail_probe = false;
    d->w.a.tcp->iss_fixed = true;
    d->w.a.tcp->iss = ISS;
    d->listener =
        (struct listener){.event = hear, .owner = d, .level = LEVEL_DETAIL};
    journal_listen(&d->w.journal, &d->listener);
}

/* --- what our TCP sent ------------------------------------------------ */

static void
describe(struct dialog *d, const struct sent *s, const char *wanted, char *buf,
    size_t size)
{
    struct cursor c = cursor_of(s->bytes + 4, s->len - 4);
    struct dialog_segment seg = {.tos = s->tos, .ttl = s->ttl};
    uint32_t header;

    seg.seq = get_be32(&c) - ISS.v;
    seg.ack = get_be32(&c);
    header = (uint32_t)(get_u8(&c) >> 4) * 4;
    seg.flags = get_u8(&c);
    seg.win = get_be16(&c);
    get_be16(&c); /* checksum */
    seg.up = get_be16(&c);
    seg.len = s->len - header;
    if (seg.flags & SEG_ACK)
        seg.ack -= PEER_ISS.v;
    dialog_options_text(s->bytes + 20, header - 20, seg.options,
        sizeof seg.options, &d->ts_base, &d->ts_known, PEER_ISS);
    dialog_segment_text(&seg, wanted, buf, size);
    for (uint32_t i = 0; i < seg.len; i++)
        if (s->bytes[header + i] != dialog_pattern(seg.seq + i)) {
            snprintf(buf, size, "wrong text at %u", seg.seq + i);
            break;
        }
}

void
dialog_expect_segment(struct dialog *d, const char *text, const char *line)
{
    char got[256], want[256];
    struct dialog_segment seg;
    struct sent *s = &d->sent[d->taken];

    if (d->taken == d->nsent) {
        dialog_expect(d, "silence", text, line);
        return;
    }
    d->taken++;
    if (!dialog_segment_parse(&seg, text)) {
        dialog_expect(d, "not understood", text, line);
        return;
    }
    dialog_segment_text(&seg, text, want, sizeof want);
    describe(d, s, text, got, sizeof got);
    dialog_expect(d, got, want, line);
    if (s->port != dialog_peer_port(d))
        dialog_expect(d, "to another peer", "to this one", line);
    if (instant_diff(d->w.timers.now, s->at) > TOLERANCE) {
        snprintf(got, sizeof got, "%.4f s ago",
            (double)instant_diff(d->w.timers.now, s->at) / 1e9);
        dialog_expect(d, got, "now", line);
    }
}

void
dialog_expect_silence(struct dialog *d, const char *line)
{
    char got[256];

    if (d->taken == d->nsent || d->failed)
        return;
    describe(d, &d->sent[d->taken], "win <", got, sizeof got);
    dialog_expect(d, got, "silence before", line);
}
