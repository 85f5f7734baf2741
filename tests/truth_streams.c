/*
 * truth_streams.c: do the bytes that a program wrote cross the wire, and are
 * they the bytes that the other program reads?
 */
#include "truth.h"

#include <stdlib.h>
#include <string.h>

#define FLOWS 64

struct bytes {
    uint8_t *at;
    size_t len;
};

/* One end of a connection. */
struct flow {
    unsigned host;
    uint64_t conn, sock;
    const char *local, *remote;
    struct bytes wrote, sent, read;
};

struct flows {
    struct flow all[FLOWS];
    unsigned n;
};

/* Puts bytes at an offset; what is there already must be the same. */
static void
put(struct bytes *b, size_t off, const void *data, size_t len)
{
    if (off > b->len || len == 0)
        return; /* a hole is left: the next comparison fails */
    size_t known = b->len - off < len ? b->len - off : len;

    CHECK_MEM(b->at + off, data, known);
    if (known == len)
        return;
    b->at = realloc(b->at, off + len);
    if (!b->at)
        abort();
    memcpy(b->at + off, data, len);
    b->len = off + len;
}

static struct flow *
flow_of(struct flows *f, unsigned host, const char *field, uint64_t number)
{
    for (unsigned i = f->n; number && i-- > 0;)
        if (f->all[i].host == host &&
            (field[0] == 's' ? f->all[i].sock : f->all[i].conn) == number)
            return &f->all[i];
    return NULL;
}

static void
connection(struct flows *f, const struct event *e)
{
    struct flow *x = flow_of(f, e->host, "conn", event_u64(e, "conn", 0));

    if (!x && f->n < FLOWS) {
        x = &f->all[f->n++];
        *x = (struct flow){.host = e->host, .conn = event_u64(e, "conn", 0)};
    }
    REQUIRE(x != NULL);
    x->sock = event_u64(e, "sock", 0);
    x->local = truth_text(e, "local");
    x->remote = truth_text(e, "remote");
}

static void
call(struct flows *f, const struct event *e)
{
    struct flow *x = flow_of(f, e->host, "sock", event_u64(e, "sock", 0));
    const struct field *ret = event_field(e, "ret");
    const struct field *data = event_field(e, "data");
    const char *name = truth_text(e, "name");

    if (!x || !ret || ret->i <= 0 || !data || data->len == 0)
        return;
    CHECK_EQ(data->len, ret->i);
    if (strncmp(name, "write", 5) == 0 || strncmp(name, "send", 4) == 0)
        put(&x->wrote, x->wrote.len, data->at, data->len);
    else if (strncmp(name, "read", 4) == 0 || strncmp(name, "recv", 4) == 0)
        put(&x->read, x->read.len, data->at, data->len);
}

static void
segment(struct flows *f, const struct story *s, uint64_t i)
{
    const struct event *e = story_event(s, i);
    struct flow *x = flow_of(f, e->host, "conn", event_u64(e, "conn", 0));
    struct arena a;

    if (!x || event_u64(e, "len", 0) == 0)
        return;
    arena_init(&a, 0);
    const struct dissection *d = truth_frame(s, i, &a);

    if (d)
        put(&x->sent, event_u64(e, "rel_seq", 1) - 1, d->bytes + d->keys.off,
            d->keys.payload);
    arena_free(&a);
}

static void
compare(struct flows *f)
{
    unsigned full = 0;

    for (unsigned i = 0; i < f->n; i++) {
        struct flow *x = &f->all[i], *y = NULL;

        CHECK_EQ(x->sent.len, x->wrote.len);
        if (x->sent.len == x->wrote.len && x->sent.len)
            CHECK_MEM(x->sent.at, x->wrote.at, x->sent.len);
        for (unsigned k = 0; k < f->n; k++)
            if (strcmp(f->all[k].local, x->remote) == 0 &&
                strcmp(f->all[k].remote, x->local) == 0)
                y = &f->all[k];
        REQUIRE(y != NULL);
        CHECK_EQ(y->read.len, x->sent.len);
        if (y->read.len == x->sent.len && x->sent.len)
            CHECK_MEM(y->read.at, x->sent.at, x->sent.len);
        full += x->sent.len > 0;
    }
    CHECK(full >= 4); /* request, records, records, response */
}

void
truth_streams(const struct story *s)
{
    struct flows f = {.n = 0};

    for (uint64_t i = 1; i <= story_count(s); i++) {
        const struct event *e = story_event(s, i);

        if (e->kind == EV_TCP_CONN)
            connection(&f, e);
        else if (e->kind == EV_SYSCALL)
            call(&f, e);
        else if (e->kind == EV_TCP_SEND)
            segment(&f, s, i);
    }
    compare(&f);
    for (unsigned i = 0; i < f.n; i++) {
        free(f.all[i].wrote.at);
        free(f.all[i].sent.at);
        free(f.all[i].read.at);
    }
}
