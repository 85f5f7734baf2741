/*
 * sock.h: sockets, as the files of this folder see them: what all kinds
 * share, and the calls in which they differ. None of these calls blocks.
 */
#ifndef LW_SOCK_H
#define LW_SOCK_H

#include "file.h"

struct sock;

enum sock_end {
    SOCK_OWN,
    SOCK_PEER,
    SOCK_CALLER /* for accept(2): the peer, even when it is gone again */
};

/* Addresses are checked by the kind: length, family. Errors as in Linux. */
struct sock_ops {
    int (*bind)(struct sock *s, const struct sockaddr *addr, socklen_t len);
    int (*listen)(struct sock *s, int backlog);
    /* *out is a new socket with one reference. -EAGAIN: nobody waits. */
    int (*accept)(struct sock *s, struct sock **out);
    /*
     * 0: connected. -EINPROGRESS: under way, EPOLLOUT tells the end and
     * SO_ERROR the outcome. -EAGAIN: ask again after EPOLLOUT.
     */
    int (*connect)(struct sock *s, const struct sockaddr *addr, socklen_t len);
    int (*shutdown)(struct sock *s, int how);
    /* The address of one of these. -ENOTCONN. */
    int (*name)(struct sock *s, enum sock_end which,
        struct sockaddr_storage *addr, socklen_t *len);
    /* The options that only this kind has. -ENOPROTOOPT. */
    int (*setopt)(struct sock *s, int level, int name, int value);
    int (*getopt)(struct sock *s, int level, int name, int *value);
    int (*error)(struct sock *s);    /* takes the pending errno, >= 0 */
    int (*readable)(struct sock *s); /* FIONREAD */
    int (*unsent)(struct sock *s);   /* SIOCOUTQ; may be NULL */
    /* Options that are more than a number; may be NULL. *len is the room and
     * becomes the length. -ENOPROTOOPT: try getopt. */
    int (*getraw)(
        struct sock *s, int level, int name, void *value, socklen_t *len);
};

struct sock {
    struct file f;
    int domain, type, protocol;
    int backlog;
    bool listening;
    bool reuse_addr, keep_alive, broadcast;
    struct linger linger;
    int sndbuf, rcvbuf; /* 0: the default */
};

static inline struct sock *
sock_of(struct file *f)
{
    return LW_CONTAINER(f, struct sock, f);
}

/* An IPv4 address from and to the form of programs. -EINVAL, -EAFNOSUPPORT. */
int sock_addr_in(const struct sockaddr *addr, socklen_t len, struct ipv4 *ip,
    uint16_t *port);
void sock_put_in(struct ipv4 ip, uint16_t port, struct sockaddr_storage *addr,
    socklen_t *len);

/* New sockets; NULL: no memory. */
struct sock *tcp_sock_new(struct kernel *k);
struct sock *udp_sock_new(struct kernel *k);
struct sock *unix_sock_new(struct kernel *k);

/* Two Unix sockets that are connected. -ENOMEM. */
int unix_sock_pair(struct kernel *k, struct sock *out[2]);

/* The two ends of a pipe: [0] reads, [1] writes. -ENOMEM. */
int pipe_new(struct kernel *k, struct file *out[2]);

/* The generic part of a socket that is being made. Reports SOCKET_NEW. */
void sock_init(struct sock *s, struct kernel *k, const struct file_ops *ops,
    int domain, int type, int protocol);

/*
 * SO_SNDBUF and SO_RCVBUF of sockets without TCP's tuning, as socket(7) has
 * them: kept doubled, within limits. get: -ENOPROTOOPT for other names.
 */
void sock_set_buffer(struct sock *s, int name, int value);
int sock_get_buffer(const struct sock *s, int name, int *value);

/* "10.0.1.2:80", "/run/x.sock", "*" (none); buf has 128 bytes. */
char *sock_text(struct sock *s, bool peer, char *buf);

/* The events about sockets. */
void sock_note_bind(struct sock *s);
void sock_note_listen(struct sock *s);
void sock_note_connect(
    struct sock *s, const struct sockaddr *addr, socklen_t len);
void sock_note_accept(struct sock *s, struct sock *listener);
void sock_note_queue(struct sock *s, uint64_t rcv, uint64_t snd);
void sock_note_backlog(struct sock *s, unsigned waiting);
void sock_note_close(struct sock *s);

/* Names of Unix sockets: what the file system would hold. */
bool unix_name_exists(const struct kernel *k, const char *path);
int unix_name_unlink(struct kernel *k, const char *path); /* -ENOENT */
void unix_names_free(struct kernel *k);

#endif
