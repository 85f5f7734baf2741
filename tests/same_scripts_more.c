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
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 2 0; connect a =l; tcp c; "
    "set c 1 2 0; bind c =a; listen c 1",
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 2 0; connect a =l; name a; "
    "accept b l; tcp d; bind d =a; close a; read b 1; close b; tcp c; set c 1 "
    "2 0; bind c =a; listen c 1",
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
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 15 0; connect a =l; tcp c; "
    "set c 1 15 0; bind c =a; listen c 1",
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 15 0; connect a =l; name a; "
    "accept b l; tcp d; bind d =a; close a; read b 1; close b; tcp c; set c 1 "
    "15 0; bind c =a; listen c 1",
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
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 2 0; connect a =l; tcp c; "
    "set c 1 2 1; bind c =a; listen c 1",
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 2 0; connect a =l; name a; "
    "accept b l; tcp d; bind d =a; close a; read b 1; close b; tcp c; set c 1 "
    "2 1; bind c =a; listen c 1",
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
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 15 0; connect a =l; tcp c; "
    "set c 1 15 1; bind c =a; listen c 1",
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 15 0; connect a =l; name a; "
    "accept b l; tcp d; bind d =a; close a; read b 1; close b; tcp c; set c 1 "
    "15 1; bind c =a; listen c 1",
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
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 2 1; connect a =l; tcp c; "
    "set c 1 2 0; bind c =a; listen c 1",
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 2 1; connect a =l; name a; "
    "accept b l; tcp d; bind d =a; close a; read b 1; close b; tcp c; set c 1 "
    "2 0; bind c =a; listen c 1",
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
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 15 1; connect a =l; tcp c; "
    "set c 1 15 0; bind c =a; listen c 1",
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 15 1; connect a =l; name a; "
    "accept b l; tcp d; bind d =a; close a; read b 1; close b; tcp c; set c 1 "
    "15 0; bind c =a; listen c 1",
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
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 2 1; connect a =l; tcp c; "
    "set c 1 2 1; bind c =a; listen c 1",
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 2 1; connect a =l; name a; "
    "accept b l; tcp d; bind d =a; close a; read b 1; close b; tcp c; set c 1 "
    "2 1; bind c =a; listen c 1",
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
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 15 1; connect a =l; tcp c; "
    "set c 1 15 1; bind c =a; listen c 1",
    "tcp l; bind l :0; listen l 5; tcp a; set a 1 15 1; connect a =l; name a; "
    "accept b l; tcp d; bind d =a; close a; read b 1; close b; tcp c; set c 1 "
    "15 1; bind c =a; listen c 1",
    "tcp l; set l 1 15 1; bind l any; listen l 5; tcp c; set c 1 15 1; bind c "
    "=l; listen c 5",
    NULL};
