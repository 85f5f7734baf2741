/*
 * inside_trace.c: arguments and results of file calls in the notation of
 * strace(1), like those of the simulated kernel (stack/5_socket/strace.c),
 * which is not part of this program.
 */
#include "inside_trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

enum {
    SHOWN = 32 /* bytes of a buffer: strace's -s */
};

static void
result_text(char *buf, size_t size, long result)
{
    const char *name = result < 0 ? strerrorname_np((int)-result) : NULL;

    if (name)
        snprintf(buf, size, "-1 %s (%s)", name, strerrordesc_np((int)-result));
    else
        snprintf(buf, size, "%ld", result);
}

void
trace_call(const struct traced_call *c, const char *format, ...)
{
    struct env *env = sys_env(inside()->proc);
    char args[2 * PATH_MAX], result[128];
    int kept = errno;
    va_list ap;

    va_start(ap, format);
    vsnprintf(args, sizeof(args), format, ap);
    va_end(ap);
    result_text(result, sizeof(result), c->result);
    NOTE(env, EV_SYSCALL, c->rule, f_text("name", c->name),
        f_text("args", args), f_text("result", result), f_i64("fd", c->fd),
        f_i64("ret", c->result), f_u64("sock", 0), f_ns("took", 0),
        f_bytes("data", c->data, c->data ? c->len : 0));
    errno = kept;
}

/* Backslash and letter, or octal digits, no more of them than needed. */
static size_t
put_escaped(char *at, size_t room, uint8_t c, bool digit_follows)
{
    static const char letters[] = "tnvfr"; /* 9 to 13 */
    int n;

    if (c == '"' || c == '\\')
        n = snprintf(at, room, "\\%c", c);
    else if (c >= '\t' && c <= '\r')
        n = snprintf(at, room, "\\%c", letters[c - '\t']);
    else if (c >= ' ' && c < 127)
        n = snprintf(at, room, "%c", c);
    else
        n = snprintf(at, room, digit_follows ? "\\%03o" : "\\%o", c);
    return n > 0 && (size_t)n < room ? (size_t)n : 0;
}

static const char *
quote(struct trace_text *t, const uint8_t *b, size_t len, size_t shown)
{
    size_t n = 1;

    t->s[0] = '"';
    for (size_t i = 0; i < shown; i++)
        n += put_escaped(t->s + n, sizeof(t->s) - n - 8, b[i],
            i + 1 < shown && b[i + 1] >= '0' && b[i + 1] <= '9');
    snprintf(t->s + n, sizeof(t->s) - n, shown < len ? "\"..." : "\"");
    return t->s;
}

const char *
trace_string(struct trace_text *t, const char *path)
{
    size_t len = strlen(path);

    return quote(t, (const uint8_t *)path, len, len);
}

const char *
trace_bytes(struct trace_text *t, const void *data, long len)
{
    size_t n = len > 0 ? (size_t)len : 0;

    return len < 0 ? "0x..." : quote(t, data, n, n < SHOWN ? n : SHOWN);
}

const char *
trace_open_flags(struct trace_text *t, int flags)
{
    static const char *const modes[] = {
        "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
    static const struct {
        int bit;
        const char *name;
    } names[] = {{O_CREAT, "|O_CREAT"}, {O_EXCL, "|O_EXCL"},
        {O_NOCTTY, "|O_NOCTTY"}, {O_TRUNC, "|O_TRUNC"}, {O_APPEND, "|O_APPEND"},
        {O_NONBLOCK, "|O_NONBLOCK"}, {O_DIRECTORY, "|O_DIRECTORY"},
        {O_NOFOLLOW, "|O_NOFOLLOW"}, {O_CLOEXEC, "|O_CLOEXEC"}};

    strcpy(t->s, modes[flags & O_ACCMODE]);
    for (size_t i = 0; i < LW_COUNT(names); i++)
        if (flags & names[i].bit)
            strcat(t->s, names[i].name);
    return t->s;
}

const char *
trace_stat(struct trace_text *t, const struct stat *st, long ret)
{
    if (ret < 0)
        return "0x...";
    snprintf(t->s, sizeof(t->s), "{st_mode=%s|0%o, st_size=%lld, ...}",
        S_ISDIR(st->st_mode)    ? "S_IFDIR"
        : S_ISREG(st->st_mode)  ? "S_IFREG"
        : S_ISLNK(st->st_mode)  ? "S_IFLNK"
        : S_ISSOCK(st->st_mode) ? "S_IFSOCK"
        : S_ISFIFO(st->st_mode) ? "S_IFIFO"
                                : "S_IFCHR",
        st->st_mode & 07777, (long long)st->st_size);
    return t->s;
}
