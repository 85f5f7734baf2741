/*
 * netns_child.c: what the child does before it becomes COMMAND, in the order
 * in which it must be done: namespaces, the device, its address, the files.
 * See namespaces(7), user_namespaces(7), netdevice(7) and, for TAP,
 * Documentation/networking/tuntap.rst in Linux.
 */
#include "netns_child.h"
#include "bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <net/if_arp.h>

/* Writes a line into a file of /proc. 0 or -1. */
static int
put_line(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return -1;
    ssize_t n = write(fd, text, strlen(text));
    int err = errno;
    close(fd);
    errno = err;
    return n == (ssize_t)strlen(text) ? 0 : -1;
}

/*
 * Root makes the namespaces as it is; everyone else first becomes the owner
 * of a user namespace, in which they keep their own name and number: the
 * rights needed here are lost again when COMMAND is started.
 */
static enum netns_step
make_namespaces(void)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    char line[64];

    if (unshare(CLONE_NEWNET | CLONE_NEWNS) == 0)
        return NETNS_READY;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0)
        return NETNS_UNSHARE;
    snprintf(line, sizeof line, "%u %u 1", uid, uid);
    if (put_line("/proc/self/uid_map", line) != 0)
        return NETNS_MAP;
    /* Without this a user could drop a group that denies something. */
    if (put_line("/proc/self/setgroups", "deny") != 0 && errno != ENOENT)
        return NETNS_MAP;
    snprintf(line, sizeof line, "%u %u 1", gid, gid);
    return put_line("/proc/self/gid_map", line) ? NETNS_MAP : NETNS_READY;
}

static enum netns_step
make_tap(const char *name, bool offload, int *tap)
{
    struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};

    *tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (*tap < 0)
        return errno == ENOENT || errno == ENODEV || errno == ENXIO
                   ? NETNS_TUN_MISSING
                   : NETNS_TUN_OPEN;
    if (offload)
        r.ifr_flags |= IFF_VNET_HDR;
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    if (ioctl(*tap, TUNSETIFF, &r) ||
        (offload && /* tap.h */
            ioctl(*tap, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4)))
        return NETNS_TUN_MAKE;
    return NETNS_READY;
}

static struct sockaddr
address(struct ipv4 a)
{
    struct sockaddr out = {.sa_family = AF_INET};
    struct writer w = writer_of(out.sa_data + 2, 4);

    put_ipv4(&w, a);
    return out;
}

/* netdevice(7): one call for each property. */
static int
set_card(int fd, const struct netns_config *c)
{
    struct ifreq r = {0};

    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", c->card);
    r.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    memcpy(r.ifr_hwaddr.sa_data, c->mac.b, sizeof c->mac.b);
    if (ioctl(fd, SIOCSIFHWADDR, &r) != 0)
        return -1;
    r.ifr_mtu = (int)c->mtu;
    if (ioctl(fd, SIOCSIFMTU, &r) != 0)
        return -1;
    r.ifr_addr = address(c->addr);
    if (ioctl(fd, SIOCSIFADDR, &r) != 0)
        return -1;
    r.ifr_netmask = address(ipv4_mask(c->prefix));
    if (ioctl(fd, SIOCSIFNETMASK, &r) != 0)
        return -1;
    r.ifr_flags = IFF_UP | IFF_RUNNING;
    return ioctl(fd, SIOCSIFFLAGS, &r);
}

static int
set_network(const struct netns_config *c)
{
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
    char groups[64];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    /* IPv6 would chatter on the wire, and nobody there understands it;
     * ping(8) needs no rights where its group is allowed. Where /proc/sys
     * cannot be written, both are only less tidy. */
    put_line("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
    put_line("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
    snprintf(groups, sizeof groups, "%u %u", getegid(), getegid());
    put_line("/proc/sys/net/ipv4/ping_group_range", groups);

    int err = ioctl(fd, SIOCSIFFLAGS, &lo);
    if (!err)
        err = set_card(fd, c);
    if (!err && c->gateway.v) {
        route.rt_dst = address((struct ipv4){0});
        route.rt_genmask = route.rt_dst;
        route.rt_gateway = address(c->gateway);
        err = ioctl(fd, SIOCADDRT, &route);
    }
    int saved = errno;
    close(fd);
    errno = saved;
    return err;
}

/*
 * Lays `file` over `target`, to be read only: the command must not write
 * into the world's folder. What the file system beneath denies must go on
 * being denied, or a user namespace may not change the mount. A missing
 * target (a resolv.conf that links to nowhere) is none to cover.
 */
static int
cover(const char *file, const char *target)
{
    struct statvfs fs;
    unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY;

    if (!file)
        return 0;
    if (mount(file, target, NULL, MS_BIND, NULL) != 0)
        return errno == ENOENT && access(file, R_OK) == 0 ? 0 : -1;
    if (statvfs(target, &fs) != 0)
        return -1;
    flags |= fs.f_flag & ST_NOSUID ? MS_NOSUID : 0;
    flags |= fs.f_flag & ST_NODEV ? MS_NODEV : 0;
    flags |= fs.f_flag & ST_NOEXEC ? MS_NOEXEC : 0;
    flags |= fs.f_flag & ST_NOATIME ? MS_NOATIME : 0;
    flags |= fs.f_flag & ST_NODIRATIME ? MS_NODIRATIME : 0;
    flags |= fs.f_flag & ST_RELATIME ? MS_RELATIME : 0;
    return mount(NULL, target, NULL, flags, NULL);
}

/*
 * The world's own files cover those of the system, in this mount namespace
 * only. A name-service cache would answer from outside of it: its socket is
 * covered too.
 */
static int
cover_files(const struct netns_config *c)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return -1;
    if (cover(c->hosts, "/etc/hosts") || cover(c->resolv, "/etc/resolv.conf"))
        return -1;
    if (access("/run/nscd/socket", F_OK) == 0)
        mount("none", "/run/nscd", "tmpfs", MS_NOSUID | MS_NODEV, "size=4k");
    return 0;
}

enum netns_step
netns_enter(const struct netns_config *c, int *tap)
{
    *tap = -1;
    /* Asked first: without the device the rest is in vain. */
    if (access("/dev/net/tun", F_OK) != 0)
        return NETNS_TUN_MISSING;
    enum netns_step step = make_namespaces();
    if (step == NETNS_READY)
        step = make_tap(c->card, c->offload, tap);
    if (step == NETNS_READY && set_network(c) != 0)
        step = NETNS_CARD;
    if (step == NETNS_READY && cover_files(c) != 0)
        step = NETNS_MOUNT;
    return step;
}
