/*
 * watch.h: the engine's work as events. Nothing here changes what a script
 * does or prints; what nobody wants to see costs nothing:
 *
 *     watch.c          start-up, modules, superglobals, output, errors
 *     watch_compile.c  source, tokens, tree, instructions; OpCache hit, miss
 *     watch_step.c     single instructions while they run
 *     zend_text.c      values and instructions as text
 */
#ifndef LW_WATCH_H
#define LW_WATCH_H

#include "fpm.h"
#include "php_api.h"

void watch_begin(struct fpm *f); /* before php_module_startup */
void watch_minit(void);          /* inside it, from our own MINIT */
void watch_started(void);        /* after it */

/* Around one request. */
void watch_request(struct fpm *f, bool begins);
void watch_globals(struct fpm *f);
void watch_global(struct fpm *f, const char *name, const zval *value);
void watch_execute(struct fpm *f, const char *file);
void watch_output(struct fpm *f, const char *data, size_t len);
void watch_headers(struct fpm *f, const char *text, size_t len);

/* --- between watch*.c ---------------------------------------------- */

void watch_compile_below(void); /* hook that OpCache will cover */
void watch_compile_above(void); /* hook that covers OpCache */
void watch_step(bool on);       /* executor that stops at every opcode */

#endif
