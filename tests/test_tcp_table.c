/*
 * test_tcp_table.c: every bad segment in every state. RFC 9293 3.10.7 as a
 * table: a row for each kind of segment that means no good (the numbers are
 * those of the sixty inputs that broke other stacks), a column for each of
 * the eleven states; in each cell the answer, exactly. Then the state must be
 * what it was, and the conversation goes on to its proper end, as if nothing
 * had happened. Each cell is a dialogue (dialog.h), byte by byte.
 */
#include "test_tcp_dialog.h"
#include "words.h"

#include <stdio.h>
#include <string.h>

/* --- the states ------------------------------------------------------- */

#define TALK                                                                   \
    "< P. 1:11(10) ack 1 win 10000\n"                                          \
    "> . 1:1(0) ack 11\n"                                                      \
    "read 10\n"                                                                \
    "write 10\n"                                                               \
    "> P. 1:11(10) ack 11\n"                                                   \
    "< . 11:11(0) ack 11 win 10000\n"                                          \
    "state ESTABLISHED\n"

#define TO_FIN_WAIT_1                                                          \
    OPEN_PASSIVELY "shutdown\n"                                                \
                   "> F. 1:1(0) ack 1\n"

#define FROM_FIN_WAIT_2                                                        \
    "< P. 1:11(10) ack 2 win 10000\n"                                          \
    "> . 2:2(0) ack 11\n"                                                      \
    "read 10\n"                                                                \
    "< F. 11:11(0) ack 2 win 10000\n"                                          \
    "> . 2:2(0) ack 12\n"                                                      \
    "state TIME-WAIT\n"                                                        \
    "+60.1\n"                                                                  \
    "conns 0\n"

#define TO_CLOSE_WAIT                                                          \
    OPEN_PASSIVELY "< F. 1:1(0) ack 1 win 10000\n"                             \
                   "> . 1:1(0) ack 2\n"

#define FROM_TIME_WAIT                                                         \
    "state TIME-WAIT\n"                                                        \
    "+60.1\n"                                                                  \
    "conns 0\n"

struct place {
    const char *state, *to, *from; /* how one comes there, and goes on */
    unsigned rcv, snd;             /* RCV.NXT and SND.NXT, as in dialogues */
};

/* Nothing is known of the peer yet: its numbers begin at 0. */
static const struct place before[] = {
    {"CLOSED", "conns 0\n", "listen 1\nconns 0\n", 0, 1},
    {"CLOSED", "listen 1\n",
        "conns 0\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n"
        "< . 1:1(0) ack 1 win 10000\n"
        "accept\n" TALK,
        0, 1},
    {"SYN-SENT",
        "connect\n"
        "> S 0:0(0)\n",
        "< S. 0:0(0) ack 1 win 10000 <mss 1000>\n"
        "> . 1:1(0) ack 1\n" TALK,
        0, 1},
};

static const struct place synchronized[] = {
    {"SYN-RECEIVED",
        "listen 1\n"
        "< S 0:0(0) win 1000 <mss 1000>\n"
        "> S. 0:0(0) ack 1\n",
        "< . 1:1(0) ack 1 win 10000\n"
        "accept\n" TALK,
        1, 1},
    {"ESTABLISHED", OPEN_PASSIVELY, TALK, 1, 1},
    {"FIN-WAIT-1", TO_FIN_WAIT_1,
        "< . 1:1(0) ack 2 win 10000\n" FROM_FIN_WAIT_2, 1, 2},
    {"FIN-WAIT-2", TO_FIN_WAIT_1 "< . 1:1(0) ack 2 win 10000\n",
        FROM_FIN_WAIT_2, 1, 2},
    {"CLOSE-WAIT", TO_CLOSE_WAIT,
        "write 10\n"
        "> P. 1:11(10) ack 2\n"
        "< . 2:2(0) ack 11 win 10000\n"
        "shutdown\n"
        "> F. 11:11(0) ack 2\n"
        "< . 2:2(0) ack 12 win 10000\n"
        "conns 0\n",
        2, 1},
    {"LAST-ACK",
        TO_CLOSE_WAIT "shutdown\n"
                      "> F. 1:1(0) ack 2\n",
        "< . 2:2(0) ack 2 win 10000\n"
        "conns 0\n",
        2, 2},
    {"CLOSING",
        TO_FIN_WAIT_1 "< F. 1:1(0) ack 1 win 10000\n"
                      "> . 2:2(0) ack 2\n",
        "< . 2:2(0) ack 2 win 10000\n" FROM_TIME_WAIT, 2, 2},
    {"TIME-WAIT",
        TO_FIN_WAIT_1 "< F. 1:1(0) ack 2 win 10000\n"
                      "> . 2:2(0) ack 2\n",
        FROM_TIME_WAIT, 2, 2},
};

/* --- the segments ----------------------------------------------------- */

struct bad {
    unsigned number; /* of the sixty */
    const char *what;
    const char *flags;
    unsigned len; /* of its text */
    int seq, ack; /* from RCV.NXT and SND.NXT */
    const char *more;
    /*
     * For each state, in the order of the tables:
     *     -  silence      A  an ACK of where both stand
     *     R  RST with the number that it acknowledged
     *     r  RST,ACK of all that it occupied
     *     x  silence, and the connection has ended
     *     .  it is not bad in this state
     */
    const char *answers;
};

#define FAR 100000

/*                                 CLOSED, LISTEN, SYN-SENT */
static const struct bad early[] = {
    {46, "header cut off", ".", 0, 0, 0, " cut 4", "---"},
    {46, "data offset 4", ".", 0, 0, 0, " offset 4", "---"},
    {46, "data offset 15", "S", 0, 0, 0, " offset 15", "---"},
    {47, "checksum", "S", 0, 0, 0, " badsum", "---"},
    {48, "option of length 0", "S", 0, 0, 0, " <raw 02 00 00 00>", "---"},
    {48, "option past the header", "S", 0, 0, 0, " <raw 01 01 02 04>", "---"},
    {51, "no flags", "-", 0, 0, 0, "", "r--"},
    {51, "Xmas", "FPU", 0, 0, 0, "", "r--"},
    {51, "FIN", "F", 0, 0, 0, "", "r--"},
    {51, "text alone", "P", 10, 0, 0, "", "r--"},
    {51, "SYN and RST", "SR", 0, 0, 0, "", "---"},
    {53, "RST", "R", 0, 0, 0, "", "---"},
    {53, "RST of our SYN's number", "R.", 0, 0, -1, "", "---"},
    {56, "RST of a future number", "R.", 0, 0, FAR, "", "---"},
    {56, "ACK of the future", ".", 0, 0, FAR, "", "RRR"},
    {56, "ACK of the past", ".", 0, 0, -FAR, "", "RRR"},
    {56, "text with such an ACK", "P.", 10, 0, FAR, "", "RRR"},
    {56, "FIN with such an ACK", "F.", 0, 0, FAR, "", "RRR"},
    {56, "SYN,ACK of the future", "S.", 0, 0, FAR, "", "RRR"},
    {56, "SYN,ACK of nothing", "S.", 0, 0, -1, "", "RRR"},
};

/*          SYN-RECEIVED, ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2,
 *                CLOSE-WAIT, LAST-ACK, CLOSING, TIME-WAIT */
static const struct bad late[] = {
    {46, "header cut off", ".", 0, 0, 0, " cut 4", "--------"},
    {46, "data offset 4", ".", 0, 0, 0, " offset 4", "--------"},
    {46, "data offset 15", "R", 0, 0, 0, " offset 15", "--------"},
    {47, "checksum", "R", 0, 0, 0, " badsum", "--------"},
    {48, "option of length 0", "R", 0, 0, 0, " <raw 02 00 00 00>", "--------"},
    {48, "option past the header", "R", 0, 0, 0, " <raw 01 01 02 04>",
        "--------"},
    {49, "MSS outside of a SYN", ".", 0, 0, 0, " <mss 1>", ".-.--..-"},
    {50, "SYN with our own number", "S", 0, -1, 0, "", ".AAAAAAA"},
    {51, "no flags", "-", 0, 0, 0, "", "--------"},
    {51, "Xmas", "FPU", 0, 0, 0, "", "--------"},
    {51, "SYN and FIN", "SF", 0, 5, 0, "", "xAAAAAAA"},
    {51, "SYN and RST", "SR", 0, 5, 0, "", "AAAAAAA-"},
    {54, "text past the right edge", "P.", 10, FAR, 0, "", "AAAAAAAA"},
    {54, "FIN past the right edge", "F.", 0, FAR, 0, "", "AAAAAAAA"},
    {55, "text that was acknowledged", "P.", 1, -1, 0, "", "AAAAAAAA"},
    {56, "RST beyond the window", "R", 0, FAR, 0, "", "--------"},
    {56, "RST before the window", "R", 0, -1, 0, "", "--------"},
    {56, "RST within the window", "R", 0, 100, 0, "", "AAAAAAA-"},
    {56, "the exact RST", "R", 0, 0, 0, "", "xxxxxxx-"},
    {56, "SYN within the window", "S", 0, 100, 0, "", "xAAAAAA."},
    {56, "SYN beyond the window", "S", 0, FAR, 0, "", "AAAAAAA."},
    {56, "SYN before the window", "S", 0, -100, 0, "", "AAAAAAAA"},
    {56, "SYN,ACK again", "S.", 0, -1, 0, "", "AAAAAAAA"},
    {56, "ACK of the future", ".", 0, 0, FAR, "", "RAAAAAAA"},
    {56, "text that acknowledges it", "P.", 10, 0, FAR, "", "RAAAAAAA"},
    {56, "FIN that acknowledges it", "F.", 0, 0, FAR, "", "RAAAAAAA"},
    {56, "ACK of the distant past", ".", 0, 0, -FAR, "", "RAAAAAAA"},
    {56, "text with such an ACK", "P.", 10, 0, -FAR, "", "RAAAAAAA"},
    {57, "urgent pointer of nothing", ".U", 0, 0, 0, " urg 0", "....-..-"},
    {57, "urgent pointer as far as can be", ".U", 0, 0, 0, " urg 65535",
        ".-.--..-"},
    {58, "SACK of length 9", ".", 0, 0, 0,
        " <raw 05 09 01 02 03 04 05 06 07 01 01 01>", "--------"},
    {58, "SACK of what was not sent", ".", 0, 0, 0, " <nop,nop,sack 900:999>",
        ".-.--..-"},
    {58, "SACK upside down", ".", 0, 0, 0, " <nop,nop,sack 999:900>",
        ".-.--..-"},
    {59, "RST beside the FIN", "R", 0, 1, 0, "", "AAAAAAA-"},
    {59, "text behind the FIN", "P.", 10, 0, 0, "", "....-..A"},
    {60, "window of nothing", ".", 0, 0, 0, " win 0", ".-.-...-"},
};

/* --- a cell ----------------------------------------------------------- */

static void
answer_text(
    char *buf, size_t size, const struct bad *b, const struct place *p, char a)
{
    unsigned first = p->rcv + (unsigned)b->seq;
    unsigned end = first + b->len + (strchr(b->flags, 'S') != NULL) +
                   (strchr(b->flags, 'F') != NULL);
    unsigned ack = p->snd + (unsigned)b->ack;

    buf[0] = '\0';
    if (a == 'A')
        snprintf(buf, size, "> . %u:%u(0) ack %u\n", p->snd, p->snd, p->rcv);
    if (a == 'R')
        snprintf(buf, size, "> R %u:%u(0)\n", ack, ack);
    if (a == 'r') /* its number is 0, which lies 16 behind ours */
        snprintf(buf, size, "> R. 16:16(0) ack %u\n", end);
}

static void
cell(const struct bad *b, const struct place *p, char answer)
{
    bool acks = strchr(b->flags, '.') != NULL;
    unsigned first = p->rcv + (unsigned)b->seq;
    char question[128], script[2048], ack[24] = "", said[64];

    if (acks)
        snprintf(ack, sizeof ack, " ack %u", p->snd + (unsigned)b->ack);
    answer_text(said, sizeof said, b, p, answer);
    snprintf(question, sizeof question, "%u: %s in %s (%s)", b->number, b->what,
        p->state, p->to[0] == 'l' ? "listening" : "not listening");
    snprintf(script, sizeof script,
        "%sstate %s\n"
        "< %s %u:%u(%u)%s%s%s\n"
        "%sstate %s\n%s",
        p->to, p->state, b->flags, first, first + b->len, b->len, ack,
        strstr(b->more, "win") ? "" : " win 10000", b->more, said,
        answer == 'x' ? "CLOSED" : p->state, answer == 'x' ? "" : p->from);
    DIALOG(question, script);
}

static void
table(const struct bad *rows, unsigned nrows, const struct place *places,
    unsigned nplaces)
{
    unsigned cells = 0;

    for (unsigned i = 0; i < nrows; i++) {
        CHECK_EQ(strlen(rows[i].answers), nplaces);
        for (unsigned s = 0; s < nplaces; s++)
            if (rows[i].answers[s] != '.') {
                cell(&rows[i], &places[s], rows[i].answers[s]);
                cells++;
            }
    }
    printf("(%u cells) ", cells);
}

static void
answers_before_there_is_a_connection(void)
{
    table(early, LW_COUNT(early), before, LW_COUNT(before));
}

static void
answers_in_every_synchronized_state(void)
{
    table(late, LW_COUNT(late), synchronized, LW_COUNT(synchronized));
}

static CU_TestInfo cases[] = {
    TEST(answers_before_there_is_a_connection),
    TEST(answers_in_every_synchronized_state),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_tcp_table = {.pName = "tcp_table", .pTests = cases};
