/*
 * inside_net.c: no way from PHP to the real network, nor to a Unix socket of
 * the real machine. A script can make a socket, as everywhere, but nothing
 * is reachable from it: connect says ENETUNREACH, a name is not found, and
 * what stands for the socket is a descriptor without any family's powers.
 * socketpair is left alone: both its ends stay in the process.
 */
#include "inside.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool
closed(void)
{
    return inside()->on;
}

int
socket(int domain, int type, int protocol)
{
    int kind = type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (!closed())
        return answer(raw(syscall(SYS_socket, domain, type, protocol)));
    if (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX)
        return answer(-EAFNOSUPPORT);
    if (kind != SOCK_STREAM && kind != SOCK_DGRAM)
        return answer(-EPERM);
    return answer(raw(syscall(SYS_socket, AF_UNIX, type, 0)));
}

static int
unreachable(void)
{
    return answer(-ENETUNREACH);
}

int
connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    if (!closed())
        return answer(raw(syscall(SYS_connect, fd, addr, len)));
    return unreachable();
}

int
bind(int fd, const struct sockaddr *addr, socklen_t len)
{
    if (!closed())
        return answer(raw(syscall(SYS_bind, fd, addr, len)));
    return answer(-EADDRNOTAVAIL);
}

int
listen(int fd, int backlog)
{
    if (!closed())
        return answer(raw(syscall(SYS_listen, fd, backlog)));
    return answer(-EOPNOTSUPP);
}

/* A datagram with an address of its own needs no connect. */
ssize_t
sendto(int fd, const void *buf, size_t len, int flags,
    const struct sockaddr *to, socklen_t to_len)
{
    if (closed() && to)
        return unreachable();
    return answer(raw(syscall(SYS_sendto, fd, buf, len, flags, to, to_len)));
}

ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
    if (closed() && message->msg_name)
        return unreachable();
    return answer(raw(syscall(SYS_sendmsg, fd, message, flags)));
}

/* --- names ----------------------------------------------------------- */

/* Addresses as text are understood; names would have to be asked for. */
int
getaddrinfo(const char *restrict name, const char *restrict service,
    const struct addrinfo *restrict hints, struct addrinfo **restrict out)
{
    int (*next)(const char *, const char *, const struct addrinfo *,
        struct addrinfo **);
    struct addrinfo h = hints ? *hints : (struct addrinfo){0};
    int err;

    *(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
    if (!closed())
        return next(name, service, hints, out);
    h.ai_flags =
        (h.ai_flags & ~AI_ADDRCONFIG) | AI_NUMERICHOST | AI_NUMERICSERV;
    err = next(name, service, &h, out);
    return err == EAI_NONAME && name ? EAI_FAIL : err;
}

int
getnameinfo(const struct sockaddr *restrict addr, socklen_t len,
    char *restrict host, socklen_t host_len, char *restrict service,
    socklen_t service_len, int flags)
{
    int (*next)(const struct sockaddr *, socklen_t, char *, socklen_t, char *,
        socklen_t, int);

    *(void **)&next = dlsym(RTLD_NEXT, "getnameinfo");
    if (closed() && (flags & NI_NAMEREQD))
        return EAI_FAIL;
    if (closed())
        flags |= NI_NUMERICHOST | NI_NUMERICSERV;
    return next(addr, len, host, host_len, service, service_len, flags);
}

int
gethostbyname_r(const char *restrict name, struct hostent *restrict entry,
    char *restrict buf, size_t size, struct hostent **restrict found,
    int *restrict error)
{
    int (*next)(const char *, struct hostent *, char *, size_t,
        struct hostent **, int *);
    struct in_addr ip;

    *(void **)&next = dlsym(RTLD_NEXT, "gethostbyname_r");
    if (!closed() || inet_aton(name, &ip))
        return next(name, entry, buf, size, found, error);
    *found = NULL;
    *error = NO_RECOVERY;
    return 0;
}

struct hostent *
gethostbyname(const char *name)
{
    struct hostent *(*next)(const char *);
    struct in_addr ip;

    *(void **)&next = dlsym(RTLD_NEXT, "gethostbyname");
    if (!closed() || inet_aton(name, &ip))
        return next(name);
    h_errno = NO_RECOVERY;
    return NULL;
}

int
res_nsearch(res_state state, const char *name, int class, int type,
    unsigned char *reply, int size)
{
    (void)state;
    (void)name;
    (void)class;
    (void)type;
    (void)reply;
    (void)size;
    h_errno = NO_RECOVERY;
    return -1;
}

/* --- tables of the real machine -------------------------------------- */

struct servent *
getservbyname(const char *name, const char *protocol)
{
    (void)name;
    (void)protocol;
    return NULL;
}

struct servent *
getservbyport(int port, const char *protocol)
{
    (void)port;
    (void)protocol;
    return NULL;
}

struct protoent *
getprotobyname(const char *name)
{
    (void)name;
    return NULL;
}

struct protoent *
getprotobynumber(int number)
{
    (void)number;
    return NULL;
}

int
getifaddrs(struct ifaddrs **out)
{
    (void)out;
    return answer(-ENOSYS);
}

unsigned
if_nametoindex(const char *name)
{
    (void)name;
    answer(-ENODEV);
    return 0;
}
