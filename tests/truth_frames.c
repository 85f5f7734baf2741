/*
 * truth_frames.c: do the events about frames say what is in the frames?
 */
#include "truth.h"

#include "pkt.h"

#include <stdlib.h>
#include <string.h>

#define ETHER_HEADER 14

const char *
truth_text(const struct event *e, const char *name)
{
    const struct field *f = event_field(e, name);

    return f && f->type == FIELD_TEXT ? f->at : "";
}

const struct dissection *
truth_frame(const struct story *s, uint64_t i, struct arena *a)
{
    uint64_t sent = story_frame(s, i);
    size_t len;
    const uint8_t *bytes =
        sent ? story_bytes(story_event(s, sent), &len) : NULL;

    return bytes ? dissect(a, DISSECT_ETHERNET, bytes, len) : NULL;
}

/* --- the wire ------------------------------------------------------------ */

/* When the last bit of a frame must be there; -1: no such cable. */
static int64_t
arrival(const struct story *s, const struct event *sent)
{
    for (uint64_t i = 1; i <= story_count(s); i++) {
        const struct event *e = story_event(s, i);
        uint64_t rate, bits = event_u64(sent, "len", 0) * 8;

        if (e->kind != EV_WORLD_CABLE ||
            strcmp(truth_text(e, "link"), truth_text(sent, "link")) != 0)
            continue;
        rate = event_u64(e, "rate", 0);
        return sent->at.ns + event_field(e, "delay")->i +
               (rate ? (int64_t)((bits * (uint64_t)LW_S + rate - 1) / rate)
                     : 0);
    }
    return -1;
}

/* What became of the frame of position i. */
static void
one_frame(const struct story *s, uint64_t i, bool faults)
{
    const struct event *sent = story_event(s, i);
    unsigned received = 0, lost = 0;
    int64_t due = arrival(s, sent);

    for (uint64_t k = story_pkt_next(s, i); k; k = story_pkt_next(s, k)) {
        const struct event *e = story_event(s, k);

        CHECK(e->kind != EV_FRAME_SENT); /* a packet is sent once */
        lost += e->kind == EV_FRAME_LOST;
        if (e->kind != EV_FRAME_RECEIVED)
            continue;
        received++;
        CHECK_EQ(e->off, sent->off);
        CHECK_EQ(e->len, sent->len);
        CHECK_TEXT(truth_text(e, "link"), truth_text(sent, "link"));
        CHECK_EQ(e->cause, sent->no);
        if (due >= 0 && !faults)
            CHECK_EQ(e->at.ns, due);
        else
            CHECK(e->at.ns >= due);
    }
    if (received + lost != 1) /* under way when the story ended */
        CHECK(received + lost == 0 &&
              due > story_event(s, story_count(s))->at.ns);
    CHECK(faults || lost == 0);
}

void
truth_wire(const struct story *s, bool faults)
{
    struct arena a;
    unsigned n = 0;

    arena_init(&a, 0);
    for (uint64_t i = 1; i <= story_count(s); i++) {
        if (story_event(s, i)->kind != EV_FRAME_SENT)
            continue;
        const struct dissection *d = truth_frame(s, i, &a);

        REQUIRE(d != NULL);
        CHECK_EQ(d->len, story_event(s, i)->len);
        for (unsigned k = 0; k < d->count; k++)
            CHECK(!d->fields[k].wrong);
        one_frame(s, i, faults);
        n++;
        arena_free(&a);
    }
    CHECK(n > 30);
}

/* --- layers --------------------------------------------------------------- */

static const struct dissect_layer *
layer_of(const struct dissection *d, const char *name)
{
    for (unsigned i = 0; i < d->nlayers; i++)
        if (strncmp(d->layers[i].name, name, strlen(name)) == 0)
            return &d->layers[i];
    return NULL;
}

void
truth_layers(const struct story *s)
{
    struct arena a;
    unsigned n = 0;

    arena_init(&a, 0);
    for (uint64_t i = 1; i <= story_count(s); i++) {
        const struct event *e = story_event(s, i);

        if (e->kind != EV_LAYER_ADDED && e->kind != EV_LAYER_STRIPPED)
            continue;
        const struct dissection *d = truth_frame(s, i, &a);

        if (!d)
            continue; /* refused before the wire */
        const struct event *sent = story_event(s, story_frame(s, i));
        const struct dissect_layer *l = layer_of(d, truth_text(e, "layer"));

        REQUIRE(l != NULL);
        CHECK_EQ(e->off - sent->off, l->off);
        CHECK_EQ(e->len, l->len);
        n++;
        arena_free(&a);
    }
    CHECK(n > 100);
}

/* --- segments ------------------------------------------------------------- */

static uint8_t
flags_of(const char *text)
{
    static const char letters[] = "FSRP.UEW";
    uint8_t flags = 0;

    for (; *text; text++)
        flags |= (uint8_t)(1 << (strchr(letters, *text) - letters));
    return flags;
}

/* A segment that belongs to no connection is a RST, or begets one. */
static bool
refused(const struct story *s, uint64_t i)
{
    const struct event *e = story_event(s, i);

    if (strchr(truth_text(e, "flags"), 'R'))
        return true;
    for (uint64_t k = i + 1; k <= story_count(s); k++)
        if (story_event(s, k)->kind == EV_TCP_REFUSED &&
            story_event(s, k)->cause == e->no)
            return true;
    return false;
}

void
truth_segments(const struct story *s)
{
    struct arena a;
    unsigned n = 0;

    arena_init(&a, 0);
    for (uint64_t i = 1; i <= story_count(s); i++) {
        const struct event *e = story_event(s, i);

        if (e->kind != EV_TCP_SEND && e->kind != EV_TCP_ARRIVE)
            continue;
        const struct dissection *d = truth_frame(s, i, &a);

        if (!d)
            continue;
        CHECK(d->keys.tcp);
        CHECK_EQ(event_u64(e, "seq", 1), d->keys.seq);
        CHECK_EQ(event_u64(e, "ack", 1), d->keys.ack);
        CHECK_EQ(event_u64(e, "wnd", 1), d->keys.wnd);
        CHECK_EQ(event_u64(e, "len", 1), d->keys.payload);
        CHECK_EQ(flags_of(truth_text(e, "flags")), d->keys.flags);
        CHECK(event_u64(e, "conn", 0) != 0 || refused(s, i));
        n++;
        arena_free(&a);
    }
    CHECK(n > 30);
}

/* --- the router ----------------------------------------------------------- */

void
truth_forwarding(const struct story *s)
{
    unsigned n = 0;

    for (uint64_t i = 1; i <= story_count(s); i++) {
        const struct event *e = story_event(s, i);
        uint64_t in, out;
        size_t inlen, outlen;

        if (e->kind != EV_IP_FORWARD)
            continue;
        out = story_frame(s, i);
        in = story_frame(s, story_pkt_first(s, event_u64(e, "from_pkt", 0)));
        REQUIRE(in != 0);
        if (!out)
            continue; /* it never left */
        const uint8_t *x = story_bytes(story_event(s, in), &inlen);
        const uint8_t *y = story_bytes(story_event(s, out), &outlen);

        REQUIRE(x && y && inlen == outlen && inlen > ETHER_HEADER + 20);
        x += ETHER_HEADER;
        y += ETHER_HEADER;
        CHECK_EQ(y[8], x[8] - 1); /* time to live */
        CHECK_EQ(event_u64(e, "ttl", 0), y[8]);
        CHECK_MEM(x, y, 8);
        CHECK_EQ(x[9], y[9]);
        CHECK_MEM(x + 12, y + 12, inlen - ETHER_HEADER - 12);
        CHECK(memcmp(x - ETHER_HEADER, y - ETHER_HEADER, 12) != 0);
        n++;
    }
    CHECK(n >= 10);
}
