/*
 * pcap_read.c: the classic capture format, read by libpcap: one link for the
 * whole file, no names, no comments.
 */
#include "pcap_read.h"

#include <pcap/pcap.h>

#define LINKTYPE_RAW 101

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

int
pcap_read(FILE *stream, const char *file, const struct capture_calls *calls,
    struct fault *fault)
{
    char reason[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(
        stream, PCAP_TSTAMP_PRECISION_NANO, reason);
    struct capture_frame f = {.link = "", .timed = true, .comment = ""};
    struct pcap_pkthdr *head;
    const u_char *data;
    int r;

    if (!pcap) {
        if (stream != stdin)
            fclose(stream);
        return fault_set(fault, file, 0, "%s", reason);
    }
    f.linktype = (unsigned)pcap_datalink(pcap);
    if (f.linktype == DLT_RAW)
        f.linktype = LINKTYPE_RAW; /* libpcap's own number differs by system */
    if (calls->section)
        calls->section(calls->owner, "", "");
    while ((r = pcap_next_ex(pcap, &head, &data)) == 1) {
        f.no++;
        f.time_ns = time_ns(&head->ts);
        f.data = data;
        f.len = head->caplen;
        f.wire_len = head->len;
        if (calls->frame)
            calls->frame(calls->owner, &f);
    }
    if (r != PCAP_ERROR_BREAK)
        r = fault_set(fault, file, 0, "frame %llu: %s",
            (unsigned long long)f.no + 1, pcap_geterr(pcap));
    else
        r = 0;
    pcap_close(pcap);
    return r;
}
