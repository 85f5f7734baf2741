/*
 * test_window_none.c: the window's suite where SDL is not installed: what
 * asks for a window or a picture is told why there is none.
 */
#include "check.h"
#include "show.h"

#include <errno.h>

static void
says_why(void)
{
    struct fault fault = {{0}};
    const char *why = "";

    CHECK(!show_built(&why));
    CHECK(why[0] != '\0');
    CHECK(!show_possible(&why));
    CHECK_EQ(show_shots(NULL, "nowhere", &fault), -ENOSYS);
    CHECK_TEXT(fault.text, why);
    CHECK(show_open(NULL, "title", &fault) == NULL);
}

static CU_TestInfo cases[] = {TEST(says_why), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_window = {.pName = "window", .pTests = cases};
