/*
 * inside.c: where a path that PHP names really lies.
 *
 *     PHP says                  Linux gets
 *     /srv/www/index.php        srv/www/index.php below the host's folder
 *     /tmp/phpA1b2C3            phpA1b2C3 below a folder made for this run
 *     /usr/share/zoneinfo/...   the same, for the time zones
 *     /usr/lib/php/...          the same, where the extensions are
 *     upload.html               below the current folder, as PHP sees it
 *
 * openat2(2) with RESOLVE_IN_ROOT makes the kernel treat the folder as the
 * root for `..` and for absolute links, so nothing has to be parsed here.
 */
#include "inside.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct inside *
inside(void)
{
    /* The only state outside an object: see inside.h. */
    static struct inside self = {
        .root = -1, .tmp = -1, .alive = -1, .lock = -1, .cwd = "/"};

    return &self;
}

static bool
below(const char *path, const char *folder)
{
    size_t n = strlen(folder);

    return n > 0 && strncmp(path, folder, n) == 0 &&
           (path[n] == '/' || path[n] == '\0');
}

static bool
seen_as_it_is(const char *path)
{
    return below(path, "/usr/share/zoneinfo") || below(path, inside()->pass) ||
           below(path, "/dev/null") || below(path, "/dev/zero") ||
           (inside()->live &&
               (below(path, "/dev/urandom") || below(path, "/dev/random")));
}

int
place_of(const char *path, struct place *out)
{
    struct inside *in = inside();
    char full[PATH_MAX];
    const char *rel;
    int n;

    out->base = AT_FDCWD;
    out->real = true;
    if (!in->on || *path == '\0') {
        n = snprintf(out->rel, sizeof(out->rel), "%s", path);
        return n >= (int)sizeof(out->rel) ? -ENAMETOOLONG : 0;
    }
    n = snprintf(full, sizeof(full), "%s%s%s", *path == '/' ? "" : in->cwd,
        *path == '/' ? "" : "/", path);
    if (n >= (int)sizeof(full))
        return -ENAMETOOLONG;
    rel = full;
    out->real = !strstr(full, "/..") && seen_as_it_is(full);
    if (!out->real) {
        bool tmp = below(full, "/tmp");

        out->base = tmp ? in->tmp : in->root;
        rel = full + (tmp ? strlen("/tmp") : 0);
        rel += strspn(rel, "/");
    }
    memcpy(out->rel, *rel ? rel : ".", strlen(*rel ? rel : ".") + 1);
    return 0;
}

/*
 * A simulation must begin the same way every time, so its computers cannot
 * change their folders (the simulated kernel says EROFS too): only /tmp.
 */
static bool
read_only(const struct place *at)
{
    return !at->real && at->base == inside()->root && !inside()->live;
}

int
place_writable(const char *path)
{
    struct place at;
    int err = place_of(path, &at);

    return err ? err : read_only(&at) ? -EROFS : 0;
}

int
place_open(const char *path, int flags, mode_t mode)
{
    struct place at;
    struct open_how how = {.flags = (uint64_t)(unsigned)flags,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    long fd;
    int err = place_of(path, &at);

    if (err)
        return err;
    if (!(flags & O_PATH) && (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) &&
        read_only(&at))
        return -EROFS;
    if (at.real) {
        fd = syscall(SYS_openat, at.base, at.rel, flags, mode);
    } else {
        if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)))
            how.mode = mode & 07777;
        fd = syscall(SYS_openat2, at.base, at.rel, &how, sizeof(how));
    }
    return fd < 0 ? -errno : (int)fd;
}

int
place_parent(const char *path, char name[NAME_MAX + 1])
{
    char folder[PATH_MAX];
    size_t len = strlen(path);
    const char *slash;
    int err;

    while (len > 1 && path[len - 1] == '/')
        len--;
    slash = memrchr(path, '/', len);
    size_t start = slash ? (size_t)(slash - path) + 1 : 0;
    if (len >= sizeof(folder) || len - start > NAME_MAX)
        return -ENAMETOOLONG;
    if (len == start)
        return -ENOENT;
    memcpy(name, path + start, len - start);
    name[len - start] = '\0';
    if (strcmp(name, "..") == 0 || strcmp(name, ".") == 0)
        return -EINVAL;
    memcpy(folder, path, start);
    memcpy(folder + start, start ? "" : ".", start ? 1 : 2);
    err = place_writable(folder);
    if (err)
        return err;
    return place_open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
}

static int
real_folder(const char *name)
{
    long fd =
        syscall(SYS_openat, AT_FDCWD, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 ? -errno : (int)fd;
}

/* The real name behind a descriptor; its length or -errno. */
static ssize_t
name_of(int fd, char *out, size_t size)
{
    char link[64];
    ssize_t n;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = syscall(SYS_readlinkat, AT_FDCWD, link, out, size - 1);
    if (n < 0)
        return -errno;
    out[n] = '\0';
    return n;
}

int
inside_begin(struct proc *p, const char *root, const char *extension_dir,
    bool live, uint64_t seed)
{
    struct inside *in = inside();
    char name[PATH_MAX];
    ssize_t len;
    int err;

    in->root = real_folder(root);
    if (in->root < 0)
        return in->root;
    len = name_of(in->root, name, sizeof(name));
    if (len < 0)
        return (int)len;
    in->root_len = len > 1 ? (size_t)len : 0;
    err = inside_make_tmp(in);
    if (err)
        return err;
    in->tmp = real_folder(in->tmp_name);
    if (in->tmp < 0)
        return in->tmp;
    snprintf(in->pass, sizeof(in->pass), "%s", extension_dir);
    in->live = live;
    inside_forked(p, seed);
    in->on = true;
    return 0;
}

void
inside_forked(struct proc *p, uint64_t seed)
{
    struct inside *in = inside();
    char stream[32];

    in->proc = p;
    in->pid = 0; /* not the parent's, which getpid would still answer */
    in->pid = sys_getpid(p);
    snprintf(stream, sizeof(stream), "php-fpm %d", (int)in->pid);
    rng_init(&in->rng, seed, stream);
}

void
inside_end(void)
{
    struct inside *in = inside();

    in->on = false;
    if (in->tmp >= 0)
        close(in->tmp);
    if (in->root >= 0)
        close(in->root);
    if (in->alive >= 0)
        close(in->alive);
    if (in->lock >= 0)
        close(in->lock);
    in->tmp = in->root = in->alive = in->lock = -1;
}

/* --- the current folder -------------------------------------------- */

static void
set_cwd(const struct place *at, const char *name)
{
    struct inside *in = inside();

    if (at->real)
        snprintf(in->cwd, sizeof(in->cwd), "%s", name);
    else if (at->base == in->tmp)
        snprintf(
            in->cwd, sizeof(in->cwd), "/tmp%s", name + strlen(in->tmp_name));
    else
        snprintf(in->cwd, sizeof(in->cwd), "%s",
            name[in->root_len] ? name + in->root_len : "/");
}

/* The real name of the folder that path leads to. 0 or -errno. */
static int
folder_name(const char *path, const struct place *at, char *name, size_t size)
{
    int fd = place_open(path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    struct stat st;
    ssize_t len;

    if (fd < 0)
        return fd;
    len = name_of(fd, name, size);
    if (len >= 0 && syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH) == 0)
        known_keep(at, AT_SYMLINK_NOFOLLOW, &st, name);
    inside_close(fd);
    return len < 0 ? (int)len : 0;
}

int
chdir(const char *path)
{
    struct inside *in = inside();
    char name[PATH_MAX];
    struct place at;
    const struct known *k;
    struct stat st;
    int err = place_of(path, &at);

    if (err)
        return answer(err);
    if (!in->on)
        return (int)syscall(SYS_chdir, path);
    /* a link is looked up each time: the name would be that of before */
    k = known_find(&at, AT_SYMLINK_NOFOLLOW, &st);
    if (k && S_ISDIR(st.st_mode) && *k->name) {
        set_cwd(&at, k->name);
        return 0;
    }
    err = folder_name(path, &at, name, sizeof(name));
    if (err)
        return answer(err);
    set_cwd(&at, name);
    return 0;
}

char *
getcwd(char *buf, size_t size)
{
    struct inside *in = inside();
    char real[PATH_MAX];
    const char *cwd = in->cwd;

    if (!in->on) {
        if (syscall(SYS_getcwd, real, sizeof(real)) < 0)
            return NULL;
        cwd = real;
    }
    if (!buf)
        return strdup(cwd);
    if (strlen(cwd) >= size) {
        errno = ERANGE;
        return NULL;
    }
    return memcpy(buf, cwd, strlen(cwd) + 1);
}
