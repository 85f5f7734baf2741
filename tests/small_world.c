/*
 * small_world.c: every pattern of a few faults in a short conversation.
 */
#include "small_world.h"
#include "check.h"
#include "faulty.h"

#include <stdio.h>
#include <string.h>

#define LONG_ENOUGH (900 * LW_S)
#define TEN_MBIT    10000000

static struct tcp_world w;

struct watch {
    const struct small_faults *faults;
    struct small_seen *seen;
    unsigned syns;
};

/* --- what passes ---------------------------------------------------------- */

static bool
has_option(struct cursor c, uint8_t kind)
{
    while (cursor_left(&c) > 0) {
        uint8_t k = get_u8(&c), len;

        if (k == kind)
            return true;
        if (k == 0)
            return false;
        if (k == 1)
            continue;
        len = get_u8(&c);
        if (len < 2)
            return false;
        (void)get_bytes(&c, len - 2u);
    }
    return false;
}

static void
see_syn(struct watch *v, uint8_t flags, struct cursor options)
{
    struct small_seen *s = v->seen;
    bool first = v->syns++ == 0;

    s->calls += !(flags & SEG_ACK);
    s->sack = (first || s->sack) && has_option(options, 4);
    s->timestamps = (first || s->timestamps) && has_option(options, 8);
    s->scaling = (first || s->scaling) && has_option(options, 3);
}

static void
see_fin(struct small_seen *s, bool of_a)
{
    if (!s->fin)
        s->a_ends_first = of_a;
    s->fin = true;
}

/* The frame as it leaves: Ethernet, IPv4 without options, TCP. */
static void
see(struct watch *v, const struct pkt *p)
{
    struct cursor c = cursor_of(p->data, p->len);
    uint8_t tos, words, flags;
    bool of_a;

    (void)get_bytes(&c, 14 + 1);
    tos = get_u8(&c);
    (void)get_bytes(&c, 10);
    of_a = get_ipv4(&c).v == TCP_HOST_A.v;
    (void)get_bytes(&c, 4 + 12);
    words = get_u8(&c) >> 4;
    flags = get_u8(&c);
    v->seen->shut += get_be16(&c) == 0 && !(flags & SEG_RST);
    (void)get_bytes(&c, 4);
    v->seen->marked += (tos & 3) == 3;
    if (flags & SEG_SYN)
        see_syn(v, flags, get_slice(&c, words * 4u - 20));
    else
        v->seen->echoed += (flags & SEG_ECE) != 0;
    if (flags & SEG_FIN)
        see_fin(v->seen, of_a);
}

static enum cable_fate
fate_of(void *owner, uint64_t n, const struct pkt *p)
{
    struct watch *v = owner;
    const struct small_faults *f = v->faults;
    unsigned next = v->seen->hit;

    v->seen->frames = n;
    see(v, p);
    if (next == f->n || f->at[next] != n)
        return FATE_DELIVER;
    v->seen->hit++;
    return f->fate[next];
}

/* --- one world ----------------------------------------------------------- */

static void
configure(struct tcp *tcp, const struct small_shape *shape)
{
    struct tcp_config *config = tcp_config(tcp);

    config->sack = !shape->no_sack;
    config->timestamps = !shape->no_timestamps;
    config->window_scaling = !shape->no_scaling;
    config->ecn = shape->ecn;
    if (shape->rcvbuf)
        config->rcvbuf = shape->rcvbuf;
}

static void
complain(const struct small_shape *shape, const struct small_faults *faults)
{
    static const char *const names[] = {[FATE_LOSE] = "lost",
        [FATE_DUPLICATE] = "doubled",
        [FATE_HOLD] = "held"};

    fprintf(stderr, "\n    %s:", shape->name);
    for (unsigned i = 0; i < faults->n; i++)
        fprintf(
            stderr, " frame %d %s", (int)faults->at[i], names[faults->fate[i]]);
}

static unsigned
moves_to_closing(const struct recorder *r)
{
    const struct event *e;
    unsigned count = 0;

    for (unsigned i = 0; (e = recorder_find(r, EV_TCP_MOVE, i)) != NULL; i++)
        count += strcmp(recorder_text(e, "to", 0), "CLOSING") == 0;
    return count;
}

bool
small_world(const struct small_shape *shape, const struct small_faults *faults,
    struct small_seen *seen)
{
    struct cable_config config = {.name = "t",
        .delay_ns = 5 * LW_MS,
        .rate = shape->at_once ? 0 : TEN_MBIT,
        .ecn = shape->ecn};
    struct watch watch = {.faults = faults, .seen = seen};
    struct recorder rec;
    struct talk t;
    bool fine;
    int left;

    *seen = (struct small_seen){0};
    faulty_begin(0, false);
    tcp_world_pair(&w, 1, &config);
    configure(w.a.tcp, shape);
    configure(w.b.tcp, shape);
    cable_set_fate(w.cable, fate_of, &watch);
    if (faults->n == 0)
        recorder_open(&rec, &w.journal, LEVEL_DETAIL);
    talk_begin_plan(&t, &w.a, &w.b, &shape->plan);
    tcp_world_finish(&w, LONG_ENOUGH);
    fine = talk_good(&t) && tcp_counts(w.a.tcp).conns == 0 &&
           tcp_counts(w.b.tcp).conns == 0 && timers_places(&w.timers) == 0;
    talk_end(&t);
    if (faults->n == 0) {
        seen->closing = moves_to_closing(&rec);
        recorder_close(&rec);
    }
    tcp_world_close(&w); /* no packet is left: checked there */
    faulty_end(&left);
    return fine && left == 0;
}

/* --- all of them --------------------------------------------------------- */

struct walk {
    const struct small_shape *shape;
    struct small_count *count;
    unsigned most;
};

static void
walk_from(struct walk *walk, struct small_faults *f)
{
    struct small_count *count = walk->count;
    uint64_t first = f->n ? f->at[f->n - 1] + 1 : 1;
    struct small_seen seen;

    if (!small_world(walk->shape, f, &seen) || seen.hit != f->n) {
        complain(walk->shape, f);
        count->bad++;
    }
    count->worlds++;
    if (count->longest < seen.frames)
        count->longest = seen.frames;
    if (f->n == 0)
        count->clean = seen;
    if (f->n == walk->most)
        return;
    count->by_faults[f->n + 1] +=
        SMALL_FATES * (unsigned)(seen.frames + 1 - first);
    f->n++;
    for (uint64_t at = first; at <= seen.frames; at++)
        for (unsigned fate = 0; fate < SMALL_FATES; fate++) {
            f->at[f->n - 1] = at;
            f->fate[f->n - 1] = (enum cable_fate)(FATE_LOSE + fate);
            walk_from(walk, f);
        }
    f->n--;
}

struct small_count
small_every(const struct small_shape *shape, unsigned most)
{
    struct small_count count = {.by_faults = {1}};
    struct small_faults none = {0};
    struct walk walk = {shape, &count, most};

    walk_from(&walk, &none);
    return count;
}

unsigned
small_count_two(const struct small_shape *shape, uint64_t frames)
{
    unsigned count = 0;

    for (uint64_t i = 0; i <= frames; i++)
        for (uint64_t j = i ? i + 1 : 0; j <= frames; j++)
            for (unsigned fates = 0; fates < (i ? 9 : j ? 3 : 1); fates++) {
                struct small_faults f = {.n = i   ? 2
                                              : j ? 1
                                                  : 0,
                    .at = {i ? i : j, j},
                    .fate = {(enum cable_fate)(FATE_LOSE + fates % 3),
                        (enum cable_fate)(FATE_LOSE + fates / 3)}};
                struct small_seen seen;

                (void)small_world(shape, &f, &seen);
                count += seen.hit == f.n;
            }
    return count;
}
