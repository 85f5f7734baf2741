/*
 * test_every_state.c: every call in every state of TCP, compared with Linux.
 *
 * A peer whose packets the test makes (state_peer.h) leads a socket into a
 * state and keeps it there; then one call is made, and everything that can
 * be seen of it is written down: the result, what the peer is sent, what
 * epoll says, the pending error, the state, and what reading and writing
 * give afterwards. Our kernel and Linux fill the same table; every line must
 * be equal. The words of the calls are those of same_calls.c.
 */
#include "check.h"
#include "same_words.h"
#include "state_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN "tcp a; connect a peer; <S."

/* How the socket gets there: calls, and "<" for what the peer sends. */
static const struct {
    const char *name, *script;
    long pause_ms; /* afterwards */
} states[] = {
    {"CLOSED", "tcp a", 0},
    {"bound", "tcp a; bind a any", 0},
    {"LISTEN", "tcp a; bind a any; listen a 3", 0},
    {"LISTEN, one waits", "tcp a; bind a any; listen a 3; <S; <.", 0},
    {"SYN-SENT", "tcp a; connect a peer", 0},
    {"SYN-RECEIVED", "tcp a; connect a peer; <S", 0},
    {"ESTABLISHED", OPEN, 0},
    {"ESTABLISHED, told", OPEN "; connect a peer", 0},
    {"ESTABLISHED, text", OPEN "; <P.hello", 0},
    {"ESTABLISHED, out", OPEN "; write a out", 0},
    {"ESTABLISHED, shut for reading", OPEN "; shut a 0", 0},
    {"FIN-WAIT-1", OPEN "; shut a 1", 0},
    {"FIN-WAIT-1, text", OPEN "; <P.hello; shut a 1", 0},
    {"FIN-WAIT-2", OPEN "; shut a 1; <.", 0},
    {"FIN-WAIT-2, text", OPEN "; shut a 1; <.; <P.hello", 0},
    {"CLOSE-WAIT", OPEN "; <F.", 0},
    {"CLOSE-WAIT, text", OPEN "; <FP.hello", 0},
    {"CLOSING", OPEN "; shut a 1; <F-", 0},
    {"CLOSING, text", OPEN "; shut a 1; <FP-hello", 0},
    {"LAST-ACK", OPEN "; <F.; shut a 1", 0},
    {"TIME-WAIT", OPEN "; shut a 1; <.; <F.", 0},
    {"TIME-WAIT, text", OPEN "; shut a 1; <.; <FP.hello", 0},
    {"after LAST-ACK", OPEN "; <F.; shut a 1; <.", 0},
    {"refused", "tcp a; connect a peer; <R.", 0},
    {"reset", OPEN "; <R.", 0},
    {"reset, text", OPEN "; <P.hello; <R.", 0},
    {"reset in SYN-RECEIVED", "tcp a; connect a peer; <S; <R.", 0},
    {"reset in CLOSE-WAIT", OPEN "; <F.; <R.", 0},
    {"reset in FIN-WAIT-1", OPEN "; shut a 1; <R.", 0},
    {"reset in FIN-WAIT-2", OPEN "; shut a 1; <.; <R.", 0},
    {"reset in CLOSING", OPEN "; shut a 1; <F-; <R.", 0},
    {"reset in LAST-ACK", OPEN "; <F.; shut a 1; <R.", 0},
    {"never answered", "tcp a; set a 6 18 300 4; connect a peer", 1300},
    {"timed out", "tcp a; set a 6 18 300 4; connect a peer; <S.; write a x",
        1300},
    {"SYN-SENT, host unreachable", "tcp a; connect a peer; <I3.1", 0},
    {"SYN-SENT, port unreachable", "tcp a; connect a peer; <I3.3", 0},
    {"SYN-SENT, time exceeded", "tcp a; connect a peer; <I11.0", 0},
    {"SYN-SENT, bad parameter", "tcp a; connect a peer; <I12.0", 0},
    {"SYN-SENT, source quench", "tcp a; connect a peer; <I4.0", 0},
    {"SYN-RECEIVED, host unreachable", "tcp a; connect a peer; <S; <I3.1", 0},
    {"ESTABLISHED, host unreachable", OPEN "; write a out; <I3.1", 0},
    {"ESTABLISHED, port unreachable", OPEN "; write a out; <I3.3", 0},
    {"ESTABLISHED, prohibited", OPEN "; write a out; <I3.13", 0},
    {"ESTABLISHED, time exceeded", OPEN "; write a out; <I11.0", 0},
    {"ESTABLISHED, unreachable, then not",
        OPEN "; write a out; <I3.1; <.; write a more", 0},
    {"ESTABLISHED, unreachable, text", OPEN "; write a out; <I3.0; <P.hello",
        0},
    {"ESTABLISHED, an old error", OPEN "; write a out; <.; <I3.3", 0},
    {"FIN-WAIT-1, host unreachable", OPEN "; shut a 1; <I3.1", 0},
    {"CLOSE-WAIT, host unreachable", OPEN "; <F.; write a out; <I3.1", 0},
    {"LAST-ACK, port unreachable", OPEN "; <F.; shut a 1; <I3.3", 0},
    {"CLOSING, port unreachable", OPEN "; shut a 1; <F-; <I3.3", 0},
    {"ESTABLISHED, IP_RECVERR, host unreachable",
        "tcp a; set a 0 11 1; connect a peer; <S.; write a out; <I3.1", 0},
    {"ESTABLISHED, IP_RECVERR, port unreachable, text",
        OPEN "; set a 0 11 1; write a out; <I3.3; <P.hello", 0},
    {"ESTABLISHED, IP_RECVERR, unreachable, then not",
        OPEN "; set a 0 11 1; write a out; <I3.0; <.; write a more", 0},
    {"FIN-WAIT-1, IP_RECVERR, time exceeded",
        OPEN "; set a 0 11 1; shut a 1; <I11.0", 0},
    {"LAST-ACK, IP_RECVERR, prohibited",
        OPEN "; set a 0 11 1; <F.; shut a 1; <I3.13", 0},
    {"reset after IP_RECVERR", OPEN "; set a 0 11 1; write a out; <I3.1; <R.",
        0},
    {"SYN-SENT, IP_RECVERR, IP_RECVTTL, unreachable",
        "tcp a; set a 0 11 1; set a 0 12 1; set a 0 8 1; connect a peer; "
        "<I3.1",
        0},
    {"SYN-SENT, bound to the card", "tcp a; set a 1 62 2 4; connect a peer", 0},
    {"SYN-SENT, bound to the loopback", "tcp a; set a 1 62 1 4; connect a peer",
        0},
    {"SYN-SENT, bound to no card", "tcp a; set a 1 62 9 4; connect a peer", 0},
    {"LISTEN, bound to the card, one waits",
        "tcp a; set a 1 62 2 4; bind a any; listen a 3; <S; <.", 0},
    {"LISTEN, bound to the loopback, SYN",
        "tcp a; set a 1 62 1 4; bind a any; listen a 3; <S", 0},
    {"ESTABLISHED, bound to the card, text", OPEN "; set a 1 62 2 4; <P.hello",
        0},
    {"ESTABLISHED, bound to the loopback, text",
        OPEN "; set a 1 62 1 4; <P.hello", 0},
    {"timed out, host unreachable",
        "tcp a; set a 6 18 300 4; connect a peer; <S.; write a x; <I3.1", 1300},
};

/* The call; z is no descriptor, f a pipe with text in it, g its other end. */
static const char *const calls[] = {
    "poll a",
    "get a 1 4",
    "read a 3",
    "read a 0",
    "recv a 3",
    "recv a 0",
    "recv a 9 p",
    "recv a 9 t",
    "write a x",
    "write a",
    "send a x m",
    "send a x",
    "sendto a x peer",
    "sendto a x =a",
    "shut a 0",
    "shut a 1",
    "shut a 2",
    "shut a 3",
    "shut a 1; shut a 1",
    "shut a 0; shut a 1; shut a 2",
    "listen a 1",
    "bind a any",
    "bind a :0",
    "accept b a",
    "connect a peer",
    "connect a peer; connect a peer",
    "connect a short",
    "connect a inet6",
    "connect a none",
    "connect a none; connect a peer",
    "connect a none; listen a 1",
    "connect a none; name a",
    "bind a any; name a; listen a 1",
    "name a",
    "peer a",
    "fionread a",
    "ioctl a 5411",
    "ioctl a 894b",
    "ioctl a 5421",
    "ioctl a 7777",
    "sendfile a f 2",
    "get a 1 30; get a 1 3; get a 1 38; get a 1 39",
    "set a 1 2 1; set a 1 15 1; get a 1 2; get a 1 15",
    "set a 1 9 1; get a 1 9",
    "set a 1 13 1 8; get a 1 13",
    "set a 1 18 5; get a 1 18",
    "set a 6 1 1; get a 6 1",
    "set a 6 3 1; get a 6 3",
    "set a 6 2 1000",
    "set a 6 4 9; set a 6 5 9; set a 6 6 9; get a 6 4; get a 6 5; get a 6 6",
    "set a 6 7 3; get a 6 7",
    "set a 6 8 3; get a 6 8",
    "set a 6 9 3; get a 6 9",
    "set a 6 12 0; get a 6 12",
    "set a 6 18 9000; get a 6 18",
    "set a 6 25 9000; get a 6 25",
    "set a 6 10 90000; get a 6 10",
    "set a 0 1 16; get a 0 1; set a 0 2 9; get a 0 2",
    "ep e; ctl e 1 a 80002005; wait e 5; wait e 5",
    "ep e; ctl e 1 a 1; wait e 5; shut a 0; wait e 5",
    "dup b a; close a; poll b",
    "set a 1 13 1; close a",
    "close a",
    "rmsg a 0 e; rmsg a 0 e; poll a; get a 1 4",
    "polls a 27c7 0; polls a 0 0",
    "select a a a 0; select a - - 0; select - a - 0; select - - a 50",
};

/* Afterwards. */
static const char look[] =
    "poll a; get a 1 4; state a; read a 9; write a y; poll a; get a 1 4";

_Static_assert(sizeof calls / sizeof *calls <= STATE_ENDS, "an end each");

/* --- filling the table --------------------------------------------------- */

static void
fill_state(struct stage *s, unsigned n, FILE *out)
{
    int fd[LW_COUNT(calls)];

    memset(s->end, 0, sizeof s->end);
    for (unsigned i = 0; i < LW_COUNT(calls); i++) {
        s->side.out[0] = '\0';
        s->side.fd[0] = -1;
        state_lead(s, i, states[n].script);
        fd[i] = s->side.fd[0];
        s->side.fd[0] = -1;
    }
    state_rest(s, states[n].pause_ms);
    for (unsigned i = 0; i < LW_COUNT(calls); i++) {
        s->side.out[0] = '\0';
        s->side.port = STATE_PORT + i;
        same_go(&s->side, "pipe f g; write g hello");
        s->side.out[0] = '\0';
        s->side.fd[0] = fd[i];
        s->end[i].seen[0] = '\0';
        same_go(&s->side, "state a");
        same_go(&s->side, calls[i]);
        state_hear(s);
        same_say(&s->side, "sent%s; ", s->end[i].seen);
        same_go(&s->side, look);
        state_hear(s);
        fprintf(out, "%s | %s | %s\n", states[n].name, calls[i], s->side.out);
        state_close_all(s);
    }
}

static void
fill(struct stage *s, FILE *out)
{
    for (int i = 0; i < 26; i++)
        s->side.fd[i] = -1;
    for (unsigned n = 0; n < LW_COUNT(states); n++)
        fill_state(s, n, out);
}

static void
every_call_in_every_state(void)
{
    static const struct state_differs none[] = {{NULL, NULL, NULL, false}};

    state_same(fill, LW_COUNT(states) * LW_COUNT(calls), none);
}

static CU_TestInfo cases[] = {
    TEST(every_call_in_every_state),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_every_state = {.pName = "every_state", .pTests = cases};
