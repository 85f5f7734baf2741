/*
 * words.c: addresses as text, both ways. Used by configuration readers and
 * by whoever shows an address; never by the data path.
 */
#include "words.h"

#include <stdio.h>

/*
 * One number 0..255 without leading zeros: some systems read "010" as eight
 * (inet_aton(3)), so that accepting it would mean different addresses on
 * different machines.
 */
static const char *
parse_octet(const char *at, uint32_t *out)
{
    const char *start = at;
    uint32_t v = 0;

    while (*at >= '0' && *at <= '9' && at - start < 3)
        v = v * 10 + (uint32_t)(*at++ - '0');
    if (at == start || v > 255 || (*start == '0' && at - start > 1))
        return NULL;
    *out = v;
    return at;
}

bool
ipv4_parse(const char *text, struct ipv4 *out)
{
    uint32_t v = 0;

    for (int i = 0; i < 4; i++) {
        uint32_t octet;

        if (i > 0 && *text++ != '.')
            return false;
        text = parse_octet(text, &octet);
        if (!text)
            return false;
        v = v << 8 | octet;
    }
    if (*text)
        return false;
    out->v = v;
    return true;
}

char *
ipv4_text(struct ipv4 a, char *buf)
{
    snprintf(buf, 16, "%u.%u.%u.%u", a.v >> 24, a.v >> 16 & 0xff,
        a.v >> 8 & 0xff, a.v & 0xff);
    return buf;
}

char *
mac_text(struct mac m, char *buf)
{
    snprintf(buf, 18, "%02x:%02x:%02x:%02x:%02x:%02x", m.b[0], m.b[1], m.b[2],
        m.b[3], m.b[4], m.b[5]);
    return buf;
}
