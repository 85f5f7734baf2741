/*
 * fuzz_remote.c: the messages of a real process to our kernel
 * (remote_msg.h), sent over a real socket pair. It may have gone mad: it can
 * ask for anything a process can ask for, or for nothing that makes sense.
 * The input is a list of messages:
 *
 *     type  len  six arguments of one byte, with a sign  len bytes
 *
 *     type  below 0x40  a system call
 *           below 0x80  one that is posted, with the next in its message
 *           below 0xc0  notes, a fork, a death
 *           else        no message at all: the bytes as they are
 */
#include "fuzz.h"
#include "bytes.h"
#include "proc.h"
#include "remote_proc.h"
#include "world.h"

#include <assert.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGES_MAX 64

struct mad {
    struct journal journal;
    struct world *world;
    struct kernel *kernel;
    int fd, theirs; /* the two ends of the wire */
};

static void
mad_open(struct mad *m)
{
    struct host *host;
    int fds[2], err = socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), pid;

    assert(err == 0);
    m->fd = fds[0];
    m->theirs = fds[1];
    m->world = world_new(&m->journal, 1);
    assert(m->world);
    host = world_add_host(m->world, "host", NULL);
    assert(host);
    m->kernel = host_kernel(host);
    kernel_set_live(m->kernel, true); /* it is we who must not be waited for */
    pid = kernel_adopt(m->kernel, "mad", m->theirs);
    assert(pid == 1);
    /* As if it had said HELLO, but from no process that could be killed. */
    m->kernel->procs[pid - 1]->remote->greeted = true;
    world_settle(m->world);
    (void)err;
    (void)pid;
}

/* Takes the answers that have come; passed descriptors are closed by Linux,
 * since nobody takes them. */
static void
hear(struct mad *m)
{
    static uint8_t buf[REMOTE_MAX];
    ssize_t n;

    while ((n = recv(m->fd, buf, sizeof buf, MSG_DONTWAIT)) > 0) {
        struct remote_reply r;

        assert(remote_get_reply(cursor_of(buf, (size_t)n), &r));
        assert(cursor_left(&r.data) <= REMOTE_DATA + REMOTE_EXTRA);
    }
}

static void
say(struct mad *m, const void *message, size_t len)
{
    if (send(m->fd, message, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        return; /* it was cut off */
    kernel_remote_ready(m->kernel, m->theirs);
    world_settle(m->world);
    hear(m);
    world_run(m->world, instant_add(world_timers(m->world)->now, 100 * LW_MS),
        NULL, NULL);
    hear(m);
}

static unsigned
type_of(unsigned type)
{
    static const unsigned others[] = {
        REMOTE_NOTES, REMOTE_FORK, REMOTE_NOTES, REMOTE_DIED};

    if (type >= 0x80)
        return others[type & 3];
    return (type & 0x3f) % (REMOTE_CALLS + 1) |
           (type & 0x40 ? REMOTE_POSTED : 0);
}

int
fuzz_remote(const uint8_t *data, size_t size)
{
    struct mad m;
    struct cursor c = cursor_of(data, size);

    uint8_t message[4096];
    struct writer w = writer_of(message, sizeof message);

    mad_open(&m);
    for (unsigned i = 0; i < MESSAGES_MAX && cursor_left(&c) >= 8; i++) {
        unsigned type = get_u8(&c);
        size_t len = get_u8(&c);
        int64_t arg[REMOTE_ARGS];

        for (unsigned k = 0; k < REMOTE_ARGS; k++)
            arg[k] = (int8_t)get_u8(&c);
        if (len > cursor_left(&c))
            len = cursor_left(&c);
        if (type < 0xc0)
            remote_put_request(&w, type_of(type), len, arg);
        put_bytes(&w, get_bytes(&c, len), len);
        assert(!w.over);
        if (type >= 0x40 && type < 0x80 && writer_len(&w) < sizeof message / 2)
            continue;
        say(&m, message, writer_len(&w));
        w = writer_of(message, sizeof message);
    }
    close(m.fd);
    world_free(m.world);
    return 0;
}
