/*
 * narrate.c: the narrator.
 *
 *     no        time  who             layer    what happened
 *     41    0.304 ms  laptop browser  TCP      connection 1: CLOSED to ...
 *                                              because ... (RFC 9293 3.10.1)
 *
 * A listener like every other; the only file besides the mains that prints.
 */
#include "narrate.h"

#include "dissect.h"
#include "story.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define INDENT 56 /* columns before the sentence */

/* Who is behind a process number. */
struct who {
    uint16_t host;
    uint32_t pid;
    char name[24];
};

struct narrator {
    struct listener listener;
    const struct journal *journal;
    FILE *out;
    enum level level;
    unsigned width;
    bool colour;
    unsigned linktype;
    int rank;              /* of the stage, see story.h */
    unsigned untold;       /* system calls of the start-up */
    bool said[RULE_COUNT]; /* rules explained in this stage */
    struct who *who;
    unsigned nwho, who_room;
};

static unsigned
width_of(FILE *out)
{
    struct winsize size;

    if (isatty(fileno(out)) && ioctl(fileno(out), TIOCGWINSZ, &size) == 0 &&
        size.ws_col >= INDENT + 20)
        return size.ws_col;
    return 100;
}

static void
on_event(void *owner, const struct event *e)
{
    struct narrator *n = owner;

    narrate_event(
        n, e, e->host < n->journal->nhosts ? n->journal->hosts[e->host] : "");
}

struct narrator *
narrate_new(
    FILE *out, const struct journal *j, const struct narrate_options *options)
{
    static const struct narrate_options usual = {.level = LEVEL_STEP};
    struct narrator *n = calloc(1, sizeof *n);
    const char *no_color = getenv("NO_COLOR");

    if (!n)
        return NULL;
    if (!options)
        options = &usual;
    n->out = out;
    n->journal = j;
    n->level = options->level;
    n->rank = -1;
    n->linktype = DISSECT_ETHERNET;
    n->width =
        options->width > INDENT + 20 ? (unsigned)options->width : width_of(out);
    n->colour =
        options->colour > 0 || (options->colour == 0 && isatty(fileno(out)) &&
                                   !(no_color && *no_color));
    n->listener = (struct listener){.event = on_event,
        .owner = n,
        /* names of processes are details */
        .level = options->level < LEVEL_DETAIL ? LEVEL_DETAIL : options->level};
    return n;
}

void
narrate_free(struct narrator *n)
{
    if (!n)
        return;
    free(n->who);
    free(n);
}

struct listener *
narrate_listener(struct narrator *n)
{
    return &n->listener;
}

/* The process's entry, made when `make`; NULL. */
static struct who *
who(struct narrator *n, uint16_t host, uint32_t pid, bool make)
{
    for (unsigned i = n->nwho; i-- > 0;)
        if (n->who[i].host == host && n->who[i].pid == pid)
            return &n->who[i];
    if (!make)
        return NULL;
    if (n->nwho == n->who_room) {
        unsigned room = n->who_room ? n->who_room * 2 : 16;
        struct who *more = realloc(n->who, room * sizeof *more);

        if (!more)
            return NULL;
        n->who = more;
        n->who_room = room;
    }
    n->who[n->nwho] = (struct who){.host = host, .pid = pid};
    return &n->who[n->nwho++];
}

static void
learn(struct narrator *n, const struct event *e)
{
    const struct field *f = event_field(e, "name");
    struct who *w;

    if ((e->kind != EV_PROC_START && e->kind != EV_PROC_NAME) || !f)
        return;
    w = who(n, e->host, (uint32_t)event_u64(e, "pid", e->pid), true);
    if (w)
        field_text(f, w->name, sizeof w->name);
}

/* Colours are SGR numbers: 1 bold, 2 faint, 36 cyan. */
static void
paint(struct narrator *n, int sgr)
{
    if (n->colour)
        fprintf(n->out, "\033[%dm", sgr);
}

/* Bytes of text that fit in `columns`, cut at a space where possible. */
static size_t
line_len(const char *text, size_t columns)
{
    size_t i = 0, used = 0, space = 0;

    for (; text[i] && used <= columns; i++) {
        if (((unsigned char)text[i] & 0xc0) == 0x80)
            continue; /* not the first byte of a character */
        if (used == columns)
            break;
        if (text[i] == ' ')
            space = i;
        used++;
    }
    if (!text[i])
        return i;
    while (((unsigned char)text[i] & 0xc0) == 0x80)
        i++;
    return space > columns / 3 ? space : i;
}

/* Prints text from column INDENT on, in as many lines as it needs. */
static void
wrapped(struct narrator *n, const char *text)
{
    bool first = true;

    while (*text) {
        size_t len = line_len(text, n->width - INDENT);

        fprintf(n->out, "%*s%.*s\n", first ? 0 : INDENT, "", (int)len, text);
        text += len;
        while (*text == ' ')
            text++;
        first = false;
    }
}

static void
heading(struct narrator *n, const struct event *e)
{
    const char *name = stage_name(n->rank);
    unsigned used = (unsigned)strlen(name) + 5;

    fputc('\n', n->out);
    paint(n, 1);
    fprintf(n->out, "=== %s ", name);
    for (; used < n->width - 14; used++)
        fputc('=', n->out);
    fprintf(n->out, " %9.3f ms", (double)e->at.ns / 1e6);
    paint(n, 0);
    fputc('\n', n->out);
    memset(n->said, 0, sizeof n->said);
}

/* The servers' start-up is a hundred calls that open and read files. */
static void
untold(struct narrator *n)
{
    if (n->untold)
        fprintf(n->out, "%*s(and %u system calls of the start-up)\n", INDENT,
            "", n->untold);
    n->untold = 0;
}

/* Why, the first time that a rule decides in this stage. */
static void
because(struct narrator *n, const struct event *e)
{
    const struct rule_info *rule = rule_info(e->rule);
    char text[1024];

    if (e->rule == RULE_NONE || n->said[e->rule] ||
        event_info(e->kind)->level > LEVEL_STEP)
        return;
    n->said[e->rule] = true;
    snprintf(text, sizeof text, "because %s (%s)", rule->why, rule->source);
    fprintf(n->out, "%*s", INDENT, "");
    paint(n, 2);
    wrapped(n, text);
    paint(n, 0);
}

/* What happened; for a frame that is sent, with what it carries. */
static void
sentence(
    const struct narrator *n, const struct event *e, char *text, size_t size)
{
    const struct dissection *d = NULL;
    struct arena arena;
    size_t len = 0;
    const uint8_t *bytes = story_bytes(e, &len);

    event_text(e, text, size);
    arena_init(&arena, 0);
    if (bytes)
        d = dissect(&arena, n->linktype, bytes, len);
    if (d) {
        size_t used = strlen(text);

        snprintf(text + used, size - used, ": %s", d->info);
    }
    arena_free(&arena);
}

void
narrate_linktype(struct narrator *n, unsigned linktype)
{
    n->linktype = linktype;
}

void
narrate_event(struct narrator *n, const struct event *e, const char *host)
{
    const struct event_info *info = event_info(e->kind);
    const struct who *w;
    char text[2048], name[64];

    learn(n, e);
    if (info->level > n->level || e->kind == EV_NONE)
        return;
    if (stage_begins(&n->rank, e->kind)) {
        untold(n);
        heading(n, e);
    }
    if (e->kind == EV_SYSCALL && n->level <= LEVEL_STEP &&
        stage_layer(n->rank) == LAYER_PROC) {
        n->untold++;
        return;
    }
    w = e->pid ? who(n, e->host, e->pid, false) : NULL;
    snprintf(name, sizeof name, "%s%s%s", host, w ? " " : "", w ? w->name : "");
    paint(n, 2);
    fprintf(n->out, "%5llu %10.3f ms  ", (unsigned long long)e->no,
        (double)e->at.ns / 1e6);
    paint(n, 0);
    fprintf(n->out, "%-22.22s ", name);
    paint(n, 36);
    fprintf(n->out, "%-11.11s ", layer_name(info->layer));
    paint(n, 0);
    if (info->level == LEVEL_STAGE)
        paint(n, 1);
    sentence(n, e, text, sizeof text);
    wrapped(n, text);
    if (info->level == LEVEL_STAGE)
        paint(n, 0);
    because(n, e);
}
