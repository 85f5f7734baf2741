/*
 * faulty.h: memory that runs out on command. The test program is linked so
 * that malloc, calloc, realloc, strdup, strndup and free of all our files come
 * here first (the linker's --wrap).
 */
#ifndef LW_FAULTY_H
#define LW_FAULTY_H

#include <stdbool.h>
#include <stddef.h>

/* From now on the nth request (from 1) gets nothing, and for_ever none after
 * it; 0: all are served. */
void faulty_begin(unsigned nth, bool for_ever);

/* The same, from here on, of what has begun: pieces go on being counted. */
void faulty_count(unsigned nth, bool for_ever);

/* Requests are served and not counted for a while. */
void faulty_spare(bool on);

/* Requests for exactly so many bytes never are refused or counted; 0: none. */
void faulty_spare_size(size_t size);

/* Requests for exactly so many bytes get nothing from now on, whoever counts;
 * 0: they do again. How many have got nothing since the last call. */
unsigned faulty_lack(size_t size);

/* Bytes asked for since faulty_begin and not freed. */
long faulty_held(void);

/* The heaps of a world's timers, the near one and the far one, get their
 * memory now, not in the middle of what is counted. */
struct world;
void faulty_warm(struct world *w);

/* Ends that. How many requests there were; *left: pieces not freed. */
unsigned faulty_end(int *left);

#endif
