/*
 * same_scripts_device.c: scripts of test_same_as_linux.c about sockets that
 * are bound to a card: here to the loopback, which is card 1 everywhere.
 * Beyond it: test_device.c, and the states of test_every_state.c.
 */
#include "same_scripts.h"

#include <stddef.h>

#define TWO "udp a; bind a :0; udp b; bind b :0;"

const char *const same_devices[] = {
    "tcp a; dev a; get a 1 62; dev a -; dev a none; dev a lo; dev a; get a 1 "
    "62; dev a lo; dev a -; dev a none; set a 1 62 0 4; set a 1 62 1 4; set a "
    "1 62 -1 4",
    "udp a; set a 1 62 1 2; set a 1 62 -1 4; set a 1 62 1 4; dev a; get a 1 "
    "62; set a 1 62 2 4; udp b; set b 1 62 0 4; dev b lo",
    "unix a; dev a lo; dev a; dev a lo; get a 1 62; udg b; set b 1 62 1 4; dev "
    "b; dev z lo; dev z; pipe c d; dev c lo; dev c",
    "tcp l; dev l lo; bind l :0; listen l 5; tcp a; connect a =l; accept b l; "
    "dev b; dev a; write a hi; read b 5; dev b lo",
    "tcp l; bind l :0; listen l 5; tcp a; dev a lo; connect a =l; accept b l; "
    "dev b; dev b lo; write b hi; read a 5; write a ho; read b 5",
    "tcp a; dev a lo; bind a :0; tcp b; bind b =a; tcp c; dev c lo; bind c =a",
    TWO "dev b lo; sendto a hi =b; read b 5; dev a lo; sendto a ho =b; read b "
        "5; connect a =b; write a x; read b 5; name a",
    "udp a; dev a lo; bind a :0; udp b; bind b =a; udp c; dev c lo; bind c =a; "
    "udp d; set d 1 2 1; bind d =a",
    "udp a; set a 1 15 1; bind a :0; udp b; set b 1 15 1; dev b lo; bind b =a; "
    "udp c; sendto c one =a; sendto c two =a; sendto c three =a; fionread a; "
    "fionread b",
    NULL};
