/*
 * etc_words.c: words of lines.
 */
#include "etc_words.h"

#include <string.h>

const char *
etc_line(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));

    return newline ? newline : end;
}

/* A zero byte is found by strchr, and so parts words too. */
struct etc_word
etc_next(const char **at, const char *end)
{
    struct etc_word w;

    while (*at < end && strchr(" \t\r", **at))
        (*at)++;
    w.at = *at;
    while (*at < end && !strchr(" \t\r#", **at))
        (*at)++;
    w.len = (size_t)(*at - w.at);
    return w;
}

bool
etc_is(struct etc_word w, const char *text)
{
    return w.len == strlen(text) && memcmp(w.at, text, w.len) == 0;
}

bool
etc_ipv4(struct etc_word w, struct ipv4 *addr)
{
    char text[16];

    if (w.len >= sizeof text)
        return false;
    memcpy(text, w.at, w.len);
    text[w.len] = 0;
    return ipv4_parse(text, addr);
}
