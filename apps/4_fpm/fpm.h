/*
 * fpm.h: the state of this process, master or worker. PHP's callbacks have
 * no context argument, so there is one such object and fpm_self finds it;
 * everything else gets it as its first argument.
 */
#ifndef LW_FPM_H
#define LW_FPM_H

#include "fpm_board.h"
#include "fpm_conf.h"
#include "fpm_conn.h"
#include "sys.h"

/* A pool as the master runs it. */
struct fpm_pool_run {
    struct fpm_pool_run *next;
    const struct fpm_pool *conf;
    struct fpm_board *board;
    int listen_fd;
    int spawn_rate;   /* dynamic: how many to fork next time */
    bool warned_full; /* "reached pm.max_children" is said once */
};

struct fpm {
    struct proc *proc;
    pid_t (*fork)(struct proc *p); /* sys_remote_fork, or fork in tests */
    uint64_t seed;
    bool live;
    const char *config, *php_ini; /* paths in the host */
    int log_fd;                   /* error_log; -1: the journal alone */

    struct fpm_conf conf;
    struct fpm_pool_run *pools;

    /* A worker's own. */
    struct fpm_pool_run *pool; /* NULL in the master */
    struct fpm_slot *slot;
    struct fpm_conn conn;
    int output[2];  /* where its stdout and stderr come out; -1: nowhere */
    bool said;      /* something was logged for this request */
    bool stepping;  /* single instructions are wanted for this request */
    uint64_t steps; /* of it that were told */
};

struct fpm *fpm_self(void);

static inline struct env *
fpm_env(struct fpm *f)
{
    return sys_env(f->proc);
}

/*
 * Logs as php-fpm does: for the administrator when the severity is high
 * enough, and, inside a request, to the web server over FCGI_STDERR.
 */
void fpm_log(struct fpm *f, enum fpm_severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The whole program; the exit status. fork makes a worker's process. */
int fpm_run(
    struct proc *p, pid_t (*fork)(struct proc *p), int argc, char **argv);

/* A worker's life, from fork to exit_group. */
void fpm_work(struct fpm *f, struct fpm_pool_run *pool, struct fpm_slot *slot)
    __attribute__((noreturn));

/* The master's life after start-up; the exit status. */
int fpm_master(struct fpm *f);

/* The request is for the status or ping page: answered, true. */
bool fpm_status(struct fpm *f);

#endif
