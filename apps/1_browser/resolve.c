/*
 * resolve.c: whom to ask, for which name, and how often.
 *
 *     name -> an address already? -> /etc/hosts -> for each candidate name:
 *             for each round: for each server: ask (ask.c)
 *
 * A candidate is the name as it is, or with an end of the `search` line. An
 * answer ends it; a server that fails or is silent is followed by the next,
 * and after the last by another round with more patience.
 */
#include "resolve.h"
#include "ask.h"
#include "hosts.h"
#include "resolv_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>

#define FILE_MAX 65536 /* bytes read of hosts and resolv.conf */

/* One call of resolve_host. */
struct lookup {
    struct resolver *r;
    struct env *env;
    const char *name;
    struct resolv_conf conf;
    struct ask ask;
    struct resolved *out;
};

void
resolver_init(struct resolver *r, struct proc *p)
{
    r->p = p;
    arena_init(&r->arena, 1 << 20);
}

void
resolver_free(struct resolver *r)
{
    arena_free(&r->arena);
}

/* A file as a whole; without one the text is empty. NULL: no memory. */
static char *
read_file(struct resolver *r, const char *path, size_t *len)
{
    char *text = arena_alloc(&r->arena, FILE_MAX);
    int fd = sys_open(r->p, path, O_RDONLY | O_CLOEXEC, 0);
    ssize_t n = 0;

    *len = 0;
    while (text && fd >= 0 && *len < FILE_MAX &&
           (n = sys_read(r->p, fd, text + *len, FILE_MAX - *len)) > 0)
        *len += (size_t)n;
    if (fd >= 0)
        sys_close(r->p, fd);
    return text;
}

/* --- the hosts file ------------------------------------------------------- */

/* 0: found there; EAI_NONAME: not. */
static int
by_file(struct lookup *l)
{
    struct ipv4 addr;
    size_t len;
    char *text = read_file(l->r, "/etc/hosts", &len);

    if (!text)
        return EAI_MEMORY;
    unsigned line = hosts_find(text, len, l->name, strlen(l->name), &addr);
    if (!line)
        return EAI_NONAME;
    journal_enter(l->env->journal,
        NOTE(l->env, EV_NAME_HOSTS, RULE_HOSTS_FILE, f_u64("line", line),
            f_text("name", l->name), f_ip("ip", addr)));
    l->out->addrs[l->out->n++] = addr;
    return 0;
}

/* --- the name servers ----------------------------------------------------- */

static int
found(struct lookup *l)
{
    const struct reply *reply = &l->ask.reply;
    char server[16];

    for (unsigned i = 0; i < reply->naddrs && l->out->n < RESOLVE_ADDRS; i++)
        l->out->addrs[l->out->n++] = reply->addrs[i];
    journal_enter(l->env->journal,
        NOTE(l->env, EV_NAME_RESOLVED, RULE_DNS_CHAIN, f_text("name", l->name),
            f_ip("ip", l->out->addrs[0]),
            f_text("server", ipv4_text(l->ask.server, server)),
            f_u64("addresses", l->out->n), f_u64("ttl", reply->ttl)));
    return 0;
}

/* What the answer means to the caller; 1: ask the next server. */
static int
meaning(struct lookup *l, enum reply_kind kind)
{
    switch (kind) {
    case REPLY_FOUND: return found(l);
    case REPLY_NO_NAME: return EAI_NONAME;
    case REPLY_NO_DATA: return EAI_NODATA;
    case REPLY_FAILED: return EAI_FAIL;
    default: return 1;
    }
}

/* Asks one server; the seconds double with every round, as in resolver(3). */
static int
ask_one(struct lookup *l, unsigned server, unsigned round)
{
    const struct resolv_conf *conf = &l->conf;
    unsigned seconds = conf->timeout << round;
    enum reply_kind kind;

    if (round > 0)
        seconds /= conf->nservers;
    l->ask.server = conf->servers[server];
    l->ask.timeout = seconds ? seconds : 1;
    l->ask.edns = conf->edns0;
    l->ask.tcp = conf->use_vc;
    kind = ask_server(&l->ask);
    if (kind == REPLY_FAILED && l->ask.edns &&
        l->ask.reply.header.rcode == DNS_FORMERR) {
        l->ask.edns = false; /* RFC 6891 7: it may not know OPT */
        kind = ask_server(&l->ask);
    }
    return meaning(l, kind);
}

/* One candidate, all rounds. */
static int
ask_all(struct lookup *l, const struct dns_name *name)
{
    l->ask.question = (struct dns_question){*name, DNS_A, DNS_CLASS_IN, 0};
    for (unsigned round = 0; round < l->conf.attempts; round++) {
        for (unsigned s = 0; s < l->conf.nservers; s++) {
            int err = ask_one(l, s, round);

            if (err <= 0)
                return err;
        }
    }
    return EAI_AGAIN;
}

/* The name with the end from the search line. False: that is too long. */
static bool
join(const struct dns_name *name, const struct dns_name *end,
    struct dns_name *out)
{
    unsigned front = name->len - 1u; /* without the root */

    if (front + end->len > DNS_NAME_MAX)
        return false;
    memcpy(out->wire, name->wire, front);
    memcpy(out->wire + front, end->wire, end->len);
    out->len = (uint8_t)(front + end->len);
    return true;
}

/* Is it settled, so that no other candidate need be asked? What was learnt
 * first about the name stays (resolver(3): a candidate may be missing). */
static bool
settled(int err, int *first)
{
    bool again = err == EAI_NONAME || err == EAI_NODATA;

    if (*first == EAI_NONAME || !again)
        *first = err;
    return !again;
}

/* resolv.conf(5), search and ndots: which candidates, and in which order. */
static int
by_dns(struct lookup *l)
{
    size_t len = strlen(l->name);
    bool whole = len && l->name[len - 1] == '.';
    struct dns_name name, joined;
    struct dns_fault fault;
    int err = EAI_NONAME;

    if (!dns_name_parse(l->name, len, &name, &fault))
        return EAI_NONAME;
    unsigned labels = dns_name_labels(&name);
    unsigned dots = labels ? labels - 1 + whole : 0;
    bool first = whole || dots >= l->conf.ndots;

    if (first && settled(ask_all(l, &name), &err))
        return err;
    for (unsigned i = 0; !whole && i < l->conf.nsearch; i++)
        if (join(&name, &l->conf.search[i], &joined) &&
            settled(ask_all(l, &joined), &err))
            return err;
    if (!first)
        settled(ask_all(l, &name), &err);
    return err;
}

/* --- both ----------------------------------------------------------------- */

static int
prepare(struct lookup *l)
{
    size_t len;
    char *text = read_file(l->r, "/etc/resolv.conf", &len);

    l->ask.p = l->r->p;
    l->ask.room = arena_alloc(&l->r->arena, ASK_ROOM);
    if (!text || !l->ask.room)
        return EAI_MEMORY;
    resolv_conf_parse(text, len, &l->conf);
    return 0;
}

static int
fails(struct lookup *l, int err)
{
    const char *why = gai_strerror(err);

    if (err == EAI_NONAME || err == EAI_NODATA)
        NOTE(l->env, EV_NAME_UNKNOWN, RULE_DNS_RCODE, f_text("name", l->name),
            f_text("reason", why));
    else
        NOTE(l->env, EV_NAME_FAILED, RULE_DNS_RETRY, f_text("name", l->name),
            f_text("reason", why));
    l->out->why = why;
    return err;
}

int
resolve_host(struct resolver *r, const char *name, struct resolved *out)
{
    struct lookup *l;
    int err;

    *out = (struct resolved){{{0}}, 0, NULL};
    if (ipv4_parse(name, &out->addrs[0])) {
        out->n = 1;
        return 0;
    }
    arena_free(&r->arena);
    l = arena_alloc(&r->arena, sizeof *l);
    if (!l) {
        out->why = gai_strerror(EAI_MEMORY);
        return EAI_MEMORY;
    }
    *l =
        (struct lookup){.r = r, .env = sys_env(r->p), .name = name, .out = out};
    err = by_file(l);
    if (err == EAI_NONAME)
        err = prepare(l);
    else
        return err ? fails(l, err) : 0;
    if (!err)
        err = by_dns(l);
    return err ? fails(l, err) : 0;
}
