/*
 * offload.c: joining and cutting TCP segments on the way to and from a card.
 *
 * Two segments may travel as one when the receiver of the long frame can
 * tell what both were: all header fields equal, except those that follow
 * from the text (lengths, checksums, sequence number) and the flags PSH and
 * FIN, which the last one may set: nothing joins behind them (as in Linux's
 * GRO), so that what is cut again is what was joined.
 *
 * A card knows TCP's header, so this file does, although it stands below.
 */
#include "offload.h"
#include "bytes.h"
#include "sum.h"

#include <string.h>

#define IP_FIXED  20 /* without options: others are not joined */
#define TCP_FIXED 20
#define TCP       6
#define ACK       0x10
#define PSH       0x08
#define FIN       0x01
#define CWR       0x80

/* Offsets in the IP header, and in the TCP header. */
enum {
    IP_TOTAL = 2,
    IP_ID = 4,
    IP_FLAGS = 6,
    IP_SUM = 10,
    IP_SRC = 12,
    TCP_SEQ = 4,
    TCP_ACK = 8,
    TCP_FLAGS = 13,
    TCP_WINDOW = 14,
    TCP_SUM = 16,
    TCP_URGENT = 18
};

static uint16_t
be16_at(const uint8_t *at)
{
    struct cursor c = cursor_of(at, 2);

    return get_be16(&c);
}

static uint32_t
be32_at(const uint8_t *at)
{
    struct cursor c = cursor_of(at, 4);

    return get_be32(&c);
}

static void
put_be16_at(uint8_t *at, uint16_t v)
{
    struct writer w = writer_of(at, 2);

    put_be16(&w, v);
}

static void
put_be32_at(uint8_t *at, uint32_t v)
{
    struct writer w = writer_of(at, 4);

    put_be32(&w, v);
}

bool
offload_begin(struct offload_run *r, const uint8_t *frame, size_t len)
{
    const uint8_t *ip = frame + OFFLOAD_ETHERNET, *tcp = ip + IP_FIXED;
    uint32_t total, tcp_len;

    if (len < OFFLOAD_ETHERNET + IP_FIXED + TCP_FIXED ||
        be16_at(ip - 2) != 0x0800 || ip[0] != 0x45 || ip[9] != TCP ||
        (be16_at(ip + IP_FLAGS) & 0x3fff)) /* a fragment */
        return false;
    total = be16_at(ip + IP_TOTAL);
    tcp_len = (uint32_t)(tcp[12] >> 4) * 4;
    if (total + OFFLOAD_ETHERNET != len || tcp_len < TCP_FIXED ||
        IP_FIXED + tcp_len > total)
        return false;
    *r = (struct offload_run){
        .head = frame,
        .tcp_at = OFFLOAD_ETHERNET + IP_FIXED,
        .head_len = OFFLOAD_ETHERNET + IP_FIXED + tcp_len,
        .flags = tcp[TCP_FLAGS],
    };
    r->size = r->text = (uint32_t)len - r->head_len;
    r->complete = r->text == 0 || r->flags != ACK;
    return true;
}

/* Bytes from..to of both frames. */
static bool
same(const uint8_t *a, const uint8_t *b, uint32_t from, uint32_t to)
{
    return memcmp(a + from, b + from, to - from) == 0;
}

bool
offload_join(struct offload_run *r, const uint8_t *frame, size_t len)
{
    const uint32_t ip = OFFLOAD_ETHERNET, tcp = r->tcp_at;
    const uint8_t *a = r->head;
    struct offload_run b;

    if (r->complete || !offload_begin(&b, frame, len) ||
        b.head_len != r->head_len || b.text == 0 || b.text > r->size ||
        (b.flags & (uint8_t) ~(PSH | FIN)) != ACK ||
        r->head_len - ip + r->text + b.text > OFFLOAD_MOST)
        return false;
    if (be32_at(frame + tcp + TCP_SEQ) != be32_at(a + tcp + TCP_SEQ) + r->text)
        return false;
    /* Atomic datagrams (RFC 6864 4.1): their identification means nothing. */
    if (!same(a, frame, 0, ip + IP_TOTAL) ||
        !same(a, frame, ip + IP_FLAGS, ip + IP_SUM) ||
        !same(a, frame, ip + IP_SRC, tcp + TCP_SEQ) ||
        !same(a, frame, tcp + TCP_ACK, tcp + TCP_FLAGS) ||
        !same(a, frame, tcp + TCP_WINDOW, tcp + TCP_SUM) ||
        !same(a, frame, tcp + TCP_URGENT, r->head_len))
        return false;
    r->text += b.text;
    r->flags |= b.flags;
    r->complete = b.text < r->size || (b.flags & (PSH | FIN));
    return true;
}

/* The lengths and the sum of the IP header at `ip`. */
static void
set_ip(uint8_t *ip, uint32_t total, uint16_t id)
{
    put_be16_at(ip + IP_TOTAL, (uint16_t)total);
    put_be16_at(ip + IP_ID, id);
    put_be16_at(ip + IP_SUM, 0);
    put_be16_at(ip + IP_SUM, sum_fold(sum_add(0, ip, IP_FIXED)));
}

/* The running sum of the pseudo-header. */
static uint64_t
pseudo(const uint8_t *ip, uint32_t total)
{
    return sum_pseudo((struct ipv4){be32_at(ip + IP_SRC)},
        (struct ipv4){be32_at(ip + IP_SRC + 4)}, TCP, total - IP_FIXED);
}

void
offload_head(const struct offload_run *r, uint8_t head[OFFLOAD_HEAD])
{
    uint8_t *ip = head + OFFLOAD_ETHERNET, *tcp = head + r->tcp_at;
    uint32_t total = r->head_len - OFFLOAD_ETHERNET + r->text;

    memcpy(head, r->head, r->head_len);
    if (r->text != r->size)
        set_ip(ip, total, be16_at(ip + IP_ID));
    tcp[TCP_FLAGS] = r->flags;
    put_be16_at(tcp + TCP_SUM, (uint16_t)~sum_fold(pseudo(ip, total)));
}

uint32_t
offload_leave(uint8_t *frame)
{
    uint8_t *ip = frame + OFFLOAD_ETHERNET, *tcp = ip + IP_FIXED;

    put_be16_at(
        tcp + TCP_SUM, (uint16_t)~sum_fold(pseudo(ip, be16_at(ip + IP_TOTAL))));
    return OFFLOAD_ETHERNET + IP_FIXED + (uint32_t)(tcp[12] >> 4) * 4;
}

bool
offload_cut(
    const struct offload_run *r, uint32_t size, uint32_t n, struct pkt *p)
{
    uint32_t from = n * size, left = r->text - from;
    uint32_t text = left < size ? left : size,
             tcp_len = r->head_len - r->tcp_at;
    uint8_t *head = pkt_put(p, r->head_len + text);
    uint8_t *ip = head + OFFLOAD_ETHERNET, *tcp = head + r->tcp_at;
    uint64_t sum;

    memcpy(head, r->head, r->head_len);
    set_ip(ip, r->head_len - OFFLOAD_ETHERNET + text,
        (uint16_t)(be16_at(ip + IP_ID) + n));
    put_be32_at(tcp + TCP_SEQ, be32_at(tcp + TCP_SEQ) + from);
    if (left > text)
        tcp[TCP_FLAGS] &= (uint8_t) ~(PSH | FIN);
    if (n > 0)
        tcp[TCP_FLAGS] &= (uint8_t)~CWR;
    put_be16_at(tcp + TCP_SUM, 0);
    sum = sum_add(pseudo(ip, IP_FIXED + tcp_len + text), tcp, tcp_len);
    sum = sum_copy(sum, tcp + tcp_len, r->head + r->head_len + from, text);
    put_be16_at(tcp + TCP_SUM, sum_fold(sum));
    return left == text;
}

/* The headers at `head` become those of a segment with `text` bytes, but for
 * sequence number and checksum. Returns the running sum of what TCP sums. */
static uint64_t
set_head(const struct offload_run *r, uint8_t *head, uint32_t text)
{
    uint8_t *ip = head + OFFLOAD_ETHERNET, *tcp = head + r->tcp_at;
    uint32_t tcp_len = r->head_len - r->tcp_at;

    set_ip(ip, r->head_len - OFFLOAD_ETHERNET + text, 0);
    put_be32_at(tcp + TCP_SEQ, 0);
    put_be16_at(tcp + TCP_SUM, 0);
    return sum_add(pseudo(ip, IP_FIXED + tcp_len + text), tcp, tcp_len);
}

bool
offload_long_begin(struct offload_long *l, const struct pkt *p)
{
    l->at = 0;
    l->used = l->done = 0;
    l->size = p->segment;
    if (!offload_begin(&l->run, p->data, p->len + p->lent))
        return false;
    l->own =
        (struct iovec){p->data + l->run.head_len, p->len - l->run.head_len};
    l->lent = pkt_parts(p);
    memcpy(l->head, l->run.head, l->run.head_len);
    l->head[l->run.tcp_at + TCP_FLAGS] &= (uint8_t) ~(PSH | FIN | CWR);
    l->sum = set_head(&l->run, l->head, l->size);
    return true;
}

static const struct iovec *
part_at(const struct offload_long *l)
{
    return l->at == 0 ? &l->own : &l->lent[l->at - 1];
}

/* The next len bytes of text to `to`, and added to the sum. */
static uint64_t
take_text(struct offload_long *l, uint8_t *to, uint32_t len, uint64_t sum)
{
    const struct iovec *part = part_at(l);
    uint32_t done = 0;

    if (part->iov_len - l->used >= len) { /* nearly always */
        l->used += len;
        return sum_copy(
            sum, to, (const uint8_t *)part->iov_base + l->used - len, len);
    }
    while (done < len) {
        uint32_t left = (uint32_t)part_at(l)->iov_len - l->used;
        uint32_t n = left < len - done ? left : len - done;

        memcpy(to + done, (const uint8_t *)part_at(l)->iov_base + l->used, n);
        done += n;
        l->used += n;
        if (n == left && done < len) {
            l->at++;
            l->used = 0;
        }
    }
    return sum_add(sum, to, len);
}

/* The sum of the number that is written to `at`, which stood for nothing. */
static uint64_t
put_seq(uint8_t *at, uint32_t seq, uint64_t sum)
{
    put_be32_at(at, seq);
    return sum_add(sum, at, 4);
}

bool
offload_long_next(struct offload_long *l, struct pkt *to)
{
    const struct offload_run *r = &l->run;
    uint32_t left = r->text - l->done, text = left < l->size ? left : l->size;
    uint32_t seq = be32_at(r->head + r->tcp_at + TCP_SEQ) + l->done;
    uint8_t *head = pkt_put(to, r->head_len + text);
    uint8_t *tcp = head + r->tcp_at;
    uint64_t sum = l->sum;

    if (l->done > 0 && left > text) {
        memcpy(head, l->head, r->head_len);
    } else { /* CWR is the first one's alone, PSH and FIN the last one's */
        memcpy(head, r->head, r->head_len);
        if (l->done > 0)
            tcp[TCP_FLAGS] &= (uint8_t)~CWR;
        if (left > text)
            tcp[TCP_FLAGS] &= (uint8_t) ~(PSH | FIN);
        sum = set_head(r, head, text);
    }
    sum = put_seq(tcp + TCP_SEQ, seq, sum);
    sum = take_text(l, head + r->head_len, text, sum);
    put_be16_at(tcp + TCP_SUM, sum_fold(sum));
    l->done += text;
    return left == text;
}

/* --- trains -------------------------------------------------------------- */

/*
 * Where the headers of Ethernet, IP and TCP without options may differ: the
 * lengths, identifications and sums of IP; the sequence numbers, PSH and
 * sums of TCP. Of an identification nobody asks but who puts fragments
 * together, and these are none.
 */
static const uint8_t fixed[OFFLOAD_ETHERNET + IP_FIXED + TCP_FIXED] = {0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, /* IP: */ 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* TCP: */ 0xff, 0xff, 0xff, 0xff,
    0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, (uint8_t)~PSH, 0xff, 0xff, 0, 0,
    0xff, 0xff};

static uint64_t
word_at(const uint8_t *at)
{
    uint64_t v;

    memcpy(&v, at, sizeof v);
    return v;
}

/* Eight bytes at a time; the last eight overlap those before. */
static bool
same_flow(const uint8_t *a, const uint8_t *b)
{
    uint64_t other = 0;

    for (size_t i = 0; i + 8 <= sizeof fixed; i += 8)
        other |= (word_at(a + i) ^ word_at(b + i)) & word_at(fixed + i);
    const size_t end = sizeof fixed - 8;

    other |= (word_at(a + end) ^ word_at(b + end)) & word_at(fixed + end);
    return other == 0;
}

static bool
sums_right(const uint8_t *ip, uint32_t total)
{
    return sum_fold(sum_add(0, ip, IP_FIXED)) == 0 &&
           sum_fold(sum_add(
               pseudo(ip, total), ip + IP_FIXED, total - IP_FIXED)) == 0;
}

/* The first one begins the train: may anything follow, and are its own
 * checksums right? */
static bool
leads(struct offload_train *t)
{
    struct pkt *p = t->first;

    if (!offload_begin(&t->run, p->data, p->len) || t->run.text == 0 ||
        (t->run.flags & ~PSH) != ACK)
        return false;
    p->sum_ok = p->sum_ok || sums_right(p->data + OFFLOAD_ETHERNET,
                                 p->len - OFFLOAD_ETHERNET);
    t->seq = be32_at(p->data + t->run.tcp_at + TCP_SEQ) + t->run.text;
    return p->sum_ok;
}

bool
offload_couple(struct offload_train *t, struct pkt *q)
{
    const uint8_t *a = t->first->data, *b = q->data;
    const struct offload_run *r = &t->run;

    if (t->first->len < sizeof fixed || q->len < sizeof fixed ||
        !same_flow(a, b) || (!t->last && !leads(t)) || q->len <= r->head_len ||
        be16_at(b + OFFLOAD_ETHERNET + IP_TOTAL) != q->len - OFFLOAD_ETHERNET ||
        be32_at(b + r->tcp_at + TCP_SEQ) != t->seq ||
        !same(a, b, sizeof fixed, r->head_len) ||
        !sums_right(b + OFFLOAD_ETHERNET, q->len - OFFLOAD_ETHERNET))
        return false;
    t->seq += q->len - r->head_len;
    q->sum_ok = true;
    q->next = NULL;
    pkt_pull(q, OFFLOAD_ETHERNET);
    q->l3 = (uint16_t)pkt_off(q);
    *(t->last ? &t->last->next : &t->first->train) = q;
    t->last = q;
    return true;
}

bool
offload_sum(uint8_t *frame, size_t len, uint16_t start, uint16_t offset)
{
    if (start > len || offset + 2u > len - start)
        return false;
    /* The field holds the pseudo-header's sum already. */
    uint16_t sum = sum_fold(sum_add(0, frame + start, len - start));
    put_be16_at(frame + start + offset, sum ? sum : 0xffff); /* RFC 768 */
    return true;
}
