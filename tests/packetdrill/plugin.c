/*
 * plugin.c: the door through which packetdrill comes: build/
 * liblayerwalk-packetdrill.so, named to it with --so_filename.
 *
 * The tool is used as it is. Three of its habits do not fit a stack that is
 * not the kernel's; so the library is also loaded before libc (LD_PRELOAD)
 * and stands in for some of its functions:
 *
 *     getsockopt           the tool reads TCP_INFO with libc's
 *     sendfile             ... and sends a real file through our socket
 *     mlockall, sched_...  rights that a test does not need: time is virtual
 *     times                it waits for a tick of the real clock
 *     dlopen               RTLD_DEEPBIND would keep us from all of this
 */
#include "calls.h"

#include <dlfcn.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <unistd.h>

#define TCP_INFO_NAME 11
#define EXPORT        __attribute__((visibility("default")))

/* libc's functions have no argument for it. */
static struct engine *the_engine;

static void
pd_free(void *e)
{
    the_engine = NULL;
    engine_free(e);
}

/* --- packets and time ---------------------------------------------------- */

static int
pd_netdev_send(void *e, const void *buf, size_t len)
{
    engine_inject(e, buf, len);
    return 0;
}

static int
pd_netdev_receive(void *e, void *buf, size_t *len, long long *usecs)
{
    struct sent_packet *s = engine_receive(e);
    size_t room = *len;

    *len = 0;
    if (!s)
        return 0;
    *len = s->len < room ? s->len : room;
    memcpy(buf, s->bytes, *len);
    *usecs = s->usecs;
    free(s);
    return 0;
}

static int
pd_usleep(void *e, useconds_t usecs)
{
    engine_sleep(e, usecs);
    return 0;
}

static int
pd_gettimeofday(void *e, struct timeval *tv, struct timezone *tz)
{
    int64_t now = engine_clock(e);

    (void)tz;
    tv->tv_sec = now / 1000000;
    tv->tv_usec = now % 1000000;
    return 0;
}

EXPORT void
packetdrill_interface_init(
    const char *flags, struct packetdrill_interface *table)
{
    the_engine = engine_new(flags);
    *table = (struct packetdrill_interface){.user = the_engine,
        .free = pd_free,
        .netdev_send = pd_netdev_send,
        .netdev_receive = pd_netdev_receive,
        .usleep = pd_usleep,
        .gettimeofday = pd_gettimeofday};
    calls_fill(table);
    ready_fill(table);
}

/* --- in place of libc's --------------------------------------------------- */

EXPORT int
getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    if (the_engine && calls_fd(the_engine, fd) >= 0) {
        socklen_t room = *len;
        int ret = calls_getsockopt(the_engine, fd, level, name, value, len);

        /* A newer Linux tells more, and the tool wants it: zeros. */
        if (ret == 0 && level == IPPROTO_TCP && name == TCP_INFO_NAME) {
            memset((char *)value + *len, 0, room - *len);
            *len = room;
        }
        return ret;
    }
    return (int)syscall(SYS_getsockopt, fd, level, name, value, len);
}

/* From a real file, which the tool has opened, to a socket of ours: as much
 * as is there and is taken. */
EXPORT ssize_t
sendfile(int out, int in, off_t *offset, size_t len)
{
    ssize_t (*real)(int, int, off_t *, size_t);
    char *text;
    ssize_t n;

    if (!the_engine || calls_fd(the_engine, out) < 0) {
        *(void **)&real = dlsym(RTLD_NEXT, "sendfile");
        return real(out, in, offset, len);
    }
    text = malloc(len + 1);
    n = offset ? pread(in, text, len, *offset) : read(in, text, len);
    if (n > 0)
        n = calls_write(the_engine, out, text, (size_t)n);
    if (n > 0 && offset)
        *offset += n;
    free(text);
    return n;
}

EXPORT int
mlockall(int flags)
{
    (void)flags;
    return 0;
}

EXPORT int
sched_setscheduler(pid_t pid, int policy, const struct sched_param *param)
{
    (void)pid, (void)policy, (void)param;
    return 0;
}

EXPORT clock_t
times(struct tms *buf)
{
    static clock_t ticks;

    if (buf)
        *buf = (struct tms){0};
    return ++ticks;
}

EXPORT void *
dlopen(const char *file, int mode)
{
    void *(*real)(const char *, int);

    *(void **)&real = dlsym(RTLD_NEXT, "dlopen");
    return real(file, mode & ~RTLD_DEEPBIND);
}
