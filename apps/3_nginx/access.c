/*
 * access.c: the phase ACCESS: allow and deny, the first rule that holds the
 * client's address decides; without one everybody may come in.
 */
#include "request.h"

int
access_check(struct request *r)
{
    struct conn *c = r->conn;

    for (struct access_rule *a = r->location->access; a; a = a->next) {
        if ((c->peer.v & ipv4_mask(a->prefix).v) != a->net.v)
            continue;
        NOTE(r->worker->env, EV_NGINX_ALLOW, RULE_NGINX_ACCESS,
            f_u64("conn", c->number), f_text("peer", c->peer_text),
            f_text("result", a->deny ? "denied" : "allowed"));
        if (!a->deny)
            return RC_DECLINED;
        log_error(c, LOG_LEVEL_ERROR, "access forbidden by rule");
        return 403;
    }
    return RC_DECLINED;
}
