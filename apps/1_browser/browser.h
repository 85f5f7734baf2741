/*
 * browser.h: the program that asks for a page. See browser.c.
 */
#ifndef LW_BROWSER_H
#define LW_BROWSER_H

#include "sys.h"

/*
 * browser URL: 0 when a page was had (an error page is one too), 1 when not,
 * 2 for wrong use. What it does and why it failed is in the journal.
 */
int browser_main(struct proc *p, int argc, char **argv);

#endif
