/*
 * scene.h: where hosts stand in the scene, and what a frame is called in a
 * word.
 */
#ifndef LW_SCENE_H
#define LW_SCENE_H

#include "dissect.h"
#include "state.h"

#define SCENE_HOSTS 32

/*
 * The hosts in an order in which neighbours stand side by side: from one end
 * of the cables to the other. Returns how many (at most SCENE_HOSTS).
 */
unsigned scene_order(
    const struct state *st, const struct story *s, uint16_t *order);

/* "SYN", "ARP", "HTTP": what a frame is, in a word; and its layer. */
const char *scene_label(const struct dissection *d, enum layer *layer);

#endif
