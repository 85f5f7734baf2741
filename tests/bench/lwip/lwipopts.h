/*
 * lwipopts.h: lwIP as fast as its options make it: no threads, its raw
 * interface, the window that suits it best (PEER_WINDOW), layerwalk's
 * own checksum (its stock one is slower by half), computed while the
 * program's bytes are copied, no timestamps (layerwalk has them), no
 * statistics, no checks of its own working.
 */
#ifndef LW_LWIPOPTS_H
#define LW_LWIPOPTS_H

#define NO_SYS                  1
#define SYS_LIGHTWEIGHT_PROT    0
#define LWIP_SOCKET             0
#define LWIP_NETCONN            0
#define LWIP_IPV4               1
#define LWIP_IPV6               0
#define LWIP_ETHERNET           1
#define LWIP_ARP                1
#define LWIP_RAW                0
#define LWIP_UDP                0
#define LWIP_DNS                0
#define LWIP_DHCP               0
#define LWIP_ACD                0
#define LWIP_HAVE_LOOPIF        0
#define LWIP_NETIF_LOOPBACK     0
#define LWIP_STATS              0
#define LWIP_TCP                1
#define LWIP_TCP_TIMESTAMPS     0
#define LWIP_TCP_SACK_OUT       0
#define LWIP_WND_SCALE          1
#define TCP_RCV_SCALE           4
#define TCP_MSS                 1460
#define TCP_WND                 PEER_WINDOW
#define TCP_SND_BUF             PEER_WINDOW
#define TCP_SND_QUEUELEN        2048
#define TCP_SNDLOWAT            8192
#define TCP_SNDQUEUELOWAT       (TCP_SND_QUEUELEN / 2)
#define TCP_OVERSIZE            TCP_MSS
#define TCP_LISTEN_BACKLOG      0
#define LWIP_CHECKSUM_ON_COPY   1
#define LWIP_CHKSUM             peer_sum
#define LWIP_CHKSUM_COPY        peer_sum_copy
#define MEM_ALIGNMENT           8
#define MEM_LIBC_MALLOC         1
#define MEM_SIZE                (64 << 20)
#define MEMP_NUM_TCP_PCB        32768
#define MEMP_NUM_TCP_PCB_LISTEN 8
#define MEMP_NUM_TCP_SEG        8192
#define MEMP_NUM_PBUF           4096
#define PBUF_POOL_SIZE          8192
#define PBUF_POOL_BUFSIZE       1600
#define MEMP_OVERFLOW_CHECK     0
#define LWIP_DEBUG              0

#endif
