/*
 * host.c: one computer, put together. The only file that knows every storey:
 * here the calls that go up are plugged in, from the card to the kernel.
 *
 *     wire -> netdev.input -> link    (netif_init)
 *                  link -> IP, ARP    (the table in card_plug)
 *                    IP -> UDP, TCP   (each registers when it is made)
 *              UDP, TCP -> kernel     (each socket brings its notify)
 */
#include "host.h"
#include "arp.h"
#include "loopback.h"
#include "net.h"
#include "tcp.h"
#include "udp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct card {
    struct netdev dev;
    struct netif nif;
};

struct host {
    struct env env;
    char name[32];
    struct card *cards[IP_IFS]; /* the first is lo */
    unsigned ncards;
    struct loopback *lo;
    struct ip *ip;
    struct tcp *tcp;
    struct udp *udp;
    struct kernel *kernel;
    struct disk *disk;
};

/* Who gets what comes through this card. */
static int
card_plug(struct host *h, struct card *c)
{
    const struct link_proto table[] = {
        {ETHERTYPE_IPV4, ip_input, h->ip},
        {ETHERTYPE_ARP, arp_input, c->nif.arp},
    };
    int err = 0;

    c->nif.no_answer = ip_no_answer;
    c->nif.address_changed = ip_address_changed;
    c->nif.no_answer_owner = h->ip;
    for (unsigned i = 0; i < LW_COUNT(table) && !err; i++)
        if (table[i].owner)
            err = netif_plug(&c->nif, &table[i]);
    return err ? err : ip_add_netif(h->ip, &c->nif);
}

static struct card *
card_new(struct host *h, const char *name)
{
    struct card *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    snprintf(c->dev.name, sizeof c->dev.name, "%s", name);
    /* Bit 1 of the first byte: given by us, not by a maker (IEEE 802 8.4). */
    c->dev.addr = (struct mac){{0x02, 0, 0, (uint8_t)(h->env.host >> 8),
        (uint8_t)h->env.host, (uint8_t)h->ncards}};
    c->dev.mtu = NETDEV_MTU;
    c->dev.env = &h->env;
    c->dev.joins = true;
    return c;
}

/* The card is complete but for its wire: gives it the address. On failure
 * nothing of it is left but c itself. */
static int
card_start(struct host *h, struct card *c, struct ipv4 addr, unsigned prefix)
{
    int err = netif_init(&c->nif, &c->dev, addr, prefix);

    if (err)
        return err;
    NOTE(&h->env, EV_NETDEV, RULE_WORLD, f_text("if", c->dev.name),
        f_mac("mac", c->dev.addr), f_ip("ip", addr), f_u64("prefix", prefix),
        f_u64("mtu", c->dev.mtu));
    err = card_plug(h, c);
    if (err) {
        netif_close(&c->nif);
        return err;
    }
    h->cards[h->ncards++] = c;
    return 0;
}

static int
add_loopback(struct host *h)
{
    struct card *c = card_new(h, "lo");
    char link[64];
    int err = -ENOMEM;

    if (!c)
        return err;
    snprintf(link, sizeof link, "%s:lo", h->name);
    h->lo = loopback_new(h->env.timers, &c->dev, link);
    if (h->lo)
        err = card_start(h, c, (struct ipv4){0x7f000001}, 8);
    if (err) {
        loopback_free(h->lo);
        h->lo = NULL;
        free(c);
    }
    return err;
}

/* Every storey, from below. */
static int
build(struct host *h, struct disk *disk)
{
    h->ip = ip_new(&h->env);
    if (!h->ip || add_loopback(h) < 0)
        return -ENOMEM;
    h->udp = udp_new(&h->env, h->ip);
    h->tcp = tcp_new(&h->env, h->ip);
    if (!h->udp || !h->tcp)
        return -ENOMEM;
    h->kernel = kernel_new(&h->env, h->ip, h->tcp, h->udp, disk);
    if (!h->kernel)
        return -ENOMEM;
    h->disk = disk;
    return 0;
}

struct host *
host_new(struct journal *journal, struct timers *timers, struct pkt_pool *pool,
    uint64_t seed, const char *name, struct disk *disk)
{
    struct host *h = calloc(1, sizeof *h);
    char stream[48];
    int number;

    if (!h)
        return NULL;
    snprintf(h->name, sizeof h->name, "%s", name);
    h->env.journal = journal;
    h->env.timers = timers;
    h->env.pool = pool;
    snprintf(stream, sizeof stream, "host:%s", h->name);
    rng_init(&h->env.rng, seed, stream);
    number = journal_host(journal, h->name);
    if (number < 0) {
        free(h);
        return NULL;
    }
    h->env.host = (uint16_t)number;
    NOTE(&h->env, EV_WORLD_HOST, RULE_WORLD, f_text("name", h->name));
    if (build(h, disk) < 0) {
        host_free(h);
        return NULL;
    }
    return h;
}

void
host_stop(struct host *h)
{
    if (h->kernel)
        kernel_free(h->kernel);
    h->kernel = NULL;
}

void
host_free(struct host *h)
{
    if (!h)
        return;
    host_stop(h);
    if (h->tcp)
        tcp_free(h->tcp);
    udp_free(h->udp);
    loopback_free(h->lo);
    ip_free(h->ip);
    for (unsigned i = 0; i < h->ncards; i++) {
        netif_close(&h->cards[i]->nif);
        free(h->cards[i]);
    }
    if (h->disk)
        h->disk->free(h->disk);
    free(h);
}

/* A card that nothing is plugged into: what it sends is lost. */
static void
unplugged(struct netdev *dev, struct pkt *p)
{
    pkt_drop(dev->env, p, DROP_WIRE_LOSS, RULE_WIRE);
}

struct netdev *
host_add_netdev(
    struct host *h, const char *name, struct ipv4 addr, unsigned prefix)
{
    struct card *c;

    for (unsigned i = 0; i < h->ncards; i++)
        if (strcmp(h->cards[i]->dev.name, name) == 0)
            return NULL;
    if (h->ncards == IP_IFS)
        return NULL;
    c = card_new(h, name);
    if (!c)
        return NULL;
    c->dev.xmit = unplugged;
    if (card_start(h, c, addr, prefix) < 0) {
        free(c);
        return NULL;
    }
    return &c->dev;
}

int
host_claim(struct host *h, const char *name)
{
    for (unsigned i = 0; i < h->ncards; i++)
        if (strcmp(h->cards[i]->dev.name, name) == 0)
            return netif_claim(&h->cards[i]->nif);
    return -ENODEV;
}

int
host_add_route(
    struct host *h, struct ipv4 dst, unsigned prefix, struct ipv4 gateway)
{
    return ip_add_route(h->ip, dst, prefix, gateway);
}

void
host_set_forwarding(struct host *h, bool on)
{
    ip_set_forwarding(h->ip, on);
    for (unsigned i = 0; i < h->ncards; i++)
        h->cards[i]->dev.joins = !on; /* what goes on goes frame by frame */
}

const char *
host_name(const struct host *h)
{
    return h->name;
}

struct env *
host_env(struct host *h)
{
    return &h->env;
}

bool
host_flush(struct host *h)
{
    return tcp_flush(h->tcp);
}

struct kernel *
host_kernel(struct host *h)
{
    return h->kernel;
}

struct ip *
host_ip(struct host *h)
{
    return h->ip;
}

struct tcp *
host_tcp(struct host *h)
{
    return h->tcp;
}

struct udp *
host_udp(struct host *h)
{
    return h->udp;
}
