/*
 * sapi.h: the server API "fpm-fcgi": the table of functions through which
 * the engine talks to the world, and what stands around one request.
 */
#ifndef LW_SAPI_H
#define LW_SAPI_H

#include "fpm.h"

/*
 * Starts the engine: php.ini, extensions, MINIT of each. Once, in the
 * master. 0, or -EINVAL: PHP has said why on stderr.
 */
int sapi_begin(struct fpm *f);
void sapi_end(void);

/* Where the installed PHP keeps its extensions. */
const char *sapi_extension_dir(void);

/* In a new worker: settings of its pool, environment. */
void sapi_worker(struct fpm *f);

/* Serves the request whose parameters have come. */
void sapi_serve(struct fpm *f);

/*
 * sapi_script.c: fills SG(request_info) from the parameters: which file is
 * the script, what of the URL is PATH_INFO.
 */
void sapi_find_script(struct fpm *f);

/* php_value and php_admin_value. False: no such setting. */
bool sapi_set_ini(const char *name, const char *value, bool admin);

#endif
