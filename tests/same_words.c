/*
 * same_words.c: the words of the scripts about descriptors, options and
 * epoll, and what all words use, addresses above all.
 */
#include "same_words.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

/* Linux tells of an error beside the result. */
long
same_real(long ret)
{
    return ret < 0 ? -errno : ret;
}

void
same_say(struct side *s, const char *format, ...)
{
    size_t used = strlen(s->out);
    va_list ap;

    va_start(ap, format);
    vsnprintf(s->out + used, sizeof s->out - used, format, ap);
    va_end(ap);
}

void
same_result(struct side *s, long ret)
{
    if (ret < 0)
        same_say(s, " %s", strerrorname_np((int)-ret));
    else
        same_say(s, " %ld", ret);
}

/* A new descriptor: its number is another one on each side. */
void
same_fd(struct side *s, const char *word, long fd)
{
    same_say(s, " %s", fd < 0 ? strerrorname_np((int)-fd) : "fd");
    if (fd >= 0)
        s->fd[word[0] - 'a'] = (int)fd;
}

int
same_fd_of(const struct side *s, const char *word)
{
    return word[0] >= 'a' && word[0] <= 'z' ? s->fd[word[0] - 'a'] : -1;
}

/* --- addresses ----------------------------------------------------------- */

/* Names of Unix sockets on Linux are made unique by a folder. */
static socklen_t
unix_address(struct side *s, const char *word, struct sockaddr_un *un)
{
    size_t at = offsetof(struct sockaddr_un, sun_path);
    int abstract = word[0] == '@';

    un->sun_family = AF_UNIX;
    if (word[0] == 'a')
        return (socklen_t)at;
    return (socklen_t)(at + 1) + (socklen_t)snprintf(un->sun_path + abstract,
                                     sizeof un->sun_path - 1, "%s%s", s->dir,
                                     word + abstract);
}

/* The length of an address, without the folder. */
socklen_t
same_length(
    const struct side *s, const struct sockaddr_storage *addr, socklen_t len)
{
    const struct sockaddr_un *un = (const void *)addr;
    const char *name = un->sun_path + (len > 2 && !un->sun_path[0]);
    size_t n = strlen(s->dir);

    if (len > 2 && un->sun_family == AF_UNIX && memcmp(name, s->dir, n) == 0)
        len -= (socklen_t)n;
    return len;
}

/*
 * Addresses: ":0" any port of 127.0.0.1, ":N" that one, "any" 0.0.0.0:0,
 * "=b" where b is bound (or was, when "=b" was said last), "away" not ours,
 * "peer" that of the stage, "all" a broadcast, "none" AF_UNSPEC, "inet6" a
 * wrong family, "short" cut off, "/x" a Unix name, "@x" an abstract one,
 * "auto" the family of one alone.
 */
socklen_t
same_address(struct side *s, const char *word, struct sockaddr_storage *addr)
{
    struct sockaddr_in *in = (void *)addr;
    struct sockaddr_un *un = (void *)addr;
    socklen_t len = sizeof *addr;

    memset(addr, 0, sizeof *addr);
    if (strchr("/@", word[0]) || !strcmp(word, "auto"))
        return unix_address(s, word, un);
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (word[0] == '=') {
        int fd = same_fd_of(s, word + 1);

        if (fd < 0) { /* closed by now: where it was */
            *addr = s->last[word[1] - 'a'];
            return sizeof *in;
        }
        (void)BOTH(s, sys_getsockname(s->p, fd, (void *)addr, &len),
            getsockname(fd, (void *)addr, &len));
        s->last[word[1] - 'a'] = *addr;
        if (in->sin_family == AF_INET && !in->sin_addr.s_addr)
            in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else if (word[0] == ':')
        in->sin_port = htons((uint16_t)atoi(word + 1));
    else if (!strcmp(word, "any"))
        in->sin_addr.s_addr = 0;
    else if (!strcmp(word, "away"))
        inet_pton(AF_INET, "192.0.2.99", &in->sin_addr);
    else if (!strcmp(word, "all")) {
        in->sin_addr.s_addr = 0xffffffff;
        in->sin_port = htons(9);
    } else if (!strcmp(word, "peer")) {
        inet_pton(AF_INET, "10.0.0.2", &in->sin_addr);
        in->sin_port = htons((uint16_t)s->port);
    } else if (!strcmp(word, "none"))
        in->sin_family = AF_UNSPEC;
    else if (!strcmp(word, "inet6"))
        in->sin_family = AF_INET6;
    return !strcmp(word, "short") ? 4 : sizeof *in;
}

/* --- descriptors, options, epoll ----------------------------------------- */

/* "get a level name": numbers as in the headers. */
void
same_do_get(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]), l = atoi(a->w[2]), n = atoi(a->w[3]);
    int value[2] = {0};
    socklen_t len = sizeof value;
    long ret = BOTH(s, sys_getsockopt(s->p, fd, l, n, value, &len),
        getsockopt(fd, l, n, value, &len));

    same_result(s, ret);
    if (ret == 0)
        same_say(s, "=%d,%d/%u", value[0], value[1], len);
}

/* "set a level name value [length]" */
void
same_do_set(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]), l = atoi(a->w[2]), n = atoi(a->w[3]);
    int value[8] = {atoi(a->w[4])};
    socklen_t len = a->w[5][0] ? (socklen_t)atoi(a->w[5]) : 8;

    same_result(s, BOTH(s, sys_setsockopt(s->p, fd, l, n, value, len),
                       setsockopt(fd, l, n, value, len)));
}

/* "dev a lo": SO_BINDTODEVICE; "dev a -" to none; "dev a" says to which. */
void
same_do_device(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]);
    const char *name = strcmp(a->w[2], "-") == 0 ? "" : a->w[2];
    char is[16] = "";
    socklen_t len = a->w[3][0] ? (socklen_t)atoi(a->w[3]) : sizeof is;

    if (a->w[2][0]) {
        len = (socklen_t)strlen(name);
        same_result(
            s, BOTH(s,
                   sys_setsockopt(
                       s->p, fd, SOL_SOCKET, SO_BINDTODEVICE, name, len),
                   setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, len)));
        return;
    }
    same_result(s,
        BOTH(s, sys_getsockopt(s->p, fd, SOL_SOCKET, SO_BINDTODEVICE, is, &len),
            getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, is, &len)));
    same_say(s, "/%u/%.16s", len, is);
}

/* "readv a 3 0 4": into buffers of these sizes. */
void
same_do_readv(struct side *s, const struct args *a)
{
    char buf[4][64] = {""};
    struct iovec iov[4];
    int fd = same_fd_of(s, a->w[1]), n = 0;

    for (; n < 4 && a->w[n + 2][0]; n++)
        iov[n] = (struct iovec){buf[n], (size_t)atoi(a->w[n + 2])};
    same_result(s, BOTH(s, sys_readv(s->p, fd, iov, n), readv(fd, iov, n)));
    for (int i = 0; i < n; i++)
        same_say(s, "[%s]", buf[i]);
}

/* "fcntl a command argument" */
void
same_do_fcntl(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]), cmd = atoi(a->w[2]);
    long arg = strtol(a->w[3], NULL, 0);

    same_result(s, BOTH(s, sys_fcntl(s->p, fd, cmd, arg), fcntl(fd, cmd, arg)));
}

void
same_do_fionread(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]), n = -7;

    same_result(
        s, BOTH(s, sys_ioctl(s->p, fd, FIONREAD, &n), ioctl(fd, FIONREAD, &n)));
    same_say(s, "=%d", n);
}

void
same_do_ep(struct side *s, const struct args *a)
{
    int flags = atoi(a->w[2]);

    same_fd(s, a->w[1],
        BOTH(s, sys_epoll_create1(s->p, flags), epoll_create1(flags)));
}

/* "ctl e op a events": op 1 add, 2 delete, 3 modify; events in hex. */
void
same_do_ctl(struct side *s, const struct args *a)
{
    struct epoll_event e = {.events = (uint32_t)strtoul(a->w[4], NULL, 16),
        .data.u64 = (uint64_t)a->w[3][0]};
    int ep = same_fd_of(s, a->w[1]), op = atoi(a->w[2]),
        fd = same_fd_of(s, a->w[3]);

    same_result(s, BOTH(s, sys_epoll_ctl(s->p, ep, op, fd, &e),
                       epoll_ctl(ep, op, fd, &e)));
}

/* "wait e max": the events, in order. */
void
same_do_wait(struct side *s, const struct args *a)
{
    struct epoll_event e[16] = {{0}};
    int ep = same_fd_of(s, a->w[1]), max = atoi(a->w[2]);
    long n =
        BOTH(s, sys_epoll_wait(s->p, ep, e, max, 0), epoll_wait(ep, e, max, 0));

    same_result(s, n);
    for (long i = 0; i < n; i++)
        same_say(s, "[%c:%x]", (char)e[i].data.u64, e[i].events);
}

/* "poll a": everything that epoll would say of a now. */
void
same_do_poll(struct side *s, const struct args *a)
{
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP};
    int fd = same_fd_of(s, a->w[1]);
    int ep = (int)BOTH(s, sys_epoll_create1(s->p, 0), epoll_create1(0));
    long ret = BOTH(s, sys_epoll_ctl(s->p, ep, EPOLL_CTL_ADD, fd, &e),
        epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));

    if (ret == 0)
        ret = BOTH(
            s, sys_epoll_wait(s->p, ep, &e, 1, 0), epoll_wait(ep, &e, 1, 0));
    same_result(s, ret);
    if (ret > 0)
        same_say(s, "[%x]", e.events);
    (void)BOTH(s, sys_close(s->p, ep), close(ep));
}

/* "ioctl a request": the request in hex; what it says. */
void
same_do_ioctl(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]), n = -7;
    unsigned long request = strtoul(a->w[2], NULL, 16);

    same_result(
        s, BOTH(s, sys_ioctl(s->p, fd, request, &n), ioctl(fd, request, &n)));
    same_say(s, "=%d", n);
}

/* "state a": the first byte of TCP_INFO. */
void
same_do_state(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]);
    uint8_t info[256] = {0};
    socklen_t len = sizeof info;
    long ret = BOTH(s, sys_getsockopt(s->p, fd, IPPROTO_TCP, 11, info, &len),
        getsockopt(fd, IPPROTO_TCP, 11, info, &len));

    same_result(s, ret);
    same_say(s, "=%u", info[0]);
}

/* "sendfile a b n" */
void
same_do_sendfile(struct side *s, const struct args *a)
{
    int to = same_fd_of(s, a->w[1]), from = same_fd_of(s, a->w[2]);
    size_t n = (size_t)atoi(a->w[3]);

    same_result(s, BOTH(s, sys_sendfile(s->p, to, from, NULL, n),
                       sendfile(to, from, NULL, n)));
}

/* "splice from to n flags [offset]": flags as in the header; an offset of
 * the first. */
void
same_do_splice(struct side *s, const struct args *a)
{
    int from = same_fd_of(s, a->w[1]), to = same_fd_of(s, a->w[2]);
    size_t n = (size_t)atoi(a->w[3]);
    unsigned flags = (unsigned)atoi(a->w[4]);
    off_t at = atoi(a->w[5]), *off = a->w[5][0] ? &at : NULL;

    same_result(s, BOTH(s, sys_splice(s->p, from, off, to, NULL, n, flags),
                       splice(from, off, to, NULL, n, flags)));
}

void
same_do_tee(struct side *s, const struct args *a)
{
    int from = same_fd_of(s, a->w[1]), to = same_fd_of(s, a->w[2]);
    size_t n = (size_t)atoi(a->w[3]);
    unsigned flags = (unsigned)atoi(a->w[4]);

    same_result(
        s, BOTH(s, sys_tee(s->p, from, to, n, flags), tee(from, to, n, flags)));
}
