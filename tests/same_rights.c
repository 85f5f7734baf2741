/*
 * same_rights.c: the words of the scripts about descriptors that are sent
 * through Unix sockets, and the scripts of test_same_as_linux.c with them.
 */
#include "same_scripts.h"
#include "same_words.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    MOST = 256 /* descriptors in a message here; 253 are allowed */
};

struct box {
    union {
        struct cmsghdr align;
        uint8_t bytes[CMSG_SPACE(MOST * sizeof(int)) + 128];
    } u;
    size_t len;
};

static void
add(struct box *b, int type, const void *data, size_t len)
{
    struct cmsghdr h = {CMSG_LEN(len), SOL_SOCKET, type};

    memset(b->u.bytes + b->len, 0, CMSG_SPACE(len));
    memcpy(b->u.bytes + b->len, &h, sizeof h);
    if (len)
        memcpy(b->u.bytes + b->len + sizeof h, data, len);
    b->len += CMSG_SPACE(len);
}

static void
add_credentials(struct side *s, struct box *b, char letter)
{
    int pid = (int)BOTH(s, sys_getpid(s->p), getpid());
    struct ucred who = {pid, 0, 0};

    who.pid += letter == 'P';
    who.uid += letter == 'U';
    who.gid += letter == 'G';
    add(b, SCM_CREDENTIALS, &who, sizeof who - (letter == 'L' ? 4 : 0));
}

/* The descriptors that the letters name, up to a sign. */
static const char *
add_rights(struct side *s, struct box *b, const char *letters)
{
    int fds[MOST];
    size_t n = 0;

    for (; *letters && !strchr(",!CPUGLO", *letters); letters++) {
        const char word[] = {*letters, '\0'};

        fds[n++] = *letters == '-' ? 12345 : same_fd_of(s, word);
    }
    add(b, SCM_RIGHTS, fds, n * sizeof *fds);
    return letters;
}

/*
 * "pass a text abc": text ("-": none) through a with descriptors a, b and c;
 * "-" is none, "," begins a second control message, "C" one with the sender's
 * name ("P", "U", "G", "L": a wrong one), "O" one that nobody knows. "!9":
 * then nine times the last descriptor; "*9" in the text: x that often.
 */
void
same_do_pass(struct side *s, const struct args *a)
{
    static char x[400000];
    const char *l = a->w[3];
    struct box b = {.len = 0};
    bool times = a->w[2][0] == '*';
    struct iovec iov = {times ? x : a->w[2], times ? (size_t)atoi(a->w[2] + 1)
                                             : strcmp(a->w[2], "-") == 0
                                                 ? 0
                                                 : strlen(a->w[2])};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    int fd = same_fd_of(s, a->w[1]);

    memset(x, 'x', sizeof x);
    while (*l && *l != '!') {
        if (*l == ',')
            l = add_rights(s, &b, l + 1);
        else if (*l == 'O')
            add(&b, 77, NULL, 0), l++;
        else if (strchr("CPUGL", *l))
            add_credentials(s, &b, *l++);
        else
            l = add_rights(s, &b, l);
    }
    if (*l == '!') {
        int many[MOST];

        for (int i = 0; i < MOST; i++)
            many[i] = fd;
        add(&b, SCM_RIGHTS, many, (size_t)atoi(l + 1) * sizeof(int));
    }
    m.msg_control = b.len ? b.u.bytes : NULL;
    m.msg_controllen = b.len;
    same_result(s, BOTH(s, sys_sendmsg(s->p, fd, &m, MSG_NOSIGNAL),
                       sendmsg(fd, &m, MSG_NOSIGNAL)));
}

static void
say_writer(struct side *s, const uint8_t *data)
{
    int me = (int)BOTH(s, sys_getpid(s->p), getpid());
    struct ucred who;

    memcpy(&who, data, sizeof who);
    if (who.pid == me)
        same_say(s, ":me:%u:%u", who.uid, who.gid);
    else
        same_say(s, ":%d:%u:%u", who.pid, who.uid, who.gid);
}

/* New descriptors get the letters in their order; which are close-on-exec? */
static const char *
say_rights(struct side *s, const uint8_t *data, size_t len, const char *letters)
{
    for (size_t at = 0; at + sizeof(int) <= len; at += sizeof(int)) {
        int fd;

        memcpy(&fd, data + at, sizeof fd);
        same_say(s, ":%ld",
            BOTH(s, sys_fcntl(s->p, fd, F_GETFD, 0), fcntl(fd, F_GETFD)));
        if (*letters)
            s->fd[*letters++ - 'a'] = fd;
        else
            (void)BOTH(s, sys_close(s->p, fd), close(fd));
    }
    return letters;
}

/* "claim a n flags letters room": p peek, c close-on-exec, w wait for all; a
 * room of control data; "none": no buffer for it. */
void
same_do_claim(struct side *s, const struct args *a)
{
    static char buf[400000];
    struct box b = {.len = 0};
    bool none = !strcmp(a->w[5], "none");
    size_t n = (size_t)atoi(a->w[2]), room = sizeof b.u.bytes;
    struct iovec iov = {buf, n};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    int fd = same_fd_of(s, a->w[1]);
    int flags = (strchr(a->w[3], 'p') ? MSG_PEEK : 0) |
                (strchr(a->w[3], 'w') ? MSG_WAITALL : 0) |
                (strchr(a->w[3], 'c') ? MSG_CMSG_CLOEXEC : 0);
    const char *letters = strcmp(a->w[4], "-") ? a->w[4] : "";
    struct cmsghdr h;
    long ret;

    m.msg_controllen = none ? 0 : a->w[5][0] ? (size_t)atoi(a->w[5]) : room;
    m.msg_control = none ? NULL : b.u.bytes;
    ret = BOTH(s, sys_recvmsg(s->p, fd, &m, flags), recvmsg(fd, &m, flags));
    same_result(s, ret);
    if (ret < 0)
        return;
    same_say(s, "'%.*s' flags %x control %zu", (int)(ret < 40 ? ret : 40), buf,
        (unsigned)m.msg_flags, m.msg_controllen);
    for (size_t at = 0; at + sizeof h <= m.msg_controllen;
         at += CMSG_ALIGN(h.cmsg_len)) {
        memcpy(&h, b.u.bytes + at, sizeof h);
        same_say(s, "[%d:%d:%zu", h.cmsg_level, h.cmsg_type, h.cmsg_len);
        if (h.cmsg_type == SCM_RIGHTS)
            letters = say_rights(
                s, b.u.bytes + at + sizeof h, h.cmsg_len - sizeof h, letters);
        else if (h.cmsg_type == SCM_CREDENTIALS)
            say_writer(s, b.u.bytes + at + sizeof h);
        same_say(s, "]");
    }
}

/* "cred a": SO_PEERCRED. */
void
same_do_cred(struct side *s, const struct args *a)
{
    struct ucred who = {0, 0, 0};
    socklen_t len = sizeof who;
    int fd = same_fd_of(s, a->w[1]);
    long ret =
        BOTH(s, sys_getsockopt(s->p, fd, SOL_SOCKET, SO_PEERCRED, &who, &len),
            getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len));

    same_result(s, ret);
    if (!ret)
        say_writer(s, (const uint8_t *)&who);
}

/* "stale a": another Unix socket is opened and closed, upon which what nobody
 * can reach any more goes away; Linux does it in the background. */
void
same_do_stale(struct side *s, const struct args *a)
{
    int fd = (int)BOTH(s, sys_socket(s->p, AF_UNIX, SOCK_STREAM, 0),
        socket(AF_UNIX, SOCK_STREAM, 0));

    (void)a;
    (void)BOTH(s, sys_close(s->p, fd), close(fd));
    if (!s->p)
        usleep(20000);
}

/* "full a n": a is opened again until no more can be open, less n. */
void
same_do_full(struct side *s, const struct args *a)
{
    int fd = same_fd_of(s, a->w[1]), n = atoi(a->w[2]), last = -1;
    long ret;

    while ((ret = BOTH(s, sys_fcntl(s->p, fd, F_DUPFD, 0),
                fcntl(fd, F_DUPFD, 0))) >= 0)
        last = (int)ret;
    same_result(s, ret);
    for (; n > 0; n--, last--)
        (void)BOTH(s, sys_close(s->p, last), close(last));
}

/* "flood": as many descriptors in flight as there may be, and then some; how
 * many messages more than there may be descriptors for? */
void
same_do_flood(struct side *s, const struct args *a)
{
    struct args pass = {{"pass", "x", "x", "!253", "", ""}};
    struct args pair = {{"pair", "x", "y", "", "", ""}};
    char *out = s->out + strlen(s->out);
    struct rlimit limit = {65536, 0};
    unsigned sent;

    (void)a;
    for (sent = 0; sent < 1000; sent++) {
        if (sent % 100 == 0)
            same_do_pair(s, &pair); /* with an empty queue */
        *out = '\0';
        same_do_pass(s, &pass);
        if (strcmp(out, " 1") != 0)
            break;
    }
    if (!s->p)
        getrlimit(RLIMIT_NOFILE, &limit);
    same_say(s, " after %d", (int)sent - (int)limit.rlim_cur / 253);
}

#define PAIR "pair a b; "
#define PIPE "pipe r w; "
/* SO_PASSCRED */
#define TOLD "set b 1 16 1; "

const char *const same_rights[] = {PAIR PIPE
    "pass a hello w; close w; claim b 9 - x; write x hi; read r 9; "
    "close x; read r 9",
    PAIR PIPE "pass a one w; pass a two rw; write a three; claim b 99 - x; "
              "claim b 99 - yz; claim b 99 -; write z hi; read y 9",
    PAIR PIPE "write a ab; pass a cd w; write a ef; claim b 10 - x; claim b 10 "
              "-; claim b 10 -",
    PAIR PIPE "write a ab; pass a cd w; claim b 2 -; claim b 1 - x; claim b 9 "
              "-; write x y; read r 5",
    PAIR PIPE "pass a cd w; write a ef; claim b 1 - x; claim b 9 - y",
    PAIR PIPE "pass a cd w; claim b 0 - x; claim b 9 - y; pass a ef w; read b "
              "1; claim b 9 - y",
    PAIR PIPE
    "pass a cd rw; close w; recv b 9; read r 5; pass a cd r; read b "
    "9; pass a cd r; claim b 9 - x none; pass a cd r; claim b 9 - x 0",
    PAIR PIPE "pass a x rwr; claim b 9 - xyz 28; claim b 9 -; pass a x rwr; "
              "claim b 9 - xyz 24; pass a x rwr; claim b 9 - xyz 20; pass a x "
              "rwr; claim b 9 - xyz 19; pass a x rwr; claim b 9 - xyz 16; pass "
              "a x rwr; claim b 9 - xyz 8; pass a x rwr; claim b 9 - xyz 32",
    PAIR PIPE "pass a hello w; claim b 9 p x; claim b 2 p y; claim b 9 c z; "
              "write x 1; write y 2; write z 3; read r 9; close x; close y; "
              "close z; close w; read r 9",
    PAIR PIPE "pass a ab r; pass a cd w; claim b 9 w x; claim b 9 w y; claim b "
              "9 w",
    PAIR PIPE "pass a x -; pass a x r-; pass a x rO; pass a x O; pass a x ,; "
              "pass a x r,w; claim b 9 - xy; claim b 9 -; pass z x r; pass r x "
              "w",
    PAIR PIPE
    "pass a - w; close w; read r 5; claim b 5 -; pass a x !253; claim "
    "b 5 - ; pass a x !254; pass a x !256; pass a x r!253; pass a x "
    "r!252; claim b 5 -",
    PAIR "pass a *100000 a; claim b 200000 - x; claim b 200000 - y; pass a "
         "*36544 a; pass a *36545 a; claim b 80000 - x; claim b 80000 - y; "
         "claim b 80000 - z",
    PAIR PIPE "pass a x w; close w; read r 5; close b; read r 5; pass a y r",
    PAIR PIPE "pass a x w; close w; close a; read r 5; claim b 5 - x; write x "
              "k; read r 5; claim b 5 -",
    PAIR PIPE "shut b 0; pass a y r; unix c; pass c x r; unix d; bind d /x; "
              "pass d x r; listen d 3; pass d x -",
    "unix l; bind l /x; listen l 3; unix a; connect a /x; " PIPE
    "pass a hi w; close w; read r 5; accept b l; claim b 9 - x; write x j; "
    "read r 5; pass a k r; close l; claim b 9 - y; recv a 5",
    "unix l; bind l /x; listen l 3; unix a; connect a /x; " PIPE
    "pass a hi w; close w; read r 5; close l; read r 5; claim a 9 -",
    PAIR TOLD "write a hi; claim b 9 -; pass a ho C; claim b 9 -; "
              "pass a x L; pass a y C,a; claim b 9 - x; "
              "get b 1 16; get a 1 16",
    PAIR PIPE TOLD "pass a hi w; claim b 9 - x 40; pass a hi w; claim b 9 - x "
                   "56; pass a hi w; claim b 9 - x 30; pass a hi w; claim b 9 "
                   "- x 10; pass a hi w; claim b 9 - x none; write a q; recv b "
                   "4; write a q; claim b 3 p; claim b 3 -",
    PAIR "write a ab; " TOLD "write a cd; claim b 9 -; claim b 9 -; set b 1 16 "
         "0; write a ef; pass a gh C; claim b 9 -; write a ij; pass a kl C; "
         "write a mn; " TOLD "claim b 9 w; claim b 9 -; claim b 9 w",
    PAIR "write a ab; " TOLD
         "write a cd; pass a ef C; write a gh; claim b 5 p; "
         "claim b 1 -; claim b 5 p; claim b 5 -; claim b 3 w; claim b 9 -",
    PAIR
    "cred a; cred b; unix c; cred c; tcp d; cred d; unix l; bind l /x; "
    "cred l; listen l 3; cred l; connect c /x; cred c; accept e l; cred e; "
    "udp f; cred f; pipe r w; cred r; cred z",
    "unix l; bind l /x; listen l 3; unix a; connect a /x; accept b l; write b "
    "hi; recv a 9; write a ho; recv b 9; rmsg a 9 -; write b j; claim a 9 -",
    /* rings of sockets that nobody can receive any more */
    PAIR "pair c d; pass a x b; pass b y a; close a; close b; stale; poll c",
    PAIR PIPE "pass a x bw; close w; read r 5; close a; close b; stale; read r "
              "5",
    PAIR "pair c d; " PIPE "pass a x d; pass c y bw; close a; close b; close "
         "c; close d; close w; stale; read r 5",
    PAIR "pair c d; " PIPE "pass a x d; pass c y bw; close a; close c; close "
         "d; close w; stale; read r 5; claim b 9 - d; claim d 9 - ew; write w "
         "m; read r 5",
    PAIR PIPE
    "pair c d; pass a x bw; pass c y b; close a; close b; close w; "
    "stale; read r 5; claim d 9 - b; claim b 9 - ew; write w m; read r 5",
    "unix l; bind l /x; listen l 3; unix a; connect a /x; " PIPE
    "pass a hi lw; close w; close l; stale; read r 5; close a; stale; read r 5",
    "unix l; bind l /x; listen l 3; unix a; connect a /x; " PIPE PAIR
    "unix c; connect c /x; pass c hi lw; pass a q l; close w; close l; "
    "close c; stale; read r 5; recv a 3",
    PAIR "ep e; ctl e 1 a 1; pass a x e; close e; claim b 5 - e; write b y; "
         "wait e 5; ctl e 3 a 1; dup c e; pass a y ec; close e; close c; claim "
         "b 5 - fg; wait f 5; wait g 5",
    "tcp l; bind l :0; listen l 5; tcp a; connect a =l; accept b l; pair c d; "
    "pass c x b; close b; write a hello; claim d 5 - b; read b 9; pass c x b; "
    "close b; close d; read a 5; poll a",
    NULL};

#define SERVER "udg s; bind s /x; "

const char *const same_dgrams[] = {SERVER
    "udg a; sendto a hello /x; recv s 9; sendto a hello /x; recv s 3; "
    "recv s 9; write a x; peer a; name a; connect a /x; peer a; write a "
    "one; write a; write a two; fionread s; poll s; recv s 9; recv s 9; "
    "recv s 2 t; recv s 9; poll s; poll a",
    SERVER
    "udg a; bind a /y; sendto a hi /x; recv s 9 p; recv s 9; sendto s "
    "back /y; recv a 9; connect s /y; write s x; recv a 1; udg c; sendto "
    "c no /x; connect c /x; connect a /x; write a q; recv s 5; peer s",
    SERVER "udg a; connect a /none; sendto a x /none; connect a =l; unix b; "
           "connect b /x; bind b /y; listen b 2; connect a /y; sendto a x /y; "
           "listen a 3; accept c a; bind s /z; bind a /x; connect a short; "
           "connect a none; sendto a x inet6",
    SERVER "udg a; connect a /x; write a x; close s; poll a; peer a; write a "
           "y; poll a; peer a; write a z; connect a /x; udg s; bind s /x; "
           "connect a /x",
    SERVER "udg a; connect a /x; udg b; connect b /x; write a 1; write a 2; "
           "write a 3; write a 4; write a 5; write b 6; write b 7; write b 8; "
           "write b 9; write a A; write a B; write a C; poll a; poll b; sendto "
           "b D /x; read s 1; poll a; write b E; write a F; ep e; ctl e 1 a "
           "80000004; wait e 3; read s 1; wait e 3",
    "dpair a b; write a hello; write a wo; read b 3; read b 9; read b 9; peer "
    "a; name a; cred a; shut a 1; write a x; write b y; read a 5; shut b 0; "
    "write a x; poll a; poll b; recv b 5; close b; write a z; poll a; get a 1 "
    "4",
    "dpair a b; shut b 0; write a x; shut b 2; poll b; write b y; read b 5; "
    "poll a; close b; write a x; write a x; poll a",
    "dpair a b; big a 212960; read b 9; big a 213000; fionread b; set a 1 7 "
    "4608; big a 9185; big a 9184; fionread b",
    "dpair a b; pipe r w; pass a x w; pass a hello rw; close w; claim b 9 - x; "
    "claim b 2 - yz; write x k; read r 9; pass a - r; claim b 9 - w; pass a x "
    "-; pass a x r; claim b 9 p q; recv b 9; recv b 9",
    "dpair a b; set b 1 16 1; write a x; pass a y C; pass a z ab; claim b 9 -; "
    "claim b 9 -; claim b 9 - xy; set b 1 16 0; pass a w C; claim b 9 -",
    "dpair a b; pair c d; pass a x b; pass b y a; pass a z d; close d; close "
    "a; close b; stale; read c 5; poll c",
    SERVER
    "udg a; connect a /x; connect s /x; write s me; read s 5; write a "
    "x; connect s none; write a x; read s 5; peer s; own s me; fcntl s 4 "
    "024000; write a y; sig; read s 5; sig",
    "dpair a b; write a x; connect b none; poll a; get a 1 4; read b 5; peer "
    "b; write b q; write a r; read b 5; smany a 3; rmany b 5 1",
    "udg a; sendto a x :0; write a x; read a 5; shut a 1; write a x; smsg a x "
    "- x; smsg a x - S; set a 0 1 1; get a 6 1",
    /* who turns away from a peer throws away what came, and tells him */
    SERVER "udg a; sendto a hi /x; connect s none; fionread s; recv s 9",
    SERVER "dpair a b; write b x; connect a /x; recv a 9; poll b; write b y; "
           "write b y; poll b; write a z; recv s 9",
    "dpair a b; write a x; connect b none; recv a 9; recv a 9; poll a",
    "dpair a b; pipe r w; pass a x w; close w; recv r 5; read r 5; connect b "
    "none; read r 5",
    SERVER "dpair a b; write b x; close b; connect a /x; recv a 9; write a y; "
           "recv s 9",
    SERVER "dpair a b; write b x; close b; write a q; connect a /x; recv a 9",
    "dpair a b; write b x; close b; connect a none; recv a 9; write a q",
    SERVER "udg a; connect a /x; write a 1; write a 2; write a 3; write a 4; "
           "write a 5; write a 6; write a 7; write a 8; write a 9; write a A; "
           "write a B; write a C; ep e; ctl e 1 a 80000004; wait e 3; udg t; "
           "bind t /y; connect s /y; connect s none; wait e 3; poll a; write "
           "a D; recv s 9",
    "dpair a b; pipe r w; pass b x w; close w; close b; write a q; read r 5; "
    "recv a 9; write a q",
    "dpair a b; set a 1 7 4608; write a 1; write a 2; poll a; write a 3; write "
    "a 4; poll a; write a 5; write a 6; write a 7; write a 8; write a 9; write "
    "a A; write a B; write a C; write a D; poll a; recv b 5; recv b 5; recv b "
    "5; recv b 5; recv b 5; recv b 5; recv b 5; recv b 5; poll a; recv b 5; "
    "recv b 5; poll a",
    "dpair a b; big a 150000; big a 100000; big a 1; recv b 5; recv b 5; recv "
    "b 5",
    NULL};

const char *const same_rights_plain[] = {PAIR TOLD
    "pass a x P; pass a x U; pass a x G; pass a x C; claim b 9 -",
    PAIR PIPE "full r 2; pass a x rwr; claim b 9 -; pass a y rwr; claim b 9 - "
              "xyz; read b 1",
    /* room for none, for one, for two */
    PIPE "full r 0; pair c d; dpair c d; pipe c d; tcp c; udp c",
    PIPE "full r 1; pair c d; dpair c d; pipe c d; tcp c; udp d",
    PIPE "full r 2; pair c d; close c; pair a b; pipe a b; close d; pipe a b; "
         "write b x; read a 1",
    PAIR "set a 6 1 1; set a 0 1 1; get a 6 1", "flood", NULL};
