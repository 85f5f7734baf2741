/*
 * fuzz_stream.c: two whole stacks talk over a cable that loses, doubles and
 * holds frames as the input says; every byte must come through rightly, and
 * both ends close. Then the same again with a listener on the journal, which
 * turns every short cut off (trains of segments, receiving without events):
 * the same frames must have passed, to the byte.
 *
 *     options (2)  text up  text down  then pairs: frames to let pass, fate
 */
#include "fuzz.h"
#include "bytes.h"
#include "tcp_talk.h"

#include <assert.h>

#define LONG_ENOUGH (900 * LW_S)
#define FAULTS_MAX  40
#define LOSSES_MAX                                                             \
    5 /* more could be a reason to give up; a frame that is
                         held and has none behind it is lost, too */

struct plan {
    unsigned options;
    struct talk_plan talk;
    unsigned count;
    uint64_t at[FAULTS_MAX]; /* frame, from 1; ascending */
    enum cable_fate fate[FAULTS_MAX];
};

struct run {
    const struct plan *plan;
    unsigned next; /* fault */
    uint64_t sum;  /* of all frames that left */
};

static struct plan
read_plan(const uint8_t *data, size_t size)
{
    struct cursor c = cursor_of(data, size);
    struct plan plan = {.options = get_be16(&c)};
    unsigned losses = 0;
    uint64_t at = 0;

    plan.talk.up = get_u8(&c) * 100u;
    plan.talk.down = get_u8(&c) * 100u;
    plan.talk.both_call = plan.options & 1;
    plan.talk.both_end = plan.options & 2;
    plan.talk.server_end = (plan.options & 7) == 4;
    plan.talk.deaf_ns = plan.options & 8 ? 700 * LW_MS : 0;
    while (cursor_left(&c) >= 2 && plan.count < FAULTS_MAX) {
        enum cable_fate fate;

        at += 1u + get_u8(&c);
        fate = (enum cable_fate)(FATE_LOSE + get_u8(&c) % 3);
        if (fate != FATE_DUPLICATE && losses++ == LOSSES_MAX)
            break;
        plan.at[plan.count] = at;
        plan.fate[plan.count++] = fate;
    }
    return plan;
}

static void
configure(struct tcp *tcp, unsigned options)
{
    struct tcp_config *config = tcp_config(tcp);

    config->sack = !(options & 16);
    config->timestamps = !(options & 32);
    config->window_scaling = !(options & 64);
    config->ecn = options >> 7 & 1;
    config->cubic = options & 256;
    config->rack = !(options & 512);
    config->frto = !(options & 1024);
    config->tail_probe = !(options & 2048);
    config->burst_least = 1 + (options >> 12 & 3);
    if (options & 0x4000)
        config->rcvbuf = 4096;
}

static enum cable_fate
fate_of(void *owner, uint64_t n, const struct pkt *p)
{
    struct run *run = owner;
    const struct plan *plan = run->plan;

    for (uint32_t i = 0; i < p->len; i++)
        run->sum = (run->sum ^ p->data[i]) * 0x100000001b3;
    if (run->next == plan->count || plan->at[run->next] != n)
        return FATE_DELIVER;
    return plan->fate[run->next++];
}

static uint64_t
play(const struct plan *plan, bool watched)
{
    struct cable_config cable = {.name = "t",
        .delay_ns = 5 * LW_MS,
        .rate = plan->options & 0x8000 ? 0 : 10000000,
        .ecn = plan->options >> 7 & 1};
    static struct tcp_world w;
    struct run run = {.plan = plan};
    struct recorder rec;
    struct talk t;

    tcp_world_pair(&w, 1, &cable);
    configure(w.a.tcp, plan->options);
    configure(w.b.tcp, plan->options);
    cable_set_fate(w.cable, fate_of, &run);
    if (watched)
        recorder_open(&rec, &w.journal, LEVEL_MICRO);
    talk_begin_plan(&t, &w.a, &w.b, &plan->talk);
    tcp_world_finish(&w, LONG_ENOUGH);
    assert(talk_good(&t));
    assert(tcp_counts(w.a.tcp).conns == 0 && tcp_counts(w.b.tcp).conns == 0);
    assert(timers_places(&w.timers) == 0);
    talk_end(&t);
    if (watched)
        recorder_close(&rec);
    tcp_world_close(&w); /* no packet is left: checked there */
    return run.sum;
}

int
fuzz_stream(const uint8_t *data, size_t size)
{
    struct plan plan;

    if (size < 4)
        return 0;
    plan = read_plan(data, size);
    if (play(&plan, false) != play(&plan, true))
        assert(!"the same frames");
    return 0;
}
