/*
 * ip_options.h: the options of an IPv4 header (RFC 791 3.1). Inside this
 * storey. A packet without them never comes here.
 *
 *     | type | length | pointer | addresses ... |      record route, and
 *     | type | length | pointer | addresses ... |      source routes
 *     | type | length | pointer | over, flag | times ... |   timestamp
 *
 * The pointer counts from 1, from the type, and says where the next entry
 * goes; past the length it says that the option is full.
 */
#ifndef LW_IP_OPTIONS_H
#define LW_IP_OPTIONS_H

#include "ip_header.h"

#define IP_OPTIONS_MAX 40

/* Where the options that matter begin in the header; 0: not there. */
struct ip_options {
    uint8_t record_route;
    uint8_t timestamp;
    uint8_t source_route;
    uint8_t router_alert; /* RFC 2113: nothing here listens to it */
    bool strict;          /* of source_route */
};

/*
 * Walks the options of a header that ip_parse liked. When it refuses, *bad
 * is the offset in the header of the byte to blame (RFC 1122 3.2.2.5).
 */
struct ip_verdict ip_options_parse(struct ip_options *o,
    const struct ip_fields *f, const uint8_t *header, uint8_t *bad);

/*
 * This computer, which is `us`, adds itself to the options that ask for it,
 * at `header`: a record of the route, and a time (now_ms since midnight UT).
 * ours tells which addresses a timestamp with given addresses means. The
 * checksum is wrong afterwards.
 */
struct ip;
void ip_options_record(struct ip *ip, const struct ip_options *o,
    uint8_t *header, struct ipv4 us, uint32_t now_ms);

/*
 * The packet has reached a station of its source route: *dst becomes the
 * next, and the place where that stood takes `us`. False: this was the last.
 */
bool ip_options_next(const struct ip_options *o, uint8_t *header,
    struct ipv4 us, struct ipv4 *dst);

/*
 * The options of an answer to the packet with header h, into `to`: records
 * go on, a source route is turned round, ending at *dst, which becomes its
 * first station (RFC 1122 3.2.2.6). Returns their length, a multiple of 4.
 */
size_t ip_options_answer(const struct ip_options *o, const uint8_t *header,
    size_t header_len, uint8_t to[IP_OPTIONS_MAX], struct ipv4 *dst);

/* "record route 10.0.0.1 10.0.1.1; router alert" into buf; returns buf. */
char *ip_options_text(
    const struct ip_options *o, const uint8_t *header, char *buf, size_t size);

#endif
