/*
 * dns.h: DNS messages (RFC 1035 4), bytes to struct and back, no I/O.
 *
 *     +--------+-----------+--------+-----------+------------+
 *     | header | questions | answer | authority | additional |
 *     +--------+-----------+--------+-----------+------------+
 *       12 bytes, the last 8 of them count what follows
 *
 * A reader goes through a message record by record and keeps nothing, so a
 * header that counts 65535 records costs no memory; a writer appends records
 * and writes a name that it has written before as a pointer. Used by the
 * resolver of the browser, by name servers, and by the dissector.
 *
 *     dns_open(&r, message, len)
 *     while ((n = dns_question(&r, &q)) > 0) ...
 *     while ((n = dns_record(&r, &rr)) > 0) ...
 *     n == 0: the message was read to its last byte; else r.fault says why not
 *
 * Understood inside: A, NS, CNAME, SOA, PTR, MX, TXT, AAAA (RFC 3596), SRV
 * (RFC 2782), OPT (RFC 6891). Data of every other type is bytes (RFC 3597).
 */
#ifndef LW_DNS_H
#define LW_DNS_H

#include "dns_name.h"

/* clang-format off */
#define DNS_TYPES(T)                                                           \
    T(A, 1) T(NS, 2) T(CNAME, 5) T(SOA, 6) T(PTR, 12) T(MX, 15) T(TXT, 16)     \
    T(AAAA, 28) T(SRV, 33) T(OPT, 41) T(DS, 43) T(RRSIG, 46) T(NSEC, 47)       \
    T(DNSKEY, 48) T(SVCB, 64) T(HTTPS, 65) T(IXFR, 251) T(AXFR, 252)           \
    T(ANY, 255) T(CAA, 257)

enum dns_type {
#define DNS_TYPE_ENUM(name, number) DNS_##name = number,
    DNS_TYPES(DNS_TYPE_ENUM)
#undef DNS_TYPE_ENUM
};

enum {
    DNS_CLASS_IN = 1,
    DNS_CLASS_CH = 3
};

#define DNS_RCODES(R)                                                          \
    R(NOERROR, 0) R(FORMERR, 1) R(SERVFAIL, 2) R(NXDOMAIN, 3) R(NOTIMP, 4)     \
    R(REFUSED, 5)
/* clang-format on */

enum dns_rcode {
#define DNS_RCODE_ENUM(name, number) DNS_##name = number,
    DNS_RCODES(DNS_RCODE_ENUM)
#undef DNS_RCODE_ENUM
};

enum dns_section {
    DNS_QUESTION,
    DNS_ANSWER,
    DNS_AUTHORITY,
    DNS_ADDITIONAL,
    DNS_SECTIONS
};

/* RFC 1035 4.1.1; AD and CD are of RFC 4035, 3.1.6 and 3.2.2. */
struct dns_header {
    uint16_t id;
    bool qr; /* a response */
    uint8_t opcode;
    bool aa, tc, rd, ra, z, ad, cd;
    uint8_t rcode;
    uint16_t count[DNS_SECTIONS];
};

/* RFC 1035 4.1.2. */
struct dns_question {
    struct dns_name name;
    uint16_t type, class;
    uint32_t at; /* its first byte in the message */
};

/* Bytes in the message (reading) or anywhere (writing). */
struct dns_bytes {
    const uint8_t *at;
    uint16_t len;
};

/* How the data of a record is laid out; many types share one. */
enum dns_shape {
    DNS_SHAPE_BYTES,
    DNS_SHAPE_A,
    DNS_SHAPE_AAAA,
    DNS_SHAPE_NAME,
    DNS_SHAPE_MX,
    DNS_SHAPE_SOA,
    DNS_SHAPE_SRV,
    DNS_SHAPE_TXT,
    DNS_SHAPE_OPT
};

struct dns_soa {
    struct dns_name mname, rname;
    uint32_t serial, refresh, retry, expire, minimum;
};

struct dns_mx {
    uint16_t preference;
    struct dns_name exchange;
};

struct dns_srv {
    uint16_t priority, weight, port;
    struct dns_name target;
};

/* RFC 1035 4.1.3. */
struct dns_record {
    struct dns_name name;
    uint16_t type, class; /* OPT: class is the UDP size that is taken */
    uint32_t ttl;         /* seconds; OPT: see dns_opt_* */
    enum dns_section section;
    enum dns_shape shape;
    uint32_t at;            /* reading: its first byte in the message */
    struct dns_bytes rdata; /* reading: as it stands there; writing: only
                               for BYTES, TXT (strings) and OPT (options) */
    union {
        struct ipv4 a;
        uint8_t aaaa[16];
        struct dns_name target; /* NS, CNAME, PTR */
        struct dns_mx mx;
        struct dns_soa soa;
        struct dns_srv srv;
    };
};

/* How the data of this type and class is read and written. */
enum dns_shape dns_shape(uint16_t type, uint16_t class);

/* A TTL with its highest bit set counts as 0 (RFC 2181 8). */
static inline uint32_t
dns_ttl(const struct dns_record *rr)
{
    return rr->ttl >> 31 ? 0 : rr->ttl;
}

/* --- reading -------------------------------------------------------------- */

struct dns_reader {
    struct dns_header header;
    struct cursor message, c;
    enum dns_section section; /* of the next record */
    unsigned done;            /* records of that section */
    bool opt;                 /* OPT was there */
    struct dns_fault fault;   /* after a refusal */
};

/* 0, or -EBADMSG. The bytes stay the caller's and must stay in place. */
int dns_open(struct dns_reader *r, const void *message, size_t len);

/* 1: the next one; 0: no more; -EBADMSG: refused, and for ever after. */
int dns_question(struct dns_reader *r, struct dns_question *q);

/*
 * The next record, after all questions; those not yet read are passed over.
 * 1, 0 or -EBADMSG as above; 0 only if nothing follows the last record.
 */
int dns_record(struct dns_reader *r, struct dns_record *rr);

/* --- writing -------------------------------------------------------------- */

#define DNS_PLACES 128 /* names that pointers may lead to */

struct dns_writer {
    struct writer w;
    struct dns_header header; /* counts what was written */
    enum dns_section section;
    uint16_t places[DNS_PLACES]; /* where labels begin, for pointers */
    unsigned nplaces;
};

/* A message with this header (its counts do not matter) into buf, of at
 * least DNS_HEADER_LEN bytes; size is the most that it may become. */
void dns_begin(struct dns_writer *w, void *buf, size_t size,
    const struct dns_header *header);

/*
 * 0, or -EMSGSIZE: it does not fit, and nothing of it was written. Sections
 * come in order. rr->shape is not looked at: type and class decide.
 */
int dns_put_question(struct dns_writer *w, const struct dns_question *q);
int dns_put_record(struct dns_writer *w, const struct dns_record *rr);

/* Completes the header. The message's length. */
size_t dns_end(struct dns_writer *w);

/* --- words ---------------------------------------------------------------- */

const char *dns_type_text(uint16_t type);   /* "AAAA"; NULL: unknown */
const char *dns_rcode_text(unsigned rcode); /* "NXDOMAIN"; NULL: unknown */

/*
 * The data as in a master file (RFC 1035 5.1; RFC 3597 5 for bytes); what
 * does not fit is cut. Returns buf.
 */
char *dns_data_text(const struct dns_record *rr, char *buf, size_t size);

#endif
