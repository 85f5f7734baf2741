/*
 * capture.c: how fast a large capture is opened. Run by bench.sh:
 *
 *     bench-capture make FILE FRAMES     writes made_capture.h's
 *     bench-capture measure FILE         prints "NAME VALUE" lines
 *     bench-capture window FILE          the same, of the window alone
 *
 * Measured in processor time: the first picture (what is read before it, and
 * drawing it, 1920x1080), the whole file with all that is read in it, and
 * jumps to places picked at random, each with its picture. Memory is what the
 * story says that it holds, after that.
 */
#include "made_capture.h"
#include "offscreen.h"
#include "rng.h"
#include "story.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define JUMPS 200
#define STEPS 400

static double
seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
make(const char *path, const char *frames)
{
    FILE *file = fopen(path, "wb");
    bool good =
        file && made_capture(file, strtoull(frames, NULL, 10), true, false);

    return file && fclose(file) == 0 && good ? 0 : 1;
}

static uint64_t
frames_in(struct story *s)
{
    uint64_t i = story_count(s);

    while (i && !story_event(s, i)->pkt)
        i--;
    return i ? story_event(s, i)->pkt : 0;
}

static int
measure(const char *path)
{
    struct fault fault = {{0}};
    struct story *s;
    struct rng rng;
    double start = seconds(), longest = 0, sum = 0, now;
    int w, h, more = story_open(path, &s, &fault);
    struct offscreen *o =
        more < 0 ? NULL : offscreen_open(s, 1920, 1080, 14, NULL, &fault);

    if (!o) {
        fprintf(stderr, "bench: %s\n", fault.text);
        return 1;
    }
    offscreen_pixels(o, &w, &h);
    printf("capture_first_s %.4f\n", seconds() - start);
    start = seconds();
    while (more > 0)
        more = story_more(s, 2 << 20);
    now = seconds() - start;
    printf("capture_all_s %.4f\n", now);
    uint64_t frames = frames_in(s);
    printf("capture_frames_s %.0f\n", (double)frames / now);
    rng_init(&rng, 1, "bench");
    for (unsigned i = 0; i < JUMPS; i++) {
        start = seconds();
        offscreen_go(o, 1 + rng_below(&rng, story_count(s)));
        offscreen_pixels(o, &w, &h);
        now = seconds() - start;
        sum += now;
        longest = now > longest ? now : longest;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("capture_jump_ms %.2f\n", sum * 1e3 / JUMPS);
    printf("capture_jump_longest_ms %.2f\n", longest * 1e3);
    printf(
        "capture_frame_bytes %.1f\n", (double)story_memory(s) / (double)frames);
    printf("capture_resident_mb %.0f\n", (double)usage.ru_maxrss / 1024);
    offscreen_close(o);
    story_free(s);
    return 0;
}

/* What drawing costs: the whole window, and what a step changes. */
static int
window(const char *path)
{
    struct fault fault = {{0}};
    struct story *s;
    double start, step = 0, whole = 0;
    int w, h, err = story_load(path, &s, &fault);
    struct offscreen *o =
        err ? NULL : offscreen_open(s, 1920, 1080, 14, NULL, &fault);

    if (!o) {
        fprintf(stderr, "bench: %s\n", fault.text);
        return 1;
    }
    for (unsigned round = 0; round < 2; round++) { /* the first warms up */
        offscreen_go(o, 1);
        offscreen_pixels(o, &w, &h);
        start = seconds();
        for (unsigned i = 0; i < STEPS; i++) {
            offscreen_script(o, "key Right", &fault);
            offscreen_pixels(o, &w, &h);
        }
        step = seconds() - start;
        start = seconds();
        for (unsigned i = 0; i < STEPS / 4; i++) {
            offscreen_script(o, "key Ctrl++\nkey Ctrl+-", &fault);
            offscreen_pixels(o, &w, &h);
        }
        whole = seconds() - start;
    }
    printf("window_step_ms %.3f\n", step * 1e3 / STEPS);
    printf("window_whole_ms %.3f\n", whole * 1e3 / (STEPS / 4));
    offscreen_close(o);
    story_free(s);
    return 0;
}

int
main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "make") == 0)
        return make(argv[2], argv[3]);
    if (argc == 3 && strcmp(argv[1], "measure") == 0)
        return measure(argv[2]);
    if (argc == 3 && strcmp(argv[1], "window") == 0)
        return window(argv[2]);
    fprintf(stderr, "usage: capture make FILE FRAMES | measure|window FILE\n");
    return 2;
}
