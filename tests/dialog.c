/*
 * dialog.c: plays conversations (dialog.h): the lines, and the program's
 * calls. Segments are the business of dialog_wire.c, the words that of
 * dialog_text.c.
 */
#include "dialog.h"
#include "check.h"
#include "dialog_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- calls ------------------------------------------------------------ */

static void
result(struct dialog *d, int64_t got, const char *want, const char *line)
{
    char text[32];

    if (!want)
        return;
    dialog_result_text(got, text, sizeof text);
    dialog_expect(d, text, want, line);
}

static void
call_write(struct dialog *d, uint32_t len, const char *text, const char *want,
    const char *line)
{
    uint8_t *bytes = malloc(len + 1);
    int64_t got;

    for (uint32_t i = 0; i < len; i++)
        bytes[i] = dialog_pattern(d->written[d->peer] + 1 + i);
    struct iovec iov = {bytes, len};
    got = strstr(text, "oob")
              ? tcp_send_urgent(d->conn[d->peer], &iov, 1)
              : tcp_send(d->conn[d->peer], &iov, 1, strstr(text, "more"));
    if (got > 0)
        d->written[d->peer] += (uint32_t)got;
    if (!want && got != (int64_t)len)
        result(d, got, "all of it", line);
    result(d, got, want, line);
    free(bytes);
}

static void
call_read(struct dialog *d, uint32_t len, const char *want, const char *line)
{
    uint8_t *bytes = malloc(len + 1);
    int64_t got = tcp_recv(d->conn[d->peer], bytes, len, false);

    for (int64_t i = 0; i < got; i++)
        if (bytes[i] != dialog_pattern(++d->read[d->peer])) {
            dialog_expect(d, "other text", "the text sent", line);
            break;
        }
    if (!want && got != (int64_t)len)
        result(d, got, "all of it", line);
    result(d, got, want, line);
    free(bytes);
}

/* The urgent byte: that of this place in the stream. */
static void
call_oob(struct dialog *d, uint32_t at, const char *want, const char *line)
{
    uint8_t byte = 0;
    int got = tcp_recv_urgent(d->conn[d->peer], &byte, 1, false);

    if (got == 1 && byte != dialog_pattern(at))
        dialog_expect(d, "another byte", "the urgent one", line);
    result(d, got, want ? want : "1", line);
}

static void
nothing(void *owner)
{
    (void)owner;
}

static void
call_listen(struct dialog *d, int backlog)
{
    int err =
        tcp_listen(d->w.a.tcp, d->local, backlog, true, nothing, NULL, &d->l);

    CHECK_EQ(err, 0);
}

static void
call_accept(struct dialog *d, const char *want, const char *line)
{
    struct tcp_conn *c = tcp_accept(d->l);

    if (!c || want) {
        dialog_expect(
            d, c ? "a connection" : "-1", want ? want : "a connection", line);
        return;
    }
    d->peer = tcp_remote(c).port - 5000u;
    d->conn[d->peer] = c;
}

static void
call_connect(struct dialog *d)
{
    struct tcp_end remote = {TCP_HOST_B, dialog_peer_port(d)};
    int err;

    err = tcp_connect(
        d->w.a.tcp, d->local, remote, nothing, NULL, &d->conn[d->peer]);
    CHECK_EQ(err, 0);
}

static void
expect_state(struct dialog *d, const char *want, const char *line)
{
    struct tcp_end remote = {TCP_HOST_B, dialog_peer_port(d)};
    struct tcp_conn *c = tcp_find(d->w.a.tcp, d->local, remote);

    if (!c)
        c = d->conn[d->peer];
    dialog_expect(d, tcp_state_text(c ? tcp_state(c) : TCP_CLOSED), want, line);
}

static void
expect_poll(struct dialog *d, const char *want, const char *line)
{
    char got[64];

    dialog_poll_text(tcp_poll(d->conn[d->peer]), got, sizeof got);
    dialog_expect(d, got, want, line);
}

/* Events whose kind bears this name, since the beginning. */
static void
expect_noted(
    struct dialog *d, const char *name, unsigned want, const char *line)
{
    enum event_kind kind = event_kind_of(name);
    char got[16], wanted[16];

    CHECK(kind != EV_NONE);
    snprintf(got, sizeof got, "%u", d->noted[kind]);
    snprintf(wanted, sizeof wanted, "%u", want);
    dialog_expect(d, got, wanted, line);
}

/* Did the last line make our TCP report something for this reason? */
static void
expect_by(struct dialog *d, const char *want, const char *line)
{
    const char *got = "nothing of the kind";

    for (unsigned i = 0; i < RULE_COUNT; i++)
        if (d->ruled[i] && strcmp(rule_info((enum rule)i)->name, want) == 0)
            got = want;
    dialog_expect(d, got, want, line);
}

/* A word and up to three arguments; `want` is what stands behind "=". */
static bool
play_call(struct dialog *d, const char *text, const char *line)
{
    char word[32] = "", arg[64] = "", want_text[32] = "";
    unsigned v[3] = {0};
    const char *equals = strstr(text, "= ");
    const char *want = NULL;
    struct tcp_conn *c = d->conn[d->peer];

    if (equals && sscanf(equals + 2, "%31s", want_text) == 1)
        want = want_text;
    sscanf(text, "%31s %63s", word, arg);
    sscanf(text, "%*s %u %u %u", &v[0], &v[1], &v[2]);
    if (strcmp(word, "listen") == 0)
        call_listen(d, (int)v[0]);
    else if (strcmp(word, "unlisten") == 0) {
        tcp_unlisten(d->l);
        d->l = NULL;
    } else if (strcmp(word, "accept") == 0)
        call_accept(d, want, line);
    else if (strcmp(word, "connect") == 0)
        call_connect(d);
    else if (strcmp(word, "write") == 0)
        call_write(d, v[0], text, want, line);
    else if (strcmp(word, "read") == 0)
        call_read(d, v[0], want, line);
    else if (strcmp(word, "oob") == 0)
        call_oob(d, v[0], want, line);
    else if (strcmp(word, "skip") == 0)
        d->read[d->peer] += v[0];
    else if (strcmp(word, "pace") == 0)
        CHECK_EQ(tcp_set_pacing_rate(c, v[0]), 0);
    else if (strcmp(word, "shutdown") == 0)
        result(d, tcp_shutdown(c), want ? want : "0", line);
    else if (strcmp(word, "close") == 0 || strcmp(word, "abort") == 0) {
        d->conn[d->peer] = NULL;
        word[0] == 'c' ? tcp_close(c) : tcp_abort(c);
    } else
        return false;
    return true;
}

static bool
play_look(struct dialog *d, const char *text, const char *line)
{
    char word[32] = "", arg[64] = "", got[32];
    unsigned v[4] = {0, 0, 0, 1000};
    int value = 0;

    sscanf(text, "%31s %63s %d", word, arg, &value);
    sscanf(text, "%*s %u %u %u %u", &v[0], &v[1], &v[2], &v[3]);
    if (strcmp(word, "state") == 0)
        expect_state(d, arg, line);
    else if (strcmp(word, "error") == 0)
        result(d, -tcp_error(d->conn[d->peer]), arg, line);
    else if (strcmp(word, "poll") == 0)
        expect_poll(d, text + 5, line);
    else if (strcmp(word, "mark") == 0)
        dialog_expect(
            d, tcp_at_mark(d->conn[d->peer]) ? "here" : "ahead", arg, line);
    else if (strcmp(word, "readable") == 0)
        result(d, tcp_readable(d->conn[d->peer]), arg, line);
    else if (strcmp(word, "dropped") == 0)
        dialog_expect(d, d->dropped, arg, line);
    else if (strcmp(word, "noted") == 0)
        expect_noted(d, arg, (unsigned)value, line);
    else if (strcmp(word, "because") == 0)
        dialog_expect(
            d, d->taken ? d->sent[d->taken - 1].because : "", arg, line);
    else if (strcmp(word, "by") == 0)
        expect_by(d, arg, line);
    else if (strcmp(word, "cwnd") == 0) {
        snprintf(got, sizeof got, "%u", d->conn[d->peer]->cc.cwnd);
        dialog_expect(d, got, arg, line);
    } else if (strcmp(word, "peer") == 0)
        d->peer = v[0];
    else if (strcmp(word, "icmp") == 0)
        dialog_icmp(d, v[0], v[1], v[2], v[3]);
    else if (strcmp(word, "conns") == 0) {
        snprintf(got, sizeof got, "%u", tcp_counts(d->w.a.tcp).conns);
        dialog_expect(d, got, arg, line);
    } else if (strcmp(word, "set") == 0)
        CHECK_EQ(
            tcp_set_option(d->conn[d->peer], dialog_option(arg), value), 0);
    else if (strcmp(word, "flush") == 0)
        CHECK(tcp_flush(d->w.a.tcp));
    else if (strcmp(word, "defer") == 0)
        CHECK_EQ(
            tcp_listener_set_option(d->l, TCP_OPT_DEFER_ACCEPT, atoi(arg)), 0);
    else if (strcmp(word, "sysctl") == 0)
        dialog_sysctl(tcp_config(d->w.a.tcp), arg, value);
    else
        return false;
    return true;
}

/* --- lines ------------------------------------------------------------ */

/* Words about what the last segment led to: its answer may be unread. */
static bool
looks_back(const char *text)
{
    return strncmp(text, "because", 7) == 0 ||
           strncmp(text, "dropped", 7) == 0 || strncmp(text, "noted", 5) == 0 ||
           strncmp(text, "state", 5) == 0 || strncmp(text, "by ", 3) == 0 ||
           strncmp(text, "cwnd", 4) == 0;
}

/* A limit on answers is a limit, and not known to the peer exactly. */
static void
play_flood(struct dialog *d, unsigned n, const char *text, const char *line)
{
    struct dialog_segment seg;
    unsigned answers = 0 - d->nsent;

    if (!dialog_segment_parse(&seg, text)) {
        dialog_expect(d, "not understood", text, line);
        return;
    }
    while (n-- > 0)
        dialog_send(d, &seg);
    answers += d->nsent;
    d->taken = d->nsent;
    if (answers < 8 || answers > 15)
        dialog_expect(d, "too many or too few answers", "8 to 15", line);
}

static void
play_line(struct dialog *d, const char *line)
{
    const char *text = line;
    struct dialog_segment seg;
    double seconds;
    int used = 0;
    unsigned n;

    if (!looks_back(text) && text[0] != '>')
        memset(d->ruled, 0, sizeof d->ruled);
    if (sscanf(text, "+%lf%n", &seconds, &used) == 1) {
        dialog_expect_silence(d, line);
        tcp_world_run(&d->w, (int64_t)(seconds * 1e9 + 0.5));
        text += used;
        while (*text == ' ')
            text++;
        if (*text == '\0') {
            dialog_expect_silence(d, line);
            return;
        }
    }
    if (text[0] == '>') {
        dialog_expect_segment(d, text + 2, line);
        return;
    }
    if (!looks_back(text))
        dialog_expect_silence(d, line);
    if (d->failed)
        return;
    if (text[0] == '<') {
        if (dialog_segment_parse(&seg, text + 2))
            dialog_send(d, &seg);
        else
            dialog_expect(d, "not understood", text, line);
    } else if (sscanf(text, "flood %u %n", &n, &used) == 1) {
        play_flood(d, n, text + used, line);
    } else if (!play_call(d, text, line) && !play_look(d, text, line)) {
        dialog_expect(d, "not understood", text, line);
    }
}

void
dialog_play(const char *file, unsigned line, bool *used, const char *question,
    const char *script)
{
    struct dialog *d = calloc(1, sizeof *d);

    d->file = file;
    d->line = line;
    d->used = used;
    d->question = question;
    dialog_begin(d);
    while (*script && !d->failed) {
        const char *end = strchr(script, '\n');
        char text[160];

        snprintf(text, sizeof text, "%.*s", (int)(end - script), script);
        play_line(d, text);
        script = end + 1;
    }
    if (!d->failed)
        dialog_expect_silence(d, "the end");
    if (d->l)
        tcp_unlisten(d->l);
    for (unsigned i = 0; i < PEERS; i++)
        if (d->conn[i])
            tcp_abort(d->conn[i]);
    tcp_world_close(&d->w);
    free(d);
}
