/*
 * test_capture_source.c: where captures come from, and what becomes of them:
 * a pipe instead of a file, a folder, a file that ends sooner than it did;
 * times at the ends of the scale, and interfaces whose clock is put off.
 */
#include "check.h"
#include "buffer.h"
#include "capture.h"
#include "made_capture.h"
#include "pcapng.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    char path[64];
    struct fault fault;
    struct buffer file; /* being made by hand */
    uint64_t sum;       /* of all frames */
    unsigned frames, linktype;
    int64_t first_ns, last_ns;
    uint64_t offset; /* of the last frame */
    uint32_t len;
} f;

static void
setup(void)
{
    memset(&f, 0, sizeof f);
    snprintf(f.path, sizeof f.path, "/tmp/layerwalk-source-%d", (int)getpid());
}

static void
teardown(void)
{
    buffer_free(&f.file);
    unlink(f.path);
}

static void
on_frame(void *owner, const struct capture_frame *frame)
{
    (void)owner;
    f.sum = fnv(f.frames ? f.sum : FNV_BEGIN, frame->data, frame->len);
    if (!f.frames++)
        f.first_ns = frame->time_ns;
    f.last_ns = frame->time_ns;
    f.linktype = frame->linktype;
    f.offset = frame->offset;
    f.len = frame->len;
}

static const struct capture_calls calls = {.frame = on_frame};

static int
read_at(const char *path)
{
    f.frames = 0;
    f.fault.text[0] = '\0';
    return capture_read(path, &calls, &f.fault);
}

static bool
make(uint64_t frames, bool pcapng)
{
    FILE *file = fopen(f.path, "wb");
    bool good = file && made_capture(file, frames, pcapng, false);

    return CHECK(file && fclose(file) == 0 && good);
}

/* The same through a pipe, whose bytes come once. */
static void
as_from_a_file(bool pcapng)
{
    char command[100], path[40];
    unsigned frames;
    uint64_t sum;
    FILE *from;

    if (!make(200, pcapng) || !CHECK_EQ(read_at(f.path), 0))
        return;
    frames = f.frames;
    sum = f.sum;
    CHECK_EQ(frames, 200);
    snprintf(command, sizeof command, "cat %s", f.path);
    from = popen(command, "r");
    REQUIRE(from != NULL);
    snprintf(path, sizeof path, "/dev/fd/%d", fileno(from));
    CHECK_EQ(read_at(path), 0);
    CHECK_EQ(f.frames, frames);
    CHECK(f.sum == sum);
    pclose(from);
}

static void
a_pipe_is_read_like_a_file(void)
{
    as_from_a_file(true);
    as_from_a_file(false);
}

/* A frame can be looked at again, though the pipe is empty by now; but not
 * behind the end. */
static void
a_frame_of_a_pipe_is_read_again(void)
{
    char command[100], path[40];
    uint8_t again[2000];
    struct capture *c;
    FILE *from;

    REQUIRE(make(50, true));
    snprintf(command, sizeof command, "cat %s", f.path);
    from = popen(command, "r");
    REQUIRE(from != NULL);
    snprintf(path, sizeof path, "/dev/fd/%d", fileno(from));
    REQUIRE(capture_open(path, &calls, &f.fault, &c) == 0);
    while (capture_more(c, 1000) > 0)
        ;
    CHECK_EQ(capture_more(c, 1000), 0);
    CHECK_EQ(f.frames, 50);
    REQUIRE(f.len <= sizeof again);
    CHECK_EQ(capture_again(c, f.offset, again, f.len), 0);
    CHECK_EQ(capture_again(c, f.offset + 100000, again, 1), -EIO);
    capture_close(c);
    pclose(from);
}

static void
what_cannot_be_read_says_why(void)
{
    CHECK_EQ(read_at("/tmp"), -EISDIR);
    CHECK(strstr(f.fault.text, "/tmp: cannot be read: Is a directory"));
    CHECK_EQ(read_at("/dev/null"), -EINVAL);
    CHECK(strstr(f.fault.text, "the file is empty"));
    CHECK_EQ(read_at("/none/such"), -ENOENT);
    CHECK(strstr(f.fault.text, "cannot be opened"));
    CHECK_EQ(f.frames, 0);
}

/* --- made by hand -------------------------------------------------------- */

static int
read_made(void)
{
    FILE *file = fopen(f.path, "wb");

    if (!CHECK(file && !f.file.failed &&
               fwrite(f.file.data, 1, f.file.len, file) == f.file.len &&
               fclose(file) == 0))
        return -1;
    return read_at(f.path);
}

/* A classic file with one frame of four bytes. */
static void
classic(uint32_t magic, uint32_t linktype, uint32_t seconds, uint32_t part)
{
    buffer_clear(&f.file);
    buffer_le32(&f.file, magic);
    buffer_le16(&f.file, 2);
    buffer_le16(&f.file, 4);
    buffer_le32(&f.file, 0);
    buffer_le32(&f.file, 0);
    buffer_le32(&f.file, 65535);
    buffer_le32(&f.file, linktype);
    buffer_le32(&f.file, seconds);
    buffer_le32(&f.file, part);
    if (magic == 0xa1b2cd34) { /* Kuznetsov's: interface, protocol, type */
        buffer_le32(&f.file, 4);
        buffer_le32(&f.file, 4);
        buffer_le32(&f.file, 0);
        buffer_le32(&f.file, 0);
    } else {
        buffer_le32(&f.file, 4);
        buffer_le32(&f.file, 4);
    }
    buffer_le32(&f.file, 0x01020304);
}

static void
classic_files_have_their_times_and_links(void)
{
    classic(0xa1b2c3d4, 1, 5, 7);
    CHECK_EQ(read_made(), 0);
    CHECK_EQ(f.last_ns, 5 * LW_S + 7000);
    CHECK_EQ(f.linktype, 1);
    CHECK_EQ(f.offset, 24 + 16);
    classic(0xa1b23c4d, 101, 5, 7); /* nanoseconds; raw IP */
    CHECK_EQ(read_made(), 0);
    CHECK_EQ(f.last_ns, 5 * LW_S + 7);
    CHECK_EQ(f.linktype, 101);
    classic(0xa1b2cd34, 1, 6, 8);
    CHECK_EQ(read_made(), 0);
    CHECK_EQ(f.last_ns, 6 * LW_S + 8000);
    CHECK_EQ(f.offset, 24 + 24);
    CHECK_EQ(f.len, 4);
}

static void
put32(bool big, uint32_t v)
{
    buffer_le32(&f.file, big ? __builtin_bswap32(v) : v);
}

/* An interface whose times count from `offset` seconds on. */
static void
put_off(bool big, int64_t offset)
{
    uint64_t o = (uint64_t)offset;

    buffer_clear(&f.file);
    put32(big, PCAPNG_SECTION);
    put32(big, 28);
    put32(big, PCAPNG_BYTE_ORDER);
    buffer_le32(&f.file, big ? 0x00000100 : 0x00000001);
    put32(big, UINT32_MAX);
    put32(big, UINT32_MAX);
    put32(big, 28);
    put32(big, PCAPNG_INTERFACE);
    put32(big, 36);
    buffer_le32(&f.file, big ? 0x00000100 : 0x00000001);
    put32(big, 0);
    buffer_le32(&f.file, big ? 0x08000e00 : 0x0008000e); /* if_tsoffset */
    put32(big, (uint32_t)(big ? o >> 32 : o));
    put32(big, (uint32_t)(big ? o : o >> 32));
    put32(big, 0);
    put32(big, 36);
    put32(big, PCAPNG_PACKET);
    put32(big, 36);
    put32(big, 0);
    put32(big, 0);
    put32(big, 3000000); /* microseconds */
    put32(big, 4);
    put32(big, 4);
    buffer_le32(&f.file, 0x04030201);
    put32(big, 36);
}

static void
an_interface_puts_its_clock_off(void)
{
    for (unsigned big = 0; big < 2; big++) {
        put_off(big, 1700000000);
        CHECK_EQ(read_made(), 0);
        CHECK_EQ(f.last_ns, (1700000000 + 3) * LW_S);
        put_off(big, -2);
        CHECK_EQ(read_made(), 0);
        CHECK_EQ(f.last_ns, LW_S);
        put_off(big, INT64_MIN); /* the ends of the scale hold */
        CHECK_EQ(read_made(), 0);
        CHECK_EQ(f.last_ns, INT64_MIN);
        put_off(big, INT64_MAX);
        CHECK_EQ(read_made(), 0);
        CHECK_EQ(f.last_ns, INT64_MAX);
    }
}

/* What capture_read answers in a process whose files may not grow beyond
 * `most` bytes, negated. */
static int
read_with_little_room(const char *path, rlim_t most)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        struct rlimit all, tight;

        getrlimit(RLIMIT_FSIZE, &all);
        tight = (struct rlimit){most, all.rlim_max};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &tight);
        status = -read_at(path);
        setrlimit(RLIMIT_FSIZE, &all); /* coverage is written, too */
        check_leave(status);
    }
    CHECK_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* No room for what a pipe brings: is that said, be it much, or so little that
 * only the last write fails? */
static void
a_pipe_needs_room(void)
{
    static const unsigned frames[] = {1, 2000};

    for (unsigned i = 0; i < LW_COUNT(frames); i++)
        for (int tight = 0; tight < 2; tight++) {
            char command[100], path[40];
            FILE *from;

            REQUIRE(make(frames[i], true));
            snprintf(command, sizeof command, "cat %s", f.path);
            from = popen(command, "r");
            REQUIRE(from != NULL);
            snprintf(path, sizeof path, "/dev/fd/%d", fileno(from));
            CHECK_EQ(read_with_little_room(path, tight ? 50 : 1 << 24),
                tight ? EFBIG : 0);
            pclose(from);
        }
}

static CU_TestInfo cases[] = {
    TEST(a_pipe_is_read_like_a_file),
    TEST(a_frame_of_a_pipe_is_read_again),
    TEST(a_pipe_needs_room),
    TEST(what_cannot_be_read_says_why),
    TEST(classic_files_have_their_times_and_links),
    TEST(an_interface_puts_its_clock_off),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_capture_source = {.pName = "capture_source",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
