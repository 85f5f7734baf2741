/*
 * fpm_ini.h: the syntax of php-fpm's configuration: sections, entries,
 * arrays, comments.
 *
 *     ; a comment
 *     [www]
 *     pm.max_children = 5
 *     php_admin_value[memory_limit] = "32M"
 */
#ifndef LW_FPM_INI_H
#define LW_FPM_INI_H

#include "fault.h"

struct fpm_ini_entry {
    const char *section; /* "" before the first section */
    const char *key;     /* NULL: the section begins here */
    const char *index;   /* memory_limit; NULL: no [..] after the key */
    const char *value;   /* without quotes; on, yes, true are "1" and off,
                            no, false, none, null are "" as in php.ini */
    const char *file;
    unsigned line;
};

/*
 * Hands every section and entry of `text` to `take` in order, until one is
 * refused: then take has set the fault and returned < 0. 0 or -EINVAL.
 */
int fpm_ini_read(const char *text, size_t len, const char *file,
    int (*take)(void *owner, const struct fpm_ini_entry *e), void *owner,
    struct fault *fault);

#endif
