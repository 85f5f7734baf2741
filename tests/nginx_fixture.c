/*
 * nginx_fixture.c: files in memory, and a client. The program behind is in
 * nginx_program.c.
 */
#include "nginx_fixture.h"
#include "check.h"
#include "nginx.h"

#include <arpa/inet.h>
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (4u << 20)
#define MTIME      1767323045 /* 2 January 2026, 03:04:05 */

/* --- files --------------------------------------------------------------- */

struct memory_disk {
    struct disk disk;
    struct web *web;
};

static int
find(struct disk *d, const char *path)
{
    struct web *w = LW_CONTAINER(d, struct memory_disk, disk)->web;
    size_t len = strlen(path);
    int folder = -ENOENT;

    for (unsigned i = 0; i < w->nfiles; i++) {
        if (strcmp(w->path[i], path) == 0)
            return (int)i;
        if (strncmp(w->path[i], path, len) == 0 &&
            (w->path[i][len] == '/' || path[len - 1] == '/'))
            folder = WEB_FILES_MAX; /* something lies in it */
    }
    return folder;
}

static int
disk_fstat(struct disk *d, int handle, struct stat *st)
{
    struct web *w = LW_CONTAINER(d, struct memory_disk, disk)->web;

    *st = (struct stat){.st_mode = S_IFDIR | 0755};
    if (handle < WEB_FILES_MAX) {
        st->st_mode = S_IFREG | 0644;
        st->st_size = (off_t)w->size[handle];
    }
    st->st_ino = (ino_t)handle + 1;
    st->st_mtime = MTIME;
    return 0;
}

static int
disk_stat(struct disk *d, const char *path, struct stat *st)
{
    int i = find(d, path);

    return i < 0 ? i : disk_fstat(d, i, st);
}

static int
disk_open(struct disk *d, const char *path, int flags, mode_t mode)
{
    (void)flags;
    (void)mode;
    return find(d, path);
}

static ssize_t
disk_pread(struct disk *d, int handle, void *buf, size_t len, off_t offset)
{
    struct web *w = LW_CONTAINER(d, struct memory_disk, disk)->web;
    size_t size = handle < WEB_FILES_MAX ? w->size[handle] : 0;

    if ((size_t)offset >= size)
        return 0;
    if (len > size - (size_t)offset)
        len = size - (size_t)offset;
    memcpy(buf, w->text[handle] + offset, len);
    return (ssize_t)len;
}

static ssize_t
disk_pwrite(
    struct disk *d, int handle, const void *buf, size_t len, off_t offset)
{
    (void)d;
    (void)handle;
    (void)buf;
    (void)len;
    (void)offset;
    return -EROFS;
}

static int
disk_unlink(struct disk *d, const char *path)
{
    (void)d;
    (void)path;
    return -EROFS;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The only folder that can be listed is /etc/nginx/conf.d. */
static ssize_t
disk_list(struct disk *d, int handle, void *buf, size_t len, off_t at)
{
    static const char folder[] = "/etc/nginx/conf.d/";
    struct web *w = LW_CONTAINER(d, struct memory_disk, disk)->web;
    const char *names[WEB_FILES_MAX];
    size_t used = 0, n = 0;

    if (handle < WEB_FILES_MAX)
        return -ENOTDIR;
    for (unsigned i = 0; i < w->nfiles; i++)
        if (strncmp(w->path[i], folder, sizeof folder - 1) == 0)
            names[n++] = w->path[i] + sizeof folder - 1;
    qsort(names, n, sizeof *names, by_name);
    for (size_t i = (size_t)at; i < n; i++)
        used += disk_put_entry(
            (char *)buf + used, len - used, (off_t)i + 1, DT_REG, names[i]);
    return (ssize_t)used;
}

static void
disk_close(struct disk *d, int handle)
{
    (void)d;
    (void)handle;
}

static void
disk_free(struct disk *d)
{
    free(LW_CONTAINER(d, struct memory_disk, disk));
}

static struct disk *
disk_new(struct web *w)
{
    struct memory_disk *m = calloc(1, sizeof *m);

    assert(m);
    m->web = w;
    m->disk = (struct disk){disk_open, disk_stat, disk_fstat, disk_pread,
        disk_pwrite, disk_unlink, disk_list, disk_close, disk_free, NULL, 0};
    return &m->disk;
}

/* --- the world ----------------------------------------------------------- */

/* The programs find their fixture here: a program gets only words. */
static struct web *web;

struct web *
web_current(void)
{
    return web;
}

/* What the client has heard. */
static struct {
    const char *bytes;
    size_t len, split;
    int wait_ms, every_ms;
    char *answer;
    size_t got;
    bool closed;
} talk;

void
web_file(struct web *w, const char *path, const char *text, size_t size)
{
    assert(w->nfiles < WEB_FILES_MAX);
    w->path[w->nfiles] = path;
    w->text[w->nfiles] = text;
    w->size[w->nfiles++] = size;
}

void
web_open(struct web *w, const char *server)
{
    static char conf[8192];

    *w = (struct web){.backend = BACKEND_ECHO, .children = 1};
    web = w;
    snprintf(conf, sizeof conf,
        "error_log stderr info; events { worker_connections 64; }\n"
        "http { types { text/html html; text/css css; }\n"
        "default_type text/plain; access_log /dev/stdout;\n%s\n}\n",
        server);
    w->world = world_new(&w->journal, 7);
    assert(w->world);
    world_set_epoch(w->world, 1767700000);
    recorder_open(&w->rec, &w->journal, LEVEL_STEP);
    w->host = world_add_host(w->world, "web", disk_new(w));
    assert(w->host);
    web_file(w, "/etc/nginx/nginx.conf", conf, strlen(conf));
}

void
web_close(struct web *w)
{
    kernel_kill(host_kernel(w->host), w->nginx, SIGTERM);
    web_run(w, 120 * LW_S);
    CHECK(kernel_status(host_kernel(w->host), w->nginx) == 0);
    recorder_close(&w->rec);
    world_free(w->world);
    free(talk.answer);
    talk.answer = NULL;
}

void
web_run(struct web *w, int64_t ns)
{
    world_run(
        w->world, instant_add(world_timers(w->world)->now, ns), NULL, NULL);
}

static void
loopback(struct sockaddr_in *a, uint16_t port)
{
    *a = (struct sockaddr_in){.sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(0x7f000001)};
}

void
web_start(struct web *w, bool with_program)
{
    char *nginx[] = {"nginx", NULL}, *behind[] = {"program", NULL};
    struct kernel *k = host_kernel(w->host);

    if (!w->nginx)
        w->nginx = kernel_start(k, "nginx", nginx_main, 1, nginx);
    if (with_program)
        w->program = kernel_start(k, "program", web_program, 1, behind);
    web_run(w, LW_S);
}

/* --- the client ---------------------------------------------------------- */

static void
listen_to(struct proc *p, int fd)
{
    int ep = sys_epoll_create1(p, 0);
    struct epoll_event e = {.events = EPOLLIN};

    sys_epoll_ctl(p, ep, EPOLL_CTL_ADD, fd, &e);
    while (talk.got < ANSWER_MAX) {
        ssize_t n;

        if (sys_epoll_wait(p, ep, &e, 1, talk.wait_ms) <= 0)
            return;
        n = sys_read(p, fd, talk.answer + talk.got, ANSWER_MAX - talk.got);
        if (n <= 0) {
            talk.closed = true;
            return;
        }
        talk.got += (size_t)n;
    }
}

static int
client(struct proc *p, int argc, char **argv)
{
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a;
    size_t at = 0;

    (void)argc;
    (void)argv;
    loopback(&a, 80);
    if (sys_connect(p, fd, (struct sockaddr *)&a, sizeof a) < 0)
        return 1;
    while (at < talk.len) {
        size_t n = at < talk.split ? talk.split : talk.len;
        int pause_ms = talk.every_ms ? talk.every_ms : 50;

        if (talk.every_ms)
            n = at + 1;
        ssize_t sent =
            sys_sendto(p, fd, talk.bytes + at, n - at, MSG_NOSIGNAL, NULL, 0);

        if (sent < 0)
            break;
        at += (size_t)sent;
        if (at < talk.len)
            sys_nanosleep(p, &(struct timespec){
                                 pause_ms / 1000, pause_ms % 1000 * 1000000L});
    }
    listen_to(p, fd);
    return 0;
}

const char *
web_ask(struct web *w, const char *bytes, size_t split, int wait_ms)
{
    return web_ask_bytes(w, bytes, strlen(bytes), split, wait_ms);
}

const char *
web_drip(struct web *w, const char *bytes, int every_ms)
{
    const char *answer;

    talk.every_ms = every_ms;
    answer = web_ask_bytes(w, bytes, strlen(bytes), 0, 1000);
    talk.every_ms = 0;
    return answer;
}

const char *
web_ask_bytes(
    struct web *w, const void *bytes, size_t len, size_t split, int wait_ms)
{
    char *argv[] = {"client", NULL};
    struct kernel *k = host_kernel(w->host);
    int pid;

    free(talk.answer);
    talk.answer = calloc(1, ANSWER_MAX + 1);
    assert(talk.answer);
    talk.bytes = bytes;
    talk.len = len;
    talk.split = split < talk.len ? split : talk.len;
    talk.wait_ms = wait_ms;
    talk.got = 0;
    talk.closed = false;
    pid = kernel_start(k, "client", client, 1, argv);
    for (int i = 0; i < 3000 && kernel_status(k, pid) < 0; i++)
        web_run(w, 100 * LW_MS);
    CHECK_EQ(kernel_status(k, pid), 0);
    return talk.answer;
}

size_t
web_answer_len(void)
{
    return talk.got;
}

bool
web_closed(void)
{
    return talk.closed;
}

static int
killer(struct proc *p, int argc, char **argv)
{
    int64_t ns = strtoll(argv[argc - 1], NULL, 10);

    sys_nanosleep(p, &(struct timespec){ns / LW_S, ns % LW_S});
    return sys_kill(p, web->nginx, atoi(argv[argc - 2]));
}

void
web_kill_after(struct web *w, int signal, int64_t ns)
{
    char which[12], when[24], *argv[] = {"kill", which, when, NULL};

    snprintf(which, sizeof which, "%d", signal);
    snprintf(when, sizeof when, "%lld", (long long)ns);
    kernel_start(host_kernel(w->host), "kill", killer, 3, argv);
}

const char *
web_body(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");

    return end ? end + 4 : "";
}
