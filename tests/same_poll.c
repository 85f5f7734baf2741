/*
 * same_poll.c: the words of the scripts about poll(2) and select(2), and
 * the scripts of test_same_as_linux.c with them.
 */
#include "same_scripts.h"
#include "same_words.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* The descriptors of the letters in `word`; "-" is a negative number. */
static nfds_t
list_of(const struct side *s, const char *word, short events, struct pollfd *f)
{
    nfds_t n = 0;

    for (; word[n] && n < 16; n++) {
        f[n].fd = word[n] == '-' ? -1 : same_fd_of(s, word + n);
        f[n].events = events;
        f[n].revents = 0x5555;
        if (f[n].fd < 0 && word[n] != '-')
            f[n].fd = 999; /* nothing is open there */
    }
    return n;
}

/* "polls abc events ms": events in hexadecimal; what is said of each. */
void
same_do_polls(struct side *s, const struct args *a)
{
    struct pollfd f[16];
    nfds_t n = list_of(s, a->w[1], (short)strtol(a->w[2], NULL, 16), f);
    int ms = atoi(a->w[3]);

    same_result(s, BOTH(s, sys_poll(s->p, f, n, ms), poll(f, n, ms)));
    for (nfds_t i = 0; i < n; i++)
        same_say(s, "[%c:%x]", a->w[1][i], (unsigned)(uint16_t)f[i].revents);
}

/* "ppoll abc events ns": with an empty mask when ns is even. */
void
same_do_ppoll(struct side *s, const struct args *a)
{
    struct pollfd f[16];
    nfds_t n = list_of(s, a->w[1], (short)strtol(a->w[2], NULL, 16), f);
    struct timespec ts = {0, atol(a->w[3])};
    uint64_t mask = 0;
    sigset_t set;
    bool empty = ts.tv_nsec % 2 == 0;

    sigemptyset(&set);
    same_result(s, BOTH(s, sys_ppoll(s->p, f, n, &ts, empty ? &mask : NULL),
                       ppoll(f, n, &ts, empty ? &set : NULL)));
    for (nfds_t i = 0; i < n; i++)
        same_say(s, "[%c:%x]", a->w[1][i], (unsigned)(uint16_t)f[i].revents);
}

/* The set of these letters; NULL for "-". Raises *most. */
static fd_set *
set_of(const struct side *s, const char *word, fd_set *set, int *most)
{
    FD_ZERO(set);
    for (; *word && *word != '-'; word++) {
        int fd = same_fd_of(s, word);

        if (fd < 0)
            fd = 50; /* below the size of both tables, and not open */
        FD_SET(fd, set);
        *most = fd >= *most ? fd + 1 : *most;
    }
    return *word == '-' ? NULL : set;
}

static void
say_set(struct side *s, const char *word, const fd_set *set)
{
    same_say(s, "[");
    for (; *word && *word != '-'; word++) {
        int fd = same_fd_of(s, word);

        if (FD_ISSET(fd < 0 ? 50 : fd, set))
            same_say(s, "%c", *word);
    }
    same_say(s, "]");
}

/* "select ab c - us [less]": letters to read, to write, with news; how many
 * descriptors fewer than needed it looks at. */
void
same_do_select(struct side *s, const struct args *a)
{
    fd_set set[3], *at[3];
    int n = 0;
    struct timeval tv = {0, atol(a->w[4])};
    struct timeval *t = a->w[4][0] == 'i' ? NULL : &tv;
    long ret;

    for (int i = 0; i < 3; i++)
        at[i] = set_of(s, a->w[1 + i], &set[i], &n);
    n -= atoi(a->w[5]);
    ret = BOTH(s, sys_select(s->p, n, at[0], at[1], at[2], t),
        select(n, at[0], at[1], at[2], t));
    same_result(s, ret);
    for (int i = 0; i < 3; i++)
        say_set(s, a->w[1 + i], &set[i]);
    if (t && ret >= 0 && atol(a->w[4]) > 0)
        same_say(s, "%s", tv.tv_sec || tv.tv_usec ? "left" : "over");
}

/* "pselect ab c - ns" */
void
same_do_pselect(struct side *s, const struct args *a)
{
    fd_set set[3], *at[3];
    int n = 0;
    struct timespec ts = {0, atol(a->w[4])};

    for (int i = 0; i < 3; i++)
        at[i] = set_of(s, a->w[1 + i], &set[i], &n);
    same_result(
        s, BOTH(s, sys_pselect6(s->p, n, at[0], at[1], at[2], &ts, NULL),
               pselect(n, at[0], at[1], at[2], &ts, NULL)));
    for (int i = 0; i < 3; i++)
        say_set(s, a->w[1 + i], &set[i]);
}

#define LISTENER "tcp l; bind l :0; listen l 5;"
#define PAIR     LISTENER "tcp a; connect a =l; accept b l;"
#define ALL      "27c7"

const char *const same_polls[] = {
    "polls z 1 0; polls - 1 0; polls z- 1 0; polls z- 1 5; ppoll z 1 4",
    "tcp a; polls a " ALL " 0; polls a 0 0; polls aa 1 0; polls a 4 0; select "
    "a a a 0; select a - - 0; select - a - 0; select - - a 2000",
    "udp a; polls a " ALL " 0; select a a a 0; bind a :0; polls a " ALL " 0; "
    "sendto a x =a; polls a " ALL " 0; polls a 40 0; polls a 1 0; polls a 100 "
    "0; polls a 200 0; read a 5; polls a " ALL " 0",
    "udp a; connect a :9; write a x; polls a 0 0; polls a " ALL " 0; select "
    "a a a 0; select - a - 0; select - - a 500; get a 1 4; polls a 0 1",
    "unix a; polls a " ALL " 0; select a a a 0; pair b c; polls bc " ALL
    " 0; write b x; polls bc " ALL " 0; close b; polls c " ALL " 0; select c c "
    "c 0; read c 5; polls c " ALL " 0",
    "unix l; bind l /x; listen l 5; polls l " ALL " 0; unix a; connect a /x; "
    "polls la " ALL " 0; accept b l; polls lab " ALL
    " 0; shut a 1; polls ab " ALL " 0; shut b 1; polls ab " ALL
    " 0; select ab ab ab 0",
    "pipe a b; polls ab " ALL " 0; write b x; polls ab " ALL " 0; select ab ab "
    "ab 0; close b; polls a " ALL " 0; read a 5; polls a " ALL " 0; select a a "
    "a 0; select - - a 500",
    "pipe a b; close a; polls b " ALL " 0; select b b b 0; select b - - 0; "
    "select - b - 0",
    "ep e; polls e " ALL " 0; pipe a b; ctl e 1 a 1; write b x; polls e " ALL
    " 0; select e e e 0; read a 1; polls e " ALL " 0",
    LISTENER "polls l " ALL " 0; tcp a; connect a =l; polls la " ALL
             " 0; select la la la 0; accept b l; polls lab " ALL " 5",
    LISTENER "shut l 2; polls l " ALL " 0; select l l l 0",
    PAIR "write a hi; polls ab " ALL " 0; polls ab 1 0; polls ab 40 0; polls "
         "ab 80 0; select ab - - 0; select - ab - 0; select - - ab 500",
    PAIR "send a X o; polls ab " ALL " 0; polls b 2 0; select b b b 0; select "
         "- - b 0; recv b 1 o; polls ab " ALL " 0; select - - b 500",
    PAIR "shut a 1; polls ab " ALL " 0; polls ab 2000 0; polls ab 0 0; select "
         "ab - - 0; select - ab - 0",
    PAIR "shut a 0; polls ab " ALL " 0; polls ab 2000 0",
    PAIR "shut a 2; polls ab " ALL " 0; shut b 1; polls ab " ALL
         " 0; polls ab 0 0; select ab ab ab 0; select - - ab 500",
    PAIR "set a 1 13 1; close a; polls b " ALL " 0; polls b 0 0; select b b b "
         "0; select - - b 500; get b 1 4; polls b " ALL " 0; select b b b 0",
    "tcp a; connect a :1; polls a " ALL " 0; polls a 0 0; select a a a 0; get "
    "a 1 4; polls a " ALL " 0; select a a a 0; select - - a 500",
    PAIR "polls b 1 1; polls b 2001 1; ppoll b 1 1000; ppoll b 1 1001; ppoll b "
         "1 1000000000; ppoll b 1 -1; select b - - 1000; select b - - -1; "
         "pselect b - - 1000; pselect b - - -5; pselect "
         "b - - 1000000000; write a x; select b - - 1000000; select b - - "
         "i; pselect b - - 999999999; polls b 1 -1",
    PAIR "select z - - 0; select - z - 0; select - - z 0; select bz - - 0 1; "
         "select b - - 0 -9999; select b - - 0 -1000; select - - - 0; select - "
         "- - 0 1; write a x; select b - - 0 1; select b - - 0 9999; polls bz- "
         "1 0; polls bbb 1 0; select bb bb bb 0",
    NULL};
