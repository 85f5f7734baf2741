/*
 * test_reassembly.c: does the receiver say what it has, whatever comes? All
 * sequences of a few segments over a few units of text, each with any
 * beginning and any length: every order, overlap, hole and repetition. Then
 * many more units at random. After each segment the ACK is compared with what
 * a plain model (reasm_model.c) works out: whether it comes at once or waits,
 * its number, the duplicate and all SACK blocks in their order (RFC 9293
 * 3.10.7.4, RFC 2018 4, RFC 2883 4, RFC 5681 4.2); and what the program reads
 * with the bytes that were sent, each once.
 *
 * One connection plays all sequences: each ends with all its units delivered,
 * and the next begins behind them. So the numbers cross the wrap too.
 */
#include "check.h"
#include "reasm_model.h"
#include "rng.h"
#include "sum.h"
#include "tcp_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PORT     80
#define PEER_ISS 0xffffff00u

/* What our TCP sent last, from its bytes. */
struct said {
    unsigned count; /* segments since the last look */
    uint32_t ack;
    unsigned nblocks;
    uint32_t block[MODEL_BLOCKS][2];
};

static struct tcp_world w;
static struct tcp_conn *c;
static struct said said;
static struct reasm_model model;
static uint32_t ours;  /* our number, acknowledged */
static bool stamps;    /* timestamps are spoken */
static unsigned unit;  /* bytes */
static uint32_t base;  /* place of the first unit in the peer's stream */
static uint32_t taken; /* bytes that the program has read */
static unsigned worlds, segments;
static bool wrong;

static uint8_t
pattern(uint32_t at)
{
    return (uint8_t)(at * 13 + (at >> 8) * 7);
}

/* --- the wire ------------------------------------------------------------ */

static uint32_t
word(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

static void
hear_options(const uint8_t *at, const uint8_t *end)
{
    while (at < end && *at != 0) {
        if (*at == 1) {
            at++;
            continue;
        }
        for (unsigned i = 2; *at == 5 && i + 8 <= at[1]; i += 8) {
            said.block[said.nblocks][0] = word(at + i);
            said.block[said.nblocks++][1] = word(at + i + 4);
        }
        at += at[1];
    }
}

static void
hear(struct netdev *dev, struct pkt *p)
{
    const uint8_t *tcp = p->data + 14 + 20;
    unsigned count = said.count;

    (void)dev;
    ours = word(tcp + 4) + (tcp[13] & SEG_SYN ? 1 : 0);
    said = (struct said){.count = count + 1, .ack = word(tcp + 8)};
    hear_options(tcp + 20, tcp + (tcp[12] >> 4) * 4);
    pkt_free(p);
}

static void
put_headers(struct pkt *p, const uint8_t *tcp, size_t header)
{
    struct writer to = writer_of(pkt_push(p, (uint32_t)header), header);
    uint32_t len = p->len;
    uint64_t sum = sum_pseudo(TCP_HOST_B, TCP_HOST_A, IP_TCP, len);

    put_bytes(&to, tcp, header);
    to = writer_of(p->data + 16, 2);
    put_be16(&to, sum_fold(sum_add(sum, p->data, len)));
    to = writer_of(pkt_push(p, 20), 20);
    put_be16(&to, 0x4500);
    put_be16(&to, (uint16_t)(len + 20));
    put_be32(&to, 0x00004000);
    put_be16(&to, 64 << 8 | IP_TCP);
    put_be16(&to, 0);
    put_ipv4(&to, TCP_HOST_B);
    put_ipv4(&to, TCP_HOST_A);
    to = writer_of(p->data + 10, 2);
    put_be16(&to, sum_fold(sum_add(0, p->data, 20)));
    to = writer_of(pkt_push(p, 14), 14);
    memset(p->data, 0, 14);
    put_room(&to, 12);
    put_be16(&to, ETHERTYPE_IPV4);
}

/* The peer sends len bytes of its stream from `at` on, or its SYN. */
static void
peer_sends(uint8_t flags, uint32_t at, uint32_t len, bool sack)
{
    uint8_t tcp[60];
    struct writer to = writer_of(tcp, sizeof tcp);
    bool syn = flags & SEG_SYN;
    size_t header = 20u + (stamps ? 12 : 0) + (syn ? 8 : 0);
    struct pkt *p = pkt_new(w.pool, 94, len);
    uint8_t *text = pkt_put(p, len);

    for (uint32_t i = 0; i < len; i++)
        text[i] = pattern(at + i);
    put_be16(&to, 5000);
    put_be16(&to, PORT);
    put_be32(&to, PEER_ISS + !syn + at);
    put_be32(&to, ours);
    put_u8(&to, (uint8_t)(header / 4 << 4));
    put_u8(&to, flags);
    put_be16(&to, 60000);
    put_be32(&to, 0);
    if (stamps) {
        put_be32(&to, 0x0101080a);
        put_be32(&to, 1);
        put_be32(&to, 0);
    }
    if (syn) { /* mss 1460; sackOK */
        put_be32(&to, 0x020405b4);
        put_be32(&to, sack ? 0x01010402 : 0x01010101);
    }
    put_headers(p, tcp, header);
    netdev_arrive(&w.a.eth, p, "test");
}

/* --- the connection ------------------------------------------------------ */

static void
nothing(void *owner)
{
    (void)owner;
}

static bool
open_connection(struct tcp_listener **l, const struct model_rules *rules)
{
    struct tcp_end local = {TCP_HOST_A, PORT};

    said = (struct said){0};
    base = taken = 0;
    wrong = false;
    tcp_world_alone(&w, 1, hear, NULL);
    tcp_config(w.a.tcp)->quick_acks = 0;
    tcp_config(w.a.tcp)->dsack = rules->dsack;
    if (!CHECK_EQ(tcp_listen(w.a.tcp, local, 5, 0, nothing, NULL, l), 0))
        return false;
    peer_sends(SEG_SYN, 0, 0, rules->sack);
    peer_sends(SEG_ACK, 0, 0, false);
    c = tcp_accept(*l);
    said.count = 0;
    if (!CHECK(c != NULL))
        return false;
    tcp_set_owner(c, nothing, NULL);
    return true;
}

static void
close_connection(struct tcp_listener *l)
{
    tcp_abort(c);
    tcp_unlisten(l);
    tcp_world_close(&w);
}

/* --- are they the same? -------------------------------------------------- */

static void
text_of_model(const struct model_answer *a, char *to, size_t size)
{
    int n = 0;

    if (!a->at_once) {
        snprintf(to, size, "silence");
        return;
    }
    n = snprintf(to, size, "ack %u", a->ack * unit);
    for (unsigned i = 0; i < a->nblocks; i++)
        n += snprintf(to + n, size - (size_t)n, " %u:%u",
            a->block[i].from * unit, a->block[i].to * unit);
}

static void
text_of_said(char *to, size_t size)
{
    uint32_t zero = PEER_ISS + 1 + base;
    int n = 0;

    if (said.count == 0) {
        snprintf(to, size, "silence");
        return;
    }
    n = snprintf(to, size, "%sack %u", said.count > 1 ? "several, last: " : "",
        said.ack - zero);
    for (unsigned i = 0; i < said.nblocks; i++)
        n += snprintf(to + n, size - (size_t)n, " %u:%u",
            said.block[i][0] - zero, said.block[i][1] - zero);
}

/* Shows the segments that led there when the two differ. */
static void
compare(const struct model_answer *a, const char *story)
{
    char got[160], want[160];

    text_of_model(a, want, sizeof want);
    text_of_said(got, sizeof got);
    said.count = 0;
    if (strcmp(got, want) == 0)
        return;
    wrong = true;
    check_text(got, want, story, __FILE__, __LINE__);
}

/* The program reads: exactly what has become whole, each byte once. */
static void
read_all(const char *story)
{
    static uint8_t buf[65536];
    int64_t n = tcp_recv(c, buf, sizeof buf, false);
    uint32_t due = base + model.nxt * unit - taken;
    bool same = n == (due ? (int64_t)due : -EAGAIN);

    for (int64_t i = 0; same && i < n; i++)
        same = buf[i] == pattern(taken++);
    if (!same) {
        wrong = true;
        check_i64(n, due, story, __FILE__, __LINE__);
    }
}

static void
arrive(struct model_range seg, char *story, size_t size)
{
    struct model_answer answer;
    size_t told = strlen(story);

    snprintf(
        story + told, size - told, " %u:%u", seg.from * unit, seg.to * unit);
    segments++;
    peer_sends(SEG_ACK, base + seg.from * unit, (seg.to - seg.from) * unit, 0);
    reasm_model_arrive(&model, seg, &answer);
    compare(&answer, story);
    read_all(story);
}

/* All that is missing comes, the ACK that waits is sent, and the next
 * sequence begins behind it. */
static void
finish(unsigned units, char *story, size_t size)
{
    struct model_answer late;
    struct model_rules rules = model.rules;

    if (model.nxt < units)
        arrive((struct model_range){model.nxt, units}, story, size);
    tcp_world_run(&w, 100 * LW_MS);
    reasm_model_late(&model, &late);
    compare(&late, story);
    base += units * unit;
    reasm_model_init(&model, &rules);
    worlds++;
}

/* --- everything ---------------------------------------------------------- */

/* Sequences of `most` segments over so many units: the digits of `number`
 * choose the segments. */
static void
play_number(unsigned units, unsigned most, unsigned number)
{
    char story[240] = "";
    unsigned kinds = units * (units + 1) / 2;

    for (unsigned i = 0; i < most; i++, number /= kinds) {
        unsigned kind = number % kinds, from = 0;

        for (; kind >= units - from; from++)
            kind -= units - from;
        arrive(
            (struct model_range){from, from + kind + 1}, story, sizeof story);
    }
    finish(units, story, sizeof story);
}

static void
play_all(unsigned units, unsigned most, unsigned bytes,
    const struct model_rules *rules, bool with_stamps)
{
    struct tcp_listener *l;
    unsigned kinds = units * (units + 1) / 2, all = 1;

    unit = bytes;
    stamps = with_stamps;
    if (!open_connection(&l, rules))
        return;
    reasm_model_init(&model, rules);
    for (unsigned i = 0; i < most; i++)
        all *= kinds;
    for (unsigned i = 0; i < all && !wrong; i++)
        play_number(units, most, i);
    CHECK(!wrong);
    close_connection(l);
}

static const struct model_rules with_sack = {
    .sack = true, .dsack = true, .blocks = 4};
static const struct model_rules with_stamps = {
    .sack = true, .dsack = true, .blocks = 3};
static const struct model_rules without = {.blocks = 0};
static const struct model_rules no_dsack = {.sack = true, .blocks = 4};

static void
all_that_four_segments_can_do(void)
{
    worlds = segments = 0;
    play_all(5, 4, 1, &with_sack, false);
    play_all(4, 4, 250, &with_stamps, true);
    CHECK_EQ(worlds, 15 * 15 * 15 * 15 + 10 * 10 * 10 * 10);
    printf("%u segments ", segments);
}

static void
all_that_three_can_do_in_more_room(void)
{
    worlds = segments = 0;
    play_all(7, 3, 200, &with_sack, false);
    play_all(7, 3, 3, &no_dsack, false);
    CHECK_EQ(worlds, 2 * 28 * 28 * 28);
    printf("%u segments ", segments);
}

static void
the_same_without_sack(void)
{
    worlds = segments = 0;
    play_all(4, 4, 1, &without, false);
    CHECK_EQ(worlds, 10000);
    printf("%u segments ", segments);
}

/* --- more than fits into an ACK ------------------------------------------ */

static void
play_at_random(const struct model_rules *rules, bool stamped, unsigned bytes)
{
    struct tcp_listener *l;
    struct rng rng;

    unit = bytes;
    stamps = stamped;
    rng_init(&rng, 7, "reassembly");
    if (!open_connection(&l, rules))
        return;
    reasm_model_init(&model, rules);
    for (unsigned i = 0; i < 200 && !wrong; i++) {
        char story[2048] = "";
        unsigned most = 20 + (unsigned)rng_below(&rng, 60);

        for (unsigned k = 0; k < most && !wrong; k++) {
            unsigned from = (unsigned)rng_below(&rng, MODEL_UNITS);
            unsigned to = from + 1 + (unsigned)rng_below(&rng, 4);

            if (from < model.nxt && rng_below(&rng, 4))
                continue;
            arrive(
                (struct model_range){from, to < MODEL_UNITS ? to : MODEL_UNITS},
                story, sizeof story);
        }
        finish(MODEL_UNITS, story, sizeof story);
    }
    CHECK(!wrong);
    close_connection(l);
}

static void
many_holes_at_random(void)
{
    worlds = segments = 0;
    play_at_random(&with_sack, false, 20);
    play_at_random(&with_stamps, true, 1);
    CHECK_EQ(worlds, 400);
    printf("%u segments ", segments);
}

static CU_TestInfo cases[] = {TEST(all_that_four_segments_can_do),
    TEST(all_that_three_can_do_in_more_room), TEST(the_same_without_sack),
    TEST(many_holes_at_random), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_reassembly = {.pName = "reassembly", .pTests = cases};
