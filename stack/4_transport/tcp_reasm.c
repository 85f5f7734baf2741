/*
 * tcp_reasm.c: what came too early? Segments beyond a hole wait here, in
 * their packets, as runs without holes in order of sequence numbers; the
 * runs are just what SACK blocks report (RFC 2018). And the queue of what is
 * in order and waits for the program.
 *
 * Bounded against strangers: a number of runs, and an amount of buffer
 * memory in proportion to the window. What does not fit is dropped and will
 * be sent again; what was taken is never given up (no reneging).
 */
#include "tcp_conn.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_RUNS 4
#define MAX_RUNS   256

static void
free_list(struct pkt *p)
{
    while (p) {
        struct pkt *next = p->next;

        pkt_free(p);
        p = next;
    }
}

/* --- in order --------------------------------------------------------- */

/* A small piece goes into the tail of the last packet: thousands of one-byte
 * segments must not pin thousands of 2 KiB buffers. */
static bool
squeeze(struct tcp_conn *c, struct pkt *p)
{
    uint8_t *to;

    if (!c->rcv.tail || p->len * 4 > p->room)
        return false;
    to = pkt_put(c->rcv.tail, p->len);
    if (!to)
        return false;
    memcpy(to, p->data, p->len);
    c->rcv.queued += p->len;
    pkt_free(p);
    return true;
}

void
tcp_queue_put(struct tcp_conn *c, struct pkt *p)
{
    c->sum.bytes_received += p->len;
    if (squeeze(c, p))
        return;
    p->next = NULL;
    if (c->rcv.tail)
        c->rcv.tail->next = p;
    else
        c->rcv.head = p;
    c->rcv.tail = p;
    c->rcv.queued += p->len;
}

void
tcp_queue_free(struct tcp_conn *c)
{
    free_list(c->rcv.head);
    c->rcv.head = c->rcv.tail = NULL;
    c->rcv.queued = 0;
}

/* --- too early -------------------------------------------------------- */

/* What all who miss nothing share: only read, as nothing is in it. */
static const struct tcp_reasm nothing_early;

void
tcp_reasm_init(struct tcp_conn *c)
{
    c->reasm = (struct tcp_reasm *)&nothing_early;
}

static void
uncount(struct tcp_reasm *m, const struct pkt *p)
{
    m->bytes -= p->len;
    m->memory -= p->room;
}

static void
remove_run(struct tcp_conn *c, unsigned i)
{
    struct tcp_reasm *m = c->reasm;

    m->count--;
    memmove(&m->run[i], &m->run[i + 1], (m->count - i) * sizeof *m->run);
    if (m->count == 0) { /* idle connections stay small */
        free(m);
        tcp_reasm_init(c);
    }
}

/* Run i is covered whole by a newcomer. */
static void
discard_run(struct tcp_conn *c, unsigned i)
{
    struct tcp_reasm *m = c->reasm;

    for (struct pkt *p = m->run[i].head; p; p = p->next)
        uncount(m, p);
    free_list(m->run[i].head);
    remove_run(c, i);
}

/* Room for one run more; false: no memory, or there are too many. */
static bool
grow(struct tcp_conn *c)
{
    struct tcp_reasm *m = c->reasm->room ? c->reasm : NULL;
    unsigned room = m ? m->room * 2u : FIRST_RUNS;

    if (room > MAX_RUNS)
        return false;
    m = realloc(m, sizeof *m + room * sizeof(struct tcp_run));
    if (!m)
        return false;
    if (room == FIRST_RUNS)
        *m = nothing_early;
    m->room = (uint16_t)room;
    c->reasm = m;
    return true;
}

static bool
insert_run(struct tcp_conn *c, unsigned i, struct pkt *p, struct seq seq)
{
    struct tcp_reasm *m;

    if (c->reasm->count == c->reasm->room && !grow(c))
        return false;
    m = c->reasm;
    memmove(&m->run[i + 1], &m->run[i], (m->count - i) * sizeof *m->run);
    m->run[i] = (struct tcp_run){
        .seq = seq, .end = seq_add(seq, p->len), .head = p, .tail = p};
    m->count++;
    return true;
}

/* Index of the first run that ends at seq or after it. */
static unsigned
lower_bound(const struct tcp_reasm *m, struct seq seq)
{
    unsigned low = 0, high = m->count;

    while (low < high) {
        unsigned mid = (low + high) / 2;

        if (seq_lt(m->run[mid].end, seq))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Buffers may weigh twice the window, and at least a few segments. */
static bool
too_much(const struct tcp_conn *c, const struct pkt *p)
{
    uint32_t limit = 2 * c->rcv.window_max + 65536;

    return c->reasm->memory + p->room > limit;
}

/* Joins run i and the one after it when they touch. */
static void
join_next(struct tcp_conn *c, unsigned i)
{
    struct tcp_reasm *m = c->reasm;
    struct tcp_run *run = &m->run[i];

    if (i + 1 >= m->count || !seq_eq(run->end, run[1].seq))
        return;
    run->tail->next = run[1].head;
    run->tail = run[1].tail;
    run->end = run[1].end;
    remove_run(c, i + 1);
}

/* Puts p, which overlaps nothing any more, before, behind or between. */
static bool
place(struct tcp_conn *c, unsigned i, struct pkt *p, struct seq seq)
{
    struct tcp_reasm *m = c->reasm;
    uint32_t len = p->len, room = p->room;

    p->next = NULL;
    if (i < m->count && seq_eq(m->run[i].end, seq)) {
        m->run[i].tail->next = p;
        m->run[i].tail = p;
        m->run[i].end = seq_add(seq, len);
    } else if (!insert_run(c, i, p, seq)) {
        return false;
    }
    m = c->reasm;
    m->run[i].turn = ++m->turns;
    m->bytes += len;
    m->memory += room;
    join_next(c, i);
    return true;
}

/*
 * The bytes that came first are kept where two segments overlap, except that
 * a run which the newcomer covers whole gives way to it.
 */
bool
tcp_reasm_put(struct tcp_conn *c, struct pkt *p, struct seq seq)
{
    struct tcp_reasm *m = c->reasm;
    struct env *env = c->tcp->env;
    unsigned i = lower_bound(m, seq);
    struct seq end = seq_add(seq, p->len);
    unsigned next;

    if (i < m->count && seq_leq(m->run[i].seq, seq)) {
        uint32_t known = m->run[i].end.v - seq.v;

        tcp_dsack_note(
            c, seq, seq_lt(end, m->run[i].end) ? end : m->run[i].end);
        if (known >= p->len) {
            m->run[i].turn = ++m->turns;
            pkt_drop(env, p, DROP_TCP_DUPLICATE, RULE_TCP_DUPLICATE);
            return false;
        }
        pkt_pull(p, known);
        seq = seq_add(seq, known);
        next = i + 1;
    } else {
        next = i;
    }
    if (too_much(c, p)) {
        pkt_drop(env, p, DROP_TCP_MEMORY, RULE_TCP_REASM_LIMIT);
        return false;
    }
    while (next < m->count && seq_leq(m->run[next].end, end)) {
        tcp_dsack_note(c, m->run[next].seq, m->run[next].end);
        discard_run(c, next);
        m = c->reasm; /* another when that was the last */
    }
    if (next < m->count && seq_lt(m->run[next].seq, end)) {
        tcp_dsack_note(c, m->run[next].seq, end);
        pkt_trim(p, m->run[next].seq.v - seq.v);
    }
    if (!place(c, i, p, seq)) {
        pkt_drop(env, p, DROP_TCP_MEMORY, RULE_TCP_REASM_LIMIT);
        return false;
    }
    return true;
}

/* Cuts what the receive queue has got meanwhile from the front of run 0. */
static void
cut_front(struct tcp_conn *c, struct tcp_run *run)
{
    tcp_dsack_note(
        c, run->seq, seq_lt(run->end, c->rcv.nxt) ? run->end : c->rcv.nxt);
    while (run->head && seq_lt(run->seq, c->rcv.nxt)) {
        struct pkt *p = run->head;
        uint32_t known = c->rcv.nxt.v - run->seq.v;

        if (known >= p->len) {
            run->head = p->next;
            run->seq = seq_add(run->seq, p->len);
            uncount(c->reasm, p);
            pkt_free(p);
        } else {
            pkt_pull(p, known);
            c->reasm->bytes -= known;
            run->seq = c->rcv.nxt;
        }
    }
}

bool
tcp_reasm_take(struct tcp_conn *c)
{
    struct tcp_reasm *m = c->reasm;
    bool any = false;

    while (m->count > 0 && seq_leq(m->run[0].seq, c->rcv.nxt)) {
        struct tcp_run *run = &m->run[0];

        cut_front(c, run);
        while (run->head) {
            struct pkt *p = run->head;

            run->head = p->next;
            uncount(m, p);
            c->rcv.nxt = seq_add(c->rcv.nxt, p->len);
            tcp_queue_put(c, p);
            any = true;
        }
        remove_run(c, 0);
        m = c->reasm;
    }
    return any;
}

/* The runs which something came for last, the latest first. */
static unsigned
latest(const struct tcp_reasm *m, const struct tcp_run *run[], unsigned max)
{
    unsigned n = 0;

    for (unsigned i = 0; i < m->count; i++) {
        unsigned at = n < max ? n++ : max;

        for (; at > 0 && run[at - 1]->turn < m->run[i].turn; at--)
            if (at < max)
                run[at] = run[at - 1];
        if (at < max)
            run[at] = &m->run[i];
    }
    return n;
}

/* What came twice goes first (RFC 2883 4), then the run that holds it, or
 * else the one that grew last, then those that were first before it: so each
 * is told in three ACKs at least, and two of them may be lost (RFC 2018 4). */
unsigned
tcp_reasm_blocks(
    const struct tcp_conn *c, struct tcp_range *block, unsigned max)
{
    const struct tcp_run *run[TCP_SACK_MAX];
    unsigned n = 0, runs;

    if (tcp_dsack_due(c) && max > 0)
        block[n++] = c->dsack;
    runs = latest(c->reasm, run, max - n);
    for (unsigned i = 0; i < runs; i++)
        block[n++] = (struct tcp_range){run[i]->seq, run[i]->end};
    return n;
}

void
tcp_reasm_free(struct tcp_conn *c)
{
    while (c->reasm->count > 0)
        discard_run(c, c->reasm->count - 1u);
}
