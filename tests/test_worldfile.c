/*
 * test_worldfile.c: is every mistake in a world told with its line, and is
 * what is right read right?
 */
#include "check.h"
#include "nearest.h"
#include "worldfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];

static void
setup(void)
{
    char path[128];

    snprintf(dir, sizeof dir, "/tmp/worldfile.XXXXXX");
    if (!mkdtemp(dir))
        dir[0] = 0;
    snprintf(path, sizeof path, "%s/a", dir);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/b", dir);
    mkdir(path, 0755);
}

static void
teardown(void)
{
    char path[128];

    snprintf(path, sizeof path, "%s/a", dir);
    rmdir(path);
    snprintf(path, sizeof path, "%s/b", dir);
    rmdir(path);
    rmdir(dir);
}

#define TWO_HOSTS                                                              \
    "name: w\n"                                                                \
    "hosts:\n"                                                                 \
    "  a: {interfaces: {eth0: 10.0.0.1/24}}\n"                                 \
    "  b: {interfaces: {eth0: 10.0.0.2/24}}\n"

/* The text is refused with this message. */
static void
refused(const char *text, const char *message)
{
    struct worldfile *wf = calloc(1, sizeof *wf);
    struct fault fault = {{0}};

    REQUIRE(wf != NULL);
    CHECK(worldfile_parse(wf, text, strlen(text), "w.yaml", dir, &fault) < 0);
    CHECK_TEXT(fault.text, message);
    worldfile_free(wf);
    free(wf);
}

static struct worldfile *
accepted(const char *text)
{
    struct worldfile *wf = calloc(1, sizeof *wf);
    struct fault fault = {{0}};

    if (wf)
        worldfile_parse(wf, text, strlen(text), "w.yaml", dir, &fault);
    CHECK_TEXT(fault.text, "");
    return wf;
}

static void
discard(struct worldfile *wf)
{
    worldfile_free(wf);
    free(wf);
}

/* Does everything that can be said arrive? */
static void
whole_world(void)
{
    struct worldfile *wf = accepted(
        "name: w\n"
        "seed: 18446744073709551615\n"
        "epoch: 2026-01-01 12:30:05\n"
        "links:\n"
        "  l1: {ends: [a:eth0, b:eth0], delay: 1.5ms, rate: 100Mbit/s,\n"
        "    loss: 0.5%, duplicate: 0.25, reorder: 1, reorder_delay: 2 s,\n"
        "    queue: 7, ecn: 3}\n"
        "hosts:\n"
        "  a:\n"
        "    interfaces: {eth0: 10.0.0.1/24}\n"
        "    gateway: 10.0.0.2\n"
        "    routes: {10.9.0.0/16: 10.0.0.9}\n"
        "    run: [browser  http://b/, nginx]\n"
        "  b: {folder: a, interfaces: {eth0: 10.0.0.2/24}, forward: yes}\n");

    CHECK_TEXT(wf->name, "w");
    CHECK(wf->seed == UINT64_MAX);
    CHECK_EQ(wf->epoch, 1767270605);
    CHECK_EQ(wf->nhosts, 2);
    const struct world_computer *a = &wf->hosts[0];
    CHECK_TEXT(a->name, "a");
    CHECK_EQ(a->cards[0].addr.v, 0x0a000001);
    CHECK_EQ(a->cards[0].prefix, 24);
    CHECK_EQ(a->nroutes, 2);
    CHECK_EQ(a->routes[0].prefix, 0);
    CHECK_EQ(a->routes[0].gateway.v, 0x0a000002);
    CHECK_EQ(a->routes[1].dst.v, 0x0a090000);
    CHECK_EQ(a->nrun, 2);
    CHECK_EQ(a->run[0].argc, 2);
    CHECK_TEXT(a->run[0].argv[1], "http://b/");
    CHECK(a->run[0].argv[2] == NULL);
    CHECK(!a->forward && wf->hosts[1].forward);
    CHECK(strstr(wf->hosts[1].folder, "/a") != NULL);
    CHECK(worldfile_running(wf, "nginx") == a);
    CHECK(worldfile_running(wf, "php-fpm") == NULL);

    REQUIRE(wf->nlinks == 1);
    const struct cable_config *c = &wf->links[0].config;
    CHECK_TEXT(c->name, "l1");
    CHECK_EQ(c->delay_ns, 1500000);
    CHECK_EQ(c->rate, 100000000);
    CHECK_EQ(c->queue, 7);
    CHECK_EQ(c->ecn, 3);
    CHECK(c->faults.loss == 0.005 && c->faults.duplicate == 0.25);
    CHECK(c->faults.reorder == 1.0);
    CHECK_EQ(c->faults.reorder_ns, 2000000000);
    CHECK_EQ(wf->links[0].host[1], 1);
    discard(wf);
}

/* What is left out has these values. */
static void
defaults(void)
{
    struct worldfile *wf =
        accepted(TWO_HOSTS "links:\n"
                           "  l: {ends: [a:eth0, b:eth0]}\n");

    CHECK_EQ(wf->seed, 1);
    CHECK_EQ(wf->epoch, 0);
    CHECK_EQ(wf->links[0].config.delay_ns, 0);
    CHECK_EQ(wf->links[0].config.rate, 0);
    CHECK(wf->links[0].config.faults.loss == 0);
    discard(wf);
}

static void
broken_yaml(void)
{
    refused("", "w.yaml:1: the file says nothing");
    refused("# nothing\n", "w.yaml:1: the file says nothing");
    refused(
        "name: w\nhosts: [\n", "w.yaml:3: did not find expected node content");
    refused("name: w\n\tseed: 1\n",
        "w.yaml:2: found a tab character that violates indentation");
    refused("name: w\nseed: \xff\n", "w.yaml:2: invalid leading UTF-8 octet");
    refused("- a\n", "w.yaml:1: a world is a map: `name: value` lines");
    refused("name: *x\n", "w.yaml:1: found undefined alias");
}

static void
unknown_keys(void)
{
    refused("name: w\nsed: 1\n",
        "w.yaml:2: a world has no key `sed`; did you mean `seed`?");
    refused("name: w\nzebra: 1\n", "w.yaml:2: a world has no key `zebra`");
    refused("name: w\nhosts:\n  a:\n    interfcaes: {}\n",
        "w.yaml:4: a host has no key `interfcaes`; did you mean "
        "`interfaces`?");
    refused(TWO_HOSTS "links:\n  l:\n    dealy: 1ms\n",
        "w.yaml:7: a link has no key `dealy`; did you mean `delay`?");
    refused("name: w\nname: v\n", "w.yaml:2: a world has name twice");
}

static void
world_values(void)
{
    refused("seed: 1\n", "w.yaml:1: the world has no `name`");
    refused("name: w\n", "w.yaml:1: the world has no `hosts`");
    refused("name: w\nseed: -1\n",
        "w.yaml:2: `seed` `-1` is not a whole number from 0 on");
    refused("name: w\nseed: 18446744073709551616\n",
        "w.yaml:2: `seed` `18446744073709551616` is not a whole number from "
        "0 on");
    refused("name: w\nepoch: 2026-02-29\n",
        "w.yaml:2: `epoch` `2026-02-29` is not a date like 2026-01-01 or "
        "2026-01-01 12:00:00");
    refused("name: a b\n",
        "w.yaml:1: `a b` is not a name: at most 31 letters, digits, `-`, `_` "
        "and `.`");
    refused("name: [w]\n", "w.yaml:1: `name` is a single word or text");
}

/* A computer without its folder, or with a file in its place. */
static void
folders(void)
{
    char message[200];

    snprintf(message, sizeof message, "w.yaml:3: host c: no folder %s/c", dir);
    refused("name: w\nhosts:\n  c: {}\n", message);
    refused("name: w\nhosts:\n  a: {folder: /etc/passwd}\n",
        "w.yaml:3: folder /etc/passwd: not a folder");
}

static void
host_addresses(void)
{
#define ONE_CARD(addr) "name: w\nhosts:\n  a: {interfaces: {eth0: " addr "}}\n"
    refused(ONE_CARD("10.0.0.1"), "w.yaml:3: `10.0.0.1` is not an address "
                                  "with its prefix: 10.0.1.2/24");
    refused(ONE_CARD("10.0.0.1/33"), "w.yaml:3: `10.0.0.1/33` is not an "
                                     "address with its prefix: 10.0.1.2/24");
    refused(ONE_CARD("10.0.0/8"), "w.yaml:3: `10.0.0/8` is not an address "
                                  "with its prefix: 10.0.1.2/24");
    refused(ONE_CARD("10.0.0.0/24"), "w.yaml:3: 10.0.0.0/24 is not the "
                                     "address of one computer in its network");
    refused(ONE_CARD("10.0.0.255/24"),
        "w.yaml:3: 10.0.0.255/24 is not the address of one computer in its "
        "network");
    refused(ONE_CARD("224.0.0.1/24"),
        "w.yaml:3: 224.0.0.1/24 is not the address of one computer in its "
        "network");
    refused("name: w\nhosts:\n"
            "  a: {interfaces: {eth0: 10.0.0.1/24}}\n"
            "  b: {interfaces: {eth0: 10.0.0.1/24}}\n",
        "w.yaml:4: 10.0.0.1/24 is taken by a");
    refused("name: w\nhosts:\n  a: {interfaces: {lo: 10.0.0.1/24}}\n",
        "w.yaml:3: every host has `lo` already, with 127.0.0.1/8");
    refused("name: w\nhosts:\n"
            "  a: {interfaces: {eth0: 10.0.0.1/24}, gateway: 10.0.1.1}\n",
        "w.yaml:3: host a: gateway 10.0.1.1 is in none of its networks");
    refused("name: w\nhosts:\n  a: {forward: maybe}\n",
        "w.yaml:3: `forward` is yes or no, not `maybe`");
    refused("name: w\nhosts:\n"
            "  a: {interfaces: {eth0: 10.0.0.1/24},\n"
            "      routes: {10.1.2.3/16: 10.0.0.2}}\n",
        "w.yaml:4: `10.1.2.3/16` is an address, not a network: bits stand "
        "after the prefix");
}

static void
link_values(void)
{
    refused(TWO_HOSTS "links:\n  l: {ends: [a:eth0]}\n",
        "w.yaml:6: link l: `ends: [host:interface, ...]` is two");
    refused(TWO_HOSTS "links:\n  l: {ends: [a:eth0, c:eth0]}\n",
        "w.yaml:6: there is no host `c`");
    refused(TWO_HOSTS "links:\n  l: {ends: [a:eth1, b:eth0]}\n",
        "w.yaml:6: host a has no interface `eth1`");
    refused(TWO_HOSTS "links:\n  l: {ends: [a, b:eth0]}\n",
        "w.yaml:6: `a` is not an end of a link: host:interface");
    refused(TWO_HOSTS "links:\n  l: {ends: [a:eth0, a:eth0]}\n",
        "w.yaml:6: a:eth0 has a link already; a card takes one");
    refused(TWO_HOSTS "links:\n  l: {delay: 5}\n",
        "w.yaml:6: `delay` `5`: write a number and one of us, ms, s");
    refused(TWO_HOSTS "links:\n  l: {delay: -1ms}\n",
        "w.yaml:6: `delay` `-1ms`: write a number and one of us, ms, s");
    refused(TWO_HOSTS "links:\n  l: {delay: 2000000s}\n",
        "w.yaml:6: `delay` `2000000s` is too large");
    refused(TWO_HOSTS "links:\n  l: {rate: 10Mbit}\n",
        "w.yaml:6: `rate` `10Mbit`: write a number and one of kbit/s, "
        "Mbit/s, Gbit/s");
    refused(TWO_HOSTS "links:\n  l: {loss: 1.5}\n",
        "w.yaml:6: `loss` `1.5` is a chance: 0 to 1, or 0% to 100%");
    refused(TWO_HOSTS "links:\n  l: {loss: nan}\n",
        "w.yaml:6: `loss` `nan` is a chance: 0 to 1, or 0% to 100%");
    refused(TWO_HOSTS "links:\n  l: {queue: 0}\n",
        "w.yaml:6: `queue` is 1 to 100000 frames");
}

/* A file that is not there, and a world cut short at every byte. */
static void
files(void)
{
    struct worldfile *wf = calloc(1, sizeof *wf);
    struct fault fault = {{0}};

    CHECK(worldfile_read(wf, "/nowhere", &fault) < 0);
    CHECK_TEXT(fault.text, "/nowhere/world.yaml: No such file or directory");
    worldfile_free(wf);

    const char text[] = TWO_HOSTS "links:\n"
                                  "  l: {ends: [a:eth0, b:eth0], delay: 1ms}\n";
    for (size_t n = 0; n < sizeof text; n++) {
        char *copy = malloc(n + 1); /* so that a byte too far is noticed */

        memcpy(copy, text, n);
        worldfile_parse(wf, copy, n, "w.yaml", dir, &fault);
        worldfile_free(wf);
        free(copy);
    }
    free(wf);
}

/* The world that comes with layerwalk is one. */
static void
shop(void)
{
    struct worldfile *wf = calloc(1, sizeof *wf);
    struct fault fault = {{0}};

    CHECK_EQ(worldfile_read(wf, "lessons/worlds/shop", &fault), 0);
    CHECK_TEXT(fault.text, "");
    CHECK_EQ(wf->nhosts, 3);
    CHECK_EQ(wf->nlinks, 2);
    CHECK(worldfile_running(wf, "browser") != NULL);
    discard(wf);
}

static void
nearest_word(void)
{
    static const char *const words[] = {"demo", "run", "play", "help"};

    CHECK_TEXT(nearest("dmeo", words, 4, sizeof words[0]), "demo");
    CHECK_TEXT(nearest("pla", words, 4, sizeof words[0]), "play");
    CHECK_TEXT(nearest("runn", words, 4, sizeof words[0]), "run");
    CHECK(nearest("", words, 4, sizeof words[0]) == NULL);
    CHECK(nearest("zzzz", words, 4, sizeof words[0]) == NULL);
    CHECK(nearest("a word that is far longer than any of the names", words, 4,
              sizeof words[0]) == NULL);
}

static CU_TestInfo cases[] = {TEST(whole_world), TEST(defaults),
    TEST(broken_yaml), TEST(unknown_keys), TEST(world_values), TEST(folders),
    TEST(host_addresses), TEST(link_values), TEST(files), TEST(shop),
    TEST(nearest_word), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_worldfile = {.pName = "worldfile",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
