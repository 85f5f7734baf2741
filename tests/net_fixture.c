/*
 * net_fixture.c: small networks for tests.
 */
#include "net_fixture.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

struct ipv4
net_ip(const char *text)
{
    struct ipv4 a = {0};
    bool good = ipv4_parse(text, &a);

    assert(good);
    (void)good;
    return a;
}

static void
begin(struct net *n, uint64_t seed)
{
    memset(n, 0, sizeof *n);
    n->world = world_new(&n->journal, seed);
    assert(n->world);
    recorder_open(&n->rec, &n->journal, LEVEL_DETAIL);
}

static struct netdev *
card(struct host *h, const char *name, const char *addr)
{
    struct netdev *dev = host_add_netdev(h, name, net_ip(addr), 24);

    assert(dev);
    return dev;
}

static struct cable *
join(struct net *n, const char *name, struct netdev *x, struct netdev *y)
{
    struct cable_config config = {.name = name, .delay_ns = LW_MS};
    struct cable *c = world_add_cable(n->world, &config, x, y);

    assert(c);
    return c;
}

void
net_pair(struct net *n, uint64_t seed)
{
    net_pair_disk(n, seed, NULL);
}

void
net_pair_disk(struct net *n, uint64_t seed, struct disk *a)
{
    begin(n, seed);
    n->a = world_add_host(n->world, "a", a);
    n->b = world_add_host(n->world, "b", NULL);
    assert(n->a && n->b);
    n->a0 = card(n->a, "eth0", "10.0.0.1");
    n->b0 = card(n->b, "eth0", "10.0.0.2");
    n->left = join(n, "left", n->a0, n->b0);
}

static void
default_route(struct host *h, const char *gateway)
{
    int err = host_add_route(h, (struct ipv4){0}, 0, net_ip(gateway));

    assert(err == 0);
    (void)err;
}

void
net_walk(struct net *n, uint64_t seed)
{
    begin(n, seed);
    n->a = world_add_host(n->world, "a", NULL);
    n->router = world_add_host(n->world, "router", NULL);
    n->b = world_add_host(n->world, "b", NULL);
    assert(n->a && n->router && n->b);
    n->a0 = card(n->a, "eth0", "10.0.0.2");
    n->r0 = card(n->router, "eth0", "10.0.0.1");
    n->r1 = card(n->router, "eth1", "10.0.1.1");
    n->b0 = card(n->b, "eth0", "10.0.1.2");
    n->left = join(n, "left", n->a0, n->r0);
    n->right = join(n, "right", n->r1, n->b0);
    default_route(n->a, "10.0.0.1");
    default_route(n->b, "10.0.1.1");
    host_set_forwarding(n->router, true);
}

static void
arrive(struct net *n, const void *frame, size_t len)
{
    struct pkt *p = pkt_new(world_pool(n->world), PKT_HEADROOM - 14, len);

    assert(p);
    if (len)
        memcpy(pkt_put(p, (uint32_t)len), frame, len);
    netdev_arrive(n->a0, p, "test");
}

/* An ARP message from the peer to a: 1 asks for a, 2 answers it. */
static void
inject_arp(struct net *n, uint16_t operation)
{
    uint8_t frame[42];
    struct writer w = writer_of(frame, sizeof frame);

    put_mac(&w, n->a0->addr);
    put_mac(&w, NET_PEER_MAC);
    put_be16(&w, 0x0806);
    put_be16(&w, 1); /* Ethernet */
    put_be16(&w, 0x0800);
    put_u8(&w, 6);
    put_u8(&w, 4);
    put_be16(&w, operation);
    put_mac(&w, NET_PEER_MAC);
    put_ipv4(&w, net_ip("10.0.0.2"));
    put_mac(&w, n->a0->addr);
    put_ipv4(&w, net_ip("10.0.0.1"));
    arrive(n, frame, writer_len(&w));
}

static void
answer(void *owner)
{
    inject_arp(owner, 2);
}

/* The wire of net_bare: keeps what was sent. */
static void
keep_frame(struct netdev *dev, struct pkt *p)
{
    struct net *n = dev->wire;

    netdev_sent(dev, p, "test");
    if (n->introduced && p->len > 14 && p->data[12] == 0x08 &&
        p->data[13] == 0x06) {
        timer_arm_in(world_timers(n->world), &n->answer, 0);
        pkt_free(p);
        return;
    }
    assert(n->nsent < NET_SENT_MAX);
    n->sent[n->nsent].bytes = malloc(p->len + 1u);
    assert(n->sent[n->nsent].bytes);
    memcpy(n->sent[n->nsent].bytes, p->data, p->len);
    n->sent[n->nsent].len = p->len;
    n->sent[n->nsent++].at = net_now(n);
    pkt_free(p);
}

void
net_inject(struct net *n, const void *frame, size_t len)
{
    arrive(n, frame, len);
    world_settle(n->world);
}

/* In one frame with the peer's Ethernet header. */
static size_t
frame_of(struct net *n, const void *packet, size_t len, uint8_t *frame)
{
    struct writer w = writer_of(frame, 65536 + 14);

    put_mac(&w, n->a0->addr);
    put_mac(&w, NET_PEER_MAC);
    put_be16(&w, 0x0800);
    put_bytes(&w, packet, len);
    assert(!w.over);
    return writer_len(&w);
}

void
net_inject_ip(struct net *n, const void *packet, size_t len)
{
    uint8_t frame[65536 + 14];

    net_inject(n, frame, frame_of(n, packet, len, frame));
}

void
net_inject_ip_now(struct net *n, const void *packet, size_t len)
{
    uint8_t frame[65536 + 14];

    arrive(n, frame, frame_of(n, packet, len, frame));
}

void
net_bare(struct net *n, uint64_t seed, bool introduced)
{
    begin(n, seed);
    n->a = world_add_host(n->world, "a", NULL);
    assert(n->a);
    n->a0 = card(n->a, "eth0", "10.0.0.1");
    n->a0->xmit = keep_frame;
    n->a0->wire = n;
    n->answer = (struct timer){.fire = answer, .owner = n};
    if (introduced)
        inject_arp(n, 1);
    net_forget(n);
    n->introduced = introduced;
}

void
net_forget(struct net *n)
{
    while (n->nsent > 0)
        free(n->sent[--n->nsent].bytes);
}

void
net_close(struct net *n)
{
    recorder_close(&n->rec);
    timer_cancel(world_timers(n->world), &n->answer);
    world_free(n->world);
    net_forget(n);
    memset(n, 0, sizeof *n);
}

struct instant
net_now(const struct net *n)
{
    return world_timers(n->world)->now;
}

void
net_run(struct net *n, int64_t ns)
{
    struct instant until = instant_add(net_now(n), ns);

    world_run(n->world, until, NULL, NULL);
    world_advance(n->world, until);
}
