/*
 * sys_remote_link.c: messages to the simulator and back, and the journal's
 * events on the same wire: they are collected and leave before the next
 * system call, so that the simulator sees everything in order.
 */
#include "sys_remote_link.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

/* The simulator is gone: nothing that we do has a meaning any more. */
static void __attribute__((noreturn)) vanish(void)
{
    kill(getpid(), SIGKILL);
    _exit(1);
}

void
link_tell(struct proc *p, const struct link_call *c)
{
    uint8_t head[2 + 8 * REMOTE_ARGS];
    struct writer w = writer_of(head, sizeof head);
    struct iovec iov[3] = {{head, sizeof head},
        {(void *)(uintptr_t)c->data[0], c->len[0]},
        {(void *)(uintptr_t)c->data[1], c->len[1]}};
    struct msghdr m = {.msg_iov = iov, .msg_iovlen = 3};

    (void)p;
    remote_put_request(&w, c->type, c->arg);
    while (sendmsg(SYS_REMOTE_FD, &m, MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            vanish();
}

/* The descriptor that came with a message; -1: none. */
static int
passed_in(struct msghdr *m)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    int fd = -1;

    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

struct remote_reply
link_call(struct proc *p, const struct link_call *c)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    struct iovec iov = {p->in, sizeof p->in};
    struct msghdr m = {.msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = c->passed ? control : NULL,
        .msg_controllen = c->passed ? sizeof control : 0};
    struct remote_reply r;
    ssize_t n;

    sys_remote_flush(p);
    link_tell(p, c);
    while ((n = recvmsg(SYS_REMOTE_FD, &m, MSG_CMSG_CLOEXEC)) < 0 &&
           errno == EINTR)
        ;
    if (n <= 0 || !remote_get_reply(cursor_of(p->in, (size_t)n), &r))
        vanish();
    if (c->passed)
        *c->passed = passed_in(&m);
    p->timers.now.ns = r.now_ns;
    memcpy(p->journal.wanted, r.wanted, sizeof r.wanted);
    return r;
}

/* --- the journal --------------------------------------------------------- */

void
sys_remote_flush(struct proc *p)
{
    size_t n = p->told;

    if (!n)
        return;
    p->told = 0;
    link_tell(p, &(struct link_call){
                     .type = REMOTE_NOTES, .data = {p->notes}, .len = {n}});
}

static void
put_name(struct writer *w, const char *name)
{
    size_t n = name ? strnlen(name, REMOTE_NAME) : 0;

    put_u8(w, (uint8_t)n);
    put_bytes(w, name, n);
}

static void
put_field(struct writer *w, const struct field *f)
{
    size_t len;

    put_u8(w, (uint8_t)f->type);
    put_name(w, f->name);
    if (f->type != FIELD_TEXT && f->type != FIELD_BYTES) {
        put_le64(w, f->u);
        return;
    }
    /* Whatever else the event holds fits beside half a message. */
    len = f->mem.len < REMOTE_DATA / 2 ? f->mem.len : REMOTE_DATA / 2;
    put_le32(w, (uint32_t)len);
    put_bytes(w, f->mem.at, len);
}

/* Appends the event; false: there is no room. */
static bool
put_event(struct proc *p, const struct event *e)
{
    struct writer w = writer_of(p->notes + p->told, sizeof p->notes - p->told);
    unsigned n = e->nfields < REMOTE_FIELDS ? e->nfields : REMOTE_FIELDS;

    put_le16(&w, e->kind);
    put_le16(&w, e->rule);
    put_u8(&w, (uint8_t)n);
    put_name(&w, e->func);
    for (unsigned i = 0; i < n; i++)
        put_field(&w, &e->fields[i]);
    if (w.over)
        return false;
    p->told += writer_len(&w);
    return true;
}

static void
hear(void *owner, const struct event *e)
{
    struct proc *p = owner;

    if (put_event(p, e))
        return;
    sys_remote_flush(p);
    put_event(p, e); /* larger than a message: nobody can be told */
}

void
link_listen(struct proc *p)
{
    memset(&p->journal, 0, sizeof p->journal);
    journal_init(&p->journal, &p->timers.now);
    p->listener =
        (struct listener){.event = hear, .owner = p, .level = LEVEL_MICRO};
    journal_listen(&p->journal, &p->listener);
}

/* --- crashes ------------------------------------------------------------- */

/*
 * Runs on p's own signal stack, which is how it finds p. Tells what happened
 * before and that this is the end; then the signal takes its usual course.
 */
static void
crash(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *u = context;
    struct proc *p = LW_CONTAINER(u->uc_stack.ss_sp, struct proc, stack);

    (void)info;
    sys_remote_flush(p);
    link_tell(p, &(struct link_call){.type = REMOTE_DIED, .arg = {signal}});
    raise(signal); /* comes through at the return: SA_RESETHAND */
}

void
link_catch(struct proc *p)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    stack_t stack = {.ss_sp = p->stack, .ss_size = sizeof p->stack};
    struct sigaction act = {.sa_sigaction = crash,
        .sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND};

    sigemptyset(&act.sa_mask);
    if (sigaltstack(&stack, NULL))
        return;
    for (size_t i = 0; i < LW_COUNT(signals); i++)
        sigaction(signals[i], &act, NULL);
}
