/*
 * dialog_text.c: what the words of a dialogue mean.
 */
#include "dialog_text.h"
#include "bytes.h"
#include "tcp_conn.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t
flags_of(const char *text)
{
    static const char letters[] = "FSRP.UEW";
    uint8_t flags = 0;

    for (; *text; text++) {
        const char *at = strchr(letters, *text);

        if (at)
            flags |= (uint8_t)(1 << (at - letters));
    }
    return flags;
}

static const char *const ecn_names[] = {"", "[ect1] ", "[ect0] ", "[ce] "};

/* The number behind a word; `other` when the word is not there. */
static uint32_t
number_after(const char *text, const char *word, uint32_t other)
{
    const char *at = strstr(text, word);

    return at ? (uint32_t)strtoul(at + strlen(word), NULL, 10) : other;
}

static const char *
parse_ecn(struct dialog_segment *s, const char *text)
{
    for (uint8_t i = 1; i < LW_COUNT(ecn_names); i++) {
        size_t n = strlen(ecn_names[i]);

        if (strncmp(text, ecn_names[i], n) == 0) {
            s->tos |= i;
            return text + n;
        }
    }
    return text;
}

bool
dialog_segment_parse(struct dialog_segment *s, const char *text)
{
    char flags[16];
    unsigned from, to, len;
    const char *at;

    *s = (struct dialog_segment){.ttl = 64};
    text = parse_ecn(s, text);
    if (sscanf(text, "%15s %u:%u(%u)", flags, &from, &to, &len) != 4 ||
        to - from != len)
        return false;
    s->flags = strcmp(flags, "-") == 0 ? 0 : flags_of(flags);
    s->seq = from;
    s->len = len;
    s->ack = number_after(text, "ack ", 0);
    s->win = number_after(text, "win ", 65535);
    s->tos |= (uint8_t)number_after(text, "tos ", 0);
    s->up = (uint16_t)number_after(text, "urg ", 0);
    s->ttl = (uint8_t)number_after(text, "ttl ", 64);
    s->offset = (uint8_t)number_after(text, "offset ", 0);
    s->cut = (uint8_t)number_after(text, "cut ", 0);
    s->bad_sum = strstr(text, "badsum") != NULL;
    at = strchr(text, '<');
    if (at)
        sscanf(at + 1, "%127[^>]", s->options);
    return true;
}

void
dialog_segment_text(
    const struct dialog_segment *s, const char *wanted, char *buf, size_t size)
{
    char flags[9], more[192] = "";
    size_t n;

    tcp_flags_text(s->flags, flags);
    if (s->flags & SEG_ACK)
        snprintf(more, sizeof more, " ack %u", s->ack);
    n = strlen(more);
    if (strstr(wanted, "win "))
        snprintf(more + n, sizeof more - n, " win %u", s->win);
    n = strlen(more);
    if (s->flags & SEG_URG)
        snprintf(more + n, sizeof more - n, " urg %u", s->up);
    n = strlen(more);
    if (strstr(wanted, "tos "))
        snprintf(more + n, sizeof more - n, " tos %u", s->tos & 0xfcu);
    n = strlen(more);
    if (strstr(wanted, "ttl "))
        snprintf(more + n, sizeof more - n, " ttl %u", s->ttl);
    n = strlen(more);
    if (strchr(wanted, '<'))
        snprintf(more + n, sizeof more - n, " <%s>", s->options);
    snprintf(buf, size, "%s%s %u:%u(%u)%s", ecn_names[s->tos & 3], flags,
        s->seq, s->seq + s->len, s->len, more);
}

/* --- options ---------------------------------------------------------- */

static void
build_one(struct writer *w, const char *word, uint32_t ts_base, struct seq iss)
{
    unsigned a, b;
    int used = 0;

    if (sscanf(word, "mss %u", &a) == 1) {
        put_be16(w, 0x0204);
        put_be16(w, (uint16_t)a);
    } else if (sscanf(word, "wscale %u", &a) == 1) {
        put_be16(w, 0x0303);
        put_u8(w, (uint8_t)a);
    } else if (sscanf(word, "TS val %u ecr %u", &a, &b) == 2) {
        put_be16(w, 0x080a);
        put_be32(w, a);
        put_be32(w, b + ts_base);
    } else if (sscanf(word, "raw %x%n", &a, &used) == 1) {
        put_u8(w, (uint8_t)a);
        for (word += used; sscanf(word, " %x%n", &a, &used) == 1; word += used)
            put_u8(w, (uint8_t)a);
    } else if (strncmp(word, "sackOK", 6) == 0) {
        put_be16(w, 0x0402);
    } else if (strncmp(word, "sack ", 5) == 0) {
        uint8_t *at = put_room(w, 2);

        for (word += 5; sscanf(word, "%u:%u%n", &a, &b, &used) == 2;
             word += used) {
            put_be32(w, seq_add(iss, a).v);
            put_be32(w, seq_add(iss, b).v);
        }
        at[0] = 5;
        at[1] = (uint8_t)(w->at - at);
    } else if (strcmp(word, "nop") == 0) {
        put_u8(w, 1);
    } else {
        assert(!"an option that dialog_text.c knows");
    }
}

size_t
dialog_options_build(
    const char *text, uint8_t *buf, uint32_t ts_base, struct seq iss)
{
    struct writer w = writer_of(buf, 40);
    char copy[128], *save = NULL;

    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok_r(copy, ",", &save); word;
         word = strtok_r(NULL, ",", &save))
        build_one(&w, word, ts_base, iss);
    while (writer_len(&w) % 4)
        put_u8(&w, 0);
    assert(!w.over);
    return writer_len(&w);
}

static void
text_one(const uint8_t *o, char *buf, size_t size, uint32_t *ts_base,
    bool *ts_known, struct seq peer_iss)
{
    struct cursor c = cursor_of(o + 2, o[1] - 2u);
    size_t n = 0;
    uint32_t a, b;

    switch (o[0]) {
    case 2: snprintf(buf, size, "mss %u", get_be16(&c)); break;
    case 3: snprintf(buf, size, "wscale %u", get_u8(&c)); break;
    case 4: snprintf(buf, size, "sackOK"); break;
    case 5:
        n = (size_t)snprintf(buf, size, "sack");
        while (cursor_left(&c) >= 8) {
            a = get_be32(&c) - peer_iss.v;
            b = get_be32(&c) - peer_iss.v;
            n += (size_t)snprintf(buf + n, size - n, " %u:%u", a, b);
        }
        break;
    case 8:
        a = get_be32(&c);
        if (!*ts_known)
            *ts_base = a;
        *ts_known = true;
        snprintf(buf, size, "TS val %u ecr %u", a - *ts_base, get_be32(&c));
        break;
    default: snprintf(buf, size, "option %u", o[0]); break;
    }
}

void
dialog_options_text(const uint8_t *data, size_t len, char *buf, size_t size,
    uint32_t *ts_base, bool *ts_known, struct seq peer_iss)
{
    buf[0] = '\0';
    for (size_t i = 0; i < len; i += data[i] <= 1 ? 1 : data[i + 1]) {
        char word[96];
        size_t n = strlen(buf);

        if (data[i] == 1)
            snprintf(word, sizeof word, "nop");
        else if (data[i] == 0)
            snprintf(word, sizeof word, "eol");
        else
            text_one(data + i, word, sizeof word, ts_base, ts_known, peer_iss);
        snprintf(buf + n, size - n, "%s%s", n ? "," : "", word);
    }
}

/* --- results ---------------------------------------------------------- */

void
dialog_result_text(int64_t result, char *buf, size_t size)
{
    const char *name = result < 0 ? strerrorname_np((int)-result) : NULL;

    if (name)
        snprintf(buf, size, "%s", name);
    else
        snprintf(buf, size, "%lld", (long long)result);
}

void
dialog_poll_text(unsigned ready, char *buf, size_t size)
{
    static const struct {
        unsigned bit;
        const char *name;
    } bits[] = {{TCP_IN, "IN"}, {TCP_OUT, "OUT"}, {TCP_ERR, "ERR"},
        {TCP_HUP, "HUP"}, {TCP_PRI, "PRI"}, {TCP_RDHUP, "RDHUP"}};

    buf[0] = '\0';
    for (unsigned i = 0; i < LW_COUNT(bits); i++) {
        size_t n = strlen(buf);

        if (ready & bits[i].bit)
            snprintf(buf + n, size - n, "%s%s", n ? " " : "", bits[i].name);
    }
}

enum tcp_option
dialog_option(const char *name)
{
    static const char *const names[] = {"nodelay", "cork", "quickack", "sndbuf",
        "rcvbuf", "maxseg", "keepalive", "keepidle", "keepintvl", "keepcnt",
        "user_timeout", "syncnt", "linger2", "defer_accept", "window_clamp",
        "notsent_lowat", "tos", "ttl", "oob_inline", "mtu_discover", "recverr",
        "card", "cubic"};

    static_assert(LW_COUNT(names) == TCP_OPT_COUNT, "one for each option");

    for (unsigned i = 0; i < LW_COUNT(names); i++)
        if (strcmp(names[i], name) == 0)
            return (enum tcp_option)i;
    assert(!"an option of tcp.h");
    return TCP_OPT_NODELAY;
}

/* Those that are times, in milliseconds. False: not one of them. */
static bool
sysctl_time(struct tcp_config *config, const char *name, int64_t ns)
{
    if (strcmp(name, "min_rto_ms") == 0)
        config->min_rto_ns = ns;
    else if (strcmp(name, "max_rto_ms") == 0)
        config->max_rto_ns = ns;
    else if (strcmp(name, "min_rttvar_ms") == 0)
        config->min_rttvar_ns = ns;
    else if (strcmp(name, "reorder_tick_ms") == 0)
        config->reorder_tick_ns = ns;
    else if (strcmp(name, "syn_r2_ms") == 0)
        config->syn_r2_ns = ns;
    else
        return false;
    return true;
}

/* What becomes of those who guess, and of the silent. Likewise. */
static bool
sysctl_other_end(struct tcp_config *config, const char *name, int value)
{
    if (strcmp(name, "insecure_rst") == 0)
        config->insecure_rst = value;
    else if (strcmp(name, "insecure_syn") == 0)
        config->insecure_syn = value;
    else if (strcmp(name, "rfc_errors") == 0)
        config->rfc_errors = value;
    else if (strcmp(name, "keepalive_time") == 0)
        config->keepidle = (uint16_t)value;
    else if (strcmp(name, "keepalive_intvl") == 0)
        config->keepintvl = (uint16_t)value;
    else if (strcmp(name, "keepalive_probes") == 0)
        config->keepcnt = (uint8_t)value;
    else if (strcmp(name, "drop_synfin") == 0)
        config->drop_synfin = (unsigned)value;
    else
        return false;
    return true;
}

void
dialog_sysctl(struct tcp_config *config, const char *name, int value)
{
    if (strcmp(name, "sndbuf") == 0)
        config->sndbuf = (uint32_t)value;
    else if (strcmp(name, "rcvbuf") == 0)
        config->rcvbuf = (uint32_t)value;
    else if (strcmp(name, "rcvbuf_first") == 0)
        config->rcvbuf_first = (uint32_t)value;
    else if (strcmp(name, "timestamps") == 0)
        config->timestamps = value;
    else if (strcmp(name, "sack") == 0)
        config->sack = value;
    else if (strcmp(name, "window_scaling") == 0)
        config->window_scaling = value;
    else if (strcmp(name, "initial_window") == 0)
        config->initial_window = (unsigned)value;
    else if (strcmp(name, "quick_acks") == 0)
        config->quick_acks = (unsigned)value;
    else if (strcmp(name, "syn_retries") == 0)
        config->syn_retries = (unsigned)value;
    else if (strcmp(name, "syncookies") == 0)
        config->syncookies = (unsigned)value;
    else if (strcmp(name, "abort_on_overflow") == 0)
        config->abort_on_overflow = value;
    else if (strcmp(name, "max_syn_backlog") == 0)
        config->max_syn_backlog = (unsigned)value;
    else if (strcmp(name, "synack_retries") == 0)
        config->synack_retries = (unsigned)value;
    else if (strcmp(name, "data_retries") == 0)
        config->data_retries = (unsigned)value;
    else if (strcmp(name, "tail_probe") == 0)
        config->tail_probe = value;
    else if (strcmp(name, "mtu_probing") == 0)
        config->mtu_probing = (unsigned)value;
    else if (strcmp(name, "r1_retries") == 0)
        config->r1_retries = (unsigned)value;
    else if (strcmp(name, "ecn") == 0)
        config->ecn = (unsigned)value;
    else if (strcmp(name, "burst_least") == 0)
        config->burst_least = (unsigned)value;
    else if (strcmp(name, "rack") == 0)
        config->rack = value;
    else if (strcmp(name, "dsack") == 0)
        config->dsack = value;
    else if (strcmp(name, "frto") == 0)
        config->frto = value;
    else if (strcmp(name, "cubic") == 0)
        config->cubic = value;
    else if (strcmp(name, "pacing") == 0)
        config->pacing = value;
    else if (strcmp(name, "in_turns") == 0)
        config->in_turns = value;
    else if (strcmp(name, "slow_start_limit") == 0)
        config->slow_start_limit = (unsigned)value;
    else if (!sysctl_time(config, name, value * LW_MS) &&
             !sysctl_other_end(config, name, value))
        assert(!"a setting of tcp.h");
}
