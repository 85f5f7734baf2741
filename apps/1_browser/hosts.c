/*
 * hosts.c: words of lines. Nothing is copied: a word is a place in the text.
 */
#include "hosts.h"

#include <string.h>
#include <strings.h>

struct word {
    const char *at;
    size_t len;
};

/* The next word of the line that ends at `end`; len 0: there is none. */
static struct word
next_word(const char **at, const char *end)
{
    struct word w;

    while (*at < end && strchr(" \t\r", **at))
        (*at)++;
    w.at = *at;
    while (*at < end && !strchr(" \t\r#", **at))
        (*at)++;
    w.len = (size_t)(*at - w.at);
    return w;
}

static bool
word_ipv4(struct word w, struct ipv4 *addr)
{
    char text[16];

    if (w.len >= sizeof text)
        return false;
    memcpy(text, w.at, w.len);
    text[w.len] = 0;
    return ipv4_parse(text, addr);
}

/* The end of the line that begins at `at`. */
static const char *
line_end(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));

    return newline ? newline : end;
}

unsigned
hosts_find(const char *text, size_t len, const char *name, size_t name_len,
    struct ipv4 *addr)
{
    const char *end = text + len;
    unsigned line = 1;

    for (const char *at = text; at < end; line++) {
        const char *stop = line_end(at, end);
        struct word w = next_word(&at, stop);

        if (w.len > 0 && word_ipv4(w, addr))
            while ((w = next_word(&at, stop)).len > 0)
                if (w.len == name_len && strncasecmp(w.at, name, name_len) == 0)
                    return line;
        at = stop + 1;
    }
    return 0;
}

bool
resolv_find(const char *text, size_t len, struct ipv4 *server)
{
    const char *end = text + len;

    for (const char *at = text; at < end;) {
        const char *stop = line_end(at, end);
        struct word w = next_word(&at, stop);

        if (w.len == 10 && memcmp(w.at, "nameserver", 10) == 0 &&
            word_ipv4(next_word(&at, stop), server))
            return true;
        at = stop + 1;
    }
    return false;
}
