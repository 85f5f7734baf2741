/*
 * same_scripts.h: what test_same_as_linux.c runs on both sides. Each list
 * ends with NULL.
 */
#ifndef LW_SAME_SCRIPTS_H
#define LW_SAME_SCRIPTS_H

extern const char *const same_tcp[];
extern const char *const same_udp[];
extern const char *const same_unix[];
extern const char *const same_pipe[];
extern const char *const same_epoll[];
extern const char *const same_option[];
extern const char *const same_ports[];
extern const char *const same_splice[];
extern const char *const same_nested[];
extern const char *const same_settings[];

extern const char *const same_names[]; /* same_scripts_unix.c */
extern const char *const same_seqpackets[];
extern const char *const same_broken[];

/* Without privileges. */
extern const char *const same_devices[];

extern const char *const same_polls[]; /* same_poll.c */
extern const char *const same_msgs[];  /* same_msg.c */

/* same_rights.c; the second without privileges */
extern const char *const same_dgrams[];
extern const char *const same_rights[];
extern const char *const same_rights_plain[];

#endif
