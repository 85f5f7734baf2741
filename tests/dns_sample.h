/*
 * dns_sample.h: random DNS messages as structs and as bytes, for the tests of
 * the codec and of the dissector.
 */
#ifndef LW_DNS_SAMPLE_H
#define LW_DNS_SAMPLE_H

#include "dns.h"
#include "rng.h"

#define DNS_SAMPLE_RECORDS 24
#define DNS_SAMPLE_ROOM    16384

struct dns_sample {
    struct dns_header header;
    struct dns_question question;
    struct dns_record records[DNS_SAMPLE_RECORDS];
    unsigned n;
    uint8_t data[DNS_SAMPLE_RECORDS][300]; /* of texts and unknown types */
    uint8_t bytes[DNS_SAMPLE_ROOM];        /* written by dns_write.c */
    size_t len;
};

/*
 * A random message: names share their ends as names do; labels hold letters
 * alone (plain) or any byte. Asserts that it can be written.
 */
void dns_sample_make(struct dns_sample *s, struct rng *r, bool plain);

/* The same record: names letter by letter, data by its meaning. */
bool dns_sample_same(const struct dns_record *a, const struct dns_record *b);

/* The name of this text; asserts that it is one. */
struct dns_name dns_sample_name(const char *text);

#endif
