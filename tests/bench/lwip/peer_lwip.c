/*
 * peer_lwip.c: lwIP at the same work as memory.c, one long stream, for
 * `make bench LWIP=FOLDER`; prints NAME VALUE, as memory does.
 *
 * lwIP has one stack a process, so it talks to itself: what its card sends
 * is copied (TCP still holds it for sending again) and comes back through
 * the same card. Each frame goes down one stack and up one stack, as with
 * two of them. FOLDER is that of its source (the one with src/ in it).
 */
#include "init.h"
#include "tcp.h"
#include "timeouts.h"
#include "ethernet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BULK_BYTES (512ll << 20)
#define CHUNK      (64 << 10)
#define QUEUE      65536 /* frames on the wire */
#define BENCH_PORT 80

struct bench {
    struct netif card;
    struct pbuf *wire[QUEUE]; /* a ring: [first, last) */
    unsigned first, last;
    unsigned char *from, *to;
    long long left, received;
    int opened;
    u32_t now_ms; /* virtual */
};

/* lwIP asks for the time without saying for whom. */
static struct bench bench;

u32_t
sys_now(void)
{
    return bench.now_ms;
}

static double
seconds_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* --- the card ------------------------------------------------------------ */

static err_t
card_linkoutput(struct netif *n, struct pbuf *p)
{
    struct pbuf *copy = pbuf_clone(PBUF_RAW, PBUF_POOL, p);

    (void)n;
    if (!copy || bench.last - bench.first == QUEUE)
        abort();
    bench.wire[bench.last++ % QUEUE] = copy;
    return ERR_OK;
}

/* ARP never answers for one's own address: the frame is made here. */
static err_t
card_output(struct netif *n, struct pbuf *p, const ip4_addr_t *to)
{
    const struct eth_addr *mac = (const void *)n->hwaddr;

    (void)to;
    return ethernet_output(n, p, mac, mac, ETHTYPE_IP);
}

static err_t
card_init(struct netif *n)
{
    n->name[0] = 'm';
    n->mtu = 1500;
    n->hwaddr_len = 6;
    n->hwaddr[0] = 2;
    n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
               NETIF_FLAG_LINK_UP;
    n->output = card_output;
    n->linkoutput = card_linkoutput;
    return ERR_OK;
}

/* What is on the wire arrives; so does what that makes lwIP send. */
static void
deliver(void)
{
    while (bench.first != bench.last)
        bench.card.input(bench.wire[bench.first++ % QUEUE], &bench.card);
}

/* --- one stream ---------------------------------------------------------- */

static err_t
take(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    (void)arg;
    (void)err;
    if (!p)
        return tcp_close(pcb);
    pbuf_copy_partial(
        p, bench.to + bench.received % (CHUNK / 2), p->tot_len, 0);
    bench.received += p->tot_len;
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

static err_t
accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg;
    (void)err;
    tcp_recv(pcb, take);
    return ERR_OK;
}

static err_t
connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg;
    (void)pcb;
    (void)err;
    bench.opened++;
    return ERR_OK;
}

static void
listen_at(void)
{
    struct tcp_pcb *l = tcp_new();

    tcp_bind(l, IP_ADDR_ANY, BENCH_PORT);
    l = tcp_listen(l);
    tcp_accept(l, accepted);
}

static struct tcp_pcb *
call(void)
{
    struct tcp_pcb *pcb = tcp_new();
    int before = bench.opened;

    if (!pcb ||
        tcp_connect(pcb, &bench.card.ip_addr, BENCH_PORT, connected) != ERR_OK)
        return NULL;
    deliver();
    return bench.opened > before ? pcb : NULL;
}

static void
bulk(void)
{
    struct tcp_pcb *pcb = call();
    double start = seconds_now();

    if (!pcb)
        abort();
    for (bench.left = BULK_BYTES; bench.received < BULK_BYTES;) {
        while (bench.left > 0 && tcp_sndbuf(pcb) > 0) {
            u32_t n = tcp_sndbuf(pcb) < CHUNK / 2 ? tcp_sndbuf(pcb) : CHUNK / 2;

            if (n > bench.left)
                n = (u32_t)bench.left;
            if (tcp_write(pcb, bench.from, (u16_t)n, TCP_WRITE_FLAG_COPY) !=
                ERR_OK)
                break;
            bench.left -= n;
        }
        tcp_output(pcb);
        deliver();
        bench.now_ms++; /* so that its delayed ACKs come */
        sys_check_timeouts();
    }
    printf("lwip_bulk %.2f\n",
        (double)BULK_BYTES * 8 / (seconds_now() - start) / 1e9);
}

int
main(void)
{
    ip4_addr_t addr, mask, none = {0};

    bench.from = calloc(1, CHUNK);
    bench.to = calloc(1, CHUNK);
    lwip_init();
    IP4_ADDR(&addr, 10, 0, 0, 1);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    netif_add(
        &bench.card, &addr, &mask, &none, NULL, card_init, ethernet_input);
    netif_set_default(&bench.card);
    netif_set_up(&bench.card);
    listen_at();
    bulk();
    return 0;
}
