/*
 * known.h: what has been learnt of a capture that somebody else made, while
 * it was read from its beginning to where it has been read. Nothing in it is
 * lost when reading goes on: every fact says at which frame it became one,
 * and of each connection it is kept how it stood at the beginning of each
 * page (PAGE_FRAMES frames) that touched it. So any page can be read again
 * by itself, and what was known before any page can be told (story_recap.c).
 */
#ifndef LW_KNOWN_H
#define LW_KNOWN_H

#include "journal.h"
#include "rng.h"
#include "rows.h"

#define PAGE_FRAMES 16
#define HOSTS_MAX   2000   /* more addresses share the nameless host */
#define CONNS_MAX   262144 /* segments of more connections tell nothing */

/* A computer: an address. */
struct known_peer {
    struct ipv4 addr;
    struct mac mac;
    uint16_t host;    /* 0: only its name is known yet */
    uint32_t born;    /* the frame that it was first seen in */
    const char *name; /* or NULL */
};

/* A link: the interfaces of one name. */
struct known_link {
    const char *name;
    uint16_t a, b;                 /* hosts at its ends */
    uint32_t born, a_born, b_born; /* frames */
};

/* An interface of the file. */
struct known_port {
    uint32_t link, linktype;
};

/* Who told whom an address's card. */
struct known_arp {
    uint32_t frame;
    uint16_t host;
    struct ipv4 ip;
    struct mac mac;
};

/* A host began to wait for an HTTP answer, or to read one. */
struct known_web {
    uint32_t frame;
    uint16_t host, kind;
};

/* One end of a connection, as the segments show it. */
struct known_end {
    struct seq una, nxt, rcv_nxt, fin; /* fin: after our FIN */
    uint32_t born;                     /* number of its TCP_CONN event */
    uint16_t snd_wnd, rcv_wnd;
    uint8_t state; /* story_tcp.c */
    bool fin_sent;
};

struct known_conn {
    struct ipv4 addr[2];
    uint16_t port[2], host[2]; /* of both ends; end 0 spoke first */
    uint32_t next;             /* in the chain of its hash; 0: none */
    uint32_t saved;            /* its newest row of saves + 1; 0: none */
    uint32_t page;             /* that its first segment is on */
    uint32_t no;               /* in events; end 1 of one computer: no + 1 */
    struct known_end end[2];   /* as it stands now */
};

/* How a connection stood before the first segment of a page. */
struct known_save {
    uint32_t conn, page;
    uint32_t before; /* the row of the page before, + 1; 0: none */
    struct known_end end[2];
};

struct known {
    struct rows peers, born; /* born: addresses (uint32_t), in that order */
    struct rows links, ports, arps, webs, conns, saves;
    struct sipkey key;   /* of the hashes */
    uint16_t *peer_hash; /* rows + 1, open addressing */
    uint32_t *conn_hash; /* rows + 1, chained */
    uint32_t conn_room;
    uint32_t conn_nos;                /* given out */
    uint16_t web_kind[HOSTS_MAX + 1]; /* newest, by host */
};

bool known_init(struct known *k); /* false: no memory, or no chance */
void known_free(struct known *k);
size_t known_memory(const struct known *k);

/* The peer of that address; a new one when `make`. NULL: none. */
struct known_peer *known_peer(struct known *k, struct ipv4 addr, bool make);

/* Keeps an ARP entry, unless that is what is known already. */
bool known_arp(struct known *k, const struct known_arp *arp);

/* Keeps what a host does on the web, unless it is what it did. */
bool known_web(struct known *k, uint32_t frame, unsigned host, unsigned kind);

/* A host was seen at a link in that frame. */
void known_at_link(struct known_link *l, unsigned host, uint32_t frame);

/* The row of the link of that (interned) name; UINT32_MAX: no memory. */
uint32_t known_link(struct known *k, const char *name, uint32_t frame);

/*
 * The row of the connection between two ends; *who becomes the end that the
 * first of them is. UINT32_MAX: not there, and not made.
 */
uint32_t known_conn(struct known *k, struct ipv4 addr, uint16_t port,
    struct ipv4 peer, uint16_t peer_port, bool make, unsigned *who);

/* Before it changes in this page: how it stands. False: no memory. */
bool known_keep(struct known *k, uint32_t conn, uint32_t page);

/* How a connection stood before a page. */
const struct known_end *known_before(
    const struct known *k, uint32_t conn, uint32_t page);

#endif
