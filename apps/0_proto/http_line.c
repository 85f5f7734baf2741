/*
 * http_line.c: three small state machines: one enum, one switch, one loop
 * each. The loop is at the end of each part; the switch takes one byte. Most
 * bytes change nothing: those of a method, a path, a name or a value are
 * passed over in a run, and so is the version that nearly everyone speaks;
 * that takes half of the instructions of a switch for each.
 */
#include "http_line.h"

#include <string.h>

static bool
is_alpha(uint8_t c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool
is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool
is_control(uint8_t c)
{
    return c < 0x20 || c == 0x7f;
}

/* --- request line -------------------------------------------------------- */

enum {
    R_START,
    R_METHOD,
    R_TARGET_START,
    R_SCHEME,
    R_SCHEME_SLASH,
    R_SCHEME_SLASH_SLASH,
    R_HOST,
    R_HOST_LITERAL, /* "[::1]" */
    R_HOST_END,
    R_PORT,
    R_PATH,
    R_VERSION_START,
    R_NAME, /* "HTTP/", five states */
    R_MAJOR_FIRST = R_NAME + 5,
    R_MAJOR,
    R_MINOR_FIRST,
    R_MINOR,
    R_TRAIL,
    R_LF
};

static enum http_line
line_done(struct http_request_line *r)
{
    r->end = r->at + 1;
    return r->major > 1 ? HTTP_LINE_VERSION : HTTP_LINE_OK;
}

/* HTTP/0.9: the line ends after the target, and no header fields follow. */
static enum http_line
no_version(struct http_request_line *r, uint8_t c)
{
    r->minor = 9;
    r->state = R_LF;
    return c == '\n' ? line_done(r) : HTTP_LINE_AGAIN;
}

static enum http_line
target_end(struct http_request_line *r, uint8_t c)
{
    r->target.end = r->at;
    if (r->path.at == 0)
        r->path.at = r->at; /* absolute form without a path */
    r->path.end = r->at;
    r->state = R_VERSION_START;
    return c == ' ' ? HTTP_LINE_AGAIN : no_version(r, c);
}

/* RFC 9112 3.2: origin form "/path?query" or absolute form "http://...". */
static enum http_line
target_byte(struct http_request_line *r, uint8_t c)
{
    switch (r->state) {
    case R_SCHEME:
        if (c == ':')
            r->state = R_SCHEME_SLASH;
        else if (!is_alpha(c) && !is_digit(c) && (!c || !strchr("+-.", c)))
            return HTTP_LINE_BAD;
        return HTTP_LINE_AGAIN;
    case R_SCHEME_SLASH:
    case R_SCHEME_SLASH_SLASH:
        r->state++;
        r->host.at = r->host.end = r->at + 1;
        return c == '/' ? HTTP_LINE_AGAIN : HTTP_LINE_BAD;
    case R_HOST_LITERAL: /* RFC 3986 3.2.2 */
        if (c == ']')
            r->state = R_HOST_END;
        else if (!is_alpha(c) && !is_digit(c) &&
                 (!c || !strchr("-._~!$&'()*+,;=:", c)))
            return HTTP_LINE_BAD;
        break;
    case R_HOST:
        if (c == '[' && r->at == r->host.at) {
            r->state = R_HOST_LITERAL;
            break;
        }
        if (is_alpha(c) || is_digit(c) || c == '.' || c == '-')
            break;
        if (r->at == r->host.at)
            return HTTP_LINE_BAD;
        /* fall through */
    case R_HOST_END:
        r->state = R_HOST_END;
        if (c == ':') {
            r->state = R_PORT;
            break;
        }
        /* fall through */
    case R_PORT:
        if (is_digit(c) && r->state == R_PORT)
            break;
        if (c == '/' || c == '?') {
            r->path.at = r->at;
            r->state = R_PATH;
            return HTTP_LINE_AGAIN;
        }
        return c == ' ' ? target_end(r, c) : HTTP_LINE_BAD;
    default:
        if (c == ' ' || c == '\r' || c == '\n')
            return target_end(r, c);
        return is_control(c) ? HTTP_LINE_BAD : HTTP_LINE_AGAIN;
    }
    r->host.end = r->at + 1;
    return HTTP_LINE_AGAIN;
}

/* RFC 9112 2.3: after the target: "HTTP/1.1". */
static enum http_line
version_byte(struct http_request_line *r, uint8_t c)
{
    switch (r->state) {
    case R_VERSION_START:
        if (c == ' ')
            return HTTP_LINE_AGAIN;
        if (c == '\r' || c == '\n')
            return no_version(r, c);
        r->state = R_NAME;
        /* fall through */
    default:
        return c == "HTTP/"[r->state++ - R_NAME] ? HTTP_LINE_AGAIN
                                                 : HTTP_LINE_BAD;
    case R_MAJOR_FIRST:
        r->major = c - '0';
        r->state = R_MAJOR;
        return c >= '1' && c <= '9' ? HTTP_LINE_AGAIN : HTTP_LINE_BAD;
    case R_MAJOR:
        if (c == '.')
            r->state = R_MINOR_FIRST;
        else if (is_digit(c))
            r->major = r->major * 10 + c - '0';
        else
            return HTTP_LINE_BAD;
        return r->major > 1 ? HTTP_LINE_VERSION : HTTP_LINE_AGAIN;
    case R_MINOR_FIRST:
        r->minor = c - '0';
        r->state = R_MINOR;
        return is_digit(c) ? HTTP_LINE_AGAIN : HTTP_LINE_BAD;
    case R_MINOR:
        if (is_digit(c)) {
            if (r->minor > 99)
                return HTTP_LINE_BAD;
            r->minor = r->minor * 10 + c - '0';
            return HTTP_LINE_AGAIN;
        }
        r->state = R_TRAIL;
        /* fall through */
    case R_TRAIL:
        if (c == '\n')
            return line_done(r);
        if (c == '\r')
            r->state = R_LF;
        return c == '\r' || c == ' ' ? HTTP_LINE_AGAIN : HTTP_LINE_BAD;
    case R_LF: return c == '\n' ? line_done(r) : HTTP_LINE_BAD;
    }
}

static enum http_line
request_byte(struct http_request_line *r, uint8_t c)
{
    bool token = (c >= 'A' && c <= 'Z') || c == '_' || c == '-';

    switch (r->state) {
    case R_START: /* RFC 9112 2.2: empty lines before a request */
        if (c == '\r' || c == '\n')
            return HTTP_LINE_AGAIN;
        r->method.at = r->at;
        r->state = R_METHOD;
        return token ? HTTP_LINE_AGAIN : HTTP_LINE_METHOD;
    case R_METHOD:
        r->method.end = r->at;
        if (c == ' ')
            r->state = R_TARGET_START;
        return token || c == ' ' ? HTTP_LINE_AGAIN : HTTP_LINE_METHOD;
    case R_TARGET_START:
        if (c == ' ')
            return HTTP_LINE_AGAIN;
        r->target.at = r->at;
        r->state = R_SCHEME;
        if (c == '/') {
            r->path.at = r->at;
            r->state = R_PATH;
        }
        return c == '/' || is_alpha(c) ? HTTP_LINE_AGAIN : HTTP_LINE_BAD;
    case R_SCHEME:
    case R_SCHEME_SLASH:
    case R_SCHEME_SLASH_SLASH:
    case R_HOST:
    case R_HOST_LITERAL:
    case R_HOST_END:
    case R_PORT:
    case R_PATH: return target_byte(r, c);
    default: return version_byte(r, c);
    }
}

/* As far as the bytes leave the state as it is; at most len. */
static size_t
request_run(struct http_request_line *r, const uint8_t *line, size_t len)
{
    static const char usual[] = "HTTP/1.1\r\n";
    size_t at = r->at;

    if (r->state == R_METHOD) {
        while (at < len && line[at] >= 'A' && line[at] <= 'Z')
            at++;
    } else if (r->state == R_PATH) {
        while (at < len && line[at] > ' ' && line[at] != 0x7f)
            at++;
    } else if (r->state == R_VERSION_START && len - at >= sizeof usual - 1 &&
               memcmp(line + at, usual, sizeof usual - 1) == 0) {
        r->major = r->minor = 1;
        r->state = R_LF;
        at += sizeof usual - 2;
    }
    return at;
}

enum http_line
http_request_line(struct http_request_line *r, const uint8_t *line, size_t len)
{
    for (; r->at < len; r->at++) {
        enum http_line found;

        r->at = request_run(r, line, len);
        if (r->at == len)
            break;
        found = request_byte(r, line[r->at]);

        if (found != HTTP_LINE_AGAIN)
            return found;
    }
    return HTTP_LINE_AGAIN;
}

/* --- status line --------------------------------------------------------- */

enum {
    S_NAME, /* "HTTP/", five states */
    S_MAJOR = S_NAME + 5,
    S_DOT,
    S_MINOR,
    S_SPACE,
    S_STATUS, /* three digits, three states */
    S_AFTER = S_STATUS + 3,
    S_REASON,
    S_LF
};

static enum http_line
status_byte(struct http_status_line *s, uint8_t c)
{
    bool ok = true;

    switch (s->state) {
    case S_MAJOR: s->major = c - '0'; break;
    case S_MINOR: s->minor = c - '0'; break;
    case S_DOT: ok = c == '.'; break;
    case S_SPACE: ok = c == ' '; break;
    case S_STATUS:
    case S_STATUS + 1:
    case S_STATUS + 2: s->status = s->status * 10 + c - '0'; break;
    case S_AFTER:
        if (c == '\r' || c == '\n')
            s->reason.at = s->at;
        else
            s->reason.at = s->at + 1;
        ok = c == ' ' || c == '\r' || c == '\n';
        if (c != ' ')
            s->state = S_REASON;
        if (c == ' ')
            break;
        /* fall through */
    case S_REASON:
        if (c == '\r' || c == '\n')
            s->reason.end = s->at;
        s->state = c == '\r' ? S_LF : S_REASON;
        if (c == '\n')
            s->end = s->at + 1;
        return c == '\n' ? HTTP_LINE_OK : HTTP_LINE_AGAIN;
    case S_LF:
        s->end = s->at + 1;
        return c == '\n' ? HTTP_LINE_OK : HTTP_LINE_BAD;
    default: ok = c == "HTTP/"[s->state - S_NAME]; break;
    }
    if (s->state == S_MAJOR || s->state == S_MINOR ||
        (s->state >= S_STATUS && s->state < S_AFTER))
        ok = is_digit(c);
    s->state++;
    return ok ? HTTP_LINE_AGAIN : HTTP_LINE_BAD;
}

enum http_line
http_status_line(struct http_status_line *s, const uint8_t *line, size_t len)
{
    for (; s->at < len; s->at++) {
        enum http_line found = status_byte(s, line[s->at]);

        if (found != HTTP_LINE_AGAIN)
            return found;
    }
    return HTTP_LINE_AGAIN;
}

/* --- header field -------------------------------------------------------- */

enum {
    H_START,
    H_NAME,
    H_BEFORE_VALUE,
    H_VALUE,
    H_LF,
    H_EMPTY_LF
};

static enum http_line
header_end(struct http_header_line *h, uint8_t c)
{
    h->state = H_LF;
    h->end = h->at + 1;
    return c == '\n' ? HTTP_LINE_OK : HTTP_LINE_AGAIN;
}

static enum http_line
name_byte(struct http_header_line *h, uint8_t c)
{
    h->name.end = h->at;
    h->value.at = h->value.end = h->at;
    if (c == ':') {
        h->state = H_BEFORE_VALUE;
        return HTTP_LINE_AGAIN;
    }
    if (c == '\r' || c == '\n') /* a name alone: an empty value */
        return header_end(h, c);
    if (c <= 0x20 || c == 0x7f)
        return HTTP_LINE_BAD; /* RFC 9112 5.1: no space before the colon */
    if (!is_alpha(c) && !is_digit(c) && c != '-')
        h->invalid = true;
    return HTTP_LINE_AGAIN;
}

static enum http_line
header_byte(struct http_header_line *h, uint8_t c)
{
    switch (h->state) {
    case H_START:
        h->name.at = h->name.end = h->at;
        if (c == '\r' || c == '\n') {
            h->state = H_EMPTY_LF;
            h->end = h->at + 1;
            return c == '\n' ? HTTP_LINE_EMPTY : HTTP_LINE_AGAIN;
        }
        h->state = H_NAME;
        return c == ':' ? HTTP_LINE_BAD : name_byte(h, c);
    case H_NAME: return name_byte(h, c);
    case H_BEFORE_VALUE:
        h->value.at = h->value.end = h->at;
        if (c == ' ')
            return HTTP_LINE_AGAIN;
        h->state = H_VALUE;
        /* fall through */
    case H_VALUE:
        if (c == '\r' || c == '\n')
            return header_end(h, c);
        if (c != ' ')
            h->value.end = h->at + 1;
        return c == 0 ? HTTP_LINE_BAD : HTTP_LINE_AGAIN;
    case H_LF: /* more than one CR before the LF: nginx takes it */
        if (c == '\r')
            return HTTP_LINE_AGAIN;
        return c == '\n' ? header_end(h, c) : HTTP_LINE_BAD;
    default:
        h->end = h->at + 1;
        return c == '\n' ? HTTP_LINE_EMPTY : HTTP_LINE_BAD;
    }
}

/* As far as the bytes leave the state as it is; at most len. */
static size_t
header_run(struct http_header_line *h, const uint8_t *line, size_t len)
{
    size_t at = h->at;

    if (h->state == H_NAME) {
        while (at < len && (is_alpha(line[at]) || line[at] == '-'))
            at++;
    } else if (h->state == H_VALUE) {
        while (at < len && line[at] > ' ')
            at++;
        if (at > h->at)
            h->value.end = at;
    }
    return at;
}

enum http_line
http_header_line(struct http_header_line *h, const uint8_t *line, size_t len)
{
    for (; h->at < len; h->at++) {
        enum http_line found;

        h->at = header_run(h, line, len);
        if (h->at == len)
            break;
        found = header_byte(h, line[h->at]);

        if (found != HTTP_LINE_AGAIN)
            return found;
    }
    return HTTP_LINE_AGAIN;
}
