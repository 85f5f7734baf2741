/*
 * capture.h: capture files, read: frames, and for files that layerwalk wrote
 * the whole journal as well. pcap (through libpcap) and pcapng (our own
 * reader: libpcap drops comments, names and unknown blocks).
 */
#ifndef LW_CAPTURE_H
#define LW_CAPTURE_H

#include "fault.h"
#include "journal.h"

#define LINKTYPE_ETHERNET 1

/* Longer frames are told cut, as if the file had that for its snaplen, which
 * it has where tcpdump or Wireshark wrote it. */
#define CAPTURE_FRAME_MOST 262144

/* A frame of the file. Pointers are valid during the call only. */
struct capture_frame {
    uint64_t no;         /* from 1, in the order of the file */
    const char *link;    /* name of the interface, "" when it has none */
    unsigned interface;  /* its number, from 0, counted through the file */
    unsigned linktype;   /* LINKTYPE_ETHERNET, or another of tcpdump.org */
    bool timed;          /* false: the file does not say when */
    int64_t time_ns;     /* since 1970 */
    const uint8_t *data; /* the bytes that were captured */
    uint64_t offset;     /* where they stand in the file */
    uint32_t len;
    uint32_t wire_len;   /* length on the wire, >= len unless the file lies */
    const char *comment; /* several are joined by newlines; "": none */
};

/* What a layerwalk file says about its world. */
struct capture_world {
    const char *name;
    uint64_t seed;
    int64_t epoch; /* Unix time of instant 0, in seconds */
};

/*
 * Who wants to know what is in the file; any call may be NULL. Calls come in
 * the order of the file. An event comes as a journal listener would get it;
 * its pointers, names included, are valid during the call only; a kind that
 * is not known here comes as EV_NONE. A host's number is told before the
 * first event that carries it. All texts are a stranger's and may hold any
 * bytes.
 */
struct capture_calls {
    void *owner;
    void (*section)(void *owner, const char *application, const char *comment);
    void (*world)(void *owner, const struct capture_world *world);
    void (*host)(void *owner, uint16_t number, const char *name);
    void (*name)(void *owner, struct ipv4 addr, const char *name);
    void (*frame)(void *owner, const struct capture_frame *frame);
    void (*event)(void *owner, const struct event *e);
};

/*
 * Reads the file of that name ("-": standard input) to its end. Returns 0,
 * or a negative errno with the reason in fault: what came before the bad
 * place has been told by then.
 */
int capture_read(
    const char *path, const struct capture_calls *calls, struct fault *fault);

struct capture;

/*
 * The same in pieces, for who wants to show the beginning before the end has
 * been read, or to read a frame again later. What cannot be read twice
 * (standard input, a pipe) is copied into a nameless file first. path and
 * fault must live as long. 0, or a negative errno with the reason in fault.
 */
int capture_open(const char *path, const struct capture_calls *calls,
    struct fault *fault, struct capture **out);
void capture_close(struct capture *c);

/* Reads about so many bytes on. 1: there is more, 0: that was the end, or a
 * negative errno as for capture_read. */
int capture_more(struct capture *c, size_t bytes);

/* Reads len bytes at a place of the file again. 0, or a negative errno: -EIO
 * when the file has become shorter since. */
int capture_again(
    const struct capture *c, uint64_t offset, void *to, size_t len);

#endif
