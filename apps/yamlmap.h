/*
 * yamlmap.h: YAML with manners. libyaml reads the text; here a map is read by a
 * table of the keys it may have, so that a key nobody knows is refused with
 * its line and the nearest key that would have been right.
 *
 * Every call returns 0 or a negative errno, with file, line and reason in
 * the fault that yaml_open was given.
 */
#ifndef LW_YAMLMAP_H
#define LW_YAMLMAP_H

#include "arena.h"
#include "fault.h"

#include <yaml.h>

struct yaml {
    yaml_document_t doc;
    const char *path; /* for messages */
    struct arena *arena;
    struct fault *fault;
};

/* Reads one document. yaml_close afterwards, but only after success. */
int yaml_open(struct yaml *y, const char *text, size_t len, const char *path,
    struct arena *arena, struct fault *fault);
void yaml_close(struct yaml *y);

yaml_node_t *yaml_root(struct yaml *y); /* NULL: the file is empty */
unsigned yaml_line(const yaml_node_t *node);

/* "path:line: ..." of this node; returns -EINVAL. */
int yaml_fault(struct yaml *y, const yaml_node_t *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A key of a map, and what to do with its value. */
struct yaml_key {
    const char *name;
    int (*set)(struct yaml *y, void *object, yaml_node_t *value);
};

/* Reads a map that may have these keys, each once. */
int yaml_map(struct yaml *y, yaml_node_t *map, const char *what,
    const struct yaml_key *keys, size_t nkeys, void *object);

/* Reads a map whose keys are names that the writer chose, each once. */
int yaml_names(struct yaml *y, yaml_node_t *map, const char *what,
    int (*each)(
        struct yaml *y, void *object, const char *name, yaml_node_t *value),
    void *object);

/* Reads a list. */
int yaml_list(struct yaml *y, yaml_node_t *list, const char *what,
    int (*each)(struct yaml *y, void *object, yaml_node_t *value),
    void *object);

/* The text of a scalar, in the arena; NULL (and a fault) for others. */
char *yaml_text(struct yaml *y, yaml_node_t *node, const char *what);

/* Typed scalars; `what` names the value in messages. */
int yaml_u64(
    struct yaml *y, yaml_node_t *node, const char *what, uint64_t *out);
int yaml_bool(struct yaml *y, yaml_node_t *node, const char *what, bool *out);
int yaml_duration(
    struct yaml *y, yaml_node_t *node, const char *what, int64_t *ns);
int yaml_rate(
    struct yaml *y, yaml_node_t *node, const char *what, uint64_t *bits);
int yaml_chance(
    struct yaml *y, yaml_node_t *node, const char *what, double *out);
/* 2026-01-01, 2026-01-01 12:00:00 (UTC), or seconds since 1970. */
int yaml_date(
    struct yaml *y, yaml_node_t *node, const char *what, int64_t *seconds);

#endif
