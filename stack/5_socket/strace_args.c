/*
 * strace_args.c: the arguments of system calls in the notation of strace(1):
 * addresses, options, flags, times.
 */
#include "strace.h"
#include "bytes.h"
#include "trace.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>

static const struct flag open_flags[] = {FLAG(O_CREAT), FLAG(O_EXCL),
    FLAG(O_NOCTTY), FLAG(O_TRUNC), FLAG(O_APPEND), FLAG(O_NONBLOCK),
    FLAG(O_ASYNC), FLAG(O_DIRECTORY), FLAG(O_NOFOLLOW), FLAG(O_CLOEXEC),
    FLAGS_END};
static const struct flag msg_flags[] = {FLAG(MSG_OOB), FLAG(MSG_PEEK),
    FLAG(MSG_CTRUNC), FLAG(MSG_TRUNC), FLAG(MSG_DONTWAIT), FLAG(MSG_WAITALL),
    FLAG(MSG_ERRQUEUE), FLAG(MSG_NOSIGNAL), FLAG(MSG_MORE),
    FLAG(MSG_WAITFORONE), FLAG(MSG_CMSG_CLOEXEC), FLAGS_END};
static const struct flag sock_types[] = {FLAG(SOCK_STREAM), FLAG(SOCK_DGRAM),
    FLAG(SOCK_RAW), FLAG(SOCK_SEQPACKET), FLAGS_END};
static const struct flag sock_flags[] = {
    FLAG(SOCK_CLOEXEC), FLAG(SOCK_NONBLOCK), FLAGS_END};
static const struct flag fd_flags[] = {
    FLAG(O_NONBLOCK), FLAG(O_CLOEXEC), FLAGS_END};
static const struct flag splice_flags[] = {FLAG(SPLICE_F_MOVE),
    FLAG(SPLICE_F_NONBLOCK), FLAG(SPLICE_F_MORE), FLAG(SPLICE_F_GIFT),
    FLAGS_END};
static const struct flag epoll_flags[] = {FLAG(EPOLL_CLOEXEC), FLAGS_END};
static const struct flag domains[] = {
    FLAG(AF_UNSPEC), FLAG(AF_UNIX), FLAG(AF_INET), FLAG(AF_INET6), FLAGS_END};
static const struct flag sol_options[] = {FLAG(SO_REUSEADDR), FLAG(SO_TYPE),
    FLAG(SO_ERROR), FLAG(SO_BROADCAST), FLAG(SO_SNDBUF), FLAG(SO_RCVBUF),
    FLAG(SO_KEEPALIVE), FLAG(SO_LINGER), FLAG(SO_REUSEPORT),
    FLAG(SO_ACCEPTCONN), FLAG(SO_DOMAIN), FLAG(SO_PROTOCOL), FLAG(SO_RCVTIMEO),
    FLAG(SO_SNDTIMEO), FLAG(SO_RCVLOWAT), FLAG(SO_PRIORITY), FLAG(SO_OOBINLINE),
    FLAG(SO_BUSY_POLL), FLAG(SO_PASSCRED), FLAG(SO_PEERCRED),
    FLAG(SO_MAX_PACING_RATE), FLAGS_END};
static const struct flag tcp_options[] = {FLAG(TCP_NODELAY), FLAG(TCP_MAXSEG),
    FLAG(TCP_CORK), FLAG(TCP_KEEPIDLE), FLAG(TCP_KEEPINTVL), FLAG(TCP_KEEPCNT),
    FLAG(TCP_DEFER_ACCEPT), FLAG(TCP_INFO), FLAG(TCP_QUICKACK),
    FLAG(TCP_USER_TIMEOUT), FLAG(TCP_FASTOPEN), FLAG(TCP_SYNCNT),
    FLAG(TCP_LINGER2), FLAG(TCP_WINDOW_CLAMP), FLAG(TCP_CONGESTION),
    FLAG(TCP_NOTSENT_LOWAT), FLAGS_END};

static const struct flag ip_options[] = {
    FLAG(IP_TOS), FLAG(IP_TTL), FLAG(IP_MTU_DISCOVER), FLAG(IP_MTU), FLAGS_END};

static const char *
flags_text(struct proc *p, unsigned long value, const struct flag *flags)
{
    const char *text = trace_text(p);

    trace_flags(p, value, flags);
    return text;
}

const char *
tr_flags_open(struct proc *p, int flags)
{
    static const char *const modes[] = {
        "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
    const char *text = trace_text(p);

    trace_put(p, "%s", modes[flags & O_ACCMODE]);
    if (flags & ~O_ACCMODE) {
        trace_put(p, "|");
        trace_flags(p, (unsigned)(flags & ~O_ACCMODE), open_flags);
    }
    return text;
}

const char *
tr_result_flags(struct proc *p, int64_t ret, const char *names)
{
    const char *text = trace_text(p);

    trace_put(p, "0x%llx (flags %s)", (long long)ret, names);
    p->k->trace->result = text;
    return text;
}

const char *
tr_flags_msg(struct proc *p, int flags)
{
    return flags_text(p, (unsigned)flags, msg_flags);
}

const char *
tr_flags_sock(struct proc *p, int type)
{
    const char *text = trace_text(p);
    const char *name = flag_name((unsigned)type & 0xf, sock_types);

    if (name)
        trace_put(p, "%s", name);
    else
        trace_put(p, "%#x /* SOCK_??? */", (unsigned)type & 0xf);
    if (type & ~0xf) {
        trace_put(p, "|");
        trace_flags(p, (unsigned)type & ~0xfu, sock_flags);
    }
    return text;
}

const char *
tr_flags_accept(struct proc *p, int flags)
{
    return flags_text(p, (unsigned)flags, sock_flags);
}

const char *
tr_flags_fd(struct proc *p, int flags)
{
    return flags_text(p, (unsigned)flags, fd_flags);
}

const char *
tr_flags_splice(struct proc *p, unsigned flags)
{
    return flags_text(p, flags, splice_flags);
}

const char *
tr_flags_epoll(struct proc *p, int flags)
{
    return flags_text(p, (unsigned)flags, epoll_flags);
}

const char *
tr_domain(struct proc *p, int domain)
{
    const char *text = trace_text(p);
    const char *name = flag_name((unsigned)domain, domains);

    if (name)
        trace_put(p, "%s", name);
    else
        trace_put(p, "%#x /* AF_??? */", (unsigned)domain);
    return text;
}

/* --- addresses ----------------------------------------------------------- */

static void
put_addr_in(struct proc *p, const void *addr)
{
    struct sockaddr_in in;
    char text[16];

    memcpy(&in, addr, sizeof in);
    trace_put(p,
        "{sa_family=AF_INET, sin_port=htons(%u), sin_addr=inet_addr(\"%s\")}",
        ntohs(in.sin_port),
        ipv4_text((struct ipv4){ntohl(in.sin_addr.s_addr)}, text));
}

const char *
tr_addr(struct proc *p, const void *addr, socklen_t len)
{
    const char *text = trace_text(p);
    sa_family_t family = AF_UNSPEC;
    size_t path = offsetof(struct sockaddr_un, sun_path);

    if (!addr)
        return "NULL";
    if (len < sizeof family)
        return "0x...";
    memcpy(&family, addr, sizeof family);
    if (family == AF_INET && len >= sizeof(struct sockaddr_in)) {
        put_addr_in(p, addr);
    } else if (family == AF_UNIX && len > path) {
        const char *name = (const char *)addr + path;

        bool abstract = !*name;

        trace_put(p, "{sa_family=AF_UNIX, sun_path=%s", abstract ? "@" : "");
        trace_string(p, name + abstract,
            abstract ? len - path - 1 : strnlen(name, len - path));
        trace_put(p, "}");
    } else {
        const char *name = flag_name(family, domains);

        trace_put(p, "{sa_family=%s}", name ? name : "0x...");
    }
    return text;
}

const char *
tr_len(struct proc *p, const socklen_t *now, socklen_t before)
{
    const char *text = trace_text(p);

    if (!now)
        return "NULL";
    if (*now == before)
        trace_put(p, "[%u]", before);
    else
        trace_put(p, "[%u => %u]", before, *now);
    return text;
}

/* --- options ------------------------------------------------------------- */

const char *
tr_option(struct proc *p, int level, int name)
{
    const char *text = trace_text(p);
    const char *n = NULL;

    if (level == SOL_SOCKET)
        n = flag_name((unsigned)name, sol_options);
    else if (level == IPPROTO_TCP)
        n = flag_name((unsigned)name, tcp_options);
    else if (level == IPPROTO_IP)
        n = flag_name((unsigned)name, ip_options);
    if (level == SOL_SOCKET)
        trace_put(p, "SOL_SOCKET, ");
    else if (level == IPPROTO_TCP)
        trace_put(p, "SOL_TCP, ");
    else if (level == IPPROTO_IP)
        trace_put(p, "SOL_IP, ");
    else
        trace_put(p, "%d, ", level);
    if (n)
        trace_put(p, "%s", n);
    else
        trace_put(p, "%#x", (unsigned)name);
    return text;
}

const char *
tr_optval(struct proc *p, int level, int name, const void *value, socklen_t len)
{
    const char *text = trace_text(p);
    int number;

    if (level == SOL_SOCKET && name == SO_LINGER &&
        len >= sizeof(struct linger)) {
        struct linger l;

        memcpy(&l, value, sizeof l);
        trace_put(p, "{l_onoff=%d, l_linger=%d}", l.l_onoff, l.l_linger);
        return text;
    }
    if (!value || len < sizeof number)
        return "0x...";
    memcpy(&number, value, sizeof number);
    if (level == SOL_SOCKET && name == SO_ERROR && number)
        trace_put(p, "[%s]", strerrorname_np(number));
    else
        trace_put(p, "[%d]", number);
    return text;
}

/* --- files, signals, time ------------------------------------------------ */

const char *
tr_stat(struct proc *p, const struct stat *st)
{
    const char *text = trace_text(p);
    const char *kind = S_ISDIR(st->st_mode)    ? "S_IFDIR"
                       : S_ISREG(st->st_mode)  ? "S_IFREG"
                       : S_ISSOCK(st->st_mode) ? "S_IFSOCK"
                       : S_ISFIFO(st->st_mode) ? "S_IFIFO"
                                               : "S_IFCHR";

    trace_put(p, "{st_mode=%s|0%o, st_size=%lld, ...}", kind,
        st->st_mode & 07777, (long long)st->st_size);
    return text;
}

const char *
tr_sigset(struct proc *p, uint64_t set)
{
    const char *text = trace_text(p);
    const char *space = "";

    trace_put(p, "[");
    for (int s = 1; s <= SIGNALS; s++) {
        if (!(set & signal_bit(s)))
            continue;
        if (sigabbrev_np(s))
            trace_put(p, "%s%s", space, sigabbrev_np(s));
        else
            trace_put(p, "%sRT_%d", space, s - 32);
        space = " ";
    }
    trace_put(p, "]");
    return text;
}

const char *
tr_signal(struct proc *p, int signal)
{
    const char *text = trace_text(p);
    const char *name = sigabbrev_np(signal);

    if (name)
        trace_put(p, "SIG%s", name);
    else
        trace_put(p, "%d", signal);
    return text;
}

const char *
tr_wait(struct proc *p, int status)
{
    const char *text = trace_text(p);

    if (WIFEXITED(status))
        trace_put(
            p, "[{WIFEXITED(s) && WEXITSTATUS(s) == %d}]", WEXITSTATUS(status));
    else
        trace_put(p, "[{WIFSIGNALED(s) && WTERMSIG(s) == SIG%s}]",
            sigabbrev_np(WTERMSIG(status)));
    return text;
}

const char *
tr_time(struct proc *p, const struct timespec *ts)
{
    const char *text = trace_text(p);

    if (!ts)
        return "NULL";
    trace_put(
        p, "{tv_sec=%lld, tv_nsec=%ld}", (long long)ts->tv_sec, ts->tv_nsec);
    return text;
}
