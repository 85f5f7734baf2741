/*
 * inside_alone.c: the ways out of a process, closed. A simulated computer
 * has no other programs that PHP could start, no shared memory with real
 * programs, and no rights over the real machine: each call fails with the
 * errno that its manual page has for "not here". fork is that of sys.h only.
 */
#include "inside.h"

#include <dlfcn.h>
#include <grp.h>
#include <pty.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

/* --- other programs -------------------------------------------------- */

FILE *
popen(const char *command, const char *mode)
{
    (void)command;
    (void)mode;
    errno = ENOSYS;
    return NULL;
}

int
system(const char *command)
{
    (void)command;
    return answer(-ENOSYS);
}

pid_t
fork(void)
{
    return answer(-ENOSYS);
}

pid_t
vfork(void)
{
    return answer(-ENOSYS);
}

int
execve(const char *path, char *const argv[], char *const envp[])
{
    (void)path;
    (void)argv;
    (void)envp;
    return answer(-ENOSYS);
}

int
execv(const char *path, char *const argv[])
{
    (void)path;
    (void)argv;
    return answer(-ENOSYS);
}

int
execvp(const char *file, char *const argv[])
{
    (void)file;
    (void)argv;
    return answer(-ENOSYS);
}

int
execl(const char *path, const char *arg, ...)
{
    (void)arg;
    (void)path;
    return answer(-ENOSYS);
}

int
execle(const char *path, const char *arg, ...)
{
    (void)arg;
    (void)path;
    return answer(-ENOSYS);
}

int
execlp(const char *file, const char *arg, ...)
{
    (void)arg;
    (void)file;
    return answer(-ENOSYS);
}

/* With void where <spawn.h> has types of its own. */
int posix_spawn(pid_t *pid, const char *path, const void *actions,
    const void *attributes, char *const argv[], char *const envp[]);
int
posix_spawn(pid_t *pid, const char *path, const void *actions,
    const void *attributes, char *const argv[], char *const envp[])
{
    (void)pid;
    (void)path;
    (void)actions;
    (void)attributes;
    (void)argv;
    (void)envp;
    return ENOSYS;
}

int posix_spawnp(pid_t *pid, const char *file, const void *actions,
    const void *attributes, char *const argv[], char *const envp[]);
int
posix_spawnp(pid_t *pid, const char *file, const void *actions,
    const void *attributes, char *const argv[], char *const envp[])
{
    return posix_spawn(pid, file, actions, attributes, argv, envp);
}

/* --- this process among others --------------------------------------- */

pid_t
getppid(void)
{
    return inside()->on ? sys_getppid(inside()->proc) : 0;
}

pid_t
getpgrp(void)
{
    return getppid(); /* the master leads the group of its workers */
}

pid_t
getpgid(pid_t pid)
{
    return pid == 0 || pid == getpid() ? getpgrp() : answer(-ESRCH);
}

pid_t
getsid(pid_t pid)
{
    return getpgid(pid);
}

clock_t
times(struct tms *out)
{
    struct timespec ts;

    *out = (struct tms){0};
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 100 + ts.tv_nsec / 10000000;
}

int
getloadavg(double load[], int n)
{
    (void)load;
    (void)n;
    return -1;
}

int
chroot(const char *path)
{
    (void)path;
    return answer(-EPERM);
}

int
unshare(int flags)
{
    (void)flags;
    return answer(-EPERM);
}

int
setuid(uid_t uid)
{
    return uid == getuid() ? 0 : answer(-EPERM);
}

int
seteuid(uid_t uid)
{
    return setuid(uid);
}

int
setgid(gid_t gid)
{
    return gid == getgid() ? 0 : answer(-EPERM);
}

int
setegid(gid_t gid)
{
    return setgid(gid);
}

int
initgroups(const char *user, gid_t group)
{
    (void)user;
    (void)group;
    return answer(-EPERM);
}

/* --- shared with other programs -------------------------------------- */

int
openpty(int *master, int *slave, char *name, const struct termios *termios,
    const struct winsize *size)
{
    (void)master;
    (void)slave;
    (void)name;
    (void)termios;
    (void)size;
    return answer(-ENOENT);
}

int
shmget(key_t key, size_t size, int flags)
{
    (void)key;
    (void)size;
    (void)flags;
    return answer(-ENOSYS);
}

int
semget(key_t key, int n, int flags)
{
    (void)key;
    (void)n;
    (void)flags;
    return answer(-ENOSYS);
}

int
msgget(key_t key, int flags)
{
    (void)key;
    (void)flags;
    return answer(-ENOSYS);
}

void
syslog(int priority, const char *format, ...)
{
    (void)priority;
    (void)format;
}

void __syslog_chk(int priority, int flag, const char *format, ...);
void
__syslog_chk(int priority, int flag, const char *format, ...)
{
    (void)priority;
    (void)flag;
    (void)format;
}

/*
 * PHP loads extensions with RTLD_DEEPBIND, which would let them find the C
 * library before us; the address sanitizer refuses the flag altogether. Only
 * the extensions of the installed PHP are loaded, and of these not "ffi",
 * which calls machine code of the script's own choice. The name of a file
 * that cannot exist makes dlerror(3) say why.
 */
void *
dlopen(const char *file, int flags)
{
    const struct inside *in = inside();
    void *(*next)(const char *, int);
    size_t n = strlen(in->pass);

    *(void **)&next = dlsym(RTLD_NEXT, "dlopen");
    if (in->on && file && strchr(file, '/')) {
        const char *base = strrchr(file, '/') + 1;

        if (strncmp(file, in->pass, n) != 0 || strstr(file, "/.."))
            file = "/only the installed extensions can be loaded";
        else if (strcmp(base, "ffi.so") == 0)
            file = "/foreign functions would leave the simulated computer";
    }
    return next(file, flags & ~RTLD_DEEPBIND);
}
