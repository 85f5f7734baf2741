/*
 * states.c: what a script may ask of the computer between two segments: who
 * is in which state? A script does it as at a terminal, with FreeBSD's
 * sockstat(1). run.sh puts a small one in its place, which prints the file
 * that is kept here: a line for each connection, after everything that
 * happens.
 *
 *     user program pid fd tcp4 192.168.0.1:8080 192.0.2.1:33000 TIME_WAIT
 *
 * A socket without a connection, which nothing but its program knows of, is
 * CLOSED.
 */
#include "engine.h"
#include "words.h"

#include <netinet/in.h>
#include <stdio.h>

enum {
    TCP_INFO_NAME = 11, /* tcp(7): what <netinet/tcp.h> calls TCP_INFO */
    TCP_INFO_CLOSE = 7  /* and TCP_CLOSE; its names are those of our states */
};

/* By enum tcp_state, in FreeBSD's words. */
static const char *
state_name(enum tcp_state state)
{
    switch (state) {
    case TCP_LISTEN: return "LISTEN";
    case TCP_SYN_SENT: return "SYN_SENT";
    case TCP_SYN_RECEIVED: return "SYN_RCVD";
    case TCP_ESTABLISHED: return "ESTABLISHED";
    case TCP_FIN_WAIT_1: return "FIN_WAIT_1";
    case TCP_FIN_WAIT_2: return "FIN_WAIT_2";
    case TCP_CLOSE_WAIT: return "CLOSE_WAIT";
    case TCP_CLOSING: return "CLOSING";
    case TCP_LAST_ACK: return "LAST_ACK";
    case TCP_TIME_WAIT: return "TIME_WAIT";
    default: return "CLOSED";
    }
}

static void
see(void *f, const struct tcp_row *row)
{
    char local[16], remote[16];

    fprintf(f, "root packetdrill 1 3 tcp4 %s:%u %s:%u %s\n",
        ipv4_text(row->local.addr, local), row->local.port,
        ipv4_text(row->remote.addr, remote), row->remote.port,
        state_name(row->state));
}

/* Sockets that TCP knows nothing of: TCP_INFO's first byte is the state. */
static void
see_closed(struct engine *e, FILE *f)
{
    for (unsigned i = 0; i < ENGINE_FDS; i++) {
        struct file *file = e->fds[i] < 0 ? NULL : fd_get(e->app, e->fds[i]);
        uint8_t info[256] = {0};
        socklen_t len = sizeof info;

        if (file && file->ops->sock && file->ops->sock->getraw &&
            file->ops->sock->getraw(
                sock_of(file), IPPROTO_TCP, TCP_INFO_NAME, info, &len) == 0 &&
            info[0] == TCP_INFO_CLOSE)
            see(f, &(struct tcp_row){.state = TCP_CLOSED});
    }
}

void
states_write(struct engine *e)
{
    FILE *f = e->states_path[0] ? fopen(e->states_path, "w") : NULL;

    if (!f)
        return;
    tcp_each(host_tcp(e->host), see, f);
    see_closed(e, f);
    fclose(f);
}
