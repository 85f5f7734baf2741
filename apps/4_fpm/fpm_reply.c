/*
 * fpm_reply.c: writing.
 *
 *     out:  | header | content ............ | header | content ...      |
 *           ^ a closed record               ^ record: the open one
 *
 * The header of the open record is filled in when it is closed: when the
 * other stream writes, when the buffer is full, or at a flush. Output larger
 * than the buffer goes past it, 65528 bytes to a record.
 */
#include "fpm_conn.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define BIG_RECORD 0xfff8 /* the largest length that needs no padding */

static void
note_record(struct fpm_conn *c, unsigned type, size_t len, uint64_t at)
{
    struct env *env = sys_env(c->proc);

    if (journal_wants(env->journal, EV_FCGI_RECORD_SENT))
        journal_note(env->journal,
            &(struct note){EV_FCGI_RECORD_SENT, RULE_FCGI_RECORD, __func__,
                env->host, 0, (uint32_t)at,
                (uint32_t)(FCGI_HEADER_LEN + len + fcgi_padding(len)), true},
            LW_FIELDS(f_text("by", "php-fpm"),
                f_text("type", fcgi_type_name(type)), f_u64("id", c->id),
                f_u64("len", len), f_u64("padding", fcgi_padding(len)),
                f_u64("fd", (uint64_t)c->fd)));
}

static bool
write_all(struct fpm_conn *c, const void *data, size_t len)
{
    const uint8_t *p = data;
    ssize_t n;

    c->out_at += len;
    while (len > 0 && !c->stream_over) {
        n = sys_write(c->proc, c->fd, p, len);
        if (n == -EINTR)
            continue;
        if (n <= 0) {
            c->stream_over = true;
            c->keep = false;
            break;
        }
        p += n;
        len -= (size_t)n;
    }
    return !c->stream_over;
}

void
fpm_conn_answer(struct fpm_conn *c, const struct writer *w)
{
    assert(!w->over);
    note_record(
        c, w->start[1], (size_t)(w->start[4] << 8 | w->start[5]), c->out_at);
    write_all(c, w->start, writer_len(w));
}

/* Room at the end of out; every caller has made sure of it. */
static struct writer
tail(struct fpm_conn *c)
{
    return writer_of(c->out + c->out_len, sizeof(c->out) - c->out_len);
}

static void
close_record(struct fpm_conn *c)
{
    static const uint8_t zeros[8];
    size_t len;
    struct writer w;

    if (c->out_type == 0)
        return;
    len = c->out_len - c->record - FCGI_HEADER_LEN;
    w = writer_of(c->out + c->record, FCGI_HEADER_LEN);
    fcgi_put_header(
        &w, c->out_type, c->id, (uint16_t)len, (uint8_t)fcgi_padding(len));
    note_record(c, c->out_type, len, c->out_at + c->record);
    memcpy(c->out + c->out_len, zeros, fcgi_padding(len));
    c->out_len += fcgi_padding(len);
    c->out_type = 0;
}

bool
fpm_conn_flush(struct fpm_conn *c)
{
    size_t len;

    close_record(c);
    len = c->out_len;
    c->out_len = 0;
    return len == 0 || write_all(c, c->out, len);
}

/* Bytes of content that still fit; padding and end have room of their own. */
static size_t
room(const struct fpm_conn *c)
{
    size_t used = c->out_len + (c->out_type ? 0 : FCGI_HEADER_LEN);

    return used < FPM_OUT_SIZE ? FPM_OUT_SIZE - used : 0;
}

static void
write_small(
    struct fpm_conn *c, enum fcgi_type type, const void *data, size_t len)
{
    struct writer w;

    if (c->out_type == 0) {
        c->record = c->out_len;
        c->out_type = (uint8_t)type;
        c->out_len += FCGI_HEADER_LEN;
    }
    w = tail(c);
    put_bytes(&w, data, len);
    assert(!w.over);
    c->out_len += len;
}

/* Past the buffer: its header goes out with what is buffered, then the
 * content from where it lies. */
static bool
write_big(
    struct fpm_conn *c, enum fcgi_type type, const uint8_t *data, size_t len)
{
    struct writer w;
    size_t n;

    close_record(c);
    for (; len >= 8; data += n, len -= n) {
        n = len > BIG_RECORD ? BIG_RECORD : len & ~(size_t)7;
        w = tail(c);
        fcgi_put_header(&w, type, c->id, (uint16_t)n, 0);
        assert(!w.over);
        note_record(c, type, n, c->out_at + c->out_len);
        c->out_len += FCGI_HEADER_LEN;
        if (!fpm_conn_flush(c) || !write_all(c, data, n))
            return false;
    }
    if (len > 0)
        write_small(c, type, data, len);
    return true;
}

bool
fpm_conn_write(
    struct fpm_conn *c, enum fcgi_type type, const void *data, size_t len)
{
    const uint8_t *p = data;
    size_t n;

    if (c->fd < 0 || c->ended || c->stream_over)
        return false;
    if (len == 0)
        return true;
    if (c->out_type && c->out_type != type)
        close_record(c);
    n = room(c);
    if (len >= n && len - n >= FPM_OUT_SIZE - FCGI_HEADER_LEN)
        return write_big(c, type, p, len);
    if (len < n) {
        write_small(c, type, p, len);
        return true;
    }
    if (n > 0)
        write_small(c, type, p, n);
    if (!fpm_conn_flush(c))
        return false;
    if (len > n)
        write_small(c, type, p + n, len - n);
    return true;
}

bool
fpm_conn_end(struct fpm_conn *c)
{
    struct writer w;

    if (c->ended || c->fd < 0)
        return true;
    c->ended = true;
    close_record(c);
    w = tail(c);
    fcgi_put_end(&w, c->id, 0, FCGI_REQUEST_COMPLETE);
    assert(!w.over);
    note_record(c, FCGI_END_REQUEST, 8, c->out_at + c->out_len);
    c->out_len += writer_len(&w);
    if (!c->stream_over)
        sys_unawaited(c->proc); /* there is nothing to stop any more */
    return fpm_conn_flush(c);
}

/*
 * After the last byte: say that no more comes, read what the server still
 * sends (at least the empty STDIN record), and close when it has closed.
 * Closing with unread bytes would send a reset, which can destroy the answer
 * on its way.
 */
bool
fpm_conn_close(struct fpm_conn *c, bool force)
{
    uint8_t rest[8];

    if (c->fd < 0 || (c->keep && !force))
        return false;
    if (!force && !c->stream_over) {
        sys_unawaited(c->proc);
        sys_shutdown(c->proc, c->fd, SHUT_WR);
        while (
            sys_recvfrom(c->proc, c->fd, rest, sizeof(rest), 0, NULL, NULL) > 0)
            ;
    }
    sys_unawaited(c->proc);
    sys_close(c->proc, c->fd);
    c->fd = -1;
    return true;
}
