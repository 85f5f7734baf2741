/*
 * sent_model.c: see sent_model.h. Written after the words of the RFCs for one
 * segment at a time, without a look at how tcp_sent.c shares its records.
 */
#include "sent_model.h"

#include <string.h>

static bool
is_open(uint32_t flags)
{
    return !(flags & SENT_SACKED) &&
           (flags & (SENT_LOST | SENT_AGAIN)) != SENT_LOST;
}

static bool
will_go(uint32_t flags)
{
    return (flags & (SENT_LOST | SENT_SACKED)) == SENT_LOST;
}

static int64_t
sent_at(const struct model *m, uint32_t seq)
{
    for (unsigned i = 0; i < m->n; i++)
        if (m->seg[i].seq == seq)
            return m->seg[i].at;
    return 0;
}

static void
order_take(struct model *m, uint32_t seq)
{
    for (unsigned i = 0; i < m->nopen; i++)
        if (m->order[i] == seq) {
            m->nopen--;
            memmove(m->order + i, m->order + i + 1, (m->nopen - i) * 4);
            return;
        }
}

/* Behind all that were sent before segment i or with it. */
static void
order_put(struct model *m, unsigned i)
{
    unsigned k = m->nopen;

    while (k > 0 && sent_at(m, m->order[k - 1]) > m->seg[i].at)
        k--;
    memmove(m->order + k + 1, m->order + k, (m->nopen - k) * 4);
    m->order[k] = m->seg[i].seq;
    m->nopen++;
}

static void
mark(struct model *m, unsigned i, uint32_t flags)
{
    bool was_open = is_open(m->seg[i].flags);

    m->seg[i].flags = flags;
    if (was_open && !is_open(flags))
        order_take(m, m->seg[i].seq);
    else if (!was_open && is_open(flags))
        order_put(m, i);
}

void
model_push(struct model *m, uint32_t seq, uint32_t len, uint8_t flags)
{
    unsigned i = m->n++;

    m->seg[i].seq = seq;
    m->seg[i].len = len;
    m->seg[i].flags = flags;
    m->seg[i].at = m->rack.tcp->env->timers->now.ns;
    order_put(m, i);
}

static void
arrived(struct model *m, unsigned i)
{
    struct tcp_rec r = {.seq = {m->seg[i].seq},
        .flags = m->seg[i].flags & 0xff,
        .at = {m->seg[i].at}};
    struct seq end = {m->seg[i].seq + m->seg[i].len};

    m->rack.sum.delivered++;
    tcp_rack_arrived(&m->rack, &r, end, &m->told);
    if (seq_lt(m->told.highest, end))
        m->told.highest = end;
    if (r.flags & SENT_EVER)
        return;
    if (seq_leq(end, seq_add(m->rack.cc.recover, 1)))
        m->told.original = true;
    if (seq_lt(end, m->rack.rack.fack) && seq_lt(r.seq, m->told.reordered))
        m->told.reordered = r.seq;
}

static void
take_off(struct model *m, uint32_t n)
{
    for (unsigned k = 0; k < m->nopen; k++)
        if (m->order[k] == m->seg[0].seq)
            m->order[k] += n;
    m->seg[0].seq += n;
    m->seg[0].len -= n;
}

void
model_ack(struct model *m, uint32_t una)
{
    while (m->n > 0 && una != m->seg[0].seq) {
        uint32_t n = una - m->seg[0].seq, flags = m->seg[0].flags;

        if (n > m->seg[0].len)
            n = m->seg[0].len;
        m->told.len += n;
        m->told.fresh += flags & SENT_SACKED ? 0 : n;
        if (flags & SENT_EVER) {
            m->told.again = true;
        } else if (!m->told.timed && !(flags & SENT_SACKED)) {
            m->told.timed = true;
            m->told.at.ns = m->seg[0].at;
        }
        if (n < m->seg[0].len) {
            take_off(m, n);
            return;
        }
        if (!(flags & SENT_SACKED))
            arrived(m, 0);
        order_take(m, m->seg[0].seq);
        m->n--;
        memmove(m->seg, m->seg + 1, m->n * sizeof m->seg[0]);
    }
}

void
model_sack(struct model *m, uint32_t from, uint32_t to)
{
    for (unsigned i = 0; i < m->n; i++) {
        struct seq seq = {m->seg[i].seq}, end = seq_add(seq, m->seg[i].len);
        uint32_t flags = m->seg[i].flags;

        if (seq_lt(seq, (struct seq){from}) || seq_lt((struct seq){to}, end) ||
            (flags & SENT_SACKED))
            continue;
        if (!(flags & SENT_EVER) && !m->told.sack_timed) {
            m->told.sack_timed = true;
            m->told.sack_at.ns = m->seg[i].at;
        }
        arrived(m, i);
        mark(m, i, flags | SENT_SACKED);
        m->told.delivered += m->seg[i].len;
        m->told.sacked = true;
    }
}

static void
lose(struct model *m, unsigned i)
{
    uint32_t flags = m->seg[i].flags;

    m->lost[m->nlost++] = m->seg[i].seq;
    mark(m, i, (flags & ~(uint32_t)(SENT_AGAIN | SENT_SACKED)) | SENT_LOST);
}

void
model_lose(struct model *m, uint32_t from, uint32_t len)
{
    for (unsigned i = 0; i < m->n; i++)
        if (m->seg[i].seq - from < len)
            lose(m, i);
}

void
model_lose_all(struct model *m, bool forget_sacks)
{
    for (unsigned i = 0; i < m->n; i++)
        if (!(m->seg[i].flags & SENT_SACKED) || forget_sacks)
            lose(m, i);
}

void
model_unlose(struct model *m)
{
    for (unsigned i = 0; i < m->n; i++)
        if (will_go(m->seg[i].flags))
            mark(m, i, m->seg[i].flags & ~(uint32_t)(SENT_LOST | SENT_AGAIN));
}

/* Segment i becomes one of `most` bytes, and one of the rest. */
static void
cut(struct model *m, unsigned i, uint32_t most)
{
    memmove(m->seg + i + 1, m->seg + i, (m->n++ - i) * sizeof m->seg[0]);
    m->seg[i].len = most;
    m->seg[i].flags &= ~(uint32_t)(SENT_FIN | SENT_PUSH | SENT_LAST);
    m->seg[i + 1].seq += most;
    m->seg[i + 1].len -= most;
    for (unsigned k = 0; k < m->nopen; k++)
        if (m->order[k] == m->seg[i].seq) {
            memmove(m->order + k + 1, m->order + k, (m->nopen++ - k) * 4);
            m->order[k + 1] += most;
            break;
        }
}

static void
cut_all(struct model *m, uint32_t must, uint32_t most)
{
    for (unsigned i = 0; i < m->n; i++) {
        uint32_t flags = m->seg[i].flags, seq = m->seg[i].seq;

        if ((seq != must && !will_go(flags)) ||
            m->seg[i].len - !!(flags & SENT_FIN) <= most)
            continue;
        cut(m, i, most);
        if (seq == must)
            must += most;
    }
}

void
model_again(struct model *m, uint32_t seq, uint32_t most, bool probe)
{
    unsigned i = 0;

    while (i < m->n && m->seg[i].seq != seq)
        i++;
    if (i == m->n)
        return;
    if (m->seg[i].len - !!(m->seg[i].flags & SENT_FIN) > most) {
        cut_all(m, seq, most);
        for (i = 0; m->seg[i].seq != seq;)
            i++;
    }
    order_take(m, seq);
    m->seg[i].at = m->rack.tcp->env->timers->now.ns;
    m->seg[i].flags |= SENT_EVER | (probe ? 0 : SENT_AGAIN | SENT_LOST);
    if (is_open(m->seg[i].flags))
        order_put(m, i);
}
