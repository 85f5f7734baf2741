/*
 * worldfile_link.c: one cable of a world file: which two cards it joins, how
 * long and how fast it is, and what may happen to frames on it.
 */
#include "worldfile_parts.h"

#include <errno.h>
#include <string.h>

/* A link being read, and the world it is for. */
struct item {
    struct worldfile *wf;
    struct world_link *link;
};

/* "browser:eth0" */
static int
add_end(struct yaml *y, void *object, yaml_node_t *value)
{
    struct item *item = object;
    struct world_link *l = item->link;
    char *text = yaml_text(y, value, "an end of a link");
    char *colon = text ? strchr(text, ':') : NULL;

    if (!text)
        return -EINVAL;
    if (l->nends == 2)
        return yaml_fault(y, value, "a link has two ends");
    if (!colon)
        return yaml_fault(
            y, value, "`%s` is not an end of a link: host:interface", text);
    *colon = 0;
    for (unsigned i = 0; i < item->wf->nhosts; i++) {
        struct world_computer *h = &item->wf->hosts[i];

        if (strcmp(h->name, text) != 0)
            continue;
        for (unsigned k = 0; k < h->ncards; k++) {
            if (strcmp(h->cards[k].name, colon + 1) != 0)
                continue;
            if (h->cards[k].wired)
                return yaml_fault(y, value,
                    "%s:%s has a link already; a card takes one", text,
                    colon + 1);
            h->cards[k].wired = true;
            l->host[l->nends] = i;
            l->card[l->nends++] = k;
            return 0;
        }
        return yaml_fault(
            y, value, "host %s has no interface `%s`", text, colon + 1);
    }
    return yaml_fault(y, value, "there is no host `%s`", text);
}

static int
set_ends(struct yaml *y, void *object, yaml_node_t *value)
{
    return yaml_list(y, value, "`ends`", add_end, object);
}

#define LINK_CONFIG(object) (&((struct item *)(object))->link->config)

static int
set_delay(struct yaml *y, void *object, yaml_node_t *value)
{
    return yaml_duration(y, value, "`delay`", &LINK_CONFIG(object)->delay_ns);
}

static int
set_rate(struct yaml *y, void *object, yaml_node_t *value)
{
    return yaml_rate(y, value, "`rate`", &LINK_CONFIG(object)->rate);
}

static int
set_queue(struct yaml *y, void *object, yaml_node_t *value)
{
    uint64_t v;
    int err = yaml_u64(y, value, "`queue`", &v);

    if (err)
        return err;
    if (v == 0 || v > 100000)
        return yaml_fault(y, value, "`queue` is 1 to 100000 frames");
    LINK_CONFIG(object)->queue = (unsigned)v;
    return 0;
}

static int
set_ecn(struct yaml *y, void *object, yaml_node_t *value)
{
    uint64_t v;
    int err = yaml_u64(y, value, "`ecn`", &v);

    if (err)
        return err;
    if (v == 0 || v > 100000)
        return yaml_fault(y, value, "`ecn` is 1 to 100000 frames");
    LINK_CONFIG(object)->ecn = (unsigned)v;
    return 0;
}

static int
set_loss(struct yaml *y, void *object, yaml_node_t *value)
{
    return yaml_chance(y, value, "`loss`", &LINK_CONFIG(object)->faults.loss);
}

static int
set_duplicate(struct yaml *y, void *object, yaml_node_t *value)
{
    return yaml_chance(
        y, value, "`duplicate`", &LINK_CONFIG(object)->faults.duplicate);
}

static int
set_reorder(struct yaml *y, void *object, yaml_node_t *value)
{
    return yaml_chance(
        y, value, "`reorder`", &LINK_CONFIG(object)->faults.reorder);
}

static int
set_reorder_delay(struct yaml *y, void *object, yaml_node_t *value)
{
    return yaml_duration(
        y, value, "`reorder_delay`", &LINK_CONFIG(object)->faults.reorder_ns);
}

int
worldfile_link(
    struct yaml *y, void *object, const char *name, yaml_node_t *value)
{
    static const struct yaml_key keys[] = {
        {"ends", set_ends},
        {"delay", set_delay},
        {"rate", set_rate},
        {"queue", set_queue},
        {"ecn", set_ecn},
        {"loss", set_loss},
        {"duplicate", set_duplicate},
        {"reorder", set_reorder},
        {"reorder_delay", set_reorder_delay},
    };
    struct worldfile *wf = object;

    if (!worldfile_name(y, value, name, WORLD_NAME_MAX))
        return -EINVAL;
    if (wf->nlinks == WORLD_LINKS)
        return yaml_fault(y, value, "more than %d links", WORLD_LINKS);
    struct world_link *l = &wf->links[wf->nlinks++];
    *l = (struct world_link){.config = {.name = name}};
    l->config.faults.reorder_ns = LW_MS;
    struct item item = {wf, l};
    int err = yaml_map(y, value, "a link", keys, LW_COUNT(keys), &item);
    if (!err && l->nends != 2)
        err = yaml_fault(
            y, value, "link %s: `ends: [host:interface, ...]` is two", name);
    return err;
}
