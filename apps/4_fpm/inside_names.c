/*
 * inside_names.c: calls that make, move or remove a name in a folder of the
 * host. The folder is opened as every path is (place_parent), and the last
 * part of the path is used below it, so nothing outside can be meant.
 */
#include "inside_trace.h"

#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/syscall.h>
#include <unistd.h>

static long
remove_name(const char *path, int flags)
{
    char name[NAME_MAX + 1];
    int fd = place_parent(path, name);
    long r = fd;

    if (fd >= 0) {
        r = raw(syscall(SYS_unlinkat, fd, name, flags));
        inside_close(fd);
    }
    return r;
}

int
unlink(const char *path)
{
    long r = remove_name(path, 0);
    struct trace_text p;

    TRACE("unlink", RULE_SYS_UNLINK, -1, r, "%s", trace_string(&p, path));
    return answer(r);
}

int
rmdir(const char *path)
{
    long r = remove_name(path, AT_REMOVEDIR);
    struct trace_text p;

    TRACE("rmdir", RULE_SYS_NAMES, -1, r, "%s", trace_string(&p, path));
    return answer(r);
}

int
mkdir(const char *path, mode_t mode)
{
    char name[NAME_MAX + 1];
    int fd = place_parent(path, name);
    struct trace_text p;
    long r = fd;

    if (fd >= 0) {
        r = raw(syscall(SYS_mkdirat, fd, name, mode));
        inside_close(fd);
    }
    TRACE("mkdir", RULE_SYS_NAMES, -1, r, "%s, 0%o", trace_string(&p, path),
        mode);
    return answer(r);
}

int
symlink(const char *target, const char *path)
{
    char name[NAME_MAX + 1];
    int fd = place_parent(path, name);
    struct trace_text t, p;
    long r = fd;

    if (fd >= 0) {
        r = raw(syscall(SYS_symlinkat, target, fd, name));
        inside_close(fd);
    }
    TRACE("symlink", RULE_SYS_NAMES, -1, r, "%s, %s", trace_string(&t, target),
        trace_string(&p, path));
    return answer(r);
}

/* Named pipes and sockets, but no devices. */
static int
make_node(const char *path, mode_t mode)
{
    char name[NAME_MAX + 1];
    int fd = place_parent(path, name);
    struct trace_text p;
    long r = fd;

    if (fd >= 0) {
        r = S_ISCHR(mode) || S_ISBLK(mode)
                ? -EPERM
                : raw(syscall(SYS_mknodat, fd, name, mode, 0));
        inside_close(fd);
    }
    TRACE("mknod", RULE_SYS_NAMES, -1, r, "%s, 0%o", trace_string(&p, path),
        mode);
    return answer(r);
}

int
mkfifo(const char *path, mode_t mode)
{
    return make_node(path, S_IFIFO | (mode & 07777));
}

int
mknod(const char *path, mode_t mode, dev_t device)
{
    (void)device;
    return make_node(path, mode);
}

static int
two_names(const char *call, long number, const char *from, const char *to)
{
    char name_a[NAME_MAX + 1], name_b[NAME_MAX + 1];
    int a = place_parent(from, name_a);
    int b = a < 0 ? a : place_parent(to, name_b);
    struct trace_text f, t;
    long r = b;

    if (b >= 0) {
        r = raw(syscall(number, a, name_a, b, name_b, 0));
        inside_close(b);
    }
    if (a >= 0)
        inside_close(a);
    TRACE(call, RULE_SYS_NAMES, -1, r, "%s, %s", trace_string(&f, from),
        trace_string(&t, to));
    return answer(r);
}

int
rename(const char *from, const char *to)
{
    return two_names("rename", SYS_renameat2, from, to);
}

int
link(const char *from, const char *to)
{
    return two_names("link", SYS_linkat, from, to);
}

key_t
ftok(const char *path, int id)
{
    struct stat st;

    if (stat(path, &st))
        return -1;
    return (key_t)((unsigned)st.st_ino & 0xffffu) | (key_t)(id & 0x7f) << 24;
}
