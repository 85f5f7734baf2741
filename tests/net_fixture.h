/*
 * net_fixture.h: small networks for tests, in virtual time.
 *
 *     net_pair    a (10.0.0.1) ---------------- b (10.0.0.2)
 *     net_walk    a (10.0.0.2) --- router --- b (10.0.1.2)
 *                        10.0.0.1        10.0.1.1
 *     net_bare    a (10.0.0.1) --- the test itself: net_inject, net_sent
 *
 * All prefixes are /24, all cards are "eth0" (the router has "eth1" too), all
 * cables have 1 ms of delay and infinite rate, all hosts 127.0.0.1 on "lo".
 * In a setup function: net_pair(&net, 1); in the teardown: net_close(&net),
 * which frees the world and so asserts that no packet or timer is left.
 */
#ifndef LW_NET_FIXTURE_H
#define LW_NET_FIXTURE_H

#include "recorder.h"
#include "world.h"

#define NET_SENT_MAX 4096

struct net {
    struct journal journal;
    struct world *world;
    struct recorder rec;        /* level LEVEL_DETAIL */
    struct host *a, *b;         /* b NULL in net_bare */
    struct host *router;        /* NULL but in net_walk */
    struct netdev *a0, *b0;     /* their eth0 */
    struct netdev *r0, *r1;     /* the router's, towards a and towards b */
    struct cable *left, *right; /* right is NULL but in net_walk */
    /* net_bare: the frames that a has sent, oldest first. */
    struct {
        uint8_t *bytes;
        uint32_t len;
        struct instant at;
    } sent[NET_SENT_MAX];
    unsigned nsent;
    bool introduced;
    struct timer answer; /* to an ARP question */
};

/* Addresses of the ends, in both net_pair and net_walk. */
struct ipv4 net_ip(const char *text); /* asserts that it is an address */

void net_pair(struct net *n, uint64_t seed);
void net_pair_disk(struct net *n, uint64_t seed, struct disk *a); /* a's */
void net_walk(struct net *n, uint64_t seed);

/*
 * One host; what it sends is kept in n->sent at the instant of sending. The
 * peer is imagined at 10.0.0.2 with hardware address NET_PEER_MAC; when
 * `introduced`, a knows it from the beginning, its ARP questions are answered
 * by the fixture, and no ARP frame is kept.
 */
#define NET_PEER_MAC ((struct mac){{0x02, 0, 0, 0, 0xee, 0x02}})
void net_bare(struct net *n, uint64_t seed, bool introduced);
void net_inject(struct net *n, const void *frame, size_t len);
void net_forget(struct net *n); /* empties n->sent */

/* An IPv4 packet with an Ethernet header from the peer to a, injected. */
void net_inject_ip(struct net *n, const void *packet, size_t len);

/* The same from inside the running world: nothing is settled. */
void net_inject_ip_now(struct net *n, const void *packet, size_t len);

void net_close(struct net *n);

/* Virtual time goes on by ns (settling first and last). */
void net_run(struct net *n, int64_t ns);

struct instant net_now(const struct net *n);

#endif
