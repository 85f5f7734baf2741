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

/* Bytes to be sent: of the program's memory, or of a page. */
struct bytes {
    const uint8_t *data;
    size_t len;
    struct page *page; /* or NULL */
};

/* MUST-60 bounds how long a receiver waits for a PSH: Linux sets one for each
 * half of the peer's window, too (forced_push). */
static bool
is_much(struct tcp_conn *c)
{
    struct seq end = tcp_ring_end(c);

    if (end.v - c->ring.pushed.v <= c->snd.max_wnd / 2)
        return false;
    c->ring.pushed = end;
    return true;
}

/* As many as there is room for; what the windows allow leaves on the way. */
static uint32_t
put(struct tcp_conn *c, const struct bytes *b)
{
    size_t done = 0;

    while (done < b->len) {
        uint32_t len = tcp_wmem_room(c), n = 0;
        bool bound = len < b->len - done;

        if (!bound)
            len = (uint32_t)(b->len - done);
        if (len > 0 && b->page)
            n = tcp_ring_put_page(
                c, b->page, (uint32_t)(b->data + done - b->page->data), len);
        else if (len > 0)
            n = tcp_ring_put(c, b->data + done, len);
        if (n == 0) {
            c->starved = true;
            break;
        }
        done += n;
        if (bound && !c->tcp->config.in_turns) {
            c->no_push = !is_much(c); /* that is not all */
            tcp_output(c);
        }
    }
    return (uint32_t)done;
}

/* Nothing was taken. When there is room, there was no memory: nobody will
 * tell when there is some again, so it is not for the program to wait. */
static int
none_taken(const struct tcp_conn *c)
{
    return tcp_wmem_room(c) > 0 ? -ENOMEM : -EAGAIN;
}

/* All that the call has given is there; more: MSG_MORE. */
static void
end_call(struct tcp_conn *c, bool more)
{
    c->more = c->no_push = more;
    if (!more)
        c->ring.pushed = tcp_ring_end(c);
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
    end_call(c, more);
    if (taken > 0 && urgent)
        tcp_urgent_send(c);
    tcp_leave(c);
    return taken ? (int64_t)taken : none_taken(c);
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
    end_call(c, more);
    tcp_leave(c);
    return taken ? (int64_t)taken : none_taken(c);
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
