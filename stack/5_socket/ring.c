/*
 * ring.c: a byte queue in a buffer whose end leads to its beginning.
 *
 *     buf  [ newest....oldest............ ]      head: the oldest byte
 *                  ^tail ^head
 */
#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
ring_free(struct ring *r)
{
    free(r->buf);
    r->buf = NULL;
    r->room = r->len = r->head = 0;
}

/* Copies n bytes from place `at` of the queue on; does not take them. */
static void
copy_out(const struct ring *r, size_t at, uint8_t *to, size_t n)
{
    size_t from = (r->head + at) & (r->room - 1);
    size_t first = r->room - from < n ? r->room - from : n;

    memcpy(to, r->buf + from, first);
    memcpy(to + first, r->buf, n - first);
}

static int
grow(struct ring *r, size_t need)
{
    size_t room = r->room ? r->room : 4096;
    uint8_t *buf;

    while (room < need)
        room *= 2;
    if (room == r->room)
        return 0;
    buf = malloc(room);
    if (!buf)
        return -ENOMEM;
    if (r->len)
        copy_out(r, 0, buf, r->len);
    free(r->buf);
    r->buf = buf;
    r->room = room;
    r->head = 0;
    return 0;
}

static void
append(struct ring *r, const uint8_t *from, size_t n)
{
    size_t tail = (r->head + r->len) & (r->room - 1);
    size_t first = r->room - tail < n ? r->room - tail : n;

    memcpy(r->buf + tail, from, first);
    memcpy(r->buf, from + first, n - first);
    r->len += n;
}

ssize_t
ring_write(struct ring *r, const struct iovec *iov, int n)
{
    size_t total = 0, done = 0;

    for (int i = 0; i < n; i++)
        total += iov[i].iov_len;
    if (total > r->limit - r->len)
        total = r->limit - r->len;
    if (!total)
        return 0;
    if (grow(r, r->len + total))
        return -ENOMEM;
    for (int i = 0; i < n && done < total; i++) {
        size_t part =
            total - done < iov[i].iov_len ? total - done : iov[i].iov_len;

        if (part)
            append(r, iov[i].iov_base, part);
        done += part;
    }
    return (ssize_t)done;
}

void
ring_take(struct ring *r, size_t n)
{
    r->len -= n;
    r->head = (r->head + n) & (r->room - 1);
    if (!r->len && r->room > 4096)
        ring_free(r); /* an idle connection holds no memory */
}

size_t
ring_read(
    struct ring *r, size_t most, const struct iovec *iov, int n, bool peek)
{
    size_t done = 0, end = most < r->len ? most : r->len;

    for (int i = 0; i < n && done < end; i++) {
        size_t left = end - done;
        size_t part = left < iov[i].iov_len ? left : iov[i].iov_len;

        if (part)
            copy_out(r, done, iov[i].iov_base, part);
        done += part;
    }
    if (!peek && done)
        ring_take(r, done);
    return done;
}

/* n bytes from place `at` of the buffer on, which may lead round its end. */
static int
parts(const struct ring *r, size_t at, size_t n, struct iovec part[2])
{
    size_t first = r->room - at < n ? r->room - at : n;

    part[0] = (struct iovec){r->buf + at, first};
    part[1] = (struct iovec){r->buf, n - first};
    return n > first ? 2 : n > 0;
}

int
ring_parts(const struct ring *r, size_t most, struct iovec part[2])
{
    return parts(r, r->head, most < r->len ? most : r->len, part);
}

int
ring_room_parts(struct ring *r, size_t most, struct iovec part[2])
{
    size_t left = r->limit - r->len;

    if (most > left)
        most = left;
    if (!most)
        return 0;
    if (grow(r, r->len + most))
        return -ENOMEM;
    return parts(r, (r->head + r->len) & (r->room - 1), most, part);
}

void
ring_added(struct ring *r, size_t n)
{
    r->len += n;
}
