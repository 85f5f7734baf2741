/*
 * sapi_php.h: what the files that know PHP's types share.
 */
#ifndef LW_SAPI_PHP_H
#define LW_SAPI_PHP_H

#include "php_api.h"

sapi_module_struct *sapi_table(void);    /* sapi.c */
zend_module_entry *sapi_extension(void); /* sapi_functions.c */

#endif
