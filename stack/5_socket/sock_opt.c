/*
 * sock_opt.c: the options that all sockets have (socket(7)) and those of IP
 * (ip(7)). Most are only kept and told; who obeys one finds it in struct
 * sock. What only one kind of socket has is asked of that kind.
 */
#include "sock.h"
#include "ip.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/time.h>

enum {
    DEFAULT_TTL = 64,                /* net.ipv4.ip_default_ttl */
    LOWAT_MOST = 16777216,           /* half of tcp_rmem[2] */
    DONT_FRAGMENT = IP_PMTUDISC_OMIT /* the last of the ways */
};

/* --- SOL_SOCKET ---------------------------------------------------------- */

/* SO_RCVTIMEO, SO_SNDTIMEO: 0 stands for ever (socket(7)). */
static int
set_timeout(struct sock *s, bool sending, const void *value, socklen_t len)
{
    struct sock_rare *r;
    struct timeval tv;
    int64_t ns = -1;

    if (len < sizeof tv)
        return -EINVAL;
    memcpy(&tv, value, sizeof tv);
    if (tv.tv_usec < 0 || tv.tv_usec >= 1000000)
        return -EDOM;
    r = sock_rare_own(s);
    if (!r)
        return -ENOMEM;
    if (tv.tv_sec < 0)
        ns = 0;
    else if ((tv.tv_sec || tv.tv_usec) && tv.tv_sec < INT64_MAX / LW_S - 1)
        ns = tv.tv_sec * LW_S + tv.tv_usec * LW_US;
    *(sending ? &r->sndtimeo_ns : &r->rcvtimeo_ns) = ns;
    return 0;
}

static int
set_linger(struct sock *s, const void *value, socklen_t len)
{
    struct sock_rare *r;
    struct linger l;

    if (len < sizeof l)
        return -EINVAL;
    memcpy(&l, value, sizeof l);
    r = sock_rare_own(s);
    if (!r)
        return -ENOMEM;
    r->linger.l_onoff = l.l_onoff != 0;
    if (l.l_onoff)
        r->linger.l_linger = l.l_linger;
    return 0;
}

/* SO_MAX_PACING_RATE, of 32 or 64 bits; all ones: no bound. TCP obeys it. */
static int
set_pacing(struct sock *s, const void *value, socklen_t len)
{
    struct sock_rare *r = sock_rare_own(s);
    uint64_t before;
    uint32_t number;
    int err;

    if (!r)
        return -ENOMEM;
    before = r->max_pacing_rate;
    memcpy(&number, value, sizeof number);
    if (len >= sizeof r->max_pacing_rate)
        memcpy(&r->max_pacing_rate, value, sizeof r->max_pacing_rate);
    else
        r->max_pacing_rate = number == UINT32_MAX ? UINT64_MAX : number;
    if (s->domain != AF_INET || s->type != SOCK_STREAM)
        return 0;
    err = s->f.ops->sock->setopt(s, SOL_SOCKET, SO_MAX_PACING_RATE, 0);
    if (err)
        r->max_pacing_rate = before;
    return err;
}

static int
get_pacing(const struct sock *s, void *value, socklen_t *len)
{
    uint64_t rate = sock_rare_of(s)->max_pacing_rate;
    uint32_t number = rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX;

    return *len >= sizeof rate ? sock_give(&rate, sizeof rate, value, len)
                               : sock_give(&number, sizeof number, value, len);
}

static int
set_rare(struct sock *s, int name, int number)
{
    struct sock_rare *r = sock_rare_own(s);
    int most;

    if (!r)
        return -ENOMEM;
    switch (name) {
    case SO_RCVLOWAT:
        most = s->domain == AF_INET && s->type == SOCK_STREAM ? LOWAT_MOST
                                                              : INT32_MAX;
        r->rcvlowat = number < 0 || number > most ? most : number ? number : 1;
        file_tell(&s->f, s->f.ops->poll(&s->f));
        break;
    case SO_PRIORITY: r->priority = number; break;
    case SO_BUSY_POLL: r->busy_poll = number; break;
    case SO_INCOMING_CPU: r->incoming_cpu = number; break;
    case SO_PASSCRED: r->passcred = number; break;
    case SO_TIMESTAMP:
        r->timestamp = number;
        r->timestampns = false;
        break;
    default:
        r->timestamp = number;
        r->timestampns = number;
        break;
    }
    return 0;
}

/* An option that a UDP socket's port must know at once. */
static int
tell_udp(struct sock *s, int level, int name, int number)
{
    return s->domain == AF_INET && s->type == SOCK_DGRAM
               ? s->f.ops->sock->setopt(s, level, name, number)
               : 0;
}

static int
set_socket(struct sock *s, int name, int number)
{
    switch (name) {
    case SO_REUSEADDR:
        s->reuse_addr = number;
        return tell_udp(s, SOL_SOCKET, name, number);
    case SO_REUSEPORT:
        if (number && s->domain != AF_INET)
            return -EOPNOTSUPP;
        s->reuse_port = number;
        return tell_udp(s, SOL_SOCKET, name, number);
    case SO_BROADCAST: s->broadcast = number; return 0;
    case SO_OOBINLINE:
        s->oob_inline = number;
        if (s->domain == AF_INET && s->type == SOCK_STREAM)
            return s->f.ops->sock->setopt(s, SOL_SOCKET, name, number);
        return 0;
    case SO_DONTROUTE: s->dont_route = number; return 0;
    case SO_NO_CHECK: s->no_check = number; return 0;
    case SO_KEEPALIVE:
        s->keep_alive = number;
        if (s->domain == AF_INET && s->type == SOCK_STREAM)
            return s->f.ops->sock->setopt(s, SOL_SOCKET, name, number);
        return 0;
    case SO_SNDBUF:
    case SO_RCVBUF: return s->f.ops->sock->setopt(s, SOL_SOCKET, name, number);
    case SO_BUSY_POLL:
        if (number < 0)
            return -EINVAL;
        return set_rare(s, name, number);
    case SO_DEBUG: return number ? -EACCES : 0; /* of the privileged, as */
    case SO_MARK:
    case SO_SNDBUFFORCE:
    case SO_RCVBUFFORCE: return -EPERM; /* these, and programs here are not */
    case SO_PRIORITY:
        if (number < 0 || number > 6)
            return -EPERM;
        return set_rare(s, name, number);
    case SO_PASSCRED: /* nobody's name comes over the network */
        return s->domain == AF_UNIX ? set_rare(s, name, number) : -EOPNOTSUPP;
    case SO_RCVLOWAT:
    case SO_INCOMING_CPU:
    case SO_TIMESTAMP:
    case SO_TIMESTAMPNS: return set_rare(s, name, number);
    default: return -ENOPROTOOPT; /* SO_ERROR, SO_TYPE too: read only */
    }
}

/* --- IPPROTO_IP ---------------------------------------------------------- */

/* Some programs hand over one byte (ip(7)). */
static int
ip_number(const void *value, socklen_t len)
{
    int number = 0;

    if (len >= sizeof number)
        memcpy(&number, value, sizeof number);
    else if (len > 0)
        number = *(const uint8_t *)value;
    return number;
}

static int
set_ip(struct sock *s, int name, int number)
{
    struct sock_rare *r = sock_rare_own(s);

    if (!r)
        return -ENOMEM;
    switch (name) {
    case IP_TOS:
        r->tos = (uint8_t)(s->type == SOCK_STREAM ? number & ~3 : number);
        break;
    case IP_TTL:
        if (number != -1 && (number < 1 || number > 255))
            return -EINVAL;
        r->ttl = number == -1 ? 0 : number;
        break;
    case IP_MTU_DISCOVER:
        if (number < 0 || number > DONT_FRAGMENT)
            return -EINVAL;
        r->mtu_discover = (uint8_t)number;
        break;
    case IP_PKTINFO: r->pktinfo = number; break;
    case IP_RECVERR:
        r->recverr = number;
        return s->f.ops->sock->setopt(s, IPPROTO_IP, name, r->recverr);
    case IP_FREEBIND: r->freebind = number; break;
    case IP_TRANSPARENT: return number ? -EPERM : 0; /* CAP_NET_ADMIN */
    case IP_BIND_ADDRESS_NO_PORT: r->bind_no_port = number; break;
    case IP_RECVORIGDSTADDR: r->origdst = number; break;
    case IP_RECVTTL: r->recvttl = number; break;
    case IP_RECVTOS: r->recvtos = number; break;
    default: return -ENOPROTOOPT;
    }
    if ((name == IP_TOS || name == IP_TTL || name == IP_MTU_DISCOVER) &&
        s->type == SOCK_STREAM)
        return s->f.ops->sock->setopt(s, IPPROTO_IP, name,
            name == IP_TOS   ? r->tos
            : name == IP_TTL ? r->ttl
                             : r->mtu_discover);
    return 0;
}

int
sock_set_common(
    struct sock *s, int level, int name, const void *value, socklen_t len)
{
    int number;

    if (level == IPPROTO_IP && s->domain == AF_INET) {
        if (!len && (name == IP_FREEBIND || name == IP_TRANSPARENT))
            return -EINVAL;
        if (!len && name == IP_OPTIONS)
            return 0; /* none: there never are any */
        return set_ip(s, name, ip_number(value, len));
    }
    if (level != SOL_SOCKET)
        return -ENOPROTOOPT;
    if (name == SO_BINDTODEVICE || name == SO_BINDTOIFINDEX)
        return sock_set_device(s, name, value, len);
    if (len < sizeof number)
        return -EINVAL;
    if (name == SO_LINGER)
        return set_linger(s, value, len);
    if (name == SO_RCVTIMEO || name == SO_SNDTIMEO)
        return set_timeout(s, name == SO_SNDTIMEO, value, len);
    if (name == SO_MAX_PACING_RATE)
        return set_pacing(s, value, len);
    memcpy(&number, value, sizeof number);
    return set_socket(s, name, number);
}

/* --- getting ------------------------------------------------------------- */

int
sock_give(const void *from, size_t size, void *value, socklen_t *len)
{
    if (*len > size)
        *len = (socklen_t)size;
    memcpy(value, from, *len);
    return 0;
}

static int
get_timeout(int64_t ns, void *value, socklen_t *len)
{
    struct timeval tv = {0, 0};

    if (ns > 0)
        tv = (struct timeval){ns / LW_S, ns % LW_S / LW_US};
    return sock_give(&tv, sizeof tv, value, len);
}

static int
get_socket(struct sock *s, int name, int *number)
{
    const struct sock_rare *r = sock_rare_of(s);

    switch (name) {
    case SO_ERROR:
        *number = s->f.ops->sock->error(s);
        /* What follows is caused by what became of the connection. */
        journal_enter(s->f.k->env->journal, s->f.cause_out);
        return 0;
    case SO_DEBUG: *number = 0; return 0;
    case SO_TYPE: *number = s->type; return 0;
    case SO_DOMAIN: *number = s->domain; return 0;
    case SO_PROTOCOL: *number = s->protocol; return 0;
    case SO_ACCEPTCONN: *number = s->listening; return 0;
    case SO_REUSEADDR: *number = s->reuse_addr; return 0;
    case SO_REUSEPORT: *number = s->reuse_port; return 0;
    case SO_BROADCAST: *number = s->broadcast; return 0;
    case SO_KEEPALIVE: *number = s->keep_alive; return 0;
    case SO_OOBINLINE: *number = s->oob_inline; return 0;
    case SO_DONTROUTE: *number = s->dont_route; return 0;
    case SO_NO_CHECK: *number = s->no_check; return 0;
    case SO_RCVLOWAT: *number = r->rcvlowat; return 0;
    case SO_SNDLOWAT: *number = 1; return 0; /* cannot be set: socket(7) */
    case SO_PRIORITY: *number = r->priority; return 0;
    case SO_MARK: *number = 0; return 0; /* nobody may set it */
    case SO_BUSY_POLL: *number = r->busy_poll; return 0;
    case SO_INCOMING_CPU: *number = r->incoming_cpu; return 0;
    case SO_PASSCRED:
        *number = r->passcred;
        return s->domain == AF_UNIX ? 0 : -EOPNOTSUPP;
    case SO_TIMESTAMP: *number = r->timestamp && !r->timestampns; return 0;
    case SO_TIMESTAMPNS: *number = r->timestampns; return 0;
    default: return -ENOPROTOOPT;
    }
}

/* IP_MTU: of the path to the peer, as it is known. */
static int
get_mtu(struct sock *s, int *number)
{
    struct sockaddr_storage addr = {0};
    const struct sockaddr_in *in = (const void *)&addr;
    struct ipv4 src;
    socklen_t len = 0;
    unsigned mtu;

    if (s->f.ops->sock->name(s, SOCK_PEER, &addr, &len) ||
        ip_source(
            s->f.k->ip, (struct ipv4){ntohl(in->sin_addr.s_addr)}, &src, &mtu))
        return -ENOTCONN;
    *number = (int)mtu;
    return 0;
}

static int
get_ip(struct sock *s, int name, int *number)
{
    const struct sock_rare *r = sock_rare_of(s);

    switch (name) {
    case IP_TOS: *number = r->tos; return 0;
    case IP_TTL: *number = r->ttl ? r->ttl : DEFAULT_TTL; return 0;
    case IP_MTU_DISCOVER: *number = r->mtu_discover; return 0;
    case IP_PKTINFO: *number = r->pktinfo; return 0;
    case IP_RECVERR: *number = r->recverr; return 0;
    case IP_FREEBIND: *number = r->freebind; return 0;
    case IP_TRANSPARENT: *number = 0; return 0;
    case IP_BIND_ADDRESS_NO_PORT: *number = r->bind_no_port; return 0;
    case IP_RECVORIGDSTADDR: *number = r->origdst; return 0;
    case IP_RECVTTL: *number = r->recvttl; return 0;
    case IP_RECVTOS: *number = r->recvtos; return 0;
    default: return -ENOPROTOOPT;
    }
}

int
sock_get_common(
    struct sock *s, int level, int name, void *value, socklen_t *len)
{
    static const struct ucred nobody = {0, (uid_t)-1, (gid_t)-1};
    int number = 0, ret;

    if (level == IPPROTO_IP && s->domain == AF_INET && name == IP_OPTIONS) {
        *len = 0;
        return 0;
    }
    if (level == IPPROTO_IP && s->domain == AF_INET && name == IP_MTU) {
        ret = get_mtu(s, &number);
        return ret ? ret : sock_give(&number, sizeof number, value, len);
    }
    if (level == IPPROTO_IP && s->domain == AF_INET) {
        ret = get_ip(s, name, &number);
        /* A small number fits into one byte, and one byte may be asked for. */
        if (!ret && *len > 0 && *len < sizeof number) {
            *len = 1;
            *(uint8_t *)value = (uint8_t)number;
            return 0;
        }
        return ret ? ret : sock_give(&number, sizeof number, value, len);
    }
    if (level != SOL_SOCKET)
        return -ENOPROTOOPT;
    if (name == SO_BINDTODEVICE || name == SO_BINDTOIFINDEX)
        return sock_get_device(s, name, value, len);
    if (name == SO_LINGER)
        return sock_give(
            &sock_rare_of(s)->linger, sizeof(struct linger), value, len);
    if (name == SO_PEERCRED) /* who is on another computer is not known */
        return sock_give(&nobody, sizeof nobody, value, len);
    if (name == SO_MAX_PACING_RATE)
        return get_pacing(s, value, len);
    if (name == SO_RCVTIMEO)
        return get_timeout(sock_rare_of(s)->rcvtimeo_ns, value, len);
    if (name == SO_SNDTIMEO)
        return get_timeout(sock_rare_of(s)->sndtimeo_ns, value, len);
    ret = get_socket(s, name, &number);
    return ret ? ret : sock_give(&number, sizeof number, value, len);
}
