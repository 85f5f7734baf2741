/*
 * test_options.c: every option that programs set, on every kind of socket,
 * with good values, bad values and odd lengths: what setsockopt(2) answers
 * and what getsockopt(2) then gives must be what Linux answers, in a network
 * namespace of its own and without privileges.
 *
 * The list is what nginx, curl, PHP, dnsmasq, iperf3, redis, systemd's
 * resolver and Python's asyncio set or ask, by their sources. Buffer sizes
 * are not in it: their limits are sysctls of the whole machine, which may
 * have been changed (test_socket.c has them).
 */
#include "same_words.h"
#include "state_peer.h"
#include "check.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPTION(level, name)                                                    \
    {                                                                          \
        level, name, #name                                                     \
    }

static const struct {
    int level, name;
    const char *text;
} options[] = {
    OPTION(SOL_SOCKET, SO_DEBUG),
    OPTION(SOL_SOCKET, SO_REUSEADDR),
    OPTION(SOL_SOCKET, SO_TYPE),
    OPTION(SOL_SOCKET, SO_ERROR),
    OPTION(SOL_SOCKET, SO_DONTROUTE),
    OPTION(SOL_SOCKET, SO_BROADCAST),
    OPTION(SOL_SOCKET, SO_KEEPALIVE),
    OPTION(SOL_SOCKET, SO_OOBINLINE),
    OPTION(SOL_SOCKET, SO_NO_CHECK),
    OPTION(SOL_SOCKET, SO_PRIORITY),
    OPTION(SOL_SOCKET, SO_LINGER),
    OPTION(SOL_SOCKET, SO_REUSEPORT),
    OPTION(SOL_SOCKET, SO_RCVLOWAT),
    OPTION(SOL_SOCKET, SO_SNDLOWAT),
    OPTION(SOL_SOCKET, SO_RCVTIMEO),
    OPTION(SOL_SOCKET, SO_SNDTIMEO),
    OPTION(SOL_SOCKET, SO_TIMESTAMP),
    OPTION(SOL_SOCKET, SO_ACCEPTCONN),
    OPTION(SOL_SOCKET, SO_SNDBUFFORCE),
    OPTION(SOL_SOCKET, SO_RCVBUFFORCE),
    OPTION(SOL_SOCKET, SO_TIMESTAMPNS),
    OPTION(SOL_SOCKET, SO_MARK),
    OPTION(SOL_SOCKET, SO_PROTOCOL),
    OPTION(SOL_SOCKET, SO_DOMAIN),
    OPTION(SOL_SOCKET, SO_BUSY_POLL),
    OPTION(SOL_SOCKET, SO_MAX_PACING_RATE),
    OPTION(SOL_SOCKET, 9999),
    OPTION(IPPROTO_IP, IP_TOS),
    OPTION(IPPROTO_IP, IP_TTL),
    OPTION(IPPROTO_IP, IP_OPTIONS),
    OPTION(IPPROTO_IP, IP_PKTINFO),
    OPTION(IPPROTO_IP, IP_MTU_DISCOVER),
    OPTION(IPPROTO_IP, IP_RECVERR),
    OPTION(IPPROTO_IP, IP_RECVTTL),
    OPTION(IPPROTO_IP, IP_RECVTOS),
    OPTION(IPPROTO_IP, IP_MTU),
    OPTION(IPPROTO_IP, IP_FREEBIND),
    OPTION(IPPROTO_IP, IP_TRANSPARENT),
    OPTION(IPPROTO_IP, IP_RECVORIGDSTADDR),
    OPTION(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT),
    OPTION(IPPROTO_IP, 999),
    OPTION(IPPROTO_TCP, TCP_NODELAY),
    OPTION(IPPROTO_TCP, TCP_MAXSEG),
    OPTION(IPPROTO_TCP, TCP_CORK),
    OPTION(IPPROTO_TCP, TCP_KEEPIDLE),
    OPTION(IPPROTO_TCP, TCP_KEEPINTVL),
    OPTION(IPPROTO_TCP, TCP_KEEPCNT),
    OPTION(IPPROTO_TCP, TCP_SYNCNT),
    OPTION(IPPROTO_TCP, TCP_LINGER2),
    OPTION(IPPROTO_TCP, TCP_DEFER_ACCEPT),
    OPTION(IPPROTO_TCP, TCP_QUICKACK),
    OPTION(IPPROTO_TCP, TCP_USER_TIMEOUT),
    OPTION(IPPROTO_TCP, TCP_NOTSENT_LOWAT),
    OPTION(IPPROTO_TCP, 999),
    OPTION(IPPROTO_UDP, 999),
    OPTION(250, 10),
};

static const struct {
    const char *name, *script;
} kinds[] = {
    {"TCP", "tcp a"},
    {"TCP listening", "tcp a; bind a :0; listen a 3"},
    {"TCP connected", "tcp l; bind l :0; listen l 3; tcp a; connect a =l"},
    {"UDP", "udp a"},
    {"UDP connected", "udp a; connect a :9"},
    {"Unix", "unix a"},
};

static const struct {
    int value;
    socklen_t len;
} tries[] = {{0, 4}, {1, 4}, {-1, 4}, {2, 4}, {5, 4}, {6, 4}, {7, 4}, {127, 4},
    {128, 4}, {255, 4}, {256, 4}, {1000, 4}, {32767, 4}, {32768, 4},
    {1 << 20, 4}, {INT32_MAX, 4}, {INT32_MIN, 4}, {1, 0}, {1, 1}, {1, 2},
    {1, 3}, {1, 5}, {3, 8}, {3, 16}, {300, 1}};

static void
say_value(struct side *s, int fd, unsigned o, socklen_t room)
{
    uint8_t value[64] = {0};
    socklen_t len = room;
    int level = options[o].level, name = options[o].name;
    long ret = BOTH(s, sys_getsockopt(s->p, fd, level, name, value, &len),
        getsockopt(fd, level, name, value, &len));

    if (ret < 0) {
        same_say(s, " %s", strerrorname_np((int)-ret));
        return;
    }
    same_say(s, " %u:", len);
    for (socklen_t i = 0; i < len && i < 16; i++)
        same_say(s, "%02x", value[i]);
}

/* One line of the table: the socket is a new one. */
static void
line(struct stage *s, FILE *out, unsigned k, unsigned o, int try)
{
    struct side *side = &s->side;
    uint8_t value[32] = {0};
    int fd, level = options[o].level, name = options[o].name;

    side->out[0] = '\0';
    same_go(side, kinds[k].script);
    side->out[0] = '\0';
    fd = side->fd[0];
    if (try < 0) {
        for (socklen_t room = 0; room <= 9; room++)
            say_value(side, fd, o, room);
        say_value(side, fd, o, 16);
        fprintf(out, "%s | %s | get |%s\n", kinds[k].name, options[o].text,
            side->out);
    } else {
        memcpy(value, &tries[try].value, 4);
        same_result(side,
            BOTH(side,
                sys_setsockopt(side->p, fd, level, name, value, tries[try].len),
                setsockopt(fd, level, name, value, tries[try].len)));
        say_value(side, fd, o, 16);
        fprintf(out, "%s | %s | set %d in %u bytes |%s\n", kinds[k].name,
            options[o].text, tries[try].value, tries[try].len, side->out);
    }
    state_close_all(s);
}

/* Left out: what TCP_MAXSEG is on a connection depends on the window of the
 * peer; and IP options cannot be set here. */
static bool
left_out(unsigned k, unsigned o, int try)
{
    if (options[o].level == IPPROTO_TCP && options[o].name == TCP_MAXSEG)
        return !strcmp(kinds[k].name, "TCP connected");
    return options[o].level == IPPROTO_IP && options[o].name == IP_OPTIONS &&
           try >= 0 && tries[try].len > 0;
}

static void
fill(struct stage *s, FILE *out)
{
    if (!s->side.p)
        state_drop_privileges();
    for (int i = 0; i < 26; i++)
        s->side.fd[i] = -1;
    for (unsigned k = 0; k < LW_COUNT(kinds); k++)
        for (unsigned o = 0; o < LW_COUNT(options); o++)
            for (int try = -1; try < (int)LW_COUNT(tries); try++)
                if (!left_out(k, o, try))
                    line(s, out, k, o, try);
}

static void
every_option_with_every_value(void)
{
    char *mine = state_ours(fill), *theirs = state_linux(fill, 0);
    char *m = mine, *t = theirs;
    unsigned lines = 0;

    while (t && *m && *t) {
        size_t a = strcspn(m, "\n"), b = strcspn(t, "\n");

        m[a] = t[b] = '\0';
        CHECK_TEXT(m, t);
        m += a + 1;
        t += b + 1;
        lines++;
    }
    if (theirs)
        CHECK(lines > 8000 && !*m && !*t);
    else
        printf("\n    not compared: no namespace or no /dev/net/tun here\n");
    free(mine);
    free(theirs);
}

/* --- SO_MAX_PACING_RATE, which has 64 bits -------------------------------- */

static const uint64_t rates[] = {0, 1, 100000, UINT32_MAX - 1, UINT32_MAX,
    (uint64_t)UINT32_MAX + 1, 1ull << 40, UINT64_MAX - 1, UINT64_MAX};

static void
say_rate(struct side *s, int fd, FILE *out)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;

    s->out[0] = '\0';
    for (socklen_t room = 3; room <= 9; room++)
        for (unsigned o = 0; o < LW_COUNT(options); o++)
            if (options[o].level == SOL_SOCKET &&
                options[o].name == SO_MAX_PACING_RATE)
                say_value(s, fd, o, room);
    BOTH(s, sys_getsockopt(s->p, fd, IPPROTO_TCP, TCP_INFO, &info, &len),
        getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len));
    fprintf(out, "%s, info %llx, %s\n", s->out,
        (unsigned long long)info.tcpi_max_pacing_rate,
        info.tcpi_pacing_rate <= info.tcpi_max_pacing_rate ? "kept" : "not");
}

/* Of a socket, the one that listens, and what it accepts. */
static void
fill_rates(struct stage *s, FILE *out)
{
    struct side *side = &s->side;
    long ret = 0;

    for (int i = 0; i < 26; i++)
        side->fd[i] = -1;
    for (unsigned i = 0; i < LW_COUNT(rates); i++) {
        same_go(side, "tcp l; bind l :0; listen l 3; tcp a");
        for (int at = 0; at < 26; at++)
            if (side->fd[at] >= 0)
                ret = BOTH(side,
                    sys_setsockopt(side->p, side->fd[at], SOL_SOCKET,
                        SO_MAX_PACING_RATE, &rates[i], sizeof rates[i]),
                    setsockopt(side->fd[at], SOL_SOCKET, SO_MAX_PACING_RATE,
                        &rates[i], sizeof rates[i]));
        fprintf(out, "%llx: %ld\n", (unsigned long long)rates[i], ret);
        say_rate(side, side->fd[0], out);
        same_go(side, "connect a =l; accept b l");
        for (int at = 0; at < 26; at++)
            if (side->fd[at] >= 0)
                say_rate(side, side->fd[at], out);
        state_close_all(s);
    }
}

static void
a_rate_is_kept_and_inherited_as_in_linux(void)
{
    char *mine = state_ours(fill_rates), *theirs = state_linux(fill_rates, 0);

    if (theirs)
        CHECK_TEXT(mine, theirs);
    else
        printf("\n    not compared: no namespace or no /dev/net/tun here\n");
    free(mine);
    free(theirs);
}

static CU_TestInfo cases[] = {
    TEST(every_option_with_every_value),
    TEST(a_rate_is_kept_and_inherited_as_in_linux),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_options = {.pName = "options", .pTests = cases};
