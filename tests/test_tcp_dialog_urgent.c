/*
 * test_tcp_dialog_urgent.c: dialogues about urgent data (RFC 9293 3.8.5,
 * RFC 6093). What a program sees of it is compared with Linux elsewhere.
 */
#include "test_tcp_dialog.h"

void
points_behind_urgent_text(void)
{
    DIALOG("does the pointer point behind the urgent text (MUST-62), until "
           "that is acknowledged, and does it wait for nothing?",
        OPEN_PASSIVELY "write 10\n"
                       "> P. 1:11(10) ack 1\n"
                       "write 5 oob\n"
                       "> PU. 11:16(5) ack 1 urg 5\n"
                       "because TCP_SEND_URGENT\n"
                       "noted TCP_URGENT 1\n"
                       "< . 1:1(0) ack 11 win 10000\n"
                       "write 3\n"
                       "> P. 16:19(3) ack 1\n"
                       "+0.2 > PU. 11:16(5) ack 1 urg 5\n"
                       "> P. 16:19(3) ack 1\n"
                       "< . 1:1(0) ack 19 win 10000\n"
                       "write 3\n"
                       "> P. 19:22(3) ack 1\n");
}

void
points_ahead_of_many(void)
{
    DIALOG("may urgent text be of any length (MUST-31)?",
        "sysctl initial_window 2\n" OPEN_PASSIVELY "write 3500 oob\n"
        "> U. 1:1001(1000) ack 1 urg 3500\n"
        "> U. 1001:2001(1000) ack 1 urg 2500\n"
        "< . 1:1(0) ack 2001 win 10000\n"
        "> U. 2001:3001(1000) ack 1 urg 1500\n"
        "> PU. 3001:3501(500) ack 1 urg 500\n"
        "< . 1:1(0) ack 3501 win 10000\n");
}

void
points_as_far_as_it_can(void)
{
    DIALOG("does the pointer reach no farther than sixteen bits do, and does "
           "a probe of a shut window bear it?",
        "sysctl sndbuf 200000\n" OPEN_PASSIVELY "< . 1:1(0) ack 1 win 0\n"
        "write 100000 oob\n"
        "+0.2 > U. 0:0(0) ack 1 urg 65535\n"
        "abort\n"
        "> R. 1:1(0) ack 1\n");
}

void
hears_of_urgent_text(void)
{
    DIALOG("does the program hear at once of urgent text (MUST-30, MUST-32), "
           "and can it find how much comes before it (MUST-33)?",
        OPEN_PASSIVELY "poll OUT\n"
                       "oob = EINVAL\n"
                       "< PU. 1:11(10) ack 1 win 10000 urg 5\n"
                       "> . 1:1(0) ack 11\n"
                       "noted TCP_URGENT 1\n"
                       "poll IN OUT PRI\n"
                       "readable 4\n"
                       "mark ahead\n"
                       "oob 5\n"
                       "poll IN OUT\n"
                       "oob = EINVAL\n"
                       "read 100 = 4\n"
                       "mark here\n"
                       "skip 1\n"
                       "read 100 = 5\n"
                       "mark ahead\n"
                       "oob = EINVAL\n");
}

void
hears_before_the_text(void)
{
    DIALOG("is a pointer to text that has not come told of, and kept?",
        OPEN_PASSIVELY "< U. 1:1(0) ack 1 win 10000 urg 8\n"
                       "noted TCP_URGENT 1\n"
                       "oob = EAGAIN\n"
                       "< P. 1:6(5) ack 1 win 10000\n"
                       "> . 1:1(0) ack 6\n"
                       "oob = EAGAIN\n"
                       "readable 5\n"
                       "< P. 6:11(5) ack 1 win 10000\n"
                       "> . 1:1(0) ack 11\n"
                       "poll IN OUT PRI\n"
                       "readable 7\n"
                       "oob 8\n"
                       "read 100 = 7\n"
                       "skip 1\n"
                       "read 100 = 2\n");
}

void
keeps_urgent_text_inline(void)
{
    DIALOG("does the urgent byte stay in the stream when the program says so?",
        OPEN_PASSIVELY "set oob_inline 1\n"
                       "< PU. 1:11(10) ack 1 win 10000 urg 5\n"
                       "> . 1:1(0) ack 11\n"
                       "poll IN OUT PRI\n"
                       "readable 10\n"
                       "oob = EINVAL\n"
                       "read 100 = 4\n"
                       "mark here\n"
                       "read 100 = 6\n"
                       "poll OUT\n");
}

void
keeps_the_newest_mark(void)
{
    DIALOG("does a newer pointer take the place of an older one, and an older "
           "one not that of a newer?",
        OPEN_PASSIVELY "< PU. 1:4(3) ack 1 win 10000 urg 3\n"
                       "> . 1:1(0) ack 4\n"
                       "< PU. 4:7(3) ack 1 win 10000 urg 3\n"
                       "> . 1:1(0) ack 7\n"
                       "< PU. 1:4(3) ack 1 win 10000 urg 3\n"
                       "> . 1:1(0) ack 7\n"
                       "read 100 = 5\n"
                       "mark here\n"
                       "oob 6\n");
}

void
survives_lying_pointers(void)
{
    DIALOG("do pointers that lie do no more than split a read?",
        OPEN_PASSIVELY "< PU. 1:11(10) ack 1 win 10000 urg 0\n"
                       "> . 1:1(0) ack 11\n"
                       "oob 1\n" /* 0 is taken for the first byte */
                       "skip 1\n"
                       "read 100 = 9\n"
                       "< PU. 11:21(10) ack 1 win 10000 urg 65535\n"
                       "> . 1:1(0) ack 21\n"
                       "oob = EAGAIN\n"
                       "read 100 = 10\n"
                       "< PU. 90000:90010(10) ack 1 win 10000 urg 1\n"
                       "> . 1:1(0) ack 21\n"
                       "dropped TCP_WINDOW\n"
                       "< P. 21:31(10) ack 1 win 10000 urg 3\n" /* no URG */
                       "> . 1:1(0) ack 31\n"
                       "read 100 = 10\n"
                       "< FU. 31:31(0) ack 1 win 10000 urg 9\n"
                       "> . 1:1(0) ack 32\n"
                       "oob = 0\n"
                       "read 100 = 0\n");
}

void
forgets_what_only_was_urgent(void)
{
    DIALOG("is an urgent byte gone that a plain read has passed over?",
        OPEN_PASSIVELY "< PU. 1:2(1) ack 1 win 10000 urg 1\n"
                       "> . 1:1(0) ack 2\n"
                       "poll OUT PRI\n"
                       "readable 0\n"
                       "mark here\n"
                       "read 10 = EAGAIN\n"
                       "poll OUT\n"
                       "oob = EINVAL\n");
}
