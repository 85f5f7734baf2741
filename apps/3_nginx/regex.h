/*
 * regex.h: PCRE2 for location ~, rewrite, server_name ~ and
 * fastcgi_split_path_info. Captures of the latest match stay in the request
 * as $1 to $9; named ones become variables.
 */
#ifndef LW_REGEX_H
#define LW_REGEX_H

#include "conf.h"

struct reader; /* conf_reader.h */
struct request;

#define CAPTURES_MAX 10

struct captures {
    struct http_text subject;
    unsigned count; /* $0 included; 0: no match yet */
    size_t at[CAPTURES_MAX * 2];
};

/* NULL and the fault set: pattern refused. */
struct regex *regex_compile(struct reader *rd, const char *text, bool nocase);

/* Whether it matches; then the captures are kept in `out`, which may be
 * NULL, and named ones in the request, which may be NULL too. */
bool regex_match(const struct regex *x, struct http_text subject,
    struct captures *out, struct request *r);

unsigned regex_captures(const struct regex *x); /* groups of the pattern */

#endif
