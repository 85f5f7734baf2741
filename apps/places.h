/*
 * places.h: where layerwalk's own files lie: beside the program itself, or
 * in the tree that it was built in.
 */
#ifndef LW_PLACES_H
#define LW_PLACES_H

#include <stdbool.h>
#include <stddef.h>

/* The folder of the default world; false: not found. */
bool places_world(char *buf, size_t size);

/*
 * The program that runs a PHP pool: $LAYERWALK_PHP_FPM, or the
 * layerwalk-php-fpm beside this program; false: not there. buf always gets
 * the path that was tried.
 */
bool places_fpm(char *buf, size_t size);

#endif
