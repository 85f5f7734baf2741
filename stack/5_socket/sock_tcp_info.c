/*
 * sock_tcp_info.c: getsockopt(2) of TCP_INFO, TCP_CONGESTION and SO_MEMINFO:
 * what TCP knows of a connection, in the layout that Linux gives to ss(8) and
 * to every program that asks. Units as there: times in microseconds, those
 * that begin with last_ in milliseconds, windows of congestion in segments.
 */
#include "sock_tcp.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>

#define SO_MEMINFO_NAME 55 /* SO_MEMINFO of asm-generic/socket.h */
#define CWND_UNLIMITED  0x7fffffff

/* The numbers of TCP's states in Linux (include/net/tcp_states.h). */
uint8_t
tcp_sock_linux_state(enum tcp_state s)
{
    static const uint8_t number[TCP_STATE_COUNT] = {[TCP_CLOSED] = 7,
        [TCP_LISTEN] = 10,
        [TCP_SYN_SENT] = 2,
        [TCP_SYN_RECEIVED] = 3,
        [TCP_ESTABLISHED] = 1,
        [TCP_FIN_WAIT_1] = 4,
        [TCP_FIN_WAIT_2] = 5,
        [TCP_CLOSE_WAIT] = 8,
        [TCP_CLOSING] = 11,
        [TCP_LAST_ACK] = 9,
        [TCP_TIME_WAIT] = 6};

    return number[s];
}

static uint32_t
usecs(int64_t ns)
{
    return (uint32_t)(ns / LW_US);
}

static uint32_t
msecs(int64_t ns)
{
    return (uint32_t)(ns / LW_MS);
}

static void
fill_state(struct tcp_info *i, const struct tcp_facts *f)
{
    i->tcpi_state = tcp_sock_linux_state(f->state);
    i->tcpi_ca_state = f->timeout    ? TCP_CA_Loss
                       : f->fast     ? TCP_CA_Recovery
                       : f->crowded  ? TCP_CA_CWR
                       : f->disorder ? TCP_CA_Disorder
                                     : TCP_CA_Open;
    i->tcpi_retransmits = f->retries;
    i->tcpi_probes = f->probes;
    i->tcpi_backoff = f->backoff;
    i->tcpi_options =
        (uint8_t)((f->timestamps ? TCPI_OPT_TIMESTAMPS : 0) |
                  (f->sack ? TCPI_OPT_SACK : 0) | (f->ecn ? TCPI_OPT_ECN : 0) |
                  (f->ecn_seen ? TCPI_OPT_ECN_SEEN : 0) |
                  (f->wscale_ok ? TCPI_OPT_WSCALE : 0));
    i->tcpi_snd_wscale = f->snd_wscale & 15;
    i->tcpi_rcv_wscale = f->rcv_wscale & 15;
    i->tcpi_snd_mss = f->snd_mss;
    i->tcpi_rcv_mss = f->rcv_mss;
    i->tcpi_advmss = f->adv_mss;
    i->tcpi_pmtu = f->path_mtu;
}

static void
fill_window(struct tcp_info *i, const struct tcp_facts *f)
{
    i->tcpi_unacked = f->out;
    i->tcpi_sacked = f->sacked;
    i->tcpi_lost = f->lost;
    i->tcpi_retrans = f->again;
    i->tcpi_reordering = f->reordering;
    i->tcpi_reord_seen = f->reorderings;
    i->tcpi_dsack_dups = f->dsacks;
    i->tcpi_snd_cwnd = f->snd_mss ? f->cwnd / f->snd_mss : 0;
    i->tcpi_snd_ssthresh = f->ssthresh >= UINT32_MAX / 2 || !f->snd_mss
                               ? CWND_UNLIMITED
                               : f->ssthresh / f->snd_mss;
    i->tcpi_rcv_ssthresh = f->rcv_space;
    i->tcpi_rcv_space = f->rcv_space;
    i->tcpi_snd_wnd = f->snd_wnd;
    i->tcpi_notsent_bytes = f->unsent;
}

static void
fill_times(struct tcp_info *i, const struct tcp_facts *f)
{
    i->tcpi_rto = usecs(f->rto);
    i->tcpi_ato = usecs(f->ato);
    i->tcpi_rtt = usecs(f->srtt);
    i->tcpi_rttvar = usecs(f->rttvar);
    i->tcpi_min_rtt = f->min_rtt ? usecs(f->min_rtt) : UINT32_MAX;
    i->tcpi_last_data_sent = msecs(f->since_sent);
    i->tcpi_last_data_recv = msecs(f->since_received);
    i->tcpi_last_ack_recv = msecs(f->since_ack);
    i->tcpi_busy_time = (uint64_t)(f->busy / LW_US);
    i->tcpi_rwnd_limited = (uint64_t)(f->window_limited / LW_US);
    i->tcpi_sndbuf_limited = (uint64_t)(f->buffer_limited / LW_US);
}

static void
fill_sums(struct tcp_info *i, const struct tcp_facts *f)
{
    i->tcpi_total_retrans = f->retransmits;
    i->tcpi_bytes_sent = f->bytes_sent;
    i->tcpi_bytes_retrans = f->bytes_again;
    i->tcpi_bytes_acked = f->bytes_acked;
    i->tcpi_bytes_received = f->bytes_received;
    i->tcpi_segs_out = f->segments_out;
    i->tcpi_segs_in = f->segments_in;
    i->tcpi_data_segs_out = f->data_out;
    i->tcpi_data_segs_in = f->data_in;
    i->tcpi_delivered = f->delivered;
}

static void
tcp_info_of(struct tcp_sock *t, struct tcp_info *i)
{
    struct tcp_facts f;

    memset(i, 0, sizeof *i);
    i->tcpi_state = tcp_sock_linux_state(t->l ? TCP_LISTEN : TCP_CLOSED);
    i->tcpi_max_pacing_rate = sock_rare_of(&t->s)->max_pacing_rate;
    i->tcpi_pacing_rate = i->tcpi_max_pacing_rate;
    if (!t->c)
        return;
    f = tcp_facts(t->c);
    if (f.state == TCP_TIME_WAIT) /* that is nobody's any more */
        f.state = TCP_CLOSED;
    fill_state(i, &f);
    fill_window(i, &f);
    fill_times(i, &f);
    fill_sums(i, &f);
    i->tcpi_pacing_rate = f.pacing_rate;
}

static void
meminfo_of(struct tcp_sock *t, uint32_t m[SK_MEMINFO_VARS])
{
    const struct tcp_config *config = tcp_config(t->s.f.k->tcp);

    memset(m, 0, SK_MEMINFO_VARS * sizeof *m);
    m[SK_MEMINFO_RCVBUF] = config->rcvbuf;
    m[SK_MEMINFO_SNDBUF] = config->sndbuf;
    if (!t->c)
        return;
    m[SK_MEMINFO_RMEM_ALLOC] = tcp_readable(t->c);
    m[SK_MEMINFO_SNDBUF] = (uint32_t)tcp_sock_get(t, TCP_OPT_SNDBUF);
    m[SK_MEMINFO_WMEM_QUEUED] = tcp_wmem_queued(t->c);
}

/* As much of the 16 bytes of TCP_CA_NAME_MAX as there is room for. */
static int
give_name(bool cubic, void *value, socklen_t *len)
{
    char name[16] = {0};

    strcpy(name, cubic ? "cubic" : "reno");
    return sock_give(name, sizeof name, value, len);
}

/* tcp(7), TCP_CONGESTION: a name, not necessarily zero-terminated. */
int
tcp_sock_setraw(
    struct sock *s, int level, int name, const void *value, socklen_t len)
{
    char ca[16] = {0};
    bool cubic;

    if (level != IPPROTO_TCP || name != TCP_CONGESTION)
        return -ENOPROTOOPT;
    if (len < 1)
        return -EINVAL;
    memcpy(ca, value, len < sizeof ca ? len : sizeof ca - 1);
    cubic = strcmp(ca, "cubic") == 0;
    if (!cubic && strcmp(ca, "reno") != 0)
        return -ENOENT; /* no such module */
    return tcp_sock_set(tcp_sock_of(s), TCP_OPT_CUBIC, cubic);
}

int
tcp_sock_getraw(
    struct sock *s, int level, int name, void *value, socklen_t *len)
{
    struct tcp_sock *t = tcp_sock_of(s);

    if (level == IPPROTO_TCP && name == TCP_INFO) {
        struct tcp_info info;

        tcp_info_of(t, &info);
        return sock_give(&info, sizeof info, value, len);
    }
    if (level == IPPROTO_TCP && name == TCP_CONGESTION)
        return give_name(tcp_sock_get(t, TCP_OPT_CUBIC), value, len);
    if (level == IPPROTO_TCP && name == TCP_CC_INFO) {
        *len = 0; /* neither CUBIC nor Reno has more to tell */
        return 0;
    }
    if (level == SOL_SOCKET && name == SO_MEMINFO_NAME) {
        uint32_t m[SK_MEMINFO_VARS];

        meminfo_of(t, m);
        return sock_give(m, sizeof m, value, len);
    }
    return -ENOPROTOOPT;
}
