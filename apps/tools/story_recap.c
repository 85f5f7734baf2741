/*
 * story_recap.c: what was known before a page, told in as few events as the
 * state needs: cards, links, ARP entries, connections that stand, and what
 * the browsers did last. Their order is that in which the state's tables
 * were filled, so that the state is the same as that of the whole walk.
 */
#include "frames.h"

#include <stdlib.h>

/* An end of a connection that stands. */
struct standing {
    const struct known_end *ends;
    uint32_t conn;
    unsigned who;
};

static int
by_birth(const void *a, const void *b)
{
    const struct standing *x = a, *y = b;

    uint32_t a_born = x->ends[x->who].born, b_born = y->ends[y->who].born;

    return (a_born > b_born) - (a_born < b_born);
}

static void
connections(struct frames *f, uint32_t page)
{
    const struct known *k = f->known;
    struct standing *all = malloc((k->conns.n * 2 + 1) * sizeof *all);
    uint32_t n = 0;

    f->failed |= !all;
    for (uint32_t i = 0; all && i < k->conns.n; i++) {
        const struct known_conn *c = rows_at(&k->conns, i);
        const struct known_end *ends;

        if (c->page >= page)
            break; /* nor did those behind it begin before */
        ends = known_before(k, i, page);
        for (unsigned who = 0; who < 2; who++)
            if (track_open(&ends[who]))
                all[n++] = (struct standing){ends, i, who};
    }
    if (n)
        qsort(all, n, sizeof *all, by_birth);
    for (uint32_t i = 0; i < n; i++)
        track_retell(f, all[i].conn, all[i].who, all[i].ends);
    free(all);
}

/* Frames before `frame` showed these hosts at these links. */
static void
links(struct frames *f, uint32_t frame)
{
    const struct known *k = f->known;

    for (uint32_t i = 0; i < k->links.n; i++) {
        const struct known_link *l = rows_at(&k->links, i);
        const struct {
            unsigned host;
            uint32_t born;
        } ends[] = {{0, l->born}, {l->a, l->a_born}, {l->b, l->b_born}};

        for (unsigned e = 0; e < LW_COUNT(ends); e++)
            if (ends[e].born && ends[e].born < frame)
                FRAMES_NOTE(f, EV_FRAME_RECEIVED, ends[e].host, 0,
                    f_text("link", l->name), f_text("if", "eth0"),
                    f_u64("len", 0));
    }
}

static void
browsers(struct frames *f, uint32_t frame)
{
    const struct known *k = f->known;
    uint16_t kind[HOSTS_MAX + 1] = {0}, order[HOSTS_MAX + 1];
    unsigned n = 0;

    for (uint32_t i = 0; i < k->webs.n; i++) {
        const struct known_web *w = rows_at(&k->webs, i);

        if (w->frame >= frame)
            break;
        if (!kind[w->host])
            order[n++] = w->host;
        kind[w->host] = w->kind;
    }
    for (unsigned i = 0; i < n; i++)
        FRAMES_NOTE(f, kind[order[i]], order[i], 0, f_text("status", ""));
}

void
frames_retell(struct frames *f, uint32_t page)
{
    const struct known *k = f->known;
    uint32_t frame = page * PAGE_FRAMES + 1; /* its first */

    for (uint32_t i = 0; i < k->born.n; i++) {
        const uint32_t *addr = rows_at(&k->born, i);
        const struct known_peer *p =
            known_peer(f->known, (struct ipv4){*addr}, false);

        if (p->born >= frame)
            break;
        frames_card(f, p);
    }
    links(f, frame);
    for (uint32_t i = 0; i < k->arps.n; i++) {
        const struct known_arp *a = rows_at(&k->arps, i);

        if (a->frame >= frame)
            break;
        FRAMES_NOTE(f, EV_ARP_ENTRY, a->host, 0, f_ip("ip", a->ip),
            f_text("if", "eth0"), f_mac("mac", a->mac),
            f_text("state", "REACHABLE"));
    }
    connections(f, page);
    browsers(f, frame);
}
