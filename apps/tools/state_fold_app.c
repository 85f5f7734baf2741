/*
 * state_fold_app.c: what each event changes above the sockets: processes,
 * browser, nginx, php-fpm and the Zend engine.
 */
#include "state_in.h"

#include <string.h>

/* --- processes ------------------------------------------------------ */

static struct state_proc *
proc(struct states *ss, uint16_t host, uint32_t pid)
{
    struct state *st = &ss->now;
    struct state_proc *p;

    for (unsigned i = 0; i < st->nproc; i++)
        if (st->proc[i].pid == pid && st->proc[i].host == host)
            return &st->proc[i];
    p = state_add_proc(ss);
    if (!p)
        return NULL;
    *p = (struct state_proc){.host = host,
        .pid = pid,
        .name = "",
        .inside = "",
        .sleeps = "",
        .ended = ""};
    return p;
}

static struct state_proc *
proc_of(struct states *ss, const struct event *e)
{
    return proc(ss, e->host, (uint32_t)event_u64(e, "pid", e->pid));
}

static void
proc_start(struct states *ss, const struct event *e)
{
    struct state_proc *p = proc_of(ss, e);

    if (!p)
        return;
    p->ppid = (uint32_t)event_u64(e, "ppid", 0);
    p->name = state_text(ss, e, "name");
    p->ended = "";
}

static void
proc_exit(struct states *ss, const struct event *e)
{
    struct state_proc *p = proc_of(ss, e);

    if (!p)
        return;
    p->ended = state_text(ss, e, "status");
    if (!*p->ended)
        p->ended = "ended";
}

static void
proc_name(struct states *ss, const struct event *e)
{
    struct state_proc *p = proc_of(ss, e);

    if (p)
        p->name = state_text(ss, e, "name");
}

static void
proc_block(struct states *ss, const struct event *e)
{
    struct state_proc *p = proc_of(ss, e);

    if (p)
        p->sleeps = state_text(ss, e, "call");
}

static void
proc_wake(struct states *ss, const struct event *e)
{
    struct state_proc *p = proc_of(ss, e);

    if (p)
        p->sleeps = "";
}

static void
syscall_done(struct states *ss, const struct event *e)
{
    struct state_proc *p = e->pid ? proc(ss, e->host, e->pid) : NULL;

    if (!p)
        return;
    p->call = ss->now.at;
    p->inside = "";
    p->calls++;
}

static void
syscall_enter(struct states *ss, const struct event *e)
{
    struct state_proc *p = proc_of(ss, e);

    if (p)
        p->inside = state_text(ss, e, "name");
}

/* --- the browser ---------------------------------------------------- */

static struct state_page *
page(struct states *ss, const struct event *e)
{
    struct state *st = &ss->now;
    struct state_page *p;

    for (unsigned i = 0; i < st->npage; i++)
        if (st->page[i].host == e->host)
            return &st->page[i];
    p = state_add_page(ss);
    if (p)
        *p = (struct state_page){
            .host = e->host, .url = "", .doing = "", .type = ""};
    return p;
}

static void
page_event(struct states *ss, const struct event *e)
{
    struct state_page *p;

    p = page(ss, e);
    if (!p)
        return;
    switch (e->kind) {
    case EV_URL_PARSED:
        p->url = state_text(ss, e, "url");
        p->status = 0;
        p->len = 0;
        p->type = "";
        p->doing = "looks for the name";
        break;
    case EV_DNS_QUERY: p->doing = "asks a name server"; break;
    case EV_NAME_RESOLVED:
    case EV_NAME_HOSTS: p->doing = "connects"; break;
    case EV_HTTP_REQUEST_SENT: p->doing = "waits for the answer"; break;
    case EV_HTTP_RESPONSE_READ:
        p->status = event_u64(e, "status", 0);
        p->doing = "reads the answer";
        break;
    case EV_PAGE_LOADED:
        p->status = event_u64(e, "status", p->status);
        p->len = event_u64(e, "len", 0);
        p->type = state_text(ss, e, "type");
        p->doing = "has the page";
        break;
    case EV_PAGE_FAILED: p->doing = state_text(ss, e, "reason"); break;
    default: break;
    }
}

/* --- nginx ---------------------------------------------------------- */

static void
take(
    struct states *ss, const struct event *e, const char *name, const char **to)
{
    if (event_field(e, name))
        *to = state_text(ss, e, name);
}

static void
nginx_event(struct states *ss, const struct event *e)
{
    struct state *st = &ss->now;
    uint64_t no = event_u64(e, "conn", 0);
    struct state_nginx *n = NULL;

    for (unsigned i = st->nnginx; i-- > 0 && !n;)
        if (st->nginx[i].conn == no && st->nginx[i].host == e->host)
            n = &st->nginx[i];
    if (!n) {
        n = state_add_nginx(ss);
        if (!n)
            return;
        *n = (struct state_nginx){
            e->host, no, "", "", "", "", "", "", "", "", "", 0, 0};
    }
    if (e->kind == EV_NGINX_REQUEST) {
        n->server = n->location = n->phase = n->result = "";
        n->upstream = n->upstream_state = "";
        n->status = n->len = 0;
    }
    take(ss, e, "remote", &n->remote);
    take(ss, e, "method", &n->method);
    take(ss, e, "uri", &n->uri);
    take(ss, e, "server", &n->server);
    take(ss, e, "location", &n->location);
    take(ss, e, "phase", &n->phase);
    take(ss, e, "upstream", &n->upstream);
    if (e->kind == EV_NGINX_UPSTREAM)
        take(ss, e, "state", &n->upstream_state);
    if (e->kind == EV_NGINX_PHASE)
        take(ss, e, "result", &n->result);
    n->status = event_u64(e, "status", n->status);
    n->len = event_u64(e, "len", n->len);
    if (e->kind == EV_NGINX_CLOSE)
        state_cut_nginx(st, (unsigned)(n - st->nginx));
}

/* --- php-fpm -------------------------------------------------------- */

static void
fpm_pool(struct states *ss, const struct event *e)
{
    struct state *st = &ss->now;
    const char *name = state_text(ss, e, "pool");
    struct state_pool *p = NULL;

    for (unsigned i = 0; i < st->npool && !p; i++)
        if (st->pool[i].host == e->host && !strcmp(st->pool[i].pool, name))
            p = &st->pool[i];
    if (!p)
        p = state_add_pool(ss);
    if (!p)
        return;
    *p = (struct state_pool){e->host, name, state_text(ss, e, "pm"),
        event_u64(e, "idle", 0), event_u64(e, "active", 0),
        event_u64(e, "total", 0)};
}

static struct state_worker *
worker(struct states *ss, const struct event *e)
{
    struct state *st = &ss->now;
    uint64_t pid = event_u64(e, "pid", e->pid);
    struct state_worker *w;

    for (unsigned i = 0; i < st->nworker; i++)
        if (st->worker[i].pid == pid && st->worker[i].host == e->host)
            return &st->worker[i];
    w = state_add_worker(ss);
    if (w)
        *w = (struct state_worker){e->host, pid, "", "", "", 0};
    return w;
}

static void
fpm_worker(struct states *ss, const struct event *e)
{
    struct state *st = &ss->now;
    struct state_worker *w = worker(ss, e);

    if (!w)
        return;
    w->pool = state_text(ss, e, "pool");
    w->state = state_text(ss, e, "to");
    if (!strcmp(w->state, "gone") || !strcmp(w->state, "dead") ||
        !strcmp(w->state, "exited"))
        state_cut_worker(st, (unsigned)(w - st->worker));
}

static void
fpm_request(struct states *ss, const struct event *e)
{
    struct state_worker *w = worker(ss, e);

    if (!w)
        return;
    w->request = e->kind == EV_FPM_REQUEST ? state_text(ss, e, "script") : "";
    w->served += e->kind == EV_FPM_DONE;
}

/* --- the Zend engine ------------------------------------------------ */

static struct state_zend *
zend(struct states *ss, const struct event *e)
{
    struct state *st = &ss->now;
    struct state_zend *z;

    for (unsigned i = 0; i < st->nzend; i++)
        if (st->zend[i].pid == e->pid && st->zend[i].host == e->host)
            return &st->zend[i];
    z = state_add_zend(ss);
    if (z)
        *z = (struct state_zend){.host = e->host,
            .pid = e->pid,
            .file = "",
            .cache = "",
            .doing = ""};
    return z;
}

/* Counts a run of tokens, nodes or opcodes and remembers its first. */
static void
zend_count(struct states *ss, uint64_t *first, uint64_t *n)
{
    if (!*n)
        *first = ss->now.at;
    ++*n;
}

static void
zend_event(struct states *ss, const struct event *e)
{
    struct state_zend *z = zend(ss, e);

    if (!z)
        return;
    switch (e->kind) {
    case EV_ZEND_REQUEST:
        z->doing = state_text(ss, e, "what");
        z->ntokens = z->ntree = z->nopcodes = z->steps = z->output = 0;
        z->tokens = z->tree = z->opcodes = z->step = 0;
        break;
    case EV_ZEND_COMPILE:
        z->file = state_text(ss, e, "file");
        z->cache = state_text(ss, e, "cache");
        z->compiled = true;
        break;
    case EV_ZEND_TOKEN:
        if (z->compiled || !z->ntokens) { /* the next file */
            z->ntokens = z->ntree = z->tree = 0;
            z->doing = "compiles";
        }
        z->compiled = false;
        zend_count(ss, &z->tokens, &z->ntokens);
        break;
    case EV_ZEND_AST: zend_count(ss, &z->tree, &z->ntree); break;
    case EV_ZEND_OPCODE: zend_count(ss, &z->opcodes, &z->nopcodes); break;
    case EV_ZEND_EXECUTE:
        z->file = state_text(ss, e, "file");
        z->doing = "executes";
        break;
    case EV_ZEND_STEP:
        z->doing = "executes";
        z->step = ss->now.at;
        z->steps++;
        break;
    case EV_ZEND_OUTPUT: z->output += event_u64(e, "len", 0); break;
    case EV_ZEND_RINIT: z->doing = "RINIT"; break;
    case EV_ZEND_RSHUTDOWN:
        z->doing = "RSHUTDOWN";
        z->step = 0;
        break;
    default: break;
    }
}

state_fold *
state_fold_app(enum event_kind kind)
{
    static state_fold *const table[EV_COUNT] = {
        [EV_PROC_START] = proc_start,
        [EV_PROC_EXIT] = proc_exit,
        [EV_PROC_NAME] = proc_name,
        [EV_PROC_BLOCK] = proc_block,
        [EV_PROC_WAKE] = proc_wake,
        [EV_SYSCALL_ENTER] = syscall_enter,
        [EV_SYSCALL] = syscall_done,
        [EV_URL_PARSED] = page_event,
        [EV_NAME_HOSTS] = page_event,
        [EV_NAME_RESOLVED] = page_event,
        [EV_DNS_QUERY] = page_event,
        [EV_HTTP_REQUEST_SENT] = page_event,
        [EV_HTTP_RESPONSE_READ] = page_event,
        [EV_PAGE_LOADED] = page_event,
        [EV_PAGE_FAILED] = page_event,
        [EV_NGINX_CONN] = nginx_event,
        [EV_NGINX_REQUEST] = nginx_event,
        [EV_NGINX_SERVER] = nginx_event,
        [EV_NGINX_LOCATION] = nginx_event,
        [EV_NGINX_PHASE] = nginx_event,
        [EV_NGINX_INTERNAL] = nginx_event,
        [EV_NGINX_UPSTREAM] = nginx_event,
        [EV_NGINX_RESPONSE] = nginx_event,
        [EV_NGINX_CLOSE] = nginx_event,
        [EV_FPM_POOL] = fpm_pool,
        [EV_FPM_WORKER] = fpm_worker,
        [EV_FPM_REQUEST] = fpm_request,
        [EV_FPM_DONE] = fpm_request,
        [EV_ZEND_REQUEST] = zend_event,
        [EV_ZEND_COMPILE] = zend_event,
        [EV_ZEND_TOKEN] = zend_event,
        [EV_ZEND_AST] = zend_event,
        [EV_ZEND_OPCODE] = zend_event,
        [EV_ZEND_EXECUTE] = zend_event,
        [EV_ZEND_STEP] = zend_event,
        [EV_ZEND_OUTPUT] = zend_event,
        [EV_ZEND_RINIT] = zend_event,
        [EV_ZEND_RSHUTDOWN] = zend_event,
    };

    return table[kind];
}
