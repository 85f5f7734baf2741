/*
 * netns.c: the parent's side: start the child, take the device, and turn a
 * refusal into a sentence with the one command that helps.
 */
#include "netns.h"
#include "netns_child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child tells: the step, and its errno when it was refused. */
struct report {
    int step, err;
};

static bool
send_report(int control, struct report report, int tap)
{
    char room[CMSG_SPACE(sizeof tap)] = {0};
    struct iovec iov = {&report, sizeof report};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

    if (report.step == NETNS_READY) {
        msg.msg_control = room;
        msg.msg_controllen = sizeof room;
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof tap);
        memcpy(CMSG_DATA(c), &tap, sizeof tap);
    }
    return sendmsg(control, &msg, MSG_NOSIGNAL) == sizeof report;
}

static bool
take_report(int control, struct report *report, int *tap)
{
    char room[CMSG_SPACE(sizeof *tap)];
    struct iovec iov = {report, sizeof *report};
    struct msghdr msg = {.msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = room,
        .msg_controllen = sizeof room};
    ssize_t n;

    do
        n = recvmsg(control, &msg, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n != sizeof *report)
        return false;
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    if (c && c->cmsg_type == SCM_RIGHTS)
        memcpy(tap, CMSG_DATA(c), sizeof *tap);
    return true;
}

/* A proxy of the outer network cannot be reached from in here. */
static void
forget_proxies(void)
{
    static const char *const names[] = {"http_proxy", "HTTP_PROXY",
        "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};

    for (size_t i = 0; i < LW_COUNT(names); i++)
        unsetenv(names[i]);
}

static void
child_main(int control, pid_t parent, const struct netns_config *config,
    char *const command[])
{
    int tap;
    char go;

    enum netns_step step = netns_enter(config, &tap);
    struct report report = {step, errno};
    /* If layerwalk is killed, the command has no network: it ends too. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    if (!send_report(control, report, tap) || step != NETNS_READY)
        _exit(1);
    close(tap);
    if (read(control, &go, 1) != 1)
        _exit(1);
    forget_proxies();
    execvp(command[0], command);
    int err = errno;
    fprintf(stderr, "layerwalk: %s: %s\n", command[0], strerror(err));
    _exit(err == ENOENT ? 127 : 126); /* as a shell does */
}

static bool
file_says(const char *path, char what)
{
    FILE *f = fopen(path, "r");
    int c = f ? fgetc(f) : EOF;

    if (f)
        fclose(f);
    return c == what;
}

/* Which switch closed the door, and how it is opened. */
static void
explain_unshare(int err, struct fault *fault)
{
    if (file_says("/proc/sys/kernel/unprivileged_userns_clone", '0'))
        fault_set(fault, NULL, 0,
            "user namespaces are closed to ordinary users here; open them "
            "with: sudo sysctl kernel.unprivileged_userns_clone=1");
    else if (file_says(
                 "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
        fault_set(fault, NULL, 0,
            "AppArmor closes user namespaces to ordinary users here; open "
            "them with: sudo sysctl "
            "kernel.apparmor_restrict_unprivileged_userns=0");
    else if (file_says("/proc/sys/user/max_user_namespaces", '0') ||
             err == ENOSPC)
        fault_set(fault, NULL, 0,
            "no more user namespaces are allowed here; allow them with: sudo "
            "sysctl user.max_user_namespaces=10000");
    else
        fault_set(fault, NULL, 0,
            "namespaces are closed here (%s), as in most containers; a "
            "container opens them with: docker run --privileged",
            strerror(err));
}

static int
explain(struct report r, const struct netns_config *c, struct fault *fault)
{
    const char *why = strerror(r.err);
    bool apparmor = file_says(
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1');

    switch (r.step) {
    case NETNS_UNSHARE: explain_unshare(r.err, fault); break;
    case NETNS_TUN_MISSING:
        fault_set(fault, NULL, 0,
            "there is no /dev/net/tun here; make it with: sudo modprobe tun "
            "(in a container: docker run --device /dev/net/tun)");
        break;
    case NETNS_TUN_OPEN:
        fault_set(fault, NULL, 0,
            "/dev/net/tun is closed to you (%s); open it with: sudo chmod "
            "0666 /dev/net/tun",
            why);
        break;
    default:
        /* Ubuntu lets everyone make the namespace, and then nothing in it. */
        if (apparmor && geteuid() != 0)
            explain_unshare(r.err, fault);
        else if (r.step == NETNS_MOUNT)
            fault_set(fault, NULL, 0,
                "%s and %s cannot be laid over /etc/hosts and "
                "/etc/resolv.conf: %s",
                c->hosts ? c->hosts : "-", c->resolv ? c->resolv : "-", why);
        else
            fault_set(fault, NULL, 0, "the namespace cannot be set up: %s: %s",
                r.step == NETNS_MAP        ? "user names"
                : r.step == NETNS_TUN_MAKE ? "TAP device"
                                           : "network card",
                why);
    }
    return r.err ? -r.err : -EIO;
}

int
netns_open(struct netns *ns, const struct netns_config *config,
    char *const command[], struct fault *fault)
{
    struct report report;
    int pair[2];

    *ns = (struct netns){.child = -1, .control = -1, .tap = -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return fault_set(fault, NULL, 0, "socketpair: %s", strerror(errno));
    pid_t self = getpid();
    fflush(NULL);
    ns->child = fork();
    if (ns->child == 0) {
        close(pair[0]);
        child_main(pair[1], self, config, command);
    }
    close(pair[1]);
    ns->control = pair[0];
    if (ns->child < 0) {
        fault_set(fault, NULL, 0, "fork: %s", strerror(errno));
        netns_close(ns);
        return -EAGAIN;
    }
    if (!take_report(ns->control, &report, &ns->tap))
        report = (struct report){NETNS_CARD, EPIPE};
    if (report.step == NETNS_READY)
        return 0;
    int err = explain(report, config, fault);
    netns_close(ns);
    return err;
}

void
netns_go(struct netns *ns)
{
    (void)!write(ns->control, "g", 1); /* if it is gone, its status says so */
    close(ns->control);
    ns->control = -1;
}

void
netns_close(struct netns *ns)
{
    if (ns->child > 0) {
        kill(ns->child, SIGKILL);
        waitpid(ns->child, NULL, 0);
    }
    if (ns->control >= 0)
        close(ns->control);
    if (ns->tap >= 0)
        close(ns->tap);
    *ns = (struct netns){.child = -1, .control = -1, .tap = -1};
}
