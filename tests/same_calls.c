/*
 * same_calls.c: the words of the scripts of test_same_as_linux.c, each with
 * the call of ours and that of Linux beside one another.
 */
#include "same_words.h"
#include "check.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

/* --- the calls ----------------------------------------------------------- */

static int
flags_of(const char *word)
{
    return (strchr(word, 'p') ? MSG_PEEK : 0) |
           (strchr(word, 't') ? MSG_TRUNC : 0) |
           (strchr(word, 'o') ? MSG_OOB : 0) |
           (strchr(word, 'm') ? MSG_MORE : 0) | MSG_NOSIGNAL;
}

/* "sock a domain type protocol" */
static void
do_sock(struct side *s, const struct args *a)
{
    int d = atoi(a->w[2]), t = atoi(a->w[3]), p = atoi(a->w[4]);

    same_fd(s, a->w[1], BOTH(s, sys_socket(s->p, d, t, p), socket(d, t, p)));
}

static void
make(struct side *s, const struct args *a, int domain, int type)
{
    type |= SOCK_NONBLOCK;
    same_fd(s, a->w[1],
        BOTH(s, sys_socket(s->p, domain, type, 0), socket(domain, type, 0)));
}

static void
do_tcp(struct side *s, const struct args *a)
{
    make(s, a, AF_INET, SOCK_STREAM);
}

static void
do_udp(struct side *s, const struct args *a)
{
    make(s, a, AF_INET, SOCK_DGRAM);
}

static void
do_unix(struct side *s, const struct args *a)
{
    make(s, a, AF_UNIX, SOCK_STREAM);
}

static void
do_unix_dgram(struct side *s, const struct args *a)
{
    make(s, a, AF_UNIX, SOCK_DGRAM);
}

static void
do_seqpacket(struct side *s, const struct args *a)
{
    make(s, a, AF_UNIX, SOCK_SEQPACKET);
}

static void
say_two(struct side *s, const struct args *a, long ret, const int fds[2])
{
    same_fd(s, a->w[1], ret < 0 ? ret : fds[0]);
    if (ret >= 0)
        s->fd[a->w[2][0] - 'a'] = fds[1];
}

void
same_do_pair(struct side *s, const struct args *a)
{
    int t = a->w[0][0] == 'd'   ? SOCK_DGRAM
            : a->w[0][0] == 'q' ? SOCK_SEQPACKET
                                : SOCK_STREAM;
    int fds[2] = {-1, -1};

    t |= SOCK_NONBLOCK;

    long ret = BOTH(s, sys_socketpair(s->p, AF_UNIX, t, 0, fds),
        socketpair(AF_UNIX, t, 0, fds));

    say_two(s, a, ret, fds);
}

static void
do_pipe(struct side *s, const struct args *a)
{
    int fds[2] = {-1, -1};
    long ret =
        BOTH(s, sys_pipe2(s->p, fds, O_NONBLOCK), pipe2(fds, O_NONBLOCK));

    say_two(s, a, ret, fds);
}

static void
do_bind(struct side *s, const struct args *a)
{
    struct sockaddr_storage to;
    socklen_t len = same_address(s, a->w[2], &to);
    int fd = same_fd_of(s, a->w[1]);

    same_result(s, BOTH(s, sys_bind(s->p, fd, (void *)&to, len),
                       bind(fd, (void *)&to, len)));
}

static void
do_listen(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]), n = atoi(a->w[2]);

    same_result(s, BOTH(s, sys_listen(s->p, fd, n), listen(fd, n)));
}

/* "accept b a": b is the new one; says who called. */
static void
do_accept(struct side *s, const struct args *a)
{
    struct sockaddr_storage from = {0};
    socklen_t len = sizeof from;
    int fd = same_fd_of(s, a->w[2]);
    long ret =
        BOTH(s, sys_accept4(s->p, fd, (void *)&from, &len, SOCK_NONBLOCK),
            accept4(fd, (void *)&from, &len, SOCK_NONBLOCK));

    same_fd(s, a->w[1], ret);
    if (ret >= 0)
        same_say(s, "/%d/%u", from.ss_family, same_length(s, &from, len));
}

static void
do_connect(struct side *s, const struct args *a)
{
    struct sockaddr_storage to;
    socklen_t len = same_address(s, a->w[2], &to);
    int fd = same_fd_of(s, a->w[1]);

    same_result(s, BOTH(s, sys_connect(s->p, fd, (void *)&to, len),
                       connect(fd, (void *)&to, len)));
}

static void
do_shut(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]), how = atoi(a->w[2]);

    same_result(s, BOTH(s, sys_shutdown(s->p, fd, how), shutdown(fd, how)));
}

static void
do_close(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]);

    s->fd[a->w[1][0] - 'a'] = -1;
    same_result(s, BOTH(s, sys_close(s->p, fd), close(fd)));
}

/* "dup b a": b is the new one. */
static void
do_dup(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[2]);

    same_fd(s, a->w[1],
        BOTH(s, sys_fcntl(s->p, fd, F_DUPFD, 0), fcntl(fd, F_DUPFD, 0)));
}

/* "dup2 a n": the same number on both sides, from 200 on. */
static void
do_dup2(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]), n = atoi(a->w[2]);
    long ret = BOTH(s, sys_dup2(s->p, fd, n), dup2(fd, n));

    same_result(s, ret);
    if (ret >= 0)
        (void)BOTH(s, sys_close(s->p, n), close(n));
}

static void
do_write(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]);
    size_t n = strlen(a->w[2]);

    same_result(
        s, BOTH(s, sys_write(s->p, fd, a->w[2], n), write(fd, a->w[2], n)));
}

static void
do_send(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]), flags = flags_of(a->w[3]);
    size_t n = strlen(a->w[2]);

    same_result(s, BOTH(s, sys_sendto(s->p, fd, a->w[2], n, flags, NULL, 0),
                       send(fd, a->w[2], n, flags)));
}

/* "sendto a text address" */
static void
do_sendto(struct side *s, const struct args *a)
{
    struct sockaddr_storage to;
    socklen_t len = same_address(s, a->w[3], &to);
    int fd = same_fd_of(s, a->w[1]);
    size_t n = strlen(a->w[2]);

    same_result(
        s, BOTH(s,
               sys_sendto(s->p, fd, a->w[2], n, MSG_NOSIGNAL, (void *)&to, len),
               sendto(fd, a->w[2], n, MSG_NOSIGNAL, (void *)&to, len)));
}

/* "big a n": one datagram or write of n bytes. */
static void
do_big(struct side *s, const struct args *a)
{
    static char data[250000];
    int fd = same_fd_of(s, a->w[1]);
    size_t n = (size_t)atoi(a->w[2]);

    same_result(s, BOTH(s, sys_write(s->p, fd, data, n), write(fd, data, n)));
}

static void
say_bytes(struct side *s, long n, const char *buf, size_t room)
{
    same_result(s, n);
    if (n > 0)
        same_say(s, "'%.*s'", (int)((size_t)n < room ? (size_t)n : room), buf);
}

static void
do_read(struct side *s, const struct args *a)
{
    char buf[4096] = {0};
    int fd = same_fd_of(s, a->w[1]);
    size_t n = (size_t)atoi(a->w[2]);

    say_bytes(s, BOTH(s, sys_read(s->p, fd, buf, n), read(fd, buf, n)), buf, n);
}

/* "recv a n flags": p peek, t truncated length, o out of band. */
static void
do_recv(struct side *s, const struct args *a)
{
    char buf[4096] = {0};
    int fd = same_fd_of(s, a->w[1]), flags = flags_of(a->w[3]) & ~MSG_NOSIGNAL;
    size_t n = (size_t)atoi(a->w[2]);
    struct sockaddr_storage from = {0};
    socklen_t len = sizeof from;
    long ret =
        BOTH(s, sys_recvfrom(s->p, fd, buf, n, flags, (void *)&from, &len),
            recvfrom(fd, buf, n, flags, (void *)&from, &len));

    say_bytes(s, ret, buf, n);
    if (ret >= 0)
        same_say(s, "/%u", same_length(s, &from, len));
}

/* "name a", "peer a": family, length, and whether there is a port. */
static void
say_name(struct side *s, const struct args *a, bool peer)
{
    struct sockaddr_storage addr = {0};
    socklen_t len = sizeof addr;
    int fd = same_fd_of(s, a->w[1]);
    long ret = peer ? BOTH(s, sys_getpeername(s->p, fd, (void *)&addr, &len),
                          getpeername(fd, (void *)&addr, &len))
                    : BOTH(s, sys_getsockname(s->p, fd, (void *)&addr, &len),
                          getsockname(fd, (void *)&addr, &len));
    const struct sockaddr_in *in = (void *)&addr;

    same_result(s, ret);
    if (ret < 0)
        return;
    if (addr.ss_family == AF_INET)
        same_say(s, "/inet/%u/%x/%s", len, ntohl(in->sin_addr.s_addr),
            in->sin_port ? "port" : "0");
    else
        same_say(s, "/%d/%u%s", addr.ss_family, same_length(s, &addr, len),
            len > 2 && !((struct sockaddr_un *)&addr)->sun_path[0] ? "@" : "");
}

static void
do_name(struct side *s, const struct args *a)
{
    say_name(s, a, false);
}

static void
do_peer(struct side *s, const struct args *a)
{
    say_name(s, a, true);
}

static const struct {
    const char *word;
    void (*run)(struct side *s, const struct args *a);
} calls[] = {
    {"sock", do_sock},
    {"tcp", do_tcp},
    {"udp", do_udp},
    {"unix", do_unix},
    {"udg", do_unix_dgram},
    {"seq", do_seqpacket},
    {"pair", same_do_pair},
    {"dpair", same_do_pair},
    {"qpair", same_do_pair},
    {"pipe", do_pipe},
    {"bind", do_bind},
    {"listen", do_listen},
    {"accept", do_accept},
    {"connect", do_connect},
    {"shut", do_shut},
    {"close", do_close},
    {"dup", do_dup},
    {"dup2", do_dup2},
    {"write", do_write},
    {"send", do_send},
    {"sendto", do_sendto},
    {"big", do_big},
    {"read", do_read},
    {"recv", do_recv},
    {"name", do_name},
    {"peer", do_peer},
    {"get", same_do_get},
    {"set", same_do_set},
    {"dev", same_do_device},
    {"readv", same_do_readv},
    {"fcntl", same_do_fcntl},
    {"fionread", same_do_fionread},
    {"ep", same_do_ep},
    {"ctl", same_do_ctl},
    {"wait", same_do_wait},
    {"poll", same_do_poll},
    {"ioctl", same_do_ioctl},
    {"state", same_do_state},
    {"sendfile", same_do_sendfile},
    {"splice", same_do_splice},
    {"tee", same_do_tee},
    {"smsg", same_do_smsg},
    {"rmsg", same_do_rmsg},
    {"smany", same_do_smany},
    {"rmany", same_do_rmany},
    {"own", same_do_own},
    {"owni", same_do_own},
    {"owner", same_do_owner},
    {"urg", same_do_urg},
    {"sio", same_do_urg},
    {"sig", same_do_urg},
    {"spi", same_do_urg},
    {"pass", same_do_pass},
    {"claim", same_do_claim},
    {"cred", same_do_cred},
    {"stale", same_do_stale},
    {"full", same_do_full},
    {"flood", same_do_flood},
    {"polls", same_do_polls},
    {"ppoll", same_do_ppoll},
    {"select", same_do_select},
    {"pselect", same_do_pselect},
};

/* --- a script ------------------------------------------------------------ */

static void
run_call(struct side *s, char *text)
{
    struct timespec pause = {0, s->pause_ns ? s->pause_ns : LW_MS};
    struct args a = {{"", "", "", "", "", ""}};
    char *rest, *word = strtok_r(text, " ", &rest);
    unsigned i = 0;

    for (int n = 0; word && n < 6; n++) {
        a.w[n] = word;
        word = strtok_r(NULL, " ", &rest);
    }
    while (i < LW_COUNT(calls) && strcmp(calls[i].word, a.w[0]) != 0)
        i++;
    if (!CHECK(i < LW_COUNT(calls)))
        return;
    same_say(s, "%s", a.w[0]);
    calls[i].run(s, &a);
    same_say(s, "; ");
    if (s->p)
        sys_nanosleep(s->p, &pause);
    else if (s->pause_ns > 0)
        nanosleep(&pause, NULL);
}

void
same_go(struct side *s, const char *script)
{
    char text[1024], *rest, *call;

    snprintf(text, sizeof text, "%s", script);
    for (call = strtok_r(text, ";", &rest); call;
         call = strtok_r(NULL, ";", &rest))
        run_call(s, call);
}

void
same_run(struct side *s)
{
    s->out[0] = '\0';
    memset(s->last, 0, sizeof s->last);
    for (int i = 0; i < 26; i++)
        s->fd[i] = -1;
    same_go(s, s->script);
}
