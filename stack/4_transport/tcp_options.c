/*
 * tcp_options.c: which options does a segment carry? Reading them from
 * hostile bytes and writing ours, in the order and padding of Linux, so that
 * captures of both look alike:
 *
 *     SYN    mss, sackOK, TS, nop, wscale
 *     later  nop, nop, TS [, nop, nop, SACK]
 *
 * An unknown option is stepped over (MUST-6); a length that cannot be is the
 * end of the segment (MUST-7), for nothing after it can be trusted.
 */
#include "tcp_conn.h"

enum {
    OPT_END = 0,
    OPT_NOP = 1,
    OPT_MSS = 2,
    OPT_WSCALE = 3,
    OPT_SACK_OK = 4,
    OPT_SACK = 5,
    OPT_TS = 8
};

static void
parse_sack(struct tcp_opts *o, struct cursor *body)
{
    while (cursor_left(body) >= 8 && o->nsack < TCP_SACK_MAX) {
        o->sack[o->nsack].from = (struct seq){get_be32(body)};
        o->sack[o->nsack].to = (struct seq){get_be32(body)};
        o->nsack++;
    }
}

/* MSS, window scale and SACK-permitted count in a SYN only (MUST-65). */
static bool
parse_one(struct tcp_opts *o, unsigned kind, struct cursor *body, bool syn)
{
    size_t len = cursor_left(body);

    switch (kind) {
    case OPT_MSS:
        if (len != 2)
            return false;
        if (syn)
            o->mss = get_be16(body);
        return true;
    case OPT_WSCALE:
        if (len != 1)
            return false;
        if (syn) {
            uint8_t shift = get_u8(body);

            o->wscale = shift > TCP_WSCALE_MAX ? TCP_WSCALE_MAX : shift;
        }
        return true;
    case OPT_SACK_OK:
        if (len != 0)
            return false;
        o->sack_ok = o->sack_ok || syn;
        return true;
    case OPT_SACK:
        if (len == 0 || len % 8)
            return false;
        parse_sack(o, body);
        return true;
    case OPT_TS:
        if (len != 8)
            return false;
        o->ts = true;
        o->tsval = get_be32(body);
        o->tsecr = get_be32(body);
        return true;
    default: return true;
    }
}

bool
tcp_options_parse(struct tcp_opts *o, const uint8_t *data, size_t len, bool syn)
{
    struct cursor c = cursor_of(data, len);

    *o = (struct tcp_opts){.wscale = -1};
    while (cursor_left(&c) > 0) {
        unsigned kind = get_u8(&c);
        unsigned size;
        struct cursor body;

        if (kind == OPT_END)
            break;
        if (kind == OPT_NOP)
            continue;
        size = get_u8(&c);
        if (c.over || size < 2)
            return false;
        body = get_slice(&c, size - 2);
        if (c.over || !parse_one(o, kind, &body, syn))
            return false;
    }
    return true;
}

static void
build_syn(struct writer *w, const struct tcp_opts *o)
{
    put_u8(w, OPT_MSS);
    put_u8(w, 4);
    put_be16(w, o->mss);
    if (o->sack_ok) {
        if (!o->ts) {
            put_u8(w, OPT_NOP);
            put_u8(w, OPT_NOP);
        }
        put_u8(w, OPT_SACK_OK);
        put_u8(w, 2);
    } else if (o->ts) {
        put_u8(w, OPT_NOP);
        put_u8(w, OPT_NOP);
    }
    if (o->ts) {
        put_u8(w, OPT_TS);
        put_u8(w, 10);
        put_be32(w, o->tsval);
        put_be32(w, o->tsecr);
    }
    if (o->wscale >= 0) {
        put_u8(w, OPT_NOP);
        put_u8(w, OPT_WSCALE);
        put_u8(w, 3);
        put_u8(w, (uint8_t)o->wscale);
    }
}

/* The layout that RFC 7323 appendix A advises. */
static void
build_timestamps(struct writer *w, const struct tcp_opts *o)
{
    uint8_t *at = put_room(w, TCP_OPT_TS_ALONE);
    struct writer all = writer_of(at, TCP_OPT_TS_ALONE);

    if (!at)
        return;
    put_be32(&all, TCP_OPT_NOP_NOP_TS);
    put_be32(&all, o->tsval);
    put_be32(&all, o->tsecr);
}

static void
build_sack(struct writer *w, const struct tcp_opts *o)
{
    put_u8(w, OPT_NOP);
    put_u8(w, OPT_NOP);
    put_u8(w, OPT_SACK);
    put_u8(w, (uint8_t)(2 + 8 * o->nsack));
    for (unsigned i = 0; i < o->nsack; i++) {
        put_be32(w, o->sack[i].from.v);
        put_be32(w, o->sack[i].to.v);
    }
}

void
tcp_options_build(struct writer *to, const struct tcp_opts *o, bool syn)
{
    struct writer w = *to; /* nobody else has it: it can be in registers */

    if (syn) {
        build_syn(&w, o);
    } else {
        if (o->ts)
            build_timestamps(&w, o);
        if (o->nsack)
            build_sack(&w, o);
    }
    *to = w;
}

/* --- in words --------------------------------------------------------- */

static void
put_number(struct writer *w, uint32_t v)
{
    char digits[11];

    put_bytes(w, digits, (size_t)(decimal(v, digits) - digits));
}

static void
text_one(struct writer *w, unsigned kind, struct cursor *body)
{
    switch (kind) {
    case OPT_MSS:
        put_text(w, "mss ");
        put_number(w, get_be16(body));
        break;
    case OPT_WSCALE:
        put_text(w, "wscale ");
        put_number(w, get_u8(body));
        break;
    case OPT_SACK_OK: put_text(w, "sackOK"); break;
    case OPT_SACK:
        put_text(w, "sack");
        while (cursor_left(body) >= 8) {
            put_text(w, " ");
            put_number(w, get_be32(body));
            put_text(w, ":");
            put_number(w, get_be32(body));
        }
        break;
    case OPT_TS:
        put_text(w, "TS val ");
        put_number(w, get_be32(body));
        put_text(w, " ecr ");
        put_number(w, get_be32(body));
        break;
    default:
        put_text(w, "option ");
        put_number(w, kind);
        break;
    }
}

char *
tcp_options_text(const uint8_t *data, size_t len, char *buf, size_t size)
{
    struct cursor c = cursor_of(data, len);
    struct writer w = writer_of(buf, size - 1);

    while (cursor_left(&c) > 0 && !c.over) {
        unsigned kind = get_u8(&c);
        struct cursor body;

        if (kind == OPT_END)
            break;
        if (writer_len(&w) > 0)
            put_u8(&w, ',');
        if (kind == OPT_NOP) {
            put_text(&w, "nop");
            continue;
        }
        size_t total = get_u8(&c);
        body = get_slice(&c, total < 2 ? 0 : total - 2);
        text_one(&w, kind, &body);
        if (total < 2)
            break;
    }
    *w.at = '\0';
    return buf;
}
