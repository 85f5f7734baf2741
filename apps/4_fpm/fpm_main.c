/*
 * fpm_main.c: php-fpm as a real Linux process whose system calls the
 * simulator carries out. The simulator starts it with one end of a socket
 * pair as descriptor 3; by hand it cannot be started.
 */
#include "fpm.h"
#include "sys_remote.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* For builds with the leak sanitizer: PHP keeps memory until it ends. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
    return "leak:libphp\nleak:opcache\n";
}

int
main(int argc, char **argv)
{
    struct proc *p = sys_remote_open(SYS_REMOTE_FD);

    if (!p && errno == EPROTO) {
        fprintf(stderr, "layerwalk-php-fpm: layerwalk is of another build: "
                        "`make` builds both\n");
        return 1;
    }
    if (!p) {
        fprintf(stderr,
            "layerwalk-php-fpm: no simulator at descriptor %d (%s): "
            "layerwalk starts this program\n",
            SYS_REMOTE_FD, strerror(errno));
        return 1;
    }
    sys_exit_group(p, fpm_run(p, sys_remote_fork, argc, argv));
}
