/*
 * strace_msg.c: a struct msghdr, and the control messages in it, in the
 * notation of strace(1).
 */
#include "strace.h"
#include "control.h"
#include "trace.h"

#include <arpa/inet.h>
#include <limits.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>

static const struct {
    int level, type;
    const char *name;
} names[] = {{SOL_SOCKET, SCM_RIGHTS, "SOL_SOCKET, cmsg_type=SCM_RIGHTS"},
    {SOL_SOCKET, SCM_CREDENTIALS, "SOL_SOCKET, cmsg_type=SCM_CREDENTIALS"},
    {SOL_SOCKET, SO_TIMESTAMP, "SOL_SOCKET, cmsg_type=SO_TIMESTAMP_OLD"},
    {SOL_SOCKET, SO_TIMESTAMPNS, "SOL_SOCKET, cmsg_type=SO_TIMESTAMPNS_OLD"},
    {IPPROTO_IP, IP_PKTINFO, "SOL_IP, cmsg_type=IP_PKTINFO"},
    {IPPROTO_IP, IP_TTL, "SOL_IP, cmsg_type=IP_TTL"},
    {IPPROTO_IP, IP_TOS, "SOL_IP, cmsg_type=IP_TOS"},
    {IPPROTO_IP, IP_RECVERR, "SOL_IP, cmsg_type=IP_RECVERR"}};

static void
put_pktinfo(struct proc *p, const struct control *c)
{
    struct in_pktinfo info;
    char spec[16], addr[16];

    if (c->len < sizeof info)
        return;
    memcpy(&info, c->data, sizeof info);
    trace_put(p,
        ", cmsg_data={ipi_ifindex=%d, ipi_spec_dst=inet_addr(\"%s\"), "
        "ipi_addr=inet_addr(\"%s\")}",
        info.ipi_ifindex,
        ipv4_text((struct ipv4){ntohl(info.ipi_spec_dst.s_addr)}, spec),
        ipv4_text((struct ipv4){ntohl(info.ipi_addr.s_addr)}, addr));
}

static void
put_error(struct proc *p, const struct control *c)
{
    struct sock_extended_err e;

    if (c->len < sizeof e)
        return;
    memcpy(&e, c->data, sizeof e);
    trace_put(p,
        ", cmsg_data={ee_errno=%u, ee_origin=%u, ee_type=%u, ee_code=%u, "
        "ee_info=%u, ee_data=%u}",
        e.ee_errno, e.ee_origin, e.ee_type, e.ee_code, e.ee_info, e.ee_data);
}

static void
put_rights(struct proc *p, const struct control *c)
{
    const char *before = ", cmsg_data=[";
    int fd;

    for (size_t at = 0; at + sizeof fd <= c->len; at += sizeof fd) {
        memcpy(&fd, c->data + at, sizeof fd);
        trace_put(p, "%s%d", before, fd);
        before = ", ";
    }
    trace_put(p, c->len < sizeof fd ? "" : "]");
}

static void
put_credentials(struct proc *p, const struct control *c)
{
    struct ucred who;

    if (c->len < sizeof who)
        return;
    memcpy(&who, c->data, sizeof who);
    trace_put(
        p, ", cmsg_data={pid=%d, uid=%u, gid=%u}", who.pid, who.uid, who.gid);
}

/* Time is not shown: it is there as the event's own. */
static void
put_data(struct proc *p, const struct control *c)
{
    int number;

    if (c->level == IPPROTO_IP && c->type == IP_PKTINFO)
        put_pktinfo(p, c);
    else if (c->level == IPPROTO_IP && c->type == IP_RECVERR)
        put_error(p, c);
    else if (c->level == SOL_SOCKET && c->type == SCM_RIGHTS)
        put_rights(p, c);
    else if (c->level == SOL_SOCKET && c->type == SCM_CREDENTIALS)
        put_credentials(p, c);
    else if (c->len == 1)
        trace_put(p, ", cmsg_data=[%#x]", c->data[0]);
    else if (!control_number(c, &number))
        trace_put(p, ", cmsg_data=[%d]", number);
}

static void
put_control(struct proc *p, const struct io *io)
{
    struct control c;
    size_t at = 0;
    bool any = false;

    while (control_next(io, &at, &c) > 0) {
        const char *name = NULL;

        for (unsigned i = 0; i < LW_COUNT(names); i++)
            if (names[i].level == c.level && names[i].type == c.type)
                name = names[i].name;
        trace_put(p, "%s{cmsg_len=%zu, cmsg_level=", any ? ", " : "[",
            c.len + sizeof(struct cmsghdr));
        if (name)
            trace_put(p, "%s", name);
        else
            trace_put(p, "%d, cmsg_type=%d", c.level, c.type);
        put_data(p, &c);
        trace_put(p, "}");
        any = true;
    }
    trace_put(p, any ? "]" : "[]");
}

const char *
tr_msg(struct proc *p, const struct msghdr *m, socklen_t room, ssize_t ret)
{
    const char *name, *iov, *flags, *text;
    socklen_t namelen = m ? m->msg_namelen : 0;
    size_t total;

    if (!m)
        return "NULL";
    if (ret < 0 || m->msg_iovlen > IOV_MAX || m->msg_controllen > INT_MAX)
        return "0x..."; /* not filled, or refused and not looked at */
    total = iov_total(m->msg_iov, (int)m->msg_iovlen);
    name = tr_addr(p, m->msg_name, namelen);
    iov = tr_iov(p, m->msg_iov, (int)m->msg_iovlen,
        (size_t)ret < total ? ret : (ssize_t)total);
    flags = tr_flags_msg(p, m->msg_flags);
    text = trace_text(p);
    trace_put(p, "{msg_name=%s, msg_namelen=", name);
    if (m->msg_name && room != namelen)
        trace_put(p, "%u => ", room);
    trace_put(p, "%u", namelen);
    trace_put(p, ", msg_iov=%s, msg_iovlen=%zu", iov, m->msg_iovlen);
    if (m->msg_control && m->msg_controllen) {
        trace_put(p, ", msg_control=");
        put_control(p, &(struct io){.control = m->msg_control,
                           .controllen = m->msg_controllen});
    }
    trace_put(
        p, ", msg_controllen=%zu, msg_flags=%s}", m->msg_controllen, flags);
    return text;
}

const char *
tr_mmsg(struct proc *p, const struct mmsghdr *m, unsigned n)
{
    const char *text = trace_text(p);

    trace_put(p, "[");
    for (unsigned i = 0; i < n; i++)
        trace_put(
            p, "%s{msg_hdr={...}, msg_len=%u}", i ? ", " : "", m[i].msg_len);
    trace_put(p, "]");
    return text;
}
