/*
 * net_programs.h: what programs on the small networks of net_fixture.h have
 * in common: how they are started, what they call first.
 */
#ifndef LW_NET_PROGRAMS_H
#define LW_NET_PROGRAMS_H

#include "net_fixture.h"
#include "sys.h"

#include <netinet/in.h>

/* Starts main as a program without arguments. The pid. */
int net_start(struct host *h, const char *name, program_main *main);

/* Starts main on a and runs for a second; the program ends with 0. */
void net_ends_well(struct net *n, program_main *main);

/* For programs: an address, of every card when ip is NULL; and a socket of
 * TCP that listens there. */
struct sockaddr_in net_at(const char *ip, uint16_t port);
int net_listen(struct proc *p, uint16_t port);

#endif
