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

static CU_TestInfo cases[] = {TEST(files_inside_are_read),
    TEST(nothing_outside_is_reached), TEST(files_are_written_unless_read_only),
    TEST(a_missing_folder_is_a_fault), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_folder = {.pName = "folder",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
