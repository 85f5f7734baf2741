/*
 * sha256.c: OpenSSL's EVP interface, whose calls fail only without memory.
 */
#include "sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

struct sha256 {
    EVP_MD_CTX *context;
};

struct sha256 *
sha256_new(void)
{
    struct sha256 *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->context = EVP_MD_CTX_new();
    if (s->context && EVP_DigestInit_ex(s->context, EVP_sha256(), NULL))
        return s;
    EVP_MD_CTX_free(s->context);
    free(s);
    return NULL;
}

void
sha256_add(struct sha256 *s, const void *data, size_t len)
{
    EVP_DigestUpdate(s->context, data, len);
}

char *
sha256_end(struct sha256 *s, char text[SHA256_TEXT])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    EVP_DigestFinal_ex(s->context, digest, &len);
    EVP_MD_CTX_free(s->context);
    free(s);
    text[0] = 0;
    for (unsigned i = 0; i < len && 2 * i + 2 < SHA256_TEXT; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return text;
}
