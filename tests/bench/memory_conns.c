/*
 * memory_conns.c: connections opened and closed per second, one after the
 * other, by one thread for both ends. The client closes first, so its
 * connections stay in TIME-WAIT for a minute of virtual time; how many there
 * are at a time follows from the pause between two. Linux's figure is of the
 * same calls over its loopback device.
 */
#include "memory.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIME_WAIT  (60 * LW_S)
#define COUNTED    20000 /* connections, after as many as stay in TIME-WAIT */
#define FEW        1000
#define MANY       16000
#define LINUX_MOST 8000 /* below what its range of ports allows */

struct conns {
    int waiting; /* that shall stay in TIME-WAIT */
    double seconds;
};

static int
server_main(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in at = server_address();
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0), conn;
    char byte;

    (void)argc;
    (void)argv;
    sys_bind(p, fd, (struct sockaddr *)&at, sizeof at);
    sys_listen(p, fd, 128);
    while ((conn = sys_accept4(p, fd, NULL, NULL, 0)) >= 0) {
        sys_read(p, conn, &byte, 1);
        sys_close(p, conn);
    }
    return 1;
}

static int
client_main(struct proc *p, int argc, char **argv)
{
    struct conns *c = pair_arg(argv);
    struct sockaddr_in to = server_address();
    struct timespec pause = {.tv_nsec = TIME_WAIT / c->waiting};

    (void)argc;
    for (int i = 0; i < c->waiting + COUNTED; i++) {
        int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);

        if (i == c->waiting)
            c->seconds = seconds_now();
        if (sys_connect(p, fd, (struct sockaddr *)&to, sizeof to) < 0)
            return 1;
        sys_close(p, fd);
        sys_nanosleep(p, &pause);
    }
    c->seconds = seconds_now() - c->seconds;
    return 0;
}

static double
conns_run(int waiting)
{
    struct conns c = {.waiting = waiting};
    struct pair p;

    pair_open(&p, NULL);
    pair_start(p.server, "server", server_main, &c);
    world_settle(p.world);
    pair_start(p.client, "client", client_main, &c);
    pair_run(&p);
    pair_close(&p);
    return COUNTED / c.seconds;
}

/* 0 where sockets are closed to us. */
static double
linux_run(void)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0), n = 0;
    double start = seconds_now();

    if (bind(listener, (struct sockaddr *)&at, len) < 0 ||
        listen(listener, 128) < 0 ||
        getsockname(listener, (struct sockaddr *)&at, &len) < 0)
        return 0;
    while (n < LINUX_MOST) {
        int fd = socket(AF_INET, SOCK_STREAM, 0), conn;
        char byte;

        if (connect(fd, (struct sockaddr *)&at, sizeof at) < 0)
            break;
        conn = accept(listener, NULL, NULL);
        close(fd);
        if (read(conn, &byte, 1) != 0)
            break;
        close(conn);
        n++;
    }
    start = seconds_now() - start;
    close(listener);
    return n / start;
}

void
memory_conns(void)
{
    printf("conns_linux %.0f\n", linux_run());
    printf("conns %.0f\n", conns_run(FEW));
    printf("conns_wait %.0f\n", conns_run(MANY));
}
