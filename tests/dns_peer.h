/*
 * dns_peer.h: a computer with the resolver (10.0.0.1) and one with a name
 * server (10.0.0.2 and 10.0.9.2, and 10.0.8.2 to lie from) that says what the
 * test wants, in virtual time.
 *
 *     static void lie(struct dns_talk *t) { ... dns_say(t, bytes, len); }
 *     dns_peer.answer = lie;
 *     CHECK_EQ(dns_resolve("shop.test"), EAI_AGAIN);
 */
#ifndef LW_DNS_PEER_H
#define LW_DNS_PEER_H

#include "dns.h"
#include "net_fixture.h"
#include "resolve.h"

#include <netinet/in.h>

#define DNS_PEER_SEEN 64

/* A question that has come to the server. */
struct dns_talk {
    struct proc *p; /* the server's */
    int fd;         /* where it came in */
    struct sockaddr_in from;
    bool tcp;
    unsigned n; /* its number, from 0 */
    uint8_t query[600];
    size_t len;
};

struct dns_peer {
    struct net net;
    const char *hosts, *resolv;         /* the resolver's files */
    void (*answer)(struct dns_talk *t); /* NULL: silence */
    bool no_server;                     /* nothing listens on port 53 */
    struct {                            /* what came, oldest first */
        struct dns_header header;
        struct dns_question question;
        uint16_t port; /* of the resolver */
        bool tcp, edns;
        int64_t at_ns;
    } seen[DNS_PEER_SEEN];
    unsigned nseen;
    struct resolved out;
    int64_t took_ns; /* of the last dns_resolve */
};

extern struct dns_peer dns_peer;

void dns_peer_open(void); /* a test's setup; then set files and answer */
void dns_peer_close(void);

/* Runs the resolver in a process: its result; 99: it has not come back. */
int dns_resolve(const char *name);

/* Sends these bytes as the answer, over TCP behind their length. */
void dns_say(struct dns_talk *t, const void *bytes, size_t len);

/* The same over UDP, from another port or address of the server. */
void dns_say_from(struct dns_talk *t, const char *addr, uint16_t port,
    const void *bytes, size_t len);

/* An answer to the question with this code, up to the records. */
void dns_answer(struct dns_talk *t, struct dns_writer *w, uint8_t *buf,
    size_t size, unsigned rcode);

/* Records of the answer section, for 60 s. */
void dns_add_a(struct dns_writer *w, const char *name, const char *addr);
void dns_add_alias(struct dns_writer *w, const char *name, const char *to);

/* The usual answer: the asked name has 10.0.0.9. Its length. */
size_t dns_good(struct dns_talk *t, uint8_t *buf, size_t size);

/* How often the journal has told that reason of a kind. */
unsigned dns_told(enum event_kind kind, const char *why);

#endif
