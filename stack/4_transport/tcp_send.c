/*
 * tcp_send.c: what does the program give? The user call SEND (RFC 9293
 * 3.10.2): its bytes, or pages of a file, go into the send buffer, as many
 * as there is room for.
 */
#include "tcp_conn.h"
#include "page.h"

#include <errno.h>

int
tcp_take_error(struct tcp_conn *c)
{
    int error = c->error;

    c->error = 0;
    return -error;
}

/*
 * How many bytes the unsent ones may be joined by. tcp(7), TCP_NOTSENT_LOWAT:
 * none when so many wait; but what has been begun is filled up to a train of
 * full segments, half of the peer's window (tcp_xmit_size_goal in Linux), or
 * a low mark would cut the stream into small packets.
 */
static uint32_t
unsent_room(const struct tcp_conn *c)
{
    uint32_t most = tcp_unsent_most(c), waiting = tcp_waiting(c);
    uint32_t train = c->snd.max_wnd / 2 < 65535 ? c->snd.max_wnd / 2 : 65535;

    if (!most)
        return UINT32_MAX;
    train -= train % c->snd.mss;
    if (train == 0)
        train = c->snd.mss;
    if (waiting % train)
        return train - waiting % train;
    return waiting < most ? train : 0;
}

/* Bytes to be sent: of the program's memory, or of a page. */
struct bytes {
    const uint8_t *data;
    size_t len;
    struct page *page; /* or NULL */
};

/* As many as there is room for; with a bound on what waits, what the windows
 * allow leaves on the way. */
static uint32_t
put(struct tcp_conn *c, const struct bytes *b)
{
    size_t done = 0;

    while (done < b->len) {
        uint32_t len = unsent_room(c), n;
        bool bound = len < b->len - done;

        if (!bound)
            len = (uint32_t)(b->len - done);
        if (b->page)
            n = tcp_ring_put_page(
                c, b->page, (uint32_t)(b->data + done - b->page->data), len);
        else
            n = tcp_ring_put(c, b->data + done, len);
        if (n == 0) {
            c->starved = true;
            break;
        }
        done += n;
        if (bound && !c->tcp->config.in_turns)
            tcp_output(c);
    }
    return (uint32_t)done;
}

static uint32_t
put_all(struct tcp_conn *c, const struct iovec *iov, int iovcnt)
{
    uint32_t taken = 0;

    for (int i = 0; i < iovcnt; i++) {
        struct bytes b = {iov[i].iov_base, iov[i].iov_len, NULL};
        uint32_t n = put(c, &b);

        taken += n;
        if (n < b.len)
            break;
    }
    return taken;
}

/* May the program send now? 0, or what the call returns. */
static int
refusal(struct tcp_conn *c)
{
    if (c->error)
        return tcp_take_error(c);
    switch (c->state) {
    case TCP_SYN_SENT:
    case TCP_SYN_RECEIVED: return -EAGAIN;
    case TCP_ESTABLISHED:
    case TCP_CLOSE_WAIT: return 0;
    default: return c->connected ? -EPIPE : -ENOTCONN;
    }
}

static int64_t
give(struct tcp_conn *c, const struct iovec *iov, int iovcnt, bool more,
    bool urgent)
{
    int err = refusal(c);
    uint32_t taken;
    bool any = false;

    if (err)
        return err;
    for (int i = 0; i < iovcnt; i++)
        any = any || iov[i].iov_len > 0;
    if (!any)
        return 0;
    tcp_enter(c);
    taken = put_all(c, iov, iovcnt);
    c->more = c->no_push = more;
    if (taken > 0 && urgent)
        tcp_urgent_send(c);
    tcp_leave(c);
    return taken ? (int64_t)taken : -EAGAIN;
}

int64_t
tcp_send_page(struct tcp_conn *c, struct page *page, uint32_t from,
    uint32_t len, bool more)
{
    struct bytes b = {page->data + from, len, page};
    int err = refusal(c);
    uint32_t taken;

    if (err)
        return err;
    tcp_enter(c);
    taken = put(c, &b);
    c->more = c->no_push = more;
    tcp_leave(c);
    return taken ? (int64_t)taken : -EAGAIN;
}

int64_t
tcp_send(struct tcp_conn *c, const struct iovec *iov, int iovcnt, bool more)
{
    return give(c, iov, iovcnt, more, false);
}

int64_t
tcp_send_urgent(struct tcp_conn *c, const struct iovec *iov, int iovcnt)
{
    return give(c, iov, iovcnt, false, true);
}
