/*
 * settings.c: how the stack under test is set up: two profiles, settings on
 * the command line, and those sysctls of Linux that scripts write.
 *
 *     linux   Linux's defaults: first segments acknowledged at once, the
 *             timeout of a retransmission not below 200 ms
 *     rfc     what the RFCs say: an ACK for every second segment from the
 *             first, at least 1 s of timeout, windows of 16 bits
 */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tcp_config *
settings_config(struct engine *e)
{
    return tcp_config(host_tcp(e->host));
}

/* What our stack does otherwise unless it is told. */
static void
profile_linux(struct tcp_config *c)
{
    c->syn_r2_ns = 0;           /* tcp_syn_retries count */
    c->reorder_tick_ns = LW_MS; /* of 1000 a second */
}

static void
profile_rfc(struct tcp_config *c)
{
    c->min_rto_ns = LW_S;
    c->delayed_ack_ns = 200 * LW_MS;
    c->quick_acks = 0;
    c->rcvbuf = 65535;
    c->min_rttvar_ns = LW_MS;
    c->slow_start_limit = 2;
    c->cubic = false;
    c->tail_probe = false;
    c->rfc_errors = true;
}

/* The middle of three numbers is the default, the last the most. */
static void
buffers(const char *value, unsigned long *usual, unsigned long *most)
{
    unsigned long least;

    if (sscanf(value, "%lu %lu %lu", &least, usual, most) != 3)
        *usual = *most = strtoul(value, NULL, 10);
}

/* Of the queue below TCP, and of its speed. */
static bool
set_pacing(struct tcp_config *c, const char *key, long n)
{
    if (strcmp(key, "pacing") == 0) /* tc: is the queue fq? */
        c->pacing = n != 0;
    else if (strcmp(key, "tcp_pacing_ss_ratio") == 0)
        c->pacing_ss_ratio = (unsigned)n;
    else if (strcmp(key, "tcp_pacing_ca_ratio") == 0)
        c->pacing_ca_ratio = (unsigned)n;
    else
        return false;
    return true;
}

/* Before the first keep-alive, between them, and how many: Linux's names, and
 * FreeBSD's, which count milliseconds. */
static bool
set_keepalive(struct tcp_config *c, const char *key, long n)
{
    if (strcmp(key, "tcp_keepalive_time") == 0)
        c->keepidle = (uint16_t)n;
    else if (strcmp(key, "tcp_keepalive_intvl") == 0)
        c->keepintvl = (uint16_t)n;
    else if (strcmp(key, "keepidle") == 0)
        c->keepidle = (uint16_t)(n / 1000);
    else if (strcmp(key, "keepintvl") == 0)
        c->keepintvl = (uint16_t)(n / 1000);
    else if (strcmp(key, "tcp_keepalive_probes") == 0 ||
             strcmp(key, "keepcnt") == 0)
        c->keepcnt = (uint8_t)n;
    else
        return false;
    return true;
}

/* What Linux has no sysctl for; some have FreeBSD's names. */
static void
set_own(struct tcp_config *c, const char *key, long n)
{
    if (strcmp(key, "hystart") == 0) {
        c->hystart = n != 0;
    } else if (strcmp(key, "min_rto_ms") == 0) {
        c->min_rto_ns = n * LW_MS;
    } else if (strcmp(key, "min_rttvar_ms") == 0) {
        c->min_rttvar_ns = n * LW_MS;
    } else if (strcmp(key, "reorder_tick_ms") == 0) {
        c->reorder_tick_ns = n * LW_MS;
    } else if (strcmp(key, "slow_start_limit") == 0) {
        c->slow_start_limit = (unsigned)n;
    } else if (strcmp(key, "delayed_ack_ms") == 0) {
        c->delayed_ack_ns = n * LW_MS;
    } else if (strcmp(key, "quick_acks") == 0) {
        c->quick_acks = (unsigned)n;
    } else if (strcmp(key, "initial_window") == 0) {
        c->initial_window = (unsigned)n;
    } else if (strcmp(key, "insecure_rst") == 0) {
        c->insecure_rst = n != 0;
    } else if (strcmp(key, "insecure_syn") == 0) {
        c->insecure_syn = n != 0;
    } else if (strcmp(key, "drop_synfin") == 0) {
        c->drop_synfin = n ? 2 : 0;
    } /* else: a sysctl of something that this stack does not have */
}

/* One setting by the name of Linux's sysctl, without its folders. */
static void
set(struct tcp_config *c, const char *key, const char *value)
{
    long n = strtol(value, NULL, 0);
    unsigned long usual = 0, most = 0;

    if (strcmp(key, "tcp_rmem") == 0) {
        buffers(value, &usual, &most);
        c->rcvbuf = (uint32_t)most;
        c->rcvbuf_first = (uint32_t)(usual / 2);
    } else if (strcmp(key, "tcp_wmem") == 0) {
        buffers(value, &usual, &most);
        c->sndbuf = (uint32_t)usual;
        c->sndbuf_most = (uint32_t)most;
    } else if (strcmp(key, "tcp_timestamps") == 0) {
        c->timestamps = n != 0;
    } else if (strcmp(key, "tcp_rto_max_ms") == 0) {
        c->max_rto_ns = n * LW_MS;
    } else if (strcmp(key, "tcp_sack") == 0) {
        c->sack = n != 0;
    } else if (strcmp(key, "tcp_window_scaling") == 0) {
        c->window_scaling = n != 0;
    } else if (strcmp(key, "tcp_retries1") == 0) {
        c->r1_retries = (unsigned)n;
    } else if (strcmp(key, "tcp_mtu_probing") == 0) {
        c->mtu_probing = (unsigned)n;
    } else if (strcmp(key, "tcp_base_mss") == 0) {
        c->base_mss = (unsigned)n;
    } else if (strcmp(key, "tcp_ecn") == 0) {
        c->ecn = (unsigned)n;
    } else if (strcmp(key, "tcp_syn_retries") == 0) {
        c->syn_retries = (unsigned)n;
    } else if (strcmp(key, "tcp_syncookies") == 0) {
        c->syncookies = (unsigned)n;
    } else if (strcmp(key, "tcp_max_syn_backlog") == 0) {
        c->max_syn_backlog = (unsigned)n;
    } else if (strcmp(key, "tcp_abort_on_overflow") == 0) {
        c->abort_on_overflow = n != 0;
    } else if (strcmp(key, "tcp_notsent_lowat") == 0) {
        c->notsent_lowat = (uint32_t)n;
    } else if (strcmp(key, "tcp_synack_retries") == 0) {
        c->synack_retries = (unsigned)n;
    } else if (strcmp(key, "tcp_retries2") == 0) {
        c->data_retries = (unsigned)n;
    } else if (strcmp(key, "tcp_slow_start_after_idle") == 0) {
        c->restart_after_idle = n != 0;
    } else if (strcmp(key, "tcp_min_tso_segs") == 0) {
        c->burst_least = (unsigned)n;
    } else if (strcmp(key, "tcp_recovery") == 0) {
        c->rack = n & 1;
    } else if (strcmp(key, "tcp_dsack") == 0) {
        c->dsack = n != 0;
    } else if (strcmp(key, "tcp_frto") == 0) {
        c->frto = n != 0;
    } else if (strcmp(key, "tcp_early_retrans") == 0) {
        c->tail_probe = n >= 3;
    } else if (strcmp(key, "tcp_congestion_control") == 0) {
        c->cubic = strncmp(value, "reno", 4) != 0;
    } else if (!set_pacing(c, key, n) && !set_keepalive(c, key, n)) {
        set_own(c, key, n);
    }
}

/* "net.ipv4.tcp_sack=1", "/proc/sys/net/ipv4/tcp_sack=1", quotes allowed. */
static void
set_line(struct engine *e, char *line)
{
    char *value = strchr(line, '='), *key = line;

    if (!value)
        return;
    *value++ = '\0';
    for (char *at = line; *at; at++)
        if (*at == '.' || *at == '/')
            key = at + 1;
    if (*value == '"')
        value++;
    if (strcmp(key, "mtu") == 0 && e->card)
        e->card->mtu = (unsigned)strtoul(value, NULL, 0);
    else
        set(settings_config(e), key, value);
}

void
settings_reread(struct engine *e)
{
    char line[512];
    FILE *f = e->sysctl_path[0] ? fopen(e->sysctl_path, "r") : NULL;

    if (!f)
        return;
    fseek(f, e->sysctl_read, SEEK_SET);
    while (fgets(line, sizeof line, f))
        set_line(e, line);
    e->sysctl_read = ftell(f);
    fclose(f);
}

static struct ipv4
address(const char *text)
{
    unsigned b[4] = {0};

    sscanf(text, "%u.%u.%u.%u", &b[0], &b[1], &b[2], &b[3]);
    return (struct ipv4){b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]};
}

void
settings_flags(
    struct engine *e, const char *flags, struct ipv4 *local, unsigned *mtu)
{
    char *copy = strdup(flags), *next = copy, *one;

    while ((one = strsep(&next, ",")) != NULL) {
        if (strcmp(one, "rfc") == 0)
            profile_rfc(settings_config(e));
        else if (strncmp(one, "local=", 6) == 0)
            *local = address(one + 6);
        else if (strncmp(one, "mtu=", 4) == 0)
            *mtu = (unsigned)strtoul(one + 4, NULL, 10);
        else if (strncmp(one, "sysctl=", 7) == 0)
            snprintf(e->sysctl_path, sizeof e->sysctl_path, "%s", one + 7);
        else if (strncmp(one, "states=", 7) == 0)
            snprintf(e->states_path, sizeof e->states_path, "%s", one + 7);
        else if (strchr(one, '='))
            set_line(e, one);
        else if (strcmp(one, "linux") == 0)
            profile_linux(settings_config(e));
        else if (*one) {
            fprintf(stderr, "layerwalk: no profile '%s'\n", one);
            exit(EXIT_FAILURE);
        }
    }
    free(copy);
}
