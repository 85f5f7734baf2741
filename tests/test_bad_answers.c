/*
 * test_bad_answers.c: well-formed lies. A resolver that waits for the address
 * of x.test hears answers to other questions, from other ports and addresses,
 * with records that nobody asked for, aliases without end, and whatever a
 * TCP stream can do: it believes none, never hangs, and says why.
 */
#include "check.h"
#include "dns_peer.h"
#include "dns_sample.h"

#include <netdb.h>
#include <string.h>

static struct {
    uint16_t id; /* is changed by this */
    struct dns_question question;
    uint8_t flags;
    unsigned times;
    const char *addr; /* from there */
    uint16_t port;
    bool good_follows;
} lie;

static uint8_t buf[65535];

static void
say_good(struct dns_talk *t)
{
    dns_say(t, buf, dns_good(t, buf, sizeof buf));
}

/* The lie, so many times, and then perhaps the truth. */
static void
say_lie(struct dns_talk *t)
{
    struct dns_writer w;
    char name[DNS_NAME_TEXT];

    dns_begin(&w, buf, sizeof buf,
        &(struct dns_header){
            .id = (uint16_t)(dns_peer.seen[t->n].header.id ^ lie.id),
            .qr = true,
            .rd = true,
            .ra = true});
    CHECK_EQ(dns_put_question(&w, &lie.question), 0);
    dns_add_a(&w, dns_name_text(&lie.question.name, name), "66.66.66.66");
    size_t len = dns_end(&w);

    buf[2] ^= lie.flags;
    for (unsigned i = 0; i < lie.times; i++) {
        if (lie.addr || lie.port)
            dns_say_from(t, lie.addr ? lie.addr : "10.0.0.2",
                lie.port ? lie.port : 53, buf, len);
        else
            dns_say(t, buf, len);
    }
    if (lie.good_follows)
        say_good(t);
}

static void
setup(void)
{
    dns_peer_open();
    memset(&lie, 0, sizeof lie);
    lie.question = (struct dns_question){
        dns_sample_name("x.test"), DNS_A, DNS_CLASS_IN, 0};
    lie.times = 1;
    lie.good_follows = true;
    dns_peer.answer = say_lie;
}

static void
truth_is_found(void)
{
    CHECK_EQ(dns_resolve("x.test"), 0);
    CHECK_EQ(dns_peer.out.n, 1);
    CHECK_EQ(dns_peer.out.addrs[0].v, net_ip("10.0.0.9").v);
}

static void
refused_as(const char *why)
{
    unsigned before = dns_told(EV_DNS_REFUSED, why);

    truth_is_found();
    CHECK_EQ(dns_told(EV_DNS_REFUSED, why), before + 1);
}

/* Without the lie being one, it would be believed: the tests can fail. */
static void
bad_44_the_lie_itself_is_well_made(void)
{
    CHECK_EQ(dns_resolve("X.test"), 0);
    CHECK_EQ(dns_peer.out.addrs[0].v, net_ip("66.66.66.66").v);
}

static void
bad_44_wrong_id(void)
{
    for (unsigned bit = 0; bit < 16; bit++) {
        lie.id = (uint16_t)(1u << bit);
        refused_as("its id is not the question's");
    }
}

static void
bad_44_wrong_question(void)
{
    lie.question.name = dns_sample_name("y.test");
    refused_as("its question is not ours");
    lie.question.name = dns_sample_name("test");
    refused_as("its question is not ours");
    lie.question.name = dns_sample_name("x.test");
    lie.question.type = DNS_AAAA;
    refused_as("its question is not ours");
    lie.question.type = DNS_A;
    lie.question.class = DNS_CLASS_CH;
    refused_as("its question is not ours");
}

static void
bad_44_a_question_as_answer(void)
{
    lie.flags = 0x80;
    refused_as("it is a question itself");
    lie.flags = 0x10;
    refused_as("its opcode is not the question's");
}

/* The socket is connected: UDP itself refuses, and says so with ICMP. */
static void
bad_44_wrong_port_or_address(void)
{
    lie.port = 5353;
    truth_is_found();
    CHECK_EQ(recorder_drops(&dns_peer.net.rec, "UDP_NO_SOCKET"), 1);
    lie.port = 53;
    lie.addr = "10.0.8.2";
    truth_is_found();
    CHECK(recorder_drops(&dns_peer.net.rec, "UDP_NO_SOCKET") >= 2);
    CHECK_EQ(recorder_count(&dns_peer.net.rec, EV_DNS_REFUSED), 0);
    lie.good_follows = false;
    CHECK_EQ(dns_resolve("x.test"), EAI_AGAIN);
    CHECK_EQ(dns_peer.out.n, 0);
}

/* RFC 5452 6: the name of the bank comes along, unasked. */
static void
say_more_than_asked(struct dns_talk *t)
{
    struct dns_record glue = {.name = dns_sample_name("x.test"),
        .type = DNS_A,
        .class = DNS_CLASS_IN,
        .ttl = 60,
        .section = DNS_ADDITIONAL,
        .a = {0x42424242}};
    struct dns_record chaos = glue;
    struct dns_writer w;

    chaos.section = DNS_ANSWER;
    chaos.class = DNS_CLASS_CH;
    chaos.rdata = (struct dns_bytes){(const uint8_t *)"BBBB", 4};
    dns_answer(t, &w, buf, sizeof buf, DNS_NOERROR);
    dns_add_a(&w, "bank.test", "66.66.66.66");
    dns_add_alias(&w, "bank.test", "x.test");
    dns_add_a(&w, "test", "66.66.66.66");
    CHECK_EQ(dns_put_record(&w, &chaos), 0);
    if (lie.good_follows)
        dns_add_a(&w, "x.test", "10.0.0.9");
    CHECK_EQ(dns_put_record(&w, &glue), 0);
    dns_say(t, buf, dns_end(&w));
}

static void
bad_44_records_that_were_not_asked_for(void)
{
    dns_peer.answer = say_more_than_asked;
    truth_is_found();
    CHECK_EQ(dns_told(EV_DNS_REFUSED, "a record that was not asked for"), 4);
    lie.good_follows = false;
    CHECK_EQ(dns_resolve("x.test"), EAI_NODATA);
    CHECK_EQ(dns_peer.out.n, 0);
}

/* A thousand guesses of the id, and no time to hear them all. */
static void
bad_44_a_flood_of_guesses(void)
{
    lie.id = 1;
    lie.times = 99;
    truth_is_found();
    lie.times = 1000;
    lie.good_follows = false;
    CHECK_EQ(dns_resolve("x.test"), EAI_AGAIN);
    CHECK_EQ(
        dns_told(EV_DNS_SILENT, "too many messages that are no answer"), 2);
    CHECK(dns_peer.took_ns < LW_S);
}

/* --- 45 ------------------------------------------------------------------- */

static void
say_circle(struct dns_talk *t)
{
    struct dns_writer w;

    dns_answer(t, &w, buf, sizeof buf, DNS_NOERROR);
    if (lie.times == 1) {
        dns_add_alias(&w, "x.test", "X.test");
    } else if (lie.times == 2) {
        dns_add_alias(&w, "x.test", "y.test");
        dns_add_alias(&w, "y.test", "x.test");
    } else {
        char name[2][8] = {"x.test", ""};

        for (unsigned i = 0; i < lie.times; i++) {
            name[1 - i % 2][0] = (char)('A' + i);
            memcpy(name[1 - i % 2] + 1, ".tes", 5);
            dns_add_alias(&w, name[i % 2], name[1 - i % 2]);
        }
    }
    dns_say(t, buf, dns_end(&w));
}

static void
bad_45_aliases_in_a_circle(void)
{
    dns_peer.answer = say_circle;
    for (lie.times = 1; lie.times <= 2; lie.times++) {
        CHECK_EQ(dns_resolve("x.test"), EAI_FAIL);
        CHECK_EQ(
            dns_told(EV_DNS_ANSWER, "the aliases lead in a circle"), lie.times);
    }
    lie.times = 20;
    CHECK_EQ(dns_resolve("x.test"), EAI_FAIL);
    CHECK_EQ(dns_told(EV_DNS_ANSWER, "the aliases do not end"), 1);
    lie.times = 11; /* that many are followed, to no address */
    CHECK_EQ(dns_resolve("x.test"), EAI_NODATA);
}

static void
say_burst(struct dns_talk *t)
{
    for (unsigned i = 0; i < 50; i++)
        say_good(t);
}

/* The first counts; the others go with the socket that they wait in. */
static void
bad_45_a_burst_of_answers(void)
{
    dns_peer.answer = say_burst;
    truth_is_found();
    truth_is_found();
    CHECK_EQ(recorder_count(&dns_peer.net.rec, EV_DNS_ANSWER), 2);
    CHECK_EQ(recorder_count(&dns_peer.net.rec, EV_DNS_REFUSED), 0);
}

/* Over UDP always TC; over TCP what the test says. */
enum stream {
    STREAM_CLOSE,
    STREAM_ONE_BYTE,
    STREAM_LENGTH_LIES,
    STREAM_SHORT,
    STREAM_ZERO,
    STREAM_WRONG_ID,
    STREAM_TC_AGAIN,
    STREAM_SLOW,
    STREAM_KINDS
};

static enum stream stream;

static void
say_stream(struct dns_talk *t)
{
    size_t len = dns_good(t, buf + 2, sizeof buf - 2);
    uint8_t *head = buf + 2;

    if (!t->tcp || stream == STREAM_TC_AGAIN)
        head[2] |= 2; /* TC */
    if (!t->tcp) {
        dns_say(t, head, len);
        return;
    }
    head[0] ^= stream == STREAM_WRONG_ID;
    buf[0] = (uint8_t)(len >> 8);
    buf[1] = (uint8_t)len;
    if (stream == STREAM_LENGTH_LIES)
        buf[0] = 0xff;
    if (stream == STREAM_SHORT)
        buf[1] = 11;
    if (stream == STREAM_ZERO)
        buf[1] = 0;
    len = stream == STREAM_CLOSE ? 0 : stream == STREAM_ONE_BYTE ? 1 : len + 2;
    for (size_t i = 0; stream == STREAM_SLOW && i < 20; i++) {
        sys_sendto(t->p, t->fd, buf + i, 1, MSG_NOSIGNAL, NULL, 0);
        sys_nanosleep(t->p, &(struct timespec){1, 0});
    }
    if (len && stream != STREAM_SLOW)
        sys_sendto(t->p, t->fd, buf, len, MSG_NOSIGNAL, NULL, 0);
}

static void
bad_45_cut_and_then_lies_over_tcp(void)
{
    static const struct {
        const char *why;
        int err;
    } rows[STREAM_KINDS] = {
        [STREAM_CLOSE] = {"Connection reset by peer", EAI_AGAIN},
        [STREAM_ONE_BYTE] = {"Connection reset by peer", EAI_AGAIN},
        [STREAM_LENGTH_LIES] = {"Connection reset by peer", EAI_AGAIN},
        [STREAM_SHORT] = {"the header of twelve bytes is not whole", EAI_AGAIN},
        [STREAM_ZERO] = {"the header of twelve bytes is not whole", EAI_AGAIN},
        [STREAM_WRONG_ID] = {"its id is not the question's", EAI_AGAIN},
        [STREAM_TC_AGAIN] = {NULL, EAI_FAIL},
        [STREAM_SLOW] = {"Connection timed out", EAI_AGAIN},
    };

    dns_peer.answer = say_stream;
    for (stream = STREAM_CLOSE; stream < STREAM_KINDS; stream++) {
        const char *why = rows[stream].why;
        unsigned before = why ? dns_told(EV_DNS_SILENT, why) : 0;

        CHECK_EQ(dns_resolve("x.test"), rows[stream].err);
        CHECK_EQ(dns_peer.out.n, 0);
        if (why)
            CHECK_EQ(dns_told(EV_DNS_SILENT, why), before + 2);
        CHECK(dns_peer.took_ns < 16 * LW_S);
    }
}

/* It says that more is to be had over TCP, and there says nothing. */
static void
say_cut_and_sleep(struct dns_talk *t)
{
    size_t len = dns_good(t, buf, sizeof buf);

    buf[2] |= 2;
    if (t->tcp)
        sys_nanosleep(t->p, &(struct timespec){60, 0});
    else
        dns_say(t, buf, len);
}

static void
bad_45_cut_and_then_silence(void)
{
    dns_peer.answer = say_cut_and_sleep;
    CHECK_EQ(dns_resolve("x.test"), EAI_AGAIN);
    CHECK_EQ(dns_told(EV_DNS_SILENT, "Connection timed out"), 2);
    CHECK(dns_peer.took_ns >= 15 * LW_S && dns_peer.took_ns < 31 * LW_S);
}

static CU_TestInfo cases[] = {TEST(bad_44_the_lie_itself_is_well_made),
    TEST(bad_44_wrong_id), TEST(bad_44_wrong_question),
    TEST(bad_44_a_question_as_answer), TEST(bad_44_wrong_port_or_address),
    TEST(bad_44_records_that_were_not_asked_for),
    TEST(bad_44_a_flood_of_guesses), TEST(bad_45_aliases_in_a_circle),
    TEST(bad_45_a_burst_of_answers), TEST(bad_45_cut_and_then_lies_over_tcp),
    TEST(bad_45_cut_and_then_silence), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_bad_answers = {.pName = "bad_answers",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = dns_peer_close};
