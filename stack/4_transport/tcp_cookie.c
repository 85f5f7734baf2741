/*
 * tcp_cookie.c: what if there is no room to remember a caller? Then nothing
 * is remembered: all that must be known of him goes into the number that our
 * SYN,ACK begins with, and comes back in his ACK (RFC 4987 3.6). So a flood
 * of SYNs with false addresses costs answers, but no memory, and honest
 * callers still get through.
 *
 *     cookie = F(four-tuple) + SEG.SEQ + (minute << 24)
 *              + (F(four-tuple, minute) + index of the MSS) mod 2^24
 *
 * F is a keyed hash, so only who has seen the SYN,ACK can send the cookie
 * back, and a cookie is good for two minutes. The MSS must be one of four.
 * Window scale, SACK and ECN fit only where the caller sends timestamps: the
 * lowest six bits of our TSval, which he echoes, carry them:
 *
 *     ... | ECN | SACK | shift of his window (15: none) |
 *
 * Called by tcp_listen.c. As in Linux, cookies are believed only while some
 * have lately been sent: in peace nobody can even try to guess one.
 */
#include "tcp_conn.h"

#define PERIOD_NS (60 * LW_S)
#define MOST_AGE  2 /* periods; RFC 4987 leaves it open */
#define DATA_MASK 0xffffffu

#define TS_BITS   6
#define TS_WSCALE 0x0f
#define TS_SACK   0x10
#define TS_ECN    0x20

/* Seen most on the way; what lies between is served with the next lower. */
static const uint16_t mss_table[] = {536, 1300, 1440, 1460};

/* Another key from the same secret. */
struct sipkey
tcp_cookie_key(struct sipkey secret)
{
    return (struct sipkey){
        {siphash(secret, "cookie 0", 8), siphash(secret, "cookie 1", 8)}};
}

static uint32_t
hash(const struct tcp *tcp, struct tcp_end local, struct tcp_end remote,
    uint32_t count, uint32_t which)
{
    uint32_t words[5] = {local.addr.v, remote.addr.v,
        (uint32_t)local.port << 16 | remote.port, count, which};

    return (uint32_t)siphash(tcp->cookie_key, words, sizeof words);
}

static uint32_t
period(const struct tcp *tcp)
{
    return (uint32_t)(tcp->env->timers->now.ns / PERIOD_NS);
}

static unsigned
mss_index(uint16_t mss)
{
    unsigned i = LW_COUNT(mss_table) - 1;

    while (i > 0 && mss_table[i] > mss)
        i--;
    return i;
}

static void
note(const struct tcp_arrival *a, const char *what, enum rule why)
{
    char local[24], remote[24];

    NOTE(a->tcp->env, EV_TCP_COOKIE, why, f_text("what", what),
        f_text("local", tcp_end_text(a->local, local)),
        f_text("remote", tcp_end_text(a->remote, remote)));
}

/* --- the answer to a SYN ---------------------------------------------- */

/* The TSval to send: not later than now, its lowest bits taken. */
static uint32_t
stamp(const struct tcp_conn *c)
{
    uint32_t now = (uint32_t)(c->tcp->env->timers->now.ns / LW_MS);
    uint32_t bits = c->wscale_ok ? c->snd.wscale : TS_WSCALE;
    uint32_t ts;

    bits |= (c->sack_ok ? TS_SACK : 0) | (c->ecn_ok ? TS_ECN : 0);
    ts = (now & ~((1u << TS_BITS) - 1)) | bits;
    return ts > now ? ts - (1u << TS_BITS) : ts;
}

/*
 * c was made for this SYN as for any other, but is in no table: it sends its
 * SYN,ACK and is forgotten by the caller.
 */
void
tcp_cookie_send(struct tcp_conn *c, const struct tcp_arrival *a)
{
    struct tcp *tcp = a->tcp;
    uint32_t count = period(tcp);
    unsigned i = mss_index(c->snd.peer_mss);
    uint32_t data = (hash(tcp, a->local, a->remote, count, 1) + i) & DATA_MASK;
    uint8_t ece = c->ecn_ok && c->ts.ok ? SEG_ECE : 0;

    c->snd.iss = (struct seq){hash(tcp, a->local, a->remote, 0, 0) +
                              a->seg.seq.v + (count << 24) + data};
    if (c->ts.ok)
        c->ts.offset += stamp(c) - (uint32_t)(tcp->env->timers->now.ns / LW_MS);
    tcp->cookies_until =
        instant_add(tcp->env->timers->now, MOST_AGE * PERIOD_NS);
    tcp->mib[TCP_MIB_SyncookiesSent]++;
    note(a, "is sent to", RULE_TCP_COOKIE_SENT);
    tcp_transmit(
        c, c->snd.iss, 0, SEG_SYN | SEG_ACK | ece, RULE_TCP_COOKIE_SENT);
}

/* Without timestamps there is no room for anything but the MSS. */
void
tcp_cookie_options(struct tcp_opts *o)
{
    if (o->ts)
        return;
    *o = (struct tcp_opts){.mss = o->mss, .wscale = -1};
}

/* --- the ACK ---------------------------------------------------------- */

/* The MSS in the cookie that this segment acknowledges; 0: it is none. */
static uint16_t
mss_of(const struct tcp_arrival *a)
{
    const struct tcp *tcp = a->tcp;
    uint32_t count = period(tcp), age, data;
    uint32_t cookie = a->seg.ack.v - 1 - (a->seg.seq.v - 1) -
                      hash(tcp, a->local, a->remote, 0, 0);

    age = (count - (cookie >> 24)) & 0xff;
    if (age >= MOST_AGE)
        return 0;
    data =
        (cookie - hash(tcp, a->local, a->remote, count - age, 1)) & DATA_MASK;
    return data < LW_COUNT(mss_table) ? mss_table[data] : 0;
}

/* What the lowest bits of the echoed TSval say. False: nothing we sent. */
static bool
take_stamp(const struct tcp_arrival *a, struct tcp_opts *o, bool *ecn)
{
    const struct tcp_config *config = &a->tcp->config;
    uint32_t bits;

    if (!o->ts)
        return true;
    bits = o->tsecr - tcp_ts_offset(a->tcp, a->local, a->remote);
    o->sack_ok = bits & TS_SACK;
    *ecn = bits & TS_ECN;
    if ((bits & TS_WSCALE) != TS_WSCALE)
        o->wscale = (int8_t)(bits & TS_WSCALE);
    return config->timestamps && (!o->sack_ok || config->sack) &&
           (o->wscale < 0 || config->window_scaling) &&
           (!*ecn || config->ecn != 0);
}

/*
 * Does this ACK to a listener bring one of our cookies back? Then *o are the
 * options that the SYN had.
 */
bool
tcp_cookie_check(const struct tcp_arrival *a, struct tcp_opts *o, bool *ecn)
{
    struct tcp *tcp = a->tcp;
    uint16_t mss;

    *ecn = false;
    if (!tcp->config.syncookies || (a->seg.flags & (SEG_SYN | SEG_RST)) ||
        !instant_lt(tcp->env->timers->now, tcp->cookies_until))
        return false;
    *o = (struct tcp_opts){.wscale = -1,
        .ts = a->seg.opts.ts,
        .tsval = a->seg.opts.tsval,
        .tsecr = a->seg.opts.tsecr};
    mss = mss_of(a);
    if (!mss || !take_stamp(a, o, ecn)) {
        tcp->mib[TCP_MIB_SyncookiesFailed]++;
        note(a, "is not what came from", RULE_TCP_COOKIE_BAD);
        return false;
    }
    o->mss = mss;
    tcp->mib[TCP_MIB_SyncookiesRecv]++;
    note(a, "came back from", RULE_TCP_COOKIE_GOOD);
    return true;
}
