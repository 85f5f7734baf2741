/*
 * keys.h: which key does what: one table, for the keyboard, for the help
 * and for scripts.
 */
#ifndef LW_KEYS_H
#define LW_KEYS_H

#include "ui.h"

struct key {
    SDL_Keycode sym;
    unsigned mods; /* KMOD_SHIFT, KMOD_CTRL, KMOD_ALT: any side */
    enum command command;
    const char *name; /* "Shift+Right" */
    const char *help; /* NULL: another name of the key before */
};

extern const struct key keys[];
extern const unsigned nkeys;

/* The command of a key; CMD_NONE. */
enum command keys_command(SDL_Keycode sym, unsigned mods);

/* The same from "Shift+Right"; case does not matter. */
enum command keys_named(const char *name);

/* True for keys that would also be typed as a character. */
bool keys_types(SDL_Keycode sym);

#endif
