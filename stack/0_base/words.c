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
decimal(uint32_t v, char *to)
{
    char digits[10];
    unsigned n = 0;

    do
        digits[n++] = (char)('0' + v % 10);
    while (v /= 10);
    while (n > 0)
        *to++ = digits[--n];
    *to = '\0';
    return to;
}

char *
ipv4_text(struct ipv4 a, char *buf)
{
    char *to = buf;

    for (int shift = 24; shift >= 0; shift -= 8) {
        unsigned n = a.v >> shift & 0xff;

        if (n >= 100)
            *to++ = (char)('0' + n / 100);
        if (n >= 10)
            *to++ = (char)('0' + n / 10 % 10);
        *to++ = (char)('0' + n % 10);
        *to++ = shift ? '.' : '\0';
    }
    return buf;
}

char *
mac_text(struct mac m, char *buf)
{
    static const char digits[] = "0123456789abcdef";
    char *to = buf;

    for (unsigned i = 0; i < 6; i++) {
        *to++ = digits[m.b[i] >> 4];
        *to++ = digits[m.b[i] & 15];
        *to++ = i < 5 ? ':' : '\0';
    }
    return buf;
}
