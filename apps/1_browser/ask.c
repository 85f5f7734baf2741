/*
 * ask.c: the exchange itself. Nothing that comes can make it wait longer
 * than its deadline, and no stream of nonsense can keep it busy: after
 * ASK_IGNORED_MAX messages that are no answer it gives up.
 */
#include "ask.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define DNS_PORT 53

/* One try, from the question to its end. */
struct attempt {
    struct ask *a;
    struct env *env;
    int fd, epoll;
    int64_t deadline; /* ns on the monotonic clock */
    uint16_t id;
    uint8_t query[2 + 512]; /* with the length that TCP wants in front */
    size_t len;             /* of the message */
    char server[16];        /* for the journal */
};

static int64_t
now_ns(struct proc *p)
{
    struct timespec now;

    sys_clock_gettime(p, CLOCK_MONOTONIC, &now);
    return now.tv_sec * LW_S + now.tv_nsec;
}

static enum reply_kind
silent(struct attempt *t, const char *why)
{
    NOTE(t->env, EV_DNS_SILENT, RULE_DNS_RETRY, f_text("server", t->server),
        f_text("why", why));
    t->a->reply.why = why;
    return REPLY_SILENT;
}

static enum reply_kind
failed(struct attempt *t, int err)
{
    return silent(t, strerror(-err));
}

/* RFC 1035 4.1: one question, recursion desired; RFC 6891 6.1.1 for OPT. */
static int
build_query(struct attempt *t)
{
    const struct ask *a = t->a;
    struct dns_record opt = {.type = DNS_OPT,
        .class = ASK_EDNS,
        .section = DNS_ADDITIONAL,
        .name = {1, {0}}};
    struct dns_writer w;
    uint8_t id[2];
    ssize_t n = sys_getrandom(a->p, id, sizeof id, 0);

    if (n != sizeof id)
        return n < 0 ? (int)n : -EIO;
    t->id = (uint16_t)(id[0] << 8 | id[1]);
    dns_begin(&w, t->query + 2, sizeof t->query - 2,
        &(struct dns_header){.id = t->id, .rd = true});
    int err = dns_put_question(&w, &a->question);
    if (!err && a->edns)
        err = dns_put_record(&w, &opt);
    t->len = dns_end(&w);
    t->query[0] = (uint8_t)(t->len >> 8);
    t->query[1] = (uint8_t)t->len;
    return err;
}

static void
note_query(struct attempt *t, const char *transport)
{
    const struct dns_question *q = &t->a->question;
    char name[DNS_NAME_TEXT];

    journal_enter(t->env->journal,
        NOTE(t->env, EV_DNS_QUERY, RULE_DNS_RANDOM, f_text("server", t->server),
            f_text("name", dns_name_text(&q->name, name)),
            f_text("type", dns_type_text(q->type)), f_u64("id", t->id),
            f_text("transport", transport), f_u64("len", t->len)));
}

static void
note_ignored(struct attempt *t, size_t len)
{
    const struct reply *r = &t->a->reply;

    NOTE(t->env, EV_DNS_REFUSED, RULE_DNS_MATCH, f_text("server", t->server),
        f_text("why", r->why), f_u64("at", r->at), f_u64("len", len));
}

static void
note_answer(struct attempt *t, size_t len)
{
    const struct ask *a = t->a;
    const struct reply *r = &a->reply;
    const char *rcode = dns_rcode_text(r->header.rcode);
    char name[DNS_NAME_TEXT];

    journal_enter(t->env->journal,
        NOTE(t->env, EV_DNS_ANSWER, RULE_DNS_RCODE, f_text("server", t->server),
            f_text("name", dns_name_text(&a->question.name, name)),
            f_text("type", dns_type_text(a->question.type)),
            f_text("rcode", rcode ? rcode : "another code"),
            f_u64("records", r->header.count[DNS_ANSWER]),
            f_u64("id", r->header.id), f_u64("tc", r->header.tc),
            f_text("why", r->why ? r->why : ""), f_u64("len", len)));
}

/* The records of an answer that was taken, and those that were not. */
static void
note_records(struct attempt *t, const uint8_t *message, size_t len)
{
    char name[DNS_NAME_TEXT], data[DNS_NAME_TEXT], type[16];
    struct dns_reader r;
    struct dns_record rr;

    if (!journal_wants(t->env->journal, EV_DNS_RECORD))
        return;
    dns_open(&r, message, len);
    while (dns_record(&r, &rr) == 1 && rr.section == DNS_ANSWER) {
        const char *known = dns_type_text(rr.type);

        if (!known)
            snprintf(type, sizeof type, "TYPE%u", rr.type);
        dns_name_text(&rr.name, name);
        dns_data_text(&rr, data, sizeof data);
        if (reply_counts(&t->a->reply, &rr))
            NOTE(t->env, EV_DNS_RECORD, RULE_DNS_CHAIN, f_text("name", name),
                f_text("type", known ? known : type), f_text("data", data),
                f_u64("ttl", dns_ttl(&rr)));
        else
            NOTE(t->env, EV_DNS_REFUSED, RULE_DNS_OUTSIDE,
                f_text("server", t->server),
                f_text("why", "a record that was not asked for"),
                f_u64("at", rr.at), f_u64("len", len), f_text("name", name),
                f_text("type", known ? known : type), f_text("data", data));
    }
}

/* What has come, judged and told. */
static enum reply_kind
judge(struct attempt *t, const uint8_t *message, size_t len)
{
    struct ask *a = t->a;
    enum reply_kind kind =
        reply_read(message, len, t->id, &a->question, &a->reply);

    if (kind == REPLY_IGNORED) {
        note_ignored(t, len);
        return kind;
    }
    note_answer(t, len);
    if (kind == REPLY_FOUND)
        note_records(t, message, len);
    return kind;
}

/* Opens a socket to the server and something to wait with. 0, or errno. */
static int
begin(struct attempt *t, int type)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    struct writer w = writer_of(&to.sin_port, 2);
    struct epoll_event e = {.events = EPOLLIN};
    struct proc *p = t->a->p;
    int err;

    put_be16(&w, DNS_PORT);
    w = writer_of(&to.sin_addr, 4);
    put_ipv4(&w, t->a->server);
    t->deadline = now_ns(p) + t->a->timeout * LW_S;
    t->epoll = -1;
    t->fd = sys_socket(p, AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (t->fd < 0)
        return t->fd;
    err = sys_connect(p, t->fd, (struct sockaddr *)&to, sizeof to);
    if (err < 0 && err != -EINPROGRESS)
        return err;
    t->epoll = sys_epoll_create1(p, EPOLL_CLOEXEC);
    if (t->epoll < 0)
        return t->epoll;
    if (err == -EINPROGRESS)
        e.events = EPOLLOUT;
    return sys_epoll_ctl(p, t->epoll, EPOLL_CTL_ADD, t->fd, &e);
}

static void
end(struct attempt *t)
{
    if (t->epoll >= 0)
        sys_close(t->a->p, t->epoll);
    if (t->fd >= 0)
        sys_close(t->a->p, t->fd);
}

/* 1: something is there; 0: the time is up; or a negative errno. */
static int
wait_until(struct attempt *t)
{
    int64_t left = t->deadline - now_ns(t->a->p);
    struct epoll_event e;

    if (left <= 0)
        return 0;
    return sys_epoll_wait(
        t->a->p, t->epoll, &e, 1, (int)((left + LW_MS - 1) / LW_MS));
}

static enum reply_kind
listen_udp(struct attempt *t)
{
    struct ask *a = t->a;

    for (unsigned ignored = 0; ignored < ASK_IGNORED_MAX;) {
        ssize_t n = wait_until(t);

        if (n <= 0)
            return n ? failed(t, (int)n) : silent(t, "the time is up");
        n = sys_recvfrom(a->p, t->fd, a->room, ASK_ROOM, 0, NULL, NULL);
        if (n == -EAGAIN)
            continue;
        if (n < 0)
            return failed(t, (int)n);
        enum reply_kind kind = judge(t, a->room, (size_t)n);

        if (kind != REPLY_IGNORED)
            return kind;
        ignored++;
    }
    return silent(t, "too many messages that are no answer");
}

static enum reply_kind
ask_udp(struct attempt *t)
{
    enum reply_kind kind;
    ssize_t n = begin(t, SOCK_DGRAM);

    if (n == 0) {
        note_query(t, "UDP");
        n = sys_sendto(
            t->a->p, t->fd, t->query + 2, t->len, MSG_NOSIGNAL, NULL, 0);
    }
    kind = n < 0 ? failed(t, (int)n) : listen_udp(t);
    end(t);
    return kind;
}

/* The connection stands, or does not; from now on we wait for bytes. */
static int
connected(struct attempt *t)
{
    struct epoll_event e = {.events = EPOLLIN};
    struct proc *p = t->a->p;
    int value = 0, n = wait_until(t);
    socklen_t len = sizeof value;

    if (n <= 0)
        return n ? n : -ETIMEDOUT;
    n = sys_getsockopt(p, t->fd, SOL_SOCKET, SO_ERROR, &value, &len);
    if (n < 0 || value)
        return n < 0 ? n : -value;
    return sys_epoll_ctl(p, t->epoll, EPOLL_CTL_MOD, t->fd, &e);
}

/* RFC 1035 4.2.2: two bytes of length in front. The query is so short that
 * it always goes out at once. */
static int
send_tcp(struct attempt *t)
{
    ssize_t n = connected(t);

    if (n < 0)
        return (int)n;
    note_query(t, "TCP");
    n = sys_sendto(t->a->p, t->fd, t->query, t->len + 2, MSG_NOSIGNAL, NULL, 0);
    if (n >= 0 && (size_t)n < t->len + 2)
        return -EMSGSIZE;
    return n < 0 ? (int)n : 0;
}

/* Reads until `want` bytes are there: their number, or a negative errno. */
static ssize_t
read_tcp(struct attempt *t, size_t have, size_t want)
{
    struct ask *a = t->a;

    while (have < want) {
        ssize_t n = wait_until(t);

        if (n <= 0)
            return n ? n : -ETIMEDOUT;
        n = sys_read(a->p, t->fd, a->room + have, want - have);
        if (n == -EAGAIN)
            continue;
        if (n <= 0)
            return n ? n : -ECONNRESET;
        have += (size_t)n;
    }
    return (ssize_t)have;
}

static enum reply_kind
ask_tcp(struct attempt *t)
{
    struct ask *a = t->a;
    enum reply_kind kind;
    ssize_t n = begin(t, SOCK_STREAM);

    if (n == 0)
        n = send_tcp(t);
    if (n == 0)
        n = read_tcp(t, 0, 2);
    if (n == 2)
        n = read_tcp(t, 2, 2 + (size_t)(a->room[0] << 8 | a->room[1]));
    if (n < 0)
        kind = failed(t, (int)n);
    else
        kind = judge(t, a->room + 2, (size_t)n - 2);
    if (kind == REPLY_IGNORED) /* what follows in the stream is no better */
        kind = silent(t, a->reply.why);
    if (kind == REPLY_TRUNCATED)
        kind = REPLY_FAILED;
    end(t);
    return kind;
}

enum reply_kind
ask_server(struct ask *a)
{
    struct attempt t = {.a = a, .env = sys_env(a->p)};
    enum reply_kind kind = REPLY_TRUNCATED;
    int err;

    a->reply = (struct reply){0};
    ipv4_text(a->server, t.server);
    err = build_query(&t);
    if (err)
        return failed(&t, err);
    if (!a->tcp)
        kind = ask_udp(&t);
    return kind == REPLY_TRUNCATED ? ask_tcp(&t) : kind;
}
