/*
 * fetch.h: one request and its answer over a connection of its own.
 */
#ifndef LW_FETCH_H
#define LW_FETCH_H

#include "arena.h"
#include "http_response.h"
#include "sys.h"
#include "url.h"

#define FETCH_KEEP 4096 /* bytes of the body that are kept for the page */

struct fetch {
    struct arena *arena; /* for all that belongs to this request */
    const struct url *url;
    struct ipv4 server;
    int fd;         /* the connection */
    bool connected; /* there was one */
    struct http_response response;
    uint8_t body[FETCH_KEEP]; /* its beginning */
    size_t body_kept;
    const char *why; /* after failure */
};

/*
 * Connects, asks, reads the answer. 0, or -1 with `why` told, and then the
 * connection is closed. Fill in arena, url and server; all else zero.
 */
int fetch_page(struct proc *p, struct fetch *f);

/* After success: closes the connection. */
void fetch_close(struct proc *p, struct fetch *f);

#endif
