/*
 * inside.h: what keeps the engine inside its computer.
 *
 * libphp and its extensions call the C library: open, stat, time, getrandom.
 * The executable defines functions of these names, and because an
 * executable comes first when the dynamic linker looks for a symbol, PHP
 * gets ours (inside_*.c). They show it the host's folder as `/`, the clock
 * of the world, and chance from the world's seed: __FILE__ is
 * /srv/www/index.php, date() is the simulated day, and two runs are the same.
 *
 * A function of the C library has no context argument, so what these need
 * stands in one place that inside() finds. Before inside_begin everything is
 * passed to Linux unchanged.
 */
#ifndef LW_INSIDE_H
#define LW_INSIDE_H

#include "rng.h"
#include "sys.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

enum {
    INSIDE_KNOWN = 64 /* paths remembered */
};

/* A path and the file that it was found to lead to (inside_known.c). */
struct known {
    int base, follow;
    dev_t dev;
    ino_t ino;
    char path[256]; /* "": free */
    char name[256]; /* of a folder: its real one */
};

struct inside {
    bool on;           /* false: pass everything through */
    bool live;         /* real clock and real chance */
    int root;          /* O_PATH descriptor of the host's folder */
    int tmp;           /* the same for what is seen as /tmp */
    int alive;         /* closed when the last of master and workers ends */
    int lock;          /* on the folder behind /tmp: somebody still needs it */
    struct proc *proc; /* whose clock and process number are shown */
    pid_t pid;         /* as simulated; 0: not yet known */
    struct rng rng;    /* of this process */
    size_t root_len;   /* of the folder's real name */
    long (*syscall)(long number, ...); /* the C library's */
    int (*clock)(clockid_t, struct timespec *);
    struct known known[INSIDE_KNOWN];
    char host[64];       /* the computer's name, unless /etc/hostname has one */
    char tmp_name[64];   /* real name of the folder behind /tmp */
    char cwd[PATH_MAX];  /* as PHP sees it */
    char pass[PATH_MAX]; /* folder of the extensions, real in both views */
};

struct inside *inside(void);

/*
 * From now on the process sees `root` as its `/`. A private folder for /tmp
 * is made. extension_dir stays visible as it is. 0 or -errno.
 */
int inside_begin(struct proc *p, const char *root, const char *extension_dir,
    bool live, uint64_t seed);

/* In a new worker: its own process number and stream of chance. */
void inside_forked(struct proc *p, uint64_t seed);

/* Lets go. When all who share it have, the folder behind /tmp is removed. */
void inside_end(void);

/* --- for inside_*.c ------------------------------------------------------ */

/* inside_tmp.c: makes the folder behind /tmp. 0 or -errno. */
int inside_make_tmp(struct inside *in);

/* A negative errno as the C library tells it: -1 and errno. */
static inline int
answer(long result)
{
    if (result < 0) {
        errno = (int)-result;
        return -1;
    }
    return (int)result;
}

/* The result of syscall(2) as a negative errno. */
static inline long
raw(long result)
{
    return result < 0 ? -errno : result;
}

/* close(2) of a descriptor that PHP knows nothing of: no event. */
void inside_close(int fd);

/* Where a path really lies. */
struct place {
    int base;           /* descriptor of the folder it is below; AT_FDCWD */
    bool real;          /* passed to Linux as it is */
    char rel[PATH_MAX]; /* path below base, never empty */
};

/* 0 or -ENAMETOOLONG. */
int place_of(const char *path, struct place *out);

/*
 * openat2(2) of the path: no `..` and no link leads out of the host. A
 * descriptor or -errno; in a simulation -EROFS for writing outside /tmp.
 */
int place_open(const char *path, int flags, mode_t mode);

/*
 * The file that the path led to before, if it still does: fills st; or NULL.
 * follow: 0 or AT_SYMLINK_NOFOLLOW. And: remember what place_open found.
 */
const struct known *known_find(
    const struct place *at, int follow, struct stat *st);
void known_keep(const struct place *at, int follow, const struct stat *st,
    const char *name);

/* 0, or -EROFS: a simulation changes nothing but /tmp. */
int place_writable(const char *path);

/*
 * The folder that holds `path` (O_PATH) and, in name, its last part: for
 * calls that make or remove an entry. A descriptor or -errno.
 */
int place_parent(const char *path, char name[NAME_MAX + 1]);

#endif
