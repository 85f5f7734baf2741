/*
 * faulty.c: counts requests for memory, and refuses one of them. While
 * nobody counts it only hands on.
 */
#include "faulty.h"
#include "world.h"

#include <errno.h>
#include <malloc.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t most);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t most);
void __wrap_free(void *p);

static struct {
    bool on, spare, for_ever;
    unsigned asked, nth;
    size_t spare_size;
    size_t lack_size;
    unsigned lacked;
    int left;
    long held; /* bytes */
} faulty;

void
faulty_begin(unsigned nth, bool for_ever)
{
    faulty.on = true;
    faulty.asked = 0;
    faulty.nth = nth;
    faulty.for_ever = for_ever;
    faulty.left = 0;
    faulty.held = 0;
}

void
faulty_count(unsigned nth, bool for_ever)
{
    faulty.asked = 0;
    faulty.nth = nth;
    faulty.for_ever = for_ever;
}

long
faulty_held(void)
{
    return faulty.held;
}

unsigned
faulty_end(int *left)
{
    faulty.on = false;
    faulty.spare_size = 0;
    *left = faulty.left;
    return faulty.asked;
}

void
faulty_spare(bool on)
{
    faulty.spare = on;
}

void
faulty_spare_size(size_t size)
{
    faulty.spare_size = size;
}

unsigned
faulty_lack(size_t size)
{
    unsigned lacked = faulty.lacked;

    faulty.lack_size = size;
    faulty.lacked = 0;
    return lacked;
}

/* Is this request refused? */
static bool
refused(size_t size)
{
    if (size && size == faulty.lack_size) {
        faulty.lacked++;
        errno = ENOMEM;
        return true;
    }
    if (!faulty.on || faulty.spare || (size && size == faulty.spare_size))
        return false;
    faulty.asked++;
    if (!faulty.nth || (faulty.for_ever ? faulty.asked < faulty.nth
                                        : faulty.asked != faulty.nth))
        return false;
    errno = ENOMEM; /* as malloc(3) does */
    return true;
}

static void *
given(void *p)
{
    if (faulty.on && p) {
        faulty.left++;
        faulty.held += (long)malloc_usable_size(p);
    }
    return p;
}

void *
__wrap_malloc(size_t size)
{
    return refused(size) ? NULL : given(__real_malloc(size));
}

void *
__wrap_calloc(size_t n, size_t size)
{
    return refused(n * size) ? NULL : given(__real_calloc(n, size));
}

void *
__wrap_realloc(void *old, size_t size)
{
    long before = old ? (long)malloc_usable_size(old) : 0;
    void *p = refused(size) ? NULL : __real_realloc(old, size);

    if (old && p && faulty.on)
        faulty.held += (long)malloc_usable_size(p) - before;
    return old ? p : given(p);
}

char *
__wrap_strdup(const char *text)
{
    return refused(0) ? NULL : given(__real_strdup(text));
}

char *
__wrap_strndup(const char *text, size_t most)
{
    return refused(0) ? NULL : given(__real_strndup(text, most));
}

void
__wrap_free(void *p)
{
    if (faulty.on && p) {
        faulty.left--;
        faulty.held -= (long)malloc_usable_size(p);
    }
    __real_free(p);
}

static void
nothing(void *owner)
{
    (void)owner;
}

void
faulty_warm(struct world *w)
{
    struct timer t = {.fire = nothing};

    for (int seconds = 1; seconds < 60; seconds += 30) {
        timer_arm_in(world_timers(w), &t, seconds * LW_S);
        timer_cancel(world_timers(w), &t);
    }
}
