/*
 * mark.c: the two ECN bits of an IP header, on a wire that otherwise knows
 * nothing of IP. A switch with an active queue does just this: it looks past
 * the frame's header, sets the bits, and mends the checksum.
 *
 *     Ethernet 14 | version, length | TOS: DSCP, ECN | ... | checksum | ...
 */
#include "mark.h"

#include "bytes.h"

#define ETHER      14
#define IPV4       0x0800
#define IP_LEN     20
#define AT_VERSION ETHER
#define AT_SUM     (ETHER + 10)
#define ECN        3 /* both bits set: congestion experienced */

/* RFC 1624 3, with the 16-bit word that holds version and TOS. */
static uint16_t
mended(uint16_t sum, uint16_t before, uint16_t after)
{
    uint32_t v = (uint32_t)(uint16_t)~sum + (uint16_t)~before + after;

    v = (v & 0xffff) + (v >> 16);
    v = (v & 0xffff) + (v >> 16);
    return (uint16_t)~v;
}

bool
mark_congestion(struct pkt *p)
{
    struct cursor c = cursor_of(p->data, p->len);
    struct writer w;
    uint16_t word, sum;

    if (p->len < ETHER + IP_LEN)
        return false;
    get_slice(&c, 12);
    if (get_be16(&c) != IPV4)
        return false;
    word = get_be16(&c);
    if (word >> 12 != 4 || (word & ECN) == 0 || (word & ECN) == ECN)
        return false;
    get_slice(&c, 8);
    sum = get_be16(&c);
    w = writer_of(p->data + AT_VERSION, 2);
    put_be16(&w, word | ECN);
    w = writer_of(p->data + AT_SUM, 2);
    put_be16(&w, mended(sum, word, word | ECN));
    return true;
}
