/*
 * capture.c: which of the two formats is it? The first byte decides: pcapng
 * begins with 0a, pcap with a1, d4 or 4d, whatever the byte order.
 *
 * This is the one place under stack/ that opens a file by its path, for the
 * drivers' convenience; the readers themselves take bytes.
 */
#include "capture.h"
#include "pcap_read.h"
#include "pcapng_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE (256 * 1024)

struct capture {
    const char *path; /* for faults */
    struct fault *fault;
    FILE *stream;
    struct pcapng_reader *pcapng; /* one of the two */
    struct pcap_reader *pcap;
    uint8_t *piece;
    bool ended;
};

/* A nameless file with all that comes from `from`, which it closes. */
static FILE *
spool(FILE *from)
{
    char piece[16 * 1024];
    FILE *to = tmpfile();
    size_t n;

    while (to && (n = fread(piece, 1, sizeof piece, from)) > 0) {
        if (fwrite(piece, 1, n, to) == n)
            continue;
        fclose(to);
        to = NULL;
    }
    if (to && (ferror(from) || fflush(to) != 0)) {
        fclose(to);
        to = NULL;
    }
    if (to)
        rewind(to);
    int error = errno;
    if (from != stdin)
        fclose(from);
    errno = error;
    return to;
}

/* The file, at its first byte, and that byte. 0 or -errno and the fault. */
static int
open_stream(struct capture *c, int *first)
{
    bool standard = strcmp(c->path, "-") == 0;
    int error;

    errno = 0;
    c->stream = standard ? stdin : fopen(c->path, "rb");
    if (c->stream && (standard || fseeko(c->stream, 0, SEEK_CUR) != 0))
        c->stream = spool(c->stream);
    if (!c->stream) {
        error = errno ? -errno : -EIO;
        fault_set(
            c->fault, c->path, 0, "cannot be opened: %s", strerror(-error));
        return error;
    }
    errno = 0;
    *first = getc(c->stream);
    if (*first == EOF) {
        error = ferror(c->stream) && errno ? -errno : -EINVAL;
        fault_set(c->fault, c->path, 0,
            error == -EINVAL ? "the file is empty" : "cannot be read: %s",
            strerror(-error));
        return error;
    }
    ungetc(*first, c->stream);
    return 0;
}

int
capture_open(const char *path, const struct capture_calls *calls,
    struct fault *fault, struct capture **out)
{
    struct capture *c = calloc(1, sizeof *c);
    int first, error = -ENOMEM;

    *out = NULL;
    if (!c)
        goto no_memory;
    c->path = path;
    c->fault = fault;
    error = open_stream(c, &first);
    if (error) {
        capture_close(c);
        return error;
    }
    if (first == 0x0a) {
        c->pcapng = pcapng_reader_new(path, calls, fault);
        c->piece = malloc(PIECE);
        error = c->pcapng && c->piece ? 0 : -ENOMEM;
    } else {
        c->pcap = pcap_reader_new(c->stream, path, calls, fault, &error);
        if (!c->pcap)
            c->stream = NULL; /* it has been closed */
    }
    if (error == 0) {
        *out = c;
        return 0;
    }
    capture_close(c);
    if (error != -ENOMEM)
        return error;
no_memory:
    fault_set(fault, path, 0, "no memory");
    return error;
}

void
capture_close(struct capture *c)
{
    if (!c)
        return;
    pcapng_reader_free(c->pcapng);
    if (c->pcap)
        pcap_reader_free(c->pcap); /* and the stream */
    else if (c->stream)
        fclose(c->stream);
    free(c->piece);
    free(c);
}

static int
more_pcapng(struct capture *c, size_t bytes)
{
    int error = 0;
    size_t n = 0;

    for (size_t done = 0; done < bytes && !error; done += n) {
        n = fread(c->piece, 1, PIECE, c->stream);
        if (n == 0)
            break;
        error = pcapng_reader_feed(c->pcapng, c->piece, n);
    }
    if (error || n > 0)
        return error ? error : 1;
    if (!ferror(c->stream))
        return pcapng_reader_end(c->pcapng);
    fault_set(c->fault, c->path, 0, "cannot be read: %s", strerror(errno));
    return -EIO;
}

int
capture_more(struct capture *c, size_t bytes)
{
    int r = 0;

    if (!c->ended)
        r = c->pcapng ? more_pcapng(c, bytes)
                      : pcap_reader_more(c->pcap, bytes);
    c->ended = r <= 0;
    return r;
}

int
capture_again(const struct capture *c, uint64_t offset, void *to, size_t len)
{
    uint8_t *at = to;

    while (len > 0) {
        ssize_t n = pread(fileno(c->stream), at, len, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        at += n;
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return 0;
}

int
capture_read(
    const char *path, const struct capture_calls *calls, struct fault *fault)
{
    struct capture *c;
    int r = capture_open(path, calls, fault, &c);

    if (r)
        return r;
    while ((r = capture_more(c, PIECE)) > 0)
        ;
    capture_close(c);
    return r;
}
