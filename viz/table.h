/*
 * table.h: rows and columns of text for the state panel.
 */
#ifndef LW_TABLE_H
#define LW_TABLE_H

#include "ui.h"

#define TABLE_COLUMNS 8

struct table {
    struct ui *ui;
    SDL_Rect at; /* what is left of the room: y and h move down */
    unsigned n;
    int width[TABLE_COLUMNS]; /* shares; made pixels by table_begin */
    enum face face;
};

/* Shares the width of `at` among the columns: widths ends with 0. */
struct table table_begin(struct ui *ui, SDL_Rect at, const int *widths);

/* A heading over the whole width; nothing when there is no room. */
void table_title(struct table *t, const char *text);

/* A row of t->n texts. False: no room was left for it. */
bool table_head(struct table *t, const char *const *cells);
bool table_row(struct table *t, bool current, const char *const *cells);

/* What of these kinds happened last on that computer, the newest below. */
void table_log(struct table *t, const char *title,
    bool (*wanted)(enum event_kind kind), unsigned host);

/* A paragraph in soft ink. */
void table_note(struct table *t, const char *text);

#define TABLE_HEAD(t, ...) table_head(t, (const char *const[]){__VA_ARGS__})
#define TABLE_ROW(t, current, ...)                                             \
    table_row(t, current, (const char *const[]){__VA_ARGS__})

#endif
