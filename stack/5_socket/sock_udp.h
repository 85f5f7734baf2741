/*
 * sock_udp.h: a UDP socket, shared by the files sock_udp*.c.
 */
#ifndef LW_SOCK_UDP_H
#define LW_SOCK_UDP_H

#include "sock.h"
#include "udp.h"

struct udp_socket {
    struct sock s;
    struct udp_sock *u; /* NULL: no port yet */
    struct ipv4 addr;   /* bound to, while there is no port; or 0 */
    bool connected;
    bool bound; /* by bind(2), not by the first use */
    bool shut_rcv, shut_snd;
};

static inline struct udp_socket *
udp_socket_of(struct sock *s)
{
    return LW_CONTAINER(s, struct udp_socket, s);
}

/* --- sock_udp_msg.c ------------------------------------------------------ */

/* How the socket's options and io's control messages want a datagram sent.
 * -EINVAL, -EPERM. */
int udp_sock_how(
    const struct sock *s, const struct io *io, struct udp_how *how);

/* The control messages that the socket's options ask for. */
void udp_sock_tell(
    const struct sock *s, const struct udp_info *info, struct io *io);

/* recvmsg(2) with MSG_ERRQUEUE: never waits. */
ssize_t udp_sock_trouble(struct udp_socket *u, struct io *io);

#endif
