/*
 * hosts.h: /etc/hosts, the oldest name service (hosts(5)): each line holds an
 * address and the names that it has; `#` begins a comment. The first line
 * that has the name wins.
 */
#ifndef LW_HOSTS_H
#define LW_HOSTS_H

#include "words.h"

/*
 * Looks `name` up (case does not matter, RFC 4343) in the file's text. The
 * number of the line from 1 and *addr, or 0 when no line has it. Lines with
 * an address that is not IPv4 are passed over.
 */
unsigned hosts_find(const char *text, size_t len, const char *name,
    size_t name_len, struct ipv4 *addr);

#endif
