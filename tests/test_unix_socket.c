/*
 * test_unix_socket.c: connections that never leave the computer.
 */
#include "check.h"
#include "kernel_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/un.h>

static socklen_t
name(struct sockaddr_un *un, const char *path)
{
    *un = (struct sockaddr_un){.sun_family = AF_UNIX};
    strcpy(un->sun_path, path);
    return (
        socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
}

static int
listen_on(struct proc *p, const char *path, int backlog)
{
    int fd = sys_socket(p, AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un un;
    socklen_t len = name(&un, path);

    CHECK_EQ(sys_bind(p, fd, (void *)&un, len), 0);
    CHECK_EQ(sys_listen(p, fd, backlog), 0);
    return fd;
}

static int
connect_to(struct proc *p, const char *path, int flags, int *ret)
{
    int fd = sys_socket(p, AF_UNIX, SOCK_STREAM | flags, 0);
    struct sockaddr_un un;
    socklen_t len = name(&un, path);

    *ret = sys_connect(p, fd, (void *)&un, len);
    return fd;
}

/* --- does a request get its answer? -------------------------------------- */

static int
echo_server(struct proc *p, int argc, char **argv)
{
    int fd = listen_on(p, "/run/echo.sock", 5), c;
    struct sockaddr_un peer;
    socklen_t len = sizeof peer;
    char buf[100];
    ssize_t n;

    (void)argc;
    (void)argv;
    c = sys_accept4(p, fd, (void *)&peer, &len, SOCK_CLOEXEC);
    CHECK_EQ(c, 4);
    CHECK_EQ(len, 2); /* the client has no name */
    while ((n = sys_read(p, c, buf, sizeof buf)) > 0)
        CHECK_EQ(sys_write(p, c, buf, (size_t)n), n);
    CHECK_EQ(n, 0);
    return 0;
}

static int
echo_client(struct proc *p, int argc, char **argv)
{
    struct sockaddr_un peer;
    socklen_t len = sizeof peer;
    char buf[100];
    int ret, fd = connect_to(p, "/run/echo.sock", 0, &ret);

    (void)argc;
    (void)argv;
    CHECK_EQ(ret, 0);
    CHECK_EQ(sys_getpeername(p, fd, (void *)&peer, &len), 0);
    CHECK_TEXT(peer.sun_path, "/run/echo.sock");
    CHECK_EQ(sys_write(p, fd, "ping", 4), 4);
    CHECK_EQ(sys_read(p, fd, buf, sizeof buf), 4);
    CHECK_MEM(buf, "ping", 4);
    CHECK_EQ(sys_shutdown(p, fd, SHUT_WR), 0);
    CHECK_EQ(sys_read(p, fd, buf, sizeof buf), 0);
    return 0;
}

static void
a_request_is_answered(void)
{
    sim_start(&sim, echo_server);
    sim_start(&sim, echo_client);
    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), 0);
    CHECK_EQ(kernel_status(sim.k, 2), 0);
    CHECK_TEXT(
        sim_strace(&sim, "socket", 0), "socket(AF_UNIX, SOCK_STREAM, 0) = 3");
    CHECK_TEXT(sim_strace(&sim, "bind", 0),
        "bind(3, {sa_family=AF_UNIX, sun_path=\"/run/echo.sock\"}, 17) = 0");
    CHECK_TEXT(sim_strace(&sim, "accept4", 0),
        "accept4(3, {sa_family=AF_UNIX}, [110 => 2], SOCK_CLOEXEC) = 4");
    CHECK_TEXT(sim_strace(&sim, "shutdown", 0), "shutdown(3, SHUT_WR) = 0");
    CHECK_EQ(recorder_count(&sim.rec, EV_SOCKET_NEW), 3);
    CHECK_EQ(recorder_count(&sim.rec, EV_SOCKET_CLOSE), 3);

    const struct event *l = recorder_find(&sim.rec, EV_SOCKET_LISTEN, 0);

    CHECK_TEXT(recorder_text(l, "local", 0), "/run/echo.sock");
}

/* The server's read is caused by the client's write. */
static void
causes_lead_from_reader_to_writer(void)
{
    const struct event *e = NULL;

    sim_start(&sim, echo_server);
    sim_start(&sim, echo_client);
    sim_run(&sim);
    for (unsigned i = 0; (e = recorder_find(&sim.rec, EV_SYSCALL, i)); i++)
        if (e->pid == 1 && !strcmp(recorder_text(e, "name", 0), "read"))
            break;
    REQUIRE(e != NULL);
    e = recorder_at(&sim.rec, e->cause);
    REQUIRE(e != NULL);
    CHECK_EQ(e->pid, 2);
    CHECK_TEXT(recorder_text(e, "name", 0), "write");
}

/* --- does the backlog hold? ---------------------------------------------- */

static int
slow_server(struct proc *p, int argc, char **argv)
{
    int fd = listen_on(p, "/run/slow", 1);
    struct timespec second = {1, 0};

    (void)argc;
    (void)argv;
    for (int i = 0; i < 4; i++) {
        sys_nanosleep(p, &second);
        CHECK(sys_accept4(p, fd, NULL, NULL, 0) >= 0);
    }
    sys_nanosleep(p, &second);
    return 0;
}

static int
patient_client(struct proc *p, int argc, char **argv)
{
    struct timespec now;
    int ret, fd = connect_to(p, "/run/slow", argc ? SOCK_NONBLOCK : 0, &ret);

    (void)argv;
    (void)fd;
    sys_clock_gettime(p, CLOCK_MONOTONIC, &now);
    sim_log(&sim, "%d at %ld;", ret, (long)now.tv_sec);
    return 0;
}

static void
backlog_limits_who_waits(void)
{
    char *none[] = {NULL}, *one[] = {"nonblocking", NULL};

    sim_start(&sim, slow_server);
    for (int i = 0; i < 3; i++)
        kernel_start(sim.k, "client", patient_client, 0, none);
    kernel_start(sim.k, "hasty", patient_client, 1, one);
    kernel_start(sim.k, "client", patient_client, 0, none);
    sim_run(&sim);
    /* Backlog 1 lets two wait (Linux), the others sleep in connect. */
    CHECK_TEXT(sim.log, "0 at 0;0 at 0;-11 at 0;0 at 1;0 at 2;");
    CHECK_EQ(
        event_u64(recorder_find(&sim.rec, EV_SOCKET_BACKLOG, 1), "waiting", 0),
        2);
}

static int
late_server(struct proc *p, int argc, char **argv)
{
    int fd = listen_on(p, "/run/slow", 0);
    struct timespec seconds = {5, 0};

    (void)argc;
    (void)argv;
    sys_nanosleep(p, &seconds);
    CHECK(sys_accept4(p, fd, NULL, NULL, 0) >= 0);
    sys_nanosleep(p, &seconds);
    return 0;
}

/* Waits for a second, and then goes on living with its socket. */
static int
hasty_client(struct proc *p, int argc, char **argv)
{
    int fd = sys_socket(p, AF_UNIX, SOCK_STREAM, 0);
    struct timespec seconds = {20, 0};
    struct timeval one = {1, 0};
    struct sockaddr_un un;
    socklen_t len = name(&un, "/run/slow");

    (void)argc;
    (void)argv;
    sys_setsockopt(p, fd, SOL_SOCKET, SO_SNDTIMEO, &one, sizeof one);
    CHECK_EQ(sys_connect(p, fd, (void *)&un, len), -EAGAIN);
    sys_nanosleep(p, &seconds);
    return 0;
}

static void
who_gave_up_takes_nobodys_turn(void)
{
    char *none[] = {NULL};

    sim_start(&sim, late_server);
    kernel_start(sim.k, "client", patient_client, 0, none);
    kernel_start(sim.k, "hasty", hasty_client, 0, none);
    kernel_start(sim.k, "client", patient_client, 0, none);
    sim_run(&sim);
    CHECK_TEXT(sim.log, "0 at 0;0 at 5;");
}

/* --- errors -------------------------------------------------------------- */

static int
makes_mistakes(struct proc *p, int argc, char **argv)
{
    struct sockaddr_un un;
    socklen_t len = name(&un, "/run/x");
    int ret, fd, l, value = 0;
    socklen_t vlen = sizeof value;
    char c;

    (void)argc;
    (void)argv;
    connect_to(p, "/run/x", 0, &ret);
    CHECK_EQ(ret, -ENOENT);
    l = listen_on(p, "/run/x", 0);
    CHECK_EQ(sys_getsockopt(p, l, SOL_SOCKET, SO_ACCEPTCONN, &value, &vlen), 0);
    CHECK_EQ(value, 1);
    fd = sys_socket(p, AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(sys_bind(p, fd, (void *)&un, len), -EADDRINUSE);
    CHECK_EQ(sys_listen(p, fd, 1), -EINVAL);
    CHECK_EQ(sys_accept4(p, fd, NULL, NULL, 0), -EINVAL);
    CHECK_EQ(sys_read(p, fd, &c, 1), -EINVAL);
    CHECK_EQ(sys_sendto(p, fd, &c, 1, MSG_NOSIGNAL, NULL, 0), -ENOTCONN);
    CHECK_EQ(sys_shutdown(p, fd, 3), -EINVAL);
    CHECK_EQ(sys_connect(p, fd, (void *)&un, 1), -EINVAL);
    CHECK_EQ(sys_connect(p, fd, (void *)&un, len), 0);
    CHECK_EQ(sys_connect(p, fd, (void *)&un, len), -EISCONN);
    CHECK_EQ(sys_close(p, l), 0);
    /* It was never accepted. */
    CHECK_EQ(sys_read(p, fd, &c, 1), -ECONNRESET);
    CHECK_EQ(sys_sendto(p, fd, &c, 1, MSG_NOSIGNAL, NULL, 0), -EPIPE);
    /* The name outlives the socket, until it is unlinked. */
    connect_to(p, "/run/x", 0, &ret);
    CHECK_EQ(ret, -ECONNREFUSED);
    CHECK_EQ(sys_open(p, "/run/x", O_RDONLY, 0), -ENXIO);
    struct stat st;
    CHECK_EQ(sys_stat(p, "/run/x", &st), 0);
    CHECK(S_ISSOCK(st.st_mode));
    CHECK_EQ(sys_unlink(p, "/run/x"), 0);
    CHECK_EQ(sys_unlink(p, "/run/x"), -ENOENT);
    connect_to(p, "/run/x", 0, &ret);
    CHECK_EQ(ret, -ENOENT);
    CHECK_EQ(sys_socket(p, AF_UNIX, SOCK_RDM, 0), -ESOCKTNOSUPPORT);
    CHECK_EQ(sys_socket(p, AF_INET6, SOCK_STREAM, 0), -EAFNOSUPPORT);
    CHECK_EQ(sys_setsockopt(p, fd, SOL_SOCKET, 999, &value, 4), -ENOPROTOOPT);
    CHECK_EQ(sys_listen(p, 99, 1), -EBADF);
    return 0;
}

static void
errors_are_those_of_linux(void)
{
    sim_start(&sim, makes_mistakes);
    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), 0);
    CHECK_TEXT(sim_strace(&sim, "connect", 0),
        "connect(3, {sa_family=AF_UNIX, sun_path=\"/run/x\"}, 9) = -1 ENOENT "
        "(No such file or directory)");
}

/* --- a pair, full buffers, unread bytes ---------------------------------- */

static int
fills_a_pair(struct proc *p, int argc, char **argv)
{
    static char big[70000];
    int fds[2], n, value;
    size_t total = 0;
    ssize_t ret;

    (void)argc;
    (void)argv;
    CHECK_EQ(
        sys_socketpair(p, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    memset(big, 'x', sizeof big);
    while ((ret = sys_write(p, fds[0], big, sizeof big)) > 0)
        total += (size_t)ret;
    CHECK_EQ(ret, -EAGAIN);
    CHECK_EQ(total, 212992);
    CHECK_EQ(sys_ioctl(p, fds[1], FIONREAD, &n), 0);
    CHECK_EQ(n, 212992);
    value = 1;
    CHECK_EQ(sys_ioctl(p, fds[1], FIONBIO, &value), 0);
    CHECK_EQ(
        sys_recvfrom(p, fds[1], big, sizeof big, MSG_PEEK, NULL, NULL), 70000);
    while ((ret = sys_recvfrom(p, fds[1], big, 9999, 0, NULL, NULL)) > 0)
        total -= (size_t)ret;
    CHECK_EQ(ret, -EAGAIN);
    CHECK_EQ(total, 0);
    /* Closing with unread bytes resets the peer. */
    CHECK_EQ(sys_write(p, fds[0], "abc", 3), 3);
    CHECK_EQ(sys_close(p, fds[1]), 0);
    CHECK_EQ(sys_read(p, fds[0], big, 10), -ECONNRESET);
    CHECK_EQ(sys_read(p, fds[0], big, 10), 0);
    return 0;
}

static void
a_full_buffer_stops_the_writer(void)
{
    sim_start(&sim, fills_a_pair);
    sim_run(&sim);
    CHECK_EQ(kernel_status(sim.k, 1), 0);
    CHECK_TEXT(sim_strace(&sim, "recvfrom", 0),
        "recvfrom(4, \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"..., 70000, "
        "MSG_PEEK, NULL, NULL) = 70000");
}

static int pair[2];

static int
slow_reader(struct proc *p, void *arg)
{
    static char buf[50000];
    struct timespec ms = {0, LW_MS};
    size_t total = 0;
    ssize_t n;

    (void)arg;
    sys_close(p, pair[0]);
    while ((n = sys_read(p, pair[1], buf, sizeof buf)) > 0) {
        total += (size_t)n;
        sys_nanosleep(p, &ms);
    }
    sim_log(&sim, "read %zu;", total);
    return 0;
}

static int
big_writer(struct proc *p, int argc, char **argv)
{
    static char big[500000];
    struct iovec iov[3] = {{big, 100000}, {big, 1}, {big, 499999}};

    (void)argc;
    (void)argv;
    sys_socketpair(p, AF_UNIX, SOCK_STREAM, 0, pair);
    sys_clone(p, slow_reader, NULL);
    sys_close(p, pair[1]);
    CHECK_EQ(sys_writev(p, pair[0], iov, 3), 600000);
    return 0;
}

static void
a_blocking_write_takes_everything(void)
{
    sim_start(&sim, big_writer);
    sim_run(&sim);
    CHECK_TEXT(sim.log, "read 600000;");
}

/* --- many workers in accept: one connection wakes one -------------------- */

static int listener;

static int
worker(struct proc *p, void *arg)
{
    struct timespec ms = {0, LW_MS};

    (void)arg;
    for (;;) {
        int c = sys_accept4(p, listener, NULL, NULL, 0);

        sim_log(&sim, "%d takes %d;", sys_getpid(p), c);
        if (c < 0)
            return 1;
        sys_nanosleep(p, &ms); /* the work */
        sys_close(p, c);
    }
}

static int
pool(struct proc *p, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    listener = listen_on(p, "/run/pool", 10);
    for (int i = 0; i < 3; i++)
        sys_clone(p, worker, NULL);
    return 0;
}

static int
two_visits(struct proc *p, int argc, char **argv)
{
    int ret;

    (void)argc;
    (void)argv;
    connect_to(p, "/run/pool", 0, &ret);
    connect_to(p, "/run/pool", 0, &ret);
    return 0;
}

static void
one_connection_wakes_one_worker(void)
{
    sim_start(&sim, pool);
    kernel_run(sim.k);

    unsigned before = recorder_count(&sim.rec, EV_PROC_WAKE);

    sim_start(&sim, two_visits);
    kernel_run(sim.k);
    CHECK_TEXT(sim.log, "2 takes 4;3 takes 4;");
    CHECK_EQ(recorder_count(&sim.rec, EV_PROC_WAKE) - before, 2);
    sim_run(&sim);
    /* Who waits longest is next: 4, then 2. */
    sim.log[0] = '\0';
    sim_start(&sim, two_visits);
    sim_run(&sim);
    CHECK_TEXT(sim.log, "4 takes 4;2 takes 4;");
}

static int
kills_the_chosen(struct proc *p, int argc, char **argv)
{
    int ret;

    (void)argc;
    (void)argv;
    connect_to(p, "/run/pool", 0, &ret);
    sys_kill(p, 2, SIGKILL); /* woken, but it has not run yet */
    return 0;
}

static void
a_dead_worker_does_not_keep_the_connection(void)
{
    sim_start(&sim, pool);
    kernel_run(sim.k);
    sim_start(&sim, kills_the_chosen);
    sim_run(&sim);
    CHECK_TEXT(sim.log, "3 takes 4;");
}

static CU_TestInfo cases[] = {TEST(a_request_is_answered),
    TEST(causes_lead_from_reader_to_writer), TEST(backlog_limits_who_waits),
    TEST(who_gave_up_takes_nobodys_turn), TEST(errors_are_those_of_linux),
    TEST(a_full_buffer_stops_the_writer),
    TEST(a_blocking_write_takes_everything),
    TEST(one_connection_wakes_one_worker),
    TEST(a_dead_worker_does_not_keep_the_connection), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_unix_socket = {.pName = "unix_socket",
    .pTests = cases,
    .pSetUpFunc = sim_setup,
    .pTearDownFunc = sim_teardown};
