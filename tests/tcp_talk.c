/*
 * tcp_talk.c: two programs that talk over TCP. A call may tell the program at
 * once that something has changed, and that may be the end: each asks again
 * whether it still has its connection.
 */
#include "tcp_talk.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define CHUNK_MOST 65536
#define PORT       80

static uint8_t
pattern(uint32_t at)
{
    return (uint8_t)(at * 31 + (at >> 8) + (at >> 16));
}

static void
read_all(struct talker *k)
{
    static uint8_t buf[CHUNK_MOST];
    int64_t n = -EAGAIN;

    while (k->c && (n = tcp_recv(k->c, buf, k->talk->chunk, false)) > 0)
        for (int64_t i = 0; i < n; i++)
            k->wrong = k->wrong || buf[i] != pattern(k->read++);
    if (n == 0)
        k->saw_end = true;
    else if (n != -EAGAIN)
        k->error = (int)-n;
}

static void
write_all(struct talker *k)
{
    static uint8_t buf[CHUNK_MOST];

    while (k->c && k->sent < k->to_send) {
        size_t len = k->to_send - k->sent;
        struct iovec iov = {buf, len};
        int64_t n;

        if (iov.iov_len > k->talk->chunk)
            iov.iov_len = k->talk->chunk;
        for (size_t i = 0; i < iov.iov_len; i++)
            buf[i] = pattern(k->sent + (uint32_t)i);
        n = tcp_send(k->c, &iov, 1, false);
        if (n < 0) {
            k->error = n == -EAGAIN ? k->error : (int)-n;
            return;
        }
        k->sent += (uint32_t)n;
    }
}

static void
let_go(struct talker *k)
{
    struct tcp_conn *c = k->c;

    k->c = NULL;
    tcp_close(c);
}

static void
client_runs(void *owner)
{
    struct talker *k = owner;

    if (!k->c || k->deaf)
        return;
    write_all(k);
    if (k->c && k->sent == k->to_send && !k->shut && tcp_synchronized(k->c)) {
        k->shut = true;
        tcp_shutdown(k->c);
    }
    read_all(k);
    if (k->c && (k->saw_end || k->error))
        let_go(k);
}

static void
server_runs(void *owner)
{
    struct talker *k = owner;

    if (!k->c || k->deaf)
        return;
    if (!k->saw_end)
        read_all(k);
    if (k->saw_end)
        write_all(k);
    if (k->c && (k->error || (k->saw_end && k->sent == k->to_send)))
        let_go(k);
}

static void
somebody_calls(void *owner)
{
    struct talk *t = owner;
    struct tcp_conn *c = tcp_accept(t->listener);

    if (!c)
        return;
    assert(!t->server.c);
    t->server.c = c;
    tcp_set_owner(c, t->server.runs, &t->server);
    t->server.runs(&t->server);
}

static void
begin(struct talk *t, const struct talk_plan *plan)
{
    *t = (struct talk){.chunk = CHUNK_MOST};
    t->client =
        (struct talker){.talk = t, .to_send = plan->up, .to_read = plan->down};
    t->server =
        (struct talker){.talk = t, .to_send = plan->down, .to_read = plan->up};
    t->client.runs = plan->server_end ? server_runs : client_runs;
    t->server.runs =
        plan->both_end || plan->server_end ? client_runs : server_runs;
}

/* Whom it calls may be itself. */
static void
one_calls(
    struct talk *t, struct tcp_host *a, struct tcp_host *b, struct ipv4 to)
{
    struct tcp_end local = {{0}, PORT}, remote = {to, PORT}, any = {{0}, 0};
    int err;

    err = tcp_listen(b->tcp, local, 5, true, somebody_calls, t, &t->listener);
    assert(err == 0);
    err = tcp_connect(
        a->tcp, any, remote, t->client.runs, &t->client, &t->client.c);
    assert(err == 0);
    (void)err;
}

static void
both_call(struct talk *t, struct tcp_host *a, struct tcp_host *b)
{
    struct tcp_end x = {TCP_HOST_A, 5000}, y = {TCP_HOST_B, 6000};
    int err;

    err = tcp_connect(a->tcp, x, y, t->client.runs, &t->client, &t->client.c);
    assert(err == 0);
    err = tcp_connect(b->tcp, y, x, t->server.runs, &t->server, &t->server.c);
    assert(err == 0);
    (void)err;
}

void
talk_begin(struct talk *t, struct tcp_host *client, struct tcp_host *server,
    struct ipv4 to, uint32_t up, uint32_t down)
{
    struct talk_plan plan = {.up = up, .down = down};

    begin(t, &plan);
    one_calls(t, client, server, to);
}

static void
hears(void *owner)
{
    struct talk *t = owner;

    t->server.deaf = false;
    t->server.runs(&t->server);
}

void
talk_begin_plan(struct talk *t, struct tcp_host *a, struct tcp_host *b,
    const struct talk_plan *plan)
{
    begin(t, plan);
    if (plan->both_call)
        both_call(t, a, b);
    else
        one_calls(t, a, b, TCP_HOST_B);
    if (!plan->deaf_ns)
        return;
    t->server.deaf = true;
    t->hears = (struct timer){.fire = hears, .owner = t};
    timer_arm_in(b->env.timers, &t->hears, plan->deaf_ns);
}

static bool
good(const struct talker *k)
{
    return k->saw_end && !k->wrong && !k->error && !k->c &&
           k->read == k->to_read && k->sent == k->to_send;
}

bool
talk_good(const struct talk *t)
{
    return good(&t->client) && good(&t->server);
}

void
talk_end(struct talk *t)
{
    if (t->client.c)
        tcp_abort(t->client.c);
    if (t->server.c)
        tcp_abort(t->server.c);
    if (t->listener)
        tcp_unlisten(t->listener);
}
