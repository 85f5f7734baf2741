/*
 * hosts.c: line by line, until one has the name.
 */
#include "hosts.h"
#include "etc_words.h"

#include <strings.h>

unsigned
hosts_find(const char *text, size_t len, const char *name, size_t name_len,
    struct ipv4 *addr)
{
    const char *end = text + len;
    unsigned line = 1;

    for (const char *at = text; at < end; line++) {
        const char *stop = etc_line(at, end);
        struct etc_word w = etc_next(&at, stop);

        if (w.len > 0 && etc_ipv4(w, addr))
            while ((w = etc_next(&at, stop)).len > 0)
                if (w.len == name_len && strncasecmp(w.at, name, name_len) == 0)
                    return line;
        at = stop + 1;
    }
    return 0;
}
