/*
 * zerostack.c: the limit. What could any stack behind a TAP device reach at
 * most? This program has none: it moves prepared frames. It answers what the
 * client's kernel sends with copies of one answer whose TCP header is filled
 * in from the question; it keeps no connections, no timers, no queue, looks
 * at no byte of the text, and believes every frame. Only bulk needs a state:
 * how much the client has acknowledged, and how much it takes.
 *
 *     zerostack answer|down|up [plain] [busy] [close] [file] -- COMMAND...
 *
 *     answer  a kilobyte of HTTP for each request (and the FIN with `close`)
 *     down    an endless answer to the first request
 *     up      acknowledges an endless request
 *     plain   frames of 1514 bytes, without segmentation offload
 *     busy    polls the device without ever sleeping
 *     file    sends 4 MB of memory in turn, as who serves a file of that size
 *             must, and not the same 64 KB from the nearest cache each time
 *
 * COMMAND runs in the same network namespace, a new one, where the answers
 * come from 10.9.0.1; its end ends the run and gives the status.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ETH = 14,
    HEADERS = ETH + 40, /* Ethernet, IP and TCP without options */
    MSS = 1460,
    LONG = 44 * MSS, /* text of a long frame, nearly 64 KiB */
    ROOM = 70000,
    FILE_FRAMES = 66,  /* long frames that a file of 4 MB is */
    ANSWERS_MOST = 16, /* to pipelined requests in one frame */
    SCALE = 10,        /* of our window */
    WINDOW = 512,      /* that is 512 KiB: less than the device queues */
    ACK_EVERY = 8      /* frames taken in for one ACK, or all that came */
};

/* A frame with the device's header in front, as it is written and read. */
struct frame {
    struct virtio_net_hdr vnet;
    uint8_t bytes[ROOM];
};

/* What is read of a frame of TCP. */
struct seen {
    struct iphdr ip;
    struct tcphdr tcp;
    const uint8_t *text;
    uint32_t len;
};

struct zero {
    int tap, ended; /* ended: pidfd of COMMAND */
    bool plain, busy, close_each;
    enum {
        ANSWER,
        DOWN,
        UP
    } mode;
    uint8_t mac[6]; /* the client's card */
    uint32_t request_len;
    uint32_t answer_len;
    uint32_t answer_sum[ANSWERS_MOST + 1];
    uint32_t bulk_sum;
    struct frame in, small, answer, bulk[FILE_FRAMES];
    unsigned nbulk, next_bulk;
    /* Bulk down, in host order. */
    struct tcphdr to;   /* ports and ACK of our segments */
    struct iphdr to_ip; /* and addresses */
    uint32_t una, nxt, edge, shift;
    unsigned duplicates;
    bool flowing;
    /* Bulk up. */
    unsigned unacked;
};

static void
fail(const char *what)
{
    fprintf(stderr, "zerostack: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* --- frames -------------------------------------------------------------- */

static uint32_t
add(uint32_t sum, const void *data, size_t len)
{
    const uint8_t *b = data;
    uint64_t all = sum;

    for (; len > 1; b += 2, len -= 2) {
        uint16_t word;

        memcpy(&word, b, 2);
        all += word;
    }
    if (len)
        all += *b;
    while (all >> 16)
        all = (all & 0xffff) + (all >> 16);
    return (uint32_t)all;
}

/* Fills in the headers of f, whose text of `len` bytes stands there already
 * and adds up to `sum`, and writes it. TCP's options are the text's. */
static void
put(struct zero *z, struct frame *f, const struct tcphdr *t,
    const struct iphdr *to, uint32_t len, uint32_t sum)
{
    struct iphdr ip = {.version = 4,
        .ihl = 5,
        .tot_len = htons((uint16_t)(40 + len)),
        .frag_off = htons(IP_DF),
        .ttl = 64,
        .protocol = IPPROTO_TCP,
        .saddr = to->daddr,
        .daddr = to->saddr};
    struct tcphdr tcp = *t;
    uint16_t pseudo[2] = {htons(IPPROTO_TCP), htons((uint16_t)(20 + len))};
    bool options = tcp.syn;
    size_t whole = HEADERS + len, skip = z->plain ? sizeof f->vnet : 0;

    memcpy(f->bytes, z->mac, 6);
    memcpy(f->bytes + 6, "\2\1\1\1\1\1\10\0", 8);
    ip.check = (uint16_t)~add(0, &ip, sizeof ip);
    memcpy(f->bytes + ETH, &ip, sizeof ip);
    tcp.doff = options ? 7 : 5;
    sum = add(z->plain ? sum : 0, pseudo, sizeof pseudo);
    sum = add(sum, &ip.saddr, 8);
    f->vnet = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .csum_start = ETH + 20,
        .csum_offset = 16};
    if (len > MSS) {
        f->vnet.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
        f->vnet.gso_size = MSS;
        f->vnet.hdr_len = HEADERS;
    }
    tcp.check = (uint16_t)(z->plain ? ~add(sum, &tcp, 20) : sum);
    memcpy(f->bytes + ETH + 20, &tcp, sizeof tcp);
    while (
        write(z->tap, (uint8_t *)f + skip, whole + sizeof f->vnet - skip) < 0)
        if (errno != EAGAIN && errno != EINTR)
            fail("write");
}

/* The next frame of TCP; 0: another one, -1: none there. */
static int
get(struct zero *z, struct seen *s)
{
    size_t skip = z->plain ? sizeof z->in.vnet : 0;
    ssize_t n = read(z->tap, (uint8_t *)&z->in + skip, sizeof z->in - skip);
    uint32_t headers;

    if (n < 0 && errno != EAGAIN && errno != EINTR)
        fail("read");
    if (n <= 0)
        return -1;
    memcpy(&s->ip, z->in.bytes + ETH, sizeof s->ip);
    if (z->in.bytes[12] != 8 || z->in.bytes[13] != 0 ||
        s->ip.protocol != IPPROTO_TCP)
        return 0;
    memcpy(&s->tcp, z->in.bytes + ETH + 20, sizeof s->tcp);
    headers = 20 + s->tcp.doff * 4u;
    s->text = z->in.bytes + ETH + headers;
    s->len = ntohs(s->ip.tot_len) - headers;
    return 1;
}

/* The header of our segment that begins at `seq` and has all up to `ack`. */
static struct tcphdr
header(const struct seen *s, uint32_t seq, uint32_t ack)
{
    return (struct tcphdr){.source = s->tcp.dest,
        .dest = s->tcp.source,
        .seq = htonl(seq),
        .ack_seq = htonl(ack),
        .ack = 1,
        .window = htons(WINDOW)};
}

/* --- answers ------------------------------------------------------------- */

static void
prepare(struct zero *z)
{
    char *to = (char *)z->answer.bytes + HEADERS;
    uint32_t len = (uint32_t)sprintf(to,
        "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n"
        "Date: Fri, 20 Nov 2026 22:00:00 GMT\r\nContent-Type: text/html\r\n"
        "Content-Length: %s\r\n"
        "Last-Modified: Fri, 20 Nov 2026 21:00:00 GMT\r\nConnection: %s\r\n"
        "ETag: \"655bd5f0-400\"\r\nAccept-Ranges: bytes\r\n\r\n",
        z->mode == DOWN ? "1000000000000000" : "1024",
        z->close_each ? "close" : "keep-alive");

    if (z->mode == ANSWER) {
        memset(to + len, 'x', 1024);
        len += 1024;
    }
    z->answer_len = len;
    for (uint32_t i = 0; i <= ANSWERS_MOST; i++) {
        if (i > 1)
            memcpy(to + (i - 1) * len, to, len);
        z->answer_sum[i] = add(0, to, i * len);
    }
    for (unsigned i = 0; i < z->nbulk; i++)
        memset(z->bulk[i].bytes + HEADERS, 'x', LONG);
    z->bulk_sum = add(0, z->bulk[0].bytes + HEADERS, MSS);
    memcpy(z->small.bytes + HEADERS,
        (uint8_t[8]){2, 4, MSS >> 8, MSS & 255, 1, 3, 3, SCALE}, 8);
}

static void
syn(struct zero *z, const struct seen *s)
{
    struct tcphdr t = header(s, 1000, ntohl(s->tcp.seq) + 1);
    const uint8_t *o = s->text - (s->tcp.doff - 5) * 4;

    t.syn = 1;
    t.window = htons(65535); /* not scaled */
    for (; o < s->text && *o; o += *o == 1 ? 1 : o[1])
        if (*o == 3)
            z->shift = o[2];
    put(z, &z->small, &t, &s->ip, 8, add(0, z->small.bytes + HEADERS, 8));
}

/* As many answers as the frame holds requests. */
static void
answer(struct zero *z, const struct seen *s)
{
    uint32_t seq = ntohl(s->tcp.ack_seq), n = 0, each;
    struct tcphdr t = header(s, seq, ntohl(s->tcp.seq) + s->len);
    const uint8_t *end;

    if (!z->request_len) {
        end = memmem(s->text, s->len, "\r\n\r\n", 4);
        z->request_len = end ? (uint32_t)(end + 4 - s->text) : s->len;
    }
    n = s->len / z->request_len;
    each = z->plain ? 1 : ANSWERS_MOST;
    t.psh = 1;
    t.fin = z->close_each;
    for (uint32_t done = 0, k; done < n; done += k) {
        k = n - done < each ? n - done : each;
        t.seq = htonl(seq + done * z->answer_len);
        put(z, &z->answer, &t, &s->ip, k * z->answer_len, z->answer_sum[k]);
    }
}

static void
acknowledge(struct zero *z, const struct seen *s, uint32_t len)
{
    struct tcphdr t = header(s, ntohl(s->tcp.ack_seq), ntohl(s->tcp.seq) + len);

    put(z, &z->small, &t, &s->ip, 0, 0);
    z->unacked = 0;
}

/* --- bulk ---------------------------------------------------------------- */

/* The first request: from now on the text flows. */
static void
begin(struct zero *z, const struct seen *s)
{
    z->to = header(s, 0, ntohl(s->tcp.seq) + s->len);
    z->to_ip = s->ip;
    z->una = z->nxt = ntohl(s->tcp.ack_seq);
    z->to.seq = htonl(z->nxt);
    z->edge = z->una + ((uint32_t)ntohs(s->tcp.window) << z->shift);
    put(z, &z->answer, &z->to, &z->to_ip, z->answer_len, z->answer_sum[1]);
    z->nxt += z->answer_len;
    z->flowing = true;
}

static void
acked(struct zero *z, const struct seen *s)
{
    uint32_t ack = ntohl(s->tcp.ack_seq);
    uint32_t edge = ack + ((uint32_t)ntohs(s->tcp.window) << z->shift);

    if ((int32_t)(ack - z->una) > 0) {
        z->una = ack;
        z->duplicates = 0;
    } else if (edge == z->edge && ++z->duplicates == 3) {
        z->nxt = z->una; /* something was lost: all again */
    }
    z->edge = edge;
}

/* What fits into the window, a few frames at a time. */
static bool
flow(struct zero *z)
{
    uint32_t len = z->plain ? MSS : LONG;
    int n = 0;

    for (; n < 16 && (int32_t)(z->edge - z->nxt - len) >= 0; n++) {
        z->to.seq = htonl(z->nxt);
        put(z, &z->bulk[z->next_bulk], &z->to, &z->to_ip, len, z->bulk_sum);
        z->next_bulk = (z->next_bulk + 1) % z->nbulk;
        z->nxt += len;
    }
    return n > 0;
}

/* --- the loop ------------------------------------------------------------ */

static void
take(struct zero *z, const struct seen *s)
{
    if (s->tcp.rst)
        return;
    if (s->tcp.syn)
        syn(z, s);
    else if (z->mode == DOWN && z->flowing)
        acked(z, s);
    else if (s->len > 0 && z->mode == ANSWER)
        answer(z, s);
    else if (s->len > 0 && z->mode == DOWN)
        begin(z, s);
    else if (s->tcp.fin)
        acknowledge(z, s, s->len + 1);
    else if (s->len > 0 && ++z->unacked >= ACK_EVERY)
        acknowledge(z, s, s->len);
}

static void
run(struct zero *z)
{
    struct pollfd p[2] = {{z->tap, POLLIN, 0}, {z->ended, POLLIN, 0}};
    unsigned turns = 0;

    for (;;) {
        struct seen s = {.len = 0}, last = {.len = 0};
        bool moved = false;
        int r = 0;

        for (int i = 0; i < 64 && (r = get(z, &s)) >= 0; i++) {
            moved = true;
            if (r == 0)
                continue;
            take(z, &s);
            last = s;
        }
        if (z->mode == UP && r < 0 && z->unacked > 0)
            acknowledge(z, &last, last.len);
        if (z->flowing)
            moved |= flow(z);
        if (moved && ++turns % 64)
            continue;
        if (poll(p, 2, z->busy || moved ? 0 : 100) == 0 && z->flowing && !moved)
            z->nxt = z->una;
        if (p[1].revents)
            return;
    }
}

static void
shell(const char *command)
{
    if (system(command) != 0)
        exit(1);
}

static void
open_device(struct zero *z)
{
    struct ifreq r = {.ifr_name = "eth0",
        .ifr_flags =
            (short)(IFF_TAP | IFF_NO_PI | (z->plain ? 0 : IFF_VNET_HDR))};

    z->tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (z->tap < 0 || ioctl(z->tap, TUNSETIFF, &r) < 0 ||
        (!z->plain && ioctl(z->tap, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4)))
        fail("/dev/net/tun");
    if (ioctl(z->tap, SIOCGIFHWADDR, &r) < 0)
        fail("eth0");
    memcpy(z->mac, r.ifr_hwaddr.sa_data, 6);
    shell("ip addr add 10.9.0.2/24 dev eth0 && ip link set eth0 up && "
          "ip neigh add 10.9.0.1 lladdr 02:01:01:01:01:01 dev eth0");
}

int
main(int argc, char **argv)
{
    static struct zero z;
    int i = 1, status;
    pid_t child;

    z.nbulk = 1;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        z.plain |= strcmp(argv[i], "plain") == 0;
        z.busy |= strcmp(argv[i], "busy") == 0;
        z.close_each |= strcmp(argv[i], "close") == 0;
        if (strcmp(argv[i], "file") == 0)
            z.nbulk = FILE_FRAMES;
        if (strcmp(argv[i], "down") == 0)
            z.mode = DOWN;
        else if (strcmp(argv[i], "up") == 0)
            z.mode = UP;
    }
    if (i + 1 >= argc) {
        fprintf(stderr, "usage: zerostack answer|down|up [plain] [busy] "
                        "[close] [file] -- COMMAND...\n");
        return 2;
    }
    if (unshare(CLONE_NEWNET) != 0)
        fail("unshare");
    open_device(&z);
    prepare(&z);
    child = fork();
    if (child == 0) {
        execvp(argv[i + 1], argv + i + 1);
        fail(argv[i + 1]);
    }
    z.ended = (int)syscall(SYS_pidfd_open, child, 0);
    if (child < 0 || z.ended < 0)
        fail("fork");
    run(&z);
    return waitpid(child, &status, 0) == child && WIFEXITED(status)
               ? WEXITSTATUS(status)
               : 1;
}
