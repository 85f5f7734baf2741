/*
 * sock_device.c: sockets that are bound to one card (socket(7)): with
 * SO_BINDTODEVICE by its name, with SO_BINDTOIFINDEX by its number. What such
 * a socket sends leaves by that card, whatever the routes say; and of what
 * arrives it hears only what came by it: udp_input.c, tcp_table.c, and
 * ip_route_by for the way down.
 *
 * Whoever has bound a socket cannot bind it anew: that takes CAP_NET_RAW in
 * Linux, which programs here do not have.
 */
#include "ip.h"
#include "sock.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

enum {
    CARDS_MOST = 255 /* numbers of cards */
};

static int
bind_to(struct sock *s, int card)
{
    struct sock_rare *r;
    int err;

    if (sock_rare_of(s)->card)
        return -EPERM;
    if (card < 0)
        return -EINVAL;
    r = sock_rare_own(s);
    if (!r)
        return -ENOMEM;
    r->card = (uint8_t)(card < CARDS_MOST ? card : CARDS_MOST);
    if (s->domain != AF_INET) /* it never uses one */
        return 0;
    err = s->f.ops->sock->setopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, r->card);
    if (err)
        r->card = 0;
    return err;
}

static int
by_name(struct sock *s, const void *value, socklen_t len)
{
    const struct ip *ip = s->f.k->ip;
    char name[IFNAMSIZ] = "";
    const char *is;

    memcpy(name, value, len < sizeof name - 1 ? len : sizeof name - 1);
    if (!name[0])
        return bind_to(s, 0);
    for (int i = 1; ip && (is = ip_card_name(ip, (unsigned)i)); i++)
        if (strcmp(is, name) == 0)
            return bind_to(s, i);
    return -ENODEV;
}

int
sock_set_device(struct sock *s, int name, const void *value, socklen_t len)
{
    int card;

    if (name == SO_BINDTODEVICE)
        return by_name(s, value, len);
    if (len < sizeof card)
        return -EINVAL;
    memcpy(&card, value, sizeof card);
    return bind_to(s, card);
}

int
sock_get_device(struct sock *s, int name, void *value, socklen_t *len)
{
    int card = sock_rare_of(s)->card;
    const char *is = NULL;

    if (name == SO_BINDTOIFINDEX)
        return sock_give(&card, sizeof card, value, len);
    if (!card) {
        *len = 0;
        return 0;
    }
    if (*len < IFNAMSIZ)
        return -EINVAL;
    if (s->f.k->ip)
        is = ip_card_name(s->f.k->ip, (unsigned)card);
    return is ? sock_give(is, strlen(is) + 1, value, len) : -ENODEV;
}
