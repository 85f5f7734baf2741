/*
 * same_msg.c: the words of the scripts about sendmsg(2) and recvmsg(2), and
 * the scripts of test_same_as_linux.c with them.
 */
#include "same_scripts.h"
#include "same_words.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct control {
    uint8_t bytes[256];
    size_t len;
};

static void
add(struct control *c, int level, int type, const void *data, size_t len)
{
    struct cmsghdr h = {CMSG_LEN(len), level, type};

    memset(c->bytes + c->len, 0, CMSG_SPACE(len));
    memcpy(c->bytes + c->len, &h, sizeof h);
    memcpy(c->bytes + c->len + sizeof h, data, len);
    c->len += CMSG_SPACE(len);
}

static void
add_pktinfo(struct control *c, int card, const char *spec)
{
    struct in_pktinfo info = {.ipi_ifindex = card};

    inet_pton(AF_INET, spec, &info.ipi_spec_dst);
    add(c, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
}

/* One letter, one control message; capitals are wrong in some way. */
static void
add_letter(struct control *c, char letter)
{
    const int nine = 9, none = 0, much = 256, tos = 16;
    struct cmsghdr lie = {3, IPPROTO_IP, IP_TTL};

    switch (letter) {
    case 't': add(c, IPPROTO_IP, IP_TTL, &nine, 4); break;
    case 'T': add(c, IPPROTO_IP, IP_TTL, &none, 4); break;
    case 'V': add(c, IPPROTO_IP, IP_TTL, &much, 4); break;
    case 'B': add(c, IPPROTO_IP, IP_TTL, &nine, 1); break;
    case 'q': add(c, IPPROTO_IP, IP_TOS, &tos, 4); break;
    case 'b': add(c, IPPROTO_IP, IP_TOS, &tos, 1); break;
    case 'Q': add(c, IPPROTO_IP, IP_TOS, &much, 4); break;
    case 'p': add_pktinfo(c, 0, "127.0.0.2"); break;
    case 'c': add_pktinfo(c, 1, "0.0.0.0"); break;
    case 'P': add_pktinfo(c, 0, "192.0.2.1"); break;
    case 'C': add_pktinfo(c, 99, "0.0.0.0"); break;
    case 'I': add(c, IPPROTO_IP, IP_PKTINFO, &nine, 4); break;
    case 'U': add(c, IPPROTO_IP, 77, &nine, 4); break;
    case 'S': add(c, SOL_SOCKET, 77, &nine, 4); break;
    case 'x': add(c, 999, 77, &nine, 4); break;
    case 'G': add(c, IPPROTO_UDP, 77, &nine, 4); break;
    case 'L':
        memcpy(c->bytes + c->len, &lie, sizeof lie);
        c->len += sizeof lie;
        break;
    default: break;
    }
}

/* "smsg a text address letters": in two buffers; "-": no address. */
void
same_do_smsg(struct side *s, const struct args *a)
{
    struct sockaddr_storage to;
    struct control c = {.len = 0};
    size_t n = strlen(a->w[2]);
    struct iovec iov[2] = {{a->w[2], n > 0}, {a->w[2] + (n > 0), n - (n > 0)}};
    struct msghdr m = {.msg_iov = iov, .msg_iovlen = 2};
    int fd = same_fd_of(s, a->w[1]);

    if (strcmp(a->w[3], "-") != 0) {
        m.msg_namelen = same_address(s, a->w[3], &to);
        m.msg_name = &to;
    }
    for (const char *l = a->w[4]; *l; l++)
        add_letter(&c, *l);
    m.msg_control = c.len ? c.bytes : NULL;
    m.msg_controllen = c.len;
    same_result(s, BOTH(s, sys_sendmsg(s->p, fd, &m, MSG_NOSIGNAL),
                       sendmsg(fd, &m, MSG_NOSIGNAL)));
}

static void
say_error(struct side *s, const uint8_t *data)
{
    struct sock_extended_err e;
    struct sockaddr_in from;

    memcpy(&e, data, sizeof e);
    memcpy(&from, data + sizeof e, sizeof from);
    same_say(s, ":%s:%u:%u:%u:%u:%u:%u:%x", strerrorname_np((int)e.ee_errno),
        e.ee_origin, e.ee_type, e.ee_code, e.ee_info, e.ee_data,
        from.sin_family, ntohl(from.sin_addr.s_addr));
}

static void
say_control(struct side *s, const struct msghdr *m)
{
    const uint8_t *bytes = m->msg_control;
    struct cmsghdr h;

    same_say(s, " control %zu", m->msg_controllen);
    for (size_t at = 0; at + sizeof h <= m->msg_controllen;
         at += CMSG_ALIGN(h.cmsg_len)) {
        const uint8_t *data = bytes + at + sizeof h;

        memcpy(&h, bytes + at, sizeof h);
        same_say(s, "[%d:%d:%zu", h.cmsg_level, h.cmsg_type, h.cmsg_len);
        if (h.cmsg_type == IP_RECVERR && h.cmsg_len >= 48)
            say_error(s, data);
        else if (h.cmsg_level == IPPROTO_IP)
            for (size_t i = 0; i < h.cmsg_len - sizeof h; i++)
                same_say(s, "%s%x", i ? "." : ":", data[i]);
        same_say(s, "]");
        if (h.cmsg_len < sizeof h)
            break;
    }
}

/* "rmsg a n flags [room]": into two buffers; p peek, t the real length, e
 * the error queue. */
void
same_do_rmsg(struct side *s, const struct args *a)
{
    struct sockaddr_in from = {0};
    char buf[4096] = "";
    uint8_t control[512] = {0};
    size_t n = (size_t)atoi(a->w[2]);
    struct iovec iov[2] = {{buf, n / 2}, {buf + n / 2, n - n / 2}};
    struct msghdr m = {.msg_name = &from,
        .msg_namelen = sizeof from,
        .msg_iov = iov,
        .msg_iovlen = 2,
        .msg_control = control,
        .msg_controllen = a->w[4][0] ? (size_t)atoi(a->w[4]) : sizeof control};
    int fd = same_fd_of(s, a->w[1]);
    int flags = (strchr(a->w[3], 'p') ? MSG_PEEK : 0) |
                (strchr(a->w[3], 't') ? MSG_TRUNC : 0) |
                (strchr(a->w[3], 'e') ? MSG_ERRQUEUE : 0);
    long ret =
        BOTH(s, sys_recvmsg(s->p, fd, &m, flags), recvmsg(fd, &m, flags));

    same_result(s, ret);
    if (ret < 0)
        return;
    same_say(s, "'%.*s'", (int)((size_t)ret < n ? (size_t)ret : n), buf);
    same_say(s, " flags %x name %u:%x", (unsigned)m.msg_flags, m.msg_namelen,
        ntohl(from.sin_addr.s_addr));
    say_control(s, &m);
}

/* "smany a n": n messages at once, of one byte more each. */
void
same_do_smany(struct side *s, const struct args *a)
{
    struct mmsghdr m[8] = {0};
    struct iovec iov[8];
    unsigned n = (unsigned)atoi(a->w[2]);
    int fd = same_fd_of(s, a->w[1]);

    for (unsigned i = 0; i < 8; i++) {
        iov[i] = (struct iovec){"abcdefgh", i};
        m[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i], .msg_iovlen = 1};
    }
    same_result(s, BOTH(s, sys_sendmmsg(s->p, fd, m, n, MSG_NOSIGNAL),
                       sendmmsg(fd, m, n, MSG_NOSIGNAL)));
    for (unsigned i = 0; i < n; i++)
        same_say(s, "[%u]", m[i].msg_len);
}

/* "rmany a n ms": w waits for one (here all are non-blocking). */
void
same_do_rmany(struct side *s, const struct args *a)
{
    struct mmsghdr m[8] = {0};
    char buf[8][16] = {""};
    struct iovec iov[8];
    unsigned n = (unsigned)atoi(a->w[2]);
    struct timespec ts = {0, atol(a->w[3]) * LW_MS};
    int fd = same_fd_of(s, a->w[1]);

    for (unsigned i = 0; i < 8; i++) {
        iov[i] = (struct iovec){buf[i], 5};
        m[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i], .msg_iovlen = 1};
    }
    same_result(s, BOTH(s, sys_recvmmsg(s->p, fd, m, n, MSG_WAITFORONE, &ts),
                       recvmmsg(fd, m, n, MSG_WAITFORONE, &ts)));
    for (unsigned i = 0; i < n; i++)
        same_say(s, "[%u:%s:%x]", m[i].msg_len, buf[i],
            (unsigned)m[i].msg_hdr.msg_flags);
}

/* --- the owner of a socket ----------------------------------------------- */

static int
pid_of(struct side *s, const char *word)
{
    int me = (int)BOTH(s, sys_getpid(s->p), getpid());

    return !strcmp(word, "me") ? me : atoi(word);
}

/* "own a pid", "owni a pid": by fcntl or ioctl; "me": the caller. */
void
same_do_own(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]), pid = pid_of(s, a->w[2]);
    bool by_ioctl = a->w[0][3] == 'i';

    same_result(s, by_ioctl ? BOTH(s, sys_ioctl(s->p, fd, FIOSETOWN, &pid),
                                  ioctl(fd, FIOSETOWN, &pid))
                            : BOTH(s, sys_fcntl(s->p, fd, F_SETOWN, pid),
                                  fcntl(fd, F_SETOWN, pid)));
}

/* "owner a": what both calls say. */
void
same_do_owner(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]), me = pid_of(s, "me"), pid = -7;
    long by_fcntl =
        BOTH(s, sys_fcntl(s->p, fd, F_GETOWN, 0), fcntl(fd, F_GETOWN));
    long by_ioctl = BOTH(
        s, sys_ioctl(s->p, fd, SIOCGPGRP, &pid), ioctl(fd, SIOCGPGRP, &pid));

    if (by_fcntl == me && pid == me)
        same_say(s, " me");
    else
        same_say(s, " %ld %ld %d", by_fcntl, by_ioctl, pid);
}

/* "urg", "sio", "spi", "sig": has SIGURG, SIGIO, SIGPIPE, another of what may
 * come in a script come? They are blocked. */
void
same_do_urg(struct side *s, const struct args *a)
{
    const struct timespec now = {0, 0};
    const char *w = a->w[0];
    uint64_t bits = 1ull << ((w[1] == 'i' ? SIGIO : SIGURG) - 1);
    sigset_t set = same_signals();

    if (w[1] == 'p')
        bits = 1ull << (SIGPIPE - 1);
    else if (w[2] == 'g' && w[0] == 's')
        bits = SAME_SIGNALS & ~(1ull << (SIGPIPE - 1));
    for (int n = 1; n <= 64; n++)
        if (!(bits >> (n - 1) & 1))
            sigdelset(&set, n);
    same_result(s, BOTH(s, sys_rt_sigtimedwait(s->p, bits, &now),
                       sigtimedwait(&set, NULL, &now)));
}

sigset_t
same_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (int n = 1; n <= 64; n++)
        if (SAME_SIGNALS >> (n - 1) & 1)
            sigaddset(&set, n);
    return set;
}

#define PAIR "tcp l; bind l :0; listen l 5;tcp a; connect a =l; accept b l;"
#define TWO  "udp a; bind a :0; udp b; bind b :0;"
/* IP_PKTINFO, IP_RECVTTL, IP_RECVTOS */
#define TOLD "set b 0 8 1; set b 0 12 1; set b 0 13 1;"

const char *const same_msgs[] = {
    "smsg z x - -; rmsg z 5 -; pipe a b; smsg b x - -; rmsg a 5 -",
    "udp a; rmsg a 5 -; smsg a x - -; rmsg a 5 e; tcp b; rmsg b 5 -; rmsg b 5 "
    "e; smsg b x - -",
    TWO "smsg a hello =b; rmsg b 9 -; smsg a hello =b; rmsg b 3 -; smsg a "
        "hello =b; rmsg b 3 t; smsg a hello =b; rmsg b 3 p; rmsg b 9 p; rmsg b "
        "0 -; rmsg b 9 -",
    TWO TOLD "sendto a x =b; rmsg b 5 -; smsg a x =b t; rmsg b 5 -; smsg a x "
             "=b q; rmsg b 5 -; smsg a x =b tb; rmsg b 5 -; smsg a x =b ttqx; "
             "rmsg b 5 -; get b 0 8; get b 0 12; get b 0 13",
    TWO TOLD "sendto a x =b; rmsg b 5 - 0; sendto a x =b; rmsg b 5 - 10; "
             "sendto a x =b; rmsg b 5 - 20; sendto a x =b; rmsg b 5 - 28; "
             "sendto a x =b; rmsg b 5 - 32; sendto a x =b; rmsg b 5 - 40; "
             "sendto a x =b; rmsg b 5 - 52; sendto a x =b; rmsg b 5 - 56; "
             "sendto a x =b; rmsg b 5 - 73; sendto a x =b; rmsg b 5 - 80",
    TWO "smsg a x =b T; smsg a x =b V; smsg a x =b B; smsg a x =b Q; smsg a x "
        "=b C; smsg a x =b I; smsg a x =b U; smsg a x =b S; "
        "smsg a x =b L; smsg a x =b tL; smsg a x =b G; smsg a x =b x; rmsg b 9 "
        "-; rmsg b 9 -",
    "udp a; bind a any; udp b; bind b any; " TOLD
    "smsg a x =b p; rmsg b 5 -; smsg a x =b c; rmsg b 5 -; smsg a x =b pt; "
    "rmsg b 5 p; recv b 5",
    TWO "set a 0 2 7; set a 0 1 32;" TOLD
        "sendto a x =b; rmsg b 5 -; smsg a x =b t; rmsg b 5 -; set a 0 2 -1; "
        "set a 0 1 0; sendto a x =b; rmsg b 5 -",
    TWO "set b 1 29 1; sendto a x =b; rmsg b 5 -; set b 1 35 1; sendto a x =b; "
        "rmsg b 5 -; get b 1 29; get b 1 35; set b 1 35 0; sendto a x =b; rmsg "
        "b 5 -; set b 1 29 1; set b 0 12 1; sendto a x =b; rmsg b 5 -",
    TWO "set a 0 11 1; get a 0 11; name b; sendto a q =b; read b 1; close b; "
        "sendto a hello =b; poll a; rmsg a "
        "9 -; poll a; rmsg a 9 e; poll a; rmsg a 9 e; get a 1 4",
    TWO "set a 0 11 1; name b; sendto a q =b; read b 1; close b; sendto a "
        "hello =b; rmsg a 3 e; get a 1 4; "
        "sendto a hello =b; rmsg a 9 e 20; get a 1 4; sendto a x =b; rmsg a 9 "
        "e 0; polls a 27c7 0",
    TWO "set a 0 11 1; connect a =b; close b; write a one; write a two; write "
        "a three; poll a; rmsg a 9 e; poll a; get a 1 4; rmsg a 9 e; poll a; "
        "rmsg a 9 e",
    TWO "set a 0 11 1; name b; sendto a q =b; read b 1; close b; sendto a "
        "hello =b; set a 0 11 0; poll a; rmsg a "
        "9 e; get a 1 4; sendto a hello =b; poll a",
    TWO "set a 0 11 1; set a 1 29 1; set a 0 12 1; name b; sendto a q =b; read "
        "b 1; close b; sendto a x =b; set "
        "a 0 12 0; rmsg a 9 e",
    /* SO_TIMESTAMP on TCP. What came before it has no time with us; on Linux
     * it has if any socket of the machine asks for times just then. */
    PAIR "set b 1 29 1; write a hello; rmsg b 2 -; rmsg b 9 -; "
         "write a hello; rmsg b 3 p; rmsg b 3 -; rmsg b 9 - 0; write a x; rmsg "
         "b 9 - 20; set b 1 35 1; write a y; rmsg b 9 -; set b 1 35 0; write a "
         "z; rmsg b 9 -; shut a 1; rmsg b 9 -",
    /* ... nor has a connection anything of what its listener was before */
    PAIR "set b 1 29 1; write a xyz; rmsg b 1 -; connect b none; bind b :0; "
         "listen b 3; tcp c; connect c =b; accept d b; write c x; rmsg d 9 -; "
         "close d; close b",
    PAIR "set b 1 29 1; write a a; read b 1; write a b; rmsg b 0 -; rmsg b 9 "
         "-; send a uv o; recv b 1 o; rmsg b 9 -; write a w; set b 1 29 0; "
         "rmsg b 9 -",
    "tcp l; set l 1 35 1; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; get b 1 35; write a x; rmsg b 9 -",
    TWO "set a 0 11 1; set a 0 8 1; set a 0 12 1; set a 0 13 1; name b; sendto "
        "a q =b; read b 1; close b; sendto a x =b; rmsg a 9 e; set a 1 29 1; "
        "sendto a x =b; rmsg a 9 e 60; set a 0 8 0; sendto a x =b; rmsg a 9 e",
    TWO "set a 0 11 1; connect a =b; close b; write a x; rmsg a 0 e; write a "
        "x; recv a 5",
    TWO "connect a =b; smany a 5; rmany b 3 5; rmany b 8 5; rmany b 1 0; smany "
        "a 0; smany a 7; rmany b 8 900; smany z 1; rmany z "
        "1 1",
    PAIR "smsg a hello - -; rmsg b 9 -; smsg a hello - t; rmsg b 2 p; rmsg b 9 "
         "-; smsg a hello =l -; rmsg b 9 t; smsg a x - x; smsg a x - S; smsg a "
         "x - L; smsg a x - U; rmsg b 9 -; rmsg b 9 -; rmsg a 9 e; shut a 1; "
         "rmsg b 9 -; smsg a x - -",
    PAIR
    "smany a 4; rmany b 8 5; smany a 0; set b 0 8 1; set b 0 12 1; get b 0 "
    "8; write a x; rmsg b 5 -",
    "tcp a; owner a; own a me; owner a; own a 0; owner a; owni a me; owner a; "
    "own a 999999; owni a 999999; owner a; own a -999999; own a -2147483648; "
    "owni a 0; owner a; dup b a; own b me; owner a; own z me; owni z me",
    "pipe a b; own a me; owni a me; udp c; owner c; unix d; own d me; "
    "owner d",
    PAIR
    "urg; send a X o; urg; own b me; owner a; urg; send a Y o; urg; urg; "
    "polls b 2 0; recv b 1 o; send a abc; urg; send a Z o; send a V o; urg; "
    "urg; own b 0; send a W o; urg",
    PAIR
    "own b me; own l me; send a x; urg; send a defG o; urg; read b 9; read "
    "b 9; read b 9; urg; send a H o; urg; close b; urg; close a; urg",
    "udp a; set a 0 24 1; bind a :0; name a; peer a; udp b; bind b :0; sendto "
    "a "
    "x =b; read b 5; name a; tcp c; set c 0 24 1; bind c :0; name c; bind c "
    ":0; "
    "tcp l; bind l :0; listen l 2; connect c =l; name c; tcp d; set d 0 24 1; "
    "bind d away; bind d any; name d; bind d :0",
    "udp a; bind a away; set a 0 15 1; bind a away; name a; tcp b; bind b "
    "away; "
    "set b 0 15 1; bind b away; name b; listen b 3; udp c; set c 0 24 1; set c "
    "0 15 1; bind c away; name c",
    TWO "set b 0 20 1; sendto a x =b; rmsg b 5 - 18; get b 0 20",
    "udp a; set a 1 2 1; bind a :0; udp b; bind b =a; set b 1 2 1; bind b =a; "
    "udp c; bind c :0; sendto c x =a; read a 5; read b 5; close b; sendto c y "
    "=a; read a 5; udp d; set d 1 15 1; bind d =a",
    "udp a; set a 1 15 1; bind a :0; udp b; bind b =a; set b 1 15 1; bind b "
    "=a; udp c; set c 1 2 1; bind c =a; udp d; set d 1 15 1; set d 1 2 1; bind "
    "d =a; close a; close d; udp e; connect e =b; write e x; read b 5",
    "pair a b; smsg a hello - -; rmsg b 9 -; smsg a x - x; rmsg b 9 -; close "
    "a; rmsg b 9 -; smsg b x - -",
    /* several buffers: a read ends where the bytes do */
    PAIR "readv b 2 3; readv b 0 0; readv b; write a hello; readv b 2 3 4; "
         "write a hello; readv b 5 4; readv b 5 4; write a hello; readv b 0 2 "
         "0 9; write a hello; readv b 0 3; readv b 1 0 1 7; write a hello; "
         "shut a 1; readv b 3 2 4; readv b 3 2",
    PAIR "write a hello; set a 1 13 1; readv b 3 1; close a; readv b 3 1; "
         "readv b 3 1; readv b 3 1",
    PAIR "send a abcd o; readv b 2 5; readv b 2 5; send a ef; readv b 1 1 1; "
         "set b 1 10 1; send a xyZ o; readv b 1 5 1; readv b 1 5 1; readv b 1 "
         "5",
    TWO "sendto a hello =b; readv b 2 0 2; sendto a hello =b; readv b 2 0 9; "
        "readv b 2 2; sendto a hello =b; readv b 0 0; readv b 9",
    "pair a b; readv b 2 3; write a hello; readv b 0 2 0 9; write a hello; "
    "readv b 5 4; close a; readv b 5 4; pipe c d; readv c 2 2; write d hello; "
    "readv c 2 0 2 9; readv c 1 1; close d; readv c 1 1; readv z 1; readv d 1",
    /* O_ASYNC is 20000 octal, FIOASYNC 5452, F_SETSIG 10 */
    PAIR "own b me; fcntl b 4 8192; write a x; sio; fcntl b 3; fcntl b 4 "
         "02000; fcntl b 3; write a y; sio; sio; read b 9; sio; write a z; "
         "sio; shut b 1; sio; read a 1; sio; shut a 1; sio; close a; sio",
    PAIR "own b me; ioctl b 5452; write a x; sio; fcntl b 4 0; write a y; sio; "
         "fcntl b 4 020000; fcntl b 11; fcntl b 10 10; fcntl b 11; write a z; "
         "sig; sig; fcntl b 10 65; fcntl b 10 -1; fcntl b 10 64; fcntl b 10 0; "
         "send a u o; sig; sig; set a 1 13 1; close a; sig; sig",
    "tcp l; bind l :0; listen l 5; own l me; fcntl l 4 024000; tcp a; own a "
    "me; fcntl a 4 024000; connect a =l; sig; accept b l; sig; close b; sig; "
    "fcntl b 3; tcp c; fcntl c 4 024000; own c me; connect c :1; sig; sig; "
    "get c 1 4; shut l 0; sig",
    TWO "own b me; fcntl b 4 024000; sendto a x =b; sig; sendto a y =b; read b "
        "1; sig; read b 1; sig; own b 0; sendto a x =b; sig; own a me; ioctl a "
        "5452; connect a =b; close b; write a x; sig; get a 1 4; shut a 2; sig",
    "pair a b; own b me; fcntl b 4 024000; write a x; sig; own a me; fcntl a 4 "
    "024000; read b 1; sig; shut b 1; sig; read a 5; sig; shut a 1; sig; close "
    "a; sig",
    "unix l; bind l /x; listen l 2; own l me; fcntl l 4 024000; unix a; fcntl "
    "a 4 024000; own a me; connect a /x; sig; sig; accept b l; sig; write b x; "
    "sig; close b; sig; close l; sig",
    "pipe r w; own r me; own w me; fcntl r 4 024000; fcntl w 4 024000; write w "
    "x; sig; sig; read r 1; sig; close w; sig; fcntl r 3",
    "pipe r w; own w me; fcntl w 4 024000; close r; sig; ep e; fcntl e 4 "
    "020000; fcntl e 3; ioctl e 5452; fcntl e 10 9; fcntl e 11; ioctl z 5452; "
    "fcntl z 11; fcntl z 10 1",
    "pair a b; smsg a w - S; smsg a x - L; smsg a y - U; smsg a z - G; rmsg b "
    "9 -; rmsg b 9 -",
    NULL};
