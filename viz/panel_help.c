/*
 * panel_help.c: the list of keys, over everything else.
 */
#include "keys.h"

#include <string.h>

void
draw_help(struct ui *ui, SDL_Rect area)
{
    struct canvas *c = &ui->canvas;
    int em = c->em, h = em * 14 / 10, w = (area.w - em * 3) / 2;
    int rows = (area.h - em * 5) / h;
    char names[96] = "";
    int at = 0;

    canvas_fill(c, area, THEME_PAPER);
    canvas_frame(c, area, THEME_INK, 2);
    canvas_text(c,
        (SDL_Rect){area.x + em, area.y + em / 2, area.w - 2 * em, em * 2},
        (struct style){FACE_BOLD, 120, THEME_INK, LEFT},
        say("Keys (any key or click closes this)"));
    for (unsigned i = 0; i < nkeys && at < 2 * rows; i++) {
        const struct key *k = &keys[i];
        size_t n = k->help ? 0 : strlen(names);

        snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "", k->name);
        if (i + 1 < nkeys && !keys[i + 1].help)
            continue; /* another name of the same follows */
        while (!k->help)
            k--;
        int x = area.x + em + at / rows * (w + em);
        int y = area.y + em * 3 + at % rows * h;
        canvas_text(c, (SDL_Rect){x, y, em * 16, h},
            (struct style){FACE_BOLD, 88, THEME_INK, LEFT}, names);
        canvas_text(c, (SDL_Rect){x + em * 33 / 2, y, w - em * 33 / 2, h},
            (struct style){FACE_TEXT, 92, THEME_INK, LEFT}, say(k->help));
        at++;
    }
}
