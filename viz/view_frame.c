/*
 * view_frame.c: which frame belongs to an event, and which of its bytes.
 *
 * An event about a packet shows that packet. What a program does has none of
 * its own: then it is the frame that carries the very message (the request
 * line, the FastCGI record), sought among those that led here or, for what
 * is being written, among those that will leave; failing that the nearest
 * along the causes. A frame that is just the newest would be a lie.
 */
#include "view.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define CAUSES_MAX  256  /* how far back along the causes */
#define FORWARD_MAX 1500 /* how many events ahead a message is sought */

/* Which field a message is looked for by, and on which side of the event. */
enum message {
    MESSAGE_NONE,
    MESSAGE_RECORD,
    MESSAGE_PARAM,
    MESSAGE_HEADER,
    MESSAGE_REQUEST,
    MESSAGE_STATUS
};

static enum message
message_of(enum event_kind kind, bool *comes)
{
    *comes = kind == EV_FCGI_RECORD_SENT || kind == EV_HTTP_REQUEST_SENT ||
             kind == EV_NGINX_RESPONSE;
    switch (kind) {
    case EV_FCGI_RECORD_SENT:
    case EV_FCGI_RECORD_READ: return MESSAGE_RECORD;
    case EV_FCGI_PARAM: return MESSAGE_PARAM;
    case EV_HTTP_HEADER: return MESSAGE_HEADER;
    case EV_HTTP_REQUEST_SENT:
    case EV_NGINX_REQUEST: return MESSAGE_REQUEST;
    case EV_HTTP_RESPONSE_READ:
    case EV_NGINX_RESPONSE: return MESSAGE_STATUS;
    default: return MESSAGE_NONE;
    }
}

static const char *
text_of(const struct event *e, const char *name, char *buf, size_t size)
{
    const struct field *f = event_field(e, name);

    buf[0] = '\0';
    return f ? field_text(f, buf, size) : buf;
}

static bool
is_message(const struct dissect_field *f, enum message m, const struct event *e)
{
    char text[256], wanted[300];

    switch (m) {
    case MESSAGE_RECORD:
        snprintf(wanted, sizeof wanted, "FCGI_%s",
            text_of(e, "type", text, sizeof text));
        if (strcmp(f->name, wanted) != 0)
            return false;
        snprintf(wanted, sizeof wanted, "request %llu, %llu bytes",
            (unsigned long long)event_u64(e, "id", 0),
            (unsigned long long)event_u64(e, "len", 0));
        return strcmp(f->value, wanted) == 0;
    case MESSAGE_PARAM:
        return f->depth == 2 &&
               strcmp(f->name, text_of(e, "name", text, sizeof text)) == 0;
    case MESSAGE_HEADER:
        return strcasecmp(f->name, text_of(e, "name", text, sizeof text)) ==
                   0 &&
               strcmp(f->value, text_of(e, "value", text, sizeof text)) == 0;
    case MESSAGE_REQUEST: return strcmp(f->name, "Request line") == 0;
    case MESSAGE_STATUS: return strcmp(f->name, "Status line") == 0;
    case MESSAGE_NONE: break;
    }
    return false;
}

/* Takes the frame apart; the old one is forgotten. */
static void
open_frame(struct view *v, uint64_t frame)
{
    size_t len = 0;
    const uint8_t *bytes =
        frame ? story_bytes(story_event(v->story, frame), &len) : NULL;

    if (frame == v->frame && v->dissection)
        return;
    arena_free(&v->arena);
    v->dissection = NULL;
    v->frame = frame;
    if (!bytes)
        return;
    /* a copy: the story may let go of what is far from where it is read */
    char *copy = arena_text(&v->arena, (const char *)bytes, len);
    if (copy)
        v->dissection =
            dissect(&v->arena, story_linktype(v->story, frame), copy, len);
}

/* The field with the message in that frame; -1: it is not in it. */
static int
message_in(
    struct view *v, uint64_t frame, enum message m, const struct event *e)
{
    open_frame(v, frame);
    for (unsigned i = 0; v->dissection && i < v->dissection->count; i++)
        if (is_message(&v->dissection->fields[i], m, e))
            return (int)i;
    return -1;
}

static uint64_t
cause_of(const struct view *v, uint64_t i)
{
    const struct event *e = story_event(v->story, i);

    return e->cause && e->cause < e->no ? story_index(v->story, e->cause) : 0;
}

/* Among those that led here; the nearest frame when `m` is none. */
static bool
led_here(struct view *v, enum message m)
{
    const struct event *e = view_event(v);
    uint64_t last = 0, i = v->pos;

    for (unsigned n = 0; i && n < CAUSES_MAX; n++, i = cause_of(v, i)) {
        uint64_t frame = story_frame(v->story, i);

        if (!frame || frame == last || frame > v->pos)
            continue;
        last = frame;
        if (m == MESSAGE_NONE) {
            open_frame(v, frame);
            return true;
        }
        v->about = message_in(v, frame, m, e);
        if (v->about >= 0)
            return true;
    }
    return false;
}

/* Among those that this computer sends hereafter. */
static bool
will_leave(struct view *v, enum message m)
{
    const struct event *e = view_event(v);
    uint64_t end = story_count(v->story);

    if (end > v->pos + FORWARD_MAX)
        end = v->pos + FORWARD_MAX;
    for (uint64_t i = v->pos + 1; i <= end; i++) {
        const struct event *sent = story_event(v->story, i);

        if (sent->kind != EV_FRAME_SENT || sent->host != e->host)
            continue;
        v->about = message_in(v, i, m, e);
        if (v->about >= 0)
            return true;
    }
    return false;
}

/*
 * How far the frame is built, or taken apart, at this event: the offset of
 * its first byte that is there; and the header that the event is about.
 */
static void
find_extent(struct view *v)
{
    const struct event *sent = story_event(v->story, v->frame);
    const struct event *e = view_event(v);
    bool here = v->pos == v->frame, building = v->pos < v->frame;
    uint64_t i = building ? v->pos : v->frame;

    if (e->kind == EV_LAYER_ADDED || e->kind == EV_LAYER_STRIPPED) {
        v->header_off = e->off - sent->off;
        v->header_len = e->len;
    }
    if (here || e->pkt != sent->pkt)
        return;
    for (; i; i = building ? story_pkt_before(v->story, i)
                           : story_pkt_next(v->story, i)) {
        const struct event *k = story_event(v->story, i);

        if (building && k->kind == EV_LAYER_ADDED) {
            v->there_from = k->off - sent->off;
            return;
        }
        if (!building && i > v->pos)
            return;
        if (!building && k->kind == EV_LAYER_STRIPPED)
            v->there_from = k->off - sent->off + k->len;
    }
    /* before the first header: what a later one is put in front of */
    for (i = v->pos; building && i && i < v->frame;
         i = story_pkt_next(v->story, i)) {
        const struct event *k = story_event(v->story, i);

        if (k->kind == EV_LAYER_ADDED) {
            v->there_from = k->off - sent->off + k->len;
            return;
        }
    }
}

/* The language in which a frame speaks of what happens on this layer. */
static enum layer
language_of(enum layer layer)
{
    switch (layer) {
    case LAYER_NGINX:
    case LAYER_PAGE: return LAYER_HTTP;
    case LAYER_FPM:
    case LAYER_ZEND: return LAYER_FCGI;
    default: return layer;
    }
}

/* The layer of the dissection that the event is about, or the last one. */
static unsigned
layer_of_event(const struct view *v)
{
    const struct dissection *d = v->dissection;
    enum layer layer = language_of(event_info(view_event(v)->kind)->layer);
    unsigned best = 0;

    if (v->about >= 0)
        return d->fields[v->about].layer;
    for (unsigned i = 0; i < d->nlayers; i++) {
        const struct dissect_layer *l = &d->layers[i];

        if (v->header_len ? v->header_off == l->off : l->layer == layer)
            return i;
        if (strcmp(l->name, "Data") != 0)
            best = i;
    }
    return best;
}

void
view_find_frame(struct view *v)
{
    bool comes;
    enum message m = message_of(view_event(v)->kind, &comes);
    uint64_t own = story_frame(v->story, v->pos);

    v->hover = v->field = v->about = -1;
    v->tree_scroll = v->byte_scroll = v->why_scroll = 0;
    v->header_off = v->header_len = v->there_from = 0;
    v->relation = FRAME_OWN;
    if (own) {
        open_frame(v, own);
    } else if (m != MESSAGE_NONE && !comes && led_here(v, m)) {
        v->relation = FRAME_LED;
    } else if (m != MESSAGE_NONE && will_leave(v, m)) {
        v->relation = FRAME_WILL;
    } else if (led_here(v, MESSAGE_NONE)) {
        v->relation = FRAME_LED;
    } else {
        open_frame(v, 0);
    }
    if (v->frame && !v->dissection)
        v->frame = 0;
    if (!v->frame)
        return;
    find_extent(v);
    v->open = 1u << layer_of_event(v);
}

char *
view_frame_title(const struct view *v, const char *what, char *buf, size_t size)
{
    static const char *const relations[] = {
        [FRAME_OWN] = "",
        [FRAME_LED] = ", which led here",
        [FRAME_WILL] = ", which will carry this",
    };

    if (v->frame)
        snprintf(buf, size, "%s frame %llu%s", what,
            (unsigned long long)story_event(v->story, v->frame)->no,
            v->pos < v->frame && v->relation == FRAME_OWN
                ? ", which is being built"
                : relations[v->relation]);
    else
        snprintf(buf, size, "%s a frame: none led here", what);
    return buf;
}
