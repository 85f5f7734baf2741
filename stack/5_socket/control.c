/*
 * control.c: control messages, written and read with the care that bytes of
 * a program need: lengths are checked, nothing is assumed to be aligned.
 */
#include "control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

void
control_put(struct io *io, int level, int type, const void *data, size_t len)
{
    size_t room = io->controllen - io->controlled, space = CMSG_SPACE(len);
    struct cmsghdr h = {
        .cmsg_len = CMSG_LEN(len), .cmsg_level = level, .cmsg_type = type};
    uint8_t *to = (uint8_t *)io->control + io->controlled;

    if (!io->control || room < sizeof h) {
        io->msg_flags |= MSG_CTRUNC;
        return;
    }
    if (room < h.cmsg_len) {
        io->msg_flags |= MSG_CTRUNC;
        h.cmsg_len = room;
    }
    memcpy(to, &h, sizeof h);
    memcpy(to + sizeof h, data, h.cmsg_len - sizeof h);
    io->controlled += space < room ? space : room;
}

int
control_next(const struct io *io, size_t *at, struct control *c)
{
    const uint8_t *from = io->control;
    size_t left = *at < io->controllen ? io->controllen - *at : 0;
    struct cmsghdr h;

    if (!from || left < sizeof h)
        return 0;
    from += *at;
    memcpy(&h, from, sizeof h);
    if (h.cmsg_len < sizeof h || h.cmsg_len > left)
        return -EINVAL;
    *c = (struct control){
        h.cmsg_level, h.cmsg_type, from + sizeof h, h.cmsg_len - sizeof h};
    *at += CMSG_ALIGN(h.cmsg_len);
    return 1;
}

int
control_number(const struct control *c, int *value)
{
    if (c->len != sizeof *value)
        return -EINVAL;
    memcpy(value, c->data, sizeof *value);
    return 0;
}

int
control_of_socket(const struct control *c)
{
    switch (c->type) {
    case SO_MARK: return -EPERM;
    case SCM_RIGHTS:
    case SCM_CREDENTIALS: return 0; /* mean something to Unix sockets only */
    default: return -EINVAL;
    }
}

int
control_check(const struct io *io)
{
    struct control c;
    size_t at = 0;
    int more;

    while ((more = control_next(io, &at, &c)) > 0)
        if (c.level == SOL_SOCKET && (more = control_of_socket(&c)) < 0)
            return more;
    return more;
}
