/*
 * inside_world.c: the clock, the process number and chance, as PHP sees
 * them: those of the simulated world. With a live clock time and chance are
 * Linux's own. Reading the clock is no system call on Linux (vDSO), so it is
 * none here either; sleeping is one.
 */
#include "inside.h"

#include <dlfcn.h>
#include <errno.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static bool
simulated(void)
{
    return inside()->proc && !inside()->live;
}

static int64_t
now_ns(void)
{
    return sys_env(inside()->proc)->timers->now.ns;
}

/* The C library's, which reads the page shared with the kernel. */
static int
real_clock(clockid_t clock, struct timespec *ts)
{
    struct inside *in = inside();

    if (!in->clock)
        *(void **)&in->clock = dlsym(RTLD_NEXT, "clock_gettime");
    return in->clock(clock, ts);
}

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
    int64_t ns;

    if (!simulated())
        return real_clock(clock, ts);
    ns = now_ns();
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
        ns += sys_env(inside()->proc)->timers->epoch * LW_S;
    *ts = (struct timespec){ns / LW_S, ns % LW_S};
    return 0;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    struct timespec ts;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &ts);
    *tv = (struct timeval){ts.tv_sec, ts.tv_nsec / 1000};
    return 0;
}

time_t
time(time_t *out)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    if (out)
        *out = ts.tv_sec;
    return ts.tv_sec;
}

int
nanosleep(const struct timespec *duration, struct timespec *left)
{
    int err;

    if (!simulated())
        return (int)syscall(SYS_nanosleep, duration, left);
    err = sys_nanosleep(inside()->proc, duration);
    if (left)
        *left = (struct timespec){0, 0};
    errno = -err;
    return err < 0 ? -1 : 0;
}

unsigned
sleep(unsigned seconds)
{
    struct timespec ts = {.tv_sec = seconds};

    return nanosleep(&ts, NULL) ? seconds : 0;
}

int
usleep(useconds_t us)
{
    struct timespec ts = {us / 1000000, (long)(us % 1000000) * 1000};

    return nanosleep(&ts, NULL);
}

/* Processor time is modelled by the kernel, not measured: none is shown. */
int
getrusage(__rusage_who_t who, struct rusage *out)
{
    if (!simulated())
        return (int)syscall(SYS_getrusage, who, out);
    memset(out, 0, sizeof(*out));
    return 0;
}

pid_t
getpid(void)
{
    return inside()->pid ? inside()->pid : (pid_t)syscall(SYS_getpid);
}

/*
 * www-data, whoever runs the simulation: OpCache behaves differently for the
 * superuser, and a run must not depend on who starts it.
 */
#define WWW_DATA 33

uid_t
getuid(void)
{
    return inside()->on ? WWW_DATA : (uid_t)syscall(SYS_getuid);
}

uid_t
geteuid(void)
{
    return inside()->on ? WWW_DATA : (uid_t)syscall(SYS_geteuid);
}

gid_t
getgid(void)
{
    return inside()->on ? WWW_DATA : (gid_t)syscall(SYS_getgid);
}

gid_t
getegid(void)
{
    return inside()->on ? WWW_DATA : (gid_t)syscall(SYS_getegid);
}

/*
 * A signal to itself ends the real process too, as a crash would; to
 * anybody else it goes through the simulated kernel.
 */
int
kill(pid_t pid, int signal)
{
    struct inside *in = inside();
    int err;

    if (!in->proc)
        return (int)syscall(SYS_kill, pid, signal);
    if (pid == in->pid)
        return (int)syscall(SYS_kill, syscall(SYS_getpid), signal);
    err = sys_kill(in->proc, pid, signal);
    errno = -err;
    return err < 0 ? -1 : 0;
}

static ssize_t
seeded(void *buf, size_t len)
{
    uint8_t *p = buf;

    for (size_t i = 0; i < len; i++)
        p[i] = (uint8_t)rng_u64(&inside()->rng);
    return (ssize_t)len;
}

ssize_t
getrandom(void *buf, size_t len, unsigned flags)
{
    if (!simulated())
        return syscall(SYS_getrandom, buf, len, flags);
    return seeded(buf, len);
}

int
getentropy(void *buf, size_t len)
{
    return getrandom(buf, len, 0) == (ssize_t)len ? 0 : -1;
}

/*
 * OpenSSL stirs the address of its thread into what it asks the kernel for,
 * and that differs from run to run: programs get the world's bytes at once.
 */
int
RAND_bytes(unsigned char *buf, int len)
{
    int (*real)(unsigned char *, int);

    if (simulated())
        return len >= 0 && seeded(buf, (size_t)len) == len;
    *(void **)&real = dlsym(RTLD_NEXT, "RAND_bytes");
    return real ? real(buf, len) : 0;
}

int
RAND_priv_bytes(unsigned char *buf, int len)
{
    int (*real)(unsigned char *, int);

    if (simulated())
        return RAND_bytes(buf, len);
    *(void **)&real = dlsym(RTLD_NEXT, "RAND_priv_bytes");
    return real ? real(buf, len) : 0;
}

/* The computer's name: as its /etc/hostname says, or as the world does. */
int
gethostname(char *name, size_t size)
{
    struct utsname u;

    if (uname(&u) != 0)
        return -1;
    snprintf(name, size, "%s", u.nodename);
    return 0;
}

/* Linux of the same kind everywhere, so that runs are the same too. */
int
uname(struct utsname *out)
{
    FILE *f;

    if (!inside()->on)
        return (int)syscall(SYS_uname, out);
    *out = (struct utsname){
        "Linux", "localhost", "6.1.0", "layerwalk", "x86_64", "(none)"};
    if (inside()->host[0])
        snprintf(out->nodename, sizeof(out->nodename), "%s", inside()->host);
    f = fopen("/etc/hostname", "re");
    if (f && fgets(out->nodename, sizeof(out->nodename), f))
        out->nodename[strcspn(out->nodename, "\r\n")] = '\0';
    if (f)
        fclose(f);
    return 0;
}

/*
 * PHP 8.2 asks for random bytes through syscall(2) itself, so that one is
 * ours as well. Arguments that a call does not have are passed as garbage,
 * which the kernel ignores; the C library does the same.
 */
long
syscall(long number, ...)
{
    struct inside *in = inside();
    long a[6];
    va_list ap;

    va_start(ap, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(ap, long);
    va_end(ap);
    if (number == SYS_getrandom && simulated())
        return seeded((void *)a[0], (size_t)a[1]);
    if (!in->syscall) /* every file call comes here: looked up once */
        *(void **)&in->syscall = dlsym(RTLD_NEXT, "syscall");
    return in->syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
