/*
 * state_dump.c: a state as text, every field of every record, in the order
 * of the tables. Two states are equal when their dumps are.
 */
#include "state.h"

#include <inttypes.h>

static void
dump_net(const struct state *st, FILE *out)
{
    for (unsigned i = 0; i < st->nlink; i++) {
        const struct state_link *l = &st->link[i];

        fprintf(out, "link %s %u-%u delay %" PRId64 " rate %" PRIu64 "\n",
            l->name, l->a, l->b, l->delay, l->rate);
    }
    for (unsigned i = 0; i < st->nnetif; i++) {
        const struct state_netif *n = &st->netif[i];

        fprintf(out, "netif %u %s %s %s/%" PRIu64 "\n", n->host, n->name,
            n->mac, n->ip, n->prefix);
    }
    for (unsigned i = 0; i < st->nroute; i++) {
        const struct state_route *r = &st->route[i];

        fprintf(out, "route %u %s %s %s %s\n", r->host, r->prefix, r->netif,
            r->gateway, r->type);
    }
    for (unsigned i = 0; i < st->narp; i++) {
        const struct state_arp *a = &st->arp[i];

        fprintf(out, "arp %u %s %s %s %s held %" PRIu64 "\n", a->host, a->ip,
            a->netif, a->mac, a->state, a->held);
    }
    for (unsigned i = 0; i < st->nflight; i++) {
        const struct state_flight *f = &st->flight[i];

        fprintf(out,
            "flight %" PRIu64 " %s %u>%u sent %" PRIu64 " at %" PRId64
            " done %" PRIu64 " %s\n",
            f->pkt, f->link, f->from, f->to, f->sent, f->at.ns, f->done,
            f->lost);
    }
}

static void
dump_sockets(const struct state *st, FILE *out)
{
    for (unsigned i = 0; i < st->nsock; i++) {
        const struct state_sock *s = &st->sock[i];

        fprintf(out,
            "sock %u %" PRIu64 " pid %u %s %s %s %s rcv %" PRIu64
            " snd %" PRIu64 " waiting %" PRIu64 " backlog %" PRIu64 "%s\n",
            s->host, s->sock, s->pid, s->type, s->local, s->remote, s->state,
            s->rcv, s->snd, s->waiting, s->backlog,
            s->listens ? " listens" : "");
    }
    for (unsigned i = 0; i < st->nconn; i++) {
        const struct state_conn *c = &st->conn[i];

        fprintf(out,
            "conn %u %" PRIu64 " sock %" PRIu64 " %s %s %s %d una %" PRIu64
            " nxt %" PRIu64 " wnd %" PRIu64 " rcv_nxt %" PRIu64
            " rcv_wnd %" PRIu64 " cwnd %" PRIu64 " ssthresh %" PRIu64
            " rto %" PRId64 " srtt %" PRId64 " timer %s due %" PRId64 "\n",
            c->host, c->conn, c->sock, c->local, c->remote, c->state, c->known,
            c->una, c->nxt, c->snd_wnd, c->rcv_nxt, c->rcv_wnd, c->cwnd,
            c->ssthresh, c->rto, c->srtt, c->timer, c->due.ns);
    }
    for (unsigned i = 0; i < st->nproc; i++) {
        const struct state_proc *p = &st->proc[i];

        fprintf(out,
            "proc %u %u ppid %u %s inside %s sleeps %s ended %s call %" PRIu64
            " calls %" PRIu64 "\n",
            p->host, p->pid, p->ppid, p->name, p->inside, p->sleeps, p->ended,
            p->call, p->calls);
    }
}

static void
dump_apps(const struct state *st, FILE *out)
{
    for (unsigned i = 0; i < st->npage; i++) {
        const struct state_page *p = &st->page[i];

        fprintf(out, "page %u %s %s %" PRIu64 " %" PRIu64 " %s\n", p->host,
            p->url, p->doing, p->status, p->len, p->type);
    }
    for (unsigned i = 0; i < st->nnginx; i++) {
        const struct state_nginx *n = &st->nginx[i];

        fprintf(out,
            "nginx %u *%" PRIu64 " %s %s %s %s %s %s %s %s %s %" PRIu64
            " %" PRIu64 "\n",
            n->host, n->conn, n->remote, n->method, n->uri, n->server,
            n->location, n->phase, n->result, n->upstream, n->upstream_state,
            n->status, n->len);
    }
    for (unsigned i = 0; i < st->npool; i++) {
        const struct state_pool *p = &st->pool[i];

        fprintf(out, "pool %u %s %s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
            p->host, p->pool, p->pm, p->idle, p->active, p->total);
    }
    for (unsigned i = 0; i < st->nworker; i++) {
        const struct state_worker *w = &st->worker[i];

        fprintf(out, "worker %u %" PRIu64 " %s %s %s %" PRIu64 "\n", w->host,
            w->pid, w->pool, w->state, w->request, w->served);
    }
    for (unsigned i = 0; i < st->nzend; i++) {
        const struct state_zend *z = &st->zend[i];

        fprintf(out,
            "zend %u %u %s %s %s tokens %" PRIu64 "+%" PRIu64 " tree %" PRIu64
            "+%" PRIu64 " ops %" PRIu64 "+%" PRIu64 " step %" PRIu64
            " steps %" PRIu64 " output %" PRIu64 "\n",
            z->host, z->pid, z->file, z->cache, z->doing, z->tokens, z->ntokens,
            z->tree, z->ntree, z->opcodes, z->nopcodes, z->step, z->steps,
            z->output);
    }
}

void
state_dump(const struct state *st, const struct story *s, FILE *out)
{
    fprintf(out, "after %" PRIu64 " at %" PRId64 " of %u hosts\n", st->at,
        st->now.ns, story_hosts(s) - 1);
    dump_net(st, out);
    dump_sockets(st, out);
    dump_apps(st, out);
}
