/*
 * reply.h: is this message the answer to that question, and what does it
 * say? Bytes and structs alone: no socket, no clock, no memory.
 *
 * Whoever can send us a datagram may lie. So a message counts only when its
 * id and its whole question are ours (RFC 5452 9.1; the address it came from
 * is the connected socket's to check), and is sound to its last byte; and of
 * its records only those count that the question leads to: from the name,
 * over its aliases (RFC 1034 3.6.2), to the addresses of the last of them.
 * What stands in the other sections is not looked at.
 */
#ifndef LW_REPLY_H
#define LW_REPLY_H

#include "dns.h"

enum {
    REPLY_ADDRS = 16, /* more are not of use */
    REPLY_CHAIN = 12  /* the name and its aliases */
};

enum reply_kind {
    REPLY_IGNORED,     /* no answer to us: there may come a better one */
    REPLY_TRUNCATED,   /* the server had more to say: ask over TCP */
    REPLY_FOUND,       /* addrs */
    REPLY_NO_NAME,     /* the name does not exist */
    REPLY_NO_DATA,     /* it does, but has no address */
    REPLY_NEXT_SERVER, /* this server cannot say: another may */
    REPLY_FAILED,      /* an answer that nobody can use */
    REPLY_SILENT       /* nothing that counts came in time (ask.c) */
};

struct reply {
    struct dns_header header;
    struct ipv4 addrs[REPLY_ADDRS];
    unsigned naddrs;
    struct dns_name chain[REPLY_CHAIN]; /* the name, then its aliases */
    unsigned nchain;
    uint32_t ttl;    /* seconds: the smallest of all records that counted */
    const char *why; /* for all but FOUND: the reason */
    uint32_t at;     /* the byte of the message that it lies in */
};

enum reply_kind reply_read(const void *message, size_t len, uint16_t id,
    const struct dns_question *asked, struct reply *out);

/* Does the record belong to the answer? Only after FOUND. */
bool reply_counts(const struct reply *r, const struct dns_record *rr);

#endif
