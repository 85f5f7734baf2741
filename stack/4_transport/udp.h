/*
 * udp.h: the User Datagram Protocol (RFC 768) as the socket storey sees it.
 */
#ifndef LW_UDP_H
#define LW_UDP_H

#include "ip.h"

struct udp;      /* one per host */
struct udp_sock; /* one bound port */

#define UDP_RCVBUF 212992 /* Linux's net.core.rmem_default */

struct udp_end {
    struct ipv4 addr;
    uint16_t port;
};

struct udp *udp_new(struct env *env, struct ip *ip);
void udp_free(struct udp *udp);

/* SO_REUSEADDR, SO_REUSEPORT: sockets whose ends overlap go together when
 * all have the one or all have the other. Of those with REUSEPORT a hash of
 * the sender chooses, else the newest gets what comes. */
#define UDP_REUSEADDR 1
#define UDP_REUSEPORT 2
#define UDP_FREEBIND  4 /* IP_FREEBIND: the address need not be ours */

/* Bound to the card of that number: it hears what comes by it alone, and ends
 * that are bound to two never overlap. */
#define UDP_CARD(n) ((unsigned)(n) << 8)

/*
 * Binds local (address 0: all of ours; port 0: chosen). notify is called
 * when something has arrived or an error is pending.
 * -EADDRINUSE, -EADDRNOTAVAIL, -ENOMEM.
 */
int udp_open(struct udp *udp, struct udp_end local, void (*notify)(void *owner),
    void *owner, struct udp_sock **out);
int udp_open_shared(struct udp *udp, struct udp_end local, unsigned reuse,
    void (*notify)(void *owner), void *owner, struct udp_sock **out);
void udp_set_reuse(struct udp_sock *s, unsigned reuse);
void udp_close(struct udp_sock *s);

/* Binds s to the card of that number; 0: to none. */
void udp_set_card(struct udp_sock *s, unsigned card);

/* From now on only remote is heard, and its ICMP errors are reported. */
void udp_connect(struct udp_sock *s, struct udp_end remote);
struct udp_end udp_local(const struct udp_sock *s);
struct udp_end udp_remote(const struct udp_sock *s); /* port 0: none */

/* How a datagram shall go; all 0: as most do. */
struct udp_how {
    struct ipv4 src; /* IP_PKTINFO; 0: as bound, or as the route says */
    unsigned card;   /* the number of the card it must leave by; 0: that which
                        the socket is bound to, or any */
    uint8_t ttl, tos;
    /* How large it may be, and may routers cut it: IP_PMTUDISC_DONT (0),
     * _WANT (1), _DO (2), _PROBE (3), _INTERFACE (4), _OMIT (5) of ip(7). */
    uint8_t mtu_discover;
    uint8_t noptions; /* as struct ip_out */
    const uint8_t *options;
};

/* What is known of a datagram that came. */
struct udp_info {
    struct udp_end from;
    struct ipv4 to;   /* the destination in its header */
    uint16_t port;    /* and its port */
    struct ipv4 spec; /* the address of ours that it was meant for */
    unsigned card;    /* the number of the card it came by */
    uint8_t ttl, tos;
    size_t full; /* its real length */
    struct instant at;
};

/* One datagram; to.port 0: to the connected end. len, or -EDESTADDRREQ,
 * -EMSGSIZE, -ENETUNREACH (no route, or src is not ours), -ENODEV (no such
 * card), -ENOMEM, or the pending error. */
int64_t udp_sendmsg(struct udp_sock *s, const void *data, size_t len,
    struct udp_end to, const struct udp_how *how);
int64_t udp_send(
    struct udp_sock *s, const void *data, size_t len, struct udp_end to);

/*
 * The oldest datagram, cut to len; *full is its real length. -EAGAIN, or the
 * pending error.
 */
int64_t udp_recvmsg(struct udp_sock *s, void *buf, size_t len,
    struct udp_info *info, bool peek);
int64_t udp_recv(struct udp_sock *s, void *buf, size_t len,
    struct udp_end *from, size_t *full, bool peek);

/*
 * IP_RECVERR (ip(7)): every error about a datagram of this socket is pending
 * at once, whether it is connected or not, and waits with its circumstances
 * in a queue. Off: the queue is emptied.
 */
void udp_set_recverr(struct udp_sock *s, bool on);

/* The oldest, freed by the caller with free(); NULL: none. The next one's
 * error becomes the pending one. */
struct ip_trouble *udp_trouble(struct udp_sock *s);

/* How many bytes of buffers may wait: SO_RCVBUF. At first UDP_RCVBUF. */
void udp_set_rcvbuf(struct udp_sock *s, uint32_t bytes);

unsigned udp_poll(const struct udp_sock *s); /* POLLIN, POLLOUT, POLLERR */
int udp_error(struct udp_sock *s);           /* takes the pending errno */

#endif
