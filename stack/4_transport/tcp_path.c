/*
 * tcp_path.c: has the way been tried hard? A connection that says little
 * never fills its first congestion window and never loses anything. Only one
 * that does needs to know where the last loss was (tcp_cubic.c), when slow
 * start has gone far enough (tcp_hystart.c), what it could go back to
 * (tcp_undo.c), how to spread its segments over a recovery (tcp_recover.c)
 * or which size it is asking for (tcp_mtu.c); or when its next turn is
 * (tcp_pace.c). All that is in one struct,
 * made when the first of them has something to write down. It then stays,
 * also through silences, because what it knows stays true: until the
 * connection is forgotten, or nobody's and in TIME-WAIT.
 *
 * Until then a connection shares one in which nothing has happened, so that
 * reading needs no question. Whoever writes asks tcp_path_own first. Where
 * there is no memory the connection goes on without:
 *
 *     CUBIC              NewReno (RFC 5681)
 *     HyStart            slow start lasts until something is lost
 *     undo, F-RTO        no loss turns out to have been none
 *     PRR                the window is ssthresh from the beginning; without
 *                        SACK it is not inflated beyond three segments
 *     search for a size  none; what a router says is believed to the end
 *     what held it back  counted as busy
 *     pacing             the program that asks hears of it; else none
 */
#include "tcp_conn.h"

#include <stdlib.h>

const struct tcp_path tcp_path_untried;

void
tcp_path_init(struct tcp_conn *c)
{
    c->path = (struct tcp_path *)&tcp_path_untried;
}

bool
tcp_path_own(struct tcp_conn *c)
{
    struct tcp_path *path;

    if (tcp_path_owned(c))
        return true;
    path = calloc(1, sizeof *path);
    if (!path)
        return false;
    c->path = path;
    tcp_hystart_begin(c);
    return true;
}

void
tcp_path_free(struct tcp_conn *c)
{
    if (c->paced)
        tcp_pace_free(c);
    if (tcp_path_owned(c))
        free(c->path);
    tcp_path_init(c);
}
