/*
 * test_capture.c: capture files, written and read.
 */
#include "check.h"
#include "env.h"
#include "pcap_read.h"
#include "pcapng.h"
#include "pcapng_read.h"
#include "pcapng_write.h"
#include "buffer.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EPOCH 1700000000

/* The file that was written, and what was told while writing and reading. */
static struct {
    struct journal journal;
    struct timers timers;
    struct env env;
    struct buffer file;
    int sink_error;
    struct buffer events; /* as written */
    struct buffer told;   /* as read: events */
    struct buffer other;  /* as read: frames, names, hosts, worlds */
    struct fault fault;
    unsigned frames;
} c;

static int
sink(void *owner, const void *data, size_t len)
{
    (void)owner;
    buffer_add(&c.file, data, len);
    return c.sink_error;
}

/* Every bit of an event, as text. */
static void
dump(struct buffer *to, const struct event *e)
{
    char line[256];

    snprintf(line, sizeof line,
        "%llu @%lld <%llu p%llu %u+%u pid%u h%u %s %s %s\n",
        (unsigned long long)e->no, (long long)e->at.ns,
        (unsigned long long)e->cause, (unsigned long long)e->pkt, e->off,
        e->len, e->pid, e->host, event_info(e->kind)->name,
        rule_info(e->rule)->name, e->func);
    buffer_text(to, line);
    for (unsigned i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        bool mem = f->type == FIELD_TEXT || f->type == FIELD_BYTES;

        snprintf(line, sizeof line, "  %s %d %llx\n", f->name, f->type,
            mem ? f->len : (unsigned long long)f->u);
        buffer_text(to, line);
        if (mem)
            buffer_add(to, f->at, f->len);
    }
}

static void
on_written(void *owner, const struct event *e)
{
    (void)owner;
    dump(&c.events, e);
}

static void
on_read(void *owner, const struct event *e)
{
    (void)owner;
    dump(&c.told, e);
}

static void
on_frame(void *owner, const struct capture_frame *f)
{
    char line[256];

    (void)owner;
    c.frames++;
    snprintf(line, sizeof line, "frame %llu %s #%u type %u @%lld %u/%u [%s] ",
        (unsigned long long)f->no, f->link, f->interface, f->linktype,
        f->timed ? (long long)f->time_ns : -1, f->len, f->wire_len, f->comment);
    buffer_text(&c.other, line);
    buffer_add(&c.other, f->data, f->len < 8 ? f->len : 8);
    buffer_text(&c.other, "\n");
}

static void
on_host(void *owner, uint16_t number, const char *name)
{
    char line[64];

    (void)owner;
    snprintf(line, sizeof line, "host %u %s\n", number, name);
    buffer_text(&c.other, line);
}

static void
on_name(void *owner, struct ipv4 addr, const char *name)
{
    char line[64];

    (void)owner;
    snprintf(line, sizeof line, "name %x %s\n", addr.v, name);
    buffer_text(&c.other, line);
}

static void
on_world(void *owner, const struct capture_world *world)
{
    char line[64];

    (void)owner;
    snprintf(line, sizeof line, "world %s %llu %lld\n", world->name,
        (unsigned long long)world->seed, (long long)world->epoch);
    buffer_text(&c.other, line);
}

static void
on_section(void *owner, const char *application, const char *comment)
{
    (void)owner;
    buffer_text(&c.other, "section ");
    buffer_text(&c.other, application);
    buffer_text(&c.other, ": ");
    buffer_text(&c.other, comment);
    buffer_text(&c.other, "\n");
}

static const struct capture_calls calls = {
    .section = on_section,
    .world = on_world,
    .host = on_host,
    .name = on_name,
    .frame = on_frame,
    .event = on_read,
};

static const char *
text_of(struct buffer *b)
{
    buffer_u8(b, 0);
    b->len--;
    return (const char *)b->data;
}

static void
setup(void)
{
    memset(&c, 0, sizeof c);
    journal_init(&c.journal, &c.timers.now);
    c.env.journal = &c.journal;
    c.env.timers = &c.timers;
    c.env.host = (uint16_t)journal_host(&c.journal, "web");
}

static void
teardown(void)
{
    buffer_free(&c.file);
    buffer_free(&c.events);
    buffer_free(&c.told);
    buffer_free(&c.other);
    journal_close(&c.journal);
}

static void
send_frame(uint64_t id, const char *link, const char *bytes)
{
    struct pkt p = {.id = id};
    struct env *env = &c.env;

    NOTE_PKT(env, EV_FRAME_SENT, RULE_ETHERNET, &p, 130, strlen(bytes),
        f_text("link", link), f_text("if", "eth0"), f_u64("len", strlen(bytes)),
        f_bytes("bytes", bytes, strlen(bytes)));
}

/* A short run with every type of field, two links and a late card. */
static void
tell_a_story(void)
{
    struct env *env = &c.env;
    struct pkt p = {.id = 1};

    NOTE(env, EV_NETDEV, RULE_WORLD, f_text("if", "lo"),
        f_mac("mac", (struct mac){{0}}), f_ip("ip", (struct ipv4){0x7f000001}),
        f_u64("prefix", 8));
    NOTE(env, EV_NETDEV, RULE_WORLD, f_text("if", "eth0"),
        f_mac("mac", (struct mac){{2, 0, 0, 0, 1, 0}}),
        f_ip("ip", (struct ipv4){0x0a000102}), f_u64("prefix", 24));
    c.timers.now.ns = 1500000;
    c.journal.pid = 70000;
    c.journal.cause = 2;
    NOTE_PKT(env, EV_ARP_ASK, RULE_ETHERNET, &p, 144, 28,
        f_ip("ip", (struct ipv4){0x0a000101}),
        f_ip("from_ip", (struct ipv4){0x0a000102}),
        f_ns("extra_ns", -12345678901234), f_i64("extra_i", INT64_MIN),
        f_hex("extra_hex", UINT64_MAX), f_bytes("extra_b", "\0\xff", 2),
        f_text("extra_t", ""));
    c.journal.cause = 3;
    c.timers.now.ns = 1500001;
    send_frame(1, "web-router", "ARP request");
    c.journal.cause = 0;
    c.env.host = 0;
    NOTE(env, EV_NAME_UNKNOWN, RULE_NONE, f_text("name", "?"));
    c.env.host = (uint16_t)journal_host(&c.journal, "router");
    NOTE(env, EV_NETDEV, RULE_WORLD, f_text("if", "eth1"),
        f_mac("mac", (struct mac){{2, 0, 0, 0, 2, 0}}),
        f_ip("ip", (struct ipv4){0x0a000101}), f_u64("prefix", 24));
    NOTE_PKT(env, EV_IP_FORWARD, RULE_NONE, &p, 144, 28,
        f_ip("src", (struct ipv4){0x0a000102}),
        f_ip("dst", (struct ipv4){0x0a000101}), f_u64("ttl", 63));
    c.timers.now.ns = 5 * LW_S;
    send_frame(1, "router-isp", "second hop!!");
    send_frame(2, "web-router", "x");
    c.journal.cause = NOTE(env, EV_ARP_ANSWER, RULE_NONE,
        f_ip("ip", (struct ipv4){1}), f_mac("mac", MAC_BROADCAST));
    send_frame(3, "web-router", "a reply");
    c.journal.cause = 0;
    NOTE(env, EV_NAME_UNKNOWN, RULE_NONE, f_text("name", "at the end"));
}

/* Writes the story to c.file; the writer's last word. */
static int
write_file(enum level level)
{
    struct listener ear = {.event = on_written, .level = LEVEL_MICRO};
    struct capture_world world = {"shop", 42, EPOCH};
    struct pcapng_sink to = {.write = sink};
    struct pcapng_writer *w;
    int error;

    w = pcapng_writer_new(&c.journal, &world, level, &to);
    if (!CHECK(w != NULL))
        return -ENOMEM;
    journal_listen(&c.journal, &ear);
    tell_a_story();
    journal_unlisten(&c.journal, &ear);
    error = pcapng_writer_close(w);
    CHECK(c.journal.listeners == NULL);
    return error;
}

/* Reads len bytes in pieces of `piece`. */
static int
read_bytes(const void *data, size_t len, size_t piece)
{
    struct pcapng_reader *r;
    const uint8_t *at = data;
    int error = 0;

    buffer_clear(&c.told);
    buffer_clear(&c.other);
    c.fault.text[0] = 0;
    c.frames = 0;
    r = pcapng_reader_new("x.pcapng", &calls, &c.fault);
    while (len > 0 && !error) {
        size_t n = len < piece ? len : piece;

        error = pcapng_reader_feed(r, at, n);
        at += n;
        len -= n;
    }
    if (!error)
        error = pcapng_reader_end(r);
    pcapng_reader_free(r);
    return error;
}

/* Does a file give back every event exactly, and every frame? */
static void
journal_comes_back_exactly(void)
{
    REQUIRE(write_file(LEVEL_MICRO) == 0);
    CHECK_EQ(read_bytes(c.file.data, c.file.len, SIZE_MAX), 0);
    CHECK_TEXT(c.fault.text, "");
    CHECK_EQ(c.told.len, c.events.len);
    CHECK_MEM(c.told.data, c.events.data, c.events.len);
    CHECK_TEXT(text_of(&c.other),
        "section layerwalk: layerwalk: world shop, seed 42\n"
        "world shop 42 1700000000\n"
        "host 1 web\n"
        "name a000102 web\n"
        "frame 1 web-router #0 type 1 @1700000000001500001 11/11 "
        "[who has 10.0.1.1? Tell 10.0.1.2. Why: a frame begins with "
        "destination, source and type (IEEE 802.3 3.1)] ARP requ\n"
        "host 2 router\n"
        "name a000101 router\n"
        "frame 2 router-isp #1 type 1 @1700000005000000000 12/12 "
        "[packet 10.0.1.2 to 10.0.1.1 is forwarded, TTL now 63] second h\n"
        "frame 3 web-router #0 type 1 @1700000005000000000 1/1 [] x\n"
        "frame 4 web-router #0 type 1 @1700000005000000000 7/7 "
        "[0.0.0.1 is at ff:ff:ff:ff:ff:ff] a reply\n");
}

/* Are the same events the same bytes? */
static void
same_events_same_bytes(void)
{
    struct buffer first;

    REQUIRE(write_file(LEVEL_MICRO) == 0);
    first = c.file;
    c.file = (struct buffer){0};
    buffer_free(&c.events);
    journal_close(&c.journal);
    c.timers.now.ns = 0;
    journal_init(&c.journal, &c.timers.now);
    c.env.host = (uint16_t)journal_host(&c.journal, "web");
    REQUIRE(write_file(LEVEL_MICRO) == 0);
    CHECK_EQ(c.file.len, first.len);
    CHECK_MEM(c.file.data, first.data, first.len);
    buffer_free(&first);
}

/* Is nothing lost when the file comes in pieces of any size? */
static void
pieces_of_any_size(void)
{
    struct buffer whole;

    REQUIRE(write_file(LEVEL_MICRO) == 0);
    REQUIRE(read_bytes(c.file.data, c.file.len, SIZE_MAX) == 0);
    whole = c.other;
    c.other = (struct buffer){0};
    for (size_t piece = 1; piece < 200; piece++) {
        CHECK_EQ(read_bytes(c.file.data, c.file.len, piece), 0);
        CHECK_EQ(c.other.len, whole.len);
        CHECK_MEM(c.other.data, whole.data, whole.len);
        CHECK_EQ(c.told.len, c.events.len);
        CHECK_MEM(c.told.data, c.events.data, c.events.len);
    }
    buffer_free(&whole);
}

/* Does a coarse file keep its frames? */
static void
level_limits_events_not_frames(void)
{
    REQUIRE(write_file(LEVEL_STAGE) == 0);
    CHECK_EQ(read_bytes(c.file.data, c.file.len, SIZE_MAX), 0);
    CHECK_EQ(c.frames, 4);
    CHECK(memmem(c.told.data, c.told.len, "FRAME_SENT", 10) != NULL);
    CHECK(memmem(c.told.data, c.told.len, "ARP_ASK", 7) != NULL);
    CHECK(memmem(c.told.data, c.told.len, "IP_FORWARD", 10) == NULL);
}

/* Is a full disk reported, and nothing written after it? */
static void
write_errors_are_kept(void)
{
    c.sink_error = -ENOSPC;
    CHECK_EQ(write_file(LEVEL_MICRO), -ENOSPC);
    CHECK_EQ(read_bytes(c.file.data, c.file.len, SIZE_MAX), 0);
    CHECK_EQ(c.frames, 0); /* only the section's head had been tried */
}

/* Does libpcap, an independent hand, find the same frames? */
static void
libpcap_reads_what_we_write(void)
{
    char reason[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *head;
    const u_char *data;
    FILE *stream;
    pcap_t *pcap;

    REQUIRE(write_file(LEVEL_MICRO) == 0);
    stream = fmemopen(c.file.data, c.file.len, "rb");
    REQUIRE(stream != NULL);
    pcap = pcap_fopen_offline_with_tstamp_precision(
        stream, PCAP_TSTAMP_PRECISION_NANO, reason);
    REQUIRE(pcap != NULL);
    CHECK_EQ(pcap_next_ex(pcap, &head, &data), 1);
    CHECK_EQ(head->ts.tv_sec, EPOCH);
    CHECK_EQ(head->ts.tv_usec, 1500001);
    CHECK_EQ(head->len, 11);
    CHECK_MEM(data, "ARP request", 11);
    for (int i = 1; i < 4; i++)
        CHECK_EQ(pcap_next_ex(pcap, &head, &data), 1);
    CHECK_EQ(pcap_next_ex(pcap, &head, &data), PCAP_ERROR_BREAK);
    pcap_close(pcap);
}

/* Does tshark see names and comments, and nothing between the frames? */
static void
tshark_reads_what_we_write(void)
{
    int fd = memfd_create("capture", 0); /* tshark inherits it */
    char command[256], seen[1024] = "";
    FILE *pipe;

    REQUIRE(fd >= 0);
    REQUIRE(write_file(LEVEL_MICRO) == 0);
    CHECK_EQ(write(fd, c.file.data, c.file.len), c.file.len);
    snprintf(command, sizeof command,
        "tshark -N n -r /dev/fd/%d -T fields -E separator=/t -e frame.number "
        "-e frame.interface_name -e frame.time_epoch -e frame.len "
        "-e frame.packet_id -e frame.comment 2>/dev/null",
        fd);
    pipe = popen(command, "r");
    REQUIRE(pipe != NULL);
    CHECK(fread(seen, 1, sizeof seen - 1, pipe) > 0);
    CHECK_EQ(pclose(pipe), 0);
    close(fd);
    CHECK_TEXT(seen,
        "1\tweb-router\t1700000000.001500001\t11\t1\twho has 10.0.1.1? Tell "
        "10.0.1.2. Why: a frame begins with destination, source and type "
        "(IEEE 802.3 3.1)\n"
        "2\trouter-isp\t1700000005.000000000\t12\t1\tpacket 10.0.1.2 to "
        "10.0.1.1 "
        "is forwarded, TTL now 63\n"
        "3\tweb-router\t1700000005.000000000\t1\t2\t\n"
        "4\tweb-router\t1700000005.000000000\t7\t3\t0.0.0.1 is at "
        "ff:ff:ff:ff:ff:ff\n");
}

/* Is a classic capture read, and a cut one refused with its frame? */
static void
classic_captures(void)
{
    static const uint8_t file[] = {0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 7, 0, 0,
        0, 4, 0, 0, 0, 60, 'a', 'b', 'c', 'd'};
    uint8_t bytes[sizeof file];

    memcpy(bytes, file, sizeof file);
    CHECK_EQ(pcap_read(fmemopen(bytes, sizeof bytes, "rb"), "x.pcap", &calls,
                 &c.fault),
        0);
    CHECK_TEXT(text_of(&c.other),
        "section : \nframe 1  #0 type 1 @9000007000 4/60 [] abcd\n");
    for (size_t len = 1; len < sizeof bytes; len++) {
        c.fault.text[0] = 0;
        CHECK_EQ(
            pcap_read(fmemopen(bytes, len, "rb"), "x.pcap", &calls, &c.fault),
            len == 24 ? 0 : -EINVAL);
        CHECK_EQ(strncmp(c.fault.text, "x.pcap: ", 8) == 0, len != 24);
    }
}

static CU_TestInfo cases[] = {
    TEST(journal_comes_back_exactly),
    TEST(same_events_same_bytes),
    TEST(pieces_of_any_size),
    TEST(level_limits_events_not_frames),
    TEST(write_errors_are_kept),
    TEST(libpcap_reads_what_we_write),
    TEST(tshark_reads_what_we_write),
    TEST(classic_captures),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_capture = {
    .pName = "capture",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown,
};
