/*
 * sys_remote_io.c: the system calls that move bytes and those about files
 * and epoll, as messages. What does not fit into one message is split; the
 * caller sees one call that moved as much as all parts together.
 */
#include "sys.h"
#include "sys_remote_link.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int64_t
plain(struct proc *p, unsigned type, int64_t a, int64_t b, int64_t c)
{
    return link_call(p, &(struct link_call){.type = type, .arg = {a, b, c}})
        .ret;
}

/* The bytes of a reply into buf; a reply that promises more is a lie. */
static ssize_t
copy_data(struct remote_reply *r, void *buf, size_t len)
{
    const uint8_t *bytes;

    if (r->ret <= 0)
        return (ssize_t)r->ret;
    bytes = (size_t)r->ret <= len ? get_bytes(&r->data, (size_t)r->ret) : NULL;
    if (!bytes)
        return -EIO;
    memcpy(buf, bytes, (size_t)r->ret);
    return (ssize_t)r->ret;
}

static size_t
cut(size_t len)
{
    return len < REMOTE_DATA ? len : REMOTE_DATA;
}

ssize_t
sys_read(struct proc *p, int fd, void *buf, size_t len)
{
    struct remote_reply r;

    if (link_read(p, REMOTE_read, fd, buf, len))
        return (ssize_t)len;
    r = link_call(p, &(struct link_call){
                         .type = REMOTE_read, .arg = {fd, (int64_t)cut(len)}});
    link_ahead(p, fd, &r);
    return copy_data(&r, buf, len);
}

ssize_t
sys_getrandom(struct proc *p, void *buf, size_t len, unsigned flags)
{
    struct remote_reply r =
        link_call(p, &(struct link_call){.type = REMOTE_getrandom,
                         .arg = {(int64_t)cut(len), flags}});

    return copy_data(&r, buf, len);
}

ssize_t
sys_pread64(struct proc *p, int fd, void *buf, size_t len, off_t offset)
{
    struct remote_reply r =
        link_call(p, &(struct link_call){.type = REMOTE_pread64,
                         .arg = {fd, (int64_t)cut(len), offset}});

    return copy_data(&r, buf, len);
}

ssize_t
sys_getdents64(struct proc *p, int fd, void *buf, size_t len)
{
    struct remote_reply r =
        link_call(p, &(struct link_call){.type = REMOTE_getdents64,
                         .arg = {fd, (int64_t)cut(len)}});

    return copy_data(&r, buf, len);
}

ssize_t
sys_write(struct proc *p, int fd, const void *buf, size_t len)
{
    const uint8_t *at = buf;
    size_t done = 0;

    if (link_unawaited(p, &(struct link_call){.type = REMOTE_write,
                              .arg = {fd},
                              .data = {buf},
                              .len = {len}}))
        return (ssize_t)len;
    do {
        size_t part = cut(len - done);
        int64_t n = link_call(p, &(struct link_call){.type = REMOTE_write,
                                     .arg = {fd},
                                     .data = {at + done},
                                     .len = {part}})
                        .ret;

        if (n < 0)
            return done ? (ssize_t)done : (ssize_t)n;
        done += (size_t)n;
        if ((size_t)n < part)
            break;
    } while (done < len);
    return (ssize_t)done;
}

/* The lengths of up to REMOTE_IOV buffers, and their sum cut to a message. */
static size_t
put_lengths(struct writer *w, const struct iovec *iov, int n)
{
    size_t total = 0;

    for (int i = 0; i < n; i++) {
        size_t part = iov[i].iov_len;

        if (part > REMOTE_DATA - total)
            part = REMOTE_DATA - total;
        put_le32(w, (uint32_t)part);
        total += part;
    }
    return total;
}

ssize_t
sys_readv(struct proc *p, int fd, const struct iovec *iov, int n)
{
    uint8_t lengths[4 * REMOTE_IOV];
    struct writer w = writer_of(lengths, sizeof lengths);
    struct remote_reply r;
    size_t left;

    if (n < 0 || n > REMOTE_IOV)
        return -EINVAL;
    put_lengths(&w, iov, n);
    p->ahead.fd = -1;
    r = link_call(p, &(struct link_call){.type = REMOTE_readv,
                         .arg = {fd, n},
                         .data = {lengths},
                         .len = {writer_len(&w)}});
    left = r.ret > 0 ? (size_t)r.ret : 0;
    if (left > cursor_left(&r.data))
        return -EIO;
    for (int i = 0; i < n && left; i++) {
        size_t part = left < iov[i].iov_len ? left : iov[i].iov_len;

        memcpy(iov[i].iov_base, get_bytes(&r.data, part), part);
        left -= part;
    }
    return left ? -EIO : (ssize_t)r.ret;
}

/* One message of a writev: the bytes from `done` on, as many as fit. */
static int64_t
write_part(struct proc *p, int fd, const struct iovec *iov, int n, size_t done,
    size_t *sent)
{
    uint8_t lengths[4 * REMOTE_IOV], bytes[REMOTE_DATA];
    struct writer w = writer_of(lengths, sizeof lengths);
    struct writer b = writer_of(bytes, sizeof bytes);
    int count = 0;

    for (int i = 0; i < n && writer_len(&b) < sizeof bytes; i++) {
        size_t room = sizeof bytes - writer_len(&b);
        size_t part;

        if (done >= iov[i].iov_len) {
            done -= iov[i].iov_len;
            continue;
        }
        part = iov[i].iov_len - done < room ? iov[i].iov_len - done : room;
        put_le32(&w, (uint32_t)part);
        put_bytes(&b, (const uint8_t *)iov[i].iov_base + done, part);
        count++;
        done = 0;
    }
    *sent = writer_len(&b);
    return link_call(p, &(struct link_call){.type = REMOTE_writev,
                            .arg = {fd, count},
                            .data = {lengths, bytes},
                            .len = {writer_len(&w), writer_len(&b)}})
        .ret;
}

ssize_t
sys_writev(struct proc *p, int fd, const struct iovec *iov, int n)
{
    size_t total = 0, done = 0, sent;

    if (n < 0 || n > REMOTE_IOV)
        return -EINVAL;
    for (int i = 0; i < n; i++)
        total += iov[i].iov_len;
    do {
        int64_t ret = write_part(p, fd, iov, n, done, &sent);

        if (ret < 0)
            return done ? (ssize_t)done : (ssize_t)ret;
        done += (size_t)ret;
        if ((size_t)ret < sent)
            break;
    } while (done < total);
    return (ssize_t)done;
}

ssize_t
sys_sendfile(struct proc *p, int out_fd, int in_fd, off_t *offset, size_t count)
{
    struct remote_reply r;

    p->ahead.fd = -1;
    r = link_call(p, &(struct link_call){.type = REMOTE_sendfile,
                         .arg = {out_fd, in_fd, offset ? *offset : 0,
                             (int64_t)count, offset != NULL}});

    if (offset)
        *offset = r.out[0];
    return (ssize_t)r.ret;
}

/* --- descriptors --------------------------------------------------------- */

int
sys_close(struct proc *p, int fd)
{
    if (p->ahead.fd == fd)
        p->ahead.fd = -1;
    if (link_unawaited(
            p, &(struct link_call){.type = REMOTE_close, .arg = {fd}}))
        return 0;
    return (int)plain(p, REMOTE_close, fd, 0, 0);
}

int
sys_dup2(struct proc *p, int from, int to)
{
    p->ahead.fd = -1; /* two descriptors may read it now, or `to` is another */
    return (int)plain(p, REMOTE_dup2, from, to, 0);
}

int
sys_fcntl(struct proc *p, int fd, int cmd, long arg)
{
    if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)
        p->ahead.fd = -1;
    return (int)plain(p, REMOTE_fcntl, fd, cmd, arg);
}

int
sys_ioctl(struct proc *p, int fd, unsigned long request, int *value)
{
    struct remote_reply r;

    if (!value)
        return -EFAULT;
    r = link_call(p, &(struct link_call){.type = REMOTE_ioctl,
                         .arg = {fd, (int64_t)request, *value}});
    *value = (int)r.out[0];
    return (int)r.ret;
}

int
sys_pipe2(struct proc *p, int fds[2], int flags)
{
    struct remote_reply r =
        link_call(p, &(struct link_call){.type = REMOTE_pipe2, .arg = {flags}});

    fds[0] = (int)r.out[0];
    fds[1] = (int)r.out[1];
    return (int)r.ret;
}

/* --- poll and epoll ------------------------------------------------------ */

int
sys_poll(struct proc *p, struct pollfd *fds, nfds_t n, int timeout_ms)
{
    uint8_t list[6 * REMOTE_POLL];
    struct writer w = writer_of(list, sizeof list);
    struct remote_reply r;

    if (n > REMOTE_POLL)
        return -EINVAL;
    for (nfds_t i = 0; i < n; i++) {
        put_le32(&w, (uint32_t)fds[i].fd);
        put_le16(&w, (uint16_t)fds[i].events);
    }
    r = link_call(p, &(struct link_call){.type = REMOTE_poll,
                         .arg = {(int64_t)n, timeout_ms},
                         .data = {list},
                         .len = {6 * n}});
    for (nfds_t i = 0; i < n && r.ret >= 0; i++)
        fds[i].revents = (short)get_le16(&r.data);
    return r.data.over ? -EIO : (int)r.ret;
}

int
sys_epoll_create1(struct proc *p, int flags)
{
    return (int)plain(p, REMOTE_epoll_create1, flags, 0, 0);
}

int
sys_epoll_ctl(
    struct proc *p, int epfd, int op, int fd, struct epoll_event *event)
{
    struct epoll_event e = event ? *event : (struct epoll_event){0};

    if (!event && op != EPOLL_CTL_DEL)
        return -EFAULT;
    return (int)link_call(
        p, &(struct link_call){.type = REMOTE_epoll_ctl,
               .arg = {epfd, op, fd, e.events, (int64_t)e.data.u64}})
        .ret;
}

int
sys_epoll_wait(struct proc *p, int epfd, struct epoll_event *events, int max,
    int timeout_ms)
{
    struct remote_reply r =
        link_call(p, &(struct link_call){.type = REMOTE_epoll_wait,
                         .arg = {epfd, max, timeout_ms}});

    for (int64_t i = 0; i < r.ret && i < max; i++) {
        events[i].events = get_le32(&r.data);
        events[i].data.u64 = get_le64(&r.data);
    }
    return r.data.over || r.ret > max ? -EIO : (int)r.ret;
}

/* --- files --------------------------------------------------------------- */

int
sys_open(struct proc *p, const char *path, int flags, mode_t mode)
{
    return (int)link_call(p, &(struct link_call){.type = REMOTE_openat,
                                 .arg = {flags, mode},
                                 .data = {path},
                                 .len = {strlen(path)}})
        .ret;
}

static int
take_stat(struct remote_reply *r, struct stat *st)
{
    struct cursor *c = &r->data;

    if (r->ret)
        return (int)r->ret;
    *st = (struct stat){0};
    st->st_dev = get_le64(c);
    st->st_ino = get_le64(c);
    st->st_mode = (mode_t)get_le64(c);
    st->st_nlink = (nlink_t)get_le64(c);
    st->st_uid = (uid_t)get_le64(c);
    st->st_gid = (gid_t)get_le64(c);
    st->st_size = (off_t)get_le64(c);
    st->st_blksize = (blksize_t)get_le64(c);
    st->st_blocks = (blkcnt_t)get_le64(c);
    st->st_atim.tv_sec = (time_t)get_le64(c);
    st->st_mtim.tv_sec = (time_t)get_le64(c);
    st->st_mtim.tv_nsec = (long)get_le64(c);
    st->st_ctim.tv_sec = (time_t)get_le64(c);
    return c->over ? -EIO : 0;
}

int
sys_stat(struct proc *p, const char *path, struct stat *st)
{
    struct remote_reply r = link_call(p,
        &(struct link_call){
            .type = REMOTE_newfstatat, .data = {path}, .len = {strlen(path)}});

    return take_stat(&r, st);
}

int
sys_fstat(struct proc *p, int fd, struct stat *st)
{
    struct remote_reply r =
        link_call(p, &(struct link_call){.type = REMOTE_fstat, .arg = {fd}});

    return take_stat(&r, st);
}

int
sys_unlink(struct proc *p, const char *path)
{
    return (int)link_call(p,
        &(struct link_call){
            .type = REMOTE_unlink, .data = {path}, .len = {strlen(path)}})
        .ret;
}
