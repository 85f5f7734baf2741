/*
 * remote_notes.c: what a real process reports above its system calls (FPM's
 * and Zend's events) enters the journal here. Names of fields and functions
 * are kept once per kernel, because listeners may hold on to them.
 *
 * A script may have taken over the process, and listeners believe what they
 * hear. So only events of the storeys that such a process runs are taken, and
 * only with every field of their sentence.
 *
 *     notes  (kind:2 rule:2 fields:1 func  field...)...
 *            (kind:2 rule:2 255:1    func  times:4)...  nobody reads fields
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
        f->len = get_le32(c);
        f->at = get_bytes(c, f->len);
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

/* What a process can know: its own work, not what frames and sockets do. */
static bool
may_tell(unsigned kind)
{
    enum layer layer;

    if (kind == EV_NONE || kind >= EV_COUNT)
        return false;
    layer = event_info(kind)->layer;
    return layer == LAYER_FCGI || layer == LAYER_FPM || layer == LAYER_ZEND ||
           kind == EV_SYSCALL;
}

/* Many events without fields; false: malformed. */
static bool
many(struct env *env, const struct note *n, struct cursor *c)
{
    uint32_t times = get_le32(c);

    if (c->over || times == 0 || times > TALLY_MOST)
        return false;
    if (journal_wants(env->journal, n->kind) &&
        !journal_reads(env->journal, n->kind))
        journal_repeat(env->journal, n, times);
    return true;
}

/* One event with n fields; false: malformed. */
static bool
one(struct proc *p, const struct note *note, unsigned n, struct cursor *c)
{
    struct journal *j = p->k->env->journal;
    struct field fields[REMOTE_FIELDS];
    struct event e = {.kind = (uint16_t)note->kind,
        .func = note->func,
        .fields = fields,
        .nfields = (uint16_t)n};
    uint64_t no;

    for (unsigned i = 0; i < n; i++)
        if (!get_field(p->k, c, &fields[i]))
            return false;
    if (!journal_wants(j, note->kind) || !all_known(note->func, fields, n))
        return true;
    if (!journal_complete(j, &e))
        return false;
    no = journal_note(j, note, fields, n);
    /* What the program calls a stage is why it does what follows. */
    if (event_info(note->kind)->level == LEVEL_STAGE)
        journal_enter(j, no);
    return true;
}

bool
remote_notes(struct proc *p, struct cursor c)
{
    struct env *env = p->k->env;

    while (cursor_left(&c)) {
        unsigned kind = get_le16(&c), rule = get_le16(&c), n = get_u8(&c);
        const char *func = get_name(p->k, &c);
        struct note note = {
            .kind = kind, .rule = rule, .func = func, .host = env->host};

        if (!func || !may_tell(kind) || rule >= RULE_COUNT ||
            (n > REMOTE_FIELDS && n != REMOTE_MANY))
            return false;
        if (n == REMOTE_MANY ? !many(env, &note, &c) : !one(p, &note, n, &c))
            return false;
    }
    return true;
}
