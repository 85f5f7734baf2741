/*
 * tcp_fixture.h: IP and TCP without the storeys above, for tests of TCP: a
 * computer whose card is in the hands of the test, or two computers joined
 * by a cable. No ARP: the cards count as loopback, so every frame is TCP's.
 */
#ifndef LW_TCP_FIXTURE_H
#define LW_TCP_FIXTURE_H

#include "bytes.h"
#include "cable.h"
#include "link.h"
#include "loopback.h"
#include "net.h"
#include "recorder.h"
#include "tcp_conn.h"

struct tcp_host {
    struct env env;
    struct netdev lo, eth;
    struct netif nif_lo, nif_eth;
    struct loopback *wire_lo;
    struct ip *ip;
    struct tcp *tcp;
};

struct tcp_world {
    struct journal journal;
    struct timers timers;
    struct pkt_pool *pool;
    struct tcp_host a, b;
    struct cable *cable; /* NULL: one host alone */
};

#define TCP_HOST_A ((struct ipv4){0x0a000001}) /* 10.0.0.1 */
#define TCP_HOST_B ((struct ipv4){0x0a000002})

/* One computer; what its card sends goes to xmit(dev), dev->wire = owner. */
void tcp_world_alone(struct tcp_world *w, uint64_t seed,
    void (*xmit)(struct netdev *dev, struct pkt *p), void *owner);

/* Two computers and a cable. */
void tcp_world_pair(
    struct tcp_world *w, uint64_t seed, const struct cable_config *config);

/* Virtual time goes on by ns. */
void tcp_world_run(struct tcp_world *w, int64_t ns);

/* Until nothing is armed, at most ns. */
void tcp_world_finish(struct tcp_world *w, int64_t ns);

/* Frees all; every packet must be back and no timer armed: checked. */
void tcp_world_close(struct tcp_world *w);

#endif
