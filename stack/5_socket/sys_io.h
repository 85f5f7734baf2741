/*
 * sys_io.h: the sleeping part of send(2) and recv(2) and their kin, for
 * sys_io.c and sys_msg.c.
 */
#ifndef LW_SYS_IO_H
#define LW_SYS_IO_H

#include "file.h"

/* As sendmsg(2) and recvmsg(2); io->iov may be changed. */
ssize_t io_send(struct proc *p, int fd, struct io *io);
ssize_t io_recv(struct proc *p, int fd, struct io *io);

/* write(2): EPIPE from a pipe or a connection comes with a signal, which
 * usually ends the process; as in Linux none from sockets of messages. */
void io_broken_pipe(struct proc *p, int fd, ssize_t ret, int flags);

#endif
