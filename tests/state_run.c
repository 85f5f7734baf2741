/*
 * state_run.c: leading a socket into a state, and doing the same on our
 * kernel and on Linux.
 */
#include "check.h"
#include "same_words.h"
#include "state_peer.h"

#include <linux/capability.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the socket listens; where it calls from is heard. */
static uint16_t
port_of(struct stage *s)
{
    struct sockaddr_in own = {0};
    socklen_t len = sizeof own;
    int fd = s->side.fd[0];

    if (s->side.p)
        sys_getsockname(s->side.p, fd, (void *)&own, &len);
    else
        getsockname(fd, (void *)&own, &len);
    return ntohs(own.sin_port);
}

void
state_lead(struct stage *s, unsigned i, const char *script)
{
    char text[256], *rest, *step;

    snprintf(text, sizeof text, "%s", script);
    s->side.port = STATE_PORT + i;
    for (step = strtok_r(text, ";", &rest); step;
         step = strtok_r(NULL, ";", &rest)) {
        step += strspn(step, " ");
        if (*step == '<') {
            state_send(s, i, step + 1);
            continue;
        }
        same_go(&s->side, step);
        state_hear(s);
        if (strncmp(step, "listen ", 7) == 0)
            s->end[i].port = port_of(s);
    }
}

void
state_rest(struct stage *s, long ms)
{
    struct timespec t = {0, 10 * LW_MS};

    for (long i = 0; i < ms; i += 10) {
        if (s->side.p)
            sys_nanosleep(s->side.p, &t);
        else
            nanosleep(&t, NULL);
        state_hear(s);
    }
}

void
state_close_all(struct stage *s)
{
    for (int i = 0; i < 26; i++) {
        if (s->side.fd[i] >= 0 && s->side.p)
            sys_close(s->side.p, s->side.fd[i]);
        else if (s->side.fd[i] >= 0)
            close(s->side.fd[i]);
        s->side.fd[i] = -1;
    }
}

/* --- ours ---------------------------------------------------------------- */

static struct stage ours;
static FILE *ours_out;
static void (*ours_fill)(struct stage *s, FILE *out);

static int
program(struct proc *p, int argc, char **argv)
{
    (void)argc, (void)argv;
    ours.side.p = p;
    sys_rt_sigprocmask(p, 1ull << (SIGPIPE - 1));
    ours_fill(&ours, ours_out);
    return 0;
}

char *
state_ours(void (*fill)(struct stage *s, FILE *out))
{
    char *argv[] = {"states", NULL}, *text = NULL;
    struct net net;
    size_t len;

    net_bare(&net, 1, true);
    memset(&ours, 0, sizeof ours);
    ours.net = &net;
    ours.side.pause_ns = LW_US;
    ours_fill = fill;
    ours_out = open_memstream(&text, &len);
    kernel_start(host_kernel(net.a), "states", program, 1, argv);
    while (kernel_alive(host_kernel(net.a)))
        net_run(&net, LW_MS);
    fclose(ours_out);
    net_close(&net);
    return text;
}

/* --- Linux's ------------------------------------------------------------- */

static void
child(void (*fill)(struct stage *s, FILE *out), FILE *out, long pause_ns)
{
    static struct stage s;

    signal(SIGPIPE, SIG_IGN);
    s.side.pause_ns = pause_ns;
    s.tun = state_tun();
    if (s.tun >= 0)
        fill(&s, out);
    fclose(out);
    _exit(s.tun >= 0 ? 0 : 1);
}

/* NULL: not possible here. */
char *
state_linux(void (*fill)(struct stage *s, FILE *out), long pause_ns)
{
    FILE *out = tmpfile();
    char *text = NULL;
    size_t len = 0;
    int status = -1;
    pid_t pid;

    if (!out)
        return NULL;
    fflush(NULL);
    pid = fork();
    if (pid == 0)
        child(fill, out, pause_ns);
    if (pid > 0)
        waitpid(pid, &status, 0);
    fseek(out, 0, SEEK_END);
    if (status == 0 && (text = calloc(1, (len = (size_t)ftell(out)) + 1))) {
        rewind(out);
        len = fread(text, 1, len, out);
    }
    fclose(out);
    return text;
}

void
state_drop_privileges(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};

    syscall(SYS_capset, &head, none);
}

/* --- both ---------------------------------------------------------------- */

/* The line of `text` at *at, which moves on to the next; NULL: no more. */
static char *
next_line(char **at)
{
    char *line = *at, *end = line ? strchr(line, '\n') : NULL;

    if (!end)
        return NULL;
    *end = '\0';
    *at = end + 1;
    return line;
}

/* Which entry says that a line, "state | what happens | ...", may differ? */
static const struct state_differs *
listed(const char *line, const struct state_differs *d)
{
    const char *bar = strstr(line, " | ");
    const char *end = bar ? strstr(bar + 3, " | ") : NULL;
    char state[64], what[64];

    if (!end)
        return NULL;
    snprintf(state, sizeof state, "%.*s", (int)(bar - line), line);
    snprintf(what, sizeof what, "%.*s", (int)(end - bar - 3), bar + 3);
    for (; d->state; d++)
        if (fnmatch(d->state, state, 0) == 0 && fnmatch(d->what, what, 0) == 0)
            return d;
    return NULL;
}

/* Notes which lines are as they should be, and which entries were needed for
 * that; how many there are. */
static unsigned
compare(const char *mine, char *theirs, bool *same,
    const struct state_differs *d, bool *used)
{
    char *copy = strdup(mine), *m = copy, *t = theirs, *a, *b;
    const struct state_differs *why;
    unsigned n = 0;

    for (; (a = next_line(&m)) && (b = next_line(&t)); n++) {
        why = strcmp(a, b) == 0 ? NULL : listed(a, d);
        same[n] |= strcmp(a, b) == 0 || why;
        if (why)
            used[why - d] = true;
    }
    free(copy);
    return n;
}

/* What differed at every pace, with Linux's last answer. */
static void
judge(char *mine, char *theirs, const bool *same)
{
    char *m = mine, *t = theirs, *a;

    for (unsigned n = 0; (a = next_line(&m)); n++) {
        if (!CHECK(same[n]))
            CHECK_TEXT(a, t);
        t += strlen(t) + 1;
    }
}

void
state_same(void (*fill)(struct stage *s, FILE *out), unsigned lines,
    const struct state_differs *d)
{
    static const long pauses[] = {0, LW_MS / 5, LW_MS};
    char *mine = state_ours(fill), *theirs = NULL;
    bool *same = calloc(lines, sizeof *same), used[32] = {false};
    unsigned n = lines;

    for (unsigned i = 0; i < LW_COUNT(pauses); i++) {
        free(theirs);
        theirs = state_linux(fill, pauses[i]);
        if (!theirs)
            break;
        n = compare(mine, theirs, same, d, used);
        if (!memchr(same, false, lines))
            break;
    }
    CHECK_EQ(n, lines);
    if (theirs && n == lines)
        judge(mine, theirs, same);
    else
        printf("\n    not compared: no namespace or no /dev/net/tun here\n");
    for (unsigned i = 0; theirs && d[i].state; i++)
        if (!CHECK(used[i] || d[i].some))
            printf("\n    nothing differs: %s | %s\n", d[i].state, d[i].what);
    free(mine);
    free(theirs);
    free(same);
}
