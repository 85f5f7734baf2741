/*
 * nearest.c: the distance of two words is the least number of letters to
 * insert, remove, exchange with a neighbour or replace.
 */
#include "nearest.h"

#include <string.h>

#define LONGEST 32

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Rows of the usual table; two rows back for exchanged neighbours. */
static size_t
distance(const char *a, size_t na, const char *b, size_t nb)
{
    size_t row[LONGEST + 1][LONGEST + 1];

    for (size_t i = 0; i <= na; i++)
        row[i][0] = i;
    for (size_t j = 0; j <= nb; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= na; i++)
        for (size_t j = 1; j <= nb; j++) {
            size_t d = row[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

            d = least(d, row[i - 1][j] + 1);
            d = least(d, row[i][j - 1] + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d = least(d, row[i - 2][j - 2] + 1);
            row[i][j] = d;
        }
    return row[na][nb];
}

const char *
nearest(const char *wrong, const char *const *first, size_t n, size_t stride)
{
    size_t len = strlen(wrong), best = LONGEST;
    const char *found = NULL;

    if (len == 0 || len > LONGEST)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const char *name =
            *(const char *const *)((const char *)first + i * stride);
        size_t nlen = strlen(name);
        size_t near = nlen / 3 > 2 ? nlen / 3 : 2;

        if (nlen > LONGEST)
            continue;
        size_t d = distance(wrong, len, name, nlen);
        if (d <= near && d < nlen && d < best) {
            best = d;
            found = name;
        }
    }
    return found;
}
