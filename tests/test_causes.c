/*
 * test_causes.c: "why was this sent?" A client on one computer talks to a
 * server on another, over a router; every frame on every cable, ARP's and
 * the router's too, must lead back along causes to the start of the client.
 */
#include "check.h"
#include "net_programs.h"

#include <netinet/in.h>
#include <stdio.h>

static struct net net;

static void
setup(void)
{
    net_walk(&net, 1);
}

static void
teardown(void)
{
    net_close(&net);
}

static int
server(struct proc *p, int argc, char **argv)
{
    int fd = net_listen(p, 80), c = sys_accept4(p, fd, NULL, NULL, 0);
    char buf[32];
    ssize_t n;

    (void)argc, (void)argv;
    while ((n = sys_read(p, c, buf, sizeof buf)) > 0)
        CHECK_EQ(sys_write(p, c, buf, (size_t)n), n);
    return 0;
}

static int
client(struct proc *p, int argc, char **argv)
{
    struct timespec while_ns = {0, 50000000};
    struct sockaddr_in to = net_at("10.0.1.2", 80);
    int tcp = sys_socket(p, AF_INET, SOCK_STREAM, 0);
    int udp = sys_socket(p, AF_INET, SOCK_DGRAM, 0);
    char buf[3000] = {0};

    (void)argc, (void)argv;
    CHECK_EQ(sys_connect(p, tcp, (void *)&to, sizeof to), 0);
    CHECK_EQ(sys_write(p, tcp, "question", 8), 8);
    CHECK_EQ(sys_read(p, tcp, buf, sizeof buf), 8);
    sys_nanosleep(p, &while_ns);
    CHECK_EQ(sys_write(p, tcp, "again", 5), 5);
    CHECK_EQ(sys_read(p, tcp, buf, sizeof buf), 5);
    /* In pieces, to a closed port: the error comes back. */
    CHECK_EQ(sys_connect(p, udp, (void *)&to, sizeof to), 0);
    CHECK_EQ(sys_write(p, udp, buf, sizeof buf), sizeof buf);
    CHECK(sys_read(p, udp, buf, sizeof buf) < 0);
    return 0;
}

/* The event at the beginning of e's chain; causes always lie before. */
static const struct event *
root_of(const struct event *e)
{
    while (e && e->cause) {
        if (!CHECK(e->cause < e->no))
            return NULL;
        e = recorder_at(&net.rec, e->cause);
    }
    return e;
}

static void
every_frame_has_a_reason(void)
{
    unsigned frames;

    net_start(net.b, "server", server);
    net_run(&net, LW_S);
    net_start(net.a, "client", client);
    net_run(&net, LW_S);
    net_run(&net, 200 * LW_S); /* TIME-WAIT and neighbours' doubts too */
    frames = recorder_count(&net.rec, EV_FRAME_SENT);
    CHECK(frames > 30);
    for (unsigned i = 0; i < frames; i++) {
        const struct event *e = recorder_find(&net.rec, EV_FRAME_SENT, i);
        const struct event *root = root_of(e);

        if (!CHECK(root && root->kind == EV_PROC_START))
            printf("    frame %u\n", i);
        else
            CHECK_TEXT(recorder_text(root, "name", 0), "client");
    }
}

static CU_TestInfo cases[] = {
    TEST(every_frame_has_a_reason),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_causes = {.pName = "causes",
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown,
    .pTests = cases};
