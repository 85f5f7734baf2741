/*
 * test_tcp_dialog.c: conversations with our TCP. The dialogues stand in
 * test_tcp_dialog_*.c, by what they are about; here they become one suite.
 */
#include "test_tcp_dialog.h"
#include "tcp_state.h"

#include <stdio.h>

bool tcp_dialog_arrows[64];

/* An arrow that no dialogue walks is untested, or not real. */
static void
every_arrow_was_walked(void)
{
    for (unsigned i = 0; i < tcp_arrow_count; i++) {
        const struct tcp_arrow *a = &tcp_arrows[i];
        char text[64];

        snprintf(text, sizeof text, "%s to %s", tcp_state_text(a->from),
            tcp_state_text(a->to));
        CHECK_TEXT(tcp_dialog_arrows[i] ? text : "nobody walked it", text);
    }
}

#define D(name) TEST(name),
static CU_TestInfo cases[] = {
    DIALOGS(D) TEST(every_arrow_was_walked), CU_TEST_INFO_NULL};
#undef D

CU_SuiteInfo suite_tcp_dialog = {.pName = "tcp_dialog", .pTests = cases};
