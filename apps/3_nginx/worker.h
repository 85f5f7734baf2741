/*
 * worker.h: the loop that does the network work of nginx: one process, one
 * thread, all connections. Everything that can become ready is a source;
 * everything that can be late is a timer.
 */
#ifndef LW_NGINX_WORKER_H
#define LW_NGINX_WORKER_H

#include "conf.h"

struct conn;
struct request;

/* A descriptor that epoll watches. */
struct source {
    int fd;              /* -1: none */
    uint32_t generation; /* tells a late event for an earlier fd apart */
    uint32_t watched;    /* EPOLL... events asked for; 0: not watched */
    void (*event)(struct source *s, uint32_t events);
};

enum {
    REQUESTS_KEPT = 64,
    DATES_KEPT = 16 /* a power of two */
};

struct worker {
    struct proc *proc;
    pid_t pid;
    struct env *env;
    struct conf *conf;
    int epfd;
    struct epoll_event *events; /* what one epoll_wait tells */
    int channel;                /* the master's messages; -1: none */
    struct timers timers;
    struct timer rest;       /* while it runs, no connection is taken */
    struct source **sources; /* by descriptor */
    unsigned nsources;
    uint32_t generation;
    struct source *listening; /* one for each conf listen */
    struct source channel_source;
    struct conn *conns, *posted, **posted_end, *dead;
    struct request *dead_requests;
    struct request *spare; /* to be used again */
    unsigned nspare;
    struct head_spare *spare_heads; /* likewise: head.c */
    size_t spare_head_size;
    unsigned nspare_heads;
    struct kept_list *kept;          /* by upstream{}; NULL: upstream_keep.c */
    struct file_cache **file_caches; /* by index; NULL: open_file.c */
    uint64_t nconns;                 /* open now */
    uint64_t numbers; /* connections so far, for "*1" in the log */
    int64_t date_at;  /* the second of worker_date */
    char date[32];    /* "" until it is first asked for */
    struct {
        int64_t at;
        char text[32]; /* "": none yet */
    } modified[DATES_KEPT];
    bool quitting; /* finish what is open, take nothing new */
    bool stopping; /* not even that */
};

/*
 * The life of a worker: returns its exit status. `channel` is its end of
 * the socket pair to the master: a byte 'Q' says quit gracefully,
 * 'T' at once.
 */
int worker_run(struct proc *p, struct conf *c, int channel);

/* Starts or changes the watch; 0 or -errno. */
int worker_watch(struct worker *w, struct source *s, uint32_t events);

/*
 * Takes no connection for a while: there is no descriptor or no memory for
 * one, and epoll would tell of those who wait again and again.
 */
void worker_rest(struct worker *w);

/* Closes the descriptor; epoll forgets it by itself. */
void worker_close(struct worker *w, struct source *s);

/* The descriptor and its watch go from one source to another. */
void worker_hand_over(struct worker *w, struct source *from, struct source *to,
    void (*event)(struct source *s, uint32_t events));

/* Brings time up to date: Unix seconds. */
int64_t worker_time(struct worker *w);

/* The same as HTTP writes it, made once a second (nginx: ngx_times.c, whose
 * cached texts every answer and log line shares). */
const char *worker_date(struct worker *w);

/* Any time as HTTP writes it; files are few, and so are their dates. */
const char *worker_modified(struct worker *w, int64_t when);

/* Runs c->on_read once more, after the present events. */
void worker_post(struct worker *w, struct conn *c);

/* conn.c: takes all connections that wait behind this source. */
void conn_accept(struct worker *w, struct source *s, struct listen *l);

#endif
