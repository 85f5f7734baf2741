/*
 * page_cache.h: what of a folder's files is in memory (page.h), so that a
 * file that is sent often is read once.
 */
#ifndef LW_PAGE_CACHE_H
#define LW_PAGE_CACHE_H

#include "page.h"

#include <sys/stat.h>

struct page_cache;

/* Keeps at most `most` bytes, those used last. NULL: no memory. */
struct page_cache *page_cache_new(size_t most);

/* Pages that somebody still refers to outlive it. NULL: no effect. */
void page_cache_free(struct page_cache *c);

/*
 * The page of the open file fd that holds the byte at `offset`, as the file
 * was when fstat(2) said `st`, a moment ago; one reference. NULL: there is no
 * such byte, the file cannot be read, or no memory: who wants to know, reads.
 */
struct page *page_cache_get(
    struct page_cache *c, int fd, const struct stat *st, off_t offset);

#endif
