/*
 * worldfile_parts.h: what the files that read a world share; see worldfile.h.
 * The calls fit yaml_names, with the struct worldfile as the object.
 */
#ifndef LW_WORLDFILE_PARTS_H
#define LW_WORLDFILE_PARTS_H

#include "worldfile.h"
#include "yamlmap.h"

#define WORLD_NAME_MAX 31 /* what the journal keeps of a name */

/*
 * Names are words, for they stand in file names, captures and messages: the
 * name itself, or NULL with the fault told.
 */
const char *worldfile_name(
    struct yaml *y, yaml_node_t *at, const char *name, size_t most);

/* Adds the host or the link `name` that `value` describes. */
int worldfile_host(
    struct yaml *y, void *object, const char *name, yaml_node_t *value);
int worldfile_link(
    struct yaml *y, void *object, const char *name, yaml_node_t *value);

#endif
