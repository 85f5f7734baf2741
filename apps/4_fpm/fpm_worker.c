/*
 * fpm_worker.c: a worker's life: wait in accept, read, serve, close, and
 * again. All workers of a pool wait on the same listening socket; the kernel
 * wakes one of them for each connection. The master has no part in it.
 *
 * strace of php-fpm 8.2 shows accept(2) for our accept4 without flags, and
 * some calls that are not made here: poll with five seconds before the first
 * read, times(2) around the request, and a short write to the master's pipe
 * at its end.
 */
#include "fpm_output.h"
#include "inside.h"
#include "sapi.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FPM_EXIT_SOFTWARE 70 /* from sysexits.h */

static void
stage(struct fpm *f, enum fpm_stage to)
{
    fpm_slot_move(fpm_env(f), f->pool->board, f->slot, to);
}

static int64_t
now_ns(struct fpm *f)
{
    return fpm_env(f)->timers->now.ns;
}

/* listen.allowed_clients: "127.0.0.1,10.0.0.2" */
static bool
is_allowed(struct fpm *f, const struct sockaddr_storage *from)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)from;
    const char *list = f->pool->conf->allowed;
    struct ipv4 client;
    char text[16];
    size_t n, len;

    if (!list || !*list || from->ss_family != AF_INET)
        return true;
    client.v = ntohl(in->sin_addr.s_addr);
    ipv4_text(client, text);
    len = strlen(text);
    for (; *(list += strspn(list, " ,")); list += n) {
        n = strcspn(list, " ,");
        if (n == len && memcmp(list, text, n) == 0)
            return true;
    }
    fpm_log(f, FPM_ERROR,
        "Connection disallowed: IP address '%s' has been dropped.", text);
    return false;
}

static void
begin_reading(struct fpm *f)
{
    f->slot->accepted_ns = now_ns(f);
    f->slot->requests++;
    f->pool->board->accepted++;
    stage(f, FPM_STAGE_READING);
}

/* True when the worker has served as many as pm.max_requests. */
static bool
is_worn(const struct fpm *f)
{
    int max = f->pool->conf->max_requests;

    return max > 0 && f->slot->requests >= (uint64_t)max;
}

/*
 * All requests of one connection: one, unless the server keeps it open
 * (FCGI_KEEP_CONN). Between two of them the worker waits for the next on this
 * very connection, "Reading headers", and counts as active: nobody else can
 * have it. A server that keeps as many connections as there are children
 * shuts all others out; it is the server who must keep fewer, and for a
 * limited time. Real php-fpm is the same (fcgi_accept_request).
 */
static void
serve_connection(struct fpm *f)
{
    struct fpm_conn *c = &f->conn;
    bool closed = false;

    while (c->fd >= 0) {
        begin_reading(f);
        if (!fpm_conn_begin(c)) {
            fpm_conn_close(c, true);
            stage(f, FPM_STAGE_FINISHED);
            return;
        }
        sapi_serve(f);
        output_log(f);
        f->slot->duration_ns = now_ns(f) - f->slot->accepted_ns;
        if (is_worn(f))
            c->keep = false;
        closed = fpm_conn_close(c, c->stream_over);
    }
    if (closed)
        stage(f, FPM_STAGE_FINISHED);
}

/* A new connection; false: the listening socket is of no use any more. */
static bool
accept_one(struct fpm *f)
{
    struct sockaddr_storage from = {0};
    socklen_t len = 112; /* php-fpm's union of in, in6 and un */
    int fd;

    stage(f, FPM_STAGE_IDLE);
    do
        fd = sys_accept4(
            f->proc, f->pool->listen_fd, (struct sockaddr *)&from, &len, 0);
    while (fd == -EINTR || fd == -ECONNABORTED);
    if (fd < 0)
        return false;
    fpm_conn_init(&f->conn, f->proc);
    f->conn.fd = fd;
    if (is_allowed(f, &from)) {
        serve_connection(f);
    } else {
        stage(f, FPM_STAGE_READING);
        fpm_conn_close(&f->conn, true);
        stage(f, FPM_STAGE_FINISHED);
    }
    arena_free(&f->conn.arena);
    return true;
}

void
fpm_work(struct fpm *f, struct fpm_pool_run *pool, struct fpm_slot *slot)
{
    char name[64];

    f->pool = pool;
    f->slot = slot;
    /* The master's signals end a worker; a server that hangs up must not. */
    sys_rt_sigprocmask(f->proc, 1ull << (SIGPIPE - 1));
    inside_forked(f->proc, f->seed);
    slot->pid = sys_getpid(f->proc);
    slot->started_ns = now_ns(f);
    slot->requests = 0;
    stage(f, FPM_STAGE_CREATING);
    snprintf(name, sizeof(name), "php-fpm: pool %s", pool->conf->name);
    sys_prctl_name(f->proc, name);
    if (pool->conf->chdir && *pool->conf->chdir && chdir(pool->conf->chdir)) {
        fpm_log(f, FPM_ERROR, "[pool %s] failed to chdir(%s): %s (%d)",
            pool->conf->name, pool->conf->chdir, strerror(errno), errno);
        sys_exit_group(f->proc, FPM_EXIT_SOFTWARE);
    }
    output_begin(f);
    sapi_worker(f);
    while (!is_worn(f) && accept_one(f))
        ;
    sapi_end();
    sys_exit_group(f->proc, 0);
}
