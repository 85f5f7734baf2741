/*
 * conf_glob.c: `include sites-*.conf;`: the names that a pattern stands for,
 * in the order of their bytes, as glob(3) gives them. `*`, `?` and [a-z] may
 * stand in any part of the path; a name that begins with a dot needs its dot
 * in the pattern. That nothing matches is no fault.
 */
#include "conf_reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>

#define MATCHES_MAX 4096

/* Into the sorted list, behind those that come before it. */
static int
add(struct reader *rd, struct path_list **list, char *path)
{
    struct path_list *n = conf_alloc(rd, sizeof(*n));

    if (!n)
        return -1;
    while (*list && strcmp((*list)->path, path) <= 0)
        list = &(*list)->next;
    n->path = path;
    n->next = *list;
    *list = n;
    return 0;
}

/* What lies in the folder and matches this part of the pattern. */
static int
matches(struct reader *rd, const char *folder, const char *part,
    struct path_list **out)
{
    char buf[4096];
    unsigned count = 0;
    ssize_t n;
    int err = 0, fd = sys_open(rd->proc, *folder ? folder : "/",
                     O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

    if (fd < 0)
        return 0; /* like a folder in which nothing matches */
    while (!err && (n = sys_getdents64(rd->proc, fd, buf, sizeof(buf))) > 0) {
        struct dirent e;

        for (ssize_t at = 0; at < n && !err; at += e.d_reclen) {
            const char *name = buf + at + offsetof(struct dirent, d_name);
            char *path;

            memcpy(&e, buf + at, offsetof(struct dirent, d_name));
            if (fnmatch(part, name, FNM_PERIOD) != 0)
                continue;
            path = arena_printf(&rd->conf->arena, "%s/%s", folder, name);
            err = path && ++count <= MATCHES_MAX ? add(rd, out, path) : -1;
        }
    }
    sys_close(rd->proc, fd);
    return err ? conf_fault(rd, "too many files match \"%s\"", part) : 0;
}

/* Each path so far, with the next part of the pattern. */
int
conf_glob(struct reader *rd, const char *pattern, struct path_list **out)
{
    struct path_list *found = NULL;
    int err = add(rd, &found, "");

    while (!err && *pattern) {
        const char *end = pattern + 1 + strcspn(pattern + 1, "/");
        char *part = arena_text(
            &rd->conf->arena, pattern + 1, (size_t)(end - pattern - 1));
        struct path_list *next = NULL;

        for (struct path_list *l = found; l && part && !err; l = l->next) {
            char *path = arena_printf(&rd->conf->arena, "%s/%s", l->path, part);

            err = strpbrk(part, "*?[") ? matches(rd, l->path, part, &next)
                  : path               ? add(rd, &next, path)
                                       : -1;
        }
        found = next;
        pattern = end;
        err = part ? err : -1;
    }
    *out = found;
    return err;
}
