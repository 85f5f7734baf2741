/*
 * comment.c: sentences about packets that have not left yet. A place is
 * given by the packet's number, or by the event's own when it names no
 * packet (ARP makes its packet after the report), modulo the places: what is
 * overtaken by a thousand younger ones is forgotten, and memory is bounded.
 */
#include "comment.h"

#include <stdlib.h>
#include <string.h>

#define PLACES 1024

struct place {
    uint64_t key;
    uint32_t len;
    char text[1012]; /* len bytes and a zero */
};

struct comments {
    struct place packets[PLACES]; /* by packet */
    struct place events[PLACES];  /* by event, for those without a packet */
};

struct comments *
comments_new(void)
{
    return calloc(1, sizeof(struct comments));
}

void
comments_free(struct comments *c)
{
    free(c);
}

/* The reports that say why a packet is sent. */
static bool
is_reason(enum event_kind kind)
{
    switch (kind) {
    case EV_TCP_SEND:
    case EV_TCP_RETRANSMIT:
    case EV_UDP_SEND:
    case EV_ICMP_SEND:
    case EV_ARP_ASK:
    case EV_ARP_ANSWER:
    case EV_IP_FORWARD: return true;
    default: return false;
    }
}

/* Appends to a place's text, as much as fits. */
static void
append(struct place *at, const char *text)
{
    size_t n = strlen(text), room = sizeof at->text - 1 - at->len;

    if (n > room)
        n = room;
    memcpy(at->text + at->len, text, n);
    at->len += (uint32_t)n;
    at->text[at->len] = 0;
}

void
comment_on(struct comments *c, const struct event *e)
{
    uint64_t key = e->pkt ? e->pkt : e->no;
    struct place *at = &(e->pkt ? c->packets : c->events)[key % PLACES];
    const struct rule_info *rule = rule_info(e->rule);
    char what[256];

    if (!is_reason(e->kind))
        return;
    if (at->key != key) {
        at->key = key;
        at->len = 0;
    }
    if (at->len > 0)
        append(at, "\n");
    append(at, event_text(e, what, sizeof what));
    if (e->rule) {
        append(at, ". Why: ");
        append(at, rule->why);
        append(at, " (");
        append(at, rule->source);
        append(at, ")");
    }
}

const char *
comment_for(const struct comments *c, const struct event *sent)
{
    const struct place *at = &c->packets[sent->pkt % PLACES];

    if (sent->pkt && at->key == sent->pkt && at->len > 0)
        return at->text;
    at = &c->events[sent->cause % PLACES];
    return sent->cause && at->key == sent->cause ? at->text : "";
}

void
comment_clear(struct comments *c, const struct event *sent)
{
    struct place *at = &c->packets[sent->pkt % PLACES];

    if (at->key == sent->pkt)
        at->len = 0;
}
