/*
 * dissect_app.c: what a TCP segment carries, for the eye: HTTP/1 (RFC 9112),
 * FastCGI records (its specification, section 3) and TLS records (RFC 8446
 * 5.1). A segment is read alone, so a message is recognised by its first
 * bytes; the middle of one is data.
 */
#include "dissect_in.h"

#include <string.h>

/* One line up to its LF; without CR LF. NULL: no whole line. */
static const uint8_t *
line(struct cursor *c, size_t *len)
{
    const uint8_t *at = c->at;
    const uint8_t *lf = memchr(at, '\n', cursor_left(c));

    if (!lf)
        return NULL;
    *len = (size_t)(lf - at);
    if (*len && at[*len - 1] == '\r')
        --*len;
    c->at = lf + 1;
    return at;
}

static bool
starts(const struct cursor *c, const char *with)
{
    size_t len = strlen(with);

    return cursor_left(c) >= len && memcmp(c->at, with, len) == 0;
}

bool
dis_is_http(const struct cursor *c, bool *response)
{
    static const char *const methods[] = {"GET ", "POST ", "HEAD ", "PUT ",
        "DELETE ", "OPTIONS ", "PATCH ", "TRACE ", "CONNECT "};

    *response = starts(c, "HTTP/1.");
    if (*response)
        return true;
    for (unsigned i = 0; i < LW_COUNT(methods); i++)
        if (starts(c, methods[i]))
            return true;
    return false;
}

/* RFC 9112 3 and 4: three words, of which the last may hold spaces. */
static void
start_line(struct dis *d, const uint8_t *at, size_t len, bool response)
{
    static const char *const request_names[] = {
        "Method", "Request target", "HTTP version"};
    static const char *const response_names[] = {
        "HTTP version", "Status code", "Reason phrase"};
    const uint8_t *end = at + len;

    dis_field(d, at, len, response ? "Status line" : "Request line", "%s",
        dis_text(d, at, len));
    dis_info(d, "HTTP %.120s", dis_text(d, at, len));
    dis_down(d);
    for (unsigned i = 0; i < 3 && at < end; i++) {
        const uint8_t *sp = memchr(at, ' ', (size_t)(end - at));
        size_t n = sp && i < 2 ? (size_t)(sp - at) : (size_t)(end - at);

        dis_field(d, at, n, (response ? response_names : request_names)[i],
            "%s", dis_text(d, at, n));
        at += n + 1;
    }
    dis_up(d);
}

static void
header(struct dis *d, const uint8_t *at, size_t len)
{
    const uint8_t *colon = memchr(at, ':', len);
    size_t name = colon ? (size_t)(colon - at) : len;
    size_t value = colon ? name + 1 : len;

    while (value < len && (at[value] == ' ' || at[value] == '\t'))
        value++;
    const char *text = dis_text(d, at, name);
    dis_field(d, at, len, text, "%s", dis_text(d, at + value, len - value));
    if (!colon)
        dis_note(d, at, len, true, "Header", "there is no colon");
}

static void
http(struct dis *d, struct cursor *c, bool response)
{
    const uint8_t *start = c->at, *at;
    struct cursor scan = *c;
    size_t len;

    while ((at = line(&scan, &len)) && len)
        ;
    if (!at)
        scan.at = scan.end;
    dis_layer(d, start, (size_t)(scan.at - start), "HTTP", LAYER_HTTP,
        "Hypertext Transfer Protocol, %s", response ? "response" : "request");
    at = line(c, &len);
    if (at)
        start_line(d, at, len, response);
    while (at && (at = line(c, &len)) && len)
        header(d, at, len);
    if (at)
        dis_field(d, at, (size_t)(c->at - at), "End of the header", "CR LF");
    else if (cursor_left(c))
        dis_field(d, c->at, cursor_left(c), "Line not complete", "%s",
            dis_text(d, c->at, cursor_left(c)));
    c->at = scan.at;
    dis_layer_end(d);
}

static const char *
fcgi_type(uint8_t type)
{
    static const char *const names[] = {"", "FCGI_BEGIN_REQUEST",
        "FCGI_ABORT_REQUEST", "FCGI_END_REQUEST", "FCGI_PARAMS", "FCGI_STDIN",
        "FCGI_STDOUT", "FCGI_STDERR", "FCGI_DATA", "FCGI_GET_VALUES",
        "FCGI_GET_VALUES_RESULT", "FCGI_UNKNOWN_TYPE"};

    return type < LW_COUNT(names) ? names[type] : "";
}

/* Version 1, a type that exists, a reserved byte of zero. */
static bool
is_fcgi(const struct cursor *c)
{
    return cursor_left(c) >= 8 && c->at[0] == 1 && c->at[1] >= 1 &&
           c->at[1] <= 11 && c->at[7] == 0;
}

static uint32_t
fcgi_length(struct cursor *c)
{
    uint32_t v = get_u8(c);

    if (v & 0x80) {
        v = (v & 0x7f) << 24 | (uint32_t)get_u8(c) << 16;
        v |= get_be16(c);
    }
    return v;
}

/* FastCGI 3.4: lengths in one or four bytes, then name and value. */
static void
fcgi_params(struct dis *d, struct cursor c)
{
    while (cursor_left(&c)) {
        const uint8_t *at = c.at;
        uint32_t nlen = fcgi_length(&c);
        uint32_t vlen = fcgi_length(&c);
        const uint8_t *name = get_bytes(&c, nlen);
        const uint8_t *value = get_bytes(&c, vlen);

        if (c.over) {
            dis_note(d, at, (size_t)(c.end - at), false, "Pair",
                "goes on in the next record");
            return;
        }
        dis_field(d, at, (size_t)(c.at - at), dis_text(d, name, nlen), "%s",
            dis_text(d, value, vlen));
    }
}

static void
fcgi_content(struct dis *d, struct cursor c, uint8_t type)
{
    static const char *const roles[] = {
        "", "responder", "authorizer", "filter"};
    const uint8_t *at = c.at;
    size_t len = cursor_left(&c);

    if (type == 1 && len == 8) {
        uint16_t role = get_be16(&c);

        dis_field(d, at, 2, "Role", "%u (%s)", role,
            role < 4 ? roles[role] : "other");
        dis_field(d, at + 2, 1, "Flags", "0x%02x (%s)", at[2],
            at[2] & 1 ? "keep the connection" : "close when done");
    } else if (type == 3 && len == 8) {
        dis_be32(d, &c, "Application status");
        dis_u8(d, &c, "Protocol status");
    } else if (type == 4 || type == 9 || type == 10) {
        fcgi_params(d, c);
    } else if (len) {
        dis_field(d, at, len, "Content", "%s", dis_text(d, at, len));
    } else if (type >= 4 && type <= 8) {
        dis_note(d, at, 0, false, "Content", "empty: the stream ends here");
    }
}

static void
fcgi(struct dis *d, struct cursor *c)
{
    const uint8_t *start = c->at;
    unsigned records = 0;
    const char *first = fcgi_type(start[1]);

    dis_layer(d, start, cursor_left(c), "FastCGI", LAYER_FCGI, "records");
    while (is_fcgi(c)) {
        struct cursor head = *c;
        const uint8_t *at = c->at;
        uint8_t type = at[1];

        get_be32(&head);
        uint32_t len = get_be16(&head);
        uint32_t padding = get_u8(&head);
        get_bytes(c, 8);
        size_t there = cursor_left(c);
        struct cursor in = get_slice(c, len < there ? len : there);

        dis_field(d, at, (size_t)(in.end - at), fcgi_type(type),
            "request %u, %u bytes", at[2] << 8 | at[3], len);
        dis_down(d);
        head = cursor_of(at, 8);
        dis_u8(d, &head, "Version");
        dis_u8(d, &head, "Type");
        dis_be16(d, &head, "Request id");
        dis_be16(d, &head, "Content length");
        dis_u8(d, &head, "Padding length");
        fcgi_content(d, in, type);
        if (len > there)
            dis_note(d, in.at, 0, false, "Content",
                "%zu of %u bytes are in this segment", there, len);
        get_bytes(c, padding < cursor_left(c) ? padding : cursor_left(c));
        dis_up(d);
        records++;
    }
    dis_info(d, "FastCGI %s%s", first, records > 1 ? " and more" : "");
    d->out->layers[d->out->nlayers - 1].len = (uint32_t)(c->at - start);
    dis_layer_end(d);
}

static const char *
tls_type(uint8_t type)
{
    switch (type) {
    case 20: return "change cipher spec";
    case 21: return "alert";
    case 22: return "handshake";
    case 23: return "application data";
    default: return "other";
    }
}

static bool
is_tls(const struct cursor *c)
{
    return cursor_left(c) >= 5 && c->at[0] >= 20 && c->at[0] <= 23 &&
           c->at[1] == 3 && c->at[2] <= 4;
}

/* RFC 8446 5.1: type, version, length, and what is inside. */
static void
tls(struct dis *d, struct cursor *c)
{
    const uint8_t *start = c->at;

    dis_layer(d, start, cursor_left(c), "TLS", LAYER_SOCKET, "records");
    dis_info(d, "TLS %s", tls_type(start[0]));
    while (is_tls(c)) {
        const uint8_t *at = c->at;
        struct cursor head = *c;
        uint16_t len = (uint16_t)(at[3] << 8 | at[4]);
        size_t there = cursor_left(c) - 5;

        get_bytes(c, 5 + (len < there ? len : there));
        dis_field(d, at, (size_t)(c->at - at), "Record", "%s, %u bytes",
            tls_type(at[0]), len);
        dis_down(d);
        dis_u8(d, &head, "Content type");
        dis_be16(d, &head, "Version");
        dis_be16(d, &head, "Length");
        if (len > there)
            dis_note(d, at, 0, false, "Record",
                "%zu of %u bytes are in this segment", there, len);
        dis_up(d);
    }
    dis_layer_end(d);
}

void
dis_stream(struct dis *d, struct cursor *c, uint16_t sport, uint16_t dport)
{
    bool response;

    if (dis_is_http(c, &response)) {
        d->brief = false;
        http(d, c, response);
    } else if (is_tls(c))
        tls(d, c);
    else if (is_fcgi(c) && (sport == 9000 || dport == 9000))
        fcgi(d, c);
    else if (sport == 53 || dport == 53)
        dis_dns(d, c, true);
}
