/*
 * worldmake.c: computers and cables from the world file, and which program
 * a name in `run:` means. This table is the only place where the programs
 * meet in one file; while they run, they meet only through sockets.
 */
#include "worldmake.h"
#include "browser.h"
#include "folder.h"
#include "nearest.h"
#include "nginx.h"
#include "remote.h"
#include "spawn.h"
#include "tcp.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define CALL_COST (2 * LW_US) /* modelled time of a system call */
#define REST      (1 * LW_S)  /* when all servers listen, clients begin */
#define ENDING    (5 * LW_S)  /* most time that programs get to end */

struct program {
    const char *name;
    program_main *main; /* NULL: a real process, the fpm program */
    bool client;        /* it calls; the others wait to be called */
    int end;            /* the signal that asks it to end */
    const char *needs;  /* the word that must follow its name; or NULL */
};

static const struct program programs[] = {
    {"browser", browser_main, true, SIGTERM, "URL"},
    {"nginx", nginx_main, false, SIGTERM, NULL},
    {"php-fpm", NULL, false, SIGTERM, NULL},
};

static const struct program *
program_of(const char *name)
{
    for (size_t i = 0; i < LW_COUNT(programs); i++)
        if (strcmp(programs[i].name, name) == 0)
            return &programs[i];
    return NULL;
}

/* Every name is known before anything is started. */
static int
check_programs(const struct worldfile *file, struct fault *fault)
{
    for (unsigned i = 0; i < file->nhosts; i++)
        for (unsigned k = 0; k < file->hosts[i].nrun; k++) {
            const struct world_program *run = &file->hosts[i].run[k];
            const char *name = run->argv[0];
            const char *near = nearest(name, &programs[0].name,
                LW_COUNT(programs), sizeof programs[0]);

            if (!program_of(name))
                return fault_set(fault, file->path, run->line,
                    near ? "there is no program `%s`; did you mean `%s`?"
                         : "there is no program `%s`",
                    name, near);
            if (program_of(name)->needs && run->argc < 2)
                return fault_set(fault, file->path, run->line,
                    "%s needs a word after its name: %s", name,
                    program_of(name)->needs);
        }
    return 0;
}

int
made_open(struct made *m, const struct worldfile *file,
    const struct world_options *options, struct fault *fault)
{
    *m = (struct made){.file = file, .options = *options};
    int err = check_programs(file, fault);
    if (err)
        return err;
    m->world = world_new(&m->journal, options->seed);
    if (!m->world)
        return fault_set(fault, NULL, 0, "no memory for the world");
    world_set_epoch(m->world, file->epoch);
    return 0;
}

static int
make_computer(struct made *m, unsigned i, struct fault *fault)
{
    const struct world_computer *c = &m->file->hosts[i];
    struct folder_options options = {
        .read_only = !m->options.live,
        .fixed = !m->options.live,
        .time = m->file->epoch,
    };
    struct disk *disk = folder_new(c->folder, &options, fault);

    if (!disk)
        return -errno;
    struct host *h = m->hosts[i] = world_add_host(m->world, c->name, disk);
    if (!h) {
        disk->free(disk); /* it is still ours */
        return fault_set(
            fault, m->file->path, c->line, "no memory for %s", c->name);
    }
    for (unsigned k = 0; k < c->ncards; k++) {
        const struct world_card *card = &c->cards[k];

        m->cards[i][k] =
            host_add_netdev(h, card->name, card->addr, card->prefix);
        if (!m->cards[i][k])
            return fault_set(fault, m->file->path, c->line,
                "no memory for %s of %s", card->name, c->name);
    }
    for (unsigned k = 0; k < c->nroutes; k++)
        if (host_add_route(
                h, c->routes[k].dst, c->routes[k].prefix, c->routes[k].gateway))
            return fault_set(fault, m->file->path, c->line,
                "%s has no way to the gateway of a route", c->name);
    host_set_forwarding(h, c->forward);
    kernel_set_call_cost(host_kernel(h), m->options.live ? 0 : CALL_COST);
    kernel_set_live(host_kernel(h), m->options.live);
    tcp_config(host_tcp(h))->in_turns = m->options.live;
    return 0;
}

/* A link that leads outside is no cable: a driver plugs a TAP in there. */
static int
make_link(struct made *m, const struct world_link *l, struct fault *fault)
{
    struct netdev *a = m->cards[l->host[0]][l->card[0]];
    struct netdev *b = m->cards[l->host[1]][l->card[1]];

    if (a && b) {
        if (!world_add_cable(m->world, &l->config, a, b))
            return fault_set(
                fault, NULL, 0, "no memory for link %s", l->config.name);
        return 0;
    }
    if (m->outlet || (!a && !b))
        return fault_set(fault, m->file->path, 0,
            "only one link can lead to the program outside; %s is another",
            l->config.name);
    m->outlet = a ? a : b;
    m->outlet_link = l->config.name;
    m->outlet_forwards = m->file->hosts[l->host[a ? 0 : 1]].forward;
    return 0;
}

int
made_build(struct made *m, struct fault *fault)
{
    struct env nobody = {.journal = &m->journal};
    int err = 0;

    /* For good: whatever has no other cause comes from the beginning. */
    journal_enter(&m->journal,
        NOTE(&nobody, EV_WORLD_BEGIN, RULE_WORLD,
            f_text("world", m->file->name), f_u64("seed", m->options.seed),
            f_i64("epoch", m->file->epoch)));
    for (unsigned i = 0; i < m->file->nhosts && !err; i++)
        if (&m->file->hosts[i] != m->options.outside)
            err = make_computer(m, i, fault);
    for (unsigned i = 0; i < m->file->nlinks && !err; i++)
        err = make_link(m, &m->file->links[i], fault);
    return err;
}

/*
 * A real process has the host's folder as its root, and shares the world's
 * chance and clock. The pid in the host, or a negative errno.
 */
static int
start_real(struct made *m, unsigned i, const struct world_program *run)
{
    char seed[24];
    char *argv[WORLD_ARGS + 8] = {run->argv[0], "--root",
        (char *)m->file->hosts[i].folder, "--name",
        (char *)m->file->hosts[i].name, "--seed", seed};
    int n = 7, fd;

    snprintf(seed, sizeof seed, "%" PRIu64, m->options.seed);
    if (m->options.live)
        argv[n++] = "--live";
    for (int k = 1; k < run->argc; k++)
        argv[n++] = run->argv[k];
    pid_t real = spawn_remote(m->options.fpm, argv, &fd);
    if (real < 0)
        return real;
    m->real[m->nreal++] = real;
    return kernel_adopt(host_kernel(m->hosts[i]), run->argv[0], fd);
}

static int
start(struct made *m, unsigned i, const struct world_program *run,
    struct fault *fault)
{
    const struct program *program = program_of(run->argv[0]);
    int pid = program->main
                  ? kernel_start(host_kernel(m->hosts[i]), program->name,
                        program->main, run->argc, run->argv)
                  : start_real(m, i, run);

    if (pid < 0)
        return fault_set(fault, m->file->path, run->line,
            "%s cannot be started: %s", program->name, strerror(-pid));
    m->tasks[m->ntasks++] = (struct world_task){
        m->hosts[i], pid, program->name, program->client, program->end};
    return 0;
}

/* Programs tell the journal why they refuse to start. */
static void
hear(void *owner, const struct event *e)
{
    struct made *m = owner;
    const struct field *line = event_field(e, "line");
    const struct field *severity = event_field(e, "severity");

    if ((e->kind != EV_NGINX_ERROR && e->kind != EV_FPM_LOG) || !line ||
        !severity || line->type != FIELD_TEXT || severity->type != FIELD_TEXT ||
        (severity->len &&
            strchr("nidNID",
                *(const char *)severity->at))) /* notice, info, debug */
        return;
    snprintf(m->last_words, sizeof m->last_words, "%.*s", (int)line->len,
        (const char *)line->at);
}

/* Starts the nth program of this sort, from 0: 1, or 0: there is none. */
static int
start_nth(struct made *m, bool clients, unsigned n, struct fault *fault)
{
    for (unsigned i = 0; i < m->file->nhosts; i++)
        for (unsigned k = 0; m->hosts[i] && k < m->file->hosts[i].nrun; k++) {
            const struct world_program *run = &m->file->hosts[i].run[k];

            if (program_of(run->argv[0])->client != clients || n-- > 0)
                continue;
            int err = start(m, i, run, fault);
            return err ? err : 1;
        }
    return 0;
}

int
made_next_server(struct made *m, struct fault *fault)
{
    if (!m->ear.event) {
        m->ear =
            (struct listener){.event = hear, .owner = m, .level = LEVEL_STEP};
        journal_listen(&m->journal, &m->ear);
    }
    return start_nth(m, false, m->ntasks, fault);
}

/* A server that has ended, or NULL. */
static const struct world_task *
ended(const struct made *m)
{
    for (unsigned i = 0; i < m->ntasks; i++) {
        const struct world_task *t = &m->tasks[i];

        if (!t->client && kernel_status(host_kernel(t->host), t->pid) >= 0)
            return t;
    }
    return NULL;
}

bool
made_ended(const struct made *m)
{
    return ended(m) != NULL;
}

int
made_servers_up(struct made *m, struct fault *fault)
{
    if (m->ear.event)
        journal_unlisten(&m->journal, &m->ear);
    m->ear.event = NULL;
    const struct world_task *t = ended(m);
    if (!t)
        return 0;
    return fault_set(fault, NULL, 0, "%s did not start on %s%s%s", t->name,
        host_name(t->host), m->last_words[0] ? ": " : "", m->last_words);
}

int
made_servers(struct made *m, struct fault *fault)
{
    int more;

    while ((more = made_next_server(m, fault)) > 0)
        ;
    if (more < 0)
        return more;
    world_settle(m->world);
    world_advance(m->world, (struct instant){REST});
    return made_servers_up(m, fault);
}

int
made_clients(struct made *m, struct fault *fault)
{
    int more;

    for (unsigned n = 0; (more = start_nth(m, true, n, fault)) > 0; n++)
        ;
    return more;
}

void
made_run(struct made *m, struct instant until, bool (*stop)(void *owner),
    void *owner)
{
    struct env nobody = {.journal = &m->journal};
    struct instant due;

    world_run(m->world, until, stop, owner);
    /* A world without a deadline has said so itself. */
    if (world_next(m->world, &due) && made_quiet(m))
        NOTE(&nobody, EV_WORLD_END, RULE_WORLD,
            f_ns("at", world_timers(m->world)->now.ns));
}

bool
made_quiet(struct made *m)
{
    for (unsigned i = 0; i < m->ntasks; i++)
        if (m->tasks[i].client &&
            kernel_status(host_kernel(m->tasks[i].host), m->tasks[i].pid) < 0)
            return false;
    for (unsigned i = 0; i < m->file->nhosts; i++)
        if (m->hosts[i] && tcp_counts(host_tcp(m->hosts[i])).conns > 0)
            return false;
    return true;
}

const struct world_task *
made_failure(struct made *m, int *status)
{
    for (unsigned i = 0; i < m->ntasks; i++) {
        const struct world_task *t = &m->tasks[i];

        *status = kernel_status(host_kernel(t->host), t->pid);
        if (t->client && *status > 0)
            return t;
    }
    return NULL;
}

/* True when no process is left; for world_run. */
static bool
deserted(void *owner)
{
    struct made *m = owner;

    for (unsigned i = 0; i < m->file->nhosts; i++)
        if (m->hosts[i] && kernel_alive(host_kernel(m->hosts[i])) > 0)
            return false;
    return true;
}

void
made_close(struct made *m)
{
    if (!m->world)
        return;
    for (unsigned i = 0; i < m->file->nhosts; i++)
        if (m->hosts[i]) /* from here on, virtual time even in live runs */
            kernel_set_live(host_kernel(m->hosts[i]), false);
    while (m->ntasks > 0) {
        struct world_task *t = &m->tasks[--m->ntasks];

        if (kernel_status(host_kernel(t->host), t->pid) < 0)
            kernel_kill(host_kernel(t->host), t->pid, t->end);
    }
    struct instant now = world_timers(m->world)->now;
    world_run(m->world, instant_add(now, ENDING), deserted, m);
    world_free(m->world);
    m->world = NULL;
    while (m->nreal > 0)
        spawn_wait(m->real[--m->nreal]);
}
