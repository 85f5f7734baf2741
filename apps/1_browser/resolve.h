/*
 * resolve.h: from a name to addresses, as getaddrinfo(3) does it on a computer
 * whose nsswitch.conf(5) says `hosts: files dns`: first /etc/hosts, then the
 * servers of /etc/resolv.conf. A stub resolver (RFC 1034 5.3.1): it asks one
 * server at a time for the whole answer and keeps nothing.
 */
#ifndef LW_RESOLVE_H
#define LW_RESOLVE_H

#include "arena.h"
#include "sys.h"

#define RESOLVE_ADDRS 16

struct resolver {
    struct proc *p;
    struct arena arena; /* of one call */
};

struct resolved {
    struct ipv4 addrs[RESOLVE_ADDRS];
    unsigned n;
    const char *why; /* after failure: what getaddrinfo's caller prints */
};

void resolver_init(struct resolver *r, struct proc *p);
void resolver_free(struct resolver *r); /* also in the middle of a call */

/*
 * 0, or an EAI_* of <netdb.h>: EAI_NONAME (no such name), EAI_NODATA (it has
 * no address), EAI_AGAIN (nobody answers now), EAI_FAIL, EAI_MEMORY. Each
 * step is in the journal. Bounded in time by resolv.conf(5).
 */
int resolve_host(struct resolver *r, const char *name, struct resolved *out);

#endif
