/*
 * test_listen.c: many callers at once: the queues of a listener, SYN cookies,
 * and the counters that tell of them, on our kernel and on Linux.
 */
#include "check.h"
#include "same_words.h"
#include "state_peer.h"
#include "tcp.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CALLERS = 100
};

/* /proc/net/netstat: what is counted under this name. */
static long
counted(struct stage *s, const char *name)
{
    char text[16384] = {0}, *names, *values, *rest_n, *rest_v, *n, *v;
    const char *path = "/proc/net/netstat";
    int fd = (int)BOTH(
        &s->side, sys_open(s->side.p, path, O_RDONLY, 0), open(path, O_RDONLY));
    ssize_t len = BOTH(&s->side, sys_read(s->side.p, fd, text, sizeof text - 1),
        read(fd, text, sizeof text - 1));

    (void)BOTH(&s->side, sys_close(s->side.p, fd), close(fd));
    names = len > 0 ? strtok_r(text, "\n", &rest_n) : NULL;
    values = names ? strtok_r(NULL, "\n", &rest_n) : NULL;
    if (!values)
        return -1;
    n = strtok_r(names, " ", &rest_n);
    v = strtok_r(values, " ", &rest_v);
    for (; n && v;
         n = strtok_r(NULL, " ", &rest_n), v = strtok_r(NULL, " ", &rest_v))
        if (strcmp(n, name) == 0)
            return atol(v);
    return -1;
}

/* A hundred call, all of them wait for the answer, then all confirm it. */
static void
flood(struct stage *s, FILE *out)
{
    static const char *const names[] = {"SyncookiesSent", "SyncookiesRecv",
        "SyncookiesFailed", "ListenOverflows", "ListenDrops",
        "TCPReqQFullDoCookies", "TCPReqQFullDrop"};
    unsigned answered = 0;

    memset(s->end, 0, sizeof s->end);
    s->side.out[0] = '\0';
    state_lead(s, 0, "tcp a; bind a any; listen a 9; <S");
    for (unsigned i = 1; i < CALLERS; i++) {
        s->end[i].port = s->end[0].port;
        state_send(s, i, "S");
    }
    for (unsigned i = 0; i < CALLERS; i++)
        answered += strcmp(s->end[i].seen, " S.") == 0;
    fprintf(out, "%u answered\n", answered);
    for (unsigned i = CALLERS; i-- > 0;)
        state_send(s, i, ".");
    state_send(s, CALLERS - 1, "P.hello");
    s->end[CALLERS].port = s->end[0].port; /* has never called */
    state_send(s, CALLERS, ".");
    for (unsigned n = 0; n < LW_COUNT(names); n++)
        fprintf(out, "%s %ld\n", names[n], counted(s, names[n]));
    same_go(&s->side, "accept b a; read b 9; poll b");
    for (int i = 0; i < 12; i++)
        same_go(&s->side, "accept c a; close c");
    fprintf(out, "%s\n", s->side.out);
    state_close_all(s);
}

/* Five callers never answer: in a queue for nine one of them is hurried until
 * it is less than half full, and who is alone there is not. */
static void
silence(struct stage *s, FILE *out)
{
    memset(s->end, 0, sizeof s->end);
    for (unsigned callers = 1; callers <= 5; callers += 4) {
        s->side.out[0] = '\0';
        state_lead(s, callers, "tcp a; bind a any; listen a 9; <S");
        for (unsigned i = 1; i < callers; i++) {
            s->end[callers + i].port = s->end[callers].port;
            state_send(s, callers + i, "S");
        }
        state_rest(s, 10000);
        fprintf(
            out, "%u of %u\n", tcp_counts(host_tcp(s->net->a)).conns, callers);
        state_close_all(s);
    }
}

static void
the_silent_are_hurried(void)
{
    char *mine = state_ours(silence);

    CHECK_TEXT(mine, "1 of 1\n4 of 5\n");
    free(mine);
}

/* A SYN queue of ten and an accept queue of ten: cookies help the rest. */
static void
a_flood_is_answered(void)
{
    char *mine = state_ours(flood), *theirs = state_linux(flood, 0);

    CHECK(strstr(mine, "100 answered\nSyncookiesSent 90\n") != NULL);
    if (theirs)
        CHECK_TEXT(mine, theirs);
    free(mine);
    free(theirs);
}

static CU_TestInfo cases[] = {
    TEST(a_flood_is_answered),
    TEST(the_silent_are_hurried),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_listen = {.pName = "listen", .pTests = cases};
