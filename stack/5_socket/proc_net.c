/*
 * proc_net.c: /proc/net/tcp and /proc/net/netstat (proc(5)): what TCP has and
 * counts, as a text that programs read. The text is made when the file is
 * opened, where Linux makes it anew with every read from the start.
 *
 * Of a listener's queues rx_queue tells who waits for accept(2), as in Linux;
 * the other number of `ss -ltn`, how many may wait, is not in this file.
 */
#include "proc_net.h"
#include "sock_tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

struct proc_file {
    struct file f;
    char *text;
    size_t len, at;
};

/* --- the texts ----------------------------------------------------------- */

struct table {
    FILE *out;
    int lines;
};

/* Linux prints an address as the number that stands in memory, and counts
 * time in hundredths of a second. */
static void
put_row(void *arg, const struct tcp_row *r)
{
    struct table *t = arg;
    bool listens = r->state == TCP_LISTEN;

    fprintf(t->out,
        "%4d: %08X:%04X %08X:%04X %02X %08X:%08X %02X:%08llX %08X %5u %8u "
        "%llu 1 0000000000000000 100 0 0 10 0\n",
        t->lines++, htonl(r->local.addr.v), r->local.port,
        htonl(r->remote.addr.v), r->remote.port, tcp_sock_linux_state(r->state),
        listens ? 0 : r->snd_queue, r->rcv_queue, r->timer,
        (unsigned long long)(r->timer_in_ns / 10000000), r->retries, 0u,
        r->probes, (unsigned long long)r->sock);
}

static void
put_tcp(FILE *out, const struct tcp *tcp)
{
    struct table t = {.out = out};

    fprintf(out,
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
        "retrnsmt   uid  timeout inode\n");
    tcp_each(tcp, put_row, &t);
}

static void
put_netstat(FILE *out, const struct tcp *tcp)
{
    fprintf(out, "TcpExt:");
    for (int m = 0; m < TCP_MIB_COUNT; m++)
        fprintf(out, " %s", tcp_mib_name((enum tcp_mib)m));
    fprintf(out, "\nTcpExt:");
    for (int m = 0; m < TCP_MIB_COUNT; m++)
        fprintf(
            out, " %llu", (unsigned long long)tcp_mib(tcp, (enum tcp_mib)m));
    fprintf(out, "\n");
}

static const struct {
    const char *path;
    void (*put)(FILE *out, const struct tcp *tcp);
} files[] = {{"/proc/net/tcp", put_tcp}, {"/proc/net/netstat", put_netstat}};

/* --- as a file ----------------------------------------------------------- */

static ssize_t
proc_recv(struct file *f, struct io *io)
{
    struct proc_file *pf = LW_CONTAINER(f, struct proc_file, f);
    size_t done = 0;

    for (int i = 0; i < io->n; i++) {
        size_t left = pf->len - pf->at;
        size_t n = left < io->iov[i].iov_len ? left : io->iov[i].iov_len;

        memcpy(io->iov[i].iov_base, pf->text + pf->at, n);
        pf->at += n;
        done += n;
    }
    return (ssize_t)done;
}

static ssize_t
proc_send(struct file *f, struct io *io)
{
    (void)f, (void)io;
    return -EBADF;
}

static unsigned
proc_poll(struct file *f)
{
    (void)f;
    return EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM;
}

static void
proc_close(struct file *f)
{
    struct proc_file *pf = LW_CONTAINER(f, struct proc_file, f);

    free(pf->text);
    free(pf);
}

static const struct file_ops proc_ops = {.recv = proc_recv,
    .send = proc_send,
    .poll = proc_poll,
    .close = proc_close,
    .always_ready = true};

int
proc_net_open(struct kernel *k, const char *path, int flags, struct file **out)
{
    struct proc_file *pf;
    unsigned i = 0;
    FILE *text;

    while (i < LW_COUNT(files) && strcmp(files[i].path, path) != 0)
        i++;
    if (i == LW_COUNT(files))
        return -ENOENT;
    if ((flags & O_ACCMODE) != O_RDONLY)
        return -EACCES;
    pf = calloc(1, sizeof *pf);
    if (!pf)
        return -ENOMEM;
    text = open_memstream(&pf->text, &pf->len);
    if (!text) {
        free(pf);
        return -ENOMEM;
    }
    files[i].put(text, k->tcp);
    fclose(text);
    file_init(&pf->f, k, &proc_ops, O_RDONLY);
    *out = &pf->f;
    return 0;
}
