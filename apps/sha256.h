/*
 * sha256.h: the fingerprint of a run (FIPS 180-4), by OpenSSL.
 */
#ifndef LW_SHA256_H
#define LW_SHA256_H

#include "words.h"

#define SHA256_TEXT 65 /* 64 hexadecimal digits and a zero */

struct sha256; /* bytes so far */

struct sha256 *sha256_new(void); /* NULL: no memory */
void sha256_add(struct sha256 *s, const void *data, size_t len);

/* The digits of all bytes added, as sha256sum(1) prints them; frees s. */
char *sha256_end(struct sha256 *s, char text[SHA256_TEXT]);

#endif
