/*
 * remote.c: the coroutine that stands in for a real Linux process: receives
 * its messages, makes its system calls, answers. How it may end:
 *
 *     exit_group     the process says so, and exits by itself
 *     DIED, or EOF   it crashed: the descriptors close, the parent gets
 *                    SIGCHLD, as for any death
 *     killed here    by kill(2) or at the world's end: so is the real one;
 *                    if that misses, it ends when its socket closes
 *     malformed      a message that no sane process sends: killed
 */
#include "remote_proc.h"
#include "file.h"
#include "null_file.h"
#include "strace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int
attach(struct proc *p, int fd)
{
    const int on = 1;

    p->remote = calloc(1, sizeof *p->remote);
    if (!p->remote)
        return -ENOMEM;
    p->remote->fd = fd;
    /* Linux then vouches for the sender's pid with every message. */
    setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    return 0;
}

int
kernel_adopt(struct kernel *k, const char *name, int fd)
{
    struct proc *p = proc_new(k, NULL, name);
    int pid;

    if (!p || null_stdio(p) || attach(p, fd)) {
        if (p)
            proc_discard(p);
        close(fd);
        return -ENOMEM;
    }
    pid = p->pid;
    proc_begin(p);
    return pid;
}

void
remote_end(struct proc *p)
{
    struct remote *r = p->remote;

    if (r && r->real_pid && WIFSIGNALED(p->status) && !r->died_of)
        kill(r->real_pid, r->failed ? SIGKILL : WTERMSIG(p->status));
}

void
remote_free(struct proc *p)
{
    if (!p->remote)
        return;
    close(p->remote->fd);
    free(p->remote);
    p->remote = NULL;
}

/* --- messages ------------------------------------------------------------ */

/* The pid that came along; recvmsg(2) has filled m. */
static int
sender_of(struct msghdr *m)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    struct ucred cred;

    for (; c; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS)
            continue;
        memcpy(&cred, CMSG_DATA(c), sizeof cred);
        return cred.pid;
    }
    return 0;
}

/* The length of the next message; 0 or less: the process is gone. */
static ssize_t
receive(struct proc *p)
{
    struct remote *r = p->remote;
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
    struct iovec iov = {r->in, sizeof r->in};
    struct msghdr m = {.msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = r->greeted ? NULL : control,
        .msg_controllen = r->greeted ? 0 : sizeof control};
    ssize_t n;

    do {
        if (p->k->live) { /* just answered, it has not asked yet */
            r->waiting = true;
            proc_compute(p);
            r->waiting = false;
        }
        n = recvmsg(r->fd, &m, MSG_TRUNC | (p->k->live ? MSG_DONTWAIT : 0));
    } while (n < 0 && (errno == EAGAIN || errno == EINTR));
    if (n < 0)
        return -errno;
    if (!r->greeted && n > 0)
        r->real_pid = sender_of(&m);
    return n;
}

/* Sends the reply; passed: a descriptor that goes along, or -1. */
static void
answer(struct proc *p, int passed)
{
    struct remote *r = p->remote;
    struct journal *j = p->k->env->journal;
    struct writer head = writer_of(r->reply_buf, sizeof r->reply_buf);
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof passed)];
    struct iovec iov;
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

    r->reply.now_ns = p->k->env->timers->now.ns;
    r->reply.post = remote_may_post(p);
    memcpy(r->reply.wanted, j->wanted, sizeof r->reply.wanted);
    memcpy(r->reply.read, j->read, sizeof r->reply.read);
    remote_put_reply(&head, &r->reply);
    iov = (struct iovec){r->reply_buf, writer_len(&r->out)};
    if (passed >= 0) {
        struct cmsghdr *c = (struct cmsghdr *)(void *)control;

        memset(control, 0, sizeof control);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof passed);
        memcpy(CMSG_DATA(c), &passed, sizeof passed);
        m.msg_control = control;
        m.msg_controllen = sizeof control;
    }
    /* A process that is gone shows itself at the next receive; one that
     * reads no answers, and so would make us wait for ever, is cut off. */
    while (sendmsg(r->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        if (errno != EINTR) {
            shutdown(r->fd, SHUT_RDWR);
            break;
        }
}

/* --- what is not a system call ------------------------------------------- */

static bool
hello(struct proc *p, const struct remote_request *q)
{
    struct remote *r = p->remote;
    struct env *env = p->k->env;
    const int off = 0;

    if (r->greeted)
        return false;
    if (q->arg[0] != remote_lists()) {
        static const uint8_t room[256]; /* as long as any build's reply */

        r->reply.ret = -EPROTO;
        put_bytes(&r->out, room, sizeof room);
        answer(p, -1);
        return true;
    }
    r->greeted = true;
    setsockopt(r->fd, SOL_SOCKET, SO_PASSCRED, &off, sizeof off);
    r->reply.ret = p->pid;
    r->reply.out[0] = env->timers->epoch;
    r->reply.out[1] = env->host;
    for (int i = 0; i < 4; i++)
        put_le64(&r->out, rng_u64(&env->rng));
    put_u8(&r->out, p->k->live);
    answer(p, -1);
    return true;
}

/*
 * The process is about to fork(2): its child gets a process here, with
 * descriptors shared as fork shares them, and a socket of its own.
 */
static int
fork_remote(struct proc *p, int *passed)
{
    struct proc *c = proc_new(p->k, p, p->name);
    int fds[2];

    *passed = -1;
    if (!c)
        return -ENOMEM;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)) {
        proc_discard(c);
        return -EAGAIN;
    }
    if (attach(c, fds[0])) {
        close(fds[0]);
        close(fds[1]);
        proc_discard(c);
        return -ENOMEM;
    }
    if (fds_copy(&c->fds, &p->fds)) {
        close(fds[1]);
        proc_discard(c);
        return -ENOMEM;
    }
    *passed = fds[1];
    proc_begin(c);
    return c->pid;
}

static void
fork_request(struct proc *p)
{
    struct remote *r = p->remote;
    int passed;

    call_begin(p, CALL_clone);
    r->reply.ret = fork_remote(p, &passed);
    CALL_END(p, -1, r->reply.ret, "child_stack=NULL, flags=SIGCHLD");
    answer(p, passed);
    if (passed >= 0)
        close(passed);
}

/* False: malformed. */
static bool
serve(struct proc *p, const struct remote_request *q)
{
    struct remote *r = p->remote;
    struct writer skip;

    memset(&r->reply, 0, sizeof r->reply);
    skip = writer_of(r->reply_buf, sizeof r->reply_buf);
    remote_put_reply(&skip, &r->reply); /* data goes behind the fixed part */
    r->out = skip;
    if (q->posted && q->type >= REMOTE_CALLS)
        return false;
    if (q->type == REMOTE_HELLO)
        return hello(p, q);
    if (!r->greeted)
        return false;
    switch (q->type) {
    case REMOTE_NOTES: return remote_notes(p, q->data);
    case REMOTE_FORK: fork_request(p); return true;
    case REMOTE_DIED:
        if (q->arg[0] < 1 || q->arg[0] > SIGNALS)
            return false;
        r->died_of = (int)q->arg[0];
        return true;
    default: break;
    }
    if (!remote_call(p, q) || r->out.over)
        return false;
    if (!q->posted)
        answer(p, -1);
    return true;
}

/* All requests of a message, in order. False: malformed. */
static bool
serve_all(struct proc *p, size_t len)
{
    struct remote *r = p->remote;
    struct cursor c = cursor_of(r->in, len < sizeof r->in ? len : 0);
    struct remote_request q;
    bool waits = false; /* the process does, for the answer */

    if (len > sizeof r->in)
        return false;
    do {
        if (waits || !remote_get_request(&c, &q) || !serve(p, &q))
            return false;
        waits = !q.posted && q.type != REMOTE_NOTES;
    } while (cursor_left(&c) && !r->died_of);
    return true;
}

int
remote_main(struct proc *p)
{
    struct remote *r = p->remote;
    ssize_t n;

    while ((n = receive(p)) > 0 && !r->died_of && serve_all(p, (size_t)n))
        ;
    if (n > 0 && !r->died_of)
        r->failed = true;
    if (n <= 0 && !r->died_of)
        r->died_of = SIGKILL; /* nobody will say */
    proc_end(p, r->failed ? SIGKILL : r->died_of);
    return 0;
}

/* --- live use ------------------------------------------------------------ */

void
kernel_set_live(struct kernel *k, bool live)
{
    k->live = live;
}

unsigned
kernel_remote_fds(struct kernel *k, struct pollfd *fds, unsigned max)
{
    unsigned n = 0;

    for (int i = 0; i < k->npids && n < max; i++) {
        struct proc *p = k->procs[i];

        if (p && p->remote && p->remote->waiting)
            fds[n++] = (struct pollfd){.fd = p->remote->fd, .events = POLLIN};
    }
    return n;
}

void
kernel_remote_ready(struct kernel *k, int fd)
{
    for (int i = 0; i < k->npids; i++) {
        struct proc *p = k->procs[i];

        if (p && p->remote && p->remote->waiting && p->remote->fd == fd)
            proc_resume(p);
    }
}
