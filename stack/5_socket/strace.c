/*
 * strace.c: the beginning and the end of every system call: the modelled
 * time that it takes, the event, and the line that strace(1) would print.
 * Texts are only made when somebody listens.
 */
#include "strace.h"
#include "file.h"
#include "trace.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const struct {
    const char *name;
    enum rule rule;
} calls[CALL_COUNT] = {
#define CALL(name, rule) {#name, RULE_SYS_##rule},
#include "calls.def"
#undef CALL
};

const char *
call_name(enum call call)
{
    return calls[call].name;
}

enum rule
call_rule(enum call call)
{
    return calls[call].rule;
}

struct trace *
strace_new(void)
{
    return calloc(1, sizeof(struct trace));
}

void
strace_free(struct trace *t)
{
    free(t);
}

void
call_begin(struct proc *p, enum call call)
{
    struct kernel *k = p->k;
    struct journal *j = k->env->journal;
    uint64_t no;

    if (p->late)
        proc_signal_late(p);
    p->call = call;
    p->entered = k->env->timers->now;
    no = NOTE(k->env, EV_SYSCALL_ENTER, call_rule(call), f_u64("pid", p->pid),
        f_text("name", call_name(call)));
    journal_enter(j, no);
    if (k->call_cost_ns > 0)
        proc_spend(p, k->call_cost_ns);
}

/* --- texts --------------------------------------------------------------- */

char *
trace_text(struct proc *p)
{
    struct trace *t = p->k->trace;

    if (t->used + 1 < sizeof t->text && t->used)
        t->used++; /* behind the zero of the text before */
    t->text[t->used] = '\0';
    return t->text + t->used;
}

void
trace_put(struct proc *p, const char *format, ...)
{
    struct trace *t = p->k->trace;
    size_t room = sizeof t->text - t->used;
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(t->text + t->used, room, format, ap);
    va_end(ap);
    if (n > 0)
        t->used += (size_t)n < room ? (size_t)n : room - 1;
}

/* Backslash and letter, or octal digits, no more of them than needed. */
static void
put_escaped(struct proc *p, uint8_t c, bool digit_follows)
{
    static const char letters[] = "tnvfr"; /* 9 to 13 */

    if (c == '"' || c == '\\')
        trace_put(p, "\\%c", c);
    else if (c >= '\t' && c <= '\r')
        trace_put(p, "\\%c", letters[c - '\t']);
    else if (c >= ' ' && c < 127)
        trace_put(p, "%c", c);
    else
        trace_put(p, digit_follows ? "\\%03o" : "\\%o", c);
}

void
trace_string(struct proc *p, const void *data, size_t len)
{
    const uint8_t *b = data;
    size_t shown = len < 32 ? len : 32; /* strace's -s */

    trace_put(p, "\"");
    for (size_t i = 0; i < shown; i++)
        put_escaped(
            p, b[i], i + 1 < shown && b[i + 1] >= '0' && b[i + 1] <= '9');
    trace_put(p, shown < len ? "\"..." : "\"");
}

void
trace_flags(struct proc *p, unsigned long value, const struct flag *flags)
{
    const char *bar = "";

    for (; flags->name; flags++) {
        if (!flags->value || (value & flags->value) != flags->value)
            continue;
        trace_put(p, "%s%s", bar, flags->name);
        bar = "|";
        value &= ~flags->value;
    }
    if (value)
        trace_put(p, "%s%#lx", bar, value);
    else if (!*bar)
        trace_put(p, "0");
}

const char *
flag_name(unsigned long value, const struct flag *flags)
{
    for (; flags->name; flags++)
        if (flags->value == value)
            return flags->name;
    return NULL;
}

const char *
tr_data(struct proc *p, const void *data, int64_t len)
{
    struct trace *t = p->k->trace;
    const char *text = trace_text(p);

    if (len < 0)
        return "0x...";
    t->data = data;
    t->data_len = (size_t)len;
    trace_string(p, data, (size_t)len);
    return text;
}

const char *
tr_string(struct proc *p, const char *string)
{
    const char *text = trace_text(p);
    size_t n = strlen(string);

    trace_put(p, "\""); /* strace never cuts paths */
    for (size_t i = 0; i < n; i++)
        put_escaped(p, (uint8_t)string[i],
            string[i + 1] >= '0' && string[i + 1] <= '9');
    trace_put(p, "\"");
    return text;
}

/* The bytes that several buffers moved, joined for the event. */
static void
gather(struct proc *p, const struct iovec *iov, int n, size_t len)
{
    struct trace *t = p->k->trace;
    size_t done = 0;

    for (int i = 0; i < n && done < len; i++) {
        size_t part = len - done < iov[i].iov_len ? len - done : iov[i].iov_len;

        if (part > SCRATCH_SIZE - done)
            part = SCRATCH_SIZE - done;
        if (part)
            memcpy(p->k->scratch + done, iov[i].iov_base, part);
        done += part;
    }
    t->data = p->k->scratch;
    t->data_len = done;
}

const char *
tr_iov(struct proc *p, const struct iovec *iov, int n, int64_t len)
{
    const char *text = trace_text(p);
    size_t left = len > 0 ? (size_t)len : 0;

    if (n > IOV_MAX) /* refused, and not looked at */
        return "0x...";
    trace_put(p, "[");
    for (int i = 0; i < n; i++) {
        size_t part = left < iov[i].iov_len ? left : iov[i].iov_len;

        trace_put(p, "%s{iov_base=", i ? ", " : "");
        if (len < 0)
            trace_put(p, "0x...");
        else
            trace_string(p, iov[i].iov_base, part);
        trace_put(p, ", iov_len=%zu}", iov[i].iov_len);
        left -= part;
    }
    trace_put(p, "]");
    gather(p, iov, n, len > 0 ? (size_t)len : 0);
    return text;
}

char *
strace_status(int status, char *buf, size_t size)
{
    const char *name;

    if (WIFEXITED(status)) {
        snprintf(buf, size, "exited with %d", WEXITSTATUS(status));
        return buf;
    }
    name = sigabbrev_np(WTERMSIG(status));
    snprintf(buf, size, "killed by SIG%s", name ? name : "RT");
    return buf;
}

/* --- the report ---------------------------------------------------------- */

static const char *
result_text(struct proc *p, int64_t ret)
{
    const char *text = trace_text(p);
    const char *name = ret < 0 ? strerrorname_np((int)-ret) : NULL;

    if (p->k->trace->result)
        return p->k->trace->result;
    if (name)
        trace_put(p, "-1 %s (%s)", name, strerrordesc_np((int)-ret));
    else if (p->call == CALL_exit_group)
        trace_put(p, "?");
    else if (p->call == CALL_rt_sigtimedwait)
        trace_put(p, "%lld (SIG%s)", (long long)ret,
            sigabbrev_np((int)ret) ? sigabbrev_np((int)ret) : "RT");
    else
        trace_put(p, "%lld", (long long)ret);
    return text;
}

void
call_report(struct proc *p, int fd, int64_t ret, const char *format, ...)
{
    struct trace *t = p->k->trace;
    struct env *env = p->k->env;
    const char *args = trace_text(p);
    size_t room = sizeof t->text - t->used;
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(t->text + t->used, room, format, ap);
    va_end(ap);
    if (n > 0)
        t->used += (size_t)n < room ? (size_t)n : room - 1;

    struct file *f = fd_get(p, fd);
    uint64_t no = NOTE(env, EV_SYSCALL, call_rule(p->call),
        f_text("name", call_name(p->call)), f_text("args", args),
        f_text("result", result_text(p, ret)), f_i64("fd", fd),
        f_i64("ret", ret), f_u64("sock", f ? f->no : 0),
        f_ns("took", instant_diff(env->timers->now, p->entered)),
        f_bytes("data", t->data, t->data_len));

    journal_enter(env->journal, no);
    t->used = 0;
    t->text[0] = '\0';
    t->data = NULL;
    t->result = NULL;
    t->data_len = 0;
}
