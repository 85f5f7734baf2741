/*
 * reference.h: where does a link lead? A reference such as `../cart?id=7`
 * means something only beside the URL of the page it stands on.
 */
#ifndef LW_REFERENCE_H
#define LW_REFERENCE_H

#include "arena.h"
#include "url.h"

/*
 * The URL that `reference` (of len bytes) names on the page `base`
 * (RFC 3986 5.2.2), zero-terminated in the arena; NULL: no memory.
 */
char *reference_resolve(
    struct arena *a, const struct url *base, const char *reference, size_t len);

#endif
