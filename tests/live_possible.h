/*
 * live_possible.h: can live runs be tried on this machine?
 */
#ifndef LW_LIVE_POSSIBLE_H
#define LW_LIVE_POSSIBLE_H

#include <stdbool.h>

/* False where namespaces or /dev/net/tun are closed; then it prints why, as
 * layerwalk says it. Any other failure is one of layerwalk's. */
bool live_possible(void);

#endif
