/*
 * ui.h: the window's inside, without a window: panels, what the mouse can
 * hit, and the commands. It draws into memory, and is driven by keys, mouse
 * and text, real or from a script.
 */
#ifndef LW_UI_H
#define LW_UI_H

#include "canvas.h"
#include "view.h"

enum command {
    CMD_NONE,
    CMD_NEXT,
    CMD_BACK,
    CMD_OVER_NEXT,
    CMD_OVER_BACK,
    CMD_STAGE_NEXT,
    CMD_STAGE_BACK,
    CMD_FIRST,
    CMD_LAST,
    CMD_FRAME_NEXT,
    CMD_FRAME_BACK,
    CMD_FLOW_NEXT,
    CMD_FLOW_BACK,
    CMD_CAUSE,
    CMD_VISITED_BACK,
    CMD_VISITED_NEXT,
    CMD_GOTO,
    CMD_PLAY,
    CMD_FASTER,
    CMD_SLOWER,
    CMD_LEVEL,
    CMD_FILTER,
    CMD_MARK,
    CMD_NEXT_MARK,
    CMD_BREAK,
    CMD_PANE_NEXT,
    CMD_PANE_BACK,
    CMD_MAXIMISE,
    CMD_UP,
    CMD_DOWN,
    CMD_OPEN,
    CMD_TAB_NEXT,
    CMD_TAB_BACK,
    CMD_BIGGER,
    CMD_SMALLER,
    CMD_NORMAL,
    CMD_PRESENT,
    CMD_FULL_SCREEN,
    CMD_HELP,
    CMD_CANCEL,
    CMD_QUIT
};

/* What a press of the mouse on a place means. */
enum hit {
    HIT_EVENT,  /* value: position */
    HIT_STAGE,  /* value: number of the stage */
    HIT_TIME,   /* the time line: the place decides */
    HIT_FIELD,  /* value: field of the tree */
    HIT_LAYER,  /* value: layer in the tree, folded or unfolded */
    HIT_BYTE,   /* value: offset in the frame */
    HIT_TAB,    /* value: enum tab */
    HIT_COMMAND /* value: enum command */
};

struct hit_area {
    SDL_Rect at; /* in the window */
    enum hit kind;
    uint64_t value;
};

/* What can change; a panel says what it depends on. */
#define CHANGE_POS   1u
#define CHANGE_FIELD 2u
#define CHANGE_LIST  4u
#define CHANGE_TAB   8u
#define CHANGE_SIZE  16u
#define CHANGE_FOCUS 32u
#define CHANGE_INPUT 64u
#define CHANGE_WHY   128u
#define CHANGE_ALL   255u

struct pane {
    SDL_Rect at; /* w 0: not shown */
    bool dirty;
    struct cells cells; /* what the screen shows of it */
    struct arena arena; /* of its log */
    struct log_text *log;
    struct hit_area *hits;
    unsigned nhits, hit_room;
};

#define DRAWN_MAX 64 /* parts; those beyond are joined to the last */

/* What is being typed. */
enum input {
    INPUT_NONE,
    INPUT_GOTO,
    INPUT_FILTER
};

struct ui {
    struct canvas canvas;
    struct redraw redraw;
    struct {
        SDL_Rect at[DRAWN_MAX];
        unsigned n;
    } drawn; /* parts of the window, by the last ui_draw */
    struct view view;
    struct pane panes[PANEL_COUNT];
    bool laid; /* panels have moved: what is between them is to be drawn */
    enum panel drawing; /* whose hits are being noted */
    int w, h;           /* of the window, pixels */
    int em;             /* chosen text size, pixels */
    bool present;       /* larger, for a hall */
    bool help;
    bool quit;
    bool full_screen; /* wanted */
    enum input input;
    char typed[64];
    enum {
        DRAG_NOTHING,
        DRAG_TIME, /* the time line is held */
        DRAG_LEFT, /* the border right of the left column */
        DRAG_RIGHT
    } dragging;
    int left, right; /* widths of these columns, in thousandths */
    char message[96];
    const char *title;
};

/* font_folder may be NULL. 0 or -errno and a fault. */
int ui_init(struct ui *ui, int w, int h, int em, const struct story *story,
    const char *font_folder, struct fault *fault);
void ui_free(struct ui *ui);

void ui_resize(struct ui *ui, int w, int h);
void ui_changed(struct ui *ui, unsigned what);

/* Draws what has changed into canvas.image: the parts in ui->drawn. */
void ui_draw(struct ui *ui);

/* Forgets what was drawn: all is drawn anew the next time. */
void ui_forget(struct ui *ui);

void ui_do(struct ui *ui, enum command command);
void ui_text(struct ui *ui, const char *text); /* typed characters */
void ui_play(struct ui *ui); /* plays the next event, when playing */
void ui_press(struct ui *ui, int x, int y);
void ui_release(struct ui *ui);
void ui_hover(struct ui *ui, int x, int y);
void ui_wheel(struct ui *ui, int x, int y, int rows);

/* The list of the texts on the screen: "x y w h text", one a line. */
void ui_dump(const struct ui *ui, FILE *out);

/* --- for the panels ------------------------------------------------- */

/* A place in the panel being drawn that can be pressed. */
void ui_hit(struct ui *ui, SDL_Rect at, enum hit kind, uint64_t value);

/* The panel's ground and title; what is left of the area. */
SDL_Rect ui_panel(
    struct ui *ui, enum panel panel, SDL_Rect area, const char *title);

/* Height of a row of text. */
static inline int
ui_row(const struct ui *ui)
{
    return ui->canvas.em * 3 / 2;
}

/* "1.234 ms" */
char *ui_time(struct instant at, char *buf, size_t size);

/* A layer's name, short enough for a tile. */
const char *ui_layer(enum layer layer);

/* Name of the process of an event, "" for the kernel. */
const char *ui_process(struct ui *ui, uint16_t host, uint32_t pid);

void draw_strip(struct ui *ui, SDL_Rect area);
void draw_list(struct ui *ui, SDL_Rect area);
void draw_scene(struct ui *ui, SDL_Rect area);
void draw_why(struct ui *ui, SDL_Rect area);
void draw_tree(struct ui *ui, SDL_Rect area);
void draw_layers(struct ui *ui, SDL_Rect area);
void draw_bytes(struct ui *ui, SDL_Rect area);
void draw_state(struct ui *ui, SDL_Rect area);
void draw_bar(struct ui *ui, SDL_Rect area);
void draw_help(struct ui *ui, SDL_Rect area);

/* The tabs of the state panel. */
void draw_tab_tcp(struct ui *ui, SDL_Rect area);
void draw_tab_sockets(struct ui *ui, SDL_Rect area);
void draw_tab_net(struct ui *ui, SDL_Rect area);
void draw_tab_procs(struct ui *ui, SDL_Rect area);
void draw_tab_nginx(struct ui *ui, SDL_Rect area);
void draw_tab_fpm(struct ui *ui, SDL_Rect area);
void draw_tab_zend(struct ui *ui, SDL_Rect area);
void draw_tab_page(struct ui *ui, SDL_Rect area);

#endif
