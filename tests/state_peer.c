/*
 * state_peer.c: the packets of the peer.
 */
#include "state_peer.h"
#include "bytes.h"
#include "check.h"
#include "sum.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char letters[] = "FSRP.";

/* --- what the peer hears ------------------------------------------------- */

static void
add_seen(struct state_end *e, uint8_t flags, uint32_t len)
{
    size_t used = strlen(e->seen);
    char text[24];
    int n = 0;

    if (!(flags & 7) && !len)
        return;
    for (int i = 0; i < 5; i++)
        if (flags >> i & 1)
            text[n++] = letters[i];
    text[n] = '\0';
    if (len)
        snprintf(text + n, sizeof text - (size_t)n, "%u", len);
    snprintf(e->seen + used, sizeof e->seen - used, " %s", text);
}

/* All of it, with numbers: from where the last segment of the peer stood. An
 * initial number is anybody's. */
static void
add_exactly(struct state_end *e, uint8_t flags, uint32_t seq, uint32_t ack,
    uint32_t len)
{
    size_t used = strlen(e->seen);
    char text[8];
    int n = 0;

    for (int i = 0; i < 5; i++)
        if (flags >> i & 1)
            text[n++] = letters[i];
    text[n] = '\0';
    used +=
        (size_t)snprintf(e->seen + used, sizeof e->seen - used, " %s", text);
    if (!(flags & 2) && used < sizeof e->seen)
        used += (size_t)snprintf(e->seen + used, sizeof e->seen - used,
            " %d+%u", seq ? (int32_t)(seq - e->to) : 0, len);
    if ((flags & 16) && used < sizeof e->seen)
        snprintf(e->seen + used, sizeof e->seen - used, " ack %d",
            (int32_t)(ack - e->from));
}

/* Text or a FIN that a timer has sent once more. */
static bool
is_again(const struct state_end *e, uint8_t flags, uint32_t from, uint32_t end)
{
    return !(flags & 6) && end != from && e->heard &&
           (int32_t)(end - e->ack) <= 0;
}

static void
hear_packet(struct stage *s, const uint8_t *packet, size_t size)
{
    struct cursor c = cursor_of(packet, size);
    uint8_t first = get_u8(&c), flags;
    uint32_t header = (first & 15) * 4u, from, seq, ack, len;
    struct state_end *e;
    uint16_t total, port, to;

    (void)get_u8(&c);
    total = get_be16(&c);
    if (first >> 4 != 4 || size < header + 20 || packet[9] != IPPROTO_TCP)
        return;
    c = cursor_of(packet + header, size - header);
    port = get_be16(&c);
    to = get_be16(&c);
    seq = get_be32(&c);
    ack = get_be32(&c);
    len = (uint32_t)(get_u8(&c) >> 4) * 4u;
    flags = get_u8(&c);
    if (to < STATE_PORT || to >= STATE_PORT + STATE_ENDS || total < header)
        return;
    len = total - header - len;
    e = &s->end[to - STATE_PORT];
    if (e->port ? e->port != port : !(flags & 2))
        return; /* of an earlier conversation */
    e->port = port;
    from = seq;
    seq += len + (flags & 1) + (flags >> 1 & 1);
    if (s->all && !is_again(e, flags, from, seq))
        add_exactly(e, flags, from, ack, len);
    if (s->all)
        ; /* done */
    else if ((flags & 4) || !e->heard || (int32_t)(seq - e->ack) > 0 ||
             ((flags & 2) && seq != e->ack))
        add_seen(e, flags, len); /* not what is sent again */
    if (!(flags & 4)) {
        e->heard = true;
        e->ack = seq;
    }
}

void
state_hear(struct stage *s)
{
    uint8_t packet[2048];
    ssize_t n;

    if (s->side.p) {
        for (unsigned i = 0; i < s->net->nsent; i++)
            if (s->net->sent[i].len > 14)
                hear_packet(
                    s, s->net->sent[i].bytes + 14, s->net->sent[i].len - 14);
        net_forget(s->net);
        return;
    }
    while ((n = read(s->tun, packet, sizeof packet)) > 0)
        hear_packet(s, packet, (size_t)n);
}

/* --- what it says -------------------------------------------------------- */

static size_t
build(uint8_t *to, size_t room, const struct state_end *e, unsigned i,
    uint32_t away, const char *what)
{
    const struct ipv4 src = net_ip("10.0.0.2"), dst = net_ip("10.0.0.1");
    struct writer w = writer_of(to, room);
    uint8_t flags = 0;
    uint32_t ack = e->ack;
    size_t text;
    uint64_t sum;

    for (; *what && strchr("FSRP.-^,_", *what); what++) {
        const char *letter = strchr(letters, *what);

        ack += *what == '-'   ? -1u
               : *what == '^' ? 1000u
               : *what == ',' ? -1000u
               : *what == '_' ? -70000u
                              : 0;
        flags |= (uint8_t)(letter ? 1u << (letter - letters) : 16);
    }
    text = strlen(what);
    put_be16(&w, 0x4500);
    put_be16(&w, (uint16_t)(40 + text));
    put_be32(&w, 0);
    put_be32(&w, 0x40060000);
    put_ipv4(&w, src);
    put_ipv4(&w, dst);
    put_be16(&w, (uint16_t)(STATE_PORT + i));
    put_be16(&w, e->port);
    put_be32(&w, e->seq + away);
    put_be32(&w, flags & 16 ? ack : 0);
    put_be16(&w, (uint16_t)(0x5000 | flags));
    put_be16(&w, 30000);
    put_be32(&w, 0);
    put_bytes(&w, what, text);
    sum = sum_fold(sum_add(0, to, 20));
    to[10] = (uint8_t)(sum >> 8);
    to[11] = (uint8_t)sum;
    sum = sum_pseudo(src, dst, IPPROTO_TCP, (uint32_t)(20 + text));
    sum = sum_fold(sum_add(sum, to + 20, 20 + text));
    to[36] = (uint8_t)(sum >> 8);
    to[37] = (uint8_t)sum;
    return 40 + text;
}

/* "I3.1": an ICMP error of that type and code about the last byte that the
 * socket has sent. */
static size_t
build_error(uint8_t *to, size_t room, const struct state_end *e, unsigned i,
    const char *what)
{
    const struct ipv4 src = net_ip("10.0.0.2"), dst = net_ip("10.0.0.1");
    struct writer w = writer_of(to, room);
    const uint16_t total = 56;
    uint64_t sum;

    put_be16(&w, 0x4500);
    put_be16(&w, total);
    put_be32(&w, 0);
    put_be32(&w, 0x40010000);
    put_ipv4(&w, src);
    put_ipv4(&w, dst);
    put_u8(&w, (uint8_t)atoi(what));
    put_u8(&w, (uint8_t)atoi(strchr(what, '.') + 1));
    put_be16(&w, 0);
    put_be32(&w, 0);
    put_be16(&w, 0x4500); /* the header of what was sent */
    put_be16(&w, 41);
    put_be32(&w, 0x4000);
    put_be32(&w, 0x40060000);
    put_ipv4(&w, dst);
    put_ipv4(&w, src);
    put_be16(&w, e->port);
    put_be16(&w, (uint16_t)(STATE_PORT + i));
    put_be32(&w, e->ack - 1);
    sum = sum_fold(sum_add(0, to, 20));
    to[10] = (uint8_t)(sum >> 8);
    to[11] = (uint8_t)sum;
    sum = sum_fold(sum_add(0, to + 28, 20));
    to[38] = (uint8_t)(sum >> 8);
    to[39] = (uint8_t)sum;
    sum = sum_fold(sum_add(0, to + 20, 36));
    to[22] = (uint8_t)(sum >> 8);
    to[23] = (uint8_t)sum;
    return total;
}

/* Our kernel is in the middle of a process: the packet comes a moment later,
 * while that process sleeps. */
struct later {
    struct timer timer;
    struct stage *stage;
    uint8_t packet[256];
    size_t len;
};

static void
come(void *owner)
{
    struct later *l = owner;

    net_inject_ip_now(l->stage->net, l->packet, l->len);
}

void
state_send(struct stage *s, unsigned i, const char *what)
{
    struct state_end *e = &s->end[i];
    struct later l = {.timer = {.fire = come, .owner = &l}, .stage = s};
    struct timespec wait = {0, LW_US};

    state_hear(s);
    if (!e->seq)
        e->seq = 5000;
    e->from = e->seq;
    e->to = e->ack;
    if (*what == 'I') {
        l.len = build_error(l.packet, sizeof l.packet, e, i, what + 1);
    } else if (*what == '@') {
        l.len = build(l.packet, sizeof l.packet, e, i,
            (uint32_t)strtoll(what + 1, NULL, 10), strchr(what, ':') + 1);
    } else {
        l.len = build(l.packet, sizeof l.packet, e, i, 0, what);
        e->seq +=
            (uint32_t)l.len - 40 + !!strchr(what, 'S') + !!strchr(what, 'F');
    }
    if (s->side.p) {
        timer_arm_in(world_timers(s->net->world), &l.timer, 0);
        sys_nanosleep(s->side.p, &wait);
    } else {
        CHECK_EQ(write(s->tun, l.packet, l.len), (ssize_t)l.len);
    }
    state_hear(s);
}

/* --- Linux's card -------------------------------------------------------- */

static int
set_address(int fd, struct ifreq *ifr, unsigned long request, const char *text)
{
    struct sockaddr_in *in = (void *)&ifr->ifr_addr;

    *in = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(net_ip(text).v)};
    return ioctl(fd, request, ifr);
}

static int
bring_up(int fd, struct ifreq *ifr)
{
    ifr->ifr_flags = IFF_UP | IFF_RUNNING;
    return ioctl(fd, SIOCSIFFLAGS, ifr);
}

int
state_tun(void)
{
    struct ifreq ifr = {.ifr_name = "lw0", .ifr_flags = IFF_TUN | IFF_NO_PI};
    struct ifreq lo = {.ifr_name = "lo"};
    int tun, fd, bad;

    if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
        return -1;
    tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    bad = tun < 0 || fd < 0 || ioctl(tun, TUNSETIFF, &ifr) ||
          set_address(fd, &ifr, SIOCSIFADDR, "10.0.0.1") ||
          set_address(fd, &ifr, SIOCSIFNETMASK, "255.255.255.0") ||
          bring_up(fd, &ifr) || bring_up(fd, &lo);
    close(fd);
    return bad ? -1 : tun;
}
