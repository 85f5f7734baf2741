/*
 * tcp_sent.c: what is out? One record for each segment that was sent and is
 * not acknowledged, in a ring in order of sequence numbers: the scoreboard
 * of RFC 6675. From it come the round trip times (when was it sent, was it
 * sent only once), the choice of what to send again, and the pipe, of which
 * the three sums are kept up to date here.
 */
#include "tcp_conn.h"

#include <assert.h>
#include <stdlib.h>

#define FIRST_ROOM 16

struct tcp_rec *
tcp_sent_at(struct tcp_conn *c, uint32_t i)
{
    return &c->sent.rec[(c->sent.head + i) & (c->sent.room - 1)];
}

static bool
grow(struct tcp_conn *c)
{
    struct tcp_sent *s = &c->sent;
    uint32_t room = s->room ? s->room * 2 : FIRST_ROOM;
    struct tcp_rec *rec = malloc(room * sizeof *rec);

    if (!rec)
        return false;
    for (uint32_t i = 0; i < s->count; i++)
        rec[i] = *tcp_sent_at(c, i);
    free(s->rec);
    s->rec = rec;
    s->room = room;
    s->head = 0;
    return true;
}

bool
tcp_sent_push(struct tcp_conn *c, struct seq seq, uint32_t len, uint8_t flags)
{
    if (c->sent.count == c->sent.room && !grow(c))
        return false;
    *tcp_sent_at(c, c->sent.count++) =
        (struct tcp_rec){seq, len, c->tcp->env->timers->now, flags};
    return true;
}

/* Adds (or takes, sign -1) the first len numbers of r to the sums. */
static void
count(struct tcp_sent *s, const struct tcp_rec *r, uint32_t len, int sign)
{
    uint32_t n = sign < 0 ? 0 - len : len;

    if (r->flags & SENT_SACKED)
        s->sacked += n;
    else if (r->flags & SENT_LOST)
        s->lost += n;
    if (!(r->flags & SENT_SACKED) && (r->flags & SENT_AGAIN))
        s->again += n;
}

static void
set_flags(struct tcp_sent *s, struct tcp_rec *r, uint8_t flags)
{
    count(s, r, r->len, -1);
    r->flags = flags;
    count(s, r, r->len, 1);
}

struct tcp_acked
tcp_sent_ack(struct tcp_conn *c, struct seq una)
{
    struct tcp_sent *s = &c->sent;
    struct tcp_acked acked = {0};

    while (s->count > 0) {
        struct tcp_rec *r = tcp_sent_at(c, 0);
        uint32_t n = una.v - r->seq.v;

        if (seq_leq(una, r->seq))
            break;
        if (n > r->len)
            n = r->len;
        acked.len += n;
        if (!(r->flags & SENT_SACKED)) {
            acked.fresh += n;
            acked.segments += n == r->len;
        }
        if (r->flags & SENT_EVER) {
            acked.again = true;
        } else if (!acked.timed && !(r->flags & SENT_SACKED)) {
            acked.timed = true;
            acked.at = r->at;
        }
        count(s, r, n, -1);
        if (n < r->len) { /* acknowledged in part */
            r->seq = una;
            r->len -= n;
            r->flags &= (uint8_t)~SENT_SYN;
            break;
        }
        s->head = (s->head + 1) & (s->room - 1);
        s->count--;
        if (s->next_lost > 0)
            s->next_lost--;
    }
    if (s->count == 0 && s->room > FIRST_ROOM)
        tcp_sent_free(c); /* idle connections stay small */
    return acked;
}

/* Index of the first record that ends after seq. */
static uint32_t
lower_bound(struct tcp_conn *c, struct seq seq)
{
    uint32_t low = 0, high = c->sent.count;

    while (low < high) {
        uint32_t mid = (low + high) / 2;
        struct tcp_rec *r = tcp_sent_at(c, mid);

        if (seq_leq(seq_add(r->seq, r->len), seq))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The peer has this range; true when that is news. */
bool
tcp_sent_sack(struct tcp_conn *c, const struct tcp_range *block)
{
    bool news = false;

    for (uint32_t i = lower_bound(c, block->from); i < c->sent.count; i++) {
        struct tcp_rec *r = tcp_sent_at(c, i);

        if (seq_lt(block->to, seq_add(r->seq, r->len)))
            break;
        if (seq_lt(r->seq, block->from) || (r->flags & SENT_SACKED))
            continue;
        set_flags(&c->sent, r, r->flags | SENT_SACKED);
        c->cc.delivered += r->len;
        c->sum.delivered++;
        news = true;
    }
    return news;
}

/*
 * RFC 6675 4, IsLost: a segment is taken for lost when the peer holds three
 * separate runs above it, or more than two full segments' worth of bytes.
 */
void
tcp_sent_find_lost(struct tcp_conn *c)
{
    struct tcp_sent *s = &c->sent;
    uint32_t above = 0, runs = 0;
    bool in_run = false;

    if (s->sacked == 0)
        return;
    for (uint32_t i = s->count; i-- > 0;) {
        struct tcp_rec *r = tcp_sent_at(c, i);

        if (r->flags & SENT_SACKED) {
            above += r->len;
            runs += !in_run;
            in_run = true;
            continue;
        }
        in_run = false;
        if (r->flags & SENT_LOST)
            continue;
        if (runs >= TCP_DUP_THRESH ||
            above > (TCP_DUP_THRESH - 1) * (uint32_t)c->snd.mss) {
            set_flags(s, r, r->flags | SENT_LOST);
            if (i < s->next_lost)
                s->next_lost = i;
        }
    }
}

void
tcp_sent_lose_head(struct tcp_conn *c)
{
    struct tcp_rec *r;

    if (c->sent.count == 0)
        return;
    r = tcp_sent_at(c, 0);
    set_flags(&c->sent, r,
        (r->flags & (uint8_t) ~(SENT_AGAIN | SENT_SACKED)) | SENT_LOST);
    c->sent.next_lost = 0;
}

void
tcp_sent_lose_all(struct tcp_conn *c, bool forget_sacks)
{
    for (uint32_t i = 0; i < c->sent.count; i++) {
        struct tcp_rec *r = tcp_sent_at(c, i);

        if ((r->flags & SENT_SACKED) && !forget_sacks)
            continue;
        set_flags(&c->sent, r,
            (r->flags & (uint8_t) ~(SENT_AGAIN | SENT_SACKED)) | SENT_LOST);
    }
    c->sent.next_lost = 0;
}

struct tcp_rec *
tcp_sent_next_lost(struct tcp_conn *c)
{
    struct tcp_sent *s = &c->sent;

    if (s->lost <= s->again) /* all that is lost is on its way again */
        return NULL;
    for (; s->next_lost < s->count; s->next_lost++) {
        struct tcp_rec *r = tcp_sent_at(c, s->next_lost);

        if ((r->flags & (SENT_LOST | SENT_AGAIN | SENT_SACKED)) == SENT_LOST)
            return r;
    }
    return NULL;
}

void
tcp_sent_again(struct tcp_conn *c, struct tcp_rec *r)
{
    set_flags(&c->sent, r, r->flags | SENT_AGAIN | SENT_EVER | SENT_LOST);
    r->at = c->tcp->env->timers->now;
}

/* Cuts r after len numbers: the way takes no larger segments any more. */
bool
tcp_sent_split(struct tcp_conn *c, struct tcp_rec *r, uint32_t len)
{
    uint32_t i = (uint32_t)(r - c->sent.rec) - c->sent.head;
    struct tcp_rec rest;

    i &= c->sent.room - 1;
    assert(len > 0 && len < r->len && i < c->sent.count);
    if (c->sent.count == c->sent.room && !grow(c))
        return false;
    for (uint32_t k = c->sent.count++; k > i + 1; k--)
        *tcp_sent_at(c, k) = *tcp_sent_at(c, k - 1);
    r = tcp_sent_at(c, i);
    rest = *r;
    rest.seq = seq_add(r->seq, len);
    rest.len -= len;
    r->len = len;
    r->flags &= (uint8_t)~SENT_FIN;
    *tcp_sent_at(c, i + 1) = rest;
    return true;
}

void
tcp_sent_free(struct tcp_conn *c)
{
    free(c->sent.rec);
    c->sent = (struct tcp_sent){0};
}
