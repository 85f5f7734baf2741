/*
 * coro.c: how one thread runs many stacks.
 *
 * makecontext enters a fresh stack once; from then on setjmp and longjmp move
 * between the two stacks. swapcontext alone would do, but it asks the kernel
 * for the signal mask at every switch: ten times the cost of the switch.
 *
 *     mapping:  | guard page | <---------- stack ----------- top |
 *
 * A program that runs over its stack meets the guard page and stops there,
 * instead of writing into a neighbour's memory.
 */
/* longjmp to another stack is what we want; the fortified one refuses it. */
#undef _FORTIFY_SOURCE

#include "coro.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>
#include <ucontext.h>

enum {
    STACK_SIZE = 512 * 1024, /* pages are only taken when touched */
    GUARD_SIZE = 64 * 1024   /* the largest page size there is */
};

/*
 * The sanitizer's public fiber interface: present in sanitized builds,
 * null in all others.
 */
void __sanitizer_start_switch_fiber(
    void **save, const void *bottom, size_t size) __attribute__((weak));
void __sanitizer_finish_switch_fiber(void *save, const void **bottom_old,
    size_t *size_old) __attribute__((weak));
void __asan_unpoison_memory_region(void const volatile *addr, size_t size)
    __attribute__((weak));

static void
leave_to(void **save, const void *bottom, size_t size)
{
    if (__sanitizer_start_switch_fiber)
        __sanitizer_start_switch_fiber(save, bottom, size);
}

static void
arrived(void *save, const void **bottom_old, size_t *size_old)
{
    if (__sanitizer_finish_switch_fiber)
        __sanitizer_finish_switch_fiber(save, bottom_old, size_old);
}

int
coro_init(struct coro *c, void (*body)(void *arg), void *arg)
{
    uint8_t *map = mmap(NULL, GUARD_SIZE + STACK_SIZE, PROT_NONE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

    *c = (struct coro){.body = body, .arg = arg};
    if (map == MAP_FAILED)
        return -ENOMEM;
    if (mprotect(map + GUARD_SIZE, STACK_SIZE, PROT_READ | PROT_WRITE)) {
        munmap(map, GUARD_SIZE + STACK_SIZE);
        return -ENOMEM;
    }
    c->stack = map + GUARD_SIZE;
    /* What an earlier stack at this address left marked as out of bounds. */
    if (__asan_unpoison_memory_region)
        __asan_unpoison_memory_region(c->stack, STACK_SIZE);
    return 0;
}

/* makecontext passes ints only: a pointer goes in two halves. */
static void
enter(unsigned high, unsigned low)
{
    struct coro *c = (struct coro *)((uintptr_t)high << 32 | low);

    arrived(NULL, &c->caller_bottom, &c->caller_size);
    c->body(c->arg);
    coro_finish(c);
}

/*
 * The first entry. The context lies at the far end of the new stack, which
 * nobody uses yet: a local variable of a function that never returns would
 * stay marked in the sanitizer's books.
 */
static void
start(struct coro *c)
{
    ucontext_t *fresh = (ucontext_t *)(void *)c->stack;
    uintptr_t self = (uintptr_t)c;

    getcontext(fresh);
    fresh->uc_stack.ss_sp = c->stack;
    fresh->uc_stack.ss_size = STACK_SIZE;
    fresh->uc_link = NULL;
    makecontext(fresh, (void (*)(void))enter, 2, (unsigned)(self >> 31 >> 1),
        (unsigned)self);
    c->started = true;
    setcontext(fresh);
}

void
coro_resume(struct coro *c)
{
    assert(c->stack && !c->finished);
    if (_setjmp(c->caller) == 0) {
        leave_to(&c->fake_caller, c->stack, STACK_SIZE);
        if (c->started)
            _longjmp(c->self, 1);
        start(c);
    }
    arrived(c->fake_caller, NULL, NULL);
}

void
coro_yield(struct coro *c)
{
    if (_setjmp(c->self) == 0) {
        leave_to(&c->fake_self, c->caller_bottom, c->caller_size);
        _longjmp(c->caller, 1);
    }
    arrived(c->fake_self, &c->caller_bottom, &c->caller_size);
}

void
coro_finish(struct coro *c)
{
    c->finished = true;
    leave_to(NULL, c->caller_bottom, c->caller_size);
    _longjmp(c->caller, 1);
}

void
coro_free(struct coro *c)
{
    if (c->stack)
        munmap(c->stack - GUARD_SIZE, GUARD_SIZE + STACK_SIZE);
    c->stack = NULL;
}
