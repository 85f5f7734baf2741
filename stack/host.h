/*
 * host.h: one computer: network cards, IP, transport, kernel and processes.
 * host.c is the only file that knows every storey; there the calls that go
 * up are plugged together in one visible table.
 */
#ifndef LW_HOST_H
#define LW_HOST_H

#include "env.h"
#include "kernel.h"
#include "netdev.h"

struct host;
struct tcp;
struct ip;
struct udp;

/*
 * Shared things are the world's and outlive the host; disk (may be NULL: no
 * files) becomes the host's. Comes with `lo` at 127.0.0.1/8. NULL: no memory;
 * then the disk is still the caller's.
 */
struct host *host_new(struct journal *journal, struct timers *timers,
    struct pkt_pool *pool, uint64_t seed, const char *name, struct disk *disk);

/* Ends its processes, which may still send; then nothing is sent any more.
 * host_free does it too: this is for worlds, whose cables go in between. */
void host_stop(struct host *h);
void host_free(struct host *h);

/*
 * A card named `name` ("eth0") with this address. Its hardware address is
 * made from the host's and card's number: 02:00:00:00:HH:NN. The card is the
 * host's; a wire is plugged into it afterwards. NULL: no memory, name taken.
 */
struct netdev *host_add_netdev(
    struct host *h, const char *name, struct ipv4 addr, unsigned prefix);

/*
 * Asks the link of that card whether another computer has its address, which
 * is not used until it is clear that none has (RFC 5227); takes up to nine
 * seconds. -ENODEV, -EINVAL for the loopback.
 */
int host_claim(struct host *h, const char *name);

/* dst/prefix through gateway; 0.0.0.0/0 is the default route. -ENOMEM,
 * -ENETUNREACH when no card reaches the gateway. */
int host_add_route(
    struct host *h, struct ipv4 dst, unsigned prefix, struct ipv4 gateway);

/* Whether packets for others are passed on (ip_forward). */
void host_set_forwarding(struct host *h, bool on);

/* All programs have had their turn: what waited for that leaves (tcp_flush).
 * Did anything? */
bool host_flush(struct host *h);

const char *host_name(const struct host *h);
struct env *host_env(struct host *h);
struct kernel *host_kernel(struct host *h);
struct ip *host_ip(struct host *h);
struct tcp *host_tcp(struct host *h);
struct udp *host_udp(struct host *h);

#endif
