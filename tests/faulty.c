/*
 * faulty.c: counts requests for memory, and refuses one of them. While
 * nobody counts it only hands on.
 */
#include "faulty.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
void __wrap_free(void *p);

static struct {
    bool on, spare, for_ever;
    unsigned asked, nth;
    int left;
} faulty;

void
faulty_begin(unsigned nth, bool for_ever)
{
    faulty.on = true;
    faulty.asked = 0;
    faulty.nth = nth;
    faulty.for_ever = for_ever;
    faulty.left = 0;
}

unsigned
faulty_end(int *left)
{
    faulty.on = false;
    *left = faulty.left;
    return faulty.asked;
}

void
faulty_spare(bool on)
{
    faulty.spare = on;
}

/* Is this request refused? */
static bool
refused(void)
{
    if (!faulty.on || faulty.spare)
        return false;
    faulty.asked++;
    return faulty.nth && (faulty.for_ever ? faulty.asked >= faulty.nth
                                          : faulty.asked == faulty.nth);
}

static void *
given(void *p)
{
    faulty.left += faulty.on && p;
    return p;
}

void *
__wrap_malloc(size_t size)
{
    return refused() ? NULL : given(__real_malloc(size));
}

void *
__wrap_calloc(size_t n, size_t size)
{
    return refused() ? NULL : given(__real_calloc(n, size));
}

void *
__wrap_realloc(void *old, size_t size)
{
    void *p = refused() ? NULL : __real_realloc(old, size);

    return old ? p : given(p);
}

char *
__wrap_strdup(const char *text)
{
    return refused() ? NULL : given(__real_strdup(text));
}

void
__wrap_free(void *p)
{
    faulty.left -= faulty.on && p;
    __real_free(p);
}
