/*
 * sums.c: layerwalk's checksum for lwIP, whose own is slower.
 */
#include "sum.h"

/* Folded, as it lies in memory. */
static unsigned short
folded(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    return (unsigned short)((sum & 0xffff) + (sum >> 16));
}

unsigned short
peer_sum(const void *data, int len)
{
    return folded(sum_add(0, data, (size_t)len));
}

unsigned short
peer_sum_copy(void *to, const void *from, unsigned short len)
{
    return folded(sum_copy(0, to, from, len));
}
