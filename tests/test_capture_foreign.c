/*
 * test_capture_foreign.c: capture files of strangers: in the other byte
 * order, with blocks and units we never write, or that lie about themselves.
 */
#include "check.h"
#include "buffer.h"
#include "event_pack.h"
#include "pcapng.h"
#include "pcapng_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct {
    bool big;           /* byte order of the file being made */
    struct buffer file; /* being made */
    size_t start;       /* of the block being made */
    struct buffer told; /* what the reader said */
    struct fault fault;
} f;

static void
setup(void)
{
    memset(&f, 0, sizeof f);
}

static void
teardown(void)
{
    buffer_free(&f.file);
    buffer_free(&f.told);
}

/* --- making files --- */

static void
put16(unsigned v)
{
    buffer_le16(&f.file, (uint16_t)(f.big ? v >> 8 | v << 8 : v));
}

static void
put32(uint32_t v)
{
    buffer_le32(&f.file, f.big ? __builtin_bswap32(v) : v);
}

static void
begin(uint32_t type)
{
    f.start = f.file.len;
    put32(type);
    put32(0);
}

static void
end(void)
{
    uint32_t len;

    buffer_pad4(&f.file);
    len = (uint32_t)(f.file.len - f.start) + 4;
    put32(len);
    buffer_patch_le32(
        &f.file, f.start + 4, f.big ? __builtin_bswap32(len) : len);
}

static void
put_option(unsigned code, const void *data, unsigned len)
{
    put16(code);
    put16(len);
    buffer_add(&f.file, data, len);
    buffer_pad4(&f.file);
}

static void
section(bool big)
{
    f.big = big;
    begin(PCAPNG_SECTION);
    put32(PCAPNG_BYTE_ORDER);
    put16(1);
    put16(0);
    put32(UINT32_MAX);
    put32(UINT32_MAX);
    end();
}

static void
interface(unsigned linktype, uint32_t snaplen, unsigned resolution)
{
    uint8_t byte = (uint8_t)resolution;

    begin(PCAPNG_INTERFACE);
    put16(linktype);
    put16(0);
    put32(snaplen);
    if (resolution)
        put_option(PCAPNG_OPT_RESOLUTION, &byte, 1);
    end();
}

static void
packet(uint32_t i, uint64_t time, const char *data, uint32_t len)
{
    begin(PCAPNG_PACKET);
    put32(i);
    put32((uint32_t)(time >> 32));
    put32((uint32_t)time);
    put32(len);
    put32(len);
    buffer_add(&f.file, data, strlen(data));
    end();
}

/* --- reading them --- */

static void
on_frame(void *owner, const struct capture_frame *frame)
{
    char line[64];

    (void)owner;
    snprintf(line, sizeof line, "#%u:%u @%lld %u/%u ", frame->interface,
        frame->linktype, frame->timed ? (long long)frame->time_ns : -1,
        frame->len, frame->wire_len);
    buffer_text(&f.told, line);
    buffer_add(&f.told, frame->data, frame->len);
    buffer_text(&f.told, frame->comment);
    buffer_text(&f.told, "\n");
}

static void
on_event(void *owner, const struct event *e)
{
    char text[256];

    (void)owner;
    event_text(e, text, sizeof text);
    buffer_text(&f.told, text);
    for (unsigned i = 0; i < e->nfields; i++)
        buffer_text(&f.told, e->fields[i].name);
    buffer_text(&f.told, e->func);
}

static void
on_name(void *owner, struct ipv4 addr, const char *name)
{
    (void)owner;
    (void)addr;
    buffer_text(&f.told, name);
}

static const struct capture_calls calls = {
    .frame = on_frame, .event = on_event, .name = on_name};

static int
read_bytes(const void *data, size_t len)
{
    struct pcapng_reader *r = pcapng_reader_new("x", &calls, &f.fault);
    int error;

    f.fault.text[0] = 0;
    buffer_clear(&f.told);
    error = pcapng_reader_feed(r, data, len);
    if (!error)
        error = pcapng_reader_end(r);
    pcapng_reader_free(r);
    buffer_u8(&f.told, 0);
    return error;
}

/* Reads what was made; the reason for refusing it, "" for none. */
static const char *
verdict(void)
{
    int error = read_bytes(f.file.data, f.file.len);

    CHECK_EQ(error, f.fault.text[0] ? -EINVAL : 0);
    return f.fault.text;
}

#define TOLD ((const char *)f.told.data)

/* --- the tests --- */

/* Are both byte orders read, even in one file? */
static void
both_byte_orders(void)
{
    for (int big = 0; big < 2; big++) {
        section(big);
        interface(1, 0, 9);
        packet(0, 0x123456789a, "hello", 5);
    }
    CHECK_TEXT(verdict(), "");
    CHECK_TEXT(TOLD, "#0:1 @78187493530 5/5 hello\n"
                     "#1:1 @78187493530 5/5 hello\n");
}

/* Are the units of time those of the interface? */
static void
units_of_time(void)
{
    section(true);
    interface(101, 0, 0);        /* microseconds when nothing is said */
    interface(1, 0, 3);          /* milliseconds */
    interface(1, 0, 12);         /* picoseconds */
    interface(1, 0, 0x80 | 10);  /* 1/1024 s */
    interface(1, 0, 0x80 | 127); /* absurd, but no trouble */
    interface(1, 0, 127);        /* the same */
    packet(0, 1500000, "a", 1);
    packet(1, 1500, "b", 1);
    packet(2, 1500000000000, "c", 1);
    packet(3, 1536, "d", 1);
    packet(4, UINT64_MAX, "e", 1);
    packet(5, UINT64_MAX, "f", 1);
    packet(1, UINT64_MAX, "g", 1); /* past the end of time */
    CHECK_TEXT(verdict(), "");
    CHECK_TEXT(TOLD, "#0:101 @1500000000 1/1 a\n#1:1 @1500000000 1/1 b\n"
                     "#2:1 @1500000000 1/1 c\n#3:1 @1500000000 1/1 d\n"
                     "#4:1 @0 1/1 e\n#5:1 @0 1/1 f\n"
                     "#1:1 @9223372036854775807 1/1 g\n");
}

/* Are the two older forms of packets read, and unknown blocks skipped? */
static void
other_blocks(void)
{
    section(false);
    begin(0x0a0b0c0d);
    put32(99);
    end();
    interface(1, 3, 9);
    begin(PCAPNG_SIMPLE_PACKET);
    put32(5);
    buffer_text(&f.file, "hel"); /* cut at the interface's limit */
    end();
    begin(PCAPNG_OLD_PACKET);
    put16(0);
    put16(7);
    put32(0);
    put32(1000);
    put32(2);
    put32(60);
    buffer_text(&f.file, "ab");
    buffer_pad4(&f.file);
    put_option(PCAPNG_OPT_COMMENT, "one", 3);
    put_option(2, "flag", 4);
    put_option(PCAPNG_OPT_COMMENT, "two", 3);
    end();
    begin(PCAPNG_JOURNAL); /* somebody else's, under the same number */
    buffer_text(&f.file, "something else");
    end();
    begin(PCAPNG_NAMES);
    put16(PCAPNG_NAME_IPV4);
    put16(8);
    buffer_add(&f.file, "\1\2\3\4web", 8);
    put16(2); /* an IPv6 name */
    put16(20);
    buffer_add(&f.file, "0123456789abcdefsix", 20);
    put32(0);
    end();
    CHECK_TEXT(verdict(), "");
    CHECK_TEXT(TOLD, "#0:1 @-1 3/5 hel\n#0:1 @1000 2/60 abone\ntwo\nweb");
}

/* A journal block with these records. */
static void
journal_block(const void *records, uint32_t len)
{
    begin(PCAPNG_JOURNAL);
    buffer_text(&f.file, PACK_MAGIC);
    buffer_le32(&f.file, len);
    buffer_add(&f.file, records, len);
    end();
}

/* The verdict on a section with these records, without file and place. */
static const char *
records_verdict(const void *records, uint32_t len)
{
    const char *reason;

    buffer_clear(&f.file);
    section(false);
    journal_block(records, len);
    reason = strstr(verdict(), "byte 28: ");
    return reason ? reason + 9 : f.fault.text;
}

/* Are records refused that do not hold together? */
static void
bad_records_are_refused(void)
{
    static const char name[] = "\1\4NONE";
    char big[300] = "\1\xac\2";

    CHECK_TEXT(records_verdict("", 0), "");
    CHECK_TEXT(records_verdict(name, 6), "");
    CHECK_TEXT(
        records_verdict("\11", 1), "a journal record of an unknown kind");
    CHECK_TEXT(records_verdict("\1\5NONE", 6), "a name is cut off");
    CHECK_TEXT(records_verdict("\1\1", 3),
        "a name is empty, too long or holds a zero");
    memset(big + 3, 'a', sizeof big - 3);
    CHECK_TEXT(records_verdict(big, sizeof big), "a name is cut off");
    big[1] = (char)0xa9; /* 297 letters are all there, but too many */
    CHECK_TEXT(records_verdict(big, sizeof big),
        "a name is empty, too long or holds a zero");
    CHECK_TEXT(records_verdict("\2\1\1", 3), "a host record is malformed");
    CHECK_TEXT(records_verdict("\3\1", 2), "a world record is malformed");
    CHECK_TEXT(records_verdict("\4\2\0\0\0\0\0\0\0\1\0\0\0", 13),
        "an event record is malformed"); /* a kind without a name */
    CHECK_TEXT(records_verdict("\4\2\0\0\0\0\0\0\0\0\0\0\0", 13), "");
    CHECK_TEXT(records_verdict("\4\2\0\0\0\0\0\0\0\0\0\0\1\0", 14),
        "an event record is malformed");
    CHECK_TEXT(records_verdict("\4\2\0\0\0\0\0\0\0\0\0\0\1\0\10", 15),
        "a field of an event is malformed"); /* no such type */
    CHECK_TEXT(records_verdict("\4\2\0\0\0\0\0\0\0\0\0\0\1\0\6\2a", 17),
        "a field of an event is malformed"); /* a text cut off */
    CHECK_TEXT(records_verdict("\4\2\0\0\0\0\0\0\0\0\0\0\1\0\x87", 15), "");
    CHECK_TEXT(records_verdict("\4\xff\xff\xff\xff\xff\xff\xff\xff\xff\2", 11),
        "an event record is malformed"); /* more than 64 bits */
}

/* Is a kind that this layerwalk does not know told as none? */
static void
unknown_kinds_are_survived(void)
{
    static const char records[] = "\1\6FUTURE" /* name 1: a kind */
                                  "\1\1x"      /* name 2: a field */
                                  "\4\2\0\0\0\0\0\0\0\1\1\2\1\2\0\5";

    CHECK_TEXT(records_verdict(records, sizeof records - 1), "");
    CHECK_TEXT(TOLD, "xx");
}

/* Are blocks refused that lie about themselves? */
static void
bad_blocks_are_refused(void)
{
    static const char first[] = "x: block 3 at byte 48: ";
    static const struct {
        uint32_t type, len;
        const char *body, *why;
    } blocks[] = {
        {PCAPNG_PACKET, 20, "\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\1\0\0",
            "a packet is longer than its block"},
        {PCAPNG_PACKET, 20,
            "\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
            "a packet is longer than its block"},
        {PCAPNG_PACKET, 20, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            "a packet of an interface that was not described"},
        {PCAPNG_PACKET, 24, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\4\0",
            "the options of a packet are malformed"},
        {PCAPNG_SIMPLE_PACKET, 4, "\1\0\0",
            "a packet is longer than its block"},
        {PCAPNG_INTERFACE, 4, "\1\0\0",
            "an interface description is malformed"},
        {PCAPNG_NAMES, 4, "\1\0\4", "a names block is malformed"},
        {PCAPNG_NAMES, 12, "\1\0\5\0abcdx\0\0",
            "a name without its final zero"},
        {PCAPNG_JOURNAL, 12, "layerwk\1\1\0\0", "a journal block is cut off"},
        {PCAPNG_JOURNAL, 12, "layerwk\2\0\0\0",
            "a journal written by a newer layerwalk"},
    };

    for (size_t i = 0; i < LW_COUNT(blocks); i++) {
        buffer_clear(&f.file);
        section(false);
        interface(1, 0, 0);
        begin(blocks[i].type);
        buffer_add(&f.file, blocks[i].body, blocks[i].len);
        end();
        CHECK(strncmp(verdict(), first, strlen(first)) == 0);
        CHECK_TEXT(f.fault.text + strlen(first), blocks[i].why);
    }
}

/* Are lengths refused that lead nowhere, before memory is taken? */
static void
bad_lengths_are_refused(void)
{
    static const struct {
        uint32_t before, after;
        const char *why;
    } lengths[] = {
        {0, 12, "an impossible block length"},
        {8, 8, "an impossible block length"},
        {13, 13, "an impossible block length"},
        {0xfffffffc, 12, "a block of more than 16 MiB"},
        {12, 16, "the lengths before and after a block differ"},
        {16, 16, "the file ends in the middle of it"},
    };

    for (size_t i = 0; i < LW_COUNT(lengths); i++) {
        buffer_clear(&f.file);
        section(false);
        put32(5);
        put32(lengths[i].before);
        put32(lengths[i].after);
        CHECK(strncmp(verdict(), "x: block 2 at byte 28: ", 23) == 0);
        CHECK_TEXT(f.fault.text + 23, lengths[i].why);
    }
    buffer_clear(&f.file);
    CHECK_TEXT(verdict(), "x: the file is empty");
    interface(1, 0, 0);
    CHECK_TEXT(verdict(), "x: block 1 at byte 0: this is not a pcapng file");
}

/* A frame longer than any that tools capture is cut where they would. */
static void
a_very_long_frame_is_cut(void)
{
    static uint8_t data[300000];

    memset(data, 'x', sizeof data);
    section(false);
    interface(1, 0, 0);
    begin(PCAPNG_PACKET);
    put32(0);
    put32(0);
    put32(0);
    put32(sizeof data);
    put32(sizeof data);
    buffer_add(&f.file, data, sizeof data);
    end();
    begin(PCAPNG_SIMPLE_PACKET);
    put32(sizeof data);
    buffer_add(&f.file, data, sizeof data);
    end();
    CHECK_TEXT(verdict(), "");
    CHECK(strstr(TOLD, "@0 262144/300000 ") != NULL);
    CHECK(strstr(TOLD, "@-1 262144/300000 ") != NULL);
}

/* Is there an end to what a file can make us remember? */
static void
memory_is_bounded(void)
{
    section(false);
    for (int i = 0; i < 4097; i++)
        interface(1, 0, 0);
    CHECK(strstr(verdict(), "too many interfaces") != NULL);
    buffer_clear(&f.file);
    section(false);
    for (int i = 0; i < 65536; i++)
        journal_block("\1\1a", 3);
    CHECK(strstr(verdict(), "more names than any layerwalk") != NULL);
}

static CU_TestInfo cases[] = {
    TEST(both_byte_orders),
    TEST(units_of_time),
    TEST(other_blocks),
    TEST(bad_records_are_refused),
    TEST(unknown_kinds_are_survived),
    TEST(bad_blocks_are_refused),
    TEST(bad_lengths_are_refused),
    TEST(a_very_long_frame_is_cut),
    TEST(memory_is_bounded),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_capture_foreign = {
    .pName = "capture_foreign",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown,
};
