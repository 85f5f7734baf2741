/*
 * spin.c: how long to look before a sleep.
 */
#include "spin.h"

void
spin_begin(struct spin *s, int64_t now)
{
    s->began = s->now = s->until = now;
    if (!s->off && now >= s->rest_until)
        s->until += s->ns;
}

void
spin_asked(struct spin *s, int64_t now)
{
    int64_t took = now - s->now;

    s->now = now;
    if (took > SPIN_TAKEN_NS)
        s->until = now;
    if (took > SPIN_HELD_NS)
        s->rest_until = now + SPIN_REST_NS;
}

void
spin_end(struct spin *s, int64_t now)
{
    int64_t waited = now - s->began;

    if (waited > SPIN_MOST_NS)
        s->ns = s->ns > SPIN_FIRST_NS ? s->ns / 2 : 0;
    else if (s->ns == 0)
        s->ns = SPIN_FIRST_NS;
    else if (waited > s->ns)
        s->ns *= 2;
}
