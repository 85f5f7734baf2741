/*
 * udp.h: the User Datagram Protocol (RFC 768) as the socket storey sees it.
 */
#ifndef LW_UDP_H
#define LW_UDP_H

#include "env.h"

struct ip;
struct udp;      /* one per host */
struct udp_sock; /* one bound port */

#define UDP_RCVBUF 212992 /* Linux's net.core.rmem_default */

struct udp_end {
    struct ipv4 addr;
    uint16_t port;
};

struct udp *udp_new(struct env *env, struct ip *ip);
void udp_free(struct udp *udp);

/*
 * Binds local (address 0: all of ours; port 0: chosen). notify is called
 * when something has arrived or an error is pending.
 * -EADDRINUSE, -EADDRNOTAVAIL, -ENOMEM.
 */
int udp_open(struct udp *udp, struct udp_end local, void (*notify)(void *owner),
    void *owner, struct udp_sock **out);
void udp_close(struct udp_sock *s);

/* From now on only remote is heard, and its ICMP errors are reported. */
void udp_connect(struct udp_sock *s, struct udp_end remote);
struct udp_end udp_local(const struct udp_sock *s);
struct udp_end udp_remote(const struct udp_sock *s); /* port 0: none */

/* One datagram; to.port 0: to the connected end. len, or -EDESTADDRREQ,
 * -EMSGSIZE, -ENETUNREACH, -ENOMEM, or the pending error. */
int64_t udp_send(
    struct udp_sock *s, const void *data, size_t len, struct udp_end to);

/*
 * The oldest datagram, cut to len; *full is its real length. -EAGAIN, or the
 * pending error.
 */
int64_t udp_recv(struct udp_sock *s, void *buf, size_t len,
    struct udp_end *from, size_t *full, bool peek);

/* How many bytes of buffers may wait: SO_RCVBUF. At first UDP_RCVBUF. */
void udp_set_rcvbuf(struct udp_sock *s, uint32_t bytes);

unsigned udp_poll(const struct udp_sock *s); /* POLLIN, POLLOUT, POLLERR */
int udp_error(struct udp_sock *s);           /* takes the pending errno */

#endif
