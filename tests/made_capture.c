/*
 * made_capture.c: the frames, byte by byte; checksums are left zero, as
 * cards that compute them leave them.
 */
#include "made_capture.h"

#include "bytes.h"
#include "pcapng.h"

#include <stdlib.h>
#include <string.h>

#define BROWSERS 32
#define REQUESTS 8
#define SEGMENT  1448
#define EPOCH_US UINT64_C(1700000000000000)

struct browser {
    uint16_t port;
    unsigned step;   /* in its connection */
    uint32_t seq[2]; /* that browser and server send next */
    unsigned no;     /* connections before this one */
};

struct making {
    FILE *file;
    bool pcapng, mixed;
    uint64_t frames;
    struct browser browsers[BROWSERS];
    uint8_t text[SEGMENT];
};

static const struct mac macs[2] = {{{2, 0, 0, 0, 0, 1}}, {{2, 0, 0, 0, 0, 2}}};
static const struct ipv4 server = {0xc0000250}; /* 192.0.2.80 */

static void
block(FILE *file, uint32_t type, const uint8_t *body, size_t len)
{
    uint8_t head[8], tail[8] = {0};
    uint32_t total = (uint32_t)(12 + (len + 3) / 4 * 4);
    struct writer w = writer_of(head, sizeof head);
    struct writer t = writer_of(tail + 4, 4);

    put_le32(&w, type);
    put_le32(&w, total);
    put_le32(&t, total);
    fwrite(head, 1, 8, file);
    fwrite(body, 1, len, file);
    fwrite(tail + 4 - (total - 12 - len), 1, total - 12 - len + 4, file);
}

static void
begin(const struct making *m)
{
    static const uint16_t linktypes[] = {1, 101, 113};
    uint8_t buf[64];
    struct writer w = writer_of(buf, sizeof buf);

    if (!m->pcapng) {
        put_le32(&w, 0xa1b2c3d4);
        put_le16(&w, 2);
        put_le16(&w, 4);
        put_le64(&w, 0);
        put_le32(&w, 65535);
        put_le32(&w, 1);
        fwrite(buf, 1, writer_len(&w), m->file);
        return;
    }
    put_le32(&w, PCAPNG_BYTE_ORDER);
    put_le16(&w, 1);
    put_le16(&w, 0);
    put_le64(&w, UINT64_MAX);
    block(m->file, PCAPNG_SECTION, buf, writer_len(&w));
    for (unsigned i = 0; i < (m->mixed ? 3 : 1); i++) {
        w = writer_of(buf, sizeof buf);
        put_le16(&w, linktypes[i]);
        put_le16(&w, 0);
        put_le32(&w, 65535);
        block(m->file, PCAPNG_INTERFACE, buf, writer_len(&w));
    }
}

/* The header of the link that this frame was caught on. */
static unsigned
link_header(const struct making *m, struct writer *w, bool back, uint16_t type)
{
    unsigned i = m->mixed ? (unsigned)(m->frames / 50 % 3) : 0;

    if (type != 0x0800)
        i = 0;
    if (i == 0) {
        put_mac(w, macs[!back]);
        put_mac(w, macs[back]);
    } else if (i == 2) {
        put_be32(w, 1);
        put_be16(w, 6);
        put_mac(w, macs[back]);
        put_be16(w, 0);
    }
    if (i != 1)
        put_be16(w, type);
    return i;
}

static void
keep(struct making *m, unsigned interface, const struct writer *frame)
{
    uint64_t us = EPOCH_US + m->frames * 37 + m->frames / 1000 * 5000;
    uint32_t len = (uint32_t)writer_len(frame);
    uint8_t buf[2048];
    struct writer w = writer_of(buf, sizeof buf);

    m->frames++;
    if (m->pcapng) {
        put_le32(&w, interface);
        put_le32(&w, (uint32_t)(us >> 32));
        put_le32(&w, (uint32_t)us);
    } else {
        put_le32(&w, (uint32_t)(us / 1000000));
        put_le32(&w, (uint32_t)(us % 1000000));
    }
    put_le32(&w, len);
    put_le32(&w, len);
    put_bytes(&w, frame->start, len);
    if (m->pcapng)
        block(m->file, PCAPNG_PACKET, buf, writer_len(&w));
    else
        fwrite(buf, 1, writer_len(&w), m->file);
}

static struct ipv4
address(const struct making *m, const struct browser *b)
{
    return (struct ipv4){0x0a000001u + (uint32_t)(b - m->browsers)};
}

static void
ip(struct writer *w, struct ipv4 src, struct ipv4 dst, unsigned protocol,
    size_t len)
{
    put_be32(w, 0x45000000 | (uint32_t)(20 + len));
    put_be32(w, 0x00004000);
    put_be32(w, 0x40000000 | protocol << 16);
    put_ipv4(w, src);
    put_ipv4(w, dst);
}

static void
segment(struct making *m, struct browser *b, bool back, unsigned flags,
    const void *data, size_t len)
{
    uint8_t buf[1600];
    struct writer w = writer_of(buf, sizeof buf);
    unsigned i = link_header(m, &w, back, 0x0800);
    struct ipv4 a = address(m, b);

    ip(&w, back ? server : a, back ? a : server, 6, 20 + len);
    put_be16(&w, back ? 80 : b->port);
    put_be16(&w, back ? b->port : 80);
    put_be32(&w, b->seq[back]);
    put_be32(&w, flags & 16 ? b->seq[!back] : 0);
    put_be16(&w, (uint16_t)(0x5000 | flags));
    put_be16(&w, 64240);
    put_be32(&w, 0);
    put_bytes(&w, data, len);
    keep(m, i, &w);
    b->seq[back] += (uint32_t)len + (flags & 3 ? 1 : 0);
}

static void
answer(struct making *m, struct browser *b, unsigned part)
{
    char head[200];
    int n = snprintf(head, sizeof head,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
        "Content-Length: %d\r\n\r\n",
        5 * SEGMENT);

    if (part == 0) {
        memcpy(m->text, head, (size_t)n);
        segment(m, b, true, 16, m->text, SEGMENT);
        memset(m->text, 'x', (size_t)n);
    } else {
        segment(m, b, true, part == 4 ? 24 : 16, m->text, SEGMENT);
    }
}

/* The next segment of its connection: 3 to open, 9 a request, 4 to close. */
static void
step(struct making *m, struct browser *b)
{
    unsigned at = b->step++, in = (at - 3) % 9;
    char request[120];

    if (at == 0) {
        b->no++;
        b->port = (uint16_t)(20000 + b->no % 40000);
        b->seq[0] = 0xfffff000u + b->no * 64000;
        b->seq[1] = b->no * 1000003u;
        segment(m, b, false, 2, NULL, 0);
    } else if (at == 1) {
        segment(m, b, true, 18, NULL, 0);
    } else if (at == 2) {
        segment(m, b, false, 16, NULL, 0);
    } else if (at < 3 + REQUESTS * 9) {
        if (in == 0) {
            int n = snprintf(request, sizeof request,
                "GET /page/%u/%u HTTP/1.1\r\nHost: shop.test\r\n\r\n", b->no,
                (at - 3) / 9);
            segment(m, b, false, 24, request, (size_t)n);
        } else if (in == 3 || in == 6 || in == 8) {
            segment(m, b, false, 16, NULL, 0);
        } else {
            answer(m, b, in < 3 ? in - 1 : in < 6 ? in - 2 : 4);
        }
    } else if (at < 3 + REQUESTS * 9 + 4) {
        unsigned last = at - 3 - REQUESTS * 9;

        segment(m, b, last == 1 || last == 2, last % 2 ? 16 : 17, NULL, 0);
        if (last == 3)
            b->step = 0;
    }
}

/* What else is heard on a wire. */
static void
other(struct making *m, const struct browser *b)
{
    uint8_t buf[200];
    struct writer w = writer_of(buf, sizeof buf);
    struct ipv4 a = address(m, b);
    unsigned which = (unsigned)(m->frames / 97 % 4), i;

    i = link_header(m, &w, which == 1, which < 2 ? 0x0806 : 0x0800);
    if (which < 2) {
        put_be32(&w, 0x00010800);
        put_be16(&w, 0x0604);
        put_be16(&w, which == 0 ? 1 : 2);
        put_mac(&w, macs[which]);
        put_ipv4(&w, which ? server : a);
        put_mac(&w, macs[!which]);
        put_ipv4(&w, which ? a : server);
    } else if (which == 2) {
        ip(&w, a, server, 1, 12);
        put_be32(&w, 0x08000000);
        put_be32(&w, 0x00010001);
        put_be32(&w, 0x70696e67);
    } else {
        ip(&w, a, server, 17, 40);
        put_be32(&w, 0x14e90035);
        put_be32(&w, 0x00280000);
        put_bytes(&w, "\1\2\1\0\0\1\0\0\0\0\0\0\4shop\4test\0\0\1\0\1", 27);
        put_bytes(&w, "     ", 5);
    }
    keep(m, i, &w);
}

bool
made_capture(FILE *file, uint64_t frames, bool pcapng, bool mixed)
{
    struct making *m = calloc(1, sizeof *m);

    if (!m)
        return false;
    m->file = file;
    m->pcapng = pcapng;
    m->mixed = mixed;
    memset(m->text, 'x', sizeof m->text);
    begin(m);
    while (m->frames < frames) {
        struct browser *b = &m->browsers[m->frames * 7 % 11 % BROWSERS];

        b = &m->browsers[(m->frames / 3 + (uint64_t)(b - m->browsers)) %
                         BROWSERS];
        if (m->frames % 97 == 96)
            other(m, b);
        else
            step(m, b);
    }
    free(m);
    return fflush(file) == 0 && !ferror(file);
}
