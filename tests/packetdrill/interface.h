/*
 * interface.h: what packetdrill asks of a stack that it drives as a shared
 * object (--so_filename). The tool calls packetdrill_interface_init once,
 * which fills this table; afterwards it plays the script through it: the
 * system calls of the program, the packets of the peer, and the time.
 *
 * The order of the pointers is the whole contract. Every one must be filled.
 * A call that fails returns -1 and sets errno.
 */
#ifndef LW_PACKETDRILL_INTERFACE_H
#define LW_PACKETDRILL_INTERFACE_H

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

struct packetdrill_interface {
    void *user; /* given to every call as its first argument */
    void (*free)(void *user);

    int (*socket)(void *user, int domain, int type, int protocol);
    int (*bind)(void *user, int fd, const struct sockaddr *a, socklen_t len);
    int (*listen)(void *user, int fd, int backlog);
    int (*accept)(void *user, int fd, struct sockaddr *a, socklen_t *len);
    int (*connect)(void *user, int fd, const struct sockaddr *a, socklen_t len);
    ssize_t (*read)(void *user, int fd, void *buf, size_t len);
    ssize_t (*readv)(void *user, int fd, const struct iovec *iov, int n);
    ssize_t (*recv)(void *user, int fd, void *buf, size_t len, int flags);
    ssize_t (*recvfrom)(void *user, int fd, void *buf, size_t len, int flags,
        struct sockaddr *from, socklen_t *fromlen);
    ssize_t (*recvmsg)(void *user, int fd, struct msghdr *msg, int flags);
    ssize_t (*write)(void *user, int fd, const void *buf, size_t len);
    ssize_t (*writev)(void *user, int fd, const struct iovec *iov, int n);
    ssize_t (*send)(void *user, int fd, const void *buf, size_t len, int flags);
    ssize_t (*sendto)(void *user, int fd, const void *buf, size_t len,
        int flags, const struct sockaddr *to, socklen_t tolen);
    ssize_t (*sendmsg)(void *user, int fd, const struct msghdr *m, int flags);
    int (*fcntl)(void *user, int fd, int cmd, ...);
    int (*ioctl)(void *user, int fd, unsigned long request, ...);
    int (*close)(void *user, int fd);
    int (*shutdown)(void *user, int fd, int how);
    int (*getsockopt)(
        void *user, int fd, int level, int name, void *value, socklen_t *len);
    int (*setsockopt)(void *user, int fd, int level, int name,
        const void *value, socklen_t len);
    int (*poll)(void *user, struct pollfd *fds, nfds_t n, int timeout_ms);

    /* One bare IP packet for the stack. 0 or -1. */
    int (*netdev_send)(void *user, const void *buf, size_t len);
    /* The next one that leaves it: *len is the room and becomes the length,
     * 0 when none will ever come; *usecs is when it left. 0 or -1. */
    int (*netdev_receive)(void *user, void *buf, size_t *len, long long *usecs);
    int (*usleep)(void *user, useconds_t usecs);
    int (*gettimeofday)(void *user, struct timeval *tv, struct timezone *tz);

    int (*epoll_create)(void *user, int size);
    int (*epoll_ctl)(
        void *user, int epfd, int op, int fd, struct epoll_event *event);
    int (*epoll_wait)(void *user, int epfd, struct epoll_event *events, int max,
        int timeout_ms);
    int (*pipe)(void *user, int fds[2]);
    int (*splice)(void *user, int in, off_t *in_off, int out, off_t *out_off,
        size_t len, unsigned flags);
};

void packetdrill_interface_init(
    const char *flags, struct packetdrill_interface *table);

#endif
