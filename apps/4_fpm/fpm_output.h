/*
 * fpm_output.h: stdout and stderr of a worker (catch_workers_output).
 */
#ifndef LW_FPM_OUTPUT_H
#define LW_FPM_OUTPUT_H

#include "fpm.h"

enum {
    OUTPUT_FD = 900 /* our ends: above all that a script opens */
};

/* In a new worker. */
void output_begin(struct fpm *f);

/* After a request: logs what was written since. */
void output_log(struct fpm *f);

#endif
