/*
 * log.h: the access log and the error log, as lines in files and as events.
 */
#ifndef LW_NGINX_LOG_H
#define LW_NGINX_LOG_H

#include "conf.h"

struct conn;
struct request;

enum log_level {
    LOG_LEVEL_EMERG,
    LOG_LEVEL_ALERT,
    LOG_LEVEL_CRIT,
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARN,
    LOG_LEVEL_NOTICE,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_COUNT
};

const char *log_level_name(enum log_level level);
int log_level_of(const char *name); /* -1: no such level */

/*
 * Opens every log file of the configuration. `inherited` has bit n for each
 * descriptor n <= 2 that the process was started with: without one, a log
 * that goes there is an event and nothing else. 0 or -errno with the fault.
 */
int log_open(
    struct proc *p, struct conf *c, unsigned inherited, struct fault *fault);

/*
 * One line in the error log: "2026/11/22 10:00:00 [error] 12#0: *1 TEXT
 * while WHAT, client: ..., server: ..., request: "...", ...". conn NULL:
 * about the program.
 */
void log_error(struct conn *c, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* About the program itself, before or without a connection. */
void log_program(struct proc *p, const struct log_file *file,
    enum log_level level, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The line of a request that has ended. */
void log_access(struct request *r);

#endif
