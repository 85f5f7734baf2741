/*
 * test_process.c: processes, their turns, children, signals and pipes.
 */
#include "check.h"
#include "kernel_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>

/* --- does a process run, with its arguments, and end? -------------------- */

static int
tell_args(struct proc *p, int argc, char **argv)
{
    sim_log(&sim, "pid %d ppid %d argc %d %s;", sys_getpid(p), sys_getppid(p),
        argc, argv[1]);
    return 7;
}

static void
a_program_runs_and_ends(void)
{
    char *argv[] = {"prog", "x", NULL};
    int pid = kernel_start(sim.k, "prog", tell_args, 2, argv);

    CHECK_EQ(pid, 1);
    CHECK_EQ(kernel_alive(sim.k), 1);
    CHECK_EQ(kernel_status(sim.k, pid), -1);
    CHECK(kernel_run(sim.k));
    CHECK(!kernel_run(sim.k));
    CHECK_TEXT(sim.log, "pid 1 ppid 0 argc 2 x;");
    CHECK_EQ(kernel_alive(sim.k), 0);
    CHECK_EQ(WEXITSTATUS(kernel_status(sim.k, pid)), 7);
    CHECK_TEXT(sim_strace(&sim, "getpid", 0), "getpid() = 1");
    CHECK_TEXT(sim_strace(&sim, "exit_group", 0), "exit_group(7) = ?");
    CHECK_TEXT(
        recorder_text(recorder_find(&sim.rec, EV_PROC_EXIT, 0), "status", 0),
        "exited with 7");
}

/* --- do sleepers wake in time, in order? --------------------------------- */

static int
sleeper(struct proc *p, int argc, char **argv)
{
    int ms = atoi(argv[0]);
    struct timespec ts = {0, ms * LW_MS}, now;

    (void)argc;
    sys_nanosleep(p, &ts);
    sys_clock_gettime(p, CLOCK_MONOTONIC, &now);
    sim_log(&sim, "%d at %ld;", ms, now.tv_nsec / 1000000);
    sys_clock_gettime(p, CLOCK_REALTIME, &now);
    CHECK_EQ(now.tv_sec, 1700000000);
    return 0;
}

static void
sleep_ends_in_virtual_time(void)
{
    char *late[] = {"30"}, *soon[] = {"10"};

    kernel_start(sim.k, "a", sleeper, 1, late);
    kernel_start(sim.k, "b", sleeper, 1, soon);
    kernel_start(sim.k, "c", sleeper, 1, soon);
    sim_run(&sim);
    CHECK_TEXT(sim.log, "10 at 10;10 at 10;30 at 30;");
    CHECK_TEXT(sim_strace(&sim, "nanosleep", 0),
        "nanosleep({tv_sec=0, tv_nsec=10000000}, NULL) = 0");
}

static int
gambler(struct proc *p, int argc, char **argv)
{
    uint8_t bytes[12] = {0};

    (void)argc, (void)argv;
    CHECK_EQ(sys_getrandom(p, bytes, 3, 0), 3);
    CHECK_EQ(sys_getrandom(p, bytes + 3, 8, GRND_NONBLOCK), 8);
    CHECK_EQ(bytes[11], 0);
    CHECK_EQ(sys_getrandom(p, bytes, 1, 0x1000), -EINVAL);
    for (int i = 0; i < 11; i++)
        sim_log(&sim, "%02x", bytes[i]);
    return 0;
}

/* Not twice the same, but the same for the same seed (STYLE 14). */
static void
chance_comes_from_the_seed(void)
{
    char first[64];

    kernel_start(sim.k, "a", gambler, 0, (char *[]){NULL});
    kernel_start(sim.k, "b", gambler, 0, (char *[]){NULL});
    sim_run(&sim);
    CHECK_EQ(strlen(sim.log), 44);
    CHECK(memcmp(sim.log, sim.log + 22, 22) != 0);
    CHECK(strstr(sim_strace(&sim, "getrandom", 1),
              "\", 8, GRND_NONBLOCK) = 8") != NULL);
    CHECK_TEXT(sim_strace(&sim, "getrandom", 2),
        "getrandom(0x..., 1, 0x...) = -1 EINVAL (Invalid argument)");
    snprintf(first, sizeof first, "%s", sim.log);
    sim_teardown();
    sim_setup();
    kernel_start(sim.k, "a", gambler, 0, (char *[]){NULL});
    kernel_start(sim.k, "b", gambler, 0, (char *[]){NULL});
    sim_run(&sim);
    CHECK_TEXT(sim.log, first);
}

/* --- a pipe between parent and child ------------------------------------- */

static int fds[2];

static int
writer_child(struct proc *p, void *arg)
{
    CHECK_EQ(*(int *)arg, 42);
    sys_close(p, fds[0]);
    CHECK_EQ(sys_write(p, fds[1], "hello\n", 6), 6);
    return 3;
}

static int
pipe_parent(struct proc *p, int argc, char **argv)
{
    int number = 42, status = 0;
    char buf[16];
    pid_t pid;

    (void)argc;
    (void)argv;
    CHECK_EQ(sys_pipe2(p, fds, 0), 0);
    pid = sys_clone(p, writer_child, &number);
    sys_close(p, fds[1]);
    CHECK_EQ(sys_read(p, fds[0], buf, sizeof buf), 6); /* sleeps */
    CHECK_EQ(sys_read(p, fds[0], buf, sizeof buf), 0); /* end of file */
    CHECK_EQ(sys_wait4(p, -1, &status, 0), pid);
    CHECK_EQ(WEXITSTATUS(status), 3);
    CHECK_EQ(sys_wait4(p, -1, &status, 0), -ECHILD);
    return 0;
}

static void
parent_reads_what_the_child_writes(void)
{
    sim_start(&sim, pipe_parent);
    sim_run(&sim);
    CHECK_EQ(kernel_alive(sim.k), 0);
    CHECK_TEXT(sim_strace(&sim, "clone", 0),
        "clone(child_stack=NULL, flags=SIGCHLD) = 2");
    CHECK_TEXT(sim_strace(&sim, "read", 0), "read(3, \"hello\\n\", 16) = 6");
    CHECK_TEXT(sim_strace(&sim, "write", 0), "write(4, \"hello\\n\", 6) = 6");
    CHECK_TEXT(sim_strace(&sim, "wait4", 0),
        "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 2");
    CHECK_TEXT(sim_strace(&sim, "wait4", 1),
        "wait4(-1, 0x..., 0, NULL) = -1 ECHILD (No child processes)");
}

/* --- why did the reader wake? Because the writer wrote. ------------------ */

static void
a_wake_knows_its_cause(void)
{
    sim_start(&sim, pipe_parent);
    sim_run(&sim);

    const struct event *wake = recorder_find(&sim.rec, EV_PROC_WAKE, 0);

    REQUIRE(wake != NULL);
    CHECK_EQ(event_u64(wake, "pid", 0), 1);
    /* The call that was in progress when the byte went in. */
    const struct event *why = recorder_at(&sim.rec, wake->cause);

    REQUIRE(why != NULL);
    CHECK_EQ(why->kind, EV_SYSCALL_ENTER);
    CHECK_TEXT(recorder_text(why, "name", 0), "write");
    CHECK_EQ(why->pid, 2);
}

/* --- signals ------------------------------------------------------------- */

static int
for_ever(struct proc *p, void *arg)
{
    struct timespec ts = {1000000, 0};

    (void)arg;
    while (sys_nanosleep(p, &ts) == 0)
        ;
    return 1;
}

static int
master(struct proc *p, int argc, char **argv)
{
    uint64_t set = 1ull << (SIGCHLD - 1) | 1ull << (SIGTERM - 1);
    struct timespec second = {1, 0};
    int status;
    pid_t pid;

    (void)argc;
    (void)argv;
    sys_rt_sigprocmask(p, set);
    pid = sys_clone(p, for_ever, NULL);
    CHECK_EQ(sys_wait4(p, pid, &status, WNOHANG), 0);
    CHECK_EQ(sys_rt_sigtimedwait(p, set, &second), -EAGAIN);
    CHECK_EQ(sys_kill(p, pid, SIGKILL), 0);
    CHECK_EQ(sys_rt_sigtimedwait(p, set, &second), SIGCHLD);
    CHECK_EQ(sys_wait4(p, pid, &status, WNOHANG), pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    CHECK_EQ(sys_kill(p, pid, 0), -ESRCH);
    CHECK_EQ(sys_rt_sigtimedwait(p, set, NULL), SIGTERM); /* from outside */
    CHECK_EQ(sys_kill(p, 1, 99), -EINVAL);
    return 0;
}

static void
a_master_waits_for_signals(void)
{
    int pid = sim_start(&sim, master);

    sim_run_for(&sim, 2 * LW_S);
    CHECK_EQ(kernel_status(sim.k, pid), -1);
    CHECK_EQ(kernel_kill(sim.k, pid, SIGTERM), 0);
    sim_run_for(&sim, LW_S);
    CHECK_EQ(kernel_status(sim.k, pid), 0);
    CHECK_EQ(kernel_kill(sim.k, 77, SIGTERM), -ESRCH);
    CHECK_TEXT(sim_strace(&sim, "rt_sigtimedwait", 0),
        "rt_sigtimedwait([TERM CHLD], NULL, {tv_sec=1, tv_nsec=0}, 8) = -1 "
        "EAGAIN (Resource temporarily unavailable)");
    CHECK_TEXT(sim_strace(&sim, "rt_sigprocmask", 0),
        "rt_sigprocmask(SIG_SETMASK, [TERM CHLD], NULL, 8) = 0");
}

static int
unblocks(struct proc *p, int argc, char **argv)
{
    struct timespec second = {1, 0};

    (void)argc;
    (void)argv;
    sys_rt_sigprocmask(p, 1ull << (SIGTERM - 1));
    sys_nanosleep(p, &second);
    sim_log(&sim, "still here;");
    sys_rt_sigprocmask(p, 0);
    sim_log(&sim, "never");
    return 0;
}

static void
a_blocked_signal_waits(void)
{
    int pid = sim_start(&sim, unblocks);

    kernel_run(sim.k);
    kernel_kill(sim.k, pid, SIGTERM);
    sim_run(&sim);
    CHECK_TEXT(sim.log, "still here;");
    CHECK_EQ(WTERMSIG(kernel_status(sim.k, pid)), SIGTERM);
}

static int
breaks_pipe(struct proc *p, int argc, char **argv)
{
    (void)argc;
    sys_pipe2(p, fds, 0);
    sys_close(p, fds[0]);
    if (!strcmp(argv[0], "blocked"))
        sys_rt_sigprocmask(p, 1ull << (SIGPIPE - 1));
    sim_log(&sim, "%d;", (int)sys_write(p, fds[1], "x", 1));
    return 0;
}

static void
a_broken_pipe_kills_unless_blocked(void)
{
    char *plain[] = {"plain"}, *blocked[] = {"blocked"};
    int a = kernel_start(sim.k, "a", breaks_pipe, 1, plain);
    int b = kernel_start(sim.k, "b", breaks_pipe, 1, blocked);

    sim_run(&sim);
    CHECK_EQ(WTERMSIG(kernel_status(sim.k, a)), SIGPIPE);
    CHECK_EQ(kernel_status(sim.k, b), 0);
    CHECK_TEXT(sim.log, "-32;");
    CHECK_TEXT(sim_strace(&sim, "write", 0),
        "write(4, \"x\", 1) = -1 EPIPE (Broken pipe)");
}

/* --- what becomes of children, memory and descriptors? ------------------- */

static int
leaves_children(struct proc *p, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    sys_clone(p, for_ever, NULL);
    return 0;
}

static void
orphans_live_on_and_are_forgotten(void)
{
    sim_start(&sim, leaves_children);
    kernel_run(sim.k);
    CHECK_EQ(kernel_alive(sim.k), 1);
    kernel_kill(sim.k, 2, SIGINT);
    CHECK_EQ(kernel_alive(sim.k), 0);
    CHECK_EQ(kernel_kill(sim.k, 2, 0), -ESRCH);
    CHECK_EQ(WTERMSIG(kernel_status(sim.k, 2)), SIGINT);
}

static int
holds_memory(struct proc *p, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    sys_at_end(p, free, malloc(100));
    return for_ever(p, NULL);
}

static void
a_killed_process_leaks_nothing(void)
{
    int pid = sim_start(&sim, holds_memory);

    kernel_run(sim.k);
    kernel_kill(sim.k, pid, SIGKILL); /* the leak checker is the judge */
    CHECK_EQ(kernel_alive(sim.k), 0);
}

/* --- descriptors --------------------------------------------------------- */

static int
juggles(struct proc *p, int argc, char **argv)
{
    char buf[4];

    (void)argc;
    (void)argv;
    CHECK_EQ(sys_pipe2(p, fds, O_NONBLOCK | O_CLOEXEC), 0);
    CHECK_EQ(sys_fcntl(p, 3, F_GETFD, 0), FD_CLOEXEC);
    CHECK_EQ(sys_fcntl(p, 3, F_GETFL, 0), O_RDONLY | O_NONBLOCK);
    CHECK_EQ(sys_fcntl(p, 4, F_SETFL, 0), 0);
    CHECK_EQ(sys_fcntl(p, 4, F_GETFL, 0), O_WRONLY);
    CHECK_EQ(sys_read(p, 3, buf, 4), -EAGAIN);
    CHECK_EQ(sys_read(p, 4, buf, 4), -EBADF);
    CHECK_EQ(sys_write(p, 3, buf, 4), -EBADF);
    CHECK_EQ(sys_dup2(p, 3, 70), 70);
    CHECK_EQ(sys_fcntl(p, 70, F_GETFD, 0), 0);
    CHECK_EQ(sys_fcntl(p, 3, F_DUPFD, 10), 10);
    CHECK_EQ(sys_fcntl(p, 3, F_DUPFD, 10), 11);
    CHECK_EQ(sys_close(p, 3), 0);
    CHECK_EQ(sys_close(p, 3), -EBADF);
    CHECK_EQ(sys_fcntl(p, 70, F_DUPFD, 0), 3);
    CHECK_EQ(sys_write(p, 4, "abc", 3), 3);
    CHECK_EQ(sys_read(p, 70, buf, 4), 3);
    CHECK_EQ(sys_close(p, -1), -EBADF);
    for (int i = 0; i < 65528; i++)
        sys_fcntl(p, 4, F_DUPFD, 0);
    CHECK_EQ(sys_fcntl(p, 4, F_DUPFD, 0), -EMFILE);
    CHECK_EQ(sys_close(p, 12345), 0);
    CHECK_EQ(sys_fcntl(p, 4, F_DUPFD, 0), 12345);
    return 0;
}

static int
asks_flags(struct proc *p, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    sys_pipe2(p, fds, O_NONBLOCK | O_CLOEXEC);
    sys_fcntl(p, 4, F_GETFL, 0);
    sys_fcntl(p, 4, F_GETFD, 0);
    sys_fcntl(p, 9, F_GETFD, 0);
    return 0;
}

static void
flags_print_as_in_strace(void)
{
    sim_start(&sim, asks_flags);
    sim_run(&sim);
    CHECK_TEXT(sim_strace(&sim, "pipe2", 0),
        "pipe2([3, 4], O_NONBLOCK|O_CLOEXEC) = 0");
    CHECK_TEXT(sim_strace(&sim, "fcntl", 0),
        "fcntl(4, F_GETFL) = 0x801 (flags O_WRONLY|O_NONBLOCK)");
    CHECK_TEXT(sim_strace(&sim, "fcntl", 1),
        "fcntl(4, F_GETFD) = 0x1 (flags FD_CLOEXEC)");
    CHECK_TEXT(sim_strace(&sim, "fcntl", 2),
        "fcntl(9, F_GETFD) = -1 EBADF (Bad file descriptor)");
}

static void
descriptors_follow_the_rules(void)
{
    recorder_close(&sim.rec); /* too many calls to keep */
    sim_start(&sim, juggles);
    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), 0);
    recorder_open(&sim.rec, &sim.journal, LEVEL_DETAIL);
}

/* --- does a call cost its time? ------------------------------------------ */

static int
calls_thrice(struct proc *p, int argc, char **argv)
{
    struct timespec now;

    (void)argc;
    (void)argv;
    sys_getpid(p);
    sys_getpid(p);
    sys_getppid(p);
    sys_clock_gettime(p, CLOCK_MONOTONIC, &now);
    sim_log(&sim, "%ld;", now.tv_nsec);
    return 0;
}

static void
calls_take_modelled_time(void)
{
    kernel_set_call_cost(sim.k, 250);
    sim_start(&sim, calls_thrice);
    sim_start(&sim, calls_thrice);
    sim_run(&sim);
    CHECK_TEXT(sim.log, "750;750;"); /* each has a processor of its own */
}

static CU_TestInfo cases[] = {TEST(a_program_runs_and_ends),
    TEST(sleep_ends_in_virtual_time), TEST(chance_comes_from_the_seed),
    TEST(parent_reads_what_the_child_writes), TEST(a_wake_knows_its_cause),
    TEST(a_master_waits_for_signals), TEST(a_blocked_signal_waits),
    TEST(a_broken_pipe_kills_unless_blocked),
    TEST(orphans_live_on_and_are_forgotten),
    TEST(a_killed_process_leaks_nothing), TEST(descriptors_follow_the_rules),
    TEST(flags_print_as_in_strace), TEST(calls_take_modelled_time),
    CU_TEST_INFO_NULL};

CU_SuiteInfo suite_process = {.pName = "process",
    .pTests = cases,
    .pSetUpFunc = sim_setup,
    .pTearDownFunc = sim_teardown};
