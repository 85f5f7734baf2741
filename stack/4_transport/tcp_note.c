/*
 * tcp_note.c: who must know? What TCP tells the journal, in one place: the
 * words for flags and ends, and the events that carry many fields. Nothing
 * here is computed unless somebody listens.
 */
#include "tcp_conn.h"

#include <string.h>

/* tcpdump's letters, in tcpdump's order: "S.", "P.", "F." */
char *
tcp_flags_text(uint8_t flags, char *buf)
{
    static const struct {
        uint8_t bit;
        char letter;
    } letters[] = {{SEG_FIN, 'F'}, {SEG_SYN, 'S'}, {SEG_RST, 'R'},
        {SEG_PSH, 'P'}, {SEG_ACK, '.'}, {SEG_URG, 'U'}, {SEG_ECE, 'E'},
        {SEG_CWR, 'W'}};
    unsigned n = 0;

    for (unsigned i = 0; i < LW_COUNT(letters); i++)
        if (flags & letters[i].bit)
            buf[n++] = letters[i].letter;
    buf[n] = '\0';
    return buf;
}

char *
tcp_end_text(struct tcp_end end, char *buf)
{
    char *at = strchr(ipv4_text(end.addr, buf), '\0');

    *at++ = ':';
    decimal(end.port, at);
    return buf;
}

/* A number counted from where it began; 0 while that is not known. */
static uint32_t
from_iss(const struct tcp_conn *c, struct seq seq, bool there)
{
    return c && there ? seq.v - c->snd.iss.v : 0;
}

static uint32_t
from_irs(const struct tcp_conn *c, struct seq seq, bool there)
{
    return c && there && c->state >= TCP_SYN_RECEIVED ? seq.v - c->rcv.irs.v
                                                      : 0;
}

uint64_t
tcp_note_arrive(const struct tcp_arrival *a)
{
    const struct tcp_conn *c = a->c;
    const struct tcp_seg *seg = &a->seg;
    const struct tcp_listener *l =
        c ? NULL : tcp_find_listener(a->tcp, a->local, a->remote, a->ih);
    struct env *env = a->tcp->env;
    char flags[9], options[128], from[22], to[22];
    uint64_t no;

    if (!journal_wants(env->journal, EV_TCP_ARRIVE) &&
        !journal_wants(env->journal, EV_LAYER_STRIPPED))
        return 0;
    tcp_options_text(a->p->buf + a->off + TCP_HEADER,
        seg->header_len - TCP_HEADER, options, sizeof options);
    NOTE_PKT(env, EV_LAYER_STRIPPED, RULE_TCP_HEADER, a->p, a->off,
        seg->header_len, f_text("layer", "TCP"));
    no = NOTE_PKT(env, EV_TCP_ARRIVE, RULE_TCP_DEMUX, a->p, a->off,
        seg->header_len,
        f_u64("conn", c   ? c->id
                      : l ? l->id
                          : 0),
        f_text("flags", tcp_flags_text(seg->flags, flags)),
        f_u64("seq", seg->seq.v), f_u64("ack", seg->ack.v),
        f_u64("wnd", seg->wnd), f_u64("len", seg->data),
        f_u64("rel_seq", from_irs(c, seg->seq, true)),
        f_u64("rel_ack", from_iss(c, seg->ack, seg->flags & SEG_ACK)),
        f_text("local", tcp_end_text(a->local, to)),
        f_text("remote", tcp_end_text(a->remote, from)),
        f_text("options", options));
    return no;
}

/* c: NULL for an answer without a connection. */
void
tcp_note_send(const struct tcp_conn *c, struct env *env, const struct pkt *p,
    const struct tcp_seg *seg, enum rule why)
{
    char flags[9], options[128];

    if (!journal_wants(env->journal, EV_TCP_SEND) &&
        !journal_wants(env->journal, EV_LAYER_ADDED))
        return;
    tcp_options_text(p->data + TCP_HEADER, seg->header_len - TCP_HEADER,
        options, sizeof options);
    NOTE_PKT(env, EV_TCP_SEND, why, p, pkt_off(p), seg->header_len,
        f_u64("conn", c ? c->id : 0),
        f_text("flags", tcp_flags_text(seg->flags, flags)),
        f_u64("seq", seg->seq.v), f_u64("ack", seg->ack.v),
        f_u64("wnd", seg->wnd), f_u64("len", seg->data),
        f_u64("rel_seq", from_iss(c, seg->seq, true)),
        f_u64("rel_ack", from_irs(c, seg->ack, seg->flags & SEG_ACK)),
        f_text("options", options));
    NOTE_PKT(env, EV_LAYER_ADDED, RULE_TCP_HEADER, p, pkt_off(p),
        seg->header_len, f_text("layer", "TCP"));
}

/* Variables that make a new report worth while, mixed into one number. */
static uint64_t
digest(const struct tcp_conn *c)
{
    const uint32_t words[] = {c->state, c->snd.una.v, c->snd.nxt.v, c->snd.wnd,
        c->rcv.nxt.v, c->rcv.adv.v, c->cc.cwnd, c->cc.ssthresh, c->rcv.queued,
        c->reasm->bytes, c->ring.used, c->backoff};
    uint64_t h = 1469598103934665603ull;

    for (unsigned i = 0; i < LW_COUNT(words); i++)
        h = (h ^ words[i]) * 1099511628211ull;
    return h;
}

void
tcp_note_vars(struct tcp_conn *c)
{
    static const char *const recovery[] = {
        "open", "crowded", "fast", "timeout"};
    struct env *env = c->tcp->env;
    uint64_t vars;

    if (!journal_wants(env->journal, EV_TCP_VARS))
        return;
    vars = digest(c);
    if (vars == c->vars)
        return;
    c->vars = vars;
    NOTE(env, EV_TCP_VARS, RULE_TCP_VARS, f_u64("conn", c->id),
        f_text("state", tcp_state_text(c->state)), f_u64("una", c->snd.una.v),
        f_u64("nxt", c->snd.nxt.v), f_u64("snd_wnd", c->snd.wnd),
        f_u64("iss", c->snd.iss.v), f_u64("rcv_nxt", c->rcv.nxt.v),
        f_u64("rcv_wnd", c->rcv.adv.v - c->rcv.nxt.v),
        f_u64("irs", c->rcv.irs.v), f_u64("cwnd", c->cc.cwnd),
        f_u64("ssthresh", c->cc.ssthresh), f_ns("rto", tcp_rto(c)),
        f_ns("srtt", c->rtt.srtt_ns), f_ns("rttvar", c->rtt.rttvar_ns),
        f_u64("inflight", tcp_pipe(c)), f_u64("snd_buf", c->ring.used),
        f_u64("rcv_buf", c->rcv.queued), f_u64("early", c->reasm->bytes),
        f_u64("mss", c->snd.mss), f_u64("snd_wscale", c->snd.wscale),
        f_u64("rcv_wscale", c->rcv.wscale),
        f_text("recovery", recovery[c->cc.recovery]));
}

void
tcp_note_conn(const struct tcp_conn *c)
{
    char local[22], remote[22];

    NOTE(c->tcp->env, EV_TCP_CONN, RULE_TCP_CONN, f_u64("conn", c->id),
        f_text("local", tcp_end_text(c->local, local)),
        f_text("remote", tcp_end_text(c->remote, remote)),
        f_u64("sock", c->sock));
}

void
tcp_note_cwnd(const struct tcp_conn *c, enum rule why)
{
    NOTE(c->tcp->env, EV_TCP_CWND, why, f_u64("conn", c->id),
        f_u64("cwnd", c->cc.cwnd), f_u64("ssthresh", c->cc.ssthresh));
}
