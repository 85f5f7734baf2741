/*
 * sock_udp_msg.c: what goes with a datagram besides its bytes (ip(7),
 * socket(7)): by which card it came and to which address (IP_PKTINFO), with
 * which TTL and TOS, and when; and what became of one that was sent
 * (IP_RECVERR). The order of the messages is Linux's.
 */
#include "sock_udp.h"
#include "control.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* --- sending ------------------------------------------------------------- */

static int
pktinfo_of(const struct control *c, struct udp_how *how)
{
    struct in_pktinfo info;

    if (c->len != sizeof info)
        return -EINVAL;
    memcpy(&info, c->data, sizeof info);
    how->card = (unsigned)info.ipi_ifindex;
    how->src = (struct ipv4){ntohl(info.ipi_spec_dst.s_addr)};
    return 0;
}

static int
ip_control(const struct control *c, struct udp_how *how)
{
    int number = 0, err = 0;

    switch (c->type) {
    case IP_PKTINFO: return pktinfo_of(c, how);
    case IP_TTL:
        err = control_number(c, &number);
        if (!err && (number < 1 || number > 255))
            err = -EINVAL;
        if (!err)
            how->ttl = (uint8_t)number;
        return err;
    case IP_TOS:
        if (c->len == 1)
            number = c->data[0];
        else
            err = control_number(c, &number);
        if (!err && (number < 0 || number > 255))
            err = -EINVAL;
        if (!err)
            how->tos = (uint8_t)number;
        return err;
    default: return -EINVAL;
    }
}

int
udp_sock_how(const struct sock *s, const struct io *io, struct udp_how *how)
{
    const struct sock_rare *r = sock_rare_of(s);
    struct control c;
    size_t at = 0;
    int more, err = 0;

    *how = (struct udp_how){
        .ttl = (uint8_t)r->ttl, .tos = r->tos, .mtu_discover = r->mtu_discover};
    while ((more = control_next(io, &at, &c)) > 0) {
        if (c.level == SOL_SOCKET)
            err = control_of_socket(&c);
        else if (c.level == IPPROTO_IP)
            err = ip_control(&c, how);
        else if (c.level == IPPROTO_UDP) /* UDP_SEGMENT is not there */
            err = -EINVAL;
        if (err)
            return err;
    }
    return more;
}

/* --- receiving ----------------------------------------------------------- */

void
udp_sock_tell(const struct sock *s, const struct udp_info *info, struct io *io)
{
    const struct sock_rare *r = sock_rare_of(s);
    struct sock_came came = {
        info->to, info->spec, info->card, info->ttl, info->tos};

    sock_tell_time(s, info->at, io);
    sock_tell_header(s, &came, io);
    if (r->origdst) {
        struct sockaddr_in to = {.sin_family = AF_INET,
            .sin_port = htons(info->port),
            .sin_addr.s_addr = htonl(info->to.v)};

        control_put(io, IPPROTO_IP, IP_ORIGDSTADDR, &to, sizeof to);
    }
}

ssize_t
udp_sock_trouble(struct udp_socket *u, struct io *io)
{
    struct ip_trouble *t = u->u ? udp_trouble(u->u) : NULL;

    return t ? sock_tell_trouble(&u->s, t, io) : -EAGAIN;
}
