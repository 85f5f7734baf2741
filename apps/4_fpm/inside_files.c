/*
 * inside_files.c: the C library's calls about files, below the host's
 * folder. Each has the name and the meaning of the original; what they do in
 * common is place_open. Calls that take a descriptor need no change and are
 * the C library's own. Programs for other folders than a host's cannot be
 * started from PHP (popen, exec): a simulated computer has none.
 */
#include "inside.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utime.h>

static int
answer(long result)
{
    if (result < 0) {
        errno = (int)-result;
        return -1;
    }
    return (int)result;
}

/* The result of a raw call as a negative errno. */
static long
raw(long result)
{
    return result < 0 ? -errno : result;
}

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

    if (in->on && !in->live &&
        (!strcmp(path, "/dev/urandom") || !strcmp(path, "/dev/random")))
        return open_random();
    return place_open(path, flags, mode);
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

/* FNV-1a: an inode number that depends on nothing but the path. */
static ino_t
ino_of(int fd)
{
    char link[64], name[PATH_MAX];
    uint64_t h = 0xcbf29ce484222325u;
    ssize_t n, i = (ssize_t)inside()->root_len;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = syscall(SYS_readlinkat, AT_FDCWD, link, name, sizeof(name));
    for (; i < n; i++)
        h = (h ^ (uint8_t)name[i]) * 0x100000001b3u;
    return h >> 16;
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

int
fstat(int fd, struct stat *st)
{
    long r = raw(syscall(SYS_newfstatat, fd, "", st, AT_EMPTY_PATH));

    if (r == 0)
        fix(fd, st);
    return answer(r);
}

int fstat64(int fd, struct stat64 *st) __attribute__((alias("fstat")));

static int
stat_with(const char *path, struct stat *st, int follow)
{
    int fd = place_open(path, O_PATH | O_CLOEXEC | follow, 0);
    long r;

    if (fd < 0)
        return answer(fd);
    r = fstat(fd, st);
    close(fd);
    return (int)r;
}

int
stat(const char *path, struct stat *st)
{
    return stat_with(path, st, 0);
}

int
lstat(const char *path, struct stat *st)
{
    return stat_with(path, st, O_NOFOLLOW);
}

int stat64(const char *path, struct stat64 *st) __attribute__((alias("stat")));
int lstat64(const char *path, struct stat64 *st)
    __attribute__((alias("lstat")));

int
access(const char *path, int mode)
{
    int fd = place_open(path, O_PATH | O_CLOEXEC, 0);
    long r;

    if (fd < 0)
        return answer(fd);
    r = raw(syscall(SYS_faccessat2, fd, "", mode, AT_EMPTY_PATH));
    close(fd);
    return answer(r);
}

int
chmod(const char *path, mode_t mode)
{
    int fd = place_open(path, O_RDONLY | O_CLOEXEC, 0);
    long r;

    if (fd < 0)
        return answer(fd);
    r = raw(fchmod(fd, mode));
    close(fd);
    return answer(r);
}

static int
chown_with(const char *path, uid_t owner, gid_t group, int follow)
{
    int fd = place_open(path, O_PATH | O_CLOEXEC | follow, 0);
    long r;

    if (fd < 0)
        return answer(fd);
    r = raw(syscall(SYS_fchownat, fd, "", owner, group, AT_EMPTY_PATH));
    close(fd);
    return answer(r);
}

int
chown(const char *path, uid_t owner, gid_t group)
{
    return chown_with(path, owner, group, 0);
}

int
lchown(const char *path, uid_t owner, gid_t group)
{
    return chown_with(path, owner, group, O_NOFOLLOW);
}

int
utime(const char *path, const struct utimbuf *times)
{
    struct timespec ts[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
    int fd = place_open(path, O_PATH | O_CLOEXEC, 0);
    long r;

    if (fd < 0)
        return answer(fd);
    if (times) {
        ts[0] = (struct timespec){.tv_sec = times->actime};
        ts[1] = (struct timespec){.tv_sec = times->modtime};
    }
    r = raw(syscall(SYS_utimensat, fd, "", ts, AT_EMPTY_PATH));
    close(fd);
    return answer(r);
}

ssize_t
readlink(const char *path, char *buf, size_t size)
{
    int fd = place_open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
    long r;

    if (fd < 0)
        return answer(fd);
    r = raw(syscall(SYS_readlinkat, fd, "", buf, size));
    close(fd);
    return answer(r == -ENOENT ? -EINVAL : r);
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
        fd = place_open(template, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    }
    return answer(fd);
}

int mkstemp64(char *template) __attribute__((alias("mkstemp")));

/* --- entries of folders -------------------------------------------- */

static int
unlink_with(const char *path, int flags)
{
    char name[NAME_MAX + 1];
    int fd = place_parent(path, name);
    long r;

    if (fd < 0)
        return answer(fd);
    r = raw(syscall(SYS_unlinkat, fd, name, flags));
    close(fd);
    return answer(r);
}

int
unlink(const char *path)
{
    return unlink_with(path, 0);
}

int
rmdir(const char *path)
{
    return unlink_with(path, AT_REMOVEDIR);
}

int
mkdir(const char *path, mode_t mode)
{
    char name[NAME_MAX + 1];
    int fd = place_parent(path, name);
    long r;

    if (fd < 0)
        return answer(fd);
    r = raw(syscall(SYS_mkdirat, fd, name, mode));
    close(fd);
    return answer(r);
}

int
symlink(const char *target, const char *path)
{
    char name[NAME_MAX + 1];
    int fd = place_parent(path, name);
    long r;

    if (fd < 0)
        return answer(fd);
    r = raw(syscall(SYS_symlinkat, target, fd, name));
    close(fd);
    return answer(r);
}

static int
two_names(long call, const char *from, const char *to)
{
    char name_a[NAME_MAX + 1], name_b[NAME_MAX + 1];
    int a = place_parent(from, name_a);
    int b = a < 0 ? a : place_parent(to, name_b);
    long r = b;

    if (b >= 0) {
        r = raw(syscall(call, a, name_a, b, name_b, 0));
        close(b);
    }
    if (a >= 0)
        close(a);
    return answer(r);
}

int
rename(const char *from, const char *to)
{
    return two_names(SYS_renameat2, from, to);
}

int
link(const char *from, const char *to)
{
    return two_names(SYS_linkat, from, to);
}

DIR *
opendir(const char *path)
{
    int fd = place_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (fd < 0)
        errno = -fd;
    return d;
}

int
scandir(const char *path, struct dirent ***list,
    int (*filter)(const struct dirent *),
    int (*compare)(const struct dirent **, const struct dirent **))
{
    int fd = place_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    int n;

    if (fd < 0)
        return answer(fd);
    n = scandirat(fd, ".", list, filter, compare);
    close(fd);
    return n;
}

static void *
glob_open(const char *path)
{
    return opendir(path);
}

static void
glob_close(void *d)
{
    closedir(d);
}

static struct dirent *
glob_next(void *d)
{
    return readdir(d);
}

int
glob(const char *pattern, int flags, int (*trouble)(const char *, int),
    glob_t *out)
{
    int (*next)(const char *, int, int (*)(const char *, int), glob_t *);

    *(void **)&next = dlsym(RTLD_NEXT, "glob");
    out->gl_opendir = glob_open;
    out->gl_closedir = glob_close;
    out->gl_readdir = glob_next;
    out->gl_stat = stat;
    out->gl_lstat = lstat;
    return next(pattern, flags | GLOB_ALTDIRFUNC, trouble, out);
}

int
statvfs(const char *path, struct statvfs *out)
{
    (void)path;
    (void)out;
    return answer(-ENOSYS); /* the size of the real disk is nobody's business */
}

FILE *
popen(const char *command, const char *mode)
{
    (void)command;
    (void)mode;
    errno = ENOSYS;
    return NULL;
}
