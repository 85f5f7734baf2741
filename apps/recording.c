/*
 * recording.c: the file and its fingerprint are made of the same bytes, in
 * one call, so that sha256sum(1) of the saved file is the run's hash.
 */
#include "recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
sink_write(void *owner, const void *data, size_t len)
{
    struct recording *r = owner;

    if (r->sha)
        sha256_add(r->sha, data, len);
    if (r->file && !r->err && fwrite(data, 1, len, r->file) != len)
        r->err = errno ? -errno : -EIO;
    return 0;
}

/* Everything stops here. It is the last in the list, so that the others have
 * had this event already, and it takes them off before itself. */
static void
stop_listening(struct recording *r)
{
    int err = pcapng_writer_close(r->writer);

    if (err && !r->err)
        r->err = err;
    r->writer = NULL;
    if (r->story_listener)
        journal_unlisten(r->journal, r->story_listener);
    r->story_listener = NULL;
    if (r->narrator)
        journal_unlisten(r->journal, narrate_listener(r->narrator));
    narrate_free(r->narrator);
    r->narrator = NULL;
}

static void
hear_until(void *owner, const struct event *e)
{
    struct recording *r = owner;

    if (r->reached ||
        (r->until_kind ? e->kind != r->until_kind : e->no < r->until_no))
        return;
    r->reached = true;
    stop_listening(r);
}

/* PHP decides some of what happens, so a hash is told with its version. */
static void
hear_version(void *owner, const struct event *e)
{
    struct recording *r = owner;
    const struct field *f;

    if (e->kind != EV_ZEND_VERSION || !(f = event_field(e, "version")) ||
        f->type != FIELD_TEXT)
        return;
    snprintf(r->php, sizeof r->php, "%.*s", (int)f->len, (const char *)f->at);
}

static bool
until_of(const char *text, enum event_kind *kind, uint64_t *no)
{
    char *end;

    *kind = EV_NONE;
    *no = 0;
    if (text[0] != '#')
        return (*kind = event_kind_of(text)) != EV_NONE;
    *no = strtoull(text + 1, &end, 10);
    return *no > 0 && *no < UINT64_MAX && *end == 0 && text[1] != '-';
}

bool
recording_until_known(const char *text)
{
    enum event_kind kind;
    uint64_t no;

    return until_of(text, &kind, &no);
}

int
recording_open(struct recording *r, struct journal *journal,
    const struct capture_world *world, const struct recording_options *options,
    struct fault *fault)
{
    struct pcapng_sink sink = {sink_write, r};

    *r = (struct recording){.journal = journal, .path = options->save};
    r->version = (struct listener){.event = hear_version,
        .owner = r,
        .level = LEVEL_STAGE,
        .only = EV_ZEND_VERSION};
    journal_listen(journal, &r->version);
    if (options->tell) {
        r->narrator = narrate_new(options->tell, journal, NULL);
        if (!r->narrator)
            return fault_set(fault, NULL, 0, "no memory");
        journal_listen(journal, narrate_listener(r->narrator));
    }
    if (options->story) {
        r->story = story_new();
        if (!r->story)
            return fault_set(fault, NULL, 0, "no memory");
        r->story_listener = story_listener(r->story, journal);
        journal_listen(journal, r->story_listener);
    }
    if (options->save && !(r->file = fopen(options->save, "wb")))
        return fault_set(fault, options->save, 0, "%s", strerror(errno));
    if (options->hash && !(r->sha = sha256_new()))
        return fault_set(fault, NULL, 0, "no memory");
    if (options->save || options->hash) {
        r->writer = pcapng_writer_new(journal, world, LEVEL_MICRO, &sink);
        if (!r->writer)
            return fault_set(fault, NULL, 0, "no memory");
    }
    if (options->until) {
        until_of(options->until, &r->until_kind, &r->until_no);
        r->until = (struct listener){
            .event = hear_until, .owner = r, .level = LEVEL_MICRO};
        journal_listen(journal, &r->until);
    }
    return 0;
}

int
recording_end(struct recording *r, char hash[SHA256_TEXT], struct fault *fault)
{
    hash[0] = 0;
    stop_listening(r);
    if (r->until.event)
        journal_unlisten(r->journal, &r->until);
    r->until.event = NULL;
    if (r->version.event)
        journal_unlisten(r->journal, &r->version);
    r->version.event = NULL;
    if (r->sha)
        sha256_end(r->sha, hash);
    r->sha = NULL;
    if (r->file && fclose(r->file) != 0 && !r->err)
        r->err = -errno;
    r->file = NULL;
    if (r->story && story_full(r->story) && !r->err)
        r->err = -ENOMEM;
    if (r->err)
        return fault_set(
            fault, r->path, 0, "cannot be written: %s", strerror(-r->err));
    return 0;
}

void
recording_drop_story(struct recording *r)
{
    if (r->story_listener)
        journal_unlisten(r->journal, r->story_listener);
    r->story_listener = NULL;
    story_free(r->story);
    r->story = NULL;
}

void
recording_close(struct recording *r)
{
    char hash[SHA256_TEXT];
    struct fault ignored = {{0}};

    if (r->journal)
        recording_end(r, hash, &ignored);
    recording_drop_story(r);
}
