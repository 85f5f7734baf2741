/*
 * page_cache.c: pages of files by device, inode and place. A page is good as
 * long as fstat(2) tells of the file what it told when the page was read: the
 * same size, and the same time of its last change (ctime, which no program
 * can set). A page that is good no more makes room for a new one; those who
 * still send it keep theirs.
 *
 * A file that changes twice within one tick of its file system's clock shows
 * the same time after both. So what is younger than the coarsest such clock
 * is read each time, and kept only when it has come to rest. This is the one
 * place that looks at the real clock, and nobody can see what it decides:
 * the bytes are the file's in any case. (A program that writes into the file
 * through a mapping changes the time with its first write only; what follows
 * may be missed until its pages are written to the disk.)
 */
#include "page_cache.h"
#include "list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    PAGE_SIZE = 65536, /* as much as one long frame carries */
    BUCKETS = 4096,
    REST_S = 3 /* FAT's clock has ticks of two seconds */
};

struct cached {
    struct page page;
    struct cached *chain; /* next in its bucket */
    struct link age;      /* in page_cache.used, the oldest use first */
    dev_t dev;
    ino_t ino;
    off_t size; /* of the file, when this was read */
    struct timespec changed;
    uint8_t bytes[];
};

struct page_cache {
    struct cached *bucket[BUCKETS];
    struct link used;
    size_t bytes, most;
};

struct page_cache *
page_cache_new(size_t most)
{
    struct page_cache *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    list_init(&c->used);
    c->most = most;
    return c;
}

static struct cached **
bucket_of(struct page_cache *c, dev_t dev, ino_t ino, uint64_t at)
{
    uint64_t key[3] = {dev, ino, at};

    return &c->bucket[fnv(FNV_BEGIN, key, sizeof key) % BUCKETS];
}

/* Takes e out; whoever refers to its page keeps it. */
static void
drop(struct page_cache *c, struct cached *e)
{
    struct cached **at = bucket_of(c, e->dev, e->ino, e->page.at);

    while (*at != e)
        at = &(*at)->chain;
    *at = e->chain;
    list_remove(&e->age);
    c->bytes -= e->page.len;
    page_put(&e->page);
}

static void
keep(struct page_cache *c, struct cached *e)
{
    struct cached **at = bucket_of(c, e->dev, e->ino, e->page.at);

    e->chain = *at;
    *at = e;
    list_add(&c->used, &e->age);
    c->bytes += e->page.len;
    page_get(&e->page);
    while (c->bytes > c->most)
        drop(c, LW_CONTAINER(c->used.next, struct cached, age));
}

static bool
is_good(const struct cached *e, const struct stat *st)
{
    return e->size == st->st_size && e->changed.tv_sec == st->st_ctim.tv_sec &&
           e->changed.tv_nsec == st->st_ctim.tv_nsec;
}

static struct cached *
find(struct page_cache *c, const struct stat *st, uint64_t at)
{
    struct cached *e = *bucket_of(c, st->st_dev, st->st_ino, at);

    while (
        e && (e->dev != st->st_dev || e->ino != st->st_ino || e->page.at != at))
        e = e->chain;
    return e;
}

/* Does e hold all that its file then had there? Not where reading failed, nor
 * in file systems that make their bytes when asked and say any size. */
static bool
is_whole(const struct cached *e)
{
    uint64_t left = (uint64_t)e->size - e->page.at;

    return e->page.len == (left < PAGE_SIZE ? left : PAGE_SIZE);
}

/* Had the file, when st was asked for, not been changed for long enough? */
static bool
rests(const struct stat *st)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return now.tv_sec - st->st_ctim.tv_sec > REST_S;
}

static void
page_free(struct page *p)
{
    free(LW_CONTAINER(p, struct cached, page));
}

static struct cached *
read_page(int fd, const struct stat *st, uint64_t at)
{
    uint64_t left = (uint64_t)st->st_size - at;
    size_t len = left < PAGE_SIZE ? (size_t)left : PAGE_SIZE, done = 0;
    struct cached *e = malloc(sizeof *e + len);
    ssize_t n = 1;

    if (!e)
        return NULL;
    *e = (struct cached){.page = {e->bytes, 0, at, 1, page_free},
        .dev = st->st_dev,
        .ino = st->st_ino,
        .size = st->st_size,
        .changed = st->st_ctim};
    list_init(&e->age);
    while (done < len && n > 0) {
        n = pread(fd, e->bytes + done, len - done, (off_t)(at + done));
        if (n > 0)
            done += (size_t)n;
        else if (n < 0 && errno == EINTR)
            n = 1;
    }
    e->page.len = (uint32_t)done;
    return e;
}

struct page *
page_cache_get(
    struct page_cache *c, int fd, const struct stat *st, off_t offset)
{
    uint64_t at = (uint64_t)offset - (uint64_t)offset % PAGE_SIZE;
    struct cached *e;

    if (!S_ISREG(st->st_mode) || offset < 0 || offset >= st->st_size)
        return NULL;
    e = find(c, st, at);
    if (e && is_good(e, st)) {
        list_remove(&e->age);
        list_add(&c->used, &e->age);
        return page_get(&e->page);
    }
    if (e)
        drop(c, e);
    e = read_page(fd, st, at);
    if (!e)
        return NULL;
    if (at + e->page.len <= (uint64_t)offset) { /* it has become shorter */
        page_free(&e->page);
        return NULL;
    }
    if (is_whole(e) && rests(st))
        keep(c, e);
    return &e->page;
}

void
page_cache_free(struct page_cache *c)
{
    if (!c)
        return;
    while (!list_empty(&c->used))
        drop(c, LW_CONTAINER(c->used.next, struct cached, age));
    free(c);
}
