/*
 * sys_sendfile.c: sendfile(2): a file goes to a socket without a stay in the
 * program's memory, and without a copy in the kernel's:
 *
 *     page cache  <- - - - - - - - - - - -  send buffer  - - ->  card
 *     [ a page of the file, read once ]     (references)
 *
 * A disk that keeps pages (page.h) lends them to a socket that can hold
 * references; SENDFILE reports how many bytes were lent and how many copied.
 * What is lent stays as it was read, also when the file changes before it is
 * on the wire. (Linux sends what the page says at that moment, and leaves it
 * to the program not to change the file: the notes of sendfile(2).)
 */
#include "sys.h"
#include "disk_file.h"
#include "page.h"
#include "sock.h"
#include "strace.h"
#include "sys_io.h"

#include <errno.h>

enum {
    LEND_LEAST = 4096 /* bytes: fewer are copied sooner than lent */
};

/* What a call of sendfile did with the bytes. */
struct sendfile {
    struct proc *p;
    struct file *from, *to;
    size_t lent, copied;
};

/* Some of what the file holds from `at` on: pages are lent to the socket, if
 * it takes them and there is enough to be worth the bookkeeping. */
static ssize_t
send_piece(struct sendfile *s, off_t at, size_t len)
{
    struct page *page = disk_file_page(s->from, at);
    uint8_t *scratch = s->p->k->scratch;
    struct iovec iov = {scratch, 0};
    bool more, lend;
    ssize_t n;

    if (page) {
        uint32_t skip = (uint32_t)((uint64_t)at - page->at);

        n = page->len - skip;
        iov.iov_base = (uint8_t *)(uintptr_t)page->data + skip;
    } else {
        n = disk_file_pread(
            s->from, scratch, len < SCRATCH_SIZE ? len : SCRATCH_SIZE, at);
        if (n <= 0)
            return n == -EISDIR ? -EINVAL : n; /* sendfile(2) */
    }
    iov.iov_len = (size_t)n < len ? (size_t)n : len;
    more = iov.iov_len < len;
    lend = page && iov.iov_len >= LEND_LEAST && s->to->ops->send_page;
    if (lend)
        n = s->to->ops->send_page(s->to, page, (uint32_t)(at - (off_t)page->at),
            (uint32_t)iov.iov_len, more);
    else
        n = s->to->ops->send(s->to,
            &(struct io){.iov = &iov, .n = 1, .flags = more ? MSG_MORE : 0});
    page_put(page);
    if (n > 0)
        *(lend ? &s->lent : &s->copied) += (size_t)n;
    return n;
}

static ssize_t
send_pieces(struct sendfile *s, off_t *offset, size_t count)
{
    struct patience w = sock_patience(s->to, 0, true);
    size_t done = 0;

    while (done < count) {
        ssize_t n = send_piece(s, *offset, count - done);

        if (n > 0) {
            *offset += n;
            done += (size_t)n;
        } else if (n != -EAGAIN || !sock_wait(s->p, s->to,
                                       EPOLLOUT | EPOLLHUP | EPOLLERR, &w)) {
            return done ? (ssize_t)done : n;
        }
    }
    return (ssize_t)done;
}

static ssize_t
send_file(struct proc *p, int out, int in, off_t *offset, size_t count)
{
    struct sendfile s = {p, fd_get(p, in), fd_get(p, out), 0, 0};
    ssize_t n;

    if (!s.from || !s.to || (s.to->flags & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    if (!is_disk_file(s.from) || *offset < 0)
        return -EINVAL;
    n = send_pieces(&s, offset, count);
    if (n > 0)
        NOTE(p->k->env, EV_SENDFILE, RULE_SYS_SENDFILE, f_u64("sock", s.to->no),
            f_u64("lent", s.lent), f_u64("copied", s.copied));
    return n;
}

ssize_t
sys_sendfile(struct proc *p, int out_fd, int in_fd, off_t *offset, size_t count)
{
    struct file *in;
    off_t start = 0, *at;
    ssize_t n;

    call_begin(p, CALL_sendfile);
    in = fd_get(p, in_fd);
    at = offset                   ? offset
         : in && is_disk_file(in) ? disk_file_offset(in)
                                  : &start;
    start = *at;
    n = send_file(p, out_fd, in_fd, at, count);
    if (offset)
        CALL_END(p, out_fd, n, "%d, %d, [%lld] => [%lld], %zu", out_fd, in_fd,
            (long long)start, (long long)*offset, count);
    else
        CALL_END(p, out_fd, n, "%d, %d, NULL, %zu", out_fd, in_fd, count);
    io_broken_pipe(p, out_fd, n, 0);
    return n;
}
