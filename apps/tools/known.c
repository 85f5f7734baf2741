/*
 * known.c: tables, and hashes into those that are asked for every frame. The
 * hashes have a key that is new for each file: whoever made a capture could
 * else have chosen addresses that all fall into one chain.
 */
#include "known.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define PEER_ROOM 4096 /* of the hash: a power of two, > 2 * HOSTS_MAX */

bool
known_init(struct known *k)
{
    *k = (struct known){.peers.size = sizeof(struct known_peer),
        .born.size = sizeof(uint32_t),
        .links.size = sizeof(struct known_link),
        .ports.size = sizeof(struct known_port),
        .arps.size = sizeof(struct known_arp),
        .webs.size = sizeof(struct known_web),
        .conns.size = sizeof(struct known_conn),
        .saves.size = sizeof(struct known_save)};
    if (getrandom(&k->key, sizeof k->key, 0) != sizeof k->key)
        return false;
    k->peer_hash = calloc(PEER_ROOM, sizeof *k->peer_hash);
    return k->peer_hash != NULL;
}

void
known_free(struct known *k)
{
    rows_free(&k->peers);
    rows_free(&k->born);
    rows_free(&k->links);
    rows_free(&k->ports);
    rows_free(&k->arps);
    rows_free(&k->webs);
    rows_free(&k->conns);
    rows_free(&k->saves);
    free(k->peer_hash);
    free(k->conn_hash);
}

size_t
known_memory(const struct known *k)
{
    return rows_memory(&k->peers) + rows_memory(&k->born) +
           rows_memory(&k->links) + rows_memory(&k->ports) +
           rows_memory(&k->arps) + rows_memory(&k->webs) +
           rows_memory(&k->conns) + rows_memory(&k->saves) +
           PEER_ROOM * sizeof *k->peer_hash +
           k->conn_room * sizeof *k->conn_hash;
}

struct known_peer *
known_peer(struct known *k, struct ipv4 addr, bool make)
{
    uint64_t at = siphash(k->key, &addr, sizeof addr) & (PEER_ROOM - 1);
    struct known_peer *p;

    for (; k->peer_hash[at]; at = (at + 1) & (PEER_ROOM - 1)) {
        p = rows_at(&k->peers, k->peer_hash[at] - 1u);
        if (ipv4_eq(p->addr, addr))
            return p;
    }
    p = make && k->peers.n < HOSTS_MAX ? rows_add(&k->peers) : NULL;
    if (!p)
        return NULL;
    p->addr = addr;
    k->peer_hash[at] = (uint16_t)k->peers.n;
    return p;
}

bool
known_arp(struct known *k, const struct known_arp *arp)
{
    struct known_arp *new;

    for (uint32_t i = k->arps.n; i-- > 0 && i + 64 > k->arps.n;) {
        const struct known_arp *a = rows_at(&k->arps, i);

        if (a->host != arp->host || !ipv4_eq(a->ip, arp->ip))
            continue;
        if (mac_eq(a->mac, arp->mac))
            return true;
        break;
    }
    new = rows_add(&k->arps);
    if (new)
        *new = *arp;
    return new != NULL;
}

bool
known_web(struct known *k, uint32_t frame, unsigned host, unsigned kind)
{
    struct known_web *w;

    if (k->web_kind[host] == kind)
        return true;
    w = rows_add(&k->webs);
    if (!w)
        return false;
    k->web_kind[host] = (uint16_t)kind;
    *w = (struct known_web){frame, (uint16_t)host, (uint16_t)kind};
    return true;
}

void
known_at_link(struct known_link *l, unsigned host, uint32_t frame)
{
    if (l->a == host || l->b == host)
        return;
    if (!l->a) {
        l->a = (uint16_t)host;
        l->a_born = frame;
    } else if (!l->b) {
        l->b = (uint16_t)host;
        l->b_born = frame;
    }
}

uint32_t
known_link(struct known *k, const char *name, uint32_t frame)
{
    struct known_link *l;

    for (uint32_t i = 0; i < k->links.n; i++) {
        l = rows_at(&k->links, i);
        if (l->name == name)
            return i;
    }
    l = rows_add(&k->links);
    if (!l)
        return UINT32_MAX;
    l->name = name;
    l->born = frame;
    return k->links.n - 1;
}

/* The same for both directions. */
static uint32_t
conn_hash(const struct known *k, struct ipv4 a, uint16_t ap, struct ipv4 b,
    uint16_t bp)
{
    uint64_t ends[2] = {(uint64_t)a.v << 16 | ap, (uint64_t)b.v << 16 | bp};

    if (ends[0] > ends[1]) {
        ends[0] = ends[1];
        ends[1] = (uint64_t)a.v << 16 | ap;
    }
    return (uint32_t)siphash(k->key, ends, sizeof ends);
}

static bool
conns_grow(struct known *k)
{
    uint32_t room = k->conn_room ? k->conn_room * 2 : 64;
    uint32_t *hash = calloc(room, sizeof *hash);

    if (!hash)
        return false;
    free(k->conn_hash);
    k->conn_hash = hash;
    k->conn_room = room;
    for (uint32_t i = 0; i < k->conns.n; i++) {
        struct known_conn *c = rows_at(&k->conns, i);
        uint32_t at =
            conn_hash(k, c->addr[0], c->port[0], c->addr[1], c->port[1]) &
            (room - 1);

        c->next = hash[at];
        hash[at] = i + 1;
    }
    return true;
}

uint32_t
known_conn(struct known *k, struct ipv4 addr, uint16_t port, struct ipv4 peer,
    uint16_t peer_port, bool make, unsigned *who)
{
    uint32_t h = conn_hash(k, addr, port, peer, peer_port);
    struct known_conn *c;

    *who = 0;
    for (uint32_t i = k->conn_room ? k->conn_hash[h & (k->conn_room - 1)] : 0;
         i; i = c->next) {
        c = rows_at(&k->conns, i - 1);
        for (unsigned w = 0; w < 2; w++) {
            if (c->port[w] == port && c->port[!w] == peer_port &&
                ipv4_eq(c->addr[w], addr) && ipv4_eq(c->addr[!w], peer)) {
                *who = w;
                return i - 1;
            }
        }
    }
    if (!make || k->conns.n == CONNS_MAX ||
        (k->conns.n >= k->conn_room && !conns_grow(k)))
        return UINT32_MAX;
    c = rows_add(&k->conns);
    if (!c)
        return UINT32_MAX;
    *c = (struct known_conn){.addr = {addr, peer},
        .port = {port, peer_port},
        .next = k->conn_hash[h & (k->conn_room - 1)]};
    k->conn_hash[h & (k->conn_room - 1)] = k->conns.n;
    return k->conns.n - 1;
}

bool
known_keep(struct known *k, uint32_t conn, uint32_t page)
{
    struct known_conn *c = rows_at(&k->conns, conn);
    struct known_save *s;

    if (c->saved) {
        s = rows_at(&k->saves, c->saved - 1);
        if (s->page == page)
            return true;
    }
    s = rows_add(&k->saves);
    if (!s)
        return false;
    *s = (struct known_save){conn, page, c->saved, {c->end[0], c->end[1]}};
    c->saved = k->saves.n;
    return true;
}

const struct known_end *
known_before(const struct known *k, uint32_t conn, uint32_t page)
{
    const struct known_conn *c = rows_at(&k->conns, conn);
    const struct known_end *end = c->end;

    for (uint32_t i = c->saved; i;) {
        const struct known_save *s = rows_at(&k->saves, i - 1);

        if (s->page < page)
            break;
        end = s->end;
        i = s->before;
    }
    return end;
}
