/*
 * net_programs.c: programs on small networks.
 */
#include "net_programs.h"
#include "check.h"

#include <arpa/inet.h>

int
net_start(struct host *h, const char *name, program_main *main)
{
    char *argv[] = {(char *)(uintptr_t)name, NULL};
    int pid = kernel_start(host_kernel(h), name, main, 1, argv);

    CHECK(pid > 0);
    return pid;
}

void
net_ends_well(struct net *n, program_main *main)
{
    int pid = net_start(n->a, "test", main);

    net_run(n, LW_S);
    CHECK_EQ(kernel_status(host_kernel(n->a), pid), 0);
}

struct sockaddr_in
net_at(const char *ip, uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(ip ? net_ip(ip).v : INADDR_ANY)};
}

int
net_listen(struct proc *p, uint16_t port)
{
    struct sockaddr_in in = net_at(NULL, port);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);

    CHECK_EQ(sys_bind(p, fd, (void *)&in, sizeof in), 0);
    CHECK_EQ(sys_listen(p, fd, 1), 0);
    return fd;
}
