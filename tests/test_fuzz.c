/*
 * test_fuzz.c: the fuzzers of tests/fuzz without a fuzzer: each input of the
 * corpus in the repository, and then a number of inputs made from them by
 * chance with a fixed seed, so that every run of the tests tries the same.
 *
 * Each fuzzer runs in a process of its own: what it was reading when it died
 * is in memory that both share, and is kept as build/fuzz_NAME.died.
 */
#include "check.h"
#include "faulty.h"
#include "fuzz.h"
#include "rng.h"
#include "words.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define INPUTS_MAX 512
#define INPUT_MAX  4096

/* What is being read now. */
struct now {
    size_t len;
    uint8_t bytes[INPUT_MAX];
    char name[300]; /* the file that it is, or was made of */
};

struct corpus {
    unsigned count;
    char *name[INPUTS_MAX];
    uint8_t *bytes[INPUTS_MAX];
    size_t len[INPUTS_MAX];
};

typedef int fuzzer(const uint8_t *data, size_t size);

/* --- the corpus ---------------------------------------------------------- */

static int
visible(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

static bool
corpus_read(struct corpus *c, const char *fuzz_name)
{
    char path[300];
    struct dirent **list;
    int n;

    snprintf(path, sizeof path, "tests/fuzz/corpus/%s", fuzz_name);
    n = scandir(path, &list, visible, alphasort);
    if (n < 0)
        return false;
    for (int i = 0; i < n; i++) {
        uint8_t *bytes = malloc(INPUT_MAX);
        FILE *f;

        snprintf(path, sizeof path, "tests/fuzz/corpus/%s/%s", fuzz_name,
            list[i]->d_name);
        free(list[i]);
        f = fopen(path, "rb");
        if (!f || !bytes || c->count == INPUTS_MAX)
            return false;
        c->name[c->count] = strdup(path);
        c->bytes[c->count] = bytes;
        c->len[c->count++] = fread(bytes, 1, INPUT_MAX, f);
        fclose(f);
    }
    free(list);
    return c->count > 0;
}

static void
corpus_free(struct corpus *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        free(c->name[i]);
        free(c->bytes[i]);
    }
}

/* --- changes ------------------------------------------------------------- */

/* A run of bytes goes out, comes in twice, or comes from another input. */
static void
move_bytes(struct rng *r, struct now *x, const struct corpus *c)
{
    unsigned other = (unsigned)rng_below(r, c->count);
    size_t at = (size_t)rng_below(r, x->len + 1), n, from;

    switch (rng_below(r, 3)) {
    case 0:
        n = (size_t)rng_below(r, x->len - at + 1);
        memmove(x->bytes + at, x->bytes + at + n, x->len - at - n);
        x->len -= n;
        break;
    case 1:
        n = (size_t)rng_below(r, x->len - at + 1) % 64;
        if (x->len + n > INPUT_MAX)
            break;
        memmove(x->bytes + at + n, x->bytes + at, x->len - at);
        x->len += n;
        break;
    default:
        from = (size_t)rng_below(r, c->len[other] + 1);
        n = c->len[other] - from;
        if (at + n > INPUT_MAX)
            n = INPUT_MAX - at;
        memcpy(x->bytes + at, c->bytes[other] + from, n);
        if (x->len < at + n)
            x->len = at + n;
        break;
    }
}

static void
change(struct rng *r, struct now *x, const struct corpus *c)
{
    static const uint8_t telling[] = {
        0, 1, 2, 4, 7, 8, 16, 20, 32, 64, 127, 128, 254, 255, '\n', ' ', '%'};
    size_t at;

    if (x->len == 0 || rng_chance(r, 0.3)) {
        move_bytes(r, x, c);
        return;
    }
    at = (size_t)rng_below(r, x->len);
    switch (rng_below(r, 4)) {
    case 0: x->bytes[at] ^= (uint8_t)(1u << rng_below(r, 8)); break;
    case 1: x->bytes[at] = (uint8_t)rng_u64(r); break;
    case 2: x->bytes[at] += (uint8_t)(rng_below(r, 9) - 4); break;
    default: x->bytes[at] = telling[rng_below(r, sizeof telling)]; break;
    }
}

/* --- the run ------------------------------------------------------------- */

/* Returns how many bytes of memory pieces it has left behind. */
static int
feed(fuzzer *fuzz, const struct now *x)
{
    /* Exactly as large, so that a step outside is found. */
    uint8_t *copy = malloc(x->len ? x->len : 1);
    int left;

    memcpy(copy, x->bytes, x->len);
    faulty_begin(0, false);
    fuzz(copy, x->len);
    faulty_end(&left);
    free(copy);
    return left;
}

static int
run(fuzzer *fuzz, const char *name, const struct corpus *c, unsigned times,
    struct now *x)
{
    struct rng r;
    int left = 0;

    for (unsigned i = 0; i < c->count && left == 0; i++) {
        x->len = c->len[i];
        memcpy(x->bytes, c->bytes[i], x->len);
        snprintf(x->name, sizeof x->name, "%s", c->name[i]);
        left = feed(fuzz, x);
    }
    rng_init(&r, 1, name);
    for (unsigned i = 0; i < times && left == 0; i++) {
        unsigned of = (unsigned)rng_below(&r, c->count);

        x->len = c->len[of];
        memcpy(x->bytes, c->bytes[of], x->len);
        snprintf(x->name, sizeof x->name, "%s, changed", c->name[of]);
        for (uint64_t n = 1 + rng_below(&r, 6); n > 0; n--)
            change(&r, x, c);
        left = feed(fuzz, x);
    }
    return left;
}

static void
keep(const char *name, const struct now *x)
{
    char path[300];
    FILE *f;

    snprintf(path, sizeof path, "build/fuzz_%s.died", name);
    f = fopen(path, "wb");
    if (f) {
        fwrite(x->bytes, 1, x->len, f);
        fclose(f);
    }
    printf("    it was reading %s: %s\n", x->name, path);
}

static void
attempt(fuzzer *fuzz, const char *name, unsigned times)
{
    struct corpus *c = calloc(1, sizeof *c);
    struct now *x = mmap(NULL, sizeof *x, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = -1;
    unsigned failed;
    pid_t pid;

    REQUIRE(c && x != MAP_FAILED);
    CHECK(corpus_read(c, name));
    fflush(NULL);
    failed = CU_get_number_of_failures();
    pid = c->count ? fork() : -1;
    if (pid == 0) {
        int left = run(fuzz, name, c, times, x);

        if (left)
            fprintf(stderr, "%d pieces of memory are left\n", left);
        fflush(NULL);
        check_leave(left != 0 || CU_get_number_of_failures() != failed);
    }
    if (pid > 0)
        waitpid(pid, &status, 0);
    if (!CHECK_EQ(status, 0))
        keep(name, x);
    corpus_free(c);
    free(c);
    munmap(x, sizeof *x);
}

/* How many inputs made by chance: so that each takes about a second. */
enum {
    TIMES_arp_ip_tcp = 60000,
    TIMES_capture = 6000,
    TIMES_dissect = 6000,
    TIMES_dns = 20000,
    TIMES_fpm_conf = 6000,
    TIMES_fragments = 1500,
    TIMES_frames = 2000,
    TIMES_hosts = 60000,
    TIMES_http = 10000,
    TIMES_nginx = 150,
    TIMES_nginx_conf = 5000,
    TIMES_offload = 60000,
    TIMES_remote = 1500,
    TIMES_stream = 1500,
    TIMES_url = 20000,
    TIMES_worldfile = 3000
};

#define F(name)                                                                \
    static void name(void)                                                     \
    {                                                                          \
        attempt(fuzz_##name, #name, TIMES_##name);                             \
    }
FUZZERS(F)
#undef F

#define F(name) TEST(name),
static CU_TestInfo cases[] = {FUZZERS(F) CU_TEST_INFO_NULL};
#undef F

CU_SuiteInfo suite_fuzz = {.pName = "fuzz", .pTests = cases};
