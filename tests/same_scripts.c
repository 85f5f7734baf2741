/*
 * same_scripts.c: the scripts of test_same_as_linux.c, which explains the
 * words. LISTENER makes a listening socket, PAIR a connected pair.
 *
 * Where Linux differs from itself, from version to version, there is no
 * script: out-of-band bytes of Unix sockets, pages in pipes, FIONREAD of an
 * epoll, the smallest buffers.
 */
#include "same_scripts.h"

#include <stddef.h>

#define LISTENER "tcp l; bind l :0; listen l 5;"
#define PAIR     LISTENER "tcp a; connect a =l; accept b l;"
#define UPAIR                                                                  \
    "unix l; bind l /x; listen l 5; unix a; connect a /x;"                     \
    "accept b l;"
#define TWO "udp a; bind a :0; udp b; bind b :0;"

const char *const same_tcp[] = {
    "sock a 2 1 0; sock b 2 1 6; sock c 2 1 17; sock d 2 2 6; sock e 2 9 0",
    "sock a 99 1 0; sock b 1 1 0; sock c 1 1 1; sock d 1 1 7",
    "tcp a; name a; peer a; poll a; fionread a",
    "tcp a; read a 10; write a x; send a x; recv a 5",
    "tcp a; shut a 0; shut a 1; shut a 2; shut a 3; shut z 0",
    "tcp a; listen a 5; name a; poll a; accept b a",
    "tcp a; accept b a; bind a :0; accept b a; poll a",
    "tcp a; bind a :0; name a; bind a :0; poll a",
    "tcp a; bind a any; name a; bind a any",
    "tcp a; bind a away; name a; bind a short; bind a inet6",
    "tcp a; bind a :0; tcp b; bind b =a",
    LISTENER "tcp b; bind b =l; listen l 9; listen l -1; peer l",
    LISTENER "read l 5; write l x; recv l 5; connect l =l; fionread l",
    LISTENER "poll l; tcp a; connect a =l; poll l; accept b l; poll l",
    LISTENER "tcp a; connect a =l; connect a =l; connect a =l; poll a",
    LISTENER "accept b l; shut l 1; poll l; accept b l",
    LISTENER "shut l 0; poll l; accept b l; listen l 5; name l",
    LISTENER "shut l 2; poll l; accept b l",
    LISTENER "tcp a; connect a =l; close l; poll a; read a 5; read a 5",
    LISTENER "tcp a; connect a =l; close a; poll l; accept b l; read b 5",
    LISTENER "tcp a; connect a =l; write a hello; close a; accept b l; poll b;"
             "read b 9; read b 9; write b x; peer b",
    LISTENER "tcp a; set a 1 13 1; connect a =l; close a; accept b l; poll b;"
             "read b 9",
    PAIR "name a; peer a; name b; peer b; poll a; poll b",
    PAIR "write a hello; poll b; fionread b; read b 3; fionread b; read b 9",
    PAIR "write a hello; recv b 3 p; recv b 9 p; recv b 9; recv b 9",
    PAIR "write a hello; recv b 3; recv b 9; recv b 5 o; poll b",
    PAIR "recv b 5 o; send a abcX o; send a def; poll b; fionread b;"
         "ioctl b 8905; recv b 5 op; recv b 5 o; poll b; recv b 5 o;"
         "read b 9; ioctl b 8905; fionread b; poll b; read b 9; ioctl b 8905;"
         "poll b; recv b 5 o",
    PAIR "set b 1 10 1; send a abcX o; send a def; poll b; fionread b;"
         "recv b 5 o; read b 9; ioctl b 8905; poll b; fionread b; read b 9;"
         "ioctl b 8905; poll b; get b 1 10",
    PAIR "send a abX o; send a cdY o; send a e; poll b; fionread b; read b 9;"
         "ioctl b 8905; poll b; fionread b; recv b 5 o; read b 9; poll b",
    PAIR "send a aX o; send a bc; read b 9; ioctl b 8905; poll b; fionread b;"
         "read b 9; ioctl b 8905; poll b; recv b 5 o",
    PAIR "send a aX o; send a bc; recv b 0 o; recv b 9 p; recv b 5 o;"
         "read b 1; ioctl b 8905; poll b; recv b 9 p; read b 9; poll b",
    PAIR "send a X o; poll b; ioctl b 8905; fionread b; recv b 9 o; poll b;"
         "shut a 1; poll b; recv b 5 o; ioctl b 8905; read b 9; read b 9",
    PAIR "send a X o; shut a 1; poll b; read b 9; poll b; recv b 5 o; read b 9",
    PAIR "set b 1 10 1; send a abX o; send a cdY o; poll b; read b 9;"
         "ioctl b 8905; fionread b; read b 9; poll b",
    PAIR "send a X o; recv b 1 o; send a Y o; poll b; ioctl b 8905; recv b 1 o;"
         "send a z; read b 9; poll b",
    PAIR "close b; send a X o; send a X o; poll a; recv a 5 o",
    LISTENER "recv l 5 o; ioctl l 8905; tcp a; recv a 5 o; ioctl a 8905;"
             "send a x o",
    PAIR "read b 0; write a; read b 0; recv b 0; write a x; read b 0; recv b 0;"
         "poll b",
    PAIR "send a one m; send a two; read b 20",
    PAIR "close a; poll b; read b 5; read b 5; write b x; poll b; write b x;"
         "write b x; poll b; read b 5",
    PAIR "write b unread; close b; poll a; read a 20; read a 20",
    PAIR "write a unread; close b; poll a; read a 5; write a x; poll a",
    PAIR "write a unread; close b; write a x; write a x; read a 5",
    PAIR "shut a 1; poll a; poll b; read b 5; write b x; read a 5; write a x;"
         "poll a",
    PAIR "shut a 0; poll a; poll b; read a 5; write b x; read a 5; poll a",
    PAIR "shut a 2; poll a; poll b; read a 5; write a x; read b 5; peer a",
    PAIR
    "shut a 1; shut b 1; poll a; poll b; peer a; peer b; shut a 1; shut b 2",
    PAIR "shut a 1; shut a 1; shut a 0; shut b 7",
    PAIR "write a x; shut a 1; poll b; read b 1; poll b; read b 1",
    PAIR "set a 1 13 1; close a; poll b; read b 5; read b 5; write b x; poll b",
    PAIR "set a 1 13 1; close a; get b 1 4; get b 1 4; read b 5; poll b",
    PAIR "set a 1 13 1; close a; write b x; write b x; peer b; name b",
    PAIR "set a 1 13 1; close a; connect b =l; shut b 1; listen b 1",
    PAIR "bind a :0; listen a 5; connect a =l; accept c a",
    PAIR "sendto a hi =l; read b 5; sendto a x none",
    PAIR "dup c a; close a; poll b; write c x; read b 5; close c; poll b",
    "tcp a; connect a :1; poll a; get a 1 4; get a 1 4; poll a; connect a :1",
    "tcp a; connect a :1; connect a :1; connect a :1; write a x; read a 5",
    "tcp a; connect a :1; read a 5; read a 5; peer a; name a",
    "tcp a; connect a short; connect a inet6; poll a",
    "tcp a; bind a :0; connect a =a; poll a", "tcp a; connect a none; poll a",
    LISTENER "tcp a; connect a any; connect a :1; poll a",
    "listen z 5; bind z :0; connect z :1; accept b z; name z; peer z; read z 1;"
    "write z x; send z x; recv z 1; close z; fionread z; poll z",
    PAIR "accept c a; accept c b; accept c l",
    LISTENER "tcp a; bind a :0; connect a =l; name a; accept b l; peer b",
    PAIR "close l; write a hi; read b 5; tcp c; connect c =b; poll c", NULL};

const char *const same_udp[] = {
    "udp a; name a; peer a; poll a; fionread a; read a 5; recv a 5",
    "udp a; write a x; send a x; sendto a x :9; name a",
    "udp a; bind a :0; name a; bind a :0; udp b; bind b =a",
    "udp a; bind a any; udp b; bind b =a; bind b away; bind b short",
    "udp a; listen a 5; accept b a; shut a 1; shut a 0; shut a 2",
    TWO "sendto a hello =b; poll b; fionread b; recv b 3; recv b 9",
    TWO "sendto a hello =b; recv b 3 t; sendto a hello =b; recv b 3 pt;"
        "recv b 9 p; read b 9; read b 9",
    TWO "sendto a one =b; sendto a two =b; fionread b; read b 9; fionread b;"
        "read b 9; poll b",
    TWO "connect a =b; peer a; write a; fionread b; poll b; recv b 5; read b 5",
    TWO "connect a =b; write a hi; sendto b yo =a; read a 5; read b 5",
    TWO "udp c; bind c :0; connect a =b; sendto c no =a; read a 5; poll a;"
        "sendto b yes =a; read a 5",
    TWO "connect a =b; sendto a hi =b; read b 5; connect a none; peer a;"
        "write a x; sendto a x =b; read b 5",
    TWO
    "connect a =b; close b; write a x; poll a; write a x; write a x; poll a",
    TWO "connect a =b; close b; write a x; read a 5; read a 5; get a 1 4",
    TWO
    "connect a =b; close b; write a x; get a 1 4; get a 1 4; poll a; read a 5",
    TWO "close b; sendto a x :1; poll a; read a 5; sendto a x :1; get a 1 4",
    TWO "sendto a x :0; sendto a x short; sendto a x inet6; sendto a x all",
    TWO "set a 1 6 1; get a 1 6; connect a :0; peer a",
    "udp a; connect a all; connect a away; peer a",
    "udp b; bind b :0; name b; sendto b x =b; close b; udp a; bind a =b; name "
    "a; "
    "connect a :9; peer a; connect a none; name a; peer a; bind a :0; sendto a "
    "hi =a; read a 5",
    "udp a; bind a :0; set a 1 8 5000 4; get a 1 8; set a 1 7 5000 4; get a 1 "
    "7; set a 0 11 1; sendto a hi =a; read a 5",
    "udp a; set a 0 24 1; bind a away; bind a any; name a; bind a :0; sendto a "
    "x :9; name a",
    "udp a; ioctl a 5411; ioctl a 894b; ioctl a 8905; udp b; bind b :0; sendto "
    "a q =b; readv b 2 3; sendto a one =b; readv b 1 1 9",
    TWO "connect a =b; big a 65507; fionread b; big a 65508; big a 65536",
    TWO
    "connect a =b; big a 20000; big a 9000; fionread b; recv b 4 t; recv b 4 t",
    "udp a; bind a :0; connect a =a; write a me; read a 5; name a",
    "udp a; connect a :9; name a; connect a none; name a; bind a :0",
    TWO "connect a =b; shut a 1; write a x; shut a 0; read a 5; poll a",
    TWO "connect a =b; shut a 0; poll a; read a 5; sendto b x =a; read a 5",
    TWO "dup c b; close b; sendto a hi =c; read c 5",
    TWO "sendto a hi =b; close a; read b 5; recv b 0; read b 0",
    TWO
    "sendto a hi =b; recv b 0; read b 5; sendto a hi =b; read b 0; read b 5",
    NULL};

const char *const same_unix[] = {
    "unix a; name a; peer a; poll a; read a 5; write a x; fionread a",
    "unix a; listen a 5; bind a /x; name a; listen a 5; poll a; accept b a",
    "unix a; bind a /x; bind a /y; unix b; bind b /x; close a; bind b /x",
    "unix a; connect a /x; bind a /x; unix b; connect b /x; listen a 1",
    "unix a; bind a short; bind a :0; connect a :0; connect a none",
    "unix a; bind a /x; listen a 5; close a; unix b; connect b /x",
    "unix a; shut a 0; shut a 1; poll a; shut a 7; accept b a",
    UPAIR "name a; peer a; name b; peer b; poll a; poll b; poll l",
    UPAIR "write a hello; poll b; fionread b; recv b 3 p; read b 3; read b 9",
    UPAIR "connect a /x; listen a 5; bind a /y; name a; accept c a",
    UPAIR "sendto a x /x; read b 5",
    UPAIR "close a; poll b; read b 5; write b x; read b 5; peer b",
    UPAIR "write a unread; close b; poll a; read a 5; read a 5; write a x",
    UPAIR "write a unread; close b; get a 1 4; read a 5; write a x; poll a",
    UPAIR "write a tail; close a; poll b; read b 9; poll b; read b 9",
    UPAIR "shut a 1; poll a; poll b; read b 5; write a x; write b x; read a 5",
    UPAIR "shut a 0; poll a; poll b; read a 5; write b x; write a x; read b 5",
    UPAIR "shut a 2; poll a; poll b; write b x; read b 5; shut b 2; poll b",
    UPAIR "write a x; shut a 2; read b 5; read b 5; write b x",
    UPAIR "read b 0; write a; read b 0; recv b 0; write a x; recv b 0; poll b",
    UPAIR "recv b 5 t; write a hello; recv b 2 t; recv b 9",
    "unix l; bind l /x; listen l 1; unix a; connect a /x; unix b; connect b /x;"
    "unix c; connect c /x; poll c; accept d l; connect c /x; poll l",
    "unix l; bind l /x; listen l 0; unix a; connect a /x; unix b; connect b /x;"
    "listen l 3; connect b /x",
    "unix l; bind l /x; listen l -1; unix a; connect a /x; unix b; connect b "
    "/x",
    "unix l; bind l /x; listen l 5; unix a; connect a /x; close l; poll a;"
    "read a 5; read a 5; write a x",
    "unix l; bind l /x; listen l 5; unix a; connect a /x; close a; poll l;"
    "accept b l; read b 5; write b x; poll b",
    "unix l; bind l /x; listen l 5; unix a; connect a /x; write a hi; close a;"
    "accept b l; read b 5; read b 5",
    "unix l; bind l /x; listen l 5; shut l 0; unix a; connect a /x; accept b l;"
    "poll l",
    "unix l; bind l /x; listen l 5; read l 5; write l x; fionread l; peer l",
    "unix l; bind l /x; listen l 5; listen l 5; connect l /x; shut l 1; poll l",
    "pair a b; name a; peer a; poll a; write a hi; read b 5; listen a 5",
    "pair a b; close b; poll a; read a 5; write a x; poll a",
    "pair a b; dup c b; close b; write a x; read c 5; poll a; close c; poll a",
    "pair a b; bind a /x; name a; peer b; connect a /x; accept c a",
    "pair a b; write a 12345; recv b 2; recv b 2 p; recv b 9; recv b 9",
    "pair a b; shut a 1; shut a 1; shut b 1; poll a; poll b; read a 1; read b "
    "1",
    "unix a; bind a /x; connect a /x; unix b; connect b /y", NULL};

const char *const same_pipe[] = {
    "pipe a b; read a 5; write b hello; read a 3; read a 9; read a 9",
    "pipe a b; write a x; read b 5; poll a; poll b",
    "pipe a b; close b; read a 5; poll a; close a",
    "pipe a b; close a; write b x; poll b; write b",
    "pipe a b; write b hi; close b; poll a; read a 5; poll a; read a 5",
    "pipe a b; read a 0; write b; read a 0; write b x; read a 0; read a 5",
    "pipe a b; big b 61440; poll b; big b 4096; poll b; big b 1; poll a",
    "pipe a b; big b 63000; big b 4000; big b 2536; big b 1",
    "pipe a b; big b 70000; write b x; poll b; poll a",
    "pipe a b; big b 65536; read a 4096; poll b; big b 4096",
    "pipe a b; send b x; recv a 5; listen a 5; name a; shut a 1; bind a :0",
    "pipe a b; get a 1 4; set a 1 2 1; accept c a; connect a :1; peer a",
    "pipe a b; dup c b; close b; poll a; write c x; close c; read a 5; read a "
    "5",
    "pipe a b; fcntl a 3; fcntl b 3; fcntl a 1; fcntl a 2 1; fcntl a 1",
    "pipe a b; fcntl a 4 0; fcntl a 3; fcntl a 4 0x800; fcntl a 3",
    "tcp a; fcntl a 3; fcntl a 4 0; fcntl a 3; fcntl a 1; fcntl a 99",
    "udp a; fcntl a 3; fcntl a 4 0x800; dup b a; fcntl b 3; fcntl b 4 0;"
    "fcntl a 3",
    "unix a; fcntl a 3; fcntl a 2 1; dup b a; fcntl b 1; fcntl a 1",
    "fcntl z 3; fcntl z 1; dup b z; close z; dup2 z 300",
    "tcp a; dup2 a 300; dup2 a -1; dup2 a 100000000; dup2 a 300",
    "tcp a; fcntl a 0 -1; fcntl a 0 100000000; fcntl a 1030 -1",
    "pair a b; fcntl a 3; fcntl a 1030 250; close a; close a; poll b", NULL};

const char *const same_epoll[] = {"ep e; ep f 524288; ep g 1; poll z; wait e "
                                  "5; wait e 0; wait e -1; wait z 5",
    "ep e; ctl e 1 z 1; ctl z 1 e 1; ctl e 1 e 1; ctl e 9 e 1; read e 5;"
    "write e x",
    "ep e; pipe a b; ctl e 1 a 1; ctl e 1 a 1; ctl e 3 b 1; ctl e 2 b 0;"
    "ctl e 9 a 1",
    "pipe a b; ctl a 1 b 1; wait a 5; tcp c; ctl c 1 a 1; wait c 5",
    "ep e; pipe a b; ctl e 1 a 1; wait e 5; write b x; wait e 5; wait e 5;"
    "read a 5; wait e 5",
    "ep e; pipe a b; ctl e 1 a 80000001; write b x; wait e 5; wait e 5;"
    "write b y; wait e 5; wait e 5",
    "ep e; pipe a b; ctl e 1 a 80000001; write b xy; wait e 5; read a 1;"
    "wait e 5; ctl e 3 a 80000001; wait e 5; wait e 5",
    "ep e; pipe a b; ctl e 1 a 40000001; write b x; wait e 5; write b y;"
    "wait e 5; ctl e 3 a 40000001; wait e 5; wait e 5",
    "ep e; pipe a b; ctl e 1 a 40000001; close b; wait e 5; wait e 5",
    "ep e; pipe a b; ctl e 1 a 10000001; write b x; wait e 5; wait e 5;"
    "ctl e 3 a 1; ctl e 2 a 0",
    "ep e; pipe a b; ctl e 3 a 10000001; ctl e 1 a 10000001; ctl e 3 a "
    "10000001",
    "ep e; pipe a b; ctl e 1 a 50000001; ctl e 1 a 10002001; ctl e 1 a 1",
    "ep e; pipe a b; ctl e 1 a 1; ctl e 1 b 4; wait e 5; write b x; wait e 5;"
    "wait e 1; wait e 1; wait e 1",
    "ep e; pipe a b; pipe c d; ctl e 1 a 1; ctl e 1 c 1; write d x; write b x;"
    "wait e 5; wait e 1; wait e 1",
    "ep e; pipe a b; ctl e 1 a 1; write b x; dup c a; close a; wait e 5;"
    "close c; wait e 5",
    "ep e; pipe a b; ctl e 1 a 1; ctl e 2 a 0; ctl e 2 a 0; write b x; wait e "
    "5",
    "ep e; pipe a b; ctl e 1 a 0; close b; wait e 5",
    "ep e; pipe a b; ctl e 1 b 4; close a; wait e 5; wait e 5",
    "ep e; pair a b; ctl e 1 a 5; wait e 5; write b x; wait e 5; close b;"
    "wait e 5; read a 5; wait e 5",
    "ep e; pair a b; ctl e 1 a 80002005; wait e 5; write b x; wait e 5; close "
    "b;"
    "wait e 5; wait e 5",
    "ep e; pair a b; ctl e 1 a 80002001; shut b 1; wait e 5; wait e 5; close b;"
    "wait e 5",
    "ep e;" LISTENER "ctl e 1 l 1; wait e 5; tcp a; connect a =l; wait e 5;"
    "accept b l; wait e 5",
    "ep e;" LISTENER "ctl e 1 l 80000001; tcp a; connect a =l; wait e 5;"
    "tcp b; connect b =l; wait e 5; wait e 5; accept c l; wait e 5",
    "ep e; tcp a; ctl e 1 a 80002005; wait e 5; connect a :1; wait e 5; wait e "
    "5",
    "ep e;" LISTENER "tcp a; connect a =l; ctl e 1 a 80002005; wait e 5;"
    "wait e 5; accept b l; wait e 5; write b x; wait e 5; wait e 5",
    PAIR
    "ep e; ctl e 1 b 2001; wait e 5; shut a 1; wait e 5; read b 5; wait e 5",
    PAIR "ep e; ctl e 1 b 80002005; wait e 5; write a x; wait e 5; write a y;"
         "wait e 5; read b 9; wait e 5; close a; wait e 5; wait e 5",
    PAIR
    "ep e; ctl e 1 b 1; set a 1 13 1; close a; wait e 5; read b 5; wait e 5",
    PAIR "ep e; ctl e 1 a 4; ctl e 3 a 1; wait e 5; ctl e 3 a 4; wait e 5;"
         "ctl e 3 a 0; wait e 5",
    TWO "ep e; ctl e 1 b 1; sendto a x =b; wait e 5; read b 5; wait e 5",
    TWO "ep e; ctl e 1 b 80000001; sendto a x =b; wait e 5; sendto a y =b;"
        "wait e 5; read b 5; wait e 5",
    TWO "ep e; connect a =b; ctl e 1 a 1; close b; write a x; wait e 5;"
        "get a 1 4; wait e 5",
    "ep e; ep f; pipe a b; ctl e 1 a 1; dup g e; close e; write b x; wait g 5",
    "ep e; fcntl e 3; fcntl e 1; name e; listen e 5", NULL};

const char *const same_option[] = {"tcp a; get a 1 3; get a 1 30; get a 1 39; "
                                   "get a 1 38; get a 1 2; get a 1 9",
    "udp a; get a 1 3; get a 1 30; get a 1 39; get a 1 38; get a 1 6; get a 1 "
    "13",
    "unix a; get a 1 3; get a 1 30; get a 1 39; get a 1 38; get a 1 4; get a 1 "
    "13",
    LISTENER "get l 1 30; get l 1 4; shut l 2; get l 1 30",
    "tcp a; set a 1 2 1; get a 1 2; set a 1 2 0; get a 1 2; set a 1 2 7; get a "
    "1 2",
    "tcp a; set a 1 2 1 3; set a 1 2 1 0; set a 1 13 1 4; set a 1 999 1",
    "tcp a; set a 1 3 1; set a 1 4 1; set a 1 30 1; get a 1 999; get a 99 1",
    "tcp a; set a 1 13 1; get a 1 13; set a 1 13 0; get a 1 13",
    "tcp a; set a 6 1 1; get a 6 1; set a 6 1 5; get a 6 1; set a 6 1 0; get a "
    "6 1",
    "tcp a; get a 6 3; set a 6 3 1; get a 6 3; get a 6 12; get a 6 4; get a 6 "
    "5;"
    "get a 6 6; get a 6 18",
    "tcp a; set a 6 4 0; set a 6 4 32768; set a 6 4 60; get a 6 4",
    "tcp a; set a 6 5 0; set a 6 5 10; get a 6 5; set a 6 6 128; set a 6 6 3;"
    "get a 6 6",
    "tcp a; set a 6 2 87; set a 6 2 40000; set a 6 2 1000; get a 6 2; set a 6 "
    "999 1",
    "tcp a; set a 1 7 10000; get a 1 7; set a 1 8 5000;"
    "get a 1 8",
    "udp a; set a 1 7 10000; get a 1 7; set a 1 8 5000; get a 1 8; get a 1 7",
    "unix a; set a 1 7 10000; get a 1 7; get a 1 8",
    "udp a; set a 6 1 1; get a 6 1; set a 17 99 1; set a 1 9 1; get a 1 9",
    "unix a; set a 6 1 1; get a 6 1; set a 0 1 1; set a 1 2 1; get a 1 2",
    "set z 1 2 1; get z 1 4; pipe a b; set a 6 1 1; get a 6 1",
    PAIR "get b 6 1; get b 1 2; get a 6 1; set a 6 1 1; get a 6 1; get b 6 1",
    "tcp l; set l 6 1 1; set l 1 9 1; bind l :0; listen l 5; tcp a; connect a "
    "=l;"
    "accept b l; get b 6 1; get b 1 9; get b 1 30; get a 6 1",
    "tcp l; set l 1 2 1; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l;"
    "close b; close a; close l; tcp c; set c 1 2 1; bind c any; name c",
    "tcp l; set l 1 2 1; bind l :0; tcp m; set m 1 2 1; bind m =l; listen l 5;"
    "listen m 5",
    LISTENER "tcp m; set m 1 2 1; bind m =l", NULL};
