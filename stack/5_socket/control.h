/*
 * control.h: control messages (cmsg(3)): what recvmsg(2) and sendmsg(2) carry
 * beside the bytes. They lie one behind the other in a buffer of the
 * program's, each a header and its data:
 *
 *     | len level type | data, padded to 8 | len level type | data ...
 */
#ifndef LW_CONTROL_H
#define LW_CONTROL_H

#include "file.h"

/* Appends one to what io's caller receives; what does not fit is cut, and
 * MSG_CTRUNC set. */
void control_put(
    struct io *io, int level, int type, const void *data, size_t len);

/* One that is being sent. */
struct control {
    int level, type;
    const uint8_t *data;
    size_t len;
};

/* The one at *at, which moves on. 1; 0: no more; -EINVAL: lengths lie. */
int control_next(const struct io *io, size_t *at, struct control *c);

/* Its value, when it is a number of this size; else -EINVAL. */
int control_number(const struct control *c, int *value);

/* What the socket level allows: SO_MARK is for the privileged. -EINVAL,
 * -EPERM. */
int control_of_socket(const struct control *c);

/* For sockets that take no control messages of their own. */
int control_check(const struct io *io);

#endif
