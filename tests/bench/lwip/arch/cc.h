/*
 * cc.h: what lwIP wants to be told of the compiler. Its own defaults for GCC
 * fit; only its assertions are left out, as in its production builds.
 */
#ifndef LW_LWIP_CC_H
#define LW_LWIP_CC_H

#define LWIP_NOASSERT 1

/* peer_lwip.c */
unsigned short peer_sum(const void *data, int len);
unsigned short peer_sum_copy(void *to, const void *from, unsigned short len);

#endif
