/*
 * sysctl.h: the knobs of one host, as sysctl(8) shows them on Linux: one
 * struct, read where the decision is made. The lowest storey that has a knob
 * declares it; the storey above, which owns it, is IP (net.h, ip_sysctl).
 */
#ifndef LW_SYSCTL_H
#define LW_SYSCTL_H

#include "words.h"

struct sysctl {
#define SYSCTL(field, name, value, least, most) int field;
#include "sysctl.def"
#undef SYSCTL
};

/* Everything as a fresh Linux has it. */
extern const struct sysctl sysctl_default;

/* "net.ipv4.ip_forward" := value. -ENOENT: no such knob; -EINVAL: refused. */
int sysctl_set(struct sysctl *s, const char *name, int value);

#endif
