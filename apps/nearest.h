/*
 * nearest.h: what was meant? For "no such key; did you mean ...".
 */
#ifndef LW_NEAREST_H
#define LW_NEAREST_H

#include <stddef.h>

/*
 * Of n names, `stride` bytes apart, the one with the fewest letters to
 * change (at most two, or a third of its length); NULL when none is near.
 */
const char *nearest(
    const char *wrong, const char *const *first, size_t n, size_t stride);

#endif
