/*
 * test_resolver.c: does a program find addresses as on any computer: hosts
 * file first, then the servers of resolv.conf, with their order, their
 * patience, the search line, aliases, and TCP when an answer is cut?
 */
#include "check.h"
#include "dns_peer.h"

#include <netdb.h>
#include <string.h>

static uint8_t buf[65535];

static void
say_good(struct dns_talk *t)
{
    dns_say(t, buf, dns_good(t, buf, sizeof buf));
}

static void
a_name_gets_its_address(void)
{
    dns_peer.answer = say_good;
    CHECK_EQ(dns_resolve("Shop.test"), 0);
    CHECK_EQ(dns_peer.out.n, 1);
    CHECK_EQ(dns_peer.out.addrs[0].v, net_ip("10.0.0.9").v);
    CHECK_EQ(dns_peer.nseen, 1);
    CHECK(dns_peer.seen[0].header.rd && !dns_peer.seen[0].header.qr);
    CHECK(!dns_peer.seen[0].edns && !dns_peer.seen[0].tcp);
    CHECK_EQ(dns_peer.seen[0].question.type, DNS_A);
    CHECK(dns_peer.took_ns <= 10 * LW_MS); /* ARP and two ways of 1 ms */
    CHECK_EQ(recorder_count(&dns_peer.net.rec, EV_DNS_RECORD), 1);
    CHECK_EQ(recorder_count(&dns_peer.net.rec, EV_NAME_RESOLVED), 1);
    CHECK_EQ(recorder_count(&dns_peer.net.rec, EV_DNS_REFUSED), 0);
}

/* RFC 5452 9.2: neither ids nor ports repeat or count up. */
static void
ids_and_ports_are_random(void)
{
    unsigned ids = 0, ports = 0, steps = 0;

    dns_peer.answer = say_good;
    for (unsigned i = 0; i < 20; i++)
        CHECK_EQ(dns_resolve("shop.test"), 0);
    REQUIRE(dns_peer.nseen == 20);
    for (unsigned i = 0; i < 20; i++) {
        for (unsigned k = 0; k < i; k++) {
            ids += dns_peer.seen[i].header.id == dns_peer.seen[k].header.id;
            ports += dns_peer.seen[i].port == dns_peer.seen[k].port;
        }
        if (i)
            steps += dns_peer.seen[i].port - dns_peer.seen[i - 1].port == 1;
        CHECK(dns_peer.seen[i].port >= 1024);
    }
    CHECK(ids <= 1 && ports <= 1 && steps <= 1);
}

static void
the_hosts_file_comes_first(void)
{
    dns_peer.hosts = "10.0.0.7 shop.test\n";
    dns_peer.answer = say_good;
    CHECK_EQ(dns_resolve("shop.test"), 0);
    CHECK_EQ(dns_peer.out.addrs[0].v, net_ip("10.0.0.7").v);
    CHECK_EQ(dns_peer.nseen, 0);
    CHECK_EQ(dns_resolve("10.1.2.3"), 0);
    CHECK_EQ(dns_peer.out.addrs[0].v, net_ip("10.1.2.3").v);
    CHECK_EQ(dns_resolve("www.shop.test"), 0);
    CHECK_EQ(dns_peer.nseen, 1);
}

static void
say_unknown(struct dns_talk *t)
{
    struct dns_writer w;

    dns_answer(t, &w, buf, sizeof buf, DNS_NXDOMAIN);
    dns_say(t, buf, dns_end(&w));
}

static void
a_name_that_is_not_there(void)
{
    dns_peer.answer = say_unknown;
    CHECK_EQ(dns_resolve("nobody.test"), EAI_NONAME);
    CHECK_TEXT(dns_peer.out.why, "Name or service not known");
    CHECK_EQ(dns_peer.nseen, 1);
    CHECK_EQ(recorder_count(&dns_peer.net.rec, EV_NAME_UNKNOWN), 1);
    CHECK_EQ(dns_resolve("a..b"), EAI_NONAME); /* not a name at all */
    CHECK_EQ(dns_resolve(""), EAI_NONAME);
    CHECK_EQ(dns_peer.nseen, 1);
}

static void
say_no_address(struct dns_talk *t)
{
    struct dns_writer w;

    dns_answer(t, &w, buf, sizeof buf, DNS_NOERROR);
    dns_say(t, buf, dns_end(&w));
}

static void
a_name_without_an_address(void)
{
    dns_peer.answer = say_no_address;
    CHECK_EQ(dns_resolve("mail.test"), EAI_NODATA);
    CHECK_TEXT(dns_peer.out.why, "No address associated with hostname");
}

/* Aliases in an order that nobody promised; then all addresses. */
static void
say_aliases(struct dns_talk *t)
{
    struct dns_writer w;

    dns_answer(t, &w, buf, sizeof buf, DNS_NOERROR);
    dns_add_a(&w, "c.test", "10.0.0.20");
    dns_add_alias(&w, "B.test", "c.test");
    dns_add_alias(&w, "a.test", "b.TEST");
    dns_add_a(&w, "C.test", "10.0.0.21");
    dns_say(t, buf, dns_end(&w));
}

static void
aliases_are_followed(void)
{
    dns_peer.answer = say_aliases;
    CHECK_EQ(dns_resolve("a.test"), 0);
    CHECK_EQ(dns_peer.out.n, 2);
    CHECK_EQ(dns_peer.out.addrs[0].v, net_ip("10.0.0.20").v);
    CHECK_EQ(dns_peer.out.addrs[1].v, net_ip("10.0.0.21").v);
    CHECK_EQ(recorder_count(&dns_peer.net.rec, EV_DNS_RECORD), 4);
}

/* Many addresses over TCP: the datagram says that it was cut. */
static void
say_many(struct dns_talk *t)
{
    struct dns_writer w;

    dns_answer(t, &w, buf, sizeof buf, DNS_NOERROR);
    w.header.tc = !t->tcp;
    for (unsigned i = 0; t->tcp && i < 200; i++)
        dns_add_a(&w, "shop.test", "10.0.0.9");
    dns_say(t, buf, dns_end(&w));
}

static void
a_cut_answer_is_asked_for_over_tcp(void)
{
    dns_peer.answer = say_many;
    CHECK_EQ(dns_resolve("shop.test"), 0);
    CHECK_EQ(dns_peer.nseen, 2);
    CHECK(!dns_peer.seen[0].tcp && dns_peer.seen[1].tcp);
    CHECK_EQ(dns_peer.out.n, RESOLVE_ADDRS);
}

static void
options_choose_tcp_and_edns(void)
{
    dns_peer.resolv = "nameserver 10.0.0.2\noptions use-vc edns0\n";
    dns_peer.answer = say_good;
    CHECK_EQ(dns_resolve("shop.test"), 0);
    REQUIRE(dns_peer.nseen == 1);
    CHECK(dns_peer.seen[0].tcp && dns_peer.seen[0].edns);
}

/* RFC 6891 7: a server that does not know OPT. */
static void
say_format_error(struct dns_talk *t)
{
    struct dns_writer w;

    if (!dns_peer.seen[t->n].edns) {
        say_good(t);
        return;
    }
    dns_answer(t, &w, buf, sizeof buf, DNS_FORMERR);
    dns_say(t, buf, dns_end(&w));
}

static void
an_old_server_is_asked_without_edns(void)
{
    dns_peer.resolv = "nameserver 10.0.0.2\noptions edns0\n";
    dns_peer.answer = say_format_error;
    CHECK_EQ(dns_resolve("shop.test"), 0);
    CHECK_EQ(dns_peer.nseen, 2);
    CHECK(dns_peer.seen[0].edns && !dns_peer.seen[1].edns);
}

/* resolver(3): 5 s, and then 10 s; both servers in each round. */
static void
silence_ends_with_try_again(void)
{
    CHECK_EQ(dns_resolve("shop.test"), EAI_AGAIN);
    CHECK_TEXT(dns_peer.out.why, "Temporary failure in name resolution");
    CHECK_EQ(dns_peer.nseen, 2);
    CHECK(dns_peer.took_ns >= 15 * LW_S && dns_peer.took_ns <= 16 * LW_S);
    CHECK(
        (dns_peer.seen[1].at_ns - dns_peer.seen[0].at_ns + 5 * LW_MS) / LW_S ==
        5); /* ARP came before the first one alone */
    CHECK_EQ(dns_told(EV_DNS_SILENT, "the time is up"), 2);
    dns_peer.nseen = 0;
    dns_peer.resolv = "nameserver 10.0.0.2\nnameserver 10.0.9.2\n"
                      "options timeout:2 attempts:3\n";
    host_add_route(dns_peer.net.a, net_ip("10.0.9.0"), 24, net_ip("10.0.0.2"));
    CHECK_EQ(dns_resolve("shop.test"), EAI_AGAIN);
    CHECK_EQ(dns_peer.nseen, 6); /* 2 2, 4/2 4/2, 8/2 8/2 */
    CHECK(dns_peer.took_ns >= 16 * LW_S && dns_peer.took_ns <= 17 * LW_S);
}

static void
say_the_second_time(struct dns_talk *t)
{
    if (t->n > 0)
        say_good(t);
}

static void
a_lost_question_is_asked_again(void)
{
    dns_peer.answer = say_the_second_time;
    CHECK_EQ(dns_resolve("shop.test"), 0);
    CHECK_EQ(dns_peer.nseen, 2);
    CHECK(dns_peer.seen[0].header.id != dns_peer.seen[1].header.id);
}

/* No server at all: ICMP says so, and nobody waits. */
static void
a_closed_port_is_noticed_at_once(void)
{
    dns_peer.no_server = true;
    CHECK_EQ(dns_resolve("shop.test"), EAI_AGAIN);
    CHECK(dns_peer.took_ns < LW_S);
    CHECK_EQ(dns_told(EV_DNS_SILENT, "Connection refused"), 2);
    dns_peer.resolv = NULL; /* then it is this computer that is asked */
    CHECK_EQ(dns_resolve("shop.test"), EAI_AGAIN);
    CHECK_EQ(dns_told(EV_DNS_SILENT, "Connection refused"), 4);
    dns_peer.resolv = "nameserver 10.7.7.7\n"; /* and where no way leads */
    CHECK_EQ(dns_resolve("shop.test"), EAI_AGAIN);
    CHECK_EQ(dns_told(EV_DNS_SILENT, "Network is unreachable"), 2);
}

static void
say_failure(struct dns_talk *t)
{
    struct dns_writer w;

    if (t->n) {
        say_good(t);
        return;
    }
    dns_answer(t, &w, buf, sizeof buf, DNS_SERVFAIL);
    dns_say(t, buf, dns_end(&w));
}

static void
after_a_failed_server_the_next_is_asked(void)
{
    dns_peer.resolv = "nameserver 10.0.0.2\nnameserver 10.0.9.2\n";
    host_add_route(dns_peer.net.a, net_ip("10.0.9.0"), 24, net_ip("10.0.0.2"));
    dns_peer.answer = say_failure;
    CHECK_EQ(dns_resolve("shop.test"), 0);
    CHECK_EQ(dns_peer.nseen, 2);
    CHECK(dns_peer.took_ns < LW_S);
}

/* Only names below lan.test are known. */
static void
say_lan(struct dns_talk *t)
{
    char name[DNS_NAME_TEXT];
    const struct dns_question *q = &dns_peer.seen[t->n].question;

    if (strstr(dns_name_text(&q->name, name), ".lan.test"))
        say_good(t);
    else
        say_unknown(t);
}

static const char *
asked(unsigned i)
{
    static char name[DNS_NAME_TEXT];

    return i < dns_peer.nseen
               ? dns_name_text(&dns_peer.seen[i].question.name, name)
               : "(not asked)";
}

static void
short_names_are_searched(void)
{
    dns_peer.resolv = "search other lan.test\nnameserver 10.0.0.2\n";
    dns_peer.answer = say_lan;
    CHECK_EQ(dns_resolve("shop"), 0);
    CHECK_TEXT(asked(0), "shop.other");
    CHECK_TEXT(asked(1), "shop.lan.test");
    CHECK_EQ(dns_peer.nseen, 2);
    CHECK_EQ(dns_resolve("a.shop"), 0); /* has a dot: first as it is */
    CHECK_TEXT(asked(2), "a.shop");
    CHECK_TEXT(asked(4), "a.shop.lan.test");
    CHECK_EQ(dns_resolve("shop."), EAI_NONAME); /* whole: no search */
    CHECK_TEXT(asked(5), "shop");
    CHECK_EQ(dns_peer.nseen, 6);
}

static CU_TestInfo cases[] = {TEST(a_name_gets_its_address),
    TEST(ids_and_ports_are_random), TEST(the_hosts_file_comes_first),
    TEST(a_name_that_is_not_there), TEST(a_name_without_an_address),
    TEST(aliases_are_followed), TEST(a_cut_answer_is_asked_for_over_tcp),
    TEST(options_choose_tcp_and_edns),
    TEST(an_old_server_is_asked_without_edns),
    TEST(silence_ends_with_try_again), TEST(a_lost_question_is_asked_again),
    TEST(a_closed_port_is_noticed_at_once),
    TEST(after_a_failed_server_the_next_is_asked),
    TEST(short_names_are_searched), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_resolver = {.pName = "resolver",
    .pTests = cases,
    .pSetUpFunc = dns_peer_open,
    .pTearDownFunc = dns_peer_close};
