/*
 * tcp_table.c: where is the connection between these two ends? A hash table
 * keyed by a secret (a stranger cannot aim at one bucket) that doubles as it
 * fills, so that finding costs the same with ten connections and a hundred
 * thousand; the listeners by port; and the choice of free ports (RFC 6056).
 */
#include "tcp_conn.h"

#include <stdlib.h>

#define FIRST_BUCKETS 64
#define PORT_LOW      32768 /* ip_local_port_range, as Linux has it */
#define PORT_COUNT    28232

/*
 * Each word times a secret number of its own: among all such functions two
 * ends that are not the same meet in one place no more often than by chance,
 * whatever they are (multilinear hashing, strongly universal; Lemire and
 * Kaser 2014), and nobody outside ever sees what it says. A keyed hash whose
 * results can be seen (tcp_isn.c) has to be stronger.
 */
static uint32_t
place(const struct tcp *tcp, struct tcp_end local, struct tcp_end remote)
{
    const uint64_t *k = tcp->table_words;
    uint64_t sum = k[0] + k[1] * local.addr.v + k[2] * remote.addr.v +
                   k[3] * ((uint32_t)local.port << 16 | remote.port);

    return (uint32_t)(sum >> 32) & tcp->mask;
}

static bool
end_eq(struct tcp_end a, struct tcp_end b)
{
    return a.port == b.port && ipv4_eq(a.addr, b.addr);
}

bool
tcp_table_init(struct tcp *tcp)
{
    tcp->bucket = calloc(FIRST_BUCKETS, sizeof *tcp->bucket);
    tcp->mask = FIRST_BUCKETS - 1;
    for (uint32_t i = 0; i < LW_COUNT(tcp->table_words); i++)
        tcp->table_words[i] = siphash(tcp->table_key, &i, sizeof i);
    return tcp->bucket != NULL;
}

void
tcp_table_free(struct tcp *tcp)
{
    free(tcp->bucket);
}

static bool
joins(const struct tcp_conn *c, struct tcp_end local, struct tcp_end remote)
{
    return end_eq(c->local, local) && end_eq(c->remote, remote);
}

/* Segments come in trains: most belong to the connection of the one before,
 * which saves the keyed hash. */
struct tcp_conn *
tcp_find(struct tcp *tcp, struct tcp_end local, struct tcp_end remote)
{
    struct tcp_conn *c = tcp->found;

    if (c && joins(c, local, remote))
        return c;
    c = tcp->bucket[place(tcp, local, remote)];
    while (c && !joins(c, local, remote)) {
        tcp->probed++;
        c = c->chain;
    }
    if (c)
        tcp->found = c;
    return c;
}

/* Only those that are bound to different cards may have the same two ends. */
struct tcp_conn *
tcp_find_by_card(struct tcp *tcp, struct tcp_end local, struct tcp_end remote,
    const struct ip_hdr *ih)
{
    struct tcp_conn *c = tcp->bucket[place(tcp, local, remote)];

    while (
        c && (!joins(c, local, remote) || !tcp_by_card(tcp, c->tune.card, ih)))
        c = c->chain;
    return c;
}

/* Twice the buckets. Without memory the chains just grow longer. */
static void
grow(struct tcp *tcp)
{
    uint32_t old_count = tcp->mask + 1;
    struct tcp_conn **old = tcp->bucket;
    struct tcp_conn **new = calloc(old_count * 2, sizeof *new);

    if (!new)
        return;
    tcp->bucket = new;
    tcp->mask = old_count * 2 - 1;
    for (uint32_t i = 0; i < old_count; i++) {
        while (old[i]) {
            struct tcp_conn *c = old[i];
            struct tcp_conn **to = &new[place(tcp, c->local, c->remote)];

            old[i] = c->chain;
            c->chain = *to;
            *to = c;
        }
    }
    free(old);
}

void
tcp_insert(struct tcp *tcp, struct tcp_conn *c)
{
    struct tcp_conn **to;

    if (tcp->hashed > tcp->mask)
        grow(tcp);
    to = &tcp->bucket[place(tcp, c->local, c->remote)];
    c->chain = *to;
    *to = c;
    c->hashed = true;
    tcp->hashed++;
    tcp->counts.conns++;
}

void
tcp_remove(struct tcp *tcp, struct tcp_conn *c)
{
    struct tcp_conn **at = &tcp->bucket[place(tcp, c->local, c->remote)];

    if (!c->hashed)
        return;
    while (*at != c)
        at = &(*at)->chain;
    *at = c->chain;
    c->chain = NULL;
    c->hashed = false;
    if (tcp->found == c)
        tcp->found = NULL;
    tcp->hashed--;
    tcp->counts.conns--;
}

/* --- listeners -------------------------------------------------------- */

bool
tcp_by_card(const struct tcp *tcp, unsigned card, const struct ip_hdr *ih)
{
    return card == ip_card_index(tcp->ip, ih->nif);
}

/* Does l hear what comes for local? 0: no; 3: its very address, 1: all
 * addresses; and one more when it is bound to the card. */
static unsigned
hears(
    const struct tcp_listener *l, struct tcp_end local, const struct ip_hdr *ih)
{
    unsigned match = ipv4_eq(l->local.addr, local.addr) ? 3
                     : l->local.addr.v == 0             ? 1
                                                        : 0;

    if (l->local.port != local.port || !match)
        return 0;
    if (!l->tune.card)
        return match;
    return tcp_by_card(l->tcp, l->tune.card, ih) ? match + 1 : 0;
}

/*
 * The exact address wins over "all of ours", and then who is bound to the card
 * over who is not. Among listeners that share an address by SO_REUSEPORT a
 * keyed hash of the caller decides, so that each gets its part and a caller
 * that asks again finds the same one.
 */
struct tcp_listener *
tcp_find_listener(const struct tcp *tcp, struct tcp_end local,
    struct tcp_end remote, const struct ip_hdr *ih)
{
    struct tcp_listener *first =
        tcp->listeners[local.port % TCP_LISTEN_BUCKETS];
    struct tcp_listener *best = NULL;
    uint32_t words[2] = {remote.addr.v, remote.port};
    unsigned how = 0, sharing = 0;
    uint64_t hash;

    for (struct tcp_listener *l = first; l; l = l->next) {
        unsigned match = hears(l, local, ih);

        if (match && match == how)
            sharing++;
        if (match <= how)
            continue;
        how = match;
        sharing = 1;
        best = l;
    }
    if (sharing < 2)
        return best;
    hash = siphash(tcp->port_key, words, sizeof words);
    sharing = (unsigned)((hash & UINT32_MAX) * sharing >> 32);
    for (best = first; hears(best, local, ih) != how || sharing--;)
        best = best->next;
    return best;
}

void
tcp_insert_listener(struct tcp *tcp, struct tcp_listener *l)
{
    struct tcp_listener **to =
        &tcp->listeners[l->local.port % TCP_LISTEN_BUCKETS];

    l->next = *to;
    *to = l;
    tcp->counts.listeners++;
}

void
tcp_remove_listener(struct tcp *tcp, struct tcp_listener *l)
{
    struct tcp_listener **at =
        &tcp->listeners[l->local.port % TCP_LISTEN_BUCKETS];

    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    tcp->counts.listeners--;
}

/* Two addresses overlap when they are equal or one of them means all. */
static bool
overlap(struct ipv4 a, struct ipv4 b)
{
    return a.v == 0 || b.v == 0 || ipv4_eq(a, b);
}

static bool
listened_on(const struct tcp *tcp, struct tcp_end local)
{
    struct tcp_listener *l = tcp->listeners[local.port % TCP_LISTEN_BUCKETS];

    for (; l; l = l->next)
        if (l->local.port == local.port && overlap(l->local.addr, local.addr))
            return true;
    return false;
}

/* Do two users of a port go together? */
static bool
agree(unsigned a, unsigned b, bool listening)
{
    return (a & b & TCP_REUSEPORT) || ((a & b & TCP_REUSEADDR) && !listening);
}

/* Are they bound to two different cards? */
static bool
apart(unsigned reuse, unsigned card)
{
    return reuse >> 8 && card && reuse >> 8 != card;
}

/* A scan over all connections, but only when a program names a port. */
bool
tcp_can_bind(const struct tcp *tcp, struct tcp_end local, unsigned reuse)
{
    const struct tcp_listener *l =
        tcp->listeners[local.port % TCP_LISTEN_BUCKETS];

    for (; l; l = l->next)
        if (l->local.port == local.port && overlap(l->local.addr, local.addr) &&
            !apart(reuse, l->tune.card) && !agree(reuse, l->reuse, true))
            return false;
    for (uint32_t i = 0; i <= tcp->mask; i++) {
        for (struct tcp_conn *c = tcp->bucket[i]; c; c = c->chain) {
            if (c->local.port == local.port &&
                overlap(c->local.addr, local.addr) &&
                !apart(reuse, c->tune.card) && !agree(reuse, c->reuse, false))
                return false;
        }
    }
    return true;
}

/* --- free ports ------------------------------------------------------- */

/*
 * RFC 6056 3.3.4, double-hash: where the search begins depends on the other
 * end and a secret, and each group of other ends counts on by itself, so a
 * stranger learns nothing from the ports used towards him, and a port is
 * used again towards the same end as late as possible.
 */
uint16_t
tcp_connect_port(struct tcp *tcp, struct ipv4 local, struct tcp_end remote)
{
    uint32_t words[3] = {local.v, remote.addr.v, remote.port};
    uint64_t hash = siphash(tcp->port_key, words, sizeof words);
    uint16_t *step = &tcp->port_step[(hash >> 32) % TCP_PORT_STEPS];

    for (uint32_t i = 0; i < PORT_COUNT; i++) {
        uint32_t n = ((uint32_t)hash + (*step)++) % PORT_COUNT;
        struct tcp_end try = {local, (uint16_t)(PORT_LOW + n)};

        if (!tcp_find(tcp, try, remote) && !listened_on(tcp, try))
            return try.port;
    }
    return 0;
}

uint16_t
tcp_listen_port(struct tcp *tcp, struct ipv4 addr, unsigned reuse)
{
    uint32_t first = (uint32_t)rng_below(&tcp->env->rng, PORT_COUNT);

    for (uint32_t i = 0; i < PORT_COUNT; i++) {
        struct tcp_end try = {
            addr, (uint16_t)(PORT_LOW + (first + i) % PORT_COUNT)};

        if (tcp_can_bind(tcp, try, reuse))
            return try.port;
    }
    return 0;
}
