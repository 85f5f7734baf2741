/*
 * sys_remote_link.c: messages to the simulator and back. The journal's events
 * and the calls whose results are known are collected, and leave together
 * with the next call that is waited for, so that the simulator sees
 * everything in order and is rarely waited for.
 */
#include "sys_remote_link.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/* The simulator is gone: nothing that we do has a meaning any more. */
static void __attribute__((noreturn)) vanish(void)
{
    kill(getpid(), SIGKILL);
    _exit(1);
}

/* The head of a request, in front of what its data pointers lead to. */
static struct writer
head_of(const struct link_call *c, uint8_t head[REMOTE_HEAD], unsigned mark)
{
    struct writer w = writer_of(head, REMOTE_HEAD);

    remote_put_request(&w, c->type | mark, c->len[0] + c->len[1], c->arg);
    return w;
}

/* One message: what has not been sent yet, then c (NULL: nothing more). */
static void
send_all(struct proc *p, const struct link_call *c)
{
    uint8_t head[REMOTE_HEAD];
    size_t waiting, more = 0;
    struct iovec iov[4];
    struct msghdr m = {.msg_iov = iov, .msg_iovlen = c ? 4 : 1};

    journal_settle(&p->journal);
    waiting = p->told;
    iov[0] = (struct iovec){p->unsent, waiting};
    if (c) {
        head_of(c, head, 0);
        more = sizeof head + c->len[0] + c->len[1];
        if (waiting + more > REMOTE_MAX) {
            send_all(p, NULL);
            iov[0].iov_len = 0;
        }
        iov[1] = (struct iovec){head, sizeof head};
        for (int i = 0; i < 2; i++)
            iov[2 + i] =
                (struct iovec){(void *)(uintptr_t)c->data[i], c->len[i]};
    }
    p->told = 0;
    p->notes = NO_NOTES;
    while (sendmsg(SYS_REMOTE_FD, &m, MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            vanish();
}

void
link_tell(struct proc *p, const struct link_call *c)
{
    send_all(p, c);
}

bool
link_post(struct proc *p, const struct link_call *c)
{
    uint8_t head[REMOTE_HEAD];
    size_t len = sizeof head + c->len[0] + c->len[1];
    struct writer w;

    if (!p->may_post || len > sizeof p->unsent)
        return false;
    journal_settle(&p->journal);
    if (len > sizeof p->unsent - p->told)
        send_all(p, NULL);
    w = writer_of(p->unsent + p->told, sizeof p->unsent - p->told);
    head_of(c, head, REMOTE_POSTED);
    put_bytes(&w, head, sizeof head);
    for (int i = 0; i < 2; i++)
        put_bytes(&w, c->data[i], c->len[i]);
    p->notes = NO_NOTES;
    p->told += len;
    return true;
}

bool
link_unawaited(struct proc *p, const struct link_call *c)
{
    bool unawaited = p->unawaited;

    p->unawaited = false;
    return unawaited && link_post(p, c);
}

void
sys_unawaited(struct proc *p)
{
    p->unawaited = true;
}

bool
link_read(struct proc *p, unsigned type, int fd, void *buf, size_t len)
{
    const struct link_call c = {.type = type, .arg = {fd, (int64_t)len}};

    if (p->ahead.fd != fd || !len || len > p->ahead.len || !link_post(p, &c))
        return false;
    memcpy(buf, p->ahead.bytes + p->ahead.at, len);
    p->ahead.at += len;
    p->ahead.len -= len;
    return true;
}

void
link_ahead(struct proc *p, int fd, const struct remote_reply *r)
{
    size_t len = cursor_left(&r->next);

    p->ahead.fd = -1;
    if (!len || len > sizeof p->ahead.bytes)
        return;
    memcpy(p->ahead.bytes, r->next.at, len);
    p->ahead.fd = fd;
    p->ahead.at = 0;
    p->ahead.len = len;
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

static int64_t
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * LW_S + t.tv_nsec;
}

/* Looks whether the answer is there; if not, lets others have the processor.
 * Only in live use, where there is a clock to be read. */
static ssize_t
look(struct proc *p, struct msghdr *m)
{
    ssize_t n = -1;

    spin_begin(&p->spin, now_ns());
    while (spin_more(&p->spin) && (n = recvmsg(SYS_REMOTE_FD, m,
                                       MSG_CMSG_CLOEXEC | MSG_DONTWAIT)) < 0) {
        sched_yield();
        spin_asked(&p->spin, now_ns());
    }
    return n;
}

static ssize_t
receive(struct proc *p, struct msghdr *m)
{
    ssize_t n = p->spin.off ? -1 : look(p, m);

    while (n < 0 && (n = recvmsg(SYS_REMOTE_FD, m, MSG_CMSG_CLOEXEC)) < 0 &&
           errno == EINTR)
        ;
    if (!p->spin.off)
        spin_end(&p->spin, now_ns());
    return n;
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

    p->unawaited = false;
    send_all(p, c);
    n = receive(p, &m);
    if (n <= 0 || !remote_get_reply(cursor_of(p->in, (size_t)n), &r))
        vanish();
    if (c->passed)
        *c->passed = passed_in(&m);
    p->timers.now.ns = r.now_ns;
    p->may_post = r.post;
    memcpy(p->journal.wanted, r.wanted, sizeof r.wanted);
    memcpy(p->journal.read, r.read, sizeof r.read);
    return r;
}

/* --- the journal --------------------------------------------------------- */

void
sys_remote_flush(struct proc *p)
{
    journal_settle(&p->journal);
    if (p->told)
        send_all(p, NULL);
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
    len = f->len < REMOTE_DATA / 2 ? f->len : REMOTE_DATA / 2;
    put_le32(w, (uint32_t)len);
    put_bytes(w, f->at, len);
}

/* Appends the event, or (times > 0) so many without fields; false: there is
 * no room. */
static bool
put_event(struct proc *p, const struct event *e, uint32_t times)
{
    static const int64_t no_args[REMOTE_ARGS];
    bool first = p->notes == NO_NOTES;
    size_t begin = first ? p->told : p->notes;
    struct writer w =
        writer_of(p->unsent + p->told, sizeof p->unsent - p->told);
    unsigned n = e->nfields < REMOTE_FIELDS ? e->nfields : REMOTE_FIELDS;

    if (first)
        remote_put_request(&w, REMOTE_NOTES, 0, no_args);
    put_le16(&w, e->kind);
    put_le16(&w, e->rule);
    put_u8(&w, (uint8_t)(times ? REMOTE_MANY : n));
    put_name(&w, e->func);
    if (times)
        put_le32(&w, times);
    for (unsigned i = 0; i < n; i++)
        put_field(&w, &e->fields[i]);
    if (w.over)
        return false;

    struct writer len = writer_of(p->unsent + begin, 4);

    put_le32(&len, (uint32_t)(w.at - p->unsent - begin - REMOTE_HEAD));
    p->notes = begin;
    p->told = (size_t)(w.at - p->unsent);
    return true;
}

static void
hear_many(void *owner, const struct event *e, uint32_t times)
{
    struct proc *p = owner;

    if (put_event(p, e, times))
        return;
    send_all(p, NULL);
    put_event(p, e, times); /* larger than a message: nobody can be told */
}

static void
hear(void *owner, const struct event *e)
{
    hear_many(owner, e, 0);
}

void
link_listen(struct proc *p)
{
    memset(&p->journal, 0, sizeof p->journal);
    journal_init(&p->journal, &p->timers.now);
    p->listener = (struct listener){
        .event = hear, .repeat = hear_many, .owner = p, .level = LEVEL_MICRO};
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
