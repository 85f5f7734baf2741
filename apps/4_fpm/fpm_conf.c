/*
 * fpm_conf.c: every directive of php-fpm in one table: where it may stand,
 * what kind of value it takes, which member it fills, or why it is refused.
 */
#include "fpm_conf.h"
#include "fpm_ini.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MEMORY_LIMIT  (4u << 20) /* for all files together */
#define INCLUDE_DEPTH 4          /* php-fpm's own limit */

enum where {
    GLOBAL,
    POOL
};

enum kind {
    TEXT,
    NUMBER,
    BOOLEAN,
    NEGATED, /* a boolean whose usual value is yes */
    SECONDS,
    PM,
    LEVEL,
    QUIET,  /* read, no effect on a simulated computer */
    REFUSED /* would change the behaviour: say what to do instead */
};

struct directive {
    enum where where;
    const char *name;
    enum kind kind;
    size_t member;
    const char *hint;
};

#define G(name, kind, field)                                                   \
    {                                                                          \
        GLOBAL, name, kind, offsetof(struct fpm_conf, field), NULL             \
    }
#define P(name, kind, field)                                                   \
    {                                                                          \
        POOL, name, kind, offsetof(struct fpm_pool, field), NULL               \
    }

/* clang-format off */
static const struct directive directives[] = {
    G("error_log", TEXT, error_log),
    G("log_level", LEVEL, log_level),
    G("process_control_timeout", SECONDS, control_timeout),
    G("process.max", NUMBER, process_max),
    {GLOBAL, "pid", QUIET, 0, NULL},
    {GLOBAL, "daemonize", QUIET, 0, NULL},
    {GLOBAL, "rlimit_files", QUIET, 0, NULL},
    {GLOBAL, "rlimit_core", QUIET, 0, NULL},
    {GLOBAL, "log_limit", QUIET, 0, NULL},
    {GLOBAL, "log_buffering", QUIET, 0, NULL},
    {GLOBAL, "events.mechanism", QUIET, 0, NULL},
    {GLOBAL, "systemd_interval", QUIET, 0, NULL},
    {GLOBAL, "process.priority", QUIET, 0, NULL},
    {GLOBAL, "syslog.facility", QUIET, 0, NULL},
    {GLOBAL, "syslog.ident", QUIET, 0, NULL},
    {GLOBAL, "emergency_restart_threshold", REFUSED, 0,
        "a worker that crashes is replaced; leave it at 0"},
    {GLOBAL, "emergency_restart_interval", REFUSED, 0,
        "a worker that crashes is replaced; leave it at 0"},

    P("user", TEXT, user),
    P("listen", TEXT, listen),
    P("listen.backlog", NUMBER, backlog),
    P("listen.allowed_clients", TEXT, allowed),
    P("pm", PM, pm),
    P("pm.max_children", NUMBER, max_children),
    P("pm.start_servers", NUMBER, start_servers),
    P("pm.min_spare_servers", NUMBER, min_spare),
    P("pm.max_spare_servers", NUMBER, max_spare),
    P("pm.max_spawn_rate", NUMBER, max_spawn_rate),
    P("pm.process_idle_timeout", SECONDS, idle_timeout),
    P("pm.max_requests", NUMBER, max_requests),
    P("pm.status_path", TEXT, status_path),
    P("ping.path", TEXT, ping_path),
    P("ping.response", TEXT, ping_response),
    P("request_terminate_timeout", SECONDS, terminate_timeout),
    P("security.limit_extensions", TEXT, extensions),
    P("chdir", TEXT, chdir),
    P("clear_env", BOOLEAN, clear_env),
    P("catch_workers_output", BOOLEAN, catch_output),
    P("decorate_workers_output", NEGATED, plain_output),
    {POOL, "group", QUIET, 0, NULL},
    {POOL, "listen.owner", QUIET, 0, NULL},
    {POOL, "listen.group", QUIET, 0, NULL},
    {POOL, "listen.mode", QUIET, 0, NULL},
    {POOL, "process.priority", QUIET, 0, NULL},
    {POOL, "process.dumpable", QUIET, 0, NULL},
    {POOL, "rlimit_files", QUIET, 0, NULL},
    {POOL, "rlimit_core", QUIET, 0, NULL},
    {POOL, "prefix", REFUSED, 0, "write absolute paths"},
    {POOL, "chroot", REFUSED, 0, "the host's folder is the root already"},
    {POOL, "listen.acl_users", REFUSED, 0, "there are no file permissions"},
    {POOL, "listen.acl_groups", REFUSED, 0, "there are no file permissions"},
    {POOL, "listen.setfib", REFUSED, 0, "FreeBSD only"},
    {POOL, "pm.status_listen", REFUSED, 0, "use pm.status_path"},
    {POOL, "access.log", REFUSED, 0, "every request is in the journal"},
    {POOL, "access.format", REFUSED, 0, "every request is in the journal"},
    {POOL, "slowlog", REFUSED, 0, "step through the request instead"},
    {POOL, "request_slowlog_timeout", REFUSED, 0,
        "step through the request instead"},
    {POOL, "request_slowlog_trace_depth", REFUSED, 0,
        "step through the request instead"},
    {POOL, "request_terminate_timeout_track_finished", REFUSED, 0,
        "the time of a request ends with its answer"},
};
/* clang-format on */

struct reader {
    struct fpm_conf *conf;
    const struct fpm_loader *loader;
    struct fault *fault;
    struct fpm_pool *pool; /* being read; NULL: in [global] */
    unsigned depth;
};

const char *
fpm_pm_name(enum fpm_pm pm)
{
    static const char *const names[] = {"", "static", "dynamic", "ondemand"};

    return names[pm];
}

static int
refuse(struct reader *r, const struct fpm_ini_entry *e, const char *what)
{
    return fault_set(r->fault, NULL, 0, "[%s:%u] value '%s' for '%s': %s",
        e->file, e->line, e->value, e->key, what);
}

static char *
keep(struct reader *r, const char *text)
{
    return arena_text(&r->conf->arena, text, strlen(text));
}

static int
set_number(struct reader *r, const struct fpm_ini_entry *e, int *out)
{
    char *end;
    long v;

    errno = 0;
    v = strtol(e->value, &end, 10);
    if (end == e->value || *end || errno || v < -1 || v > 1000000000)
        return refuse(r, e,
            "is not a valid number (greater or equal than "
            "zero)");
    *out = (int)v;
    return 0;
}

/* "90", "90s", "10m", "2h", "1d" */
static int
set_seconds(struct reader *r, const struct fpm_ini_entry *e, int *out)
{
    static const char units[] = "smhd";
    static const int factor[] = {1, 60, 3600, 86400};
    const char *unit;
    char *end;
    long v;

    errno = 0;
    v = strtol(e->value, &end, 10);
    unit = *end ? strchr(units, *end) : units;
    if (end == e->value || !unit || (*end && end[1]) || errno || v < 0 ||
        v > 1000000)
        return refuse(r, e, "is not a time: write 10, 10s, 5m, 2h or 1d");
    *out = (int)v * factor[unit - units];
    return 0;
}

static int
set_word(struct reader *r, const struct fpm_ini_entry *e,
    const char *const *words, int *out, const char *complaint)
{
    for (int i = 0; words[i]; i++)
        if (strcasecmp(e->value, words[i]) == 0) {
            *out = i;
            return 0;
        }
    return refuse(r, e, complaint);
}

static int
set_value(
    struct reader *r, const struct directive *d, const struct fpm_ini_entry *e)
{
    static const char *const pms[] = {
        "-", "static", "dynamic", "ondemand", NULL};
    static const char *const levels[] = {
        "debug", "notice", "warning", "error", "alert", NULL};
    char *base = d->where == GLOBAL ? (char *)r->conf : (char *)r->pool;
    void *at = base + d->member;
    int word = 0, err;

    switch (d->kind) {
    case TEXT:
        *(const char **)at = keep(r, e->value);
        return *(const char **)at ? 0 : refuse(r, e, "out of memory");
    case NUMBER: return set_number(r, e, at);
    case SECONDS: return set_seconds(r, e, at);
    case BOOLEAN:
    case NEGATED:
        if (strcmp(e->value, "1") != 0 && strcmp(e->value, "0") != 0 &&
            *e->value)
            return refuse(r, e, "is not a boolean: write yes or no");
        *(bool *)at = (e->value[0] == '1') == (d->kind == BOOLEAN);
        return 0;
    case PM:
        err = set_word(r, e, pms, &word,
            "invalid process manager (static, dynamic or ondemand)");
        *(enum fpm_pm *)at = err ? FPM_PM_NONE : (enum fpm_pm)word;
        return err;
    case LEVEL:
        return set_word(r, e, levels, at, "invalid value for 'log_level'");
    case QUIET: return 0;
    case REFUSED:
    default:
        return fault_set(r->fault, NULL, 0, "[%s:%u] '%s' is not supported: %s",
            e->file, e->line, e->key, d->hint);
    }
}

/* php_value[..], php_flag[..], php_admin_..., env[..] */
static int
take_array(struct reader *r, const struct fpm_ini_entry *e)
{
    bool admin = strncmp(e->key, "php_admin_", 10) == 0;
    const char *type = e->key + (admin ? 10 : 4);
    bool php = strncmp(e->key, "php_", 4) == 0;
    bool flag = php && strcmp(type, "flag") == 0;
    bool env = strcmp(e->key, "env") == 0;
    struct fpm_setting **at, *s;

    if (!r->pool || !*e->index ||
        !(env || flag || (php && strcmp(type, "value") == 0)))
        return fault_set(r->fault, NULL, 0, "[%s:%u] unknown entry '%s'",
            e->file, e->line, e->key);
    if (flag && *e->value && strcmp(e->value, "1") && strcmp(e->value, "0"))
        return refuse(r, e, "is not a boolean: write on or off");
    s = arena_alloc(&r->conf->arena, sizeof(*s));
    if (!s || !(s->name = keep(r, e->index)) ||
        !(s->value = keep(r, flag && !*e->value ? "0" : e->value)))
        return refuse(r, e, "out of memory");
    s->admin = admin;
    at = env ? &r->pool->env : &r->pool->settings;
    while (*at)
        at = &(*at)->next;
    *at = s;
    return 0;
}

static int
begin_section(struct reader *r, const struct fpm_ini_entry *e)
{
    struct fpm_pool **at = &r->conf->pools;

    r->pool = NULL;
    if (strcasecmp(e->section, "global") == 0)
        return 0;
    for (; *at; at = &(*at)->next)
        if (strcasecmp((*at)->name, e->section) == 0) {
            r->pool = *at; /* php-fpm: the same pool goes on */
            return 0;
        }
    r->pool = arena_alloc(&r->conf->arena, sizeof(*r->pool));
    if (!r->pool || !(r->pool->name = keep(r, e->section)) ||
        !(r->pool->file = keep(r, e->file)))
        return fault_set(r->fault, NULL, 0, "out of memory");
    r->pool->backlog = 511; /* as on Linux */
    r->pool->idle_timeout = 10;
    r->pool->max_spawn_rate = 32;
    r->pool->extensions = ".php .phar";
    r->pool->ping_response = "pong";
    r->pool->clear_env = true;
    *at = r->pool;
    return 0;
}

static int read_file(struct reader *r, const char *path);

static int
include(struct reader *r, const struct fpm_ini_entry *e)
{
    struct fpm_pool *pool = r->pool;
    const char *pattern = keep(r, e->value), *path;
    int err = 0;

    if (r->depth > INCLUDE_DEPTH)
        return refuse(r, e, "too many files include one another");
    for (unsigned i = 0; pattern && !err &&
                         (path = r->loader->match(
                              r->loader->owner, &r->conf->arena, pattern, i));
         i++)
        err = read_file(r, path);
    if (!err && !strpbrk(e->value, "*?[") &&
        !r->loader->match(r->loader->owner, &r->conf->arena, e->value, 0))
        return fault_set(r->fault, NULL, 0,
            "[%s:%u] Unable to include %s: no such file", e->file, e->line,
            e->value);
    r->pool = pool;
    return err;
}

static int
take(void *owner, const struct fpm_ini_entry *e)
{
    struct reader *r = owner;
    enum where where = r->pool ? POOL : GLOBAL;

    if (!e->key)
        return begin_section(r, e);
    if (e->index)
        return take_array(r, e);
    if (strcmp(e->key, "include") == 0)
        return include(r, e);
    for (size_t i = 0; i < LW_COUNT(directives); i++)
        if (directives[i].where == where &&
            strcmp(directives[i].name, e->key) == 0)
            return set_value(r, &directives[i], e);
    return fault_set(r->fault, NULL, 0, "[%s:%u] unknown entry '%s'", e->file,
        e->line, e->key);
}

static int
read_file(struct reader *r, const char *path)
{
    size_t len;
    const char *text =
        r->loader->load(r->loader->owner, &r->conf->arena, path, &len);
    int err;

    if (!text)
        return fault_set(
            r->fault, NULL, 0, "failed to open configuration file '%s'", path);
    r->depth++;
    err = fpm_ini_read(text, len, path, take, r, r->fault);
    r->depth--;
    return err;
}

static int
check_dynamic(struct reader *r, struct fpm_pool *p)
{
    char text[256];

    if (p->min_spare <= 0)
        return fault_set(r->fault, NULL, 0,
            "[pool %s] pm.min_spare_servers(%d) must be a positive value",
            p->name, p->min_spare);
    if (p->max_spare <= 0)
        return fault_set(r->fault, NULL, 0,
            "[pool %s] pm.max_spare_servers(%d) must be a positive value",
            p->name, p->max_spare);
    if (p->min_spare > p->max_children || p->max_spare > p->max_children)
        return fault_set(r->fault, NULL, 0,
            "[pool %s] pm.min_spare_servers(%d) and pm.max_spare_servers(%d) "
            "cannot be greater than pm.max_children(%d)",
            p->name, p->min_spare, p->max_spare, p->max_children);
    if (p->max_spare < p->min_spare)
        return fault_set(r->fault, NULL, 0,
            "[pool %s] pm.max_spare_servers(%d) must not be less than "
            "pm.min_spare_servers(%d)",
            p->name, p->max_spare, p->min_spare);
    if (p->start_servers <= 0) {
        p->start_servers = p->min_spare + (p->max_spare - p->min_spare) / 2;
        snprintf(text, sizeof(text),
            "[pool %s] pm.start_servers is not set. It's been set to %d.",
            p->name, p->start_servers);
        if (r->loader->warn)
            r->loader->warn(r->loader->owner, text);
    } else if (p->start_servers < p->min_spare ||
               p->start_servers > p->max_spare) {
        return fault_set(r->fault, NULL, 0,
            "[pool %s] pm.start_servers(%d) must not be less than "
            "pm.min_spare_servers(%d) and not greater than "
            "pm.max_spare_servers(%d)",
            p->name, p->start_servers, p->min_spare, p->max_spare);
    }
    return 0;
}

static int
check_pool(struct reader *r, struct fpm_pool *p)
{
    const char *const paths[] = {p->status_path, p->ping_path};

    if (!p->listen || !*p->listen)
        return fault_set(r->fault, NULL, 0,
            "[pool %s] no listen address has been defined!", p->name);
    if (p->pm == FPM_PM_NONE)
        return fault_set(r->fault, NULL, 0,
            "[pool %s] the process manager is missing (static, dynamic or "
            "ondemand)",
            p->name);
    if (p->max_children < 1)
        return fault_set(r->fault, NULL, 0,
            "[pool %s] pm.max_children must be a positive value", p->name);
    for (size_t i = 0; i < LW_COUNT(paths); i++)
        if (paths[i] && (paths[i][0] != '/' || strlen(paths[i]) < 2))
            return fault_set(r->fault, NULL, 0,
                "[pool %s] the %s path '%s' must start with a '/' and be "
                "longer than that",
                p->name, i ? "ping" : "status", paths[i]);
    if (p->chdir && *p->chdir && *p->chdir != '/')
        return fault_set(r->fault, NULL, 0,
            "[pool %s] the chdir path '%s' must start with a '/'", p->name,
            p->chdir);
    if (p->pm == FPM_PM_STATIC)
        p->start_servers = p->max_children;
    if (p->pm == FPM_PM_ONDEMAND)
        p->start_servers = 0;
    return p->pm == FPM_PM_DYNAMIC ? check_dynamic(r, p) : 0;
}

int
fpm_conf_read(struct fpm_conf *c, const struct fpm_loader *loader,
    const char *path, struct fault *fault)
{
    struct reader r = {.conf = c, .loader = loader, .fault = fault};
    int err;

    *c = (struct fpm_conf){
        .log_level = FPM_NOTICE, .error_log = "/var/log/php-fpm.log"};
    arena_init(&c->arena, MEMORY_LIMIT);
    err = read_file(&r, path);
    if (!err && !c->pools)
        err = fault_set(fault, NULL, 0,
            "No pool defined. at least one pool section must be specified in "
            "config file");
    for (struct fpm_pool *p = c->pools; p && !err; p = p->next)
        err = check_pool(&r, p);
    return err;
}

void
fpm_conf_free(struct fpm_conf *c)
{
    arena_free(&c->arena);
    c->pools = NULL;
}
