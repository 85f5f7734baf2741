/*
 * fuzz_capture.c: the capture readers: any bytes at all must be read or
 * refused with a reason.
 *
 * The first byte chooses the size of the pieces for pcapng, so that the
 * places where a block is cut are tried as well.
 */
#include "fuzz.h"
#include "pcap_read.h"
#include "pcapng_read.h"

#include <stdio.h>
#include <string.h>

static void
on_frame(void *owner, const struct capture_frame *f)
{
    uint64_t *seen = owner;

    for (uint32_t i = 0; i < f->len; i++)
        *seen += f->data[i];
    *seen += strlen(f->link) + strlen(f->comment);
}

static void
on_event(void *owner, const struct event *e)
{
    char text[512];
    uint64_t *seen = owner;

    *seen += strlen(event_text(e, text, sizeof text)) + strlen(e->func);
    for (unsigned i = 0; i < e->nfields; i++)
        *seen += strlen(field_text(&e->fields[i], text, sizeof text)) +
                 strlen(e->fields[i].name);
}

static void
on_name(void *owner, struct ipv4 addr, const char *name)
{
    uint64_t *seen = owner;

    *seen += addr.v + strlen(name);
}

static void
read_pcapng(const uint8_t *data, size_t size, size_t piece,
    const struct capture_calls *calls)
{
    struct fault fault = {""};
    struct pcapng_reader *r = pcapng_reader_new("fuzz", calls, &fault);
    int error = 0;

    while (size > 0 && !error) {
        size_t n = size < piece ? size : piece;

        error = pcapng_reader_feed(r, data, n);
        data += n;
        size -= n;
    }
    if (!error)
        error = pcapng_reader_end(r);
    if ((error != 0) != (fault.text[0] != 0))
        __builtin_trap(); /* a refusal without a reason, or the reverse */
    pcapng_reader_free(r);
}

int
fuzz_capture(const uint8_t *data, size_t size)
{
    uint64_t seen = 0;
    struct capture_calls calls = {
        .owner = &seen, .frame = on_frame, .event = on_event, .name = on_name};
    struct fault fault = {""};
    uint8_t copy[4096];

    if (size < 2)
        return 0;
    read_pcapng(data + 1, size - 1, data[0] ? data[0] : size, &calls);
    if (size <= sizeof copy) {
        memcpy(copy, data, size);
        pcap_read(fmemopen(copy, size, "rb"), "fuzz", &calls, &fault);
    }
    return 0;
}
