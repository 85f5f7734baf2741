/*
 * test_capture_damage.c: our own files, cut off anywhere and with wrong bits:
 * read or refused, and no worse. Under the sanitizers a step too far ends
 * the program.
 */
#include "check.h"
#include "buffer.h"
#include "env.h"
#include "pcapng_read.h"
#include "pcapng_write.h"

#include <stdlib.h>
#include <string.h>

static struct {
    struct buffer file; /* a good file */
    struct fault fault;
    uint64_t seen; /* a sum over everything that was told */
} f;

/* Looks at every byte that it is given. */
static void
look(const void *data, size_t len)
{
    const uint8_t *p = data;

    for (size_t i = 0; i < len; i++)
        f.seen = f.seen * 31 + p[i];
}

static void
on_frame(void *owner, const struct capture_frame *frame)
{
    (void)owner;
    look(frame->data, frame->len);
    look(frame->link, strlen(frame->link));
    look(frame->comment, strlen(frame->comment));
}

static void
on_event(void *owner, const struct event *e)
{
    char text[256];

    (void)owner;
    look(text, strlen(event_text(e, text, sizeof text)));
    look(e->func, strlen(e->func));
    for (unsigned i = 0; i < e->nfields; i++) {
        look(e->fields[i].name, strlen(e->fields[i].name));
        look(text, strlen(field_text(&e->fields[i], text, sizeof text)));
    }
}

static void
on_name(void *owner, struct ipv4 addr, const char *name)
{
    (void)owner;
    f.seen += addr.v;
    look(name, strlen(name));
}

static const struct capture_calls calls = {
    .frame = on_frame, .event = on_event, .name = on_name};

static int
read_bytes(const void *data, size_t len)
{
    struct pcapng_reader *r = pcapng_reader_new("x", &calls, &f.fault);
    int error;

    f.fault.text[0] = 0;
    f.seen = 0;
    error = pcapng_reader_feed(r, data, len);
    if (!error)
        error = pcapng_reader_end(r);
    pcapng_reader_free(r);
    return error;
}

static int
sink(void *owner, const void *data, size_t len)
{
    (void)owner;
    buffer_add(&f.file, data, len);
    return 0;
}

/* A file of our own with frames, names and events. */
static void
write_own(void)
{
    struct timers timers = {0};
    struct journal j;
    struct env env = {.journal = &j};
    struct capture_world world = {"shop", 1, 1700000000};
    struct pcapng_sink to = {.write = sink};
    struct pcapng_writer *w;

    journal_init(&j, &timers.now);
    env.host = (uint16_t)journal_host(&j, "web");
    w = pcapng_writer_new(&j, &world, LEVEL_MICRO, &to);
    NOTE(&env, EV_NETDEV, RULE_WORLD, f_text("if", "eth0"),
        f_mac("mac", MAC_BROADCAST), f_ip("ip", (struct ipv4){0x0a000102}),
        f_u64("prefix", 24));
    for (uint64_t i = 1; i <= 3; i++) {
        struct pkt p = {.id = i};

        timers.now.ns += 1000;
        NOTE_PKT(&env, EV_UDP_SEND, RULE_WIRE, &p, 0, 1, f_text("local", "a"),
            f_text("remote", "b"), f_u64("len", i), f_i64("x", -1));
        NOTE_PKT(&env, EV_FRAME_SENT, RULE_ETHERNET, &p, 9, 5,
            f_text("link", i == 2 ? "x-y" : "a-b"), f_text("if", "eth0"),
            f_u64("len", 5), f_bytes("bytes", "frame", 5));
    }
    CHECK_EQ(pcapng_writer_close(w), 0);
    journal_close(&j);
}

static void
setup(void)
{
    memset(&f, 0, sizeof f);
    write_own();
}

static void
teardown(void)
{
    buffer_free(&f.file);
}

/* Is a file that was cut anywhere refused, unless between two blocks? */
static void
every_truncation(void)
{
    unsigned whole = 0;

    REQUIRE(f.file.len > 500);
    for (size_t len = 1; len < f.file.len; len++) {
        /* Memory of exactly this size: a step too far is a crash. */
        uint8_t *copy = malloc(len);

        memcpy(copy, f.file.data, len);
        if (read_bytes(copy, len) == 0)
            whole++;
        else
            CHECK(strstr(f.fault.text, "ends in the middle") != NULL);
        free(copy);
    }
    CHECK_EQ(whole, 10);
}

/* Is a file with any single wrong bit read or refused, and no worse? */
static void
every_flipped_bit(void)
{
    unsigned refused = 0;

    for (size_t bit = 0; bit < f.file.len * 8; bit++) {
        f.file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        refused += read_bytes(f.file.data, f.file.len) != 0;
        f.file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    CHECK(refused > f.file.len);
    CHECK_EQ(read_bytes(f.file.data, f.file.len), 0);
}

/* The same with several bytes at random, many times. */
static void
random_damage(void)
{
    struct buffer good = {0};
    struct rng rng;

    buffer_add(&good, f.file.data, f.file.len);
    rng_init(&rng, 1, "damage");
    for (int round = 0; round < 5000; round++) {
        memcpy(f.file.data, good.data, good.len);
        for (uint64_t n = 1 + rng_below(&rng, 6); n > 0; n--)
            f.file.data[rng_below(&rng, good.len)] = (uint8_t)rng_u64(&rng);
        read_bytes(f.file.data, f.file.len);
    }
    memcpy(f.file.data, good.data, good.len);
    CHECK_EQ(read_bytes(f.file.data, f.file.len), 0);
    buffer_free(&good);
}

static CU_TestInfo cases[] = {
    TEST(every_truncation),
    TEST(every_flipped_bit),
    TEST(random_damage),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_capture_damage = {
    .pName = "capture_damage",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown,
};
