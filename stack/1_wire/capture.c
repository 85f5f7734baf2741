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

#define PIECE (256 * 1024)

static int
read_pcapng(FILE *stream, const char *path, const struct capture_calls *calls,
    struct fault *fault)
{
    struct pcapng_reader *r = pcapng_reader_new(path, calls, fault);
    uint8_t *piece = malloc(PIECE);
    int error = 0;
    size_t n;

    if (!r || !piece) {
        fault_set(fault, path, 0, "no memory");
        error = -ENOMEM;
    }
    while (!error && (n = fread(piece, 1, PIECE, stream)) > 0)
        error = pcapng_reader_feed(r, piece, n);
    if (!error && ferror(stream)) {
        error = -EIO;
        fault_set(fault, path, 0, "cannot be read: %s", strerror(errno));
    }
    if (!error)
        error = pcapng_reader_end(r);
    free(piece);
    pcapng_reader_free(r);
    return error;
}

int
capture_read(
    const char *path, const struct capture_calls *calls, struct fault *fault)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *stream = standard ? stdin : fopen(path, "rb");
    int error, first;

    if (!stream) {
        error = -errno;
        fault_set(fault, path, 0, "cannot be opened: %s", strerror(-error));
        return error;
    }
    errno = 0;
    first = getc(stream);
    if (first == EOF) {
        error = ferror(stream) && errno ? -errno : -EINVAL;
        fault_set(fault, path, 0,
            error == -EINVAL ? "the file is empty" : "cannot be read: %s",
            strerror(-error));
    } else if (ungetc(first, stream) == 0x0a) {
        error = read_pcapng(stream, path, calls, fault);
    } else {
        return pcap_read(stream, path, calls, fault); /* closes it */
    }
    if (!standard)
        fclose(stream);
    return error;
}
