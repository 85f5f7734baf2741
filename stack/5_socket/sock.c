/*
 * sock.c: what TCP, UDP and Unix sockets have in common: their number, their
 * address as text, and the events that tell about them.
 */
#include "sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

enum {
    BUFFER_DEFAULT = 212992 /* net.core.wmem_default, rmem_default */
};

static const char *
type_text(const struct sock *s)
{
    if (s->domain == AF_UNIX)
        return s->type == SOCK_STREAM  ? "Unix stream"
               : s->type == SOCK_DGRAM ? "Unix datagram"
                                       : "Unix seqpacket";
    return s->type == SOCK_STREAM ? "TCP" : "UDP";
}

void
sock_init(struct sock *s, struct kernel *k, const struct file_ops *ops,
    int domain, int type, int protocol)
{
    file_init(&s->f, k, ops, O_RDWR);
    s->domain = (uint8_t)domain;
    s->type = (uint8_t)type;
    s->protocol = (uint8_t)protocol;
    NOTE(k->env, EV_SOCKET_NEW, RULE_SYS_SOCKET, f_u64("sock", s->f.no),
        f_text("type", type_text(s)));
}

void
sock_fini(struct sock *s)
{
    sock_note_close(s);
    if (s->rare)
        free(s->rare->stamps);
    free(s->rare);
    s->rare = NULL;
}

bool
sock_inherit(struct sock *s, const struct sock *listener)
{
    s->reuse_addr = listener->reuse_addr;
    s->reuse_port = listener->reuse_port;
    s->keep_alive = listener->keep_alive;
    s->broadcast = listener->broadcast;
    s->oob_inline = listener->oob_inline;
    if (!listener->rare)
        return true;
    if (!sock_rare_own(s))
        return false;
    *s->rare = *listener->rare;
    s->rare->stamps = NULL; /* of a connection that the listener was before */
    return true;
}

const struct sock_rare sock_rare_default = {
    .rcvtimeo_ns = -1,
    .sndtimeo_ns = -1,
    .max_pacing_rate = UINT64_MAX,
    .rcvlowat = 1,
    .incoming_cpu = -1,
    .mtu_discover = 1, /* IP_PMTUDISC_WANT */
};

struct sock_rare *
sock_rare_own(struct sock *s)
{
    if (!s->rare && (s->rare = malloc(sizeof *s->rare)))
        *s->rare = sock_rare_default;
    return s->rare;
}

struct patience
sock_patience(const struct file *f, int msg_flags, bool sending)
{
    const struct sock *s = LW_CONTAINER(f, struct sock, f);
    struct patience w = {-1, {0}};

    if (file_nonblocking(f, msg_flags))
        w.ns = 0;
    else if (f->ops->sock)
        w.ns = sending ? sock_rare_of(s)->sndtimeo_ns
                       : sock_rare_of(s)->rcvtimeo_ns;
    if (w.ns > 0)
        w.end = instant_add(f->k->env->timers->now, w.ns);
    return w;
}

bool
sock_wait(
    struct proc *p, struct file *f, unsigned events, const struct patience *w)
{
    int64_t left = w->ns;

    if (left > 0) {
        left = instant_diff(w->end, f->k->env->timers->now);
        if (left < 0)
            left = 0;
    }
    return left != 0 && file_wait(p, f, events, false, left);
}

int
sock_set_buffer(struct sock *s, int name, int value)
{
    struct sock_rare *r = sock_rare_own(s);
    const int most = BUFFER_DEFAULT; /* net.core.wmem_max, rmem_max */
    int least = name == SO_SNDBUF ? 4608 : 2304;

    if (!r)
        return -ENOMEM;
    value = value < 0 || value > most ? 2 * most : 2 * value;
    *(name == SO_SNDBUF ? &r->sndbuf : &r->rcvbuf) =
        value < least ? least : value;
    return 0;
}

int
sock_get_buffer(const struct sock *s, int name, int *value)
{
    const struct sock_rare *r = sock_rare_of(s);
    int set = name == SO_SNDBUF ? r->sndbuf : r->rcvbuf;

    if (name != SO_SNDBUF && name != SO_RCVBUF)
        return -ENOPROTOOPT;
    *value = set ? set : BUFFER_DEFAULT;
    return 0;
}

int
sock_addr_in(
    const struct sockaddr *addr, socklen_t len, struct ipv4 *ip, uint16_t *port)
{
    const struct sockaddr_in *in = (const void *)addr;

    if (len < sizeof *in)
        return -EINVAL;
    if (in->sin_family != AF_INET)
        return -EAFNOSUPPORT;
    *ip = (struct ipv4){ntohl(in->sin_addr.s_addr)};
    *port = ntohs(in->sin_port);
    return 0;
}

void
sock_put_in(struct ipv4 ip, uint16_t port, struct sockaddr_storage *addr,
    socklen_t *len)
{
    struct sockaddr_in *in = (void *)addr;

    *in = (struct sockaddr_in){.sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(ip.v)};
    *len = sizeof *in;
}

/* A path, or an abstract name as ss(8) has it: each zero byte is a '@'. */
static void
unix_text(const struct sockaddr_un *un, socklen_t len, char *buf)
{
    size_t n = len - offsetof(struct sockaddr_un, sun_path);

    n = n < sizeof un->sun_path ? n : sizeof un->sun_path;
    if (un->sun_path[0])
        n = strnlen(un->sun_path, n);
    for (size_t i = 0; i < n; i++)
        buf[i] = un->sun_path[i] ? un->sun_path[i] : '@';
    buf[n] = '\0';
}

static void
address_text(const struct sockaddr_storage *addr, socklen_t len, char *buf)
{
    char ip[16];

    if (addr->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)addr;

        snprintf(buf, 128, "%s:%u",
            ipv4_text((struct ipv4){ntohl(in->sin_addr.s_addr)}, ip),
            ntohs(in->sin_port));
    } else if (len > offsetof(struct sockaddr_un, sun_path)) {
        unix_text((const void *)addr, len, buf);
    } else {
        strcpy(buf, "*");
    }
}

char *
sock_text(struct sock *s, bool peer, char *buf)
{
    struct sockaddr_storage addr = {0};
    socklen_t len = 0;

    if (s->f.ops->sock->name(s, peer ? SOCK_CALLER : SOCK_OWN, &addr, &len) < 0)
        strcpy(buf, "*");
    else
        address_text(&addr, len, buf);
    return buf;
}

void
sock_note_bind(struct sock *s)
{
    char local[128];

    NOTE(s->f.k->env, EV_SOCKET_BIND, RULE_SYS_BIND, f_u64("sock", s->f.no),
        f_text("local", sock_text(s, false, local)));
}

void
sock_note_listen(struct sock *s)
{
    char local[128];

    NOTE(s->f.k->env, EV_SOCKET_LISTEN, RULE_SYS_LISTEN, f_u64("sock", s->f.no),
        f_text("type", type_text(s)),
        f_text("local", sock_text(s, false, local)),
        f_i64("backlog", s->backlog));
}

void
sock_note_connect(struct sock *s, const struct sockaddr *addr, socklen_t len)
{
    struct sockaddr_storage to = {0};
    char local[128], remote[128];

    if (!journal_wants(s->f.k->env->journal, EV_SOCKET_CONNECT))
        return;
    memcpy(&to, addr, len < sizeof to ? len : sizeof to);
    address_text(&to, len, remote);
    NOTE(s->f.k->env, EV_SOCKET_CONNECT, RULE_SYS_CONNECT,
        f_u64("sock", s->f.no), f_text("type", type_text(s)),
        f_text("local", sock_text(s, false, local)), f_text("remote", remote));
}

void
sock_note_accept(struct sock *s, struct sock *listener)
{
    char local[128], remote[128];

    NOTE(s->f.k->env, EV_SOCKET_ACCEPT, RULE_SYS_ACCEPT, f_u64("sock", s->f.no),
        f_u64("listener", listener->f.no),
        f_text("local", sock_text(s, false, local)),
        f_text("remote", sock_text(s, true, remote)));
}

void
sock_note_queue(struct sock *s, uint64_t rcv, uint64_t snd)
{
    NOTE(s->f.k->env, EV_SOCKET_QUEUE, RULE_SOCKET_QUEUE,
        f_u64("sock", s->f.no), f_u64("rcv", rcv), f_u64("snd", snd));
}

void
sock_note_backlog(struct sock *s, unsigned waiting)
{
    NOTE(s->f.k->env, EV_SOCKET_BACKLOG, RULE_SOCKET_BACKLOG,
        f_u64("sock", s->f.no), f_u64("waiting", waiting),
        f_i64("backlog", s->backlog));
}

void
sock_note_close(struct sock *s)
{
    NOTE(s->f.k->env, EV_SOCKET_CLOSE, RULE_SYS_CLOSE, f_u64("sock", s->f.no),
        f_text("type", type_text(s)));
}
