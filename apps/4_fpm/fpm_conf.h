/*
 * fpm_conf.h: php-fpm.conf and its pools, in the real syntax. What a
 * simulated computer has no use for (user, listen.owner, rlimit_files) is
 * read and has no effect; what would change the behaviour and is not there
 * is refused with a hint; what php-fpm does not know is refused as php-fpm
 * does: "[/etc/php/fpm/pool.d/www.conf:12] unknown entry 'foo'".
 */
#ifndef LW_FPM_CONF_H
#define LW_FPM_CONF_H

#include "arena.h"
#include "fault.h"

enum fpm_pm {
    FPM_PM_NONE,
    FPM_PM_STATIC,  /* pm.max_children workers, always */
    FPM_PM_DYNAMIC, /* between min_spare and max_spare of them idle */
    FPM_PM_ONDEMAND /* none until a connection waits */
};

/* "php_admin_value[memory_limit] = 32M", or env[NAME] */
struct fpm_setting {
    struct fpm_setting *next;
    const char *name, *value;
    bool admin; /* scripts cannot change it */
};

struct fpm_pool {
    struct fpm_pool *next;
    const char *name;
    const char *file; /* where it stands */

    const char *user;    /* for USER and HOME of the workers */
    const char *listen;  /* 127.0.0.1:9000, 9000 or /run/php.sock */
    int backlog;         /* listen.backlog */
    const char *allowed; /* listen.allowed_clients; NULL: everybody */
    enum fpm_pm pm;
    int max_children, start_servers, min_spare, max_spare;
    int max_spawn_rate;
    int idle_timeout;      /* ondemand: seconds until an idle worker ends */
    int max_requests;      /* 0: no end */
    int terminate_timeout; /* seconds a request may take; 0: no end */
    const char *status_path, *ping_path, *ping_response;
    const char *extensions; /* security.limit_extensions; "": any */
    const char *chdir;
    bool clear_env, catch_output, plain_output;
    struct fpm_setting *settings, *env; /* in the order of the file */
};

struct fpm_conf {
    struct arena arena;
    const char *error_log;
    int log_level;       /* enum fpm_severity: lower ones are not logged */
    int control_timeout; /* process_control_timeout, seconds */
    int process_max;     /* over all pools; 0: no limit */
    struct fpm_pool *pools;
};

enum fpm_severity {
    FPM_DEBUG,
    FPM_NOTICE,
    FPM_WARNING,
    FPM_ERROR,
    FPM_ALERT
};

/* How the reader gets at files. Texts are put into the arena. */
struct fpm_loader {
    void *owner;
    /* The file's text and length, or NULL: there is none. */
    const char *(*load)(
        void *owner, struct arena *a, const char *path, size_t *len);
    /*
     * The i-th name (from 0, in sorted order) that the pattern of an
     * include matches, or NULL. The pattern may have no wildcard at all.
     */
    const char *(*match)(
        void *owner, struct arena *a, const char *pattern, unsigned i);
    /* Told with each warning of the kind that php-fpm logs; may be NULL. */
    void (*warn)(void *owner, const char *text);
};

/*
 * Reads the file at `path` with all it includes and checks that it makes
 * sense. 0, or -EINVAL with the fault set. fpm_conf_free in either case.
 */
int fpm_conf_read(struct fpm_conf *c, const struct fpm_loader *loader,
    const char *path, struct fault *fault);
void fpm_conf_free(struct fpm_conf *c);

const char *fpm_pm_name(enum fpm_pm pm); /* "dynamic" */

#endif
