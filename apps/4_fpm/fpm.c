/*
 * fpm.c: php-fpm from its command line to its listening sockets.
 *
 *     layerwalk-php-fpm --root DIR [--name HOST] [--live] [--seed N]
 *                       [-c PHP.INI] [-y PHP-FPM.CONF] [-t]
 *
 * The order is that of the real one: read the configuration, start the
 * engine (MINIT of every extension, once), open the sockets, fork. Workers
 * inherit all of it, which is why a request costs so little.
 */
#include "fpm.h"
#include "inside.h"
#include "sapi.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <glob.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define EXIT_USAGE  64 /* php-fpm's own numbers, from sysexits.h */
#define EXIT_ENGINE 70
#define EXIT_CONFIG 78

struct fpm *
fpm_self(void)
{
    /* PHP's callbacks have no context: see fpm.h. */
    static struct fpm self = {
        .config = "/etc/php/fpm/php-fpm.conf", .php_ini = "/etc/php/php.ini"};

    return &self;
}

static const char *
severity_name(enum fpm_severity severity)
{
    static const char *const names[] = {
        "DEBUG", "NOTICE", "WARNING", "ERROR", "ALERT"};

    return names[severity];
}

/* "[14-Nov-2023 22:13:20] NOTICE: ready to handle connections" */
static void
write_log(struct fpm *f, const char *severity, const char *text)
{
    char line[9000], when[32];
    struct timespec now;
    struct tm tm;
    int n;

    sys_clock_gettime(f->proc, CLOCK_REALTIME, &now);
    strftime(
        when, sizeof(when), "%d-%b-%Y %H:%M:%S", gmtime_r(&now.tv_sec, &tm));
    n = snprintf(line, sizeof(line), "[%s] %s: %s\n", when, severity, text);
    sys_write(f->proc, f->log_fd, line, (size_t)n);
}

void
fpm_log(struct fpm *f, enum fpm_severity severity, const char *format, ...)
{
    char text[8192];
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    if (n < 0)
        return;
    if ((size_t)n >= sizeof(text))
        n = sizeof(text) - 1;
    if (f->pool && f->conn.fd >= 0) {
        if (f->said)
            fpm_conn_write(&f->conn, FCGI_STDERR, "; ", 2);
        fpm_conn_write(&f->conn, FCGI_STDERR, text, (size_t)n);
        f->said = true;
    }
    if ((int)severity < f->conf.log_level)
        return;
    if (f->log_fd >= 0 && (!f->pool || f->conn.fd < 0))
        write_log(f, severity_name(severity), text);
    NOTE(fpm_env(f), EV_FPM_LOG, RULE_FPM_LOG,
        f_text("severity", severity_name(severity)),
        f_textn("line", text, (size_t)n));
}

/* --- configuration ------------------------------------------------- */

static const char *
load(void *owner, struct arena *a, const char *path, size_t *len)
{
    struct fpm *f = owner;
    struct stat st;
    char *text = NULL;
    ssize_t n = 0;
    int fd = sys_open(f->proc, path, O_RDONLY | O_CLOEXEC, 0);

    if (fd < 0)
        return NULL;
    *len = 0;
    if (sys_fstat(f->proc, fd, &st) == 0 && S_ISREG(st.st_mode))
        text = arena_alloc(a, (size_t)st.st_size + 1);
    while (
        text && *len < (size_t)st.st_size &&
        (n = sys_read(f->proc, fd, text + *len, (size_t)st.st_size - *len)) > 0)
        *len += (size_t)n;
    sys_close(f->proc, fd);
    if (text && n >= 0)
        NOTE(fpm_env(f), EV_FPM_CONFIG, RULE_FPM_CONFIG, f_text("file", path),
            f_u64("len", *len));
    return n < 0 ? NULL : text;
}

static const char *
match(void *owner, struct arena *a, const char *pattern, unsigned i)
{
    const char *found = NULL;
    glob_t g = {0};

    (void)owner;
    if (glob(pattern, 0, NULL, &g) == 0 && i < g.gl_pathc)
        found = arena_text(a, g.gl_pathv[i], strlen(g.gl_pathv[i]));
    globfree(&g);
    return found;
}

static void
warn(void *owner, const char *text)
{
    fpm_log(owner, FPM_NOTICE, "%s", text);
}

static int
complain(struct fpm *f, const char *text)
{
    fprintf(stderr, "php-fpm: ERROR: %s\n", text);
    fpm_log(f, FPM_ERROR, "%s", text);
    fprintf(stderr, "php-fpm: ERROR: FPM initialization failed\n");
    return EXIT_CONFIG;
}

/* --- sockets ------------------------------------------------------- */

static socklen_t
unix_address(const char *path, struct sockaddr_storage *out)
{
    struct sockaddr_un *un = (struct sockaddr_un *)out;

    if (strlen(path) >= sizeof(un->sun_path))
        return 0;
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path, strlen(path) + 1);
    return (
        socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
}

/* "127.0.0.1:9000", "9000", "*:9000"; 0: not an address. */
static socklen_t
inet_address(const char *text, struct sockaddr_storage *out)
{
    struct sockaddr_in *in = (struct sockaddr_in *)out;
    const char *colon = strrchr(text, ':');
    const char *port = colon ? colon + 1 : text;
    char host[32], *end;
    struct ipv4 ip = {0};
    long n = strtol(port, &end, 10);

    snprintf(host, sizeof(host), "%.*s", colon ? (int)(colon - text) : 0, text);
    if (*port == '\0' || *end || n < 1 || n > 65535 ||
        (colon && strcmp(host, "*") != 0 && !ipv4_parse(host, &ip)))
        return 0;
    in->sin_family = AF_INET;
    in->sin_port = htons((uint16_t)n);
    in->sin_addr.s_addr = htonl(ip.v);
    return sizeof(*in);
}

static int
listen_on(struct fpm *f, struct fpm_pool_run *r, struct fault *fault)
{
    const struct fpm_pool *p = r->conf;
    struct sockaddr_storage addr = {0};
    socklen_t len = p->listen[0] == '/' ? unix_address(p->listen, &addr)
                                        : inet_address(p->listen, &addr);
    int on = 1, fd, err;

    if (len == 0)
        return fault_set(fault, NULL, 0,
            "[pool %s] '%s' is no address to listen on", p->name, p->listen);
    if (addr.ss_family == AF_UNIX)
        sys_unlink(f->proc, p->listen);
    fd = sys_socket(f->proc, addr.ss_family, SOCK_STREAM, 0);
    if (fd < 0)
        return fault_set(fault, NULL, 0,
            "failed to create new listening socket: socket()"
            ": %s (%d)",
            strerror(-fd), -fd);
    sys_setsockopt(f->proc, fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    err = sys_bind(f->proc, fd, (struct sockaddr *)&addr, len);
    if (err)
        return fault_set(fault, NULL, 0,
            "unable to bind listening socket for address '%s': %s (%d)",
            p->listen, strerror(-err), -err);
    err = sys_listen(f->proc, fd, p->backlog < 0 ? 511 : p->backlog);
    if (err)
        return fault_set(fault, NULL, 0,
            "failed to listen to address '%s': %s (%d)", p->listen,
            strerror(-err), -err);
    r->listen_fd = fd;
    return 0;
}

static int
open_pools(struct fpm *f, struct fault *fault)
{
    struct fpm_pool_run **at = &f->pools;
    int err;

    for (struct fpm_pool *p = f->conf.pools; p; p = p->next) {
        struct fpm_pool_run *r = calloc(1, sizeof(*r));

        if (!r)
            return fault_set(fault, NULL, 0, "out of memory");
        *at = r;
        at = &r->next;
        r->conf = p;
        r->board = fpm_board_new(p, fpm_env(f)->timers->now.ns);
        if (!r->board)
            return fault_set(fault, NULL, 0, "out of shared memory");
        err = listen_on(f, r, fault);
        if (err)
            return err;
    }
    return 0;
}

static void
close_pools(struct fpm *f)
{
    struct fpm_pool_run *next;

    for (struct fpm_pool_run *r = f->pools; r; r = next) {
        next = r->next;
        fpm_board_free(r->board);
        free(r);
    }
    f->pools = NULL;
}

/* --- the command line ---------------------------------------------- */

struct options {
    const char *root;
    bool test;
};

static bool
read_options(struct fpm *f, struct options *o, int argc, char **argv)
{
    static const struct option longs[] = {
        {"root", required_argument, NULL, 'r'},
        {"name", required_argument, NULL, 'n'},
        {"live", no_argument, NULL, 'l'},
        {"seed", required_argument, NULL, 's'},
        {"php-ini", required_argument, NULL, 'c'},
        {"fpm-config", required_argument, NULL, 'y'},
        {"test", no_argument, NULL, 't'}, {NULL, 0, NULL, 0}};
    char *end = NULL;
    int c;

    optind = 1;
    while ((c = getopt_long(argc, argv, "c:y:t", longs, NULL)) != -1)
        switch (c) {
        case 'r': o->root = optarg; break;
        case 'n':
            snprintf(inside()->host, sizeof(inside()->host), "%s", optarg);
            break;
        case 'l': f->live = true; break;
        case 's':
            f->seed = strtoull(optarg, &end, 0);
            if (end == optarg || *end)
                return false;
            break;
        case 'c': f->php_ini = optarg; break;
        case 'y': f->config = optarg; break;
        case 't': o->test = true; break;
        default: return false;
        }
    return o->root && optind == argc;
}

static int
check_folders(struct fpm *f, struct fault *fault)
{
    struct stat st;

    for (struct fpm_pool *p = f->conf.pools; p; p = p->next)
        if (p->chdir && *p->chdir &&
            (sys_stat(f->proc, p->chdir, &st) || !S_ISDIR(st.st_mode)))
            return fault_set(fault, NULL, 0,
                "[pool %s] the chdir path '%s' does not exist or is not a "
                "directory",
                p->name, p->chdir);
    return 0;
}

static int
start(struct fpm *f, bool test)
{
    const struct fpm_loader loader = {f, load, match, warn};
    struct fault fault = {""};

    if (fpm_conf_read(&f->conf, &loader, f->config, &fault))
        return complain(f, fault.text);
    if (test) {
        fprintf(stderr,
            "php-fpm: NOTICE: configuration file %s test is successful\n",
            f->config);
        return 0;
    }
    /* Only into a file that is there: a run makes none by itself. */
    if (f->conf.error_log && *f->conf.error_log == '/')
        f->log_fd = sys_open(
            f->proc, f->conf.error_log, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
    if (check_folders(f, &fault))
        return complain(f, fault.text);
    sys_prctl_name(f->proc, "php-fpm: master");
    if (sapi_begin(f))
        return EXIT_ENGINE;
    if (open_pools(f, &fault))
        return complain(f, fault.text);
    fpm_log(f, FPM_NOTICE, "fpm is running, pid %d", (int)sys_getpid(f->proc));
    int status = fpm_master(f);
    sapi_end();
    return status;
}

int
fpm_run(struct proc *p, pid_t (*fork)(struct proc *p), int argc, char **argv)
{
    struct fpm *f = fpm_self();
    struct options o = {NULL, false};
    int err, status;

    f->proc = p;
    f->fork = fork;
    f->conf.log_level = FPM_NOTICE;
    f->conn.fd = f->log_fd = -1;
    if (!read_options(f, &o, argc, argv)) {
        fprintf(stderr,
            "usage: layerwalk-php-fpm --root DIR [--name HOST] [--live] "
            "[--seed N] [-c PHP.INI] [-y PHP-FPM.CONF] [-t]\n");
        return EXIT_USAGE;
    }
    clearenv();
    err = inside_begin(p, o.root, sapi_extension_dir(), f->live, f->seed);
    if (err) {
        fprintf(stderr, "php-fpm: ERROR: %s: %s\n", o.root, strerror(-err));
        return EXIT_CONFIG;
    }
    status = start(f, o.test);
    close_pools(f);
    fpm_conf_free(&f->conf);
    inside_end();
    return status;
}
