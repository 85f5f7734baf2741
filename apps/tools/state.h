/*
 * state.h: the state of the whole world after event N, as the fold of the
 * events 1..N of a story. Nothing asks the stack: what the panels show was
 * told in the journal, so that stepping back works in a simulation, in a
 * live run and in a saved file alike.
 *
 * A state is a handful of tables of plain records. Texts lead into the story
 * or into the states' own memory, and live as long as these. A copy of the
 * state (a key frame) is kept every STATE_SPACING events; going anywhere is
 * one copy and at most that many steps. Of a foreign capture the story can
 * tell in a few events what was before any place (story_recap), so that none
 * is kept.
 */
#ifndef LW_STATE_H
#define LW_STATE_H

#include "story.h"

#include <stdio.h>

#define STATE_SPACING 1024

struct state_link {
    const char *name;
    uint16_t a, b; /* hosts at its ends; 0: not known, or outside */
    int64_t delay;
    uint64_t rate;
};

struct state_netif {
    uint16_t host;
    const char *name, *mac, *ip;
    uint64_t prefix;
};

struct state_route {
    uint16_t host;
    const char *prefix, *netif, *gateway;
    const char *type; /* "unicast", "local", "broadcast" */
};

struct state_arp {
    uint16_t host;
    const char *ip, *netif, *mac, *state;
    uint64_t held; /* packets that wait for the answer */
};

struct state_sock {
    uint16_t host;
    uint32_t pid;
    uint64_t sock;
    const char *type, *local, *remote, *state;
    uint64_t rcv, snd;         /* bytes in the queues */
    uint64_t waiting, backlog; /* of a listener */
    bool listens;
};

struct state_conn {
    uint16_t host;
    uint64_t conn, sock;
    const char *local, *remote, *state;
    bool known; /* the variables below have been told */
    uint64_t una, nxt, snd_wnd, rcv_nxt, rcv_wnd, cwnd, ssthresh;
    int64_t rto, srtt;
    const char *timer; /* the one set last; "" when it ran out */
    struct instant due;
};

struct state_proc {
    uint16_t host;
    uint32_t pid, ppid;
    const char *name;
    const char *inside; /* the system call that it is in; "" */
    const char *sleeps; /* the call that it sleeps in; "": it runs */
    const char *ended;  /* how; "": it lives */
    uint64_t call;      /* position of its last SYSCALL event; 0: none */
    uint64_t calls;     /* how many it has made */
};

/* A frame between two cards. */
struct state_flight {
    uint64_t pkt;
    uint64_t sent; /* position of its FRAME_SENT */
    uint64_t done; /* position of the event that ended it; 0: under way */
    const char *link, *lost; /* lost: why; "" when it was not */
    uint16_t from, to;       /* hosts; 0: outside or not known */
    struct instant at;
};

struct state_nginx {
    uint16_t host;
    uint64_t conn;
    const char *remote, *method, *uri, *server, *location, *phase, *result;
    const char *upstream, *upstream_state;
    uint64_t status, len; /* of the answer; 0: none yet */
};

struct state_pool {
    uint16_t host;
    const char *pool, *pm;
    uint64_t idle, active, total;
};

struct state_worker {
    uint16_t host;
    uint64_t pid;
    const char *pool, *state, *request;
    uint64_t served;
};

/* What the Zend engine does in one process: positions of its events. */
struct state_zend {
    uint16_t host;
    uint32_t pid;
    const char *file, *cache, *doing;
    uint64_t tokens, tree, opcodes; /* the first of each; 0: none */
    uint64_t ntokens, ntree, nopcodes;
    uint64_t step; /* ZEND_STEP now executed; 0: none */
    uint64_t steps, output;
    bool compiled; /* what tokens come next belong to another file */
};

struct state_page {
    uint16_t host;
    const char *url, *doing, *type;
    uint64_t status, len;
};

#define STATE_TABLES(T)                                                        \
    T(link)                                                                    \
    T(netif)                                                                   \
    T(route)                                                                   \
    T(arp)                                                                     \
    T(sock) T(conn) T(proc) T(flight) T(nginx) T(pool) T(worker) T(zend) T(page)

struct state {
    uint64_t at; /* the event it stands after; 0: before everything */
    struct instant now;
#define T(name)                                                                \
    struct state_##name *name;                                                 \
    unsigned n##name, room_##name;
    STATE_TABLES(T)
#undef T
};

struct states; /* a story's states: the fold, and its key frames */

/* The story must outlive it. NULL: no memory. */
struct states *states_new(const struct story *story);
void states_free(struct states *ss);

/*
 * The state after event i (0 .. story_count). It stays valid and unchanged
 * until the next call. NULL: no memory.
 */
const struct state *states_at(struct states *ss, uint64_t i);

/* Prepares the key frames up to the end, so that every jump is short. */
bool states_prepare(struct states *ss);

/* A state as text, one record a line; for tests and for `diff`. */
void state_dump(const struct state *st, const struct story *s, FILE *out);

/* How far a frame has come, 0..1, when the event at i happens. */
double state_progress(
    const struct state_flight *f, const struct story *s, uint64_t i);

#endif
