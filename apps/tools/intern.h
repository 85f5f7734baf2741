/*
 * intern.h: each text once. The names of fields and functions repeat in
 * every event; kept once, an event costs only its values.
 */
#ifndef LW_INTERN_H
#define LW_INTERN_H

#include "arena.h"

struct intern {
    const char **slots; /* a hash table, open addressing */
    size_t count, room;
    struct arena arena;
};

void intern_init(struct intern *in);
void intern_free(struct intern *in); /* all texts die */

/* The one copy of this text, zero-terminated; NULL: no memory. */
const char *intern_text(struct intern *in, const char *text, size_t len);

#endif
