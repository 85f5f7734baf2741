/*
 * test_every_segment.c: every segment in every state of TCP, compared with
 * Linux: RFC 9293 3.10.7 as a table. A peer whose packets the test makes
 * (state_peer.h) leads a socket into a state; then it sends one segment, and
 * everything that can be seen is written down: what comes back, with its
 * numbers, the state, and what a program sees. Our kernel and Linux fill the
 * same table; every line must be equal.
 */
#include "check.h"
#include "same_words.h"
#include "state_peer.h"

#include <stdio.h>
#include <string.h>

#define DELAYED_MS 60 /* a delayed ACK has come by then */

#define CALL   "tcp a; connect a peer"
#define OPEN   CALL "; <S."
#define LISTEN "tcp a; set a 1 2 1; bind a any; listen a 3"
#define TAKEN  LISTEN "; <S; <.; accept b a"

/* How the socket gets there, as in test_every_state.c. Where it is closed
 * nobody looks any more; where there is a listener, that is a. */
static const struct {
    const char *name, *script;
} states[] = {
    {"LISTEN", LISTEN},
    {"SYN-SENT", CALL},
    {"SYN-RECEIVED, called", LISTEN "; <S"},
    {"SYN-RECEIVED, both call", CALL "; <S"},
    {"ESTABLISHED", OPEN},
    {"ESTABLISHED, not accepted", LISTEN "; <S; <."},
    {"ESTABLISHED, out", OPEN "; write a out"},
    {"ESTABLISHED, text", OPEN "; <P.hello"},
    {"ESTABLISHED, a hole", OPEN "; <@5:P.hello"},
    {"FIN-WAIT-1", OPEN "; shut a 1"},
    {"FIN-WAIT-1, out", OPEN "; write a out; shut a 1"},
    {"FIN-WAIT-1, closed", OPEN "; close a"},
    {"FIN-WAIT-2", OPEN "; shut a 1; <."},
    {"FIN-WAIT-2, closed", OPEN "; close a; <."},
    {"CLOSE-WAIT", OPEN "; <F."},
    {"CLOSE-WAIT, out", OPEN "; <F.; write a out"},
    {"CLOSING", OPEN "; shut a 1; <F-"},
    {"CLOSING, closed", OPEN "; close a; <F-"},
    {"LAST-ACK", OPEN "; <F.; shut a 1"},
    {"LAST-ACK, closed", OPEN "; <F.; close a"},
    {"TIME-WAIT", OPEN "; shut a 1; <.; <F."},
    {"TIME-WAIT, closed", OPEN "; close a; <.; <F."},
    {"TIME-WAIT beside LISTEN", TAKEN "; shut b 1; <.; <F."},
    {"TIME-WAIT closed, beside LISTEN", TAKEN "; close b; <.; <F."},
    {"CLOSED", OPEN "; <R."},
};

/* clang-format off */
static const char *const segments[] = {
    "S", "@1000:S", "@-1:S", "@-1000:S", "@100000:S", "S.", "S-", "S^",
    "@1000:S.", "SF", "SF.", "SR", "SR.", "SP.", "SFRP.", "FP", "R", "R.",
    "R-", "R^", "@1:R", "@1:R.", "@-1:R", "@-1:R.", "@100000:R",
    "@-100000:R.", "RF.", "F.", "F", "F-", "F^", "F,", "F_", "@1:F.",
    "@-1:F.", "@5:F.", "@100000:F.", ".", "-", "^", ",", "_", "@1:.",
    "@-1:.", "@1000:.", "@-1000:.", "@100000:.", "@-100000:.",
    "@2147483647:.", "P.abc", "Pabc", "P-abc", "P^abc", "P,abc", "P_abc",
    "@-1:P.abc", "@-2:P.abc", "@-3:P.abc", "@1:P.abc", "@5:P.abc",
    "@1000:P.abc", "@100000:P.abc", "@-100000:P.abc", "FP.abc", "FPabc",
    "@-1:FP.abc", "@-3:FP.abc", "@5:FP.abc", "",
};
/* clang-format on */

_Static_assert(sizeof segments / sizeof *segments <= STATE_ENDS, "an end each");

/* Where Linux does not do what the RFC says, or more. */
static const struct state_differs differs[] = {
    {"SYN-SENT", "*[-^,_]*",
        "RFC 9293 3.10.7.3: such an ACK is answered with RST, no more; Linux "
        "sends its SYN again at once",
        false},
    {"SYN-SENT", "SF.",
        "RFC 9293 3.10.7.3: the FIN counts, too; Linux waits "
        "until it comes again",
        false},
    {"SYN-RECEIVED, called", "*S*",
        "RFC 9293 3.10.7.4, fourth: back to LISTEN, silently; Linux answers "
        "with RST",
        false},
    {"SYN-RECEIVED, both call", "[FP-]*",
        "RFC 9293 3.10.7.4, fifth: an ACK that does not cover our SYN is "
        "answered with RST; Linux believes it",
        false},
    {"*", "@-[13]:[FP]*",
        "RFC 9293 3.10.7.4, first: what ends where the next begins is old, "
        "and nothing in it counts; Linux takes its ACK, and from who has sent "
        "a FIN it takes text behind it for a reason to reset",
        false},
    {"CLOSE-WAIT*", "@-2:P.abc", "the same", false},
    {"ESTABLISHED, *t*", "P[,_]abc",
        "RFC 5961 5.2: text with an old ACK is refused; Linux's short cut for "
        "what it expects (header prediction) does not look",
        false},
    {"ESTABLISHED, a hole", "*F*",
        "a FIN before text that has come is a lie; Linux believes it, and "
        "throws the text away",
        false},
    {"FIN-WAIT-1, closed", "@[15]:F.",
        "Linux resets as soon as it knows of text that nobody will read; we "
        "when it comes (RFC 2525 2.17)",
        false},
    {"FIN-WAIT-2, closed", "*",
        "RFC 9293 3.10.7.4: as with an owner; Linux keeps a small record only "
        "(inet_timewait_sock), which answers a SYN with RST, and what is "
        "outside of the window",
        false},
    {"CL*", "@-1:R*",
        "RFC 5961 3.2: only the exact number is believed; Linux believes the "
        "FIN's, too",
        false},
    {"LAST-ACK", "@-1:R*", "the same", false},
    {"TIME-WAIT*", "[,_^]",
        "RFC 5961 5.2: such an ACK is answered; Linux, "
        "which keeps no window in TIME-WAIT, is silent",
        false},
    {"TIME-WAIT*", "F",
        "RFC 9293 3.10.7.4, fifth: what acknowledges nothing "
        "is dropped; Linux answers it in TIME-WAIT",
        false},
    {"TIME-WAIT*", "FP", "the same", false},
    {"TIME-WAIT*", "*Pabc", "the same", false},
    {"*", "*[,^]*",
        "RFC 9293 3.10.7.4, fifth: an ACK of what was not sent is answered, "
        "and what is older than the connection refused: newer versions of "
        "Linux do (6.18), older ones do not",
        true},
    {NULL, NULL, NULL, false},
};

static bool
is_closed(const char *name)
{
    const char *last = strrchr(name, ',');

    return last && strcmp(last, ", closed") == 0;
}

/* What came back, and what a program sees. */
static void
look(struct stage *s, unsigned n, unsigned i, FILE *out)
{
    s->side.out[0] = '\0';
    same_say(&s->side, "sent%s; ", s->end[i].seen);
    if (!is_closed(states[n].name))
        same_go(&s->side, "state a; poll a; get a 1 4; read a 9");
    fprintf(out, "%s | %s | %s\n", states[n].name, segments[i], s->side.out);
}

/* Many at once: the time for a delayed ACK passes for all of them. */
static void
fill_state(struct stage *s, unsigned n, FILE *out)
{
    int fd[LW_COUNT(segments)][2];

    memset(s->end, 0, sizeof s->end);
    s->all = false;
    for (unsigned i = 0; i < LW_COUNT(segments); i++) {
        s->side.fd[0] = s->side.fd[1] = -1;
        state_lead(s, i, states[n].script);
        memcpy(fd[i], s->side.fd, sizeof fd[i]);
    }
    state_rest(s, DELAYED_MS);
    s->all = true;
    for (unsigned i = 0; i < LW_COUNT(segments); i++) {
        s->end[i].seen[0] = '\0';
        state_send(s, i, segments[i]);
    }
    state_rest(s, DELAYED_MS);
    for (unsigned i = 0; i < LW_COUNT(segments); i++) {
        memcpy(s->side.fd, fd[i], sizeof fd[i]);
        look(s, n, i, out);
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
every_segment_in_every_state(void)
{
    state_same(fill, LW_COUNT(states) * LW_COUNT(segments), differs);
}

static CU_TestInfo cases[] = {
    TEST(every_segment_in_every_state),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_every_segment = {.pName = "every_segment", .pTests = cases};
