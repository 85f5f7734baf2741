/*
 * sample.c: the run of sample.h.
 */
#include "sample.h"

#include "bytes.h"
#include "env.h"
#include "story.h"
#include "sum.h"

#include <string.h>

enum {
    LAPTOP = 1,
    ROUTER,
    WEB
};

struct sample {
    struct journal j;
    struct instant now;
    struct env env[4];
    uint64_t pkt;
};

#define SAY(s, host, kind, rule, ...)                                          \
    NOTE(&(s)->env[host], EV_##kind, RULE_##rule, __VA_ARGS__)

static const struct mac macs[4] = {
    {{0}}, {{2, 0, 0, 0, 1, 1}}, {{2, 0, 0, 0, 2, 1}}, {{2, 0, 0, 0, 3, 1}}};

static void
put_ethernet(struct writer *w, struct mac dst, struct mac src, uint16_t type)
{
    put_mac(w, dst);
    put_mac(w, src);
    put_be16(w, type);
}

size_t
sample_segment(uint8_t *buf, size_t size, bool back, uint8_t flags,
    uint32_t seq, uint32_t ack, const char *data)
{
    struct writer w = writer_of(buf, size);
    struct ipv4 a = {0x0a000102}, b = {0x0a000202};
    unsigned header = flags & 2 ? 24 : 20;
    uint32_t len = header + (uint32_t)strlen(data);

    put_ethernet(
        &w, macs[back ? LAPTOP : ROUTER], macs[back ? ROUTER : LAPTOP], 0x0800);
    put_be32(&w, 0x45000000 | (20 + len));
    put_be32(&w, 0x12344000);
    put_be32(&w, 0x40060000);
    put_ipv4(&w, back ? b : a);
    put_ipv4(&w, back ? a : b);
    put_be16(&w, back ? 80 : 33000);
    put_be16(&w, back ? 33000 : 80);
    put_be32(&w, seq);
    put_be32(&w, ack);
    put_be16(&w, (uint16_t)(header << 10 | flags));
    put_be16(&w, 64240);
    put_be32(&w, 0);
    if (flags & 2)
        put_be32(&w, 0x020405b4);
    put_text(&w, data);
    uint16_t sum = sum_fold(sum_add(0, buf + 14, 20));
    buf[24] = (uint8_t)(sum >> 8);
    buf[25] = (uint8_t)sum;
    sum = sum_fold(
        sum_add(sum_pseudo(back ? b : a, back ? a : b, 6, len), buf + 34, len));
    buf[50] = (uint8_t)(sum >> 8);
    buf[51] = (uint8_t)sum;
    return writer_len(&w);
}

static void
note_pkt(struct sample *s, unsigned host, enum event_kind kind, enum rule rule,
    uint32_t off, uint32_t len, const struct field *f, size_t n)
{
    struct note note = {
        kind, rule, "sample", (uint16_t)host, s->pkt, off, len, true};
    uint64_t no = journal_note(&s->j, &note, f, n);

    s->j.cause = no;
}

static void
layer(struct sample *s, unsigned host, bool added, const char *name,
    uint32_t off, uint32_t len)
{
    struct field f[] = {f_text("layer", name)};

    note_pkt(s, host, added ? EV_LAYER_ADDED : EV_LAYER_STRIPPED, RULE_ETHERNET,
        off, len, f, 1);
}

/* A frame crosses a link in 100 us. */
static void
cross(struct sample *s, const char *link, unsigned from, unsigned to,
    const uint8_t *frame, size_t len)
{
    struct field sent[] = {f_text("link", link), f_text("if", "eth0"),
        f_u64("len", len), f_bytes("bytes", frame, len)};

    note_pkt(s, from, EV_FRAME_SENT, RULE_ETHERNET, 144 - 54, (uint32_t)len,
        sent, 4);
    s->now.ns += 100 * LW_US;
    note_pkt(s, to, EV_FRAME_RECEIVED, RULE_ETHERNET, 144 - 54, (uint32_t)len,
        sent, 3);
}

static void
segment(struct sample *s, bool back, uint8_t flags, uint32_t seq, uint32_t ack,
    const char *data)
{
    unsigned from = back ? WEB : LAPTOP, to = back ? LAPTOP : WEB;
    static const char *const names[] = {"F", "S", "", "", ".", ""};
    uint8_t frame[1600];
    size_t len =
        sample_segment(frame, sizeof frame, back, flags, seq, ack, data);
    char text[8] = "";

    for (unsigned i = 0; i < 6; i++)
        if (flags >> i & 1)
            strcat(text, names[i]);
    struct field f[] = {f_u64("conn", 1), f_text("flags", text),
        f_u64("seq", seq), f_u64("ack", ack), f_u64("wnd", 64240),
        f_u64("len", strlen(data))};

    s->pkt = ++s->j.packets;
    note_pkt(s, from, EV_TCP_SEND, RULE_ETHERNET, 144 - 20,
        (uint32_t)(len - 34), f, 6);
    layer(s, from, true, "TCP", 144 - 20, 20);
    layer(s, from, true, "IPv4", 144 - 40, 20);
    layer(s, from, true, "Ethernet", 144 - 54, 14);
    cross(s, back ? "wan" : "lan", from, ROUTER, frame, len);
    layer(s, ROUTER, false, "Ethernet", 144 - 54, 14);
    struct field fwd[] = {f_ip("src", (struct ipv4){0x0a000102}),
        f_ip("dst", (struct ipv4){0x0a000202}), f_u64("ttl", 63)};
    note_pkt(s, ROUTER, EV_IP_FORWARD, RULE_ETHERNET, 144 - 40, 20, fwd, 3);
    layer(s, ROUTER, true, "Ethernet", 144 - 54, 14);
    cross(s, back ? "lan" : "wan", ROUTER, to, frame, len);
    layer(s, to, false, "Ethernet", 144 - 54, 14);
    layer(s, to, false, "IPv4", 144 - 40, 20);
    note_pkt(s, to, EV_TCP_ARRIVE, RULE_ETHERNET, 144 - 20,
        (uint32_t)(len - 34), f, 6);
    layer(s, to, false, "TCP", 144 - 20, 20);
    s->pkt = 0;
}

static void
moved(struct sample *s, unsigned host, const char *from, const char *to)
{
    SAY(s, host, TCP_MOVE, NONE, f_u64("conn", 1), f_text("from", from),
        f_text("to", to));
    SAY(s, host, TCP_VARS, NONE, f_u64("conn", 1), f_u64("una", 1000),
        f_u64("nxt", 1001), f_u64("snd_wnd", 64240), f_u64("rcv_nxt", 5001),
        f_u64("rcv_wnd", 64240), f_u64("cwnd", 14600),
        f_u64("ssthresh", 1 << 30), f_ns("rto", LW_S));
}

static void
begin(struct sample *s)
{
    static const char *const names[] = {"", "laptop", "router", "web"};

    SAY(s, 0, WORLD_BEGIN, WORLD, f_text("world", "sample"), f_u64("seed", 1));
    for (unsigned h = LAPTOP; h <= WEB; h++)
        SAY(s, h, WORLD_HOST, WORLD, f_text("name", names[h]));
    SAY(s, 0, WORLD_CABLE, WIRE, f_text("name", "lan"),
        f_text("a", "laptop eth0"), f_text("b", "router eth0"),
        f_ns("delay", 100 * LW_US), f_u64("rate", 1000000000));
    SAY(s, 0, WORLD_CABLE, WIRE, f_text("name", "wan"),
        f_text("a", "router eth1"), f_text("b", "web eth0"),
        f_ns("delay", 100 * LW_US), f_u64("rate", 1000000000));
    SAY(s, LAPTOP, NETDEV, WORLD, f_text("if", "eth0"),
        f_mac("mac", macs[LAPTOP]), f_ip("ip", (struct ipv4){0x0a000102}),
        f_u64("prefix", 24));
    SAY(s, WEB, NETDEV, WORLD, f_text("if", "eth0"), f_mac("mac", macs[WEB]),
        f_ip("ip", (struct ipv4){0x0a000202}), f_u64("prefix", 24));
    SAY(s, WEB, PROC_START, NONE, f_u64("pid", 2), f_text("name", "nginx"),
        f_u64("ppid", 1));
    SAY(s, WEB, PROC_START, NONE, f_u64("pid", 7), f_text("name", "php-fpm"),
        f_u64("ppid", 1));
    SAY(s, WEB, FPM_WORKER, NONE, f_u64("pid", 7), f_text("pool", "www"),
        f_text("from", "starting"), f_text("to", "idle"));
    SAY(s, LAPTOP, PROC_START, NONE, f_u64("pid", 3), f_text("name", "browser"),
        f_u64("ppid", 1));
}

static void
look_up(struct sample *s)
{
    s->j.pid = 3;
    s->now.ns = LW_MS;
    SAY(s, LAPTOP, URL_PARSED, NONE,
        f_text("url", "http://shop.test/index.php?n=1"),
        f_text("scheme", "http"), f_text("host", "shop.test"),
        f_u64("port", 80), f_text("path", "/index.php"),
        f_text("query", "n=1"));
    SAY(s, LAPTOP, NAME_HOSTS, NONE, f_u64("line", 3),
        f_text("name", "shop.test"), f_ip("ip", (struct ipv4){0x0a000202}));
    SAY(s, LAPTOP, SOCKET_NEW, NONE, f_u64("sock", 1), f_text("type", "tcp"));
    SAY(s, LAPTOP, SYSCALL, NONE, f_text("name", "socket"),
        f_text("args", "AF_INET, SOCK_STREAM, IPPROTO_TCP"),
        f_text("result", "3"));
    SAY(s, LAPTOP, SOCKET_CONNECT, NONE, f_u64("sock", 1),
        f_text("remote", "10.0.2.2:80"));
    SAY(s, LAPTOP, TCP_CONN, NONE, f_u64("conn", 1),
        f_text("local", "10.0.1.2:33000"), f_text("remote", "10.0.2.2:80"),
        f_u64("sock", 1));
    moved(s, LAPTOP, "CLOSED", "SYN-SENT");
    s->j.pid = 0;
}

static void
ask_arp(struct sample *s)
{
    uint8_t frame[42];
    struct writer w = writer_of(frame, sizeof frame);

    SAY(s, LAPTOP, ARP_MOVE, NONE, f_ip("ip", (struct ipv4){0x0a000101}),
        f_text("if", "eth0"), f_text("from", "NONE"),
        f_text("to", "INCOMPLETE"));
    SAY(s, LAPTOP, ARP_ASK, NONE, f_ip("ip", (struct ipv4){0x0a000101}),
        f_ip("from_ip", (struct ipv4){0x0a000102}));
    put_ethernet(&w, MAC_BROADCAST, macs[LAPTOP], 0x0806);
    put_be32(&w, 0x00010800);
    put_be32(&w, 0x06040001);
    put_mac(&w, macs[LAPTOP]);
    put_be32(&w, 0x0a000102);
    put_bytes(&w, (uint8_t[6]){0}, 6);
    put_be32(&w, 0x0a000101);
    s->pkt = ++s->j.packets;
    layer(s, LAPTOP, true, "ARP", 144 - 40, 28);
    cross(s, "lan", LAPTOP, ROUTER, frame, sizeof frame);
    SAY(s, LAPTOP, ARP_MOVE, NONE, f_ip("ip", (struct ipv4){0x0a000101}),
        f_text("if", "eth0"), f_text("from", "INCOMPLETE"),
        f_text("to", "REACHABLE"), f_mac("mac", macs[ROUTER]));
    SAY(s, LAPTOP, ARP_RELEASE, NONE, f_ip("ip", (struct ipv4){0x0a000101}),
        f_u64("held", 1));
    s->pkt = 0;
}

static void
serve(struct sample *s)
{
    s->j.pid = 2;
    SAY(s, WEB, NGINX_REQUEST, NONE, f_u64("conn", 1), f_text("method", "GET"),
        f_text("uri", "/index.php"));
    SAY(s, WEB, NGINX_LOCATION, NONE, f_u64("conn", 1),
        f_text("location", "~ \\.php$"), f_text("uri", "/index.php"));
    SAY(s, WEB, NGINX_UPSTREAM, NONE, f_u64("conn", 1),
        f_text("upstream", "127.0.0.1:9000"), f_text("state", "connecting"));
    s->j.pid = 7;
    SAY(s, WEB, FPM_WORKER, NONE, f_u64("pid", 7), f_text("pool", "www"),
        f_text("from", "idle"), f_text("to", "busy"));
    SAY(s, WEB, FPM_REQUEST, NONE, f_u64("pid", 7), f_text("method", "GET"),
        f_text("script", "/srv/www/index.php"));
    SAY(s, WEB, ZEND_COMPILE, NONE, f_text("file", "/srv/www/index.php"),
        f_text("cache", "miss"), f_text("result", "compiled"));
    SAY(s, WEB, ZEND_OPCODE, NONE, f_text("function", "main"),
        f_u64("index", 0), f_text("op", "ECHO 'Hello'"));
    SAY(s, WEB, ZEND_OPCODE, NONE, f_text("function", "main"),
        f_u64("index", 1), f_text("op", "RETURN 1"));
    SAY(s, WEB, ZEND_EXECUTE, NONE, f_text("file", "/srv/www/index.php"));
    SAY(s, WEB, ZEND_STEP, NONE, f_text("function", "main"), f_u64("index", 0),
        f_text("op", "ECHO 'Hello'"), f_text("vars", ""));
    SAY(s, WEB, ZEND_OUTPUT, NONE, f_u64("len", 5), f_text("data", "Hello"));
    SAY(s, WEB, FPM_DONE, NONE, f_u64("pid", 7), f_u64("status", 200));
    s->j.pid = 2;
    SAY(s, WEB, NGINX_RESPONSE, NONE, f_u64("conn", 1), f_u64("status", 200),
        f_u64("len", 5), f_text("body", "5 bytes"));
    s->j.pid = 0;
}

static void
tell(struct sample *s)
{
    begin(s);
    look_up(s);
    ask_arp(s);
    segment(s, false, 2, 1000, 0, "");
    segment(s, true, 18, 5000, 1001, "");
    moved(s, LAPTOP, "SYN-SENT", "ESTABLISHED");
    segment(s, false, 16, 1001, 5001, "");
    SAY(s, LAPTOP, HTTP_REQUEST_SENT, NONE, f_text("method", "GET"),
        f_text("target", "/index.php?n=1"), f_text("host", "shop.test"));
    segment(s, false, 24, 1001, 5001,
        "GET /index.php?n=1 HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    serve(s);
    segment(s, true, 24, 5001, 1050,
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 5\r\n\r\nHello");
    SAY(s, LAPTOP, HTTP_RESPONSE_READ, NONE, f_u64("status", 200),
        f_text("reason", "OK"));
    SAY(s, LAPTOP, PAGE_LOADED, NONE, f_u64("status", 200), f_u64("len", 5),
        f_text("type", "text/html"));
    moved(s, LAPTOP, "ESTABLISHED", "FIN-WAIT-1");
    segment(s, false, 17, 1050, 5061, "");
    SAY(s, 0, WORLD_END, NONE, f_u64("events", s->j.last));
}

void
sample_tell(
    struct listener *(*make)(void *owner, struct journal *j), void *owner)
{
    struct sample s = {0};
    static const char *const names[] = {"laptop", "router", "web"};

    journal_init(&s.j, &s.now);
    for (unsigned i = 0; i < 4; i++)
        s.env[i] = (struct env){.journal = &s.j, .host = (uint16_t)i};
    for (unsigned i = 0; i < 3; i++)
        journal_host(&s.j, names[i]);
    journal_listen(&s.j, make(owner, &s.j));
    tell(&s);
    journal_close(&s.j);
}

static struct listener *
story_of(void *owner, struct journal *j)
{
    return story_listener(owner, j);
}

struct story *
sample_story(void)
{
    struct story *s = story_new();

    if (s)
        sample_tell(story_of, s);
    return s;
}
