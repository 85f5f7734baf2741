/*
 * remote_notes.c: what a real process reports above its system calls (FPM's
 * and Zend's events) enters the journal here. Names of fields and functions
 * are kept once per kernel, because listeners may hold on to them.
 *
 *     notes  (kind:2 rule:2 fields:1 func  field...)...
 *     field  type:1 name  value:8, or length:4 and bytes
 *     name   length:1 and bytes
 */
#include "remote_proc.h"

#include <stdlib.h>
#include <string.h>

enum {
    NAMES_MAX = 8192 /* a hostile process cannot fill our memory */
};

static const char unknown[] = "?"; /* a name for which there is no room */

/* Every single opcode comes with its names, so they are hashed. */
static const char *
intern(struct kernel *k, const uint8_t *text, size_t len)
{
    struct remote_name *n, **bucket;
    unsigned count = 0;

    bucket = &k->remote_names[fnv(FNV_BEGIN, text, len) % REMOTE_BUCKETS];
    for (n = *bucket; n; n = n->next, count++)
        if (memcmp(n->text, text, len) == 0 && !n->text[len])
            return n->text;
    if (count >= NAMES_MAX / REMOTE_BUCKETS || !(n = calloc(1, sizeof *n)))
        return unknown;
    memcpy(n->text, text, len);
    n->next = *bucket;
    *bucket = n;
    return n->text;
}

void
remote_names_free(struct kernel *k)
{
    for (unsigned i = 0; i < REMOTE_BUCKETS; i++)
        while (k->remote_names[i]) {
            struct remote_name *n = k->remote_names[i];

            k->remote_names[i] = n->next;
            free(n);
        }
}

/* A name, or NULL: malformed. */
static const char *
get_name(struct kernel *k, struct cursor *c)
{
    size_t len = get_u8(c);
    const uint8_t *text = len <= REMOTE_NAME ? get_bytes(c, len) : NULL;

    if (!text || memchr(text, 0, len))
        return NULL;
    return intern(k, text, len);
}

static bool
get_field(struct kernel *k, struct cursor *c, struct field *f)
{
    unsigned type = get_u8(c);

    *f = (struct field){.type = type, .name = get_name(k, c)};
    if (!f->name || type > FIELD_BYTES)
        return false;
    if (type == FIELD_TEXT || type == FIELD_BYTES) {
        f->mem.len = get_le32(c);
        f->mem.at = get_bytes(c, f->mem.len);
    } else {
        f->u = get_le64(c);
    }
    return !c->over;
}

/* Has each its name? A sentence with gaps would say something else. */
static bool
all_known(const char *func, const struct field *fields, unsigned n)
{
    bool known = func != unknown;

    for (unsigned i = 0; i < n; i++)
        known = known && fields[i].name != unknown;
    return known;
}

bool
remote_notes(struct proc *p, struct cursor c)
{
    struct env *env = p->k->env;
    struct field fields[REMOTE_FIELDS];

    while (cursor_left(&c)) {
        unsigned kind = get_le16(&c), rule = get_le16(&c), n = get_u8(&c);
        const char *func = get_name(p->k, &c);

        if (!func || kind == EV_NONE || kind >= EV_COUNT ||
            rule >= RULE_COUNT || n > REMOTE_FIELDS)
            return false;
        for (unsigned i = 0; i < n; i++)
            if (!get_field(p->k, &c, &fields[i]))
                return false;
        if (!journal_wants(env->journal, kind) || !all_known(func, fields, n))
            continue;
        uint64_t no = journal_note(env->journal,
            &(struct note){
                .kind = kind, .rule = rule, .func = func, .host = env->host},
            fields, n);

        /* What the program calls a stage is why it does what follows. */
        if (event_info(kind)->level == LEVEL_STAGE)
            journal_enter(env->journal, no);
    }
    return true;
}
