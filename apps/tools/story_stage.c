/*
 * story_stage.c: the dozen parts that a walk falls into.
 *
 * Stages have a rank, and one begins only when its rank is expected now:
 * the router's own ARP does not tear TCP's stage apart, and the answer of
 * php-fpm does not begin the browser's page. A second request on the same
 * connection leads back up.
 */
#include "story_in.h"

#include <stdlib.h>
#include <string.h>

enum rank {
    RANK_WORLD,
    RANK_SERVERS,
    RANK_URL,
    RANK_NAME,
    RANK_CONNECT,
    RANK_ARP,
    RANK_TCP,
    RANK_HTTP,
    RANK_NGINX,
    RANK_FCGI,
    RANK_FPM,
    RANK_ZEND,
    RANK_RESPONSE,
    RANK_PAGE,
    RANK_CLOSE,
    RANK_END,
    RANK_COUNT
};

static const struct {
    const char *name;
    enum layer layer;
} ranks[RANK_COUNT] = {
    {"world", LAYER_WORLD},
    {"servers", LAYER_PROC},
    {"URL", LAYER_URL},
    {"name", LAYER_NAME},
    {"connect", LAYER_SOCKET},
    {"ARP", LAYER_ARP},
    {"TCP", LAYER_TCP},
    {"HTTP", LAYER_HTTP},
    {"nginx", LAYER_NGINX},
    {"FastCGI", LAYER_FCGI},
    {"php-fpm", LAYER_FPM},
    {"Zend", LAYER_ZEND},
    {"response", LAYER_HTTP},
    {"page", LAYER_PAGE},
    {"close", LAYER_TCP},
    {"end", LAYER_WORLD},
};

/* Sets of ranks that may come before; bit 0: none yet. */
#define UP_TO(r) ((2u << ((r) + 1)) - 1)
#define FROM(r)  (~UP_TO((r)-1))
#define IN(a, b) (FROM(a) & UP_TO(b))
#define NOTHING  1u
#define ANY      (~0u)

/* By kind, since every event is asked. */
static const struct {
    enum rank begins;
    unsigned after; /* ranks that may be current; 0: it begins none */
} rules[EV_COUNT] = {
    [EV_WORLD_BEGIN] = {RANK_WORLD, NOTHING},
    [EV_WORLD_HOST] = {RANK_WORLD, NOTHING},
    [EV_PROC_START] = {RANK_SERVERS, UP_TO(RANK_WORLD)},
    [EV_NGINX_CONFIG] = {RANK_SERVERS, UP_TO(RANK_WORLD)},
    [EV_FPM_CONFIG] = {RANK_SERVERS, UP_TO(RANK_WORLD)},
    [EV_SOCKET_LISTEN] = {RANK_SERVERS, UP_TO(RANK_WORLD)},
    [EV_URL_PARSED] = {RANK_URL, ANY & ~IN(RANK_URL, RANK_URL)},
    [EV_NAME_HOSTS] = {RANK_NAME, UP_TO(RANK_URL)},
    [EV_NAME_UNKNOWN] = {RANK_NAME, UP_TO(RANK_URL)},
    [EV_NAME_FAILED] = {RANK_NAME, UP_TO(RANK_URL)},
    [EV_DNS_QUERY] = {RANK_NAME, UP_TO(RANK_URL) | IN(RANK_CONNECT, RANK_TCP)},
    [EV_DNS_ANSWER] = {RANK_NAME, IN(RANK_CONNECT, RANK_TCP)},
    [EV_SOCKET_CONNECT] = {RANK_CONNECT, UP_TO(RANK_NAME) | FROM(RANK_PAGE)},
    [EV_ARP_ASK] = {RANK_ARP, NOTHING | IN(RANK_URL, RANK_CONNECT)},
    [EV_ARP_ANSWER] = {RANK_ARP, NOTHING | IN(RANK_SERVERS, RANK_CONNECT)},
    [EV_ARP_RELEASE] = {RANK_TCP, IN(RANK_ARP, RANK_ARP)},
    [EV_TCP_SEND] = {RANK_TCP, NOTHING},
    [EV_TCP_ARRIVE] = {RANK_TCP, NOTHING | IN(RANK_CONNECT, RANK_ARP)},
    [EV_SOCKET_ACCEPT] = {RANK_TCP,
        IN(RANK_SERVERS, RANK_SERVERS) | FROM(RANK_RESPONSE)},
    [EV_HTTP_REQUEST_SENT] = {RANK_HTTP, UP_TO(RANK_TCP) | FROM(RANK_RESPONSE)},
    [EV_NGINX_REQUEST] = {RANK_NGINX, UP_TO(RANK_HTTP) | FROM(RANK_RESPONSE)},
    [EV_NGINX_UPSTREAM] = {RANK_FCGI, IN(RANK_NGINX, RANK_NGINX)},
    [EV_FPM_REQUEST] = {RANK_FPM, IN(RANK_NGINX, RANK_FCGI)},
    [EV_ZEND_REQUEST] = {RANK_ZEND, IN(RANK_FPM, RANK_FPM)},
    [EV_ZEND_COMPILE] = {RANK_ZEND, IN(RANK_FPM, RANK_FPM)},
    [EV_FPM_DONE] = {RANK_RESPONSE, IN(RANK_FPM, RANK_ZEND)},
    [EV_NGINX_RESPONSE] = {RANK_RESPONSE, IN(RANK_NGINX, RANK_ZEND)},
    [EV_HTTP_RESPONSE_READ] = {RANK_PAGE, IN(RANK_URL, RANK_RESPONSE)},
    [EV_PAGE_LOADED] = {RANK_PAGE, IN(RANK_URL, RANK_RESPONSE)},
    [EV_PAGE_FAILED] = {RANK_PAGE, IN(RANK_URL, RANK_RESPONSE)},
    [EV_TCP_MOVE] = {RANK_CLOSE, IN(RANK_PAGE, RANK_PAGE)},
    [EV_WORLD_END] = {RANK_END, IN(RANK_PAGE, RANK_CLOSE)},
};

bool
stage_begins(int *rank, enum event_kind kind)
{
    if (!(rules[kind].after >> (*rank + 1) & 1))
        return false;
    *rank = (int)rules[kind].begins;
    return true;
}

const char *
stage_name(int rank)
{
    return rank >= 0 && rank < RANK_COUNT ? ranks[rank].name : "";
}

enum layer
stage_layer(int rank)
{
    return rank >= 0 && rank < RANK_COUNT ? ranks[rank].layer : LAYER_WORLD;
}

void
story_stage_note(struct story *s, uint64_t i, enum event_kind kind)
{
    if (!stage_begins(&s->rank, kind))
        return;
    if (s->nstages == s->stage_room) {
        unsigned room = s->stage_room ? s->stage_room * 2 : 32;
        struct stage_begin *stages = realloc(s->stages, room * sizeof *stages);

        if (!stages) {
            s->full = true;
            return;
        }
        s->stages = stages;
        s->stage_room = room;
    }
    s->stages[s->nstages++] =
        (struct stage_begin){(uint32_t)i, (uint32_t)s->rank};
}

unsigned
story_stages(const struct story *s)
{
    return s->nstages;
}

struct stage
story_stage(const struct story *s, unsigned k)
{
    int rank = (int)s->stages[k].rank;

    return (struct stage){
        stage_name(rank), stage_layer(rank), s->stages[k].first};
}

unsigned
story_stage_at(const struct story *s, uint64_t i)
{
    unsigned low = 0, high = s->nstages;

    while (low + 1 < high) {
        unsigned mid = (low + high) / 2;

        if (s->stages[mid].first <= i)
            low = mid;
        else
            high = mid;
    }
    return low;
}
