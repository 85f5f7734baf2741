/*
 * inside_tmp.c: the folder behind what PHP sees as /tmp: uploads, sessions,
 * OpCache's lock. It lives as long as master and workers, however they end,
 * also by SIGKILL. So a small process of its own waits until the last of
 * them has closed its end of a pipe, which Linux does for the dead as well,
 * and then removes the folder.
 *
 * When that process was killed as well, the folder stays. All of them hold a
 * lock on it, which ends with the last of them: the next run removes what
 * nobody has locked, of the same user.
 */
#include "inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    remove(path);
    return 0;
}

static void __attribute__((noreturn))
wait_and_remove(const char *folder, int pipe, int lock)
{
    char byte;

    setsid(); /* what ends a terminal's programs does not end this one */
    /* Not one of those that are overwritten here: dup(2) may give 0. */
    lock = fcntl(lock, F_DUPFD, 2);
    dup2(pipe, 0);
    dup2(lock, 1);
    close_range(2, ~0u, 0);
    while (read(0, &byte, 1) < 0 && errno == EINTR)
        ;
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    _exit(0);
}

/* Two forks, so that nobody here has to wait for it. */
static int
start_keeper(struct inside *in)
{
    int fds[2], status;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC))
        return -errno;
    pid = _Fork();
    if (pid == 0) {
        close(fds[1]);
        if (_Fork() == 0)
            wait_and_remove(in->tmp_name, fds[0], in->lock);
        _exit(0);
    }
    close(fds[0]);
    if (pid < 0) {
        close(fds[1]);
        return -EAGAIN;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    in->alive = fds[1];
    return 0;
}

/* The folder, locked, when it is this user's and nobody else has the lock;
 * -1: it is not. */
static int
lock_folder(const char *path)
{
    struct stat st;
    long fd = syscall(SYS_openat, AT_FDCWD, path,
        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return -1;
    if (syscall(SYS_fstat, fd, &st) == 0 &&
        st.st_uid == (uid_t)syscall(SYS_geteuid) &&
        (st.st_mode & 07777) == 0700 && st.st_nlink > 0 &&
        flock((int)fd, LOCK_EX | LOCK_NB) == 0)
        return (int)fd;
    close((int)fd);
    return -1;
}

/* Folders that were made here by runs that ended without removing them. A
 * number that is a process's now may be that of another: it stays. */
static void
remove_leftovers(void)
{
    DIR *dir = opendir("/tmp");
    const struct dirent *e;
    char path[300], name[64];
    unsigned n;
    long pid;
    int fd;

    while (dir && (e = readdir(dir))) {
        if (sscanf(e->d_name, "layerwalk-%ld-%u", &pid, &n) != 2 || pid <= 0)
            continue;
        snprintf(name, sizeof(name), "layerwalk-%ld-%u", pid, n);
        if (strcmp(name, e->d_name) != 0 || syscall(SYS_kill, pid, 0) == 0 ||
            errno != ESRCH)
            continue;
        snprintf(path, sizeof(path), "/tmp/%s", name);
        fd = lock_folder(path);
        if (fd < 0)
            continue;
        nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        close(fd);
    }
    if (dir)
        closedir(dir);
}

/* Is the folder of that name still the one that is locked? Another run may
 * have taken it for left over before the lock was there. */
static bool
still_there(const char *path, int fd)
{
    struct stat a, b;

    return syscall(SYS_fstat, fd, &a) == 0 &&
           syscall(SYS_newfstatat, AT_FDCWD, path, &b, AT_SYMLINK_NOFOLLOW) ==
               0 &&
           a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

int
inside_make_tmp(struct inside *in)
{
    remove_leftovers();
    for (unsigned n = 0; n < 10000; n++) {
        snprintf(in->tmp_name, sizeof(in->tmp_name), "/tmp/layerwalk-%ld-%u",
            syscall(SYS_getpid), n);
        if (syscall(SYS_mkdirat, AT_FDCWD, in->tmp_name, 0700) == 0) {
            in->lock = lock_folder(in->tmp_name);
            if (in->lock >= 0 && still_there(in->tmp_name, in->lock))
                return start_keeper(in);
            if (in->lock >= 0)
                close(in->lock);
            in->lock = -1;
        } else if (errno != EEXIST) {
            return -errno;
        }
    }
    return -EEXIST;
}
