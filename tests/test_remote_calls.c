/*
 * test_remote_calls.c: every call means the same from a real Linux process
 * as from a program inside: the scripts that are compared with Linux
 * (test_same_as_linux.c) run both ways, and every result, errno, event and
 * byte must be the same; with and without posting (remote_msg.h).
 */
#include "check.h"
#include "folder.h"
#include "net_fixture.h"
#include "remote.h"
#include "same_calls.h"
#include "same_scripts.h"
#include "shell.h"
#include "spawn.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct side ours; /* what the program below shall run */
static char program[300];

static int
build(void)
{
    struct shell s =
        shell("cc -std=c11 -D_GNU_SOURCE -O1 -Istack/0_base -Istack/5_socket "
              "-Iapps/4_fpm -Itests -o $TMP/script tests/remote/script.c "
              "tests/same_calls.c tests/same_words.c tests/same_poll.c "
              "tests/same_rest.c "
              "tests/same_msg.c tests/same_rights.c "
              "apps/4_fpm/sys_remote*.c stack/0_base/*.c");
    int status = s.status;

    if (status)
        fprintf(stderr, "%s", s.err);
    shell_free(&s);
    snprintf(program, sizeof program, "%s/script", shell_tmp());
    return status;
}

static int
clean(void)
{
    shell_clean();
    return 0;
}

static int
inside_program(struct proc *p, int argc, char **argv)
{
    (void)argc, (void)argv;
    ours.p = p;
    sys_rt_sigprocmask(p, 1ull << (SIGPIPE - 1));
    if (*ours.script)
        same_run(&ours);
    else
        same_rest(&ours);
    return 0;
}

/* Two computers; the first has a folder with one file. */
static void
open_net(struct net *net, int64_t cost_ns)
{
    const struct folder_options o = {
        .read_only = true, .fixed = true, .time = 1700000000};
    char path[320];
    struct fault fault;
    struct disk *disk;
    FILE *f;

    snprintf(path, sizeof path, "%s/disk", shell_tmp());
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/disk/f", shell_tmp());
    f = fopen(path, "w");
    if (CHECK(f != NULL)) {
        fputs("0123456789", f);
        fclose(f);
    }
    snprintf(path, sizeof path, "%s/disk", shell_tmp());
    disk = folder_new(path, &o, &fault);
    CHECK(disk != NULL);
    net_pair_disk(net, 1, disk);
    kernel_set_call_cost(host_kernel(net->a), cost_ns);
}

static void
run_inside(const char *script, int64_t cost_ns)
{
    char *argv[] = {"script", NULL};
    struct net net;

    open_net(&net, cost_ns);
    ours.script = script;
    ours.out[0] = '\0';
    kernel_start(host_kernel(net.a), "script", inside_program, 1, argv);
    net_run(&net, LW_S);
    net_close(&net);
}

/* The same in a process of its own; what it wrote, in buf. */
static const char *
run_outside(const char *script, int64_t cost_ns, char *buf, size_t size)
{
    char name[] = "script", text[4096], path[320];
    char *argv[] = {name, text, path, NULL};
    struct net net;
    size_t n = 0;
    pid_t real;
    FILE *f;
    int fd;

    snprintf(text, sizeof text, "%s", script);
    snprintf(path, sizeof path, "%s/out", shell_tmp());
    remove(path);
    open_net(&net, cost_ns);
    real = spawn_remote(program, argv, &fd);
    if (CHECK(real > 0)) {
        CHECK(kernel_adopt(host_kernel(net.a), "script", fd) > 0);
        net_run(&net, LW_S);
    }
    net_close(&net);
    CHECK_EQ(WEXITSTATUS(spawn_wait(real)), 0);
    f = fopen(path, "r");
    if (f) {
        n = fread(buf, 1, size - 1, f);
        fclose(f);
    }
    buf[n] = '\0';
    return buf;
}

static void
compare(const char *const *scripts)
{
    static const int64_t costs[] = {0, 250};
    static char buf[sizeof ours.out];

    for (unsigned i = 0; scripts[i]; i++) {
        int64_t cost = costs[i % 4 == 0]; /* posting is the rule */

        run_inside(scripts[i], cost);
        if (!CHECK_TEXT(
                run_outside(scripts[i], cost, buf, sizeof buf), ours.out))
            printf("    script: %s\n", scripts[i]);
    }
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
    compare(same_nested);
}

static void
option_calls(void)
{
    compare(same_option);
    compare(same_settings);
}

/* In both: the same, and once with each cost of a call. */
static void
files_signals_time_and_addresses(void)
{
    static const char *const twice[] = {"", "", NULL};

    compare(twice);
    CHECK(strstr(ours.out, "ENOENT") && strstr(ours.out, "EROFS"));
}

/* A script tells itself what it expects; so does this. */
static void
what_no_process_asks_for_is_refused(void)
{
    static char buf[256];

    CHECK_TEXT(run_outside("-", 0, buf, sizeof buf),
        " ENOSYS ENOSYS ENOSYS ENOSYS ENOSYS ENOSYS ENOSYS");
}

static CU_TestInfo cases[] = {TEST(tcp_calls), TEST(udp_calls),
    TEST(unix_calls), TEST(pipe_and_descriptor_calls), TEST(epoll_calls),
    TEST(option_calls), TEST(files_signals_time_and_addresses),
    TEST(what_no_process_asks_for_is_refused), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_remote_calls = {.pName = "remote_calls",
    .pInitFunc = build,
    .pCleanupFunc = clean,
    .pTests = cases};
