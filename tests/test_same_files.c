/*
 * test_same_files.c: an independent hand for the system calls that work on
 * files: the same calls on the same folder by our kernel, whose disk it is
 * (stack/folder.h), and by the Linux under this program. Results, errno,
 * bytes and offsets must be the same, and so must the files afterwards.
 */
#include "check.h"
#include "folder.h"
#include "kernel_fixture.h"
#include "proc.h"
#include "same_words.h"
#include "shell.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct files {
    struct proc *p; /* NULL: Linux */
    char out[8192];
    size_t used;
    void (*script)(void);
    bool ended;
} f;

static struct disk *disk;

static void
setup(void)
{
    struct shell s = shell("rm -rf $TMP/root; mkdir -p $TMP/root/d/e && "
                           "cd $TMP/root && printf 0123456789 >f && "
                           "printf abc >d/g && ln -s f link && ln -s none to");
    struct fault fault = {""};
    char path[300];

    CHECK_EQ(s.status, 0);
    shell_free(&s);
    snprintf(path, sizeof path, "%s/root", shell_tmp());
    disk = folder_new(path, &(struct folder_options){.fixed = false}, &fault);
    CHECK_TEXT(fault.text, "");
    sim_setup();
    sim.k->disk = disk;
}

static void
teardown(void)
{
    sim_teardown();
    disk->free(disk);
    shell_clean();
}

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    f.used +=
        (size_t)vsnprintf(f.out + f.used, sizeof f.out - f.used, format, ap);
    va_end(ap);
    if (f.used >= sizeof f.out)
        f.used = sizeof f.out - 1;
}

static long
result(const char *call, long ret)
{
    say("\n%s: %ld ", call, ret);
    return ret;
}

#define DO(ours_, theirs_) (f.p ? (long)(ours_) : same_real((long)(theirs_)))

/* --- the calls, on either side ------------------------------------------  */

/* "" and what is too long are no paths in the folder. */
static const char *
real(const char *path)
{
    static char buf[2 * PATH_MAX];

    /* the root is where `.` is: it has no name that it could be reached by */
    snprintf(buf, sizeof buf, "%s/root%s", shell_tmp(),
        strcmp(path, "/") == 0 ? "/." : path);
    return *path && strlen(path) < PATH_MAX ? buf : path;
}

static int
do_open(const char *path, int flags)
{
    long fd = DO(sys_open(f.p, path, flags, 0644),
        open(real(path), flags | O_CLOEXEC, 0644));

    result("open", fd < 0 ? fd : 0);
    return (int)fd;
}

static void
do_pipe(int fd[2], int flags)
{
    result("pipe", DO(sys_pipe2(f.p, fd, flags), pipe2(fd, flags)));
}

static void
do_close(int fd)
{
    result("close", DO(sys_close(f.p, fd), close(fd)));
}

static void
do_read(int fd, size_t len)
{
    char buf[100] = "";
    struct iovec v[3] = {{buf, len / 3}, {buf + len / 3, len / 3},
        {buf + len / 3 * 2, len - len / 3 * 2}};

    result("readv", DO(sys_readv(f.p, fd, v, 3), readv(fd, v, 3)));
    say("\"%s\" ", buf);
}

static void
do_pread(int fd, size_t len, off_t at)
{
    char buf[100] = "";

    result("pread",
        DO(sys_pread64(f.p, fd, buf, len, at), pread(fd, buf, len, at)));
    say("\"%s\" ", buf);
}

static void
do_write(int fd, const char *text)
{
    char copy[100];
    size_t n = strlen(text) / 2;
    struct iovec v[2] = {{copy, n}, {copy + n, strlen(text) - n}};

    snprintf(copy, sizeof copy, "%s", text);
    result("writev", DO(sys_writev(f.p, fd, v, 2), writev(fd, v, 2)));
}

static void
do_stat(const char *path, int fd)
{
    struct stat st = {.st_size = -1};
    long ret = path ? DO(sys_stat(f.p, path, &st), stat(real(path), &st))
                    : DO(sys_fstat(f.p, fd, &st), fstat(fd, &st));

    result("stat", ret);
    say("%o %ld ", ret < 0 ? 0 : st.st_mode & S_IFMT,
        ret == 0 && S_ISREG(st.st_mode) ? (long)st.st_size : 0L);
}

static void
do_unlink(const char *path)
{
    result("unlink", DO(sys_unlink(f.p, path), unlink(real(path))));
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names, whatever their order. */
static void
do_list(int fd, size_t room)
{
    char buf[2000], *name[50];
    struct dirent e;
    size_t n = 0;
    long ret = DO(sys_getdents64(f.p, fd, buf, room),
        syscall(SYS_getdents64, fd, buf, room));

    result("getdents", ret < 0 ? ret : ret > 0);
    for (long at = 0; at < ret && n < LW_COUNT(name); at += e.d_reclen) {
        memcpy(&e, buf + at, offsetof(struct dirent, d_name));
        name[n] = buf + at + offsetof(struct dirent, d_name);
        n += name[n][0] != '.';
    }
    qsort(name, n, sizeof name[0], by_text);
    for (size_t i = 0; i < n; i++)
        say("%s ", name[i]);
}

/* off -1: none. */
static void
do_splice(int in, off_t off_in, int out, off_t off_out, size_t len)
{
    off_t *from = off_in < 0 ? NULL : &off_in;
    off_t *to = off_out < 0 ? NULL : &off_out;

    result("splice", DO(sys_splice(f.p, in, from, out, to, len, 0),
                         splice(in, from, out, to, len, 0)));
    say("%ld %ld ", (long)off_in, (long)off_out);
}

static void
do_sendfile(int out, int in, off_t off, size_t len)
{
    off_t *from = off == -1 ? NULL : &off;

    result("sendfile", DO(sys_sendfile(f.p, out, in, from, len),
                           sendfile(out, in, from, len)));
    say("%ld ", (long)off);
}

static void
do_tee(int in, int out, size_t len)
{
    result("tee", DO(sys_tee(f.p, in, out, len, 0), tee(in, out, len, 0)));
}

/* What poll(2) and epoll(7) make of it. */
static void
do_poll(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDNORM};
    struct epoll_event e = {.events = EPOLLIN};
    int ep = (int)DO(sys_epoll_create1(f.p, 0), epoll_create1(0));

    result("poll", DO(sys_poll(f.p, &p, 1, 0), poll(&p, 1, 0)));
    say("%x ", (unsigned)p.revents);
    result("ctl", DO(sys_epoll_ctl(f.p, ep, EPOLL_CTL_ADD, fd, &e),
                      epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e)));
    do_close(ep);
}

/* --- the scripts --------------------------------------------------------  */

static void
opening(void)
{
    static const int flags[] = {O_RDONLY, O_WRONLY, O_RDWR,
        O_RDONLY | O_DIRECTORY, O_WRONLY | O_TRUNC, O_RDWR | O_CREAT | O_EXCL,
        O_WRONLY | O_APPEND, O_RDONLY | O_NOFOLLOW, O_WRONLY | O_CREAT};
    static const char *const paths[] = {
        "", "/", "/f", "/f/", "/f/g", "/d", "/d/g", "/link", "/to", "/none"};
    static char longest[PATH_MAX + 10];

    for (unsigned i = 0; i < LW_COUNT(paths); i++) {
        say("\n%s: ", paths[i]);
        do_stat(paths[i], -1);
        for (unsigned k = 0; k < LW_COUNT(flags); k++) {
            int fd = do_open(paths[i], flags[k]);

            if (fd >= 0) {
                do_stat(NULL, fd);
                do_close(fd);
            }
        }
    }
    memset(longest, 'a', sizeof longest - 1);
    longest[0] = '/';
    do_open(longest, O_RDONLY);
    do_stat(longest, -1);
    do_unlink(longest);
    longest[300] = '\0';
    do_open(longest, O_RDONLY | O_CREAT);
}

static void
reading_and_writing(void)
{
    int r = do_open("/f", O_RDONLY), w = do_open("/new", O_WRONLY | O_CREAT);
    int rw = do_open("/new", O_RDWR), end = do_open("/new", O_RDWR | O_APPEND);
    int dir = do_open("/d", O_RDONLY), p[2];

    do_pipe(p, O_NONBLOCK);
    do_read(r, 7);
    do_read(r, 7);
    do_read(r, 7);
    do_read(w, 7);
    do_read(dir, 7);
    do_read(p[0], 7);
    do_pread(r, 5, 8);
    do_pread(r, 5, 100);
    do_pread(r, 5, -1);
    do_pread(w, 5, 0);
    do_pread(dir, 5, 0);
    do_pread(p[0], 5, 0);
    do_pread(99, 5, 0);
    do_write(r, "no");
    do_write(w, "hello");
    do_write(end, "!!");
    do_write(w, "XYZ");
    do_write(dir, "no");
    do_read(rw, 20);
    do_write(rw, "end");
    do_read(end, 20);
    do_poll(r);
    do_poll(dir);
    do_poll(w);
    do_stat(NULL, rw);
    do_stat(NULL, dir);
    do_stat(NULL, p[0]);
    do_stat(NULL, 99);
}

static void
lists_and_names(void)
{
    int top = do_open("/", O_RDONLY), file = do_open("/f", O_RDONLY), p[2];

    do_pipe(p, 0);
    do_list(top, 3);
    do_list(top, 2000);
    do_list(top, 2000);
    do_list(file, 2000);
    do_list(p[0], 2000);
    do_list(99, 2000);
    do_unlink("");
    do_unlink("/");
    do_unlink("/d");
    do_unlink("/d/g");
    do_unlink("/d/g");
    do_unlink("/d/g/h");
    do_unlink("/f/g");
    do_unlink("/link");
    do_unlink("/to");
    do_stat("/f", -1);
}

static void
from_descriptor_to_descriptor(void)
{
    int r = do_open("/f", O_RDONLY), w = do_open("/new", O_WRONLY | O_CREAT);
    int end = do_open("/new", O_WRONLY | O_APPEND);
    int dir = do_open("/d", O_RDONLY), p[2], q[2];

    do_pipe(p, O_NONBLOCK);
    do_pipe(q, O_NONBLOCK);
    do_splice(r, 3, p[1], -1, 4);
    do_splice(r, -1, p[1], -1, 2);
    do_splice(r, 100, p[1], -1, 4);
    do_splice(r, 3, p[0], -1, 4);
    do_splice(w, 3, p[1], -1, 4);
    do_splice(p[0], 3, p[1], -1, 4);
    do_splice(r, -1, p[1], 3, 4);
    do_splice(p[0], -1, w, 5, 4);
    do_splice(p[0], -1, r, 5, 4);
    do_splice(p[0], -1, w, -1, 1);
    do_splice(p[0], -1, end, -1, 1);
    do_splice(r, -1, w, -1, 4);
    do_splice(p[0], 0, q[1], -1, 4);
    do_splice(99, 0, q[1], -1, 4);
    do_splice(dir, -1, p[1], -1, 4);
    do_tee(p[0], r, 4);
    do_tee(r, p[1], 4);
    do_tee(p[1], q[1], 4);
    do_tee(p[0], q[0], 4);
    do_tee(99, q[0], 4);
    do_tee(p[0], q[1], 4);
    do_sendfile(p[1], r, 2, 5);
    do_sendfile(p[1], r, -1, 5);
    do_sendfile(p[1], r, 50, 5);
    do_sendfile(p[1], r, -2, 5);
    do_sendfile(p[1], w, 0, 5);
    do_sendfile(p[0], r, 0, 5);
    do_sendfile(w, r, 1, 5);
    do_sendfile(p[1], p[0], -1, 5);
    do_sendfile(p[1], dir, -1, 5);
    do_read(p[0], 60);
    do_read(q[0], 60);
    do_close(q[0]);
    do_splice(r, 0, q[1], -1, 4);
    do_sendfile(q[1], r, 0, 4);
    do_write(p[1], "x");
    do_tee(p[0], q[1], 4);
    do_splice(p[0], -1, q[1], -1, 4);
}

/* --- both sides ---------------------------------------------------------  */

static int
program(struct proc *p, int argc, char **argv)
{
    (void)argc, (void)argv;
    f.p = p;
    sys_rt_sigprocmask(p, 1ull << (SIGPIPE - 1));
    f.script();
    f.ended = true;
    return 0;
}

/* What is in the folder now. */
static void
leavings(void)
{
    struct shell s =
        shell("cd $TMP/root && find . -not -name '*aaa*' | sort && "
              "cat new");

    say("\n%s", s.out);
    shell_free(&s);
}

/* Call by call, up to the first that differs. */
static void
same_lines(char *ours, char *theirs)
{
    char *a = NULL, *b = NULL;
    unsigned n = 0;

    for (;; n++) {
        ours = strtok_r(n ? NULL : ours, "\n", &a);
        theirs = strtok_r(n ? NULL : theirs, "\n", &b);
        if (!ours || !theirs || !CHECK_TEXT(ours, theirs))
            break;
    }
    CHECK(!ours && !theirs);
    CHECK(n > 20);
}

static void
compare(void (*script)(void))
{
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    static char ours[sizeof f.out];
    int lowest;

    f = (struct files){.script = script};
    sim_start(&sim, program);
    sim_run(&sim);
    CHECK(f.ended);
    leavings();
    memcpy(ours, f.out, sizeof ours);
    teardown();
    setup();
    f = (struct files){.script = script};
    lowest = dup(0);
    script();
    leavings();
    for (int fd = lowest; fd < lowest + 20; fd++)
        close(fd);
    same_lines(ours, f.out);
    signal(SIGPIPE, before);
}

static void
files_are_opened(void)
{
    compare(opening);
}

static void
files_are_read_and_written(void)
{
    compare(reading_and_writing);
}

static void
folders_are_listed_and_names_removed(void)
{
    compare(lists_and_names);
}

static void
bytes_go_between_files_and_pipes(void)
{
    compare(from_descriptor_to_descriptor);
}

static CU_TestInfo cases[] = {
    TEST(files_are_opened),
    TEST(files_are_read_and_written),
    TEST(folders_are_listed_and_names_removed),
    TEST(bytes_go_between_files_and_pipes),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_same_files = {.pName = "same_files",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
