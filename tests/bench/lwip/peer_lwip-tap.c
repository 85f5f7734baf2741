/*
 * peer_lwip-tap.c: lwIP behind a TAP device, for `make bench LWIP=FOLDER`:
 *
 *     bench-lwip-tap down|up -- COMMAND...
 *
 *     down    an endless answer to the first request on port 80
 *     up      takes in an endless request
 *
 * as zerostack.c does, but with a whole stack: frames of 1514 bytes, one a
 * read and one a write. COMMAND runs in the same network namespace, a new
 * one; its end ends the run. The window is 512 KiB, less than the device
 * queues: with 64 KiB it waits for the client.
 */
#include "init.h"
#include "tcp.h"
#include "timeouts.h"
#include "etharp.h"
#include "ethernet.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    FRAME = 1514,
    CHUNK = 32 << 10,
    FRAMES = 64 /* read before what they have set free is sent */
};

/* lwIP asks for the time without saying for whom. */
static struct {
    struct netif card;
    struct tcp_pcb *flowing; /* to this one */
    int tap, up;
    unsigned char text[CHUNK], taken[1 << 16];
} bench;

u32_t
sys_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u32_t)(t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static void
fail(const char *what)
{
    fprintf(stderr, "bench-lwip-tap: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* --- the card ------------------------------------------------------------ */

static err_t
card_linkoutput(struct netif *n, struct pbuf *p)
{
    unsigned char frame[FRAME];
    const void *at = p->payload;

    (void)n;
    if (p->next) {
        pbuf_copy_partial(p, frame, p->tot_len, 0);
        at = frame;
    }
    while (write(bench.tap, at, p->tot_len) < 0)
        if (errno != EAGAIN && errno != EINTR)
            fail("write");
    return ERR_OK;
}

static err_t
card_init(struct netif *n)
{
    memcpy(n->hwaddr, "\2\1\1\1\1\1", 6);
    n->name[0] = 't';
    n->mtu = 1500;
    n->hwaddr_len = 6;
    n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
               NETIF_FLAG_LINK_UP;
    n->output = etharp_output;
    n->linkoutput = card_linkoutput;
    return ERR_OK;
}

/* One frame up; 0: there is none. */
static int
card_read(void)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, FRAME, PBUF_POOL);
    ssize_t n;

    if (!p)
        fail("no pbuf");
    n = read(bench.tap, p->payload, FRAME);
    if (n <= 0) {
        pbuf_free(p);
        return 0;
    }
    pbuf_realloc(p, (u16_t)n);
    if (bench.card.input(p, &bench.card) != ERR_OK)
        pbuf_free(p);
    return 1;
}

/* --- the program --------------------------------------------------------- */

static void
flow(void)
{
    struct tcp_pcb *pcb = bench.flowing;

    while (pcb && tcp_sndbuf(pcb) >= CHUNK)
        if (tcp_write(pcb, bench.text, CHUNK, TCP_WRITE_FLAG_COPY) != ERR_OK)
            break;
    if (pcb)
        tcp_output(pcb);
}

static err_t
take(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000000\r\n\r\n";

    (void)arg, (void)err;
    if (!p) {
        bench.flowing = NULL;
        return tcp_close(pcb);
    }
    pbuf_copy_partial(p, bench.taken, p->tot_len, 0);
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    if (!bench.up && !bench.flowing &&
        tcp_write(pcb, head, sizeof head - 1, 0) == ERR_OK)
        bench.flowing = pcb;
    return ERR_OK;
}

static void
gone(void *arg, err_t err)
{
    (void)arg, (void)err;
    bench.flowing = NULL;
}

static err_t
accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg, (void)err;
    tcp_recv(pcb, take);
    tcp_err(pcb, gone);
    return ERR_OK;
}

static void
start(void)
{
    ip4_addr_t addr, mask, none = {0};
    struct tcp_pcb *l;

    lwip_init();
    IP4_ADDR(&addr, 10, 9, 0, 1);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    netif_add(
        &bench.card, &addr, &mask, &none, NULL, card_init, ethernet_input);
    netif_set_default(&bench.card);
    netif_set_up(&bench.card);
    l = tcp_new();
    tcp_bind(l, IP_ADDR_ANY, 80);
    tcp_accept(tcp_listen(l), accepted);
}

static void
open_device(void)
{
    struct ifreq r = {.ifr_name = "eth0", .ifr_flags = IFF_TAP | IFF_NO_PI};

    if (unshare(CLONE_NEWNET) != 0)
        fail("unshare");
    bench.tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (bench.tap < 0 || ioctl(bench.tap, TUNSETIFF, &r) < 0)
        fail("/dev/net/tun");
    if (system("ip addr add 10.9.0.2/24 dev eth0 && ip link set eth0 up"))
        exit(1);
}

int
main(int argc, char **argv)
{
    struct pollfd p[2];
    int status;
    pid_t child;

    if (argc < 4 || strcmp(argv[2], "--") != 0) {
        fprintf(stderr, "usage: bench-lwip-tap down|up -- COMMAND...\n");
        return 2;
    }
    bench.up = strcmp(argv[1], "up") == 0;
    memset(bench.text, 'x', CHUNK);
    open_device();
    start();
    child = fork();
    if (child == 0) {
        execvp(argv[3], argv + 3);
        fail(argv[3]);
    }
    p[0] = (struct pollfd){bench.tap, POLLIN, 0};
    p[1] = (struct pollfd){(int)syscall(SYS_pidfd_open, child, 0), POLLIN, 0};
    while (!p[1].revents) {
        poll(p, 2, 10);
        for (int i = 0; i < FRAMES && card_read(); i++) {
        }
        flow();
        sys_check_timeouts();
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status)
               ? WEXITSTATUS(status)
               : 1;
}
