/*
 * ip_header.h: the IPv4 header, bytes to struct and back (RFC 791 3.1).
 * Inside this storey.
 *
 *      0      4      8              16   19                      31
 *     | ver  | IHL  |     TOS      |        total length          |
 *     |        identification      |0 DF MF|  fragment offset / 8 |
 *     |     TTL     |   protocol   |       header checksum        |
 *     |                      source address                       |
 *     |                    destination address                    |
 *     |                    options, up to 40 bytes                |
 */
#ifndef LW_IP_HEADER_H
#define LW_IP_HEADER_H

#include "ip.h"

#define IP_LEN 20    /* without options */
#define IP_MAX 65535 /* whole packet */
#define IP_MF  0x2000
#define IP_DF  0x4000

/* ip_hdr with what only this storey needs. */
struct ip_fields {
    struct ip_hdr h;
    uint16_t total;  /* length of the packet, header included */
    uint16_t offset; /* of this fragment's data in the whole, in bytes */
    bool mf;         /* more fragments follow */
};

/* Why a packet is refused; why is DROP_NONE when it is not. */
struct ip_verdict {
    enum drop why;
    enum rule rule;
};

/*
 * Reads the header at data, of which len bytes are there, and judges it in
 * the order of RFC 1812 5.2.2. The options are not looked at.
 */
struct ip_verdict ip_parse(
    struct ip_fields *f, const uint8_t *data, size_t len);

/* Computes the checksum of the header of `len` bytes anew. */
void ip_sign(uint8_t *header, size_t len);

/* Writes f as a header without options, checksum included, at `header`
 * (IP_LEN bytes). f->h.header_len is not looked at. */
void ip_build(const struct ip_fields *f, uint8_t *header);

/*
 * Makes the header of header_len bytes that of a piece, in place: data_len
 * bytes from `offset` of the datagram, with `more` behind it or not.
 */
void ip_set_piece(uint8_t *header, size_t header_len, size_t data_len,
    uint32_t offset, bool more);

/* One hop less, in place: TTL and, by RFC 1624, the checksum. */
void ip_decrement_ttl(uint8_t *header);

static inline bool
ip_is_fragment(const struct ip_fields *f)
{
    return f->mf || f->offset;
}

#endif
