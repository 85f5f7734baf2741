/*
 * worldfile.c: the world as a whole: its name, its chance, its date, and the
 * order in which its parts are read. Whoever refuses says where.
 */
#include "worldfile.h"
#include "worldfile_parts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1 << 20) /* bytes in a world file */

const char *
worldfile_name(struct yaml *y, yaml_node_t *at, const char *name, size_t most)
{
    size_t len = strlen(name);

    if (len > 0 && len <= most) {
        size_t good = 0;

        while (good < len && (isalnum((unsigned char)name[good]) ||
                                 strchr("_.-", name[good])))
            good++;
        if (good == len && name[0] != '.' && name[0] != '-')
            return name;
    }
    yaml_fault(y, at,
        "`%s` is not a name: at most %zu letters, digits, `-`, `_` and `.`",
        name, most);
    return NULL;
}

static int
set_hosts(struct yaml *y, void *object, yaml_node_t *value)
{
    return yaml_names(y, value, "`hosts`", worldfile_host, object);
}

static int
set_links(struct yaml *y, void *object, yaml_node_t *value)
{
    return yaml_names(y, value, "`links`", worldfile_link, object);
}

static int
set_name(struct yaml *y, void *object, yaml_node_t *value)
{
    struct worldfile *wf = object;
    const char *text = yaml_text(y, value, "`name`");

    wf->name = text ? worldfile_name(y, value, text, WORLD_NAME_MAX) : NULL;
    return wf->name ? 0 : -EINVAL;
}

static int
set_seed(struct yaml *y, void *object, yaml_node_t *value)
{
    return yaml_u64(y, value, "`seed`", &((struct worldfile *)object)->seed);
}

static int
set_epoch(struct yaml *y, void *object, yaml_node_t *value)
{
    return yaml_date(y, value, "`epoch`", &((struct worldfile *)object)->epoch);
}

/* Links name hosts, so they are read after them wherever they stand. */
static int
set_later(struct yaml *y, void *object, yaml_node_t *value)
{
    (void)y, (void)object, (void)value;
    return 0;
}

static int
read_world(struct yaml *y, struct worldfile *wf)
{
    static const struct yaml_key first[] = {
        {"name", set_name},
        {"seed", set_seed},
        {"epoch", set_epoch},
        {"hosts", set_hosts},
        {"links", set_later},
    };
    static const struct yaml_key second[] = {
        {"name", set_later},
        {"seed", set_later},
        {"epoch", set_later},
        {"hosts", set_later},
        {"links", set_links},
    };
    yaml_node_t *root = yaml_root(y);

    if (!root)
        return fault_set(y->fault, y->path, 1, "the file says nothing");
    int err = yaml_map(y, root, "a world", first, LW_COUNT(first), wf);
    if (!err)
        err = yaml_map(y, root, "a world", second, LW_COUNT(second), wf);
    if (!err && !wf->name)
        err = yaml_fault(y, root, "the world has no `name`");
    if (!err && wf->nhosts == 0)
        err = yaml_fault(y, root, "the world has no `hosts`");
    return err;
}

int
worldfile_parse(struct worldfile *wf, const char *text, size_t len,
    const char *path, const char *dir, struct fault *fault)
{
    struct yaml y;

    *wf = (struct worldfile){.seed = 1};
    arena_init(&wf->arena, 16 * FILE_MAX);
    wf->path = arena_text(&wf->arena, path, strlen(path));
    wf->dir = arena_text(&wf->arena, dir, strlen(dir));
    if (!wf->path || !wf->dir)
        return -ENOMEM;
    int err = yaml_open(&y, text, len, wf->path, &wf->arena, fault);
    if (err)
        return err;
    err = read_world(&y, wf);
    yaml_close(&y);
    return err;
}

/* A pipe would keep us waiting, a device never end: NULL and the fault. */
static FILE *
open_file(const char *path, struct fault *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fdopen(fd, "r");
    fault_set(fault, path, 0, "%s", fd < 0 ? strerror(errno) : "not a file");
    if (fd >= 0)
        close(fd);
    return NULL;
}

int
worldfile_read(struct worldfile *wf, const char *dir, struct fault *fault)
{
    char path[4096];
    int err = 0;

    *wf = (struct worldfile){0};
    snprintf(path, sizeof path, "%s/world.yaml", dir);
    FILE *file = open_file(path, fault);
    if (!file)
        return -EINVAL;
    char *text = malloc(FILE_MAX + 1);
    size_t len = text ? fread(text, 1, FILE_MAX + 1, file) : 0;
    if (!text)
        err = fault_set(fault, path, 0, "no memory");
    else if (ferror(file))
        err = fault_set(fault, path, 0, "%s", strerror(errno));
    else if (len > FILE_MAX)
        err = fault_set(fault, path, 0, "larger than 1 MiB");
    else
        err = worldfile_parse(wf, text, len, path, dir, fault);
    free(text);
    fclose(file);
    return err;
}

void
worldfile_free(struct worldfile *wf)
{
    arena_free(&wf->arena);
}

const struct world_computer *
worldfile_running(const struct worldfile *wf, const char *program)
{
    for (unsigned i = 0; i < wf->nhosts; i++)
        for (unsigned k = 0; k < wf->hosts[i].nrun; k++)
            if (strcmp(wf->hosts[i].run[k].argv[0], program) == 0)
                return &wf->hosts[i];
    return NULL;
}
