/*
 * test_sendfile.c: a file that is lent to the send buffer (page.h) instead
 * of copied: does anybody see a difference but in what was copied?
 *
 * The disk under test keeps one file in memory and lends pages of a size
 * that no segment fits, or refuses to; one run of each kind, everything else
 * the same, must put the same frames on the wire at the same instants.
 */
#include "check.h"
#include "net_programs.h"
#include "page.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIZE = 400001,
    PAGE = 30011, /* bytes in a page */
    MOST = 1000000
};

struct lent_page {
    struct page page;
    uint8_t bytes[PAGE];
};

static struct net net;
static uint8_t file[SIZE], want[MOST], got[MOST];
static size_t nwant, ngot, size; /* size: of the file now */
static bool lends;
static unsigned pages_out, pages_made;
static int ended; /* what read returned last at the receiver */

/* --- the disk ------------------------------------------------------------ */

static int
disk_open(struct disk *d, const char *path, int flags, mode_t mode)
{
    (void)d, (void)path, (void)flags, (void)mode;
    return 1;
}

static int
disk_fstat(struct disk *d, int handle, struct stat *st)
{
    (void)d, (void)handle;
    *st = (struct stat){.st_mode = S_IFREG | 0644, .st_size = (off_t)size};
    return 0;
}

static ssize_t
disk_pread(struct disk *d, int handle, void *buf, size_t len, off_t offset)
{
    size_t at = (size_t)offset;

    (void)d, (void)handle;
    if (at >= size)
        return 0;
    /* As much as a page has, so that both kinds of runs hand on as much. */
    if (len > PAGE - at % PAGE)
        len = PAGE - at % PAGE;
    if (len > size - at)
        len = size - at;
    memcpy(buf, file + at, len);
    return (ssize_t)len;
}

static void
page_free(struct page *p)
{
    pages_out--;
    free(LW_CONTAINER(p, struct lent_page, page));
}

static struct page *
disk_page(struct disk *d, int handle, off_t offset)
{
    size_t at = (size_t)offset - (size_t)offset % PAGE;
    struct lent_page *l = calloc(1, sizeof *l);

    (void)d, (void)handle;
    if (!lends || (size_t)offset >= size) {
        free(l);
        return NULL;
    }
    l->page = (struct page){l->bytes,
        (uint32_t)(size - at < PAGE ? size - at : PAGE), at, 1, page_free};
    memcpy(l->bytes, file + at, l->page.len);
    pages_out++;
    pages_made++;
    return &l->page;
}

static void
disk_close(struct disk *d, int handle)
{
    (void)d, (void)handle;
}

static void
disk_free(struct disk *d)
{
    (void)d;
}

static struct disk disk = {.open = disk_open,
    .fstat = disk_fstat,
    .pread = disk_pread,
    .close = disk_close,
    .free = disk_free,
    .page = disk_page};

/* --- the programs -------------------------------------------------------- */

static int
reader(struct proc *p, int argc, char **argv)
{
    int fd = net_listen(p, 80), c = sys_accept4(p, fd, NULL, NULL, 0);

    (void)argc, (void)argv;
    while ((ended = (int)sys_read(p, c, got + ngot, MOST - ngot)) > 0)
        ngot += (size_t)ended;
    return 0;
}

static int
connected(struct proc *p)
{
    struct sockaddr_in in = net_at("10.0.0.2", 80);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);

    CHECK_EQ(sys_connect(p, fd, (void *)&in, sizeof in), 0);
    return fd;
}

static void
expect(const void *bytes, size_t len)
{
    memcpy(want + nwant, bytes, len);
    nwant += len;
}

static void
say(struct proc *p, int fd, const char *text)
{
    CHECK_EQ(sys_sendto(p, fd, text, strlen(text), MSG_MORE, NULL, 0),
        (ssize_t)strlen(text));
    expect(text, strlen(text));
}

/* `len` bytes of the file from `from` on. */
static void
give(struct proc *p, int fd, int in, off_t from, size_t len)
{
    off_t offset = from;

    CHECK_EQ(sys_sendfile(p, fd, in, &offset, len), (ssize_t)len);
    CHECK_EQ(offset, from + (off_t)len);
    expect(file + from, len);
}

/* Files, pieces of files and text of the program's own in turn. */
static int
writer(struct proc *p, int argc, char **argv)
{
    int fd = connected(p), in = sys_open(p, "/f", O_RDONLY, 0);

    (void)argc, (void)argv;
    say(p, fd, "head of the first\r\n");
    give(p, fd, in, 0, SIZE);
    say(p, fd, "odd");
    give(p, fd, in, 7, 5000);
    give(p, fd, in, 5007, 100000); /* goes on where the last one ended */
    give(p, fd, in, 3, 3000);      /* too short to be lent */
    say(p, fd, "in between");
    give(p, fd, in, 200000, 77777);
    CHECK_EQ(sys_close(p, in), 0);
    CHECK_EQ(sys_close(p, fd), 0);
    return 0;
}

/* --- the runs ------------------------------------------------------------ */

static void
start(program_main *main)
{
    nwant = ngot = 0;
    size = SIZE;
    ended = -1;
    pages_made = 0;
    net_pair_disk(&net, 1, &disk);
    net_start(net.b, "reader", reader);
    net_start(net.a, "writer", main);
}

/* All frames of a run, with their instants, as one number; and how many. */
static uint64_t
frames(unsigned *n)
{
    uint64_t h = FNV_BEGIN;
    const struct event *e;

    for (*n = 0; (e = recorder_find(&net.rec, EV_FRAME_SENT, *n)); ++*n) {
        const struct field *bytes = event_field(e, "bytes");

        h = fnv(h, &e->at, sizeof e->at);
        h = fnv(h, bytes->at, bytes->len);
    }
    return h;
}

static uint64_t
sum_of(const char *field)
{
    uint64_t sum = 0;
    const struct event *e;

    for (unsigned i = 0; (e = recorder_find(&net.rec, EV_SENDFILE, i)); i++)
        sum += strtoull(recorder_text(e, field, 0), NULL, 10);
    return sum;
}

static unsigned lost; /* one frame in so many is; 0: none */

static enum cable_fate
fate(void *owner, uint64_t n, const struct pkt *p)
{
    (void)owner, (void)p;
    return lost && n > 8 && n % lost == 3 ? FATE_LOSE : FATE_DELIVER;
}

/* One run of the writer. */
static uint64_t
run(bool lend, unsigned *n)
{
    uint64_t h;

    lends = lend;
    start(writer);
    cable_set_fate(net.left, fate, NULL);
    net_run(&net, 300 * LW_S);
    CHECK_EQ(ngot, nwant);
    CHECK(memcmp(got, want, nwant) == 0);
    CHECK_EQ(ended, 0);
    CHECK_EQ(sum_of("lent") + sum_of("copied"), SIZE + 5000 + 100000 + 80777);
    /* What was lent, and not more, by the pages' own account. */
    if (lend)
        CHECK(sum_of("lent") > 500000);
    else
        CHECK_EQ(sum_of("lent"), 0);
    CHECK_EQ(pages_made > 0, lend);
    CHECK_EQ(pages_out, 0); /* all is acknowledged */
    h = frames(n);
    net_close(&net);
    return h;
}

/* Does the wire carry the same, nothing lost, and with every 40th, every 7th
 * or every 3rd frame lost, whichever way it goes? */
static void
same_frames_as_by_copying(void)
{
    static const unsigned each[] = {0, 40, 7, 3};

    for (unsigned i = 0; i < LW_COUNT(each); i++) {
        unsigned copied, lent;

        lost = each[i];
        CHECK_EQ(run(false, &copied), run(true, &lent));
        CHECK_EQ(lent, copied);
        CHECK(lent > 350);
    }
    lost = 0;
}

/* --- what changes under way ---------------------------------------------- */

static int
slow_writer(struct proc *p, int argc, char **argv)
{
    int fd = connected(p), in = sys_open(p, "/f", O_RDONLY, 0);
    off_t offset = 0;
    ssize_t n;

    (void)argc, (void)argv;
    CHECK_EQ(sys_fcntl(p, fd, F_SETFL, O_NONBLOCK), 0);
    n = sys_sendfile(p, fd, in, &offset, SIZE);
    CHECK(n > 10000);
    expect(file, (size_t)n);
    size = 100; /* somebody cuts the file off */
    memset(file, 'z', SIZE);
    CHECK_EQ(sys_sendfile(p, fd, in, &offset, SIZE), 0);
    CHECK_EQ(sys_close(p, fd), 0);
    return 0;
}

/* A file that becomes shorter, and other, while it is being sent: what was
 * handed over arrives as it was. */
static void
the_file_changes(void)
{
    lends = true;
    lost = 5;
    start(slow_writer);
    cable_set_fate(net.left, fate, NULL);
    net_run(&net, 60 * LW_S);
    CHECK_EQ(ngot, nwant);
    CHECK(memcmp(got, want, nwant) == 0);
    CHECK_EQ(pages_out, 0);
    net_close(&net);
}

static int
aborter(struct proc *p, int argc, char **argv)
{
    int fd = connected(p), in = sys_open(p, "/f", O_RDONLY, 0);
    struct linger now = {1, 0};
    off_t offset = 0;

    (void)argc, (void)argv;
    CHECK_EQ(sys_fcntl(p, fd, F_SETFL, O_NONBLOCK), 0);
    CHECK(sys_sendfile(p, fd, in, &offset, SIZE) > 0);
    CHECK(pages_out > 0);
    CHECK_EQ(sys_setsockopt(p, fd, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    CHECK_EQ(sys_close(p, fd), 0);
    CHECK_EQ(pages_out, 0);
    return 0;
}

/* A connection that is reset gives its pages back; and so does a world that
 * ends while they are out. */
static void
nothing_is_kept(void)
{
    lends = true;
    start(aborter);
    net_run(&net, LW_S);
    CHECK_EQ(ended, -ECONNRESET);
    net_close(&net);

    start(writer);
    net_run(&net, 5 * LW_MS);
    CHECK(pages_out > 0);
    net_close(&net);
    CHECK_EQ(pages_out, 0);
}

static void
setup(void)
{
    for (size_t i = 0; i < SIZE; i++)
        file[i] = (uint8_t)(i * 7 + i / 251);
}

static CU_TestInfo cases[] = {TEST(same_frames_as_by_copying),
    TEST(the_file_changes), TEST(nothing_is_kept), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_sendfile = {
    .pName = "sendfile", .pTests = cases, .pSetUpFunc = setup};
