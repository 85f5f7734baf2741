/*
 * pcap_read.c: the classic capture format, read by libpcap: one link for the
 * whole file, no names, no comments.
 */
#include "pcap_read.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#define LINKTYPE_RAW 101
#define FILE_HEADER  24

struct pcap_reader {
    const char *file;
    struct capture_calls calls;
    struct fault *fault;
    pcap_t *pcap;
    struct capture_frame frame;
    bool seekable;
    uint64_t before; /* where the record that is read next begins */
    unsigned head;   /* bytes of a record before its data */
};

/* Asked for nanoseconds, libpcap gives them in tv_usec. */
static int64_t
time_ns(const struct timeval *tv)
{
    int64_t ns;

    if (__builtin_mul_overflow(tv->tv_sec, LW_S, &ns) ||
        __builtin_add_overflow(ns, tv->tv_usec, &ns))
        return tv->tv_sec < 0 ? INT64_MIN : INT64_MAX;
    return ns;
}

/* Of the formats that libpcap reads, one has eight bytes more a record. */
static unsigned
record_head(FILE *stream)
{
    static const uint8_t longer[][4] = {
        {0xa1, 0xb2, 0xcd, 0x34}, {0x34, 0xcd, 0xb2, 0xa1}};
    uint8_t magic[4] = {0};

    if (fread(magic, 1, 4, stream) != 4)
        magic[0] = 0;
    rewind(stream);
    return memcmp(magic, longer[0], 4) == 0 || memcmp(magic, longer[1], 4) == 0
               ? 24
               : 16;
}

struct pcap_reader *
pcap_reader_new(FILE *stream, const char *file,
    const struct capture_calls *calls, struct fault *fault, int *error)
{
    char reason[PCAP_ERRBUF_SIZE] = "no memory";
    struct pcap_reader *r = calloc(1, sizeof *r);

    if (r) {
        r->seekable = fseeko(stream, 0, SEEK_CUR) == 0;
        r->head = r->seekable ? record_head(stream) : 16;
        r->pcap = pcap_fopen_offline_with_tstamp_precision(
            stream, PCAP_TSTAMP_PRECISION_NANO, reason);
    }
    if (!r || !r->pcap) {
        if (stream != stdin)
            fclose(stream);
        *error = fault_set(fault, file, 0, "%s", reason);
        if (!r)
            *error = -ENOMEM;
        free(r);
        return NULL;
    }
    *error = 0;
    r->file = file;
    r->calls = *calls;
    r->fault = fault;
    r->before = FILE_HEADER;
    r->frame = (struct capture_frame){.link = "",
        .timed = true,
        .comment = "",
        .linktype = (unsigned)pcap_datalink(r->pcap)};
    if (r->frame.linktype == DLT_RAW)
        r->frame.linktype = LINKTYPE_RAW; /* libpcap's own differs by system */
    if (calls->section)
        calls->section(calls->owner, "", "");
    return r;
}

void
pcap_reader_free(struct pcap_reader *r)
{
    pcap_close(r->pcap);
    free(r);
}

int
pcap_reader_more(struct pcap_reader *r, size_t bytes)
{
    struct capture_frame *f = &r->frame;
    struct pcap_pkthdr *head;
    const u_char *data;
    size_t done = 0;
    int got = 1;

    while (done < bytes && (got = pcap_next_ex(r->pcap, &head, &data)) == 1) {
        f->no++;
        f->time_ns = time_ns(&head->ts);
        f->data = data;
        f->len = head->caplen < CAPTURE_FRAME_MOST ? head->caplen
                                                   : CAPTURE_FRAME_MOST;
        f->wire_len = head->len;
        f->offset = r->before + r->head;
        done += r->head + head->caplen;
        /* libpcap cuts a frame that is longer than the file says frames
         * are, so where the next one begins is not known from its length */
        r->before = r->seekable ? (uint64_t)ftello(pcap_file(r->pcap)) : 0;
        if (r->calls.frame)
            r->calls.frame(r->calls.owner, f);
    }
    if (got == 1)
        return 1;
    if (got == PCAP_ERROR_BREAK)
        return 0;
    return fault_set(r->fault, r->file, 0, "frame %llu: %s",
        (unsigned long long)f->no + 1, pcap_geterr(r->pcap));
}

int
pcap_read(FILE *stream, const char *file, const struct capture_calls *calls,
    struct fault *fault)
{
    int got;
    struct pcap_reader *r = pcap_reader_new(stream, file, calls, fault, &got);

    while (r && (got = pcap_reader_more(r, SIZE_MAX)) > 0)
        ;
    if (r)
        pcap_reader_free(r);
    return got;
}
