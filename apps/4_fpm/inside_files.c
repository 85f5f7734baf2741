/*
 * inside_files.c: the C library's calls about one file, below the host's
 * folder. Each has the name and the meaning of the original; what they do in
 * common is place_open, and each is told as a system call. Calls on a
 * descriptor that nobody wants to see (ftruncate, flock, mmap) are the C
 * library's own. Names in folders: inside_names.c, inside_folders.c.
 */
#include "inside_trace.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utime.h>

/* A file of random bytes from the world's seed, for /dev/urandom. */
static int
open_random(void)
{
    int fd = memfd_create("urandom", MFD_CLOEXEC);

    for (int i = 0; fd >= 0 && i < 512; i++) {
        uint64_t v = rng_u64(&inside()->rng);

        if (write(fd, &v, sizeof(v)) != sizeof(v))
            break;
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd < 0 ? -errno : fd;
}

static int
open_file(const char *path, int flags, mode_t mode)
{
    const struct inside *in = inside();
    struct trace_text p, f;
    int fd;

    if (in->on && !in->live &&
        (!strcmp(path, "/dev/urandom") || !strcmp(path, "/dev/random")))
        fd = open_random();
    else
        fd = place_open(path, flags, mode);
    if (flags & O_CREAT)
        TRACE("openat", RULE_SYS_OPEN, fd, fd, "AT_FDCWD, %s, %s, 0%o",
            trace_string(&p, path), trace_open_flags(&f, flags), mode & 07777);
    else
        TRACE("openat", RULE_SYS_OPEN, fd, fd, "AT_FDCWD, %s, %s",
            trace_string(&p, path), trace_open_flags(&f, flags));
    return fd;
}

int
open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list ap;

    if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) {
        va_start(ap, flags);
        mode = va_arg(ap, mode_t);
        va_end(ap);
    }
    return answer(open_file(path, flags, mode));
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int __open_2(const char *path, int flags);
int
__open_2(const char *path, int flags)
{
    return answer(open_file(path, flags, 0));
}

int __open64_2(const char *path, int flags) __attribute__((alias("__open_2")));

int
creat(const char *path, mode_t mode)
{
    return answer(open_file(path, O_CREAT | O_WRONLY | O_TRUNC, mode));
}

static int
flags_of(const char *mode)
{
    int way = strchr(mode, '+') ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
    int extra =
        (strchr(mode, 'e') ? O_CLOEXEC : 0) | (strchr(mode, 'x') ? O_EXCL : 0);

    switch (mode[0]) {
    case 'r': return way | extra;
    case 'w': return way | O_CREAT | O_TRUNC | extra;
    case 'a': return way | O_CREAT | O_APPEND | extra;
    default: return -EINVAL;
    }
}

FILE *
fopen(const char *path, const char *mode)
{
    int flags = flags_of(mode);
    int fd = flags < 0 ? flags : open_file(path, flags, 0666);
    FILE *f = fd < 0 ? NULL : fdopen(fd, mode);

    if (fd < 0)
        errno = -fd;
    else if (!f)
        close(fd);
    return f;
}

FILE *fopen64(const char *path, const char *mode)
    __attribute__((alias("fopen")));

/* An inode number that depends on nothing but the path. */
static ino_t
ino_of(int fd)
{
    char link[64], name[PATH_MAX];
    ssize_t n, root = (ssize_t)inside()->root_len;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = syscall(SYS_readlinkat, AT_FDCWD, link, name, sizeof(name));
    return fnv(FNV_BEGIN, name + root, n > root ? (size_t)(n - root) : 0) >> 16;
}

/*
 * In a simulation a file has the same data about itself on every machine:
 * owner 0, and all its times are the world's beginning, as the kernel's own
 * stat says (stack/folder.h).
 */
static void
fix(int fd, struct stat *st)
{
    const struct inside *in = inside();
    mode_t owner = st->st_mode & 0700;
    struct timespec begin;

    if (!in->on || in->live || !(S_ISREG(st->st_mode) || S_ISDIR(st->st_mode)))
        return;
    begin = (struct timespec){.tv_sec = sys_env(in->proc)->timers->epoch};
    *st = (struct stat){.st_mode = (st->st_mode & S_IFMT) | owner |
                                   (owner & 0500) >> 3 | (owner & 0500) >> 6,
        .st_ino = ino_of(fd),
        .st_dev = 1,
        .st_nlink = 1,
        .st_size = S_ISDIR(st->st_mode) ? 4096 : st->st_size,
        .st_blksize = 4096,
        .st_blocks = (st->st_size + 511) / 512,
        .st_atim = begin,
        .st_mtim = begin,
        .st_ctim = begin};
}

static long
stat_of(int fd, struct stat *st)
{
    long r = raw(syscall(SYS_newfstatat, fd, "", st, AT_EMPTY_PATH));

    if (r == 0)
        fix(fd, st);
    return r;
}

int
fstat(int fd, struct stat *st)
{
    long r = stat_of(fd, st);
    struct trace_text t;

    TRACE("fstat", RULE_SYS_FSTAT, fd, r, "%d, %s", fd, trace_stat(&t, st, r));
    return answer(r);
}

int fstat64(int fd, struct stat64 *st) __attribute__((alias("fstat")));

static long
stat_carefully(
    const char *path, const struct place *at, struct stat *st, int follow)
{
    int fd =
        place_open(path, O_PATH | O_CLOEXEC | (follow ? O_NOFOLLOW : 0), 0);
    long r = fd;

    if (fd < 0)
        return r;
    r = stat_of(fd, st);
    if (r == 0)
        known_keep(at, follow, st, "");
    inside_close(fd);
    return r;
}

static int
stat_with(const char *path, struct stat *st, int follow)
{
    struct trace_text p, t;
    struct place at;
    long r = place_of(path, &at);

    if (r == 0 && !known_find(&at, follow, st))
        r = stat_carefully(path, &at, st, follow);
    TRACE("newfstatat", RULE_SYS_STAT, -1, r, "AT_FDCWD, %s, %s, %s",
        trace_string(&p, path), trace_stat(&t, st, r),
        follow ? "AT_SYMLINK_NOFOLLOW" : "0");
    return answer(r);
}

int
stat(const char *path, struct stat *st)
{
    return stat_with(path, st, 0);
}

int
lstat(const char *path, struct stat *st)
{
    return stat_with(path, st, AT_SYMLINK_NOFOLLOW);
}

int stat64(const char *path, struct stat64 *st) __attribute__((alias("stat")));
int lstat64(const char *path, struct stat64 *st)
    __attribute__((alias("lstat")));

/* In a simulation no matter of who runs it: the superuser may everything. */
static long
may_access(const char *path, int fd, int mode)
{
    struct stat st;
    long r;

    if (!inside()->on || inside()->live)
        return raw(syscall(SYS_faccessat2, fd, "", mode, AT_EMPTY_PATH));
    r = mode & W_OK ? place_writable(path) : 0;
    if (r == 0)
        r = stat_of(fd, &st);
    if (r == 0 && (st.st_mode >> 6 & (mode_t)mode & 7) != (mode_t)mode)
        r = -EACCES;
    return r;
}

int
access(const char *path, int mode)
{
    int fd = place_open(path, O_PATH | O_CLOEXEC, 0);
    struct trace_text p;
    long r = fd;

    if (fd >= 0) {
        r = may_access(path, fd, mode);
        inside_close(fd);
    }
    TRACE("access", RULE_SYS_ACCESS, -1, r, "%s, %s%s%s%s",
        trace_string(&p, path), mode == F_OK ? "F_OK" : "",
        mode & R_OK ? "R_OK" : "",
        mode & W_OK ? mode & R_OK ? "|W_OK" : "W_OK" : "",
        mode & X_OK ? mode & (R_OK | W_OK) ? "|X_OK" : "X_OK" : "");
    return answer(r);
}

int
eaccess(const char *path, int mode)
{
    return access(path, mode);
}

long
pathconf(const char *path, int name)
{
    int fd = place_open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
    long r;

    if (fd < 0)
        return answer(fd);
    r = fpathconf(fd, name);
    inside_close(fd);
    return r;
}

static int
open_to_change(const char *path, int flags)
{
    int err = place_writable(path);

    return err ? err : place_open(path, flags | O_CLOEXEC, 0);
}

int
chmod(const char *path, mode_t mode)
{
    int fd = open_to_change(path, O_RDONLY);
    struct trace_text p;
    long r = fd;

    if (fd >= 0) {
        r = raw(fchmod(fd, mode));
        inside_close(fd);
    }
    TRACE("chmod", RULE_SYS_NAMES, -1, r, "%s, 0%o", trace_string(&p, path),
        mode);
    return answer(r);
}

static int
chown_with(
    const char *call, const char *path, uid_t owner, gid_t group, int follow)
{
    int fd = open_to_change(path, O_PATH | follow);
    struct trace_text p;
    long r = fd;

    if (fd >= 0) {
        r = raw(syscall(SYS_fchownat, fd, "", owner, group, AT_EMPTY_PATH));
        inside_close(fd);
    }
    TRACE(call, RULE_SYS_NAMES, -1, r, "%s, %d, %d", trace_string(&p, path),
        (int)owner, (int)group);
    return answer(r);
}

int
chown(const char *path, uid_t owner, gid_t group)
{
    return chown_with("chown", path, owner, group, 0);
}

int
lchown(const char *path, uid_t owner, gid_t group)
{
    return chown_with("lchown", path, owner, group, O_NOFOLLOW);
}

int
utime(const char *path, const struct utimbuf *times)
{
    struct timespec ts[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
    int fd = open_to_change(path, O_PATH);
    struct trace_text p;
    long r = fd;

    if (times) {
        ts[0] = (struct timespec){.tv_sec = times->actime};
        ts[1] = (struct timespec){.tv_sec = times->modtime};
    }
    if (fd >= 0) {
        r = raw(syscall(SYS_utimensat, fd, "", ts, AT_EMPTY_PATH));
        inside_close(fd);
    }
    TRACE("utime", RULE_SYS_NAMES, -1, r, "%s, %s", trace_string(&p, path),
        times ? "{...}" : "NULL");
    return answer(r);
}

ssize_t
readlink(const char *path, char *buf, size_t size)
{
    int fd = place_open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
    struct trace_text p, t;
    long r = fd;

    if (fd >= 0) {
        r = raw(syscall(SYS_readlinkat, fd, "", buf, size));
        r = r == -ENOENT ? -EINVAL : r;
        inside_close(fd);
    }
    TRACE("readlink", RULE_SYS_NAMES, -1, r, "%s, %s, %zu",
        trace_string(&p, path), trace_bytes(&t, buf, r), size);
    return answer(r);
}

int
mkstemp(char *template)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t len = strlen(template);
    int fd = -EEXIST;

    if (len < 6 || strspn(template + len - 6, "X") != 6)
        return answer(-EINVAL);
    for (int n = 0; n < 1000 && fd == -EEXIST; n++) {
        for (int i = 1; i <= 6; i++)
            template[len - i] = letters[rng_below(&inside()->rng, 62)];
        fd = open_file(template, O_CREAT | O_EXCL | O_RDWR, 0600);
    }
    return answer(fd);
}

int mkstemp64(char *template) __attribute__((alias("mkstemp")));

/* --- descriptors ----------------------------------------------------- */

/* What read and write moved is part of the event. */
static void
trace_moved(const char *name, enum rule rule, int fd, const void *buf,
    size_t len, long r)
{
    struct trace_text t;

    trace_call(&(struct traced_call){.name = name,
                   .rule = rule,
                   .fd = fd,
                   .result = r,
                   .data = r > 0 ? buf : NULL,
                   .len = r > 0 ? (size_t)r : 0},
        "%d, %s, %zu", fd,
        trace_bytes(&t, buf, rule == RULE_SYS_WRITE ? (long)len : r), len);
}

ssize_t
read(int fd, void *buf, size_t len)
{
    long r = raw(syscall(SYS_read, fd, buf, len));

    if (traced())
        trace_moved("read", RULE_SYS_READ, fd, buf, len, r);
    if (r < 0)
        errno = (int)-r;
    return r < 0 ? -1 : r;
}

ssize_t
write(int fd, const void *buf, size_t len)
{
    long r = raw(syscall(SYS_write, fd, buf, len));

    if (traced())
        trace_moved("write", RULE_SYS_WRITE, fd, buf, len, r);
    if (r < 0)
        errno = (int)-r;
    return r < 0 ? -1 : r;
}

off_t
lseek(int fd, off_t offset, int whence)
{
    static const char *const names[] = {"SEEK_SET", "SEEK_CUR", "SEEK_END"};
    long r = raw(syscall(SYS_lseek, fd, offset, whence));

    TRACE("lseek", RULE_SYS_LSEEK, fd, r, "%d, %lld, %s", fd, (long long)offset,
        whence >= 0 && whence <= 2 ? names[whence] : "SEEK_???");
    if (r < 0)
        errno = (int)-r;
    return r < 0 ? -1 : r;
}

off64_t lseek64(int fd, off64_t offset, int whence)
    __attribute__((alias("lseek")));

int
close(int fd)
{
    long r = raw(syscall(SYS_close, fd));

    TRACE("close", RULE_SYS_CLOSE, fd, r, "%d", fd);
    return answer(r);
}

void
inside_close(int fd)
{
    syscall(SYS_close, fd);
}

int
statvfs(const char *path, struct statvfs *out)
{
    (void)path;
    (void)out;
    return answer(-ENOSYS); /* the size of the real disk is nobody's business */
}
