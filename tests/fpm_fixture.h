/*
 * fpm_fixture.h: the real php-fpm program, with the real Zend engine, under
 * our kernel in virtual time. Scripts and configuration are written into a
 * folder made for each test; clients in the same computer speak FastCGI to
 * it over loopback.
 */
#ifndef LW_FPM_FIXTURE_H
#define LW_FPM_FIXTURE_H

#include "recorder.h"
#include "world.h"

#include <sys/types.h>

/* One request of a client, and what came of it. */
struct fpm_ask {
    const char *script, *method, *query, *body;
    size_t body_len;
    const void *raw; /* send these bytes instead of a request */
    size_t raw_len;
    const char *unix_path; /* connect there instead of 127.0.0.1:9000 */
    int64_t after_ns;      /* wait so long before */
    bool keep;             /* FCGI_KEEP_CONN */

    char *out; /* FCGI_STDOUT */
    size_t out_len;
    char err[4096]; /* FCGI_STDERR */
    size_t err_len;
    bool ended;           /* END_REQUEST came */
    int protocol;         /* its protocolStatus */
    int error;            /* of connect */
    unsigned records[16]; /* how many of each type came */
};

struct fpm_fixture {
    char folder[64];
    struct journal journal;
    struct world *world;
    struct host *host;
    struct recorder rec;
    pid_t real;
    int master;
    struct fpm_ask asks[8];
    int nasks;
    bool live; /* real files, clock and chance; our kernel's time is virtual */
};

/* A folder with php-fpm.conf, php.ini and a static pool of one worker. */
void fpm_fixture_open(struct fpm_fixture *x);
void fpm_fixture_close(struct fpm_fixture *x);

/* Ends the world and forgets the asks; the folder stays. */
void fpm_fixture_stop(struct fpm_fixture *x);

void fpm_write(struct fpm_fixture *x, const char *name, const char *text);

/* These lines after "[www]" in the pool's file. */
void fpm_write_pool(struct fpm_fixture *x, const char *lines);

/* The master begins to run; false when it cannot even be started. */
bool fpm_start(struct fpm_fixture *x, enum level level);

/* A client that asks so long in virtual time from now. */
struct fpm_ask *fpm_ask(
    struct fpm_fixture *x, const char *script, int64_t after_ns);

void fpm_run_for(struct fpm_fixture *x, int64_t ns);

const char *fpm_body(const struct fpm_ask *a); /* after the headers */

/* Whether php-fpm logged a line that contains this. */
bool fpm_logged(struct fpm_fixture *x, const char *text);

/* Processes that run in the computer. */
unsigned fpm_alive(struct fpm_fixture *x);

#endif
