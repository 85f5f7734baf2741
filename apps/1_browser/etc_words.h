/*
 * etc_words.h: the files of /etc that a resolver reads are lines of words,
 * with comments. Nothing is copied: a word is a place in the text.
 */
#ifndef LW_ETC_WORDS_H
#define LW_ETC_WORDS_H

#include "words.h"

struct etc_word {
    const char *at;
    size_t len; /* 0: there is none */
};

/* The end of the line that begins at `at`. */
const char *etc_line(const char *at, const char *end);

/* The next word of the line that ends at `end`, before any `#`. */
struct etc_word etc_next(const char **at, const char *end);

bool etc_is(struct etc_word w, const char *text);
bool etc_ipv4(struct etc_word w, struct ipv4 *addr);

#endif
