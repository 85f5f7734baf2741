/*
 * open_file.c: what stands behind a path. With open_file_cache a worker
 * remembers it, so that a file that is asked for often costs neither open nor
 * fstat nor close:
 *
 *     path -> descriptor, size, time of change | folder | error
 *
 * Nobody tells the worker that a file has changed. It believes what it
 * remembers for open_file_cache_valid seconds; then it asks stat once more,
 * keeps the descriptor while the name leads to the same inode, and opens the
 * other file when it does not. Who is being answered from the old one is
 * answered from it to the end: the descriptor is closed when its last request
 * is over. As in nginx,
 *
 *     max=N          the one used longest ago makes room for a new one
 *     inactive=T     one or two that nobody wanted for longer than T go
 *                    whenever a request ends
 *     .._min_uses    below so many requests the descriptor is closed with the
 *                    request; the path is remembered, not what is there
 *     .._errors      "not there" is remembered, too
 *
 * Time is counted in whole seconds, and each worker has caches of its own.
 * Left out: open_file_cache_events (kqueue), disable_symlinks, directio.
 *
 * Called by static.c and files.c.
 */
#include "open_file.h"
#include "request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUCKETS_MOST = 16384
};

struct cached_file {
    struct cached_file *next;          /* in its bucket */
    struct cached_file *newer, *older; /* by last use */
    struct file_info info;
    int64_t created, accessed; /* seconds: last asked of the disk; last used */
    unsigned uses, count;      /* requests so far; requests that hold it */
    bool left;                 /* in no list any more: goes with the last */
    size_t len;
    char path[];
};

struct file_cache {
    const struct file_cache_conf *conf;
    struct cached_file *newest, *oldest;
    uint64_t current;
    unsigned mask;
    struct cached_file *bucket[];
};

/* What a request holds until its end. */
struct file_use {
    struct file_use *next;
    int fd;                  /* without a cache */
    struct file_cache *from; /* NULL: without */
    struct cached_file *file;
    int64_t min_uses;
};

/* --- the disk ------------------------------------------------------------- */

static int
fails(struct file_info *f, const char *call, int err)
{
    *f = (struct file_info){.fd = -1, .err = -err, .failed = call};
    return err;
}

static void
learn(struct file_info *f, const struct stat *st)
{
    f->ino = st->st_ino;
    f->size = st->st_size;
    f->mtime = st->st_mtime;
    f->is_dir = S_ISDIR(st->st_mode);
    f->is_file = S_ISREG(st->st_mode);
    f->err = 0;
}

static int
look_at(struct proc *p, const char *path, struct file_info *f)
{
    struct stat st;
    int err = sys_stat(p, path, &st);

    if (err < 0)
        return fails(f, "stat()", err);
    learn(f, &st);
    return 0;
}

static int
open_path(struct proc *p, const char *path, struct file_info *f)
{
    struct stat st;
    int err, fd = sys_open(p, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);

    if (fd < 0)
        return fails(f, "open()", fd);
    err = sys_fstat(p, fd, &st);
    if (err < 0) {
        sys_close(p, fd);
        return fails(f, "fstat()", err);
    }
    learn(f, &st);
    f->fd = fd;
    if (f->is_dir) {
        sys_close(p, fd);
        f->fd = -1;
    }
    return 0;
}

/* What is there now, where f says what was there: one call is enough when it
 * is the same file, or still a folder. An open f->fd stays open. */
static int
ask_again(struct proc *p, const char *path, struct file_info *f)
{
    struct file_info now = {.fd = -1};
    int err;

    if (f->fd < 0 && !f->is_dir)
        return open_path(p, path, f);
    err = look_at(p, path, &now);
    if (!err && (f->fd >= 0 ? now.ino != f->ino : !now.is_dir))
        err = open_path(p, path, &now);
    else if (!err)
        now.fd = f->fd;
    *f = now;
    return err;
}

/* --- the cache ------------------------------------------------------------ */

static void
tell(struct request *r, const struct cached_file *f, const char *result)
{
    NOTE(r->worker->env, EV_NGINX_OPEN_FILE, RULE_NGINX_OPEN_FILE_CACHE,
        f_u64("conn", r->conn->number), f_textn("path", f->path, f->len),
        f_text("result", result), f_i64("fd", f->info.fd));
}

static struct file_cache *
cache_new(const struct file_cache_conf *conf)
{
    unsigned n = 16;
    struct file_cache *c;

    while (n < BUCKETS_MOST && (int64_t)n < conf->max)
        n *= 2;
    c = calloc(1, sizeof(*c) + n * sizeof(c->bucket[0]));
    if (!c)
        return NULL;
    c->conf = conf;
    c->mask = n - 1;
    return c;
}

/* The cache that this location uses; NULL: none. */
static struct file_cache *
cache_of(struct request *r)
{
    const struct file_cache_conf *conf = r->location->open_file_cache;
    struct worker *w = r->worker;

    if (!conf || conf->max == 0)
        return NULL;
    if (!w->file_caches)
        w->file_caches = calloc(w->conf->nfile_caches, sizeof(*w->file_caches));
    if (!w->file_caches)
        return NULL;
    if (!w->file_caches[conf->index])
        w->file_caches[conf->index] = cache_new(conf);
    return w->file_caches[conf->index];
}

static struct cached_file **
bucket_of(struct file_cache *c, const char *path, size_t len)
{
    return &c->bucket[fnv(FNV_BEGIN, path, len) & c->mask];
}

static struct cached_file *
find(struct file_cache *c, const char *path, size_t len)
{
    struct cached_file *f = *bucket_of(c, path, len);

    while (f && (f->len != len || memcmp(f->path, path, len) != 0))
        f = f->next;
    return f;
}

static void
queue_leave(struct file_cache *c, struct cached_file *f)
{
    *(f->newer ? &f->newer->older : &c->newest) = f->older;
    *(f->older ? &f->older->newer : &c->oldest) = f->newer;
}

static void
queue_first(struct file_cache *c, struct cached_file *f)
{
    f->newer = NULL;
    f->older = c->newest;
    *(c->newest ? &c->newest->newer : &c->oldest) = f;
    c->newest = f;
}

static void
used_now(struct file_cache *c, struct cached_file *f, int64_t now)
{
    f->accessed = now;
    if (c->newest == f)
        return;
    queue_leave(c, f);
    queue_first(c, f);
}

/* A worker that stops leaves it to the kernel. */
static void
close_fd(struct worker *w, struct cached_file *f)
{
    if (f->info.fd >= 0 && !w->stopping)
        sys_close(w->proc, f->info.fd);
    f->info.fd = -1;
}

/* Forgets the path. Requests that are being answered keep the file. */
static void
drop(struct worker *w, struct file_cache *c, struct cached_file *f)
{
    struct cached_file **at = bucket_of(c, f->path, f->len);

    while (*at != f)
        at = &(*at)->next;
    *at = f->next;
    queue_leave(c, f);
    c->current--;
    f->left = true;
    if (f->count > 0)
        return;
    close_fd(w, f);
    free(f);
}

/* Called with `force`, the one used longest ago goes, whatever its age; then
 * one or two that are older than `inactive`. */
static void
expire(struct request *r, struct file_cache *c, bool force)
{
    int64_t now = worker_time(r->worker);

    for (int n = force ? 0 : 1; n < 3 && c->oldest; n++) {
        if (n > 0 && now - c->oldest->accessed <= c->conf->inactive)
            return;
        tell(r, c->oldest, n > 0 ? "dropped: inactive" : "dropped: max");
        drop(r->worker, c, c->oldest);
    }
}

static struct cached_file *
add(struct request *r, struct file_cache *c, const char *path, size_t len)
{
    struct cached_file *f = calloc(1, sizeof(*f) + len + 1), **at;

    if (!f)
        return NULL;
    if (c->current >= (uint64_t)c->conf->max)
        expire(r, c, true);
    memcpy(f->path, path, len);
    f->len = len;
    f->uses = 1;
    at = bucket_of(c, path, len);
    f->next = *at;
    *at = f;
    queue_first(c, f);
    c->current++;
    return f;
}

/* The request holds what it was given until file_release. */
static int
hold(struct request *r, struct file_cache *c, struct cached_file *f, int fd)
{
    struct file_use *u = arena_alloc(&r->arena, sizeof(*u));

    if (!u)
        return -ENOMEM;
    *u = (struct file_use){.next = r->files,
        .fd = fd,
        .from = c,
        .file = f,
        .min_uses = r->location->open_file_cache_min_uses};
    r->files = u;
    if (f)
        f->count++;
    return 0;
}

static bool
is_known(const struct cached_file *f)
{
    return f->info.fd >= 0 || f->info.err || f->info.is_dir;
}

/* What the disk has said about the path, in `now`, becomes what is remembered
 * about it: by f, or by a new entry when others are still answered from f. */
static struct cached_file *
remember(struct request *r, struct file_cache *c, struct cached_file *f,
    const char *path, size_t len, const struct file_info *now)
{
    const char *result = "miss";

    if (f && !is_known(f))
        result = "used before, but not open";
    else if (f && f->info.fd == now->fd && f->info.err == now->err)
        result = "tested again: the same file";
    else if (f)
        result = "tested again: changed";
    if (f && f->info.fd != now->fd && f->count > 0) {
        drop(r->worker, c, f);
        f = NULL;
    } else if (f && f->info.fd != now->fd) {
        close_fd(r->worker, f);
    }
    if (!f)
        f = add(r, c, path, len);
    if (!f)
        return NULL;
    f->info = *now;
    f->created = worker_time(r->worker);
    tell(r, f, result);
    return f;
}

static int
find_cached(struct request *r, struct file_cache *c, const char *path,
    size_t len, struct file_info *out)
{
    struct proc *p = r->worker->proc;
    struct cached_file *f = find(c, path, len);
    int64_t now = worker_time(r->worker);
    int err = 0;

    if (f) {
        f->uses++;
        *out = f->info;
    }
    if (f && is_known(f) &&
        now - f->created < r->location->open_file_cache_valid) {
        tell(r, f, "hit");
        out->failed = "open()"; /* whichever call said it then, as in nginx */
        err = -f->info.err;
    } else {
        err = ask_again(p, path, out);
        if (err && !r->location->open_file_cache_errors) {
            if (f)
                drop(r->worker, c, f);
            return err;
        }
        f = remember(r, c, f, path, len, out);
        if (!f) {
            if (out->fd >= 0)
                sys_close(p, out->fd);
            return fails(out, "open()", -ENOMEM);
        }
    }
    used_now(c, f, now);
    if (!err && out->fd >= 0 && hold(r, c, f, -1) < 0)
        return fails(out, "open()", -ENOMEM);
    return err;
}

int
file_find(struct request *r, const char *path, size_t len, bool look,
    struct file_info *out)
{
    struct file_cache *c = cache_of(r);
    struct proc *p = r->worker->proc;
    int err;

    *out = (struct file_info){.fd = -1};
    if (c)
        return find_cached(r, c, path, len, out);
    if (look)
        return look_at(p, path, out);
    err = open_path(p, path, out);
    if (!err && out->fd >= 0 && hold(r, NULL, NULL, out->fd) < 0) {
        sys_close(p, out->fd);
        return fails(out, "open()", -ENOMEM);
    }
    return err;
}

static void
give_back(struct request *r, struct file_use *u)
{
    struct cached_file *f = u->file;

    f->count--;
    if (!f->left) {
        used_now(u->from, f, worker_time(r->worker));
        if (f->count == 0 && (int64_t)f->uses < u->min_uses)
            close_fd(r->worker, f);
    } else if (f->count == 0) {
        close_fd(r->worker, f);
        free(f);
    }
    if (!r->worker->stopping)
        expire(r, u->from, false);
}

void
file_release(struct request *r)
{
    while (r->files) {
        struct file_use *u = r->files;

        r->files = u->next;
        if (u->from)
            give_back(r, u);
        else if (!r->worker->stopping)
            sys_close(r->worker->proc, u->fd);
    }
}

void
file_caches_free(struct worker *w)
{
    for (unsigned i = 0; w->file_caches && i < w->conf->nfile_caches; i++) {
        struct file_cache *c = w->file_caches[i];

        while (c && c->newest) {
            struct cached_file *f = c->newest;

            c->newest = f->older;
            free(f);
        }
        free(c);
    }
    free(w->file_caches);
    w->file_caches = NULL;
}
