/*
 * phases.c: the way of every request through nginx: eleven phases in one
 * order. A handler answers, declines, waits, or sends the request back to
 * the search for a location with another URI.
 */
#include "request.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {"POST_READ", "SERVER_REWRITE",
    "FIND_CONFIG", "REWRITE", "POST_REWRITE", "PREACCESS", "ACCESS",
    "POST_ACCESS", "PRECONTENT", "CONTENT", "LOG"};

static void
tell(struct request *r, int rc)
{
    char text[16];
    const char *result = text;

    if (!journal_wants(r->worker->env->journal, EV_NGINX_PHASE))
        return;
    snprintf(text, sizeof(text), "%d", rc);
    if (rc == RC_OK)
        result = "done";
    else if (rc == RC_DECLINED)
        result = "goes on";
    else if (rc == RC_AGAIN)
        result = "waits";
    else if (rc == RC_DONE)
        result = "redirected";
    NOTE(r->worker->env, EV_NGINX_PHASE, RULE_NGINX_PHASES,
        f_u64("conn", r->conn->number), f_text("phase", names[r->phase]),
        f_text("result", result));
}

/* FIND_CONFIG: what holds for this URI, and the limits that come with it. */
static int
find_config(struct request *r)
{
    struct conn *c = r->conn;
    int rc = location_find(r);
    struct location *l = r->location;

    if (rc != RC_OK)
        return rc;
    if (l->internal && !r->internal)
        return 404;
    if (r->keep_alive && (l->keepalive_timeout == 0 ||
                             c->requests >= (unsigned)l->keepalive_requests))
        r->keep_alive = false;
    if (r->has_length && l->client_max_body_size > 0 && !r->discard &&
        r->content_length > (uint64_t)l->client_max_body_size) {
        log_error(c, LOG_LEVEL_ERROR,
            "client intended to send too large body: %llu bytes",
            (unsigned long long)r->content_length);
        r->expect_tested = true;
        (void)body_discard(r);
        return 413;
    }
    r->phase = PHASE_REWRITE;
    return RC_DECLINED;
}

static int
post_rewrite(struct request *r)
{
    if (!r->uri_changed) {
        r->phase = PHASE_PREACCESS;
        return RC_DECLINED;
    }
    r->uri_changed = false;
    if (--r->redirects == 0) {
        r->redirects = 1;
        log_error(r->conn, LOG_LEVEL_ERROR,
            "rewrite or internal redirection cycle while processing \"%.*s\"",
            (int)r->uri.len, r->uri.at);
        return 500;
    }
    r->phase = PHASE_FIND_CONFIG;
    return RC_DECLINED;
}

static int
content(struct request *r)
{
    if (r->location->fastcgi_pass)
        return upstream_run(r);
    if (r->uri.at[r->uri.len - 1] == '/') {
        int rc = index_run(r);

        if (rc != RC_DECLINED)
            return rc;
    }
    return static_run(r);
}

static int
rewrite(struct request *r, struct location *l, enum phase next)
{
    int rc = rewrite_run(r, l->rewrites);

    if (rc == RC_DECLINED)
        r->phase = next;
    return rc;
}

/* Runs the present phase and sets the next one. */
static int
step(struct request *r)
{
    int rc = RC_DECLINED;

    switch (r->phase) {
    case PHASE_SERVER_REWRITE:
        return rewrite(r, r->server->location, PHASE_FIND_CONFIG);
    case PHASE_FIND_CONFIG: return find_config(r);
    case PHASE_REWRITE: return rewrite(r, r->location, PHASE_POST_REWRITE);
    case PHASE_POST_REWRITE: return post_rewrite(r);
    case PHASE_ACCESS: rc = access_check(r); break;
    case PHASE_PRECONTENT: rc = try_files_run(r); break;
    case PHASE_CONTENT: return content(r);
    default: break;
    }
    if (rc == RC_DECLINED)
        r->phase++;
    return rc;
}

void
phases_run(struct request *r)
{
    int rc = RC_DECLINED;

    while (rc == RC_DECLINED) {
        enum phase now = r->phase;

        rc = step(r);
        if (rc != RC_DONE && !r->finished) {
            enum phase next = r->phase;

            r->phase = now;
            tell(r, rc);
            r->phase = next;
        }
    }
    request_finish(r, rc);
}
