/*
 * sysctl.c: knobs by name.
 */
#include "sysctl.h"

#include <errno.h>
#include <string.h>

const struct sysctl sysctl_default = {
#define SYSCTL(field, name, value, least, most) .field = (value),
#include "sysctl.def"
#undef SYSCTL
};

static const struct knob {
    const char *name;
    size_t offset; /* in struct sysctl */
    int least, most;
} knobs[] = {
#define SYSCTL(field, name, value, least, most)                                \
    {name, offsetof(struct sysctl, field), least, most},
#include "sysctl.def"
#undef SYSCTL
};

static const struct knob *
knob_find(const char *name)
{
    for (size_t i = 0; i < LW_COUNT(knobs); i++)
        if (strcmp(knobs[i].name, name) == 0)
            return &knobs[i];
    return NULL;
}

int
sysctl_set(struct sysctl *s, const char *name, int value)
{
    const struct knob *k = knob_find(name);

    if (!k)
        return -ENOENT;
    if (value < k->least || value > k->most)
        return -EINVAL;
    memcpy((char *)s + k->offset, &value, sizeof value);
    return 0;
}
