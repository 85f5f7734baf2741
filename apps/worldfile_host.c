/*
 * worldfile_host.c: one computer of a world file: its cards, its routes, its
 * folder and what it runs. An address belongs to one card in the world, and
 * a gateway is a neighbour.
 */
#include "worldfile_parts.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CARD_NAME_MAX 15 /* what a network card's name may have */

/* A host being read, and the world it is for. */
struct item {
    struct worldfile *wf;
    struct world_computer *host;
};

/* "10.0.1.2/24": address and prefix length. */
static int
parse_prefix(struct yaml *y, yaml_node_t *at, const char *text,
    struct ipv4 *addr, unsigned *prefix)
{
    const char *slash = strchr(text, '/');
    char dotted[16] = "", *end = NULL;
    unsigned long n = 33;

    if (slash && (size_t)(slash - text) < sizeof dotted) {
        memcpy(dotted, text, (size_t)(slash - text));
        if (isdigit((unsigned char)slash[1]))
            n = strtoul(slash + 1, &end, 10);
    }
    if (n > 32 || !end || *end || !ipv4_parse(dotted, addr))
        return yaml_fault(
            y, at, "`%s` is not an address with its prefix: 10.0.1.2/24", text);
    *prefix = (unsigned)n;
    return 0;
}

static int
parse_address(
    struct yaml *y, yaml_node_t *at, const char *what, struct ipv4 *addr)
{
    const char *text = yaml_text(y, at, what);

    if (!text)
        return -EINVAL;
    if (!ipv4_parse(text, addr))
        return yaml_fault(
            y, at, "%s `%s` is not an address like 10.0.1.1", what, text);
    return 0;
}

static int
add_card(struct yaml *y, void *object, const char *name, yaml_node_t *value)
{
    struct item *item = object;
    struct world_computer *h = item->host;
    const char *text = yaml_text(y, value, "an interface's address");

    if (!text || !worldfile_name(y, value, name, CARD_NAME_MAX))
        return -EINVAL;
    if (h->ncards == WORLD_CARDS)
        return yaml_fault(
            y, value, "more than %d interfaces in one host", WORLD_CARDS);
    if (strcmp(name, "lo") == 0)
        return yaml_fault(
            y, value, "every host has `lo` already, with 127.0.0.1/8");
    struct world_card *c = &h->cards[h->ncards];
    *c = (struct world_card){.name = name};
    if (parse_prefix(y, value, text, &c->addr, &c->prefix))
        return -EINVAL;
    struct ipv4 mask = ipv4_mask(c->prefix);
    uint32_t inside = c->addr.v & ~mask.v;
    if (c->prefix == 0 || c->addr.v == 0 || ipv4_is_multicast(c->addr) ||
        ipv4_is_loopback(c->addr) ||
        (c->prefix < 31 && (inside == 0 || inside == ~mask.v)))
        return yaml_fault(y, value,
            "%s is not the address of one computer in its network", text);
    for (unsigned i = 0; i < item->wf->nhosts; i++)
        for (unsigned k = 0; k < item->wf->hosts[i].ncards; k++)
            if (&item->wf->hosts[i].cards[k] != c &&
                ipv4_eq(item->wf->hosts[i].cards[k].addr, c->addr))
                return yaml_fault(y, value, "%s is taken by %s", text,
                    item->wf->hosts[i].name);
    h->ncards++;
    return 0;
}

static int
set_interfaces(struct yaml *y, void *object, yaml_node_t *value)
{
    return yaml_names(y, value, "`interfaces`", add_card, object);
}

static int
set_folder(struct yaml *y, void *object, yaml_node_t *value)
{
    struct item *item = object;
    const char *text = yaml_text(y, value, "`folder`");
    struct stat st;

    if (!text)
        return -EINVAL;
    item->host->folder =
        text[0] == '/' ? text
                       : arena_printf(y->arena, "%s/%s", item->wf->dir, text);
    if (!item->host->folder)
        return yaml_fault(y, value, "no memory");
    if (stat(item->host->folder, &st) != 0)
        return yaml_fault(
            y, value, "folder %s: %s", item->host->folder, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return yaml_fault(
            y, value, "folder %s: not a folder", item->host->folder);
    return 0;
}

static int
add_route(struct yaml *y, yaml_node_t *value, struct world_computer *h,
    struct world_route route)
{
    if (h->nroutes == WORLD_ROUTES)
        return yaml_fault(
            y, value, "more than %d routes in one host", WORLD_ROUTES);
    h->routes[h->nroutes++] = route;
    return 0;
}

static int
set_gateway(struct yaml *y, void *object, yaml_node_t *value)
{
    struct item *item = object;
    struct world_route route = {{0}, 0, {0}};
    int err = parse_address(y, value, "`gateway`", &route.gateway);

    return err ? err : add_route(y, value, item->host, route);
}

static int
each_route(struct yaml *y, void *object, const char *name, yaml_node_t *value)
{
    struct item *item = object;
    struct world_route route;

    if (parse_prefix(y, value, name, &route.dst, &route.prefix) ||
        parse_address(y, value, "the gateway", &route.gateway))
        return -EINVAL;
    if (route.dst.v & ~ipv4_mask(route.prefix).v)
        return yaml_fault(y, value,
            "`%s` is an address, not a network: bits stand after the prefix",
            name);
    return add_route(y, value, item->host, route);
}

static int
set_routes(struct yaml *y, void *object, yaml_node_t *value)
{
    return yaml_names(y, value, "`routes`", each_route, object);
}

static int
set_forward(struct yaml *y, void *object, yaml_node_t *value)
{
    struct item *item = object;

    return yaml_bool(y, value, "`forward`", &item->host->forward);
}

/* A line is cut into words at blanks. */
static int
add_program(struct yaml *y, void *object, yaml_node_t *value)
{
    struct world_computer *h = ((struct item *)object)->host;
    char *line = yaml_text(y, value, "a program to run"), *save = NULL;

    if (!line)
        return -EINVAL;
    if (h->nrun == WORLD_RUN)
        return yaml_fault(
            y, value, "more than %d programs in one host", WORLD_RUN);
    struct world_program *p = &h->run[h->nrun];
    *p = (struct world_program){.line = yaml_line(value)};
    for (char *word = strtok_r(line, " \t\n", &save); word;
         word = strtok_r(NULL, " \t\n", &save)) {
        if (p->argc == WORLD_ARGS)
            return yaml_fault(
                y, value, "more than %d words in one line", WORLD_ARGS);
        p->argv[p->argc++] = word;
    }
    if (p->argc == 0)
        return yaml_fault(y, value, "an empty program line");
    h->nrun++;
    return 0;
}

static int
set_run(struct yaml *y, void *object, yaml_node_t *value)
{
    return yaml_list(y, value, "`run`", add_program, object);
}

/* A gateway is a neighbour: one of the host's own networks holds it. */
static int
check_routes(struct yaml *y, yaml_node_t *at, const struct world_computer *h)
{
    for (unsigned i = 0; i < h->nroutes; i++) {
        bool found = false;

        for (unsigned k = 0; k < h->ncards; k++) {
            uint32_t mask = ipv4_mask(h->cards[k].prefix).v;

            found |=
                ((h->cards[k].addr.v ^ h->routes[i].gateway.v) & mask) == 0;
        }
        char buf[16];
        if (!found)
            return yaml_fault(y, at,
                "host %s: gateway %s is in none of its networks", h->name,
                ipv4_text(h->routes[i].gateway, buf));
    }
    return 0;
}

int
worldfile_host(
    struct yaml *y, void *object, const char *name, yaml_node_t *value)
{
    static const struct yaml_key keys[] = {
        {"folder", set_folder},
        {"interfaces", set_interfaces},
        {"gateway", set_gateway},
        {"routes", set_routes},
        {"forward", set_forward},
        {"run", set_run},
    };
    struct worldfile *wf = object;

    if (!worldfile_name(y, value, name, WORLD_NAME_MAX))
        return -EINVAL;
    if (wf->nhosts == WORLD_HOSTS)
        return yaml_fault(y, value, "more than %d hosts", WORLD_HOSTS);
    struct world_computer *h = &wf->hosts[wf->nhosts++];
    *h = (struct world_computer){.name = name, .line = yaml_line(value)};
    struct item item = {wf, h};
    int err = yaml_map(y, value, "a host", keys, LW_COUNT(keys), &item);
    if (err)
        return err;
    if (!h->folder) {
        struct stat st;

        h->folder = arena_printf(y->arena, "%s/%s", wf->dir, name);
        if (!h->folder)
            return yaml_fault(y, value, "no memory");
        if (stat(h->folder, &st) != 0 || !S_ISDIR(st.st_mode))
            return yaml_fault(
                y, value, "host %s: no folder %s", name, h->folder);
    }
    return check_routes(y, value, h);
}
