/*
 * same_scripts_unix.c: scripts of test_same_as_linux.c about Unix sockets
 * that have an abstract name, choose one, or keep messages apart.
 */
#include "same_scripts.h"

#include <stddef.h>

const char *const same_names[] = {
    "unix a; bind a @x; name a; bind a @y; bind a @x; bind a auto; bind a /x; "
    "unix b; bind b @x; close a; bind b @x; name b",
    "unix a; bind a auto; name a; bind a auto; bind a @x; listen a 3; unix b; "
    "bind b auto; connect b =a; accept c a; name c; peer c; name b; peer b",
    "unix a; connect a @x; bind a @x; unix b; connect b @x; listen a 3; "
    "connect b @x; accept c a; peer b; peer c; name c; close a; unix d; bind d "
    "@x; connect d @x; write b hi; read c 9",
    "unix a; bind a @; name a; listen a 1; unix b; connect b @; connect b @x",
    "unix a; udg b; seq c; bind a @x; bind b @x; bind c @x; name c; unix d; "
    "bind d @x; udg e; connect e @x; peer e; write e hi; recv b 9",
    "unix a; udg b; seq c; bind a /x; bind b /x; bind c /x; connect b /x; "
    "connect c /x; bind a /x; bind b auto; connect b @x",
    "udg a; bind a @x; udg b; sendto b hi @x; recv a 9; bind b @y; sendto b ho "
    "@x; recv a 9; sendto a hi @y; recv b 9; close a; sendto b x @x",
    "udg a; bind a @x; udg b; set b 1 16 1; connect b @y; name b; connect b "
    "@x; name b; write b hi; recv a 9",
    "udg a; bind a @x; udg b; set b 1 16 1; sendto b hi @x; name b; recv a 9",
    "udg a; set a 1 16 1; connect a short; name a; sendto a "
    "x /y; name a; udg b; set b 1 16 1; connect b none; name b",
    "unix a; set a 1 16 1; connect a inet6; name a; connect a /y; name a",
    "dpair a b; set a 1 16 1; name a; write a hi; name a; peer b; recv b 9",
    "pair a b; set a 1 16 1; write a hi; name a; recv b 9; bind b auto; name "
    "b; peer a; write b ho; recv a 9",
    "unix l; bind l @x; listen l 3; set l 1 16 1; unix a; connect a @x; accept "
    "b l; name a; get b 1 16; bind b auto; bind b @y; name b; close l; unix m; "
    "bind m @x; peer a",
    "udg a; bind a @x; dup b a; close a; udg c; sendto c x @x; close b; sendto "
    "c x @x",
    NULL};

#define PAIR                                                                   \
    "tcp l; bind l :0; listen l 5; tcp a; connect a =l; accept b l; shut a 1;"

/* EPIPE, and whether SIGPIPE comes with it. */
const char *const same_broken[] = {PAIR
    "write a x; spi; spi; send a x; spi; smsg a x - -; spi",
    "udp a; bind a :0; connect a =a; shut a 1; write a x; spi; sendto a x =a; "
    "spi; read a 9; pipe c d; write d x; splice c a 5 0; spi; shut a 0; write "
    "a x; read a 9; get a 1 4; poll a; name a",
    "unix a; write a x; spi; pair c d; shut c 1; write c x; spi; close d; "
    "write c x; spi; send c x; spi",
    "dpair a b; shut a 1; write a x; spi; close b; write a x; spi; udg c; shut "
    "c 1; write c x; spi",
    "qpair a b; shut a 1; write a x; spi; close b; write a x; spi",
    "dpair a b; shut b 0; write a x; spi; pipe c d; write d x; splice c a 5 0; "
    "spi",
    "pipe a b; close a; write b x; spi; pipe c d; write d x; splice c b 5 0; "
    "spi; tee c b 5 0; spi",
    PAIR "pipe c d; write d x; splice c a 5 0; spi; sendfile a c 5; spi", NULL};

#define SPAIR "seq l; bind l @x; listen l 3; seq a; connect a @x; accept b l;"

const char *const same_seqpackets[] = {
    "sock a 1 5 0; sock b 1 3 0; get b 1 3; sock c 1 4 0; sock d 1 5 1; sock e "
    "1 5 7; get a 1 3; get a 1 39; get a 1 38; sock f 2 5 0",
    "seq a; name a; peer a; poll a; read a 5; write a x; sendto a x /x; "
    "fionread a; shut a 1; shut a 0; poll a; read a 5; write a x; accept b a",
    "seq a; listen a 3; bind a /x; listen a 3; poll a; write a x; read a 5; "
    "fionread a; connect a /x; seq b; connect b /x; poll a; poll b; shut a 0; "
    "poll a; accept c a; accept d a",
    "seq a; connect a /x; unix b; bind b /x; listen b 3; connect a /x; seq c; "
    "bind c /y; connect a /y; listen c 0; connect a /y; seq d; connect d /y; "
    "accept e c; connect d /y",
    SPAIR "name a; peer a; name b; peer b; poll a; poll b; poll l; connect a "
          "@x; listen a 3; accept c a; bind a @y; name a; peer b",
    SPAIR "write a one; write a two; fionread b; poll b; recv b 2; recv b 9 p; "
          "read b 9; poll b; read b 9; fionread b",
    SPAIR "write a hello; recv b 2 t; write a hello; recv b 2 pt; rmsg b 2 -; "
          "write a hello; rmsg b 9 -; smsg a hi - -; readv b 1 1; write a x; "
          "recv b 0; read b 0",
    SPAIR "write a; poll b; fionread b; read b 9; read b 9; write a; write a "
          "x; read b 9; read b 9",
    SPAIR "sendto a hi /y; sendto a hi none; sendto a hi @x; recv b 9; recv b "
          "9; recv b 9; bind a @y; write a ho; recv b 9; send a x o; recv b 5 "
          "o; poll a",
    "udg a; recv a 5 o; udp b; recv b 5 o; bind b :0; recv b 5 o; sendto b hi "
    "=b; recv b 5 o; dpair c d; recv c 5 o",
    SPAIR "write a hello; close a; poll b; write b x; read b 9; poll b; read b "
          "9; write b x; write b x; peer b; get b 1 4",
    SPAIR "write a hello; close b; poll a; write a x; write a x; read a 9; "
          "poll a; peer a",
    SPAIR "write a hello; close b; get a 1 4; write a x; read a 9; read a 9",
    SPAIR "write a hello; close b; read a 9; read a 9; write a x",
    SPAIR "shut a 1; poll a; poll b; write a x; read b 9; write b hi; read a "
          "9; shut b 1; poll a; poll b; shut b 1; close b; read a 9; poll a",
    SPAIR "write b hi; shut a 0; poll a; poll b; read a 9; read a 9; write b "
          "x; write a x; read b 9; shut a 7; shut a 2; poll b; read b 9",
    "seq l; bind l @x; listen l 3; seq a; connect a @x; write a hi; write a "
    "ho; poll l; close a; accept b l; poll b; read b 9; read b 9; read b 9",
    "seq l; bind l @x; listen l 3; seq a; connect a @x; close l; poll a; read "
    "a 5; read a 5; write a x; connect a @x",
    "qpair a b; name a; peer a; poll a; set a 1 7 4608 4; get a 1 7; big a "
    "3000; big a 3000; big a 3000; big a 3000; poll a; fionread b; recv b 1; "
    "recv b 1; poll a; big a 9216; big a 9184; recv b 1; poll a; big a 9185",
    "qpair a b; ep e; set a 1 7 4608 4; ctl e 1 a 80002005; wait e 5; big a "
    "9000; big a 9000; wait e 5; recv b 1; wait e 5; wait e 5; close b; wait e "
    "5; wait e 5",
    "qpair a b; ep e; ctl e 1 a 80002005; wait e 5; write b x; wait e 5; write "
    "b y; wait e 5; read a 5; wait e 5; close b; wait e 5; wait e 5",
    "qpair a b; dup c b; close b; write a x; read c 9; poll a; close c; poll "
    "a; get a 1 4; ioctl a 5411; ioctl a 894b",
    "qpair a b; pipe c d; write d hello; splice c a 3 0; splice c a 9 0; read "
    "b 9; read b 9; write a hello; splice b d 2 0; read c 9; splice b d 9 0; "
    "splice b d 9 2; close a; splice b d 9 0",
    NULL};
