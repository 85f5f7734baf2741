/*
 * test_journey.c: is a whole run the same every time, and does everybody who
 * opens the saved file find what should be there?
 */
#include "capture.h"
#include "check.h"
#include "shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN "pcaps/shop.pcapng"

static void
teardown(void)
{
    shell_clean();
}

/* The run's last line, in a buffer of the caller's. */
static char *
demo(const char *layerwalk, const char *options, char line[256])
{
    struct shell s = shell("\"%s\" demo --text --quiet %s", layerwalk, options);

    CHECK_EQ(s.status, 0);
    CHECK_TEXT(s.err, "");
    snprintf(line, 256, "%.*s", (int)strcspn(s.out, "\n"), s.out);
    CHECK(strncmp(line, "sha256 ", 7) == 0);
    shell_free(&s);
    return line;
}

/* Twice the same, and with another seed not. */
static void
seed_decides(void)
{
    char first[256], second[256], other[256];
    struct shell s = shell("echo \"$LW\"");

    s.out[strcspn(s.out, "\n")] = 0;
    demo(s.out, "--save $TMP/a.pcapng", first);
    demo(s.out, "--save $TMP/b.pcapng", second);
    demo(s.out, "--seed 2", other);
    CHECK_TEXT(second, first);
    CHECK(strncmp(first, other, 71) != 0);
    CHECK(strstr(first, "(seed 1, PHP ") != NULL);
    CHECK(strstr(other, "(seed 2, PHP ") != NULL);
    shell_free(&s);

    /* The hash is that of the saved bytes, whoever computes it. */
    s = shell("cmp $TMP/a.pcapng $TMP/b.pcapng && sha256sum <$TMP/a.pcapng");
    CHECK_EQ(s.status, 0);
    CHECK(strncmp(first + 7, s.out, 64) == 0);
    shell_free(&s);
}

/* Neither optimisation nor sanitizers nor listeners change a byte. */
static void
build_does_not_matter(void)
{
    char here[256], there[256];
    struct shell s = shell("echo \"$LW\"; ls -d \"$(dirname \"$LW\")\"/../"
                           "layerwalk 2>/dev/null");
    char *fast = strchr(s.out, '\n');

    *fast++ = 0;
    fast[strcspn(fast, "\n")] = 0;
    demo(s.out, "", here);
    if (fast[0])
        CHECK_TEXT(demo(fast, "", there), here);
    else
        printf("(no optimised build beside this one) ");
    shell_free(&s);
    s = shell("$LW demo --text | tail -n 1");
    s.out[strcspn(s.out, "\n")] = 0;
    CHECK_TEXT(s.out, here);
    shell_free(&s);
}

/* --- the golden capture -------------------------------------------------- */

/* Bytes in a row. */
struct row {
    uint8_t *bytes;
    size_t len, room;
};

/* All frames of a file, with their times and interfaces; and what its journal
 * tells of the machine: the version of PHP, and the calls about files of time
 * zones, whose sizes change with every release of tzdata. */
struct frames {
    struct row frames, zones;
    unsigned count;
    char php[16];
};

static void
add(struct row *r, const void *data, size_t len)
{
    if (r->len + len > r->room) {
        r->room = (r->room + len) * 2;
        r->bytes = realloc(r->bytes, r->room);
        if (!r->bytes)
            abort();
    }
    memcpy(r->bytes + r->len, data, len);
    r->len += len;
}

static bool
same(const struct row *a, const struct row *b)
{
    return a->len == b->len &&
           (a->len == 0 || memcmp(a->bytes, b->bytes, a->len) == 0);
}

static void
on_frame(void *owner, const struct capture_frame *frame)
{
    struct frames *f = owner;

    add(&f->frames, &frame->time_ns, sizeof frame->time_ns);
    add(&f->frames, frame->link, strlen(frame->link) + 1);
    add(&f->frames, &frame->len, sizeof frame->len);
    add(&f->frames, frame->data, frame->len);
    f->count++;
}

static void
on_event(void *owner, const struct event *e)
{
    static const char zones[] = "/usr/share/zoneinfo/";
    struct frames *f = owner;
    const struct field *v;

    if (e->kind == EV_ZEND_VERSION && (v = event_field(e, "version")))
        snprintf(
            f->php, sizeof f->php, "%.*s", (int)v->len, (const char *)v->at);
    if (e->kind == EV_SYSCALL && (v = event_field(e, "args")) &&
        memmem(v->at, v->len, zones, strlen(zones)))
        add(&f->zones, v->at, v->len);
}

static struct frames
frames_of(const char *path)
{
    struct frames f = {0};
    struct capture_calls calls = {
        .owner = &f, .frame = on_frame, .event = on_event};
    struct fault fault = {{0}};

    CHECK_EQ(capture_read(path, &calls, &fault), 0);
    CHECK_TEXT(fault.text, "");
    return f;
}

static void
golden(void)
{
    char line[256], path[128];
    struct shell s = shell("echo \"$LW\"");

    s.out[strcspn(s.out, "\n")] = 0;
    demo(s.out, "--save $TMP/golden.pcapng", line);
    shell_free(&s);
    snprintf(path, sizeof path, "%s/golden.pcapng", shell_tmp());
    struct frames want = frames_of(GOLDEN), got = frames_of(path);
    CHECK(want.count > 20);
    CHECK_EQ(got.count, want.count);
    CHECK_EQ(got.frames.len, want.frames.len);
    CHECK(same(&got.frames, &want.frames));
    CHECK(got.zones.len > 0 && want.zones.len > 0);
    if (strcmp(got.php, want.php) == 0 && same(&got.zones, &want.zones)) {
        s = shell("cmp $TMP/golden.pcapng " GOLDEN);
        CHECK_TEXT(s.out, "");
        CHECK_EQ(s.status, 0);
        shell_free(&s);
    }
    free(want.frames.bytes);
    free(want.zones.bytes);
    free(got.frames.bytes);
    free(got.zones.bytes);
}

/* --- other readers ------------------------------------------------------- */

/*
 * Wireshark's dissectors find nothing to complain of, and all that is said.
 * A connection that crosses several links is in the file once for each, so
 * what they think of sequence numbers is asked of one link at a time.
 */
static void
wireshark(void)
{
    struct shell s =
        shell("$LW demo --text --quiet --save $TMP/w.pcapng >/dev/null && "
              "for i in 0 1 2; do "
              "tshark -r $TMP/w.pcapng -Y \"frame.interface_id == $i\" "
              "-w $TMP/link$i.pcapng && "
              "tshark -r $TMP/link$i.pcapng -o ip.check_checksum:TRUE "
              "-o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE "
              "-Y '_ws.malformed || _ws.expert.severity >= 0x600000'; done");

    CHECK_EQ(s.status, 0);
    CHECK_TEXT(s.out, "");
    shell_free(&s);
    s = shell("for i in 0 1 2; do tshark -r $TMP/link$i.pcapng | wc -l; done");
    int n[3] = {0};
    sscanf(s.out, "%d %d %d", &n[0], &n[1], &n[2]);
    CHECK(n[0] > 8 && n[1] > 8 && n[2] > 8);
    shell_free(&s);
    s = shell("tshark -r $TMP/w.pcapng -Y http -T fields -e http.response.code "
              "-e http.request.uri -e http.host");
    CHECK(strstr(s.out, "/index.php") != NULL);
    CHECK(strstr(s.out, "200") != NULL);
    CHECK(strstr(s.out, "shop.test") != NULL);
    shell_free(&s);
    s = shell("tshark -r $TMP/w.pcapng -T fields -e frame.comment -e "
              "frame.interface_name | sort -u");
    CHECK(strstr(s.out, "home") != NULL);
    CHECK(strstr(s.out, "internet") != NULL);
    CHECK(strstr(s.out, "who has") != NULL);
    shell_free(&s);
    s = shell("tshark -r $TMP/w.pcapng -N n -T fields -e ip.src_host | "
              "sort -u");
    CHECK(strstr(s.out, "web") != NULL);
    CHECK(strstr(s.out, "browser") != NULL);
    shell_free(&s);
}

/* --until ends the file where it says. */
static void
until(void)
{
    struct shell s =
        shell("$LW demo --text --until ARP_ASK >$TMP/t && "
              "grep -v '^sha256\\|because\\|^  *[(a-zA-Z]' $TMP/t | tail -n 1");

    CHECK_EQ(s.status, 0);
    CHECK(strstr(s.out, "who has 10.0.1.1? Tell 10.0.1.2") != NULL);
    shell_free(&s);
    s = shell("$LW demo --text --quiet --until '#10' --save $TMP/u.pcapng "
              ">/dev/null && $LW play --text $TMP/u.pcapng | wc -l");
    CHECK_EQ(s.status, 0);
    CHECK(atoi(s.out) < 40);
    shell_free(&s);
}

/* A saved run, told again, is told in the same words. */
static void
played(void)
{
    struct shell s = shell("$LW demo --text --save $TMP/p.pcapng | "
                           "grep -v '^sha256\\|^saved' >$TMP/told && "
                           "$LW play --text $TMP/p.pcapng >$TMP/again && "
                           "diff $TMP/told $TMP/again | head");

    CHECK_EQ(s.status, 0);
    CHECK_TEXT(s.out, "");
    shell_free(&s);
}

static CU_TestInfo cases[] = {TEST(seed_decides), TEST(build_does_not_matter),
    TEST(golden), TEST(wireshark), TEST(until), TEST(played),
    CU_TEST_INFO_NULL};

CU_SuiteInfo suite_journey = {
    .pName = "journey", .pTests = cases, .pTearDownFunc = teardown};
