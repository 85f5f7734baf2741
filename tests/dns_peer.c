/*
 * dns_peer.c: a name server that the tests write.
 */
#include "dns_peer.h"
#include "check.h"
#include "dns_sample.h"
#include "net_programs.h"

#include <errno.h>
#include <string.h>

struct dns_peer dns_peer;

/* --- the resolver's files ------------------------------------------------- */

static const char *
file_of(int handle)
{
    return handle ? dns_peer.resolv : dns_peer.hosts;
}

static int
disk_open(struct disk *d, const char *path, int flags, mode_t mode)
{
    int handle = strcmp(path, "/etc/resolv.conf") == 0;

    (void)d, (void)flags, (void)mode;
    if (!handle && strcmp(path, "/etc/hosts") != 0)
        return -ENOENT;
    return file_of(handle) ? handle : -ENOENT;
}

static int
disk_fstat(struct disk *d, int handle, struct stat *st)
{
    (void)d;
    *st = (struct stat){
        .st_mode = S_IFREG | 0644, .st_size = (off_t)strlen(file_of(handle))};
    return 0;
}

static ssize_t
disk_pread(struct disk *d, int handle, void *buf, size_t len, off_t offset)
{
    const char *text = file_of(handle);
    size_t all = strlen(text);
    size_t at = (size_t)offset < all ? (size_t)offset : all;
    size_t n = all - at < len ? all - at : len;

    (void)d;
    memcpy(buf, text + at, n);
    return (ssize_t)n;
}

static void
disk_close(struct disk *d, int handle)
{
    (void)d, (void)handle;
}

static void
disk_free(struct disk *d)
{
    (void)d;
}

static struct disk disk = {.open = disk_open,
    .fstat = disk_fstat,
    .pread = disk_pread,
    .close = disk_close,
    .free = disk_free};

/* --- the server ----------------------------------------------------------- */

static void
remember(struct dns_talk *t)
{
    struct dns_reader r;
    struct dns_record rr;
    unsigned i = dns_peer.nseen;

    t->n = i;
    if (!CHECK(i < DNS_PEER_SEEN))
        return;
    dns_peer.nseen++;
    dns_peer.seen[i].port = ntohs(t->from.sin_port);
    dns_peer.seen[i].tcp = t->tcp;
    dns_peer.seen[i].at_ns = net_now(&dns_peer.net).ns;
    CHECK_EQ(dns_open(&r, t->query, t->len), 0);
    CHECK_EQ(dns_question(&r, &dns_peer.seen[i].question), 1);
    dns_peer.seen[i].header = r.header;
    while (dns_record(&r, &rr) == 1)
        dns_peer.seen[i].edns |= rr.type == DNS_OPT;
    CHECK_EQ(r.fault.why, DNS_BAD_NONE);
}

/* On one address: so its answers come from where they were asked for. */
static int
udp_server(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in own = net_at(argv[0], 53);
    struct dns_talk t = {.p = p};
    ssize_t n;

    (void)argc;
    t.fd = sys_socket(p, AF_INET, SOCK_DGRAM, 0);
    sys_bind(p, t.fd, (struct sockaddr *)&own, sizeof own);
    while (t.fd >= 0) {
        socklen_t len = sizeof t.from;

        n = sys_recvfrom(p, t.fd, t.query, sizeof t.query, 0,
            (struct sockaddr *)&t.from, &len);
        if (n < 0)
            continue; /* an ICMP error about what we sent */
        t.len = (size_t)n;
        remember(&t);
        if (dns_peer.answer)
            dns_peer.answer(&t);
    }
    return 0;
}

static int
tcp_server(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in any = net_at(NULL, 53);
    struct dns_talk t = {.p = p, .tcp = true};
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);

    (void)argc, (void)argv;
    sys_bind(p, fd, (struct sockaddr *)&any, sizeof any);
    sys_listen(p, fd, 8);
    while (fd >= 0) {
        socklen_t len = sizeof t.from;
        uint8_t buf[700];
        ssize_t n;

        t.fd = sys_accept4(p, fd, (struct sockaddr *)&t.from, &len, 0);
        n = sys_read(p, t.fd, buf, sizeof buf);
        if (n > 2) {
            t.len = (size_t)n - 2;
            memcpy(t.query, buf + 2, t.len);
            CHECK_EQ(buf[0] << 8 | buf[1], t.len);
            remember(&t);
            if (dns_peer.answer)
                dns_peer.answer(&t);
        }
        if (!dns_peer.answer) /* silent, but not gone */
            sys_read(p, t.fd, buf, sizeof buf);
        sys_close(p, t.fd);
    }
    return 0;
}

void
dns_say(struct dns_talk *t, const void *bytes, size_t len)
{
    uint8_t head[2] = {(uint8_t)(len >> 8), (uint8_t)len};

    if (t->tcp) {
        sys_sendto(t->p, t->fd, head, 2, MSG_NOSIGNAL, NULL, 0);
        sys_sendto(t->p, t->fd, bytes, len, MSG_NOSIGNAL, NULL, 0);
    } else {
        sys_sendto(t->p, t->fd, bytes, len, 0, (struct sockaddr *)&t->from,
            sizeof t->from);
    }
}

void
dns_say_from(struct dns_talk *t, const char *addr, uint16_t port,
    const void *bytes, size_t len)
{
    struct sockaddr_in from = net_at(addr, port);
    int fd = sys_socket(t->p, AF_INET, SOCK_DGRAM, 0);

    CHECK_EQ(sys_bind(t->p, fd, (struct sockaddr *)&from, sizeof from), 0);
    CHECK_EQ(sys_sendto(t->p, fd, bytes, len, 0, (struct sockaddr *)&t->from,
                 sizeof t->from),
        len);
    sys_close(t->p, fd);
}

void
dns_answer(struct dns_talk *t, struct dns_writer *w, uint8_t *buf, size_t size,
    unsigned rcode)
{
    struct dns_header h = dns_peer.seen[t->n].header;

    h.qr = h.ra = true;
    h.rcode = (uint8_t)rcode;
    dns_begin(w, buf, size, &h);
    CHECK_EQ(dns_put_question(w, &dns_peer.seen[t->n].question), 0);
}

void
dns_add_a(struct dns_writer *w, const char *name, const char *addr)
{
    struct dns_record rr = {.name = dns_sample_name(name),
        .type = DNS_A,
        .class = DNS_CLASS_IN,
        .ttl = 60,
        .section = DNS_ANSWER,
        .a = net_ip(addr)};

    CHECK_EQ(dns_put_record(w, &rr), 0);
}

void
dns_add_alias(struct dns_writer *w, const char *name, const char *to)
{
    struct dns_record rr = {.name = dns_sample_name(name),
        .type = DNS_CNAME,
        .class = DNS_CLASS_IN,
        .ttl = 60,
        .section = DNS_ANSWER,
        .target = dns_sample_name(to)};

    CHECK_EQ(dns_put_record(w, &rr), 0);
}

size_t
dns_good(struct dns_talk *t, uint8_t *buf, size_t size)
{
    char name[DNS_NAME_TEXT];
    struct dns_writer w;

    dns_answer(t, &w, buf, size, DNS_NOERROR);
    dns_add_a(&w, dns_name_text(&dns_peer.seen[t->n].question.name, name),
        "10.0.0.9");
    return dns_end(&w);
}

/* --- the resolver --------------------------------------------------------- */

static struct client {
    bool done;
    int err;
} client;

static int
run(struct proc *p, int argc, char **argv)
{
    struct resolver r;

    (void)argc;
    resolver_init(&r, p);
    client.err = resolve_host(&r, argv[0], &dns_peer.out);
    client.done = true;
    resolver_free(&r);
    return 0;
}

int
dns_resolve(const char *name)
{
    struct net *n = &dns_peer.net;
    struct kernel *server = host_kernel(n->b);
    char *const args[] = {(char *)name, NULL};
    int64_t begin;

    if (!kernel_alive(server) && !dns_peer.no_server) {
        kernel_start(
            server, "udp", udp_server, 1, (char *const[]){"10.0.0.2", NULL});
        kernel_start(
            server, "udp", udp_server, 1, (char *const[]){"10.0.9.2", NULL});
        kernel_start(server, "tcp", tcp_server, 0, (char *const[]){NULL});
        net_run(n, LW_MS);
    }
    client = (struct client){false, 99};
    begin = net_now(n).ns;
    kernel_start(host_kernel(n->a), "resolver", run, 1, args);
    for (unsigned i = 0; i < 60000 && !client.done; i++)
        net_run(n, 5 * LW_MS);
    dns_peer.took_ns = net_now(n).ns - begin;
    net_run(n, 5 * LW_S); /* what is still under way finds no reader */
    return client.done ? client.err : 99;
}

unsigned
dns_told(enum event_kind kind, const char *why)
{
    unsigned told = 0;

    for (unsigned i = 0; i < recorder_count(&dns_peer.net.rec, kind); i++) {
        const struct event *e = recorder_find(&dns_peer.net.rec, kind, i);

        told += strcmp(recorder_text(e, "why", 0), why) == 0;
    }
    return told;
}

void
dns_peer_open(void)
{
    memset(&dns_peer, 0, sizeof dns_peer);
    dns_peer.resolv = "nameserver 10.0.0.2\n";
    net_pair_disk(&dns_peer.net, 1, &disk);
    host_add_netdev(dns_peer.net.b, "eth1", net_ip("10.0.9.2"), 24);
    host_add_netdev(dns_peer.net.b, "eth2", net_ip("10.0.8.2"), 24);
}

void
dns_peer_close(void)
{
    net_close(&dns_peer.net);
}
