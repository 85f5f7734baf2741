/*
 * same_scripts_more.c: more scripts of test_same_as_linux.c: who may have a
 * port that another one has or had, and options beside one another.
 */
#include "same_scripts.h"

#include <stddef.h>

const char *const same_ports[] = {
    "tcp l; set l 1 2 0; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; tcp c; set c 1 2 0; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 2 0; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close l; tcp c; set c 1 2 0; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 2 0; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close b; read a 1; close a; close l; tcp c; set c 1 2 0; bind c =l; "
    "listen c 5; poll c",
    "tcp l; set l 1 2 0; bind l :0; tcp c; set c 1 2 0; bind c =l; listen c 5; "
    "listen l 5",
    "tcp l; set l 1 2 0; bind l any; listen l 5; tcp c; set c 1 2 0; bind c "
    "=l; listen c 5",
    "tcp l; set l 1 15 0; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; tcp c; set c 1 15 0; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 15 0; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close l; tcp c; set c 1 15 0; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 15 0; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close b; read a 1; close a; close l; tcp c; set c 1 15 0; bind c =l; "
    "listen c 5; poll c",
    "tcp l; set l 1 15 0; bind l :0; tcp c; set c 1 15 0; bind c =l; listen c "
    "5; listen l 5",
    "tcp l; set l 1 15 0; bind l any; listen l 5; tcp c; set c 1 15 0; bind c "
    "=l; listen c 5",
    "tcp l; set l 1 2 0; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; tcp c; set c 1 2 1; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 2 0; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close l; tcp c; set c 1 2 1; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 2 0; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close b; read a 1; close a; close l; tcp c; set c 1 2 1; bind c =l; "
    "listen c 5; poll c",
    "tcp l; set l 1 2 0; bind l :0; tcp c; set c 1 2 1; bind c =l; listen c 5; "
    "listen l 5",
    "tcp l; set l 1 2 0; bind l any; listen l 5; tcp c; set c 1 2 1; bind c "
    "=l; listen c 5",
    "tcp l; set l 1 15 0; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; tcp c; set c 1 15 1; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 15 0; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close l; tcp c; set c 1 15 1; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 15 0; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close b; read a 1; close a; close l; tcp c; set c 1 15 1; bind c =l; "
    "listen c 5; poll c",
    "tcp l; set l 1 15 0; bind l :0; tcp c; set c 1 15 1; bind c =l; listen c "
    "5; listen l 5",
    "tcp l; set l 1 15 0; bind l any; listen l 5; tcp c; set c 1 15 1; bind c "
    "=l; listen c 5",
    "tcp l; set l 1 2 1; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; tcp c; set c 1 2 0; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 2 1; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close l; tcp c; set c 1 2 0; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 2 1; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close b; read a 1; close a; close l; tcp c; set c 1 2 0; bind c =l; "
    "listen c 5; poll c",
    "tcp l; set l 1 2 1; bind l :0; tcp c; set c 1 2 0; bind c =l; listen c 5; "
    "listen l 5",
    "tcp l; set l 1 2 1; bind l any; listen l 5; tcp c; set c 1 2 0; bind c "
    "=l; listen c 5",
    "tcp l; set l 1 15 1; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; tcp c; set c 1 15 0; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 15 1; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close l; tcp c; set c 1 15 0; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 15 1; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close b; read a 1; close a; close l; tcp c; set c 1 15 0; bind c =l; "
    "listen c 5; poll c",
    "tcp l; set l 1 15 1; bind l :0; tcp c; set c 1 15 0; bind c =l; listen c "
    "5; listen l 5",
    "tcp l; set l 1 15 1; bind l any; listen l 5; tcp c; set c 1 15 0; bind c "
    "=l; listen c 5",
    "tcp l; set l 1 2 1; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; tcp c; set c 1 2 1; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 2 1; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close l; tcp c; set c 1 2 1; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 2 1; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close b; read a 1; close a; close l; tcp c; set c 1 2 1; bind c =l; "
    "listen c 5; poll c",
    "tcp l; set l 1 2 1; bind l :0; tcp c; set c 1 2 1; bind c =l; listen c 5; "
    "listen l 5",
    "tcp l; set l 1 2 1; bind l any; listen l 5; tcp c; set c 1 2 1; bind c "
    "=l; listen c 5",
    "tcp l; set l 1 15 1; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; tcp c; set c 1 15 1; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 15 1; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close l; tcp c; set c 1 15 1; bind c =l; listen c 5; poll c",
    "tcp l; set l 1 15 1; bind l :0; listen l 5; tcp a; connect a =l; accept b "
    "l; close b; read a 1; close a; close l; tcp c; set c 1 15 1; bind c =l; "
    "listen c 5; poll c",
    "tcp l; set l 1 15 1; bind l :0; tcp c; set c 1 15 1; bind c =l; listen c "
    "5; listen l 5",
    "tcp l; set l 1 15 1; bind l any; listen l 5; tcp c; set c 1 15 1; bind c "
    "=l; listen c 5",
    NULL};

#define PAIR "tcp l; bind l :0; listen l 5; tcp a; connect a =l; accept b l;"

const char *const same_splice[] = {
    "pipe a b; splice a b 5 0; splice b a 5 0; splice a a 5 0; splice z b 5 0; "
    "splice a z 5 0; splice a b 0 0; splice a b 5 64; splice z z 0 64",
    "pipe a b; pipe c d; write b hello; splice a d 3 0; read c 9; splice a d 9 "
    "0; read c 9; splice a d 9 0; close b; splice a d 9 0",
    "pipe a b; pipe c d; write b hello; tee a d 9 0; read c 9; read a 9; tee a "
    "d 9 0; tee a b 9 0; tee a d 0 0; tee a d 9 64; close b; tee a d 5 0",
    "pipe a b; pipe c d; write b hello; close c; splice a d 3 0; read a 9",
    "pair a b; pipe c d; write a hello; splice b d 3 0; splice b d 9 0; read c "
    "9; splice b d 9 0; splice b d 9 2; close a; splice b d 9 0",
    "pair a b; pipe c d; write d hello; splice c a 3 0; splice c a 9 4; read b "
    "9; splice c a 9 0; close b; write d x; splice c a 9 0",
    "pair a b; pipe c d; splice a b 5 0; splice a c 5 0; splice d a 5 0; "
    "splice b d 5 0 3; splice c a 5 0 3",
    "udp a; bind a :0; udp b; pipe c d; sendto b hi =a; splice a d 9 0; read c "
    "9; connect b =a; write d hello; splice c b 3 0; read a 9; read a 9",
    "tcp a; pipe c d; splice a d 5 0; write d x; splice c a 5 0; bind a :0; "
    "listen a 3; splice a d 5 0; splice c a 5 0",
    "pipe a b; ep e; splice e b 5 0; write b x; splice a e 5 0; tee e b 5 0",
    PAIR "pipe c d; send a abcX o; splice b d 9 0; splice b d 9 0; "
         "splice b d 9 2; send a de; splice b d 9 0; read b 1; splice b d 9 0; "
         "read c 9",
    PAIR "pipe c d; write a hello; splice b d 3 0; splice b d 9 1; read c 9; "
         "splice b d 9 0; shut a 1; splice b d 9 0; splice b d 9 2",
    PAIR "pipe c d; write d hello; splice c a 3 4; splice c a 9 0; read b 9; "
         "splice c a 9 0; close d; splice c a 9 0",
    PAIR "pipe c d; write d hello; shut a 1; splice c a 3 0; read c 9; poll a",
    PAIR "pipe c d; set a 1 13 1; close a; splice b d 9 0; splice b d 9 0; "
         "write d x; splice c b 9 0",
    PAIR "pipe c d; write a hello; close c; splice b d 3 0; read b 9",
    PAIR "pipe c d; fcntl b 4 0; send a abX o; splice b d 9 0; splice b d 9 0; "
         "read c 9; recv b 1 o",
    "pair a b; pipe c d; big d 65536; write a x; splice b d 1 0; splice b d 1 "
    "2; read b 5; pipe e f; write f x; splice e d 1 0; tee e d 1 0; read e 5",
    PAIR "sendfile a b 5; pipe c d; write d x; sendfile a c 5; sendfile c a 5; "
         "sendfile a z 5; sendfile z a 5; sendfile a a 5",
    NULL};

const char *const same_nested[] = {
    "ep e; ep f; ctl e 1 f 1; ctl f 1 e 1; ctl e 1 f 1; ctl e 1 e 1; ctl e 3 f "
    "5; ctl e 2 f 0; ctl e 2 f 0",
    "ep e; ep f; pipe a b; ctl f 1 a 1; ctl e 1 f 1; wait e 5; write b x; wait "
    "e 5; wait e 5; wait f 5; read a 5; wait e 5; wait f 5",
    "ep e; ep f; pipe a b; ctl f 1 a 1; ctl e 1 f 80000001; write b x; wait e "
    "5; wait e 5; write b y; wait e 5; wait f 5",
    "ep e; ep f; ep g; ep h; ep i; ep j; ctl e 1 f 1; ctl f 1 g 1; ctl g 1 h "
    "1; ctl h 1 i 1; ctl i 1 j 1; ctl j 1 e 1; ctl h 1 e 1",
    "ep e; ep f; ep g; ep h; ep i; ep j; ctl i 1 j 1; ctl h 1 i 1; ctl g 1 h "
    "1; ctl f 1 g 1; ctl e 1 f 1; ctl j 1 f 1",
    "ep e; ep f; ctl e 1 f 10000001; ctl e 1 f 1; ctl e 3 f 10000001; poll f; "
    "poll e",
    "ep e; ep f; pipe a b; write b x; ctl f 1 a 1; poll f; read a 5; poll f; "
    "close a; close b; poll f; close f; wait e 5",
    "ep e; ep f; pipe a b; ctl f 1 a 40000001; ctl e 1 f 1; write b x; wait f "
    "5; wait e 5; ctl f 3 a 40000001; wait e 5; close f; wait e 5",
    "ep e; ep f; ep g; pipe a b; ctl g 1 a 1; ctl f 1 g 1; ctl e 1 f 1; write "
    "b x; wait e 5; wait f 5; wait g 5; read a 1; wait e 5; wait f 5; wait g 5",
    NULL};

const char *const same_settings[] = {
    "tcp a; get a 1 18; set a 1 18 100; get a 1 18; set a 1 18 -1; get a 1 18; "
    "set a 1 18 0; get a 1 18; get a 1 19; set a 1 19 5",
    "tcp a; set a 1 20 5 8; set a 1 20 5 16; get a 1 20; set a 1 21 5 4; get a "
    "1 21",
    "udp a; set a 0 1 255; get a 0 1; set a 0 1 17 1; get a 0 1; set a 0 2 0; "
    "set a 0 2 256; set a 0 2 -1; get a 0 2; set a 0 2 5; get a 0 2",
    "tcp a; set a 0 1 255; get a 0 1; set a 0 10 2; get a 0 10; set a 0 10 9; "
    "set a 0 8 1; get a 0 8; set a 0 11 1; get a 0 11; set a 0 999 1; get a 0 "
    "999",
    "tcp a; set a 6 7 0; set a 6 7 128; get a 6 7; set a 6 8 -5; get a 6 8; "
    "set a 6 8 500; get a 6 8; set a 6 8 0; get a 6 8",
    "tcp a; set a 6 9 -1; get a 6 9; set a 6 9 1; get a 6 9; set a 6 9 4; get "
    "a 6 9; set a 6 9 1000; get a 6 9",
    "tcp a; set a 6 10 1; get a 6 10; set a 6 10 0; get a 6 10; set a 6 25 -1; "
    "get a 6 25; set a 6 18 -1; get a 6 18",
    "tcp a; set a 1 46 -1; set a 1 12 6; get a 1 12; set a 1 10 1; "
    "get a 1 10; set a 1 5 1; get a 1 5; set a 1 11 1; get a 1 11",
    "unix a; set a 1 15 1; get a 1 15; set a 1 12 3; get a 1 12; get a 1 18; "
    "set a 0 1 4; get a 0 1",
    "tcp a; set a 6 13 1 1; set a 6 13 0 0",
    /* bounds of TCP's own options, before and in a connection */
    "tcp a; set a 6 2 87 4; set a 6 2 40000 4; set a 6 2 500 4; get a 6 2; set "
    "a 6 2 0 4; get a 6 2; set a 6 4 0 4; set a 6 4 40000 4; set a 6 5 0 4; "
    "set "
    "a 6 6 200 4; set a 6 7 300 4; set a 6 18 -1 4; set a 6 10 0 4; set a 6 10 "
    "1 4; get a 6 10",
    PAIR "set a 6 2 5 4; set a 6 2 40000 4; set a 6 4 0 4; set a 6 4 40000 4; "
         "set a 6 5 0 4; set a 6 6 200 4; set a 6 7 300 4; set a 6 18 -1 4; "
         "set a 6 10 0 4; set a 6 10 5000 4; get a 6 10",
    PAIR
    "get a 1 9; set a 1 9 1 4; get a 1 9; get a 0 1; set a 0 1 16 4; get a "
    "0 1; get a 0 2; set a 0 2 9 4; get a 0 2; get a 1 10; set a 1 10 1 4; "
    "get a 1 10; get a 0 10; set a 0 10 2 4; get a 0 10; set a 0 10 9 4",
    PAIR
    "set a 1 7 -1 4; set a 1 7 5000 4; get a 1 7; set a 1 8 -1 4; set a 1 8 "
    "5000 4; get a 1 8; set a 1 7 1 4; get a 1 7; set a 1 8 1 4; get a 1 8",
    PAIR "write a x; set b 6 12 1 4; get b 6 12; set b 6 12 0 4; get b 6 12",
    "tcp l; set l 1 9 1 4; set l 1 7 9000 4; set l 1 8 9000 4; set l 0 1 16 4; "
    "set l 6 4 33 4; set l 6 10 3000 4; bind l :0; listen l 5; set l 6 5 44 4; "
    "tcp a; connect a =l; accept b l; get b 1 9; get b 1 7; get b 1 8; get b 0 "
    "1; get b 6 4; get b 6 5; get b 6 10",
    "udp a; bind a away; bind a :0; connect a none; connect a =a; "
    "connect a none; set a 1 8 5000 4; get a 1 8; set a 1 7 5000 4; get "
    "a 1 7; set a 1 8 1 4; get a 1 8",
    "udp a; set a 1 8 5000 4; bind a :0; get a 1 8; shut a 0; recv a 5; poll a",
    "tcp a; set a 1 8 1 4; get a 1 8; set a 1 7 1 4; get a 1 7; udp b; shut b "
    "1; "
    "sendto b x :9; shut b 0; poll b; recv b 5; shut b 2; poll b; udp c; shut "
    "c "
    "2; connect c :9; poll c; write c x",
    PAIR "set a 6 2 500 4; set a 6 2 0 4; write a x; read b 5",
    "unix a; set a 6 1 1 4; get a 6 1; set a 0 1 1 4; get a 1 3; get a 1 30; "
    "set a 1 7 5000 4; get a 1 7; listen a 5",
    "tcp a; ep e; ctl e 1 a 10000001; ctl e 3 a 10000001; ctl e 3 a 1; ctl e 2 "
    "a 0; ctl e 1 a 10000001; ctl e 1 a 1",
    NULL};
