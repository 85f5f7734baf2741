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
    /* SIOCOUTQ; never: SIOCOUTQNSD. May be NULL. */
    int (*unsent)(struct sock *s, bool never);
    bool (*at_mark)(struct sock *s); /* SIOCATMARK; may be NULL */
    /* Options that are more than a number; may be NULL. *len is the room and
     * becomes the length. -ENOPROTOOPT: try getopt. */
    int (*getraw)(
        struct sock *s, int level, int name, void *value, socklen_t *len);
    /* close(2) of the last descriptor: sleeps as long as SO_LINGER says that
     * the sending of what is left may take. May be NULL. */
    void (*linger)(struct sock *s, struct proc *p);
    int (*setraw)(
        struct sock *s, int level, int name, const void *value, socklen_t len);
};

struct sock_stamps;

/* What few programs set; socket(7), ip(7). */
struct sock_rare {
    struct sock_stamps *stamps;       /* sock_stamp.c; or NULL */
    int64_t rcvtimeo_ns, sndtimeo_ns; /* -1: for ever */
    uint64_t max_pacing_rate; /* SO_MAX_PACING_RATE; UINT64_MAX: no bound */
    int rcvlowat;             /* SO_RCVLOWAT */
    int priority, busy_poll, incoming_cpu;
    int sndbuf, rcvbuf; /* of kinds without TCP's tuning; 0: the default */
    struct linger linger;
    int ttl; /* IP_TTL; 0: the host's */
    uint8_t tos;
    uint8_t mtu_discover;
    uint8_t card; /* the number of the one it is bound to; 0: none */
    bool pktinfo, recverr, recvttl, recvtos, timestamp, timestampns;
    bool passcred;     /* SO_PASSCRED: who wrote it? */
    bool origdst;      /* IP_RECVORIGDSTADDR */
    bool freebind;     /* IP_FREEBIND: any address, ours or not */
    bool bind_no_port; /* IP_BIND_ADDRESS_NO_PORT: connect(2) chooses it */
};

struct sock {
    struct file f;
    uint8_t domain, type, protocol;
    bool listening : 1;
    bool reuse_addr : 1, reuse_port : 1, keep_alive : 1, broadcast : 1;
    bool oob_inline : 1, dont_route : 1, no_check : 1;
    int backlog;
    struct sock_rare *rare; /* NULL: sock_rare_default */
};

extern const struct sock_rare sock_rare_default;

static inline const struct sock_rare *
sock_rare_of(const struct sock *s)
{
    return s->rare ? s->rare : &sock_rare_default;
}

/* To be changed; NULL: no memory. */
struct sock_rare *sock_rare_own(struct sock *s);

/* A socket that is accepted has its listener's options; false: no memory. */
bool sock_inherit(struct sock *s, const struct sock *listener);

/* What getsockopt(2) gives: as much of a value as there is room for. 0. */
int sock_give(const void *from, size_t size, void *value, socklen_t *len);

/* How long a call on f with these flags may sleep, counted from now
 * (O_NONBLOCK, MSG_DONTWAIT, SO_RCVTIMEO, SO_SNDTIMEO). */
struct patience {
    int64_t ns; /* 0: not at all; -1: for ever */
    struct instant end;
};
struct patience sock_patience(
    const struct file *f, int msg_flags, bool sending);

/* Sleeps until one of `events` happens to f; false: patience has ended. */
bool sock_wait(
    struct proc *p, struct file *f, unsigned events, const struct patience *w);

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

/* sock_device.c: SO_BINDTODEVICE, SO_BINDTOIFINDEX. -EPERM, -ENODEV, -EINVAL,
 * -ENOMEM; as sock_set_common and sock_get_common. */
int sock_set_device(struct sock *s, int name, const void *value, socklen_t len);
int sock_get_device(struct sock *s, int name, void *value, socklen_t *len);

/* New sockets; NULL: no memory. */
struct sock *tcp_sock_new(struct kernel *k);
struct sock *udp_sock_new(struct kernel *k);
struct sock *unix_sock_new(struct kernel *k, int type);

/* Two Unix sockets that are connected. -ENOMEM. */
int unix_sock_pair(struct kernel *k, int type, struct sock *out[2]);

/* The two ends of a pipe: [0] reads, [1] writes. -ENOMEM. */
int pipe_new(struct kernel *k, struct file *out[2]);

/* sock_opt.c: the options that all sockets have. -ENOPROTOOPT: none of them;
 * set: value has len bytes; get: *len is the room and becomes the length. */
int sock_set_common(
    struct sock *s, int level, int name, const void *value, socklen_t len);
int sock_get_common(
    struct sock *s, int level, int name, void *value, socklen_t *len);

/* The generic part of a socket that is being made. Reports SOCKET_NEW. */
void sock_init(struct sock *s, struct kernel *k, const struct file_ops *ops,
    int domain, int type, int protocol);

/*
 * SO_SNDBUF and SO_RCVBUF of sockets without TCP's tuning, as socket(7) has
 * them: kept doubled, within limits. get: -ENOPROTOOPT for other names.
 */
int sock_set_buffer(struct sock *s, int name, int value); /* -ENOMEM */
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

/* What sock_init and the options have taken; the kind's close calls it. */
void sock_fini(struct sock *s);

/* recvmsg(2): the control messages of SO_TIMESTAMP and SO_TIMESTAMPNS. */
void sock_tell_time(const struct sock *s, struct instant at, struct io *io);

/* sock_stamp.c, for SO_TIMESTAMP on TCP: n bytes have come; the first n of
 * `readable` ones are read, or looked at: io is told when the last came. */
void sock_stamp(struct sock *s, uint32_t n);
void sock_tell_stamp(
    struct sock *s, uint32_t readable, uint32_t n, bool peek, struct io *io);

/* The same for IP_PKTINFO, IP_RECVTTL and IP_RECVTOS (ip(7)). */
struct sock_came {
    struct ipv4 to;   /* the destination in the packet's header */
    struct ipv4 spec; /* the address of ours that it was meant for */
    unsigned card;    /* the number of the card it came by */
    uint8_t ttl, tos;
};
void sock_tell_header(
    const struct sock *s, const struct sock_came *came, struct io *io);

/* MSG_ERRQUEUE: gives t, which is freed. */
struct ip_trouble;
ssize_t sock_tell_trouble(struct sock *s, struct ip_trouble *t, struct io *io);

/* Names of Unix sockets: what the file system would hold. */
bool unix_name_exists(const struct kernel *k, const char *path);
int unix_name_unlink(struct kernel *k, const char *path); /* -ENOENT */
void unix_names_free(struct kernel *k);

#endif
