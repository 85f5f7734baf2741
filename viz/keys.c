/*
 * keys.c: the table of keys.
 */
#include "keys.h"

const struct key keys[] = {
    {SDLK_RIGHT, 0, CMD_NEXT, "Right", "next event"},
    {SDLK_SPACE, 0, CMD_NEXT, "Space", NULL},
    {SDLK_PAGEDOWN, 0, CMD_NEXT, "PageDown", NULL},
    {SDLK_LEFT, 0, CMD_BACK, "Left", "back: the state as it was before"},
    {SDLK_PAGEUP, 0, CMD_BACK, "PageUp", NULL},
    {SDLK_BACKSPACE, 0, CMD_BACK, "Backspace", NULL},
    {SDLK_RIGHT, KMOD_SHIFT, CMD_OVER_NEXT, "Shift+Right",
        "step over: until the layer changes"},
    {SDLK_LEFT, KMOD_SHIFT, CMD_OVER_BACK, "Shift+Left", "back over a layer"},
    {SDLK_RIGHT, KMOD_CTRL, CMD_STAGE_NEXT, "Ctrl+Right", "next stage"},
    {SDLK_LEFT, KMOD_CTRL, CMD_STAGE_BACK, "Ctrl+Left", "previous stage"},
    {SDLK_HOME, 0, CMD_FIRST, "Home", "first event"},
    {SDLK_END, 0, CMD_LAST, "End", "last event"},
    {SDLK_F8, 0, CMD_FRAME_NEXT, "F8", "next frame on a cable"},
    {SDLK_F7, 0, CMD_FRAME_BACK, "F7", "previous frame"},
    {SDLK_PERIOD, KMOD_CTRL, CMD_FLOW_NEXT, "Ctrl+.",
        "next of the same packet, connection or process"},
    {SDLK_COMMA, KMOD_CTRL, CMD_FLOW_BACK, "Ctrl+,", "previous of the same"},
    {SDLK_c, 0, CMD_CAUSE, "C", "go to the cause"},
    {SDLK_LEFT, KMOD_ALT, CMD_VISITED_BACK, "Alt+Left",
        "back to where you jumped from"},
    {SDLK_RIGHT, KMOD_ALT, CMD_VISITED_NEXT, "Alt+Right", "and forward again"},
    {SDLK_g, 0, CMD_GOTO, "G", "go to an event by its number"},
    {SDLK_p, 0, CMD_PLAY, "P", "play and pause"},
    {SDLK_PLUS, 0, CMD_FASTER, "+", "play faster"},
    {SDLK_KP_PLUS, 0, CMD_FASTER, "Keypad+", NULL},
    {SDLK_EQUALS, 0, CMD_FASTER, "=", NULL},
    {SDLK_MINUS, 0, CMD_SLOWER, "-", "play slower"},
    {SDLK_KP_MINUS, 0, CMD_SLOWER, "Keypad-", NULL},
    {SDLK_v, 0, CMD_LEVEL, "V", "detail: stages, steps, details, everything"},
    {SDLK_SLASH, 0, CMD_FILTER, "/", "list only events with these words"},
    {SDLK_m, 0, CMD_MARK, "M", "mark the event"},
    {SDLK_n, 0, CMD_NEXT_MARK, "N", "next mark"},
    {SDLK_b, 0, CMD_BREAK, "B", "playing stops at this kind of event"},
    {SDLK_TAB, 0, CMD_PANE_NEXT, "Tab", "next panel"},
    {SDLK_TAB, KMOD_SHIFT, CMD_PANE_BACK, "Shift+Tab", "previous panel"},
    {SDLK_BACKSLASH, 0, CMD_MAXIMISE, "\\", "the panel alone, and back to all"},
    {SDLK_UP, 0, CMD_UP, "Up", "previous row or field"},
    {SDLK_DOWN, 0, CMD_DOWN, "Down", "next row or field"},
    {SDLK_RETURN, 0, CMD_OPEN, "Return", "fold or unfold the layer"},
    {SDLK_KP_ENTER, 0, CMD_OPEN, "Keypad Enter", NULL},
    {SDLK_RIGHTBRACKET, 0, CMD_TAB_NEXT, "]", "next table of the state"},
    {SDLK_LEFTBRACKET, 0, CMD_TAB_BACK, "[", "previous table"},
    {SDLK_EQUALS, KMOD_CTRL, CMD_BIGGER, "Ctrl+=", "larger text"},
    {SDLK_PLUS, KMOD_CTRL, CMD_BIGGER, "Ctrl++", NULL},
    {SDLK_MINUS, KMOD_CTRL, CMD_SMALLER, "Ctrl+-", "smaller text"},
    {SDLK_0, KMOD_CTRL, CMD_NORMAL, "Ctrl+0", "usual text"},
    {SDLK_F5, 0, CMD_PRESENT, "F5", "for a hall: all of it larger"},
    {SDLK_F11, 0, CMD_FULL_SCREEN, "F11", "full screen"},
    {SDLK_QUESTION, 0, CMD_HELP, "?", "this list"},
    {SDLK_F1, 0, CMD_HELP, "F1", NULL},
    {SDLK_ESCAPE, 0, CMD_CANCEL, "Escape", "leave what is open"},
    {SDLK_q, KMOD_CTRL, CMD_QUIT, "Ctrl+Q", "close the window"},
};

const unsigned nkeys = sizeof keys / sizeof *keys;

/* Left or right makes no difference; lock keys none. */
static unsigned
plain(unsigned mods)
{
    return (mods & KMOD_SHIFT ? KMOD_SHIFT : 0) |
           (mods & KMOD_CTRL ? KMOD_CTRL : 0) |
           (mods & KMOD_ALT ? KMOD_ALT : 0);
}

enum command
keys_command(SDL_Keycode sym, unsigned mods)
{
    mods = plain(mods);
    if (sym == SDLK_SLASH && mods == KMOD_SHIFT)
        return CMD_HELP; /* "?" where it is on that key */
    for (unsigned i = 0; i < nkeys; i++)
        if (keys[i].sym == sym && keys[i].mods == mods)
            return keys[i].command;
    /* signs that need Shift on some keyboards and not on others */
    if (mods == KMOD_SHIFT && keys_types(sym))
        return keys_command(sym, 0);
    return CMD_NONE;
}

enum command
keys_named(const char *name)
{
    for (unsigned i = 0; i < nkeys; i++)
        if (SDL_strcasecmp(keys[i].name, name) == 0)
            return keys[i].command;
    return CMD_NONE;
}

bool
keys_types(SDL_Keycode sym)
{
    return sym >= 0x20 && sym < 0x7f;
}
