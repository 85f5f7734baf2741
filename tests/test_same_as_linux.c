/*
 * test_same_as_linux.c: an independent hand for the system calls. The same
 * short scripts run on our kernel, in virtual time, and on the Linux under
 * this program; every result, errno, event and byte must be the same.
 *
 * A script is a line of calls, "tcp a; bind a :0; listen a 5": letters are
 * descriptors, the words are explained in same_calls.c. All sockets
 * are non-blocking. Linux may hand packets over a little later when it is
 * busy, so a script that differs is tried again there, more slowly.
 */
#include "same_words.h"
#include "same_scripts.h"
#include "check.h"
#include "net_fixture.h"
#include "state_peer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct side ours; /* what the program below shall run */

static int
program(struct proc *p, int argc, char **argv)
{
    (void)argc, (void)argv;
    ours.p = p;
    sys_rt_sigprocmask(p, SAME_SIGNALS);
    same_run(&ours);
    return 0;
}

static void
run_ours(const char *script)
{
    char *argv[] = {"script", NULL};
    struct net net;

    net_pair(&net, 1);
    ours.script = script;
    ours.out[0] = '\0';
    kernel_start(host_kernel(net.a), "script", program, 1, argv);
    net_run(&net, LW_S);
    net_close(&net);
}

static void
run_linux(const char *script, long pause_ns, struct side *s)
{
    char command[64];

    *s = (struct side){.script = script, .pause_ns = pause_ns};
    snprintf(s->dir, sizeof s->dir, "/tmp/same-XXXXXX");
    if (!CHECK(mkdtemp(s->dir) != NULL))
        return;
    same_run(s);
    for (int i = 0; i < 26; i++)
        if (s->fd[i] >= 0)
            close(s->fd[i]);
    for (const char *n = "/x\0/y\0"; *n; n += strlen(n) + 1) {
        snprintf(command, sizeof command, "%s%s", s->dir, n);
        unlink(command);
    }
    rmdir(s->dir);
}

static void
compare(const char *const *scripts)
{
    static const long pauses[] = {0, LW_MS, 20 * LW_MS};
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    static struct side theirs;
    sigset_t signals = same_signals();

    sigprocmask(SIG_BLOCK, &signals, NULL);

    for (; *scripts; scripts++) {
        run_ours(*scripts);
        for (unsigned i = 0; i < LW_COUNT(pauses); i++) {
            signal(SIGPIPE, SIG_IGN); /* forgets one that is pending */
            run_linux(*scripts, pauses[i], &theirs);
            if (strcmp(ours.out, theirs.out) == 0)
                break;
        }
        if (!CHECK_TEXT(ours.out, theirs.out))
            printf("    script: %s\n", *scripts);
    }
    sigprocmask(SIG_UNBLOCK, &signals, NULL);
    signal(SIGPIPE, before);
}

/* --- the tests ----------------------------------------------------------- */

static void
tcp_calls(void)
{
    compare(same_tcp);
}

static void
udp_calls(void)
{
    compare(same_udp);
}

static void
unix_calls(void)
{
    compare(same_unix);
}

static void
pipe_and_descriptor_calls(void)
{
    compare(same_pipe);
}

static void
epoll_calls(void)
{
    compare(same_epoll);
}

static void
option_calls(void)
{
    compare(same_option);
}

static void
who_may_have_a_port(void)
{
    compare(same_ports);
}

static void
bytes_between_descriptors(void)
{
    compare(same_splice);
}

static void
an_epoll_in_an_epoll(void)
{
    compare(same_nested);
}

static void
more_options(void)
{
    compare(same_settings);
}

static void
poll_and_select_calls(void)
{
    compare(same_polls);
}

static void
messages_and_what_comes_with_them(void)
{
    compare(same_msgs);
}

static void
unix_datagrams(void)
{
    compare(same_dgrams);
}

static void
names_of_unix_sockets(void)
{
    compare(same_names);
}

static void
messages_through_connections(void)
{
    compare(same_seqpackets);
}

static void
who_is_signalled_of_a_broken_pipe(void)
{
    compare(same_broken);
}

static void
descriptors_through_sockets(void)
{
    compare(same_rights);
}

/* The same on Linux without privileges, in a process of its own. */
static void
compare_plain(const char *const *at)
{
    struct side *theirs = mmap(NULL, sizeof *theirs, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    REQUIRE(theirs != MAP_FAILED);
    for (; *at; at++) {
        int status = 0;
        pid_t pid = fork();

        if (pid == 0) {
            state_drop_privileges();
            run_linux(*at, 0, theirs);
            _exit(0);
        }
        CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && !status);
        run_ours(*at);
        if (!CHECK_TEXT(ours.out, theirs->out))
            printf("    script: %s\n", *at);
    }
    munmap(theirs, sizeof *theirs);
}

static void
descriptors_of_the_many(void)
{
    compare_plain(same_rights_plain);
}

static void
sockets_bound_to_a_card(void)
{
    compare_plain(same_devices);
}

static CU_TestInfo cases[] = {
    TEST(tcp_calls),
    TEST(udp_calls),
    TEST(unix_calls),
    TEST(pipe_and_descriptor_calls),
    TEST(epoll_calls),
    TEST(option_calls),
    TEST(who_may_have_a_port),
    TEST(bytes_between_descriptors),
    TEST(an_epoll_in_an_epoll),
    TEST(more_options),
    TEST(poll_and_select_calls),
    TEST(messages_and_what_comes_with_them),
    TEST(unix_datagrams),
    TEST(names_of_unix_sockets),
    TEST(messages_through_connections),
    TEST(who_is_signalled_of_a_broken_pipe),
    TEST(descriptors_through_sockets),
    TEST(descriptors_of_the_many),
    TEST(sockets_bound_to_a_card),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_same_as_linux = {.pName = "same_as_linux", .pTests = cases};
