/*
 * nginx.h: the web server, as a program of a layerwalk computer. Its
 * reference in every observable way is nginx 1.22.
 *
 * The way of a request through this folder:
 *
 *     nginx.c      master: configuration, workers, signals; cycle.c: what a
 *                  configuration holds open
 *     worker.c     one loop on epoll for a thousand connections
 *     conn.c       a connection: accept, keep-alive, lingering close
 *     states.c     the states of connections, and the ways between them
 *     head.c       bytes to request line and header fields
 *     request.c    which server, what the fields mean; end of a request
 *     phases.c     the eleven phases; location.c, rewrite.c, access.c,
 *                  files.c, open_file.c, static.c, range.c answer in them
 *     upstream.c   the FastCGI client; fcgi_build.c, answer.c, fcgi_read.c,
 *                  cgi_header.c; upstream_keep.c keeps its connections
 *     header.c     the head of the answer; special.c error pages
 *     body.c       the body of a request, kept or thrown away
 *     out.c        bytes to the socket, as fast as the client takes them
 *     log.c        access and error log
 *
 * The configuration: conf_lex.c (words), conf.c (blocks, include; conf_glob.c),
 * conf_table.c (directives), conf_*.c (their meaning), conf_merge.c;
 * value.c, vars.c and regex.c for texts that differ with each request.
 */
#ifndef LW_NGINX_H
#define LW_NGINX_H

#include "sys.h"

/*
 * nginx [-t] [-c FILE]: -c names the configuration, /etc/nginx/nginx.conf
 * by default; -t only tests it. Returns the exit status.
 */
int nginx_main(struct proc *p, int argc, char **argv);

#endif
