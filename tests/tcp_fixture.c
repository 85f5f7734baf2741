/*
 * tcp_fixture.c: IP and TCP without the storeys above, for tests of TCP.
 */
#include "tcp_fixture.h"
#include "check.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static void
plug(struct tcp_host *h, struct netif *nif, struct netdev *dev,
    struct ipv4 addr, unsigned prefix)
{
    struct link_proto ipv4 = {ETHERTYPE_IPV4, ip_input, h->ip};
    int err;

    err = netif_init(nif, dev, addr, prefix);
    assert(err == 0);
    err = netif_plug(nif, &ipv4);
    assert(err == 0);
    dev->loopback = dev == &h->lo; /* the other has no ARP, but a link */
    err = ip_add_netif(h->ip, nif);
    assert(err == 0);
    dev->loopback = true;
    (void)err;
}

static void
host_begin(struct tcp_world *w, struct tcp_host *h, uint64_t seed,
    const char *name, struct ipv4 addr)
{
    h->env = (struct env){
        .journal = &w->journal, .timers = &w->timers, .pool = w->pool};
    h->env.host = (uint16_t)journal_host(&w->journal, name);
    rng_init(&h->env.rng, seed, name);
    h->ip = ip_new(&h->env);
    assert(h->ip);
    h->lo.env = h->eth.env = &h->env;
    snprintf(h->lo.name, sizeof h->lo.name, "lo");
    snprintf(h->eth.name, sizeof h->eth.name, "eth0");
    h->wire_lo = loopback_new(&w->timers, &h->lo, "lo");
    assert(h->wire_lo);
    plug(h, &h->nif_lo, &h->lo, (struct ipv4){0x7f000001}, 8);
    h->eth.mtu = NETDEV_MTU;
    h->eth.loopback = true; /* no ARP */
    plug(h, &h->nif_eth, &h->eth, addr, 24);
    h->tcp = tcp_new(&h->env, h->ip);
    assert(h->tcp);
}

static void
host_end(struct tcp_host *h)
{
    tcp_free(h->tcp);
    netif_close(&h->nif_eth);
    netif_close(&h->nif_lo);
    ip_free(h->ip);
    loopback_free(h->wire_lo);
}

static void
begin(struct tcp_world *w)
{
    memset(w, 0, sizeof *w);
    journal_init(&w->journal, &w->timers.now);
    timers_init(&w->timers, &w->journal);
    w->pool = pkt_pool_new(&w->journal, 100000);
    assert(w->pool);
}

void
tcp_world_alone(struct tcp_world *w, uint64_t seed,
    void (*xmit)(struct netdev *dev, struct pkt *p), void *owner)
{
    begin(w);
    host_begin(w, &w->a, seed, "a", TCP_HOST_A);
    w->a.eth.xmit = xmit;
    w->a.eth.wire = owner;
}

void
tcp_world_pair(
    struct tcp_world *w, uint64_t seed, const struct cable_config *config)
{
    begin(w);
    host_begin(w, &w->a, seed, "a", TCP_HOST_A);
    host_begin(w, &w->b, seed, "b", TCP_HOST_B);
    w->cable = cable_new(&w->timers, seed, config, &w->a.eth, &w->b.eth);
    assert(w->cable);
}

void
tcp_world_run(struct tcp_world *w, int64_t ns)
{
    timers_advance(&w->timers, instant_add(w->timers.now, ns));
}

void
tcp_world_finish(struct tcp_world *w, int64_t ns)
{
    struct instant end = instant_add(w->timers.now, ns), due;

    while (timers_next(&w->timers, &due) && instant_lt(due, end))
        timers_advance(
            &w->timers, instant_lt(due, w->timers.now) ? w->timers.now : due);
}

void
tcp_world_close(struct tcp_world *w)
{
    if (w->cable)
        cable_free(w->cable);
    host_end(&w->a);
    if (w->cable)
        host_end(&w->b);
    CHECK_EQ(pkt_pool_used(w->pool), 0);
    CHECK_EQ(timers_places(&w->timers), 0);
    timers_close(&w->timers);
    journal_close(&w->journal);
    pkt_pool_free(w->pool);
}
