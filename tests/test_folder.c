/*
 * test_folder.c: a disk on a real folder: does it serve what is inside, and
 * nothing else?
 */
#include "check.h"
#include "folder.h"
#include "shell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static struct disk *disk;

static struct disk *
open_disk(struct folder_options o)
{
    struct fault fault = {{0}};
    char path[300];
    struct disk *d;

    snprintf(path, sizeof path, "%s/root", shell_tmp());
    d = folder_new(path, &o, &fault);
    CHECK_TEXT(fault.text, "");
    return d;
}

static void
setup(void)
{
    struct shell s = shell("rm -rf $TMP/root && mkdir -p $TMP/root/etc && "
                           "cd $TMP/root && echo hello >etc/f && "
                           "echo secret >../secret && "
                           "ln -s ../../../secret etc/up && "
                           "ln -s /etc/f absolute && "
                           "ln -s /proc/self/cwd magic && mkfifo fifo && "
                           "chmod 750 etc/f");

    CHECK_EQ(s.status, 0);
    shell_free(&s);
    disk = open_disk((struct folder_options){.fixed = true, .time = 1000});
}

static void
teardown(void)
{
    if (disk)
        disk->free(disk);
    shell_clean();
}

static void
files_inside_are_read(void)
{
    struct stat st, again;
    char buf[10];
    int h = disk->open(disk, "/etc/f", O_RDONLY, 0);

    REQUIRE(h >= 0);
    CHECK_EQ(disk->pread(disk, h, buf, sizeof buf, 1), 5);
    CHECK_MEM(buf, "ello\n", 5);
    CHECK_EQ(disk->fstat(disk, h, &st), 0);
    CHECK_EQ(st.st_size, 6);
    CHECK_EQ(st.st_mtim.tv_sec, 1000);
    CHECK_EQ(st.st_uid, 0);
    CHECK_EQ(st.st_mode, S_IFREG | 0755);
    CHECK_EQ(disk->stat(disk, "/etc/f", &again), 0);
    CHECK_MEM(&st, &again, sizeof st);
    disk->close(disk, h);
    CHECK_EQ(disk->pread(disk, h, buf, 1, 0), -EBADF);
    CHECK_EQ(disk->open(disk, "/etc/none", O_RDONLY, 0), -ENOENT);
    h = disk->open(disk, "/etc", O_RDONLY, 0);
    CHECK_EQ(disk->pread(disk, h, buf, 1, 0), -EISDIR);
}

static void
nothing_outside_is_reached(void)
{
    static const char *const ways[] = {"/etc/up", "/../secret",
        "/etc/../../secret", "../../secret", "/../../../etc/passwd"};
    char buf[10];
    int h;

    for (size_t i = 0; i < LW_COUNT(ways); i++)
        CHECK_EQ(disk->open(disk, ways[i], O_RDONLY, 0), -ENOENT);
    /* An absolute link leads to the root of this disk. */
    h = disk->open(disk, "/absolute", O_RDONLY, 0);
    REQUIRE(h >= 0);
    CHECK_EQ(disk->pread(disk, h, buf, 5, 0), 5);
    CHECK_MEM(buf, "hello", 5);
    CHECK(disk->open(disk, "/magic/secret", O_RDONLY, 0) < 0);
    CHECK_EQ(disk->unlink(disk, "/etc/../../secret"), -ENOENT);
    CHECK_EQ(disk->open(disk, "/etc/f", O_PATH, 0), -EINVAL);
    h = disk->open(disk, "/fifo", O_RDONLY, 0); /* does not hang */
    CHECK_EQ(disk->pread(disk, h, buf, 1, 0), -ESPIPE);
}

static void
files_are_written_unless_read_only(void)
{
    struct stat st;
    int h = disk->open(disk, "/etc/new", O_WRONLY | O_CREAT, 0644);

    REQUIRE(h >= 0);
    CHECK_EQ(disk->pwrite(disk, h, "ab", 2, 0), 2);
    CHECK_EQ(disk->pwrite(disk, h, "cd", 2, -1), 2);
    CHECK_EQ(disk->fstat(disk, h, &st), 0);
    CHECK_EQ(st.st_size, 4);
    CHECK_EQ(disk->unlink(disk, "/etc/new"), 0);
    CHECK_EQ(disk->stat(disk, "/etc/new", &st), -ENOENT);
    disk->free(disk);
    disk = open_disk((struct folder_options){.read_only = true});
    CHECK_EQ(disk->open(disk, "/etc/new", O_WRONLY | O_CREAT, 0644), -EROFS);
    CHECK_EQ(disk->unlink(disk, "/etc/f"), -EROFS);
    CHECK_EQ(disk->stat(disk, "/etc/f", &st), 0);
}

static void
a_missing_folder_is_a_fault(void)
{
    struct fault fault = {{0}};

    CHECK(!folder_new("/no/such", &(struct folder_options){0}, &fault));
    CHECK_TEXT(fault.text, "/no/such: No such file or directory");
}

/* The page of f at `offset`; its reference is the caller's. */
static struct page *
page_of(struct disk *d, const char *path, off_t offset)
{
    int h = d->open(d, path, O_RDONLY, 0);
    struct page *p = h < 0 ? NULL : d->page(d, h, offset);

    CHECK(h >= 0);
    d->close(d, h);
    return p;
}

/* Is what lies in memory the file as it is now? */
static void
pages_are_the_file_s(void)
{
    static const char change[] =
        "cd $TMP/root/etc && echo HELLO, WORLD >f && head -c 70000 /dev/zero "
        "| tr '\\0' y >long";
    struct page *old = page_of(disk, "/etc/f", 0), *p;
    struct shell s;

    REQUIRE(old != NULL);
    CHECK_EQ(old->len, 6);
    CHECK(memcmp(old->data, "hello\n", 6) == 0);
    CHECK(page_of(disk, "/etc/f", 6) == NULL); /* the end */
    CHECK(page_of(disk, "/etc", 0) == NULL);
    CHECK(page_of(disk, "/fifo", 0) == NULL);
    s = shell(change);
    CHECK_EQ(s.status, 0);
    shell_free(&s);
    p = page_of(disk, "/etc/f", 5);
    REQUIRE(p != NULL);
    CHECK_EQ(p->len, 13);
    CHECK_EQ(p->at, 0);
    CHECK(memcmp(p->data, "HELLO", 5) == 0);
    CHECK(memcmp(old->data, "hello\n", 6) == 0); /* whoever sends it still */
    page_put(p);
    page_put(old);
    p = page_of(disk, "/etc/long", 69999); /* not in the first one */
    REQUIRE(p != NULL);
    CHECK_EQ(p->at + p->len, 70000);
    CHECK(p->at > 0);
    CHECK_EQ(p->data[0], 'y');
    page_put(p);
}

/* What is found of a file by fstat is good for the rest of a turn, unless it
 * is written through the disk itself. */
static void
a_turn_sees_one_state(void)
{
    int h = disk->open(disk, "/etc/f", O_RDWR, 0);
    struct page *p[4];
    struct stat st;
    struct shell s;

    REQUIRE(h >= 0);
    disk->turn = 7;
    CHECK_EQ(disk->fstat(disk, h, &st), 0);
    CHECK_EQ(st.st_size, 6);
    s = shell("echo ' and so on' >>$TMP/root/etc/f");
    CHECK_EQ(s.status, 0);
    shell_free(&s);
    p[0] = disk->page(disk, h, 0);
    disk->turn++;
    p[1] = disk->page(disk, h, 0);
    CHECK_EQ(disk->pwrite(disk, h, "!", 1, -1), 1);
    p[2] = disk->page(disk, h, 0);
    disk->close(disk, h);
    h = disk->open(disk, "/etc/empty", O_CREAT | O_RDWR, 0600);
    p[3] = disk->page(disk, h, 0); /* the same number, another file */
    disk->close(disk, h);
    CHECK(p[0] && p[0]->len == 6);
    CHECK(p[1] && p[1]->len == 17);
    CHECK(p[2] && p[2]->len == 18);
    CHECK(p[3] == NULL);
    for (int i = 0; i < 4; i++)
        page_put(p[i]);
}

/* A file at rest is read once, and its page outlives the disk. */
static void
pages_are_kept(void)
{
    struct fault fault = {{0}};
    struct disk *d =
        folder_new(".", &(struct folder_options){.read_only = true}, &fault);
    struct page *one, *two;

    REQUIRE(d != NULL);
    one = page_of(d, "/Makefile", 0);
    two = page_of(d, "/Makefile", 100);
    CHECK(one && one == two);
    page_put(two);
    d->free(d);
    REQUIRE(one != NULL);
    CHECK_EQ(one->refs, 1);
    CHECK_EQ(one->data[one->len - 1], '\n');
    page_put(one);
}

/* A file that has less than it says, as all of sysfs(5) have, or behind a
 * place that cannot be read: there is no page that lacks what it is asked
 * for, whether it was read before or not. */
static void
pages_hold_what_is_asked_for(void)
{
    struct fault fault = {{0}};
    struct disk *d = folder_new("/sys/devices/system/cpu",
        &(struct folder_options){.read_only = true}, &fault);
    struct page *p = d ? page_of(d, "/online", 0) : NULL;

    if (!p)
        printf("    (no sysfs here)\n");
    CHECK(!p || p->len < 100);
    page_put(p);
    p = p ? page_of(d, "/online", 100) : NULL;
    CHECK(p == NULL);
    page_put(p);
    if (d)
        d->free(d);
}

static CU_TestInfo cases[] = {TEST(files_inside_are_read),
    TEST(nothing_outside_is_reached), TEST(files_are_written_unless_read_only),
    TEST(a_missing_folder_is_a_fault), TEST(pages_are_the_file_s),
    TEST(a_turn_sees_one_state), TEST(pages_are_kept),
    TEST(pages_hold_what_is_asked_for), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_folder = {.pName = "folder",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
