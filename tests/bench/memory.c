/*
 * memory.c: what the stack and the simulator do with nothing but memory
 * between them, for `make bench`.
 *
 *     memory FOLDER [bulk|conns|http]   prints for each figure:  NAME VALUE
 *
 * FOLDER is the web host's; one of the words picks a part, for profiling.
 * The first figures are of one long stream: a process on one computer writes
 * through its socket, a process on the other reads. Beside it, in the same
 * run, stands the limit: frames of the same size built from one buffer and
 * read into another, with the copies and checksums that any two stacks
 * between two programs must make.
 */
#include "memory.h"
#include "story.h"
#include "sum.h"
#include "tcp.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BULK_BYTES  (512ll << 20)
#define BULK_HEARD  (16ll << 20) /* with a listener that wants everything */
#define CHUNK       (64 << 10)
#define FRAME_TEXT  1448
#define FRAME_HEADS 66
#define FRAMES      180 /* a send buffer's worth: 256 KiB */

struct bulk {
    int64_t bytes, received;
    uint8_t *buf;
};

struct figures {
    double gbits, packets, events;
};

/* Of processor time: what else runs on this machine does not count. */
double
seconds_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* --- two computers ------------------------------------------------------- */

void
pair_open(struct pair *p, struct disk *disk)
{
    struct netdev *a, *z;

    p->world = world_new(&p->journal, 1);
    if (!p->world)
        abort();
    p->client = world_add_host(p->world, "client", NULL);
    p->server = world_add_host(p->world, "server", disk);
    a = host_add_netdev(p->client, "eth0", (struct ipv4){0x0a000001}, 24);
    z = host_add_netdev(p->server, "eth0", (struct ipv4){0x0a000002}, 24);
    world_add_cable(p->world,
        &(struct cable_config){.name = "wire", .queue = 100000}, a, z);
    kernel_set_call_cost(host_kernel(p->client), 0);
    kernel_set_call_cost(host_kernel(p->server), 0);
    tcp_config(host_tcp(p->client))->in_turns = true; /* as in a live run */
    tcp_config(host_tcp(p->server))->in_turns = true;
}

void
pair_close(struct pair *p)
{
    world_free(p->world);
}

void
pair_start(struct host *h, const char *name, program_main *main, void *arg)
{
    char text[32];
    char *argv[] = {text, NULL};

    snprintf(text, sizeof text, "%llx", (unsigned long long)(uintptr_t)arg);
    if (kernel_start(host_kernel(h), name, main, 1, argv) < 0)
        abort();
}

void *
pair_arg(char **argv)
{
    return (void *)(uintptr_t)strtoull(argv[0], NULL, 16);
}

double
pair_run(struct pair *p)
{
    double start = seconds_now();

    world_run(p->world, (struct instant){INT64_MAX}, NULL, NULL);
    return seconds_now() - start;
}

struct sockaddr_in
server_address(void)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
        .sin_port = htons(BENCH_PORT),
        .sin_addr.s_addr = htonl(0x0a000002)};
}

/* --- one stream ---------------------------------------------------------- */

static int
sink_main(struct proc *p, int argc, char **argv)
{
    struct bulk *b = pair_arg(argv);
    struct sockaddr_in at = server_address();
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    uint8_t *buf = malloc(CHUNK);
    ssize_t n;

    (void)argc;
    sys_bind(p, fd, (struct sockaddr *)&at, sizeof at);
    sys_listen(p, fd, 8);
    fd = sys_accept4(p, fd, NULL, NULL, 0);
    while ((n = sys_read(p, fd, buf, CHUNK)) > 0)
        b->received += n;
    free(buf);
    return 0;
}

static int
source_main(struct proc *p, int argc, char **argv)
{
    struct bulk *b = pair_arg(argv);
    struct sockaddr_in to = server_address();
    int fd = sys_socket(p, AF_INET, SOCK_STREAM, 0);

    (void)argc;
    if (sys_connect(p, fd, (struct sockaddr *)&to, sizeof to) < 0)
        return 1;
    for (int64_t left = b->bytes; left > 0; left -= CHUNK)
        if (sys_write(p, fd, b->buf, CHUNK) != CHUNK)
            return 1;
    return 0;
}

static void
count_event(void *owner, const struct event *e)
{
    (void)e;
    ++*(uint64_t *)owner;
}

/* l: a listener that counts into *events, or NULL; or a story that keeps
 * them all, or NULL. */
static struct figures
bulk_run(struct bulk *b, struct listener *l, const uint64_t *events,
    struct story *story)
{
    struct figures f;
    struct pair p;
    double seconds;

    b->received = 0;
    pair_open(&p, NULL);
    pair_start(p.server, "sink", sink_main, b);
    world_settle(p.world);
    pair_start(p.client, "source", source_main, b);
    if (story)
        l = story_listener(story, &p.journal);
    if (l)
        journal_listen(&p.journal, l);
    seconds = pair_run(&p);
    if (b->received != b->bytes) {
        fprintf(stderr, "memory: %lld of %lld bytes arrived\n",
            (long long)b->received, (long long)b->bytes);
        exit(1);
    }
    f.gbits = (double)b->bytes * 8 / seconds / 1e9;
    f.packets = (double)p.journal.packets / seconds;
    f.events = (double)*events / seconds;
    pair_close(&p);
    return f;
}

/* Sender: headers, copy, checksum. Receiver: checksum, copy. */
static double
limit_run(const uint8_t *from)
{
    size_t room = FRAMES * 2048;
    uint8_t *ring = calloc(1, room), *to = malloc(CHUNK);
    volatile uint64_t sink = 0;
    double start = seconds_now();

    for (int64_t left = BULK_BYTES; left > 0; left -= FRAMES * FRAME_TEXT) {
        for (size_t i = 0; i < FRAMES; i++) {
            uint8_t *f = ring + i * 2048;
            size_t at = i * FRAME_TEXT % (CHUNK - FRAME_TEXT);

            memset(f, 0, FRAME_HEADS);
            sink += sum_copy(0, f + FRAME_HEADS, from + at, FRAME_TEXT);
        }
        for (size_t i = 0; i < FRAMES; i++) {
            const uint8_t *f = ring + i * 2048 + FRAME_HEADS;

            sink += sum_add(0, f, FRAME_TEXT);
            memcpy(to + i * FRAME_TEXT % (CHUNK - FRAME_TEXT), f, FRAME_TEXT);
        }
    }
    start = seconds_now() - start;
    free(ring);
    free(to);
    return (double)BULK_BYTES * 8 / start / 1e9;
}

static void
memory_bulk(void)
{
    uint64_t events = 0;
    struct bulk b = {.bytes = BULK_BYTES, .buf = calloc(1, CHUNK)};
    struct listener all = {
        .event = count_event, .owner = &events, .level = LEVEL_MICRO};
    struct story *story;
    struct figures f;

    printf("limit %.2f\n", limit_run(b.buf));
    f = bulk_run(&b, NULL, &events, NULL);
    printf("bulk %.2f\n", f.gbits);
    printf("packets %.0f\n", f.packets);
    b.bytes = BULK_HEARD;
    f = bulk_run(&b, &all, &events, NULL);
    printf("packets_heard %.0f\n", f.packets);
    printf("events_heard %.0f\n", f.events);
    story = story_new();
    f = bulk_run(&b, NULL, &events, story);
    printf("packets_kept %.0f\n", f.packets);
    printf("kept_event_bytes %.0f\n",
        (double)story_memory(story) / (double)story_count(story));
    story_free(story);
    free(b.buf);
}

int
main(int argc, char **argv)
{
    const char *part = argc == 3 ? argv[2] : "";

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: memory FOLDER [bulk|conns|http]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    mallopt(M_MMAP_THRESHOLD, 4 << 20); /* as in apps/layerwalk.c */
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
    if (!*part || strcmp(part, "bulk") == 0)
        memory_bulk();
    if (!*part || strcmp(part, "conns") == 0)
        memory_conns();
    if (!*part || strcmp(part, "http") == 0)
        memory_http(argv[1]);
    return 0;
}
