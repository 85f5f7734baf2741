/*
 * tcp_segment.c: which bytes? From the wire to struct tcp_seg and back.
 *
 *      0                   1                   2                   3
 *     +-------------------------------+-------------------------------+
 *     |          source port          |       destination port        |
 *     +-------------------------------+-------------------------------+
 *     |                        sequence number                        |
 *     +---------------------------------------------------------------+
 *     |                     acknowledgment number                     |
 *     +-------+-------+---------------+-------------------------------+
 *     | offset| rsrvd |C E U A P R S F|            window             |
 *     +-------+-------+---------------+-------------------------------+
 *     |           checksum            |        urgent pointer         |
 *     +-------------------------------+-------------------------------+
 *     |         options, a multiple of four bytes, then the text      |
 *
 * RFC 9293 3.1.
 */
#include "tcp_conn.h"
#include "sum.h"

#define AT_CHECKSUM 16

/* Nearly every segment of a connection carries the timestamps alone, laid
 * out as RFC 7323 appendix A advises: read without the loop over options. */
static bool
only_timestamps(struct tcp_opts *o, const uint8_t *data, size_t len)
{
    struct cursor c = cursor_of(data, TCP_OPT_TS_ALONE);

    if (len != TCP_OPT_TS_ALONE || get_be32(&c) != TCP_OPT_NOP_NOP_TS)
        return false;
    *o = (struct tcp_opts){.wscale = -1, .ts = true};
    o->tsval = get_be32(&c);
    o->tsecr = get_be32(&c);
    return true;
}

enum drop
tcp_segment_parse(
    struct tcp_seg *seg, const struct pkt *p, const struct ip_hdr *ih)
{
    struct cursor c = cursor_of(p->data, TCP_HEADER);
    uint8_t offset;

    if (p->len < TCP_HEADER)
        return DROP_TOO_SHORT;
    get_be32(&c); /* the ports are read by tcp_input */
    seg->seq = (struct seq){get_be32(&c)};
    seg->ack = (struct seq){get_be32(&c)};
    offset = get_u8(&c) >> 4;
    seg->flags = get_u8(&c);
    seg->wnd = get_be16(&c);
    get_be16(&c); /* checksum */
    seg->up = get_be16(&c);
    seg->header_len = (uint8_t)(offset * 4);
    if (seg->header_len < TCP_HEADER || seg->header_len > p->len)
        return DROP_TCP_OFFSET;
    if (!p->sum_ok) {
        uint64_t sum = sum_pseudo(ih->src, ih->dst, IP_TCP, p->len);

        if (sum_fold(sum_add(sum, p->data, p->len)) != 0)
            return DROP_TCP_CHECKSUM; /* MUST-3 */
    }
    seg->data = p->len - seg->header_len;
    if (!only_timestamps(
            &seg->opts, p->data + TCP_HEADER, seg->header_len - TCP_HEADER) &&
        !tcp_options_parse(&seg->opts, p->data + TCP_HEADER,
            seg->header_len - TCP_HEADER, seg->flags & SEG_SYN))
        return DROP_TCP_OFFSET;
    return DROP_NONE;
}

/* A SYN offers what we can do; a SYN,ACK only what the peer offered too. */
static void
syn_options(const struct tcp_conn *c, bool answer, struct tcp_opts *o)
{
    const struct tcp_config *config = &c->tcp->config;
    unsigned mss = c->snd.path_mtu - 40u;

    if (c->tune.maxseg && c->tune.maxseg < mss)
        mss = c->tune.maxseg;
    o->mss = (uint16_t)mss; /* RFC 6691: options are not subtracted */
    o->sack_ok = answer ? c->sack_ok : config->sack;
    o->ts = answer ? c->ts.ok : config->timestamps;
    if (answer ? c->wscale_ok : config->window_scaling)
        o->wscale = (int8_t)c->rcv.wscale;
}

size_t
tcp_segment_options(const struct tcp_conn *c, uint8_t flags, struct tcp_opts *o)
{
    uint8_t buf[TCP_OPTIONS_MAX];
    struct writer w = writer_of(buf, sizeof buf);

    *o = (struct tcp_opts){.wscale = -1};
    if (flags & SEG_SYN)
        syn_options(c, flags & SEG_ACK, o);
    else
        o->ts = c->ts.ok;
    if (o->ts) {
        o->tsval = tcp_ts_now(c);
        o->tsecr = flags & SEG_ACK ? c->ts.recent : 0;
    }
    if (c->sack_ok && (flags & (SEG_SYN | SEG_ACK)) == SEG_ACK)
        o->nsack = (uint8_t)tcp_reasm_blocks(
            c, o->sack, o->ts ? TCP_SACK_MAX - 1 : TCP_SACK_MAX);
    if (!(flags & SEG_SYN) && o->nsack == 0) /* nearly always: no need to try */
        return o->ts ? TCP_OPT_TS_ALONE : 0;
    tcp_options_build(&w, o, flags & SEG_SYN);
    return writer_len(&w);
}

/* Puts the header in front of p; `sum` is that of the pseudo-header and of
 * the text. */
static void
push_header(struct pkt *p, const struct tcp_seg *seg, struct tcp_end from,
    struct tcp_end to, uint64_t sum)
{
    uint8_t *at = pkt_push(p, seg->header_len);
    struct writer w = writer_of(at, TCP_HEADER);
    struct writer check = writer_of(at + AT_CHECKSUM, 2);
    struct writer options =
        writer_of(at + TCP_HEADER, seg->header_len - TCP_HEADER);

    put_be16(&w, from.port);
    put_be16(&w, to.port);
    put_be32(&w, seg->seq.v);
    put_be32(&w, seg->ack.v);
    put_u8(&w, (uint8_t)(seg->header_len / 4 << 4));
    put_u8(&w, seg->flags);
    put_be16(&w, seg->wnd);
    put_be16(&w, 0);
    put_be16(&w, seg->up);
    tcp_options_build(&options, &seg->opts, seg->flags & SEG_SYN);
    put_be16(&check, sum_fold(sum_header(sum, at, seg->header_len)));
}

static void
send_down(struct tcp *tcp, struct pkt *p, struct ipv4 src, struct ipv4 dst,
    struct tcp_conn *c, uint8_t ecn)
{
    struct ip_out out = {
        .src = src, .dst = dst, .protocol = IP_TCP, .df = true};
    int err;

    if (c) { /* MUST-48, MUST-49, SHLD-22 */
        out.tos = c->tune.tos | ecn;
        out.ttl = c->tune.ttl;
        out.card = c->tune.card;
        out.df = c->tune.mtu_discover != 0;
    }
    tcp->counts.segments_out++;
    err = ip_output(tcp->ip, p, &out);
    if (err && c)
        c->soft_error = (uint16_t)-err;
}

/* What the window field says; a SYN's is never scaled (RFC 7323 2.2). */
static uint16_t
window_field(struct tcp_conn *c, uint8_t flags)
{
    uint32_t wnd = tcp_window(c);

    if (flags & SEG_SYN)
        return (uint16_t)(wnd > 65535 ? 65535 : wnd);
    return (uint16_t)(wnd >> c->rcv.wscale);
}

/* A packet of many segments, whose text is lent; or, when that lies in too
 * many places, copied. NULL: no memory. */
static struct pkt *
new_train(const struct tcp_conn *c, struct seq seq, uint32_t len)
{
    struct pkt_pool *pool = c->tcp->env->pool;
    struct pkt *p = pkt_new(pool, PKT_HEADROOM, 0);

    if (!p || tcp_ring_lend(c, seq, len, p))
        return p;
    pkt_free(p);
    p = pkt_new(pool, PKT_HEADROOM, len);
    if (p)
        tcp_ring_peek(c, seq, pkt_put(p, len), len);
    return p;
}

/* Not where IP may have to cut the segment: no card sums over fragments. Nor
 * for one bound to a card, which need not be that of the route. */
bool
tcp_card_sums(const struct tcp_conn *c)
{
    return c->tune.mtu_discover != 0 && !c->tune.card &&
           ip_card_sums(c->tcp->ip, c->remote.addr);
}

void
tcp_transmit(struct tcp_conn *c, struct seq seq, uint32_t data, uint8_t flags,
    enum rule why)
{
    struct tcp *tcp = c->tcp;
    struct tcp_seg seg = {.seq = seq, .flags = flags, .data = data};
    size_t options = tcp_segment_options(c, flags, &seg.opts);
    bool several = c->train;
    struct pkt *p = several ? new_train(c, seq, data)
                            : pkt_new(tcp->env->pool, PKT_HEADROOM, data);
    uint32_t count = several ? (data + c->snd.mss - 1) / c->snd.mss : 1;
    uint8_t ecn = tcp_ecn_stamp(c, &seg, c->fresh);
    uint64_t sum;

    c->fresh = c->train = false;
    tcp_urgent_stamp(c, &seg);
    seg.header_len = (uint8_t)(TCP_HEADER + options);
    c->sum.segments_out += count;
    c->sum.data_out += data > 0 ? count : 0;
    c->sum.bytes_sent += data;
    if (c->paced)
        tcp_pace_count(c, data);
    if (flags & SEG_ACK) {
        seg.ack = c->rcv.nxt;
        c->ts.last_ack_sent = c->rcv.nxt;
    }
    if (!(flags & SEG_RST))
        seg.wnd = window_field(c, flags);
    if (flags & SEG_ACK)
        tcp_ack_sent(c, data > 0);
    if (!p) {
        tcp->env->drops[DROP_NO_MEMORY]++;
        return;
    }
    sum = sum_pseudo(
        c->local.addr, c->remote.addr, IP_TCP, seg.header_len + data);
    if (several) {
        tcp->counts.segments_out += count - 1;
        tcp->counts.trains_out++;
        p->segment = c->snd.mss;
    } else if (data > 0 && tcp_card_sums(c))
        tcp_ring_peek(c, seq, pkt_put(p, data), data);
    else if (data > 0)
        sum = tcp_ring_copy(c, seq, pkt_put(p, data), data, sum);
    push_header(p, &seg, c->local, c->remote, sum);
    tcp_note_send(c, tcp->env, p, &seg, why);
    send_down(tcp, p, c->local.addr, c->remote.addr, c, ecn);
}

/*
 * RFC 9293 3.10.7.1 and 3.5.2: the answer takes its numbers from the segment
 * alone, so that the other end believes it. Never to a RST (it would bounce
 * for ever), never to a group (MUST-57).
 */
void
tcp_send_reset(const struct tcp_arrival *a, enum rule why)
{
    struct tcp *tcp = a->tcp;
    const struct tcp_seg *seg = &a->seg;
    struct tcp_seg rst = {
        .flags = SEG_RST, .header_len = TCP_HEADER, .opts.wscale = -1};
    struct pkt *answer;
    char text[22];

    if ((seg->flags & SEG_RST) || a->ih->to_broadcast || a->ih->link_broadcast)
        return;
    if (seg->flags & SEG_ACK) {
        rst.seq = seg->ack;
    } else {
        rst.flags |= SEG_ACK;
        rst.ack = seq_add(seg->seq, seg_len(seg));
    }
    NOTE_PKT(tcp->env, EV_TCP_REFUSED, why, a->p, a->off, seg->header_len,
        f_text("local", tcp_end_text(a->local, text)),
        f_ip("peer", a->remote.addr), f_u64("peer_port", a->remote.port));
    answer = pkt_new(tcp->env->pool, PKT_HEADROOM, 0);
    if (!answer)
        return;
    push_header(answer, &rst, a->local, a->remote,
        sum_pseudo(a->local.addr, a->remote.addr, IP_TCP, TCP_HEADER));
    tcp_note_send(NULL, tcp->env, answer, &rst, why);
    send_down(tcp, answer, a->local.addr, a->remote.addr, NULL, 0);
}
