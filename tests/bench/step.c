/*
 * step.c: what it costs to watch PHP's virtual machine, for `make bench`.
 *
 *     bench-step PHP-FPM
 *
 * A computer with a real php-fpm (beside nobody else) runs a loop three times:
 * unwatched, with a listener that counts instructions, and with one that reads
 * what each says. Prints nanoseconds of processor time an instruction, of
 * simulator and php-fpm together; their start is measured by a shorter loop
 * and taken off.
 */
#include "fastcgi.h"
#include "folder.h"
#include "host.h"
#include "remote.h"
#include "spawn.h"
#include "sys.h"
#include "world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MANY = 300000, /* turns of the loop */
    FEW = 200,     /* where each instruction is described */
    TRIES = 3      /* the least time of so many is taken */
};

struct counter {
    struct listener listener;
    uint64_t steps;
};

static void
hear(void *owner, const struct event *e)
{
    struct counter *c = owner;

    if (e->kind == EV_ZEND_STEP)
        c->steps++;
}

static void
hear_many(void *owner, const struct event *e, uint32_t times)
{
    struct counter *c = owner;

    (void)e;
    c->steps += times;
}

static void
fail(const char *what)
{
    fprintf(stderr, "bench-step: %s\n", what);
    exit(1);
}

/* --- the computer's files ------------------------------------------------ */

static void
put(const char *folder, const char *name, const char *text)
{
    char path[256];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f))
        fail(path);
}

static void
make_files(char *folder)
{
    static const char *const folders[] = {
        "etc", "etc/php", "etc/php/fpm", "srv"};
    char path[256];

    if (!mkdtemp(folder))
        fail(folder);
    for (size_t i = 0; i < LW_COUNT(folders); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, folders[i]);
        if (mkdir(path, 0700))
            fail(path);
    }
    put(folder, "etc/php/fpm/php-fpm.conf",
        "[www]\nlisten = 127.0.0.1:9000\npm = static\npm.max_children = 1\n");
    put(folder, "etc/php/php.ini", "zend_extension = opcache\n");
    put(folder, "srv/loop.php",
        "<?php $n = (int)$_SERVER['TURNS']; $x = 0;"
        "for ($i = 0; $i < $n; $i++) {" /* points of Mandelbrot's set */
        "  $a = $i % 300 / 100 - 2; $b = $i % 70 / 70; $r = $m = 0;"
        "  for ($k = 0; $k < 30 && $r * $r + $m * $m < 4; $k++) {"
        "    $t = $r * $r - $m * $m + $a; $m = 2 * $r * $m + $b; $r = $t; }"
        "  $x += $k; } echo $x;");
}

/* --- one request --------------------------------------------------------- */

static int
client(struct proc *p, int argc, char **argv)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(9000)};
    const char *const params[][2] = {{"REQUEST_METHOD", "GET"},
        {"SCRIPT_FILENAME", "/srv/loop.php"}, {"TURNS", argv[argc - 1]}};
    const struct timespec second = {1, 0};
    uint8_t buf[4096], pairs[512];
    struct writer w = writer_of(buf, sizeof buf);
    struct writer q = writer_of(pairs, sizeof pairs);
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    ssize_t n, got = 0;

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (size_t i = 0; i < LW_COUNT(params); i++)
        fcgi_put_pair(&q, params[i][0], strlen(params[i][0]), params[i][1],
            strlen(params[i][1]));
    fcgi_put_begin(&w, 1, FCGI_RESPONDER, 0);
    fcgi_put_record(&w, FCGI_PARAMS, 1, pairs, writer_len(&q));
    fcgi_put_record(&w, FCGI_PARAMS, 1, NULL, 0);
    fcgi_put_record(&w, FCGI_STDIN, 1, NULL, 0);
    sys_nanosleep(p, &second); /* php-fpm listens by then */
    if (sys_connect(p, fd, (struct sockaddr *)&in, sizeof in) ||
        sys_write(p, fd, buf, writer_len(&w)) != (ssize_t)writer_len(&w))
        return 1;
    while ((n = sys_read(p, fd, buf, sizeof buf)) > 0)
        got += n;
    return got == 0;
}

/* Processor time of a process and its children. */
static double
used_ns(pid_t pid)
{
    unsigned long long ns = 0;
    char path[64];
    double all;
    int child;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    f = fopen(path, "r");
    if (!f || fscanf(f, "%llu", &ns) != 1)
        fail(path);
    fclose(f);
    all = (double)ns;
    snprintf(
        path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    f = fopen(path, "r");
    if (!f)
        fail(path);
    while (fscanf(f, "%d", &child) == 1)
        all += used_ns(child);
    fclose(f);
    return all;
}

/* Processor time of a world from its beginning to its end. */
static double
run(const char *fpm, char *folder, int turns, struct counter *c)
{
    char root[] = "--root", name[] = "php-fpm", number[16], who[] = "client";
    char *fpm_argv[] = {name, root, folder, NULL};
    char *argv[] = {who, number, NULL};
    double before = used_ns(getpid()), ns;
    struct folder_options o = {.fixed = true};
    struct journal journal;
    struct fault fault;
    struct world *world = world_new(&journal, 1);
    struct host *host;
    int fd, pid;
    pid_t real;

    if (!world)
        fail("no memory");
    if (c->listener.event)
        journal_listen(&journal, &c->listener);
    host = world_add_host(world, "web", folder_new(folder, &o, &fault));
    real = spawn_remote(fpm, fpm_argv, &fd);
    if (!host || real < 0 || kernel_adopt(host_kernel(host), "php-fpm", fd) < 0)
        fail(fpm);
    snprintf(number, sizeof number, "%d", turns);
    pid = kernel_start(host_kernel(host), "client", client, 2, argv);
    world_run(world, (struct instant){10 * LW_S}, NULL, NULL);
    if (kernel_status(host_kernel(host), pid) != 0)
        fail("no answer");
    ns = used_ns(getpid()) - before;
    world_free(world);
    spawn_wait(real);
    return ns;
}

/* Processor time of that many turns alone. */
static double
cost(const char *fpm, char *folder, int turns, struct counter *c)
{
    double with = 1e18, without = 1e18, ns;

    for (int i = 0; i < TRIES; i++) {
        ns = run(fpm, folder, 0, c);
        without = ns < without ? ns : without;
        c->steps = 0;
        ns = run(fpm, folder, turns, c);
        with = ns < with ? ns : with;
    }
    return with - without;
}

int
main(int argc, char **argv)
{
    struct counter none = {.listener = {.level = LEVEL_STAGE}};
    struct counter counts = {.listener = {.event = hear,
                                 .level = LEVEL_MICRO,
                                 .only = EV_ZEND_STEP,
                                 .counts = true,
                                 .repeat = hear_many}};
    struct counter reads = {
        .listener = {
            .event = hear, .level = LEVEL_MICRO, .only = EV_ZEND_STEP}};
    char folder[] = "/tmp/layerwalk-step-XXXXXX", command[64];
    double unseen, counted, read;

    if (argc != 2)
        fail("usage: bench-step PHP-FPM");
    counts.listener.owner = &counts;
    reads.listener.owner = &reads;
    make_files(folder);
    unseen = cost(argv[1], folder, MANY, &none);
    counted = cost(argv[1], folder, MANY, &counts);
    read = cost(argv[1], folder, FEW, &reads);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0)
        fail(command);
    printf("step_none %.2f\n", unseen / (double)counts.steps);
    printf("step_counted %.2f\n", counted / (double)counts.steps);
    printf("step_read %.2f\n", read / (double)reads.steps);
    return 0;
}
