/*
 * test_window.c: does the window show what it should, the same every time,
 * and again after going back? Drawn in memory: no display is needed.
 */
#include "check.h"
#include "faulty.h"
#include "sample.h"

#include "image.h"
#include "offscreen.h"
#include "story.h"
#include "rng.h"
#include "window.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct story *story;
static struct offscreen *screen;
static struct fault fault;

static void
setup(void)
{
    fault = (struct fault){""};
    story = sample_story();
    screen = story ? offscreen_open(story, 1500, 900, 13, NULL, &fault) : NULL;
}

static void
teardown(void)
{
    offscreen_close(screen);
    story_free(story);
}

static bool
play(const char *script)
{
    bool done = offscreen_script(screen, script, &fault) == 0;

    if (!done)
        CHECK_TEXT(fault.text, "");
    return done;
}

/* All texts on the screen; the caller frees them. */
static char *
texts(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (!out)
        return NULL;
    offscreen_dump(screen, out);
    fclose(out);
    return text;
}

static bool
shows(const char *wanted)
{
    char *all = texts();
    bool found = all && strstr(all, wanted);

    free(all);
    return check_true(found, wanted, __FILE__, __LINE__);
}

static uint32_t *
picture(size_t *size)
{
    int w, h;
    const uint32_t *pixels = offscreen_pixels(screen, &w, &h);
    uint32_t *copy;

    *size = (size_t)w * (size_t)h * sizeof *copy;
    copy = malloc(*size);
    if (copy)
        memcpy(copy, pixels, *size);
    return copy;
}

static uint64_t
first(enum event_kind kind)
{
    for (uint64_t i = 1; i <= story_count(story); i++)
        if (story_event(story, i)->kind == kind)
            return i;
    return 0;
}

static void
a_frame_shows_hosts_layers_fields_and_bytes(void)
{
    REQUIRE(screen != NULL);
    offscreen_go(screen, first(EV_TCP_SEND) + 4);
    shows("Events");
    shows("laptop");
    shows("router");
    shows("web");
    shows("SYN");
    shows("TCP 24");
    shows("Ethernet 14");
    shows("Sequence number: 1000 (0x000003e8)");
    shows("SYN-SENT");
    shows("10.0.1.2:33000");
    shows("IEEE 802.3 3.1");
    shows("led to by");
}

static void
each_panel_follows_the_event(void)
{
    REQUIRE(screen != NULL);
    offscreen_go(screen, first(EV_ARP_ASK));
    shows("INCOMPLETE");
    offscreen_go(screen, first(EV_NGINX_UPSTREAM));
    shows("127.0.0.1:9000: connecting");
    offscreen_go(screen, first(EV_ZEND_STEP));
    shows("#1 RETURN 1");
    offscreen_go(screen, first(EV_PAGE_LOADED));
    shows("has the page");
}

static void
keys_move_through_the_story(void)
{
    uint64_t at;

    REQUIRE(screen != NULL);
    REQUIRE(play("key Home"));
    CHECK_EQ(offscreen_position(screen), 1);
    REQUIRE(play("key Right\nkey Space\nkey PageDown"));
    CHECK_EQ(offscreen_position(screen), 4);
    REQUIRE(play("key Left\nkey Backspace"));
    CHECK_EQ(offscreen_position(screen), 2);
    REQUIRE(play("key Ctrl+Right"));
    CHECK_EQ(offscreen_position(screen), story_stage(story, 1).first);
    REQUIRE(play("key G\ntype 2\ntype 2\nkey Return"));
    CHECK_EQ(offscreen_position(screen), 22);
    REQUIRE(play("key Alt+Left"));
    CHECK_EQ(offscreen_position(screen), story_stage(story, 1).first);
    REQUIRE(play("key F8"));
    CHECK_EQ(offscreen_position(screen), first(EV_FRAME_SENT));
    REQUIRE(play("key Ctrl+."));
    at = offscreen_position(screen);
    CHECK_EQ(story_event(story, at)->kind, EV_FRAME_RECEIVED);
    REQUIRE(play("key End"));
    CHECK_EQ(offscreen_position(screen), story_count(story));
    REQUIRE(play("key /\ntype opcode\nkey Return\nkey V\nkey V\nkey Home"));
    CHECK(offscreen_script(screen, "key Nonsense", &fault) < 0);
    CHECK_TEXT(fault.text, "script:1: cannot do: key Nonsense");
}

static void
a_filter_shows_only_what_matches(void)
{
    REQUIRE(screen != NULL);
    REQUIRE(play("key /\ntype nginx\nkey Return\nkey Home"));
    CHECK_EQ(
        story_event(story, offscreen_position(screen))->kind, EV_PROC_START);
    shows("filter \"nginx\"");
    REQUIRE(play("key Escape\nkey Home"));
    CHECK_EQ(offscreen_position(screen), 1);
}

static void
back_after_next_is_the_same_picture(void)
{
    REQUIRE(screen != NULL);
    for (uint64_t i = 1; i + 10 < story_count(story); i += 5) {
        size_t size, again_size;
        uint32_t *before, *again;

        offscreen_go(screen, i);
        REQUIRE(play("key Right\nkey Left\nkey Right"));
        before = picture(&size);
        REQUIRE(play("key Right\nkey Left"));
        again = picture(&again_size);
        if (CHECK(before && again))
            CHECK_MEM(again, before, size);
        free(before);
        free(again);
    }
}

/* What a hand does at random: mostly steps, sometimes anything else. */
static bool
anything(struct offscreen *o, struct rng *rng)
{
    static const char *const does[] = {"key Ctrl+Right", "key Ctrl+Left",
        "key F8", "key F7", "key Tab", "key \\", "key V", "key Down", "key Up",
        "key End", "key Home", "key Ctrl+=", "key Ctrl+-", "key ?",
        "key Escape", "key M", "key B", "key /\ntype tcp\nkey Return",
        "key /\nkey Escape", "click 700 300", "click 100 420",
        "wheel 700 500 -1", "wheel 900 200 2", "move 500 500", "key F5"};
    uint64_t what = rng_below(rng, 10);
    const char *script = what < 4 ? "key Right" : "key Left";

    if (what == 7) {
        offscreen_go(o, 1 + rng_below(rng, story_count(story)));
        return true;
    }
    if (what > 7)
        script = does[rng_below(rng, LW_COUNT(does))];
    return CHECK_EQ(offscreen_script(o, script, &fault), 0);
}

/* Only what has changed is drawn; are the pixels those of a window that is
 * drawn whole every time? */
static void
a_part_redrawn_is_the_whole_redrawn(void)
{
    struct offscreen *other =
        offscreen_open(story, 1500, 900, 13, NULL, &fault);
    uint64_t least = UINT64_MAX;
    struct rng rng, same;
    int w, h;

    REQUIRE(screen != NULL && other != NULL);
    rng_init(&rng, 1, "redraw");
    for (unsigned i = 0; i < 400; i++) {
        same = rng;
        if (!anything(screen, &rng) || !anything(other, &same))
            break;
        const uint32_t *part = offscreen_pixels(screen, &w, &h);
        if (offscreen_drawn(screen) && offscreen_drawn(screen) < least)
            least = offscreen_drawn(screen);
        offscreen_forget(other);
        const uint32_t *whole = offscreen_pixels(other, &w, &h);
        CHECK_EQ(offscreen_drawn(other), (uint64_t)w * (uint64_t)h);
        CHECK_MEM(part, whole, (size_t)w * (size_t)h * sizeof *whole);
    }
    CHECK(least < 1500 * 900 / 20);
    offscreen_close(other);
}

/* Nothing happened: nothing is drawn. A step draws less than half of it. */
static void
a_step_draws_what_it_changes(void)
{
    uint64_t sum = 0;
    size_t size;
    unsigned n = 0;

    REQUIRE(screen != NULL);
    free(picture(&size));
    free(picture(&size));
    CHECK_EQ(offscreen_drawn(screen), 0);
    for (; n < 100 && play("key Right"); n++) {
        free(picture(&size));
        sum += offscreen_drawn(screen) * sizeof(uint32_t);
    }
    CHECK_EQ(n, 100);
    CHECK(sum / n < size / 2);
}

/* Pressing a byte selects its field, and marks it in the tree. */
static void
a_byte_leads_to_its_field(void)
{
    char *all, *at;
    int x = 0, y = 0;
    char line[64];

    REQUIRE(screen != NULL);
    offscreen_go(screen, first(EV_TCP_SEND) + 4);
    all = texts();
    REQUIRE(all != NULL);
    at = strstr(all, " 0020\n");
    REQUIRE(at != NULL);
    while (at > all && at[-1] != '\n')
        at--;
    CHECK_EQ(sscanf(at, "%d %d", &x, &y), 2);
    free(all);
    /* 0x0026, the first byte of the sequence number, is the seventh */
    snprintf(line, sizeof line, "click %d %d", x + 8 * 5 + 8 * 22, y + 5);
    REQUIRE(play(line));
    shows("Bytes: Sequence number, 4 from byte 38");
}

static char *
file(const char *dir, const char *name, size_t *len)
{
    char path[256], *data = NULL;
    FILE *f;

    *len = 0;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "rb");
    if (!f)
        return NULL;
    fseek(f, 0, SEEK_END);
    *len = (size_t)ftell(f);
    rewind(f);
    data = malloc(*len);
    if (data && fread(data, 1, *len, f) != *len)
        *len = 0;
    fclose(f);
    unlink(path);
    return data;
}

static void
pictures_are_the_same_files_every_time(void)
{
    static const char *const names[] = {
        "01-world.png", "03-url.png", "07-tcp.png", "12-zend.png"};
    const struct window_options options = {.width = 900, .height = 600};
    char one[64], two[64];

    snprintf(one, sizeof one, "/tmp/layerwalk-shots-%d-1", (int)getpid());
    snprintf(two, sizeof two, "/tmp/layerwalk-shots-%d-2", (int)getpid());
    int n = window_shots(story, one, &options, &fault);
    CHECK(n >= 16);
    CHECK_EQ(window_shots(story, two, &options, &fault), n);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        size_t a_len, b_len;
        char *a = file(one, names[i], &a_len), *b = file(two, names[i], &b_len);

        CHECK(a_len > 5000);
        CHECK_EQ(a_len, b_len);
        if (CHECK(a && b) && a_len == b_len)
            CHECK_MEM(a, b, a_len);
        free(a);
        free(b);
    }
    char command[160];
    snprintf(command, sizeof command, "rm -r %s %s", one, two);
    CHECK_EQ(system(command), 0);
}

/* Fills ground and border, draws within `clip`; the pixels that differ. */
static unsigned
painted(struct image *im, const struct spot *corners, unsigned n, SDL_Rect clip,
    double *area)
{
    const struct colour paper = {255, 255, 255}, ink = {0, 0, 0};
    unsigned changed = 0;

    image_clip(im, NULL);
    image_fill(im, im->clip, paper);
    image_clip(im, &clip);
    image_polygon(im, corners, n, ink);
    *area = 0;
    for (int i = 0; i < im->w * im->h; i++) {
        changed += im->pixels[i] != 0xffffffff;
        *area += (double)(255 - (im->pixels[i] & 255)) / 255;
    }
    return changed;
}

/* A polygon covers its area, whichever way round, and nothing outside. */
static void
polygons_cover_their_area(void)
{
    const SDL_Rect all = {0, 0, 40, 30}, left = {0, 0, 15, 30};
    const struct spot square[] = {{5, 5}, {25, 5}, {25, 20}, {5, 20}};
    const struct spot back[] = {{5, 20}, {25, 20}, {25, 5}, {5, 5}};
    const struct spot slope[] = {{3, 3}, {36, 10}, {20, 27}};
    const struct spot outside[] = {{-50, -50}, {90, -20}, {60, 90}, {-30, 70}};
    struct image im = {0};
    double area;

    REQUIRE(image_resize(&im, 40, 30));
    CHECK_EQ(painted(&im, square, 4, all, &area), 300);
    CHECK_EQ((int)area, 300);
    CHECK_EQ(painted(&im, back, 4, all, &area), 300);
    CHECK_EQ(painted(&im, square, 4, left, &area), 150);
    CHECK(painted(&im, slope, 3, all, &area) > 300);
    CHECK(area > 336.5 - 4 && area < 336.5 + 4); /* half of the product */
    CHECK_EQ(painted(&im, outside, 4, all, &area), 1200);
    CHECK_EQ(painted(&im, outside, 4, left, &area), 450);
    image_free(&im);
}

/* A glyph at the border is cut there; half covered is half mixed. */
static void
masks_are_mixed_and_cut(void)
{
    uint8_t cover[] = {255, 128, 0, 255, 128, 0};
    const struct mask mask = {cover, 3, 2};
    const struct colour paper = {200, 100, 0}, ink = {0, 200, 100};
    struct image im = {0};

    REQUIRE(image_resize(&im, 4, 4));
    image_fill(&im, im.clip, paper);
    image_mask(&im, &mask, 1, 1, ink);
    CHECK_EQ(im.pixels[4 + 1], 0xff00c864);
    CHECK_EQ(im.pixels[4 + 2], 0xff649632);
    CHECK_EQ(im.pixels[4 + 3], 0xffc86400);
    image_mask(&im, &mask, 3, 3, ink);
    CHECK_EQ(im.pixels[15], 0xff00c864);
    image_mask(&im, &mask, -1, -1, ink);
    CHECK_EQ(im.pixels[0], 0xff649632);
    CHECK_EQ(im.pixels[1], 0xffc86400);
    image_mask(&im, &mask, -5, 9, ink);
    CHECK(!image_resize(&im, 0, 5) && im.w == 4);
    image_free(&im);
}

/* A small window opens and is drawn with the nth request for memory refused:
 * a sum of the picture that it shows afterwards, when there is some again. 0:
 * it did not open. */
static uint64_t
shown(unsigned nth, bool for_ever, unsigned *asked, int *left)
{
    struct offscreen *o;
    uint64_t sum = 0;
    int w, h;

    faulty_begin(nth, for_ever);
    o = offscreen_open(story, 700, 450, 13, NULL, &fault);
    if (o) {
        offscreen_go(o, story_count(story) / 2);
        offscreen_pixels(o, &w, &h);
        faulty_spare(true);
        offscreen_go(o, 1); /* elsewhere, and back */
        offscreen_pixels(o, &w, &h);
        offscreen_go(o, story_count(story) / 2);
        offscreen_forget(o);
        sum = fnv(FNV_BEGIN, offscreen_pixels(o, &w, &h),
            (size_t)w * (size_t)h * sizeof(uint32_t));
        faulty_spare(false);
    }
    offscreen_close(o);
    *asked = faulty_end(left);
    return sum;
}

/* A window that lacked memory shows everything as soon as there is some. */
static void
what_was_not_drawn_is_drawn_later(void)
{
    unsigned asked, more, unopened = 0;
    uint64_t whole, sum;
    int left;

    REQUIRE(story != NULL);
    whole = shown(0, false, &asked, &left);
    CHECK(whole != 0 && asked > 50);
    CHECK_EQ(left, 0);
    for (unsigned n = 1; n <= asked; n += 1 + n / 10) {
        sum = shown(n, n % 2, &more, &left);
        CHECK(sum == whole || (!sum && n < 12));
        unopened += !sum;
        CHECK_EQ(left, 0);
    }
    CHECK(unopened > 5);
}

static CU_TestInfo cases[] = {
    TEST(a_frame_shows_hosts_layers_fields_and_bytes),
    TEST(each_panel_follows_the_event),
    TEST(keys_move_through_the_story),
    TEST(a_filter_shows_only_what_matches),
    TEST(back_after_next_is_the_same_picture),
    TEST(a_part_redrawn_is_the_whole_redrawn),
    TEST(a_step_draws_what_it_changes),
    TEST(a_byte_leads_to_its_field),
    TEST(pictures_are_the_same_files_every_time),
    TEST(polygons_cover_their_area),
    TEST(masks_are_mixed_and_cut),
    TEST(what_was_not_drawn_is_drawn_later),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_window = {.pName = "window",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
