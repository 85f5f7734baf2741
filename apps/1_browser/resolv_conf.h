/*
 * resolv_conf.h: /etc/resolv.conf (resolv.conf(5)): whom to ask, which ends
 * to try for a short name, how long to wait and how often to ask.
 *
 *     nameserver 10.0.0.53
 *     search lan.test
 *     options ndots:1 timeout:5 attempts:2 use-vc edns0
 */
#ifndef LW_RESOLV_CONF_H
#define LW_RESOLV_CONF_H

#include "dns_name.h"

enum {
    RESOLV_SERVERS = 3, /* MAXNS of <resolv.h> */
    RESOLV_SEARCH = 6   /* MAXDNSRCH */
};

struct resolv_conf {
    struct ipv4 servers[RESOLV_SERVERS];
    unsigned nservers;
    struct dns_name search[RESOLV_SEARCH];
    unsigned nsearch;
    unsigned ndots;    /* so many dots: first asked for as it is */
    unsigned timeout;  /* seconds for the first round */
    unsigned attempts; /* rounds through all servers */
    bool use_vc;       /* TCP from the beginning */
    bool edns0;        /* say how long a datagram may be (RFC 6891) */
};

/*
 * What the text says; what it does not say, or not as it should, is as the
 * manual page says: without a server this computer itself is asked. Servers
 * without an IPv4 address and unknown options are passed over.
 */
void resolv_conf_parse(const char *text, size_t len, struct resolv_conf *conf);

#endif
