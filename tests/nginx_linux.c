/*
 * nginx_linux.c: our nginx on Linux's own kernel: nginx_linux ROOT [-c FILE].
 * For comparisons with real clients and with real nginx; not part of the
 * program that holds the tests.
 */
#include "nginx.h"
#include "sys_linux.h"

#include <stdio.h>

int
main(int argc, char **argv)
{
    struct proc *p;
    int status;

    if (argc < 2) {
        fprintf(stderr, "usage: nginx_linux ROOT [-t] [-c FILE]\n");
        return 2;
    }
    p = sys_linux_new(argv[1]);
    if (!p)
        return 1;
    status = nginx_main(p, argc - 1, argv + 1);
    sys_linux_free(p); /* what sys_at_end asked for is done here */
    return status;
}
