/*
 * same_words.h: the words of the scripts, for same_calls.c, which runs them,
 * and same_words.c, which holds those about descriptors, options and epoll.
 */
#ifndef LW_SAME_WORDS_H
#define LW_SAME_WORDS_H

#include "same_calls.h"

#include <signal.h>

struct args {
    char *w[6]; /* "" when absent */
};

/* The same call on either side; Linux tells of an error beside the result. */
#define BOTH(s_, ours_, theirs_)                                               \
    ((s_)->p ? (long)(ours_) : same_real((long)(theirs_)))

long same_real(long ret);

/* Appends to s->out. */
void same_say(struct side *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void same_result(struct side *s, long ret);

/* A new descriptor for that letter: its number differs from side to side. */
void same_fd(struct side *s, const char *word, long fd);
int same_fd_of(const struct side *s, const char *word);

void same_do_pair(struct side *s, const struct args *a);
void same_do_get(struct side *s, const struct args *a);
void same_do_set(struct side *s, const struct args *a);
void same_do_device(struct side *s, const struct args *a);
void same_do_readv(struct side *s, const struct args *a);
void same_do_fcntl(struct side *s, const struct args *a);
void same_do_fionread(struct side *s, const struct args *a);
void same_do_ep(struct side *s, const struct args *a);
void same_do_ctl(struct side *s, const struct args *a);
void same_do_wait(struct side *s, const struct args *a);
void same_do_poll(struct side *s, const struct args *a);
void same_do_ioctl(struct side *s, const struct args *a);
void same_do_state(struct side *s, const struct args *a);
void same_do_sendfile(struct side *s, const struct args *a);
void same_do_splice(struct side *s, const struct args *a);
void same_do_tee(struct side *s, const struct args *a);

/* The address that `word` means (same_words.c); its length. */
socklen_t same_address(
    struct side *s, const char *word, struct sockaddr_storage *addr);

/* The length of an address that a call gave, without Linux's folder. */
socklen_t same_length(
    const struct side *s, const struct sockaddr_storage *addr, socklen_t len);

/* same_msg.c */
void same_do_smsg(struct side *s, const struct args *a);
void same_do_rmsg(struct side *s, const struct args *a);
void same_do_smany(struct side *s, const struct args *a);
void same_do_rmany(struct side *s, const struct args *a);
void same_do_own(struct side *s, const struct args *a);
void same_do_owner(struct side *s, const struct args *a);
void same_do_urg(struct side *s, const struct args *a);

/* The signals that scripts ask for, blocked while they run: 10, SIGPIPE,
 * SIGURG, SIGIO, 64. */
#define SAME_SIGNALS                                                           \
    (1ull << 9 | 1ull << 12 | 1ull << 22 | 1ull << 28 | 1ull << 63)
sigset_t same_signals(void);

/* same_rights.c */
void same_do_pass(struct side *s, const struct args *a);
void same_do_claim(struct side *s, const struct args *a);
void same_do_cred(struct side *s, const struct args *a);
void same_do_stale(struct side *s, const struct args *a);
void same_do_full(struct side *s, const struct args *a);
void same_do_flood(struct side *s, const struct args *a);

/* same_poll.c */
void same_do_polls(struct side *s, const struct args *a);
void same_do_ppoll(struct side *s, const struct args *a);
void same_do_select(struct side *s, const struct args *a);
void same_do_pselect(struct side *s, const struct args *a);

#endif
