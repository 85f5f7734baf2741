/*
 * null_file.h: /dev/null (null(4)): reads are at the end, writes are gone.
 * What the machine starts by itself has it as standard input, output and
 * error, as daemons have.
 */
#ifndef LW_NULL_FILE_H
#define LW_NULL_FILE_H

#include "proc.h"

/* Descriptors 0, 1 and 2 of a new process. 0 or -ENOMEM. */
int null_stdio(struct proc *p);

#endif
