/*
 * conf_reader.h: how a configuration is read: the state of the reader, the
 * table of directives and their setters. Only for the files conf*.c and for
 * those that compile values and patterns.
 */
#ifndef LW_CONF_READER_H
#define LW_CONF_READER_H

#include "conf.h"

enum {
    IN_MAIN = 1,
    IN_EVENTS = 2,
    IN_HTTP = 4,
    IN_SERVER = 8,
    IN_LOCATION = 16,
    IN_TYPES = 32,
    IN_UPSTREAM = 64
};

struct lexer;
struct statement;

struct reader {
    struct conf *conf;
    struct proc *proc;
    struct lexer *lexer;
    struct fault *fault;
    unsigned context; /* one of IN_ */
    unsigned depth;   /* of blocks and includes */
    struct server *server;
    struct location *location;
    struct upstream_block *upstream;
};

enum merge_kind {
    MERGE_NO,
    MERGE_NUMBER, /* int64_t: CONF_UNSET takes the outer one */
    MERGE_POINTER /* NULL takes the outer one */
};

struct directive {
    const char *name;
    unsigned contexts;
    uint8_t min, max; /* arguments */
    bool block;
    int (*set)(
        struct reader *rd, const struct directive *d, struct statement *s);
    enum {
        OF_NOTHING,
        OF_CONF,
        OF_SERVER,
        OF_LOCATION,
        OF_UPSTREAM
    } of;
    size_t offset;
    enum merge_kind merge;
    int64_t absent; /* default of numbers */
};

/* The rows, ended by a NULL name. */
const struct directive *conf_directives(void);

/* The number or pointer that this row is about. */
void *conf_field(const struct reader *rd, const struct directive *d);

/* "REASON in FILE:LINE" of the present statement. -EINVAL. */
int conf_fault(struct reader *rd, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void *conf_alloc(struct reader *rd, size_t size); /* or NULL, fault set */

/* Reads statements until the block or file ends. */
int conf_block(struct reader *rd, unsigned context);

struct location *conf_location_new(struct reader *rd);
struct server *conf_server_new(struct reader *rd);
void conf_unset_numbers(void *of, unsigned kind);

/* conf_upstream.c: the block of that name, made if new. NULL: no memory. At
 * the end: was every one that was named defined? */
struct upstream_block *conf_upstream_named(struct reader *rd, const char *name);
int conf_upstream_check(struct reader *rd);

/* Fills what was not said, from outer to inner blocks. */
int conf_merge(struct reader *rd);

/* conf_glob.c: the files that an absolute pattern stands for, sorted. */
struct path_list {
    struct path_list *next;
    char *path;
};
int conf_glob(struct reader *rd, const char *pattern, struct path_list **out);

int conf_address(
    struct reader *rd, const char *text, uint16_t port, struct address *out);

/* setters (conf_set.c: plain values; others by theme) */
#define CONF_SETTER(name)                                                      \
    int name(struct reader *rd, const struct directive *d, struct statement *s)
CONF_SETTER(conf_set_flag);
CONF_SETTER(conf_set_number);
CONF_SETTER(conf_set_size);
CONF_SETTER(conf_set_msec);
CONF_SETTER(conf_set_seconds);
CONF_SETTER(conf_set_text);
CONF_SETTER(conf_set_value);
CONF_SETTER(conf_set_ignored);
CONF_SETTER(conf_set_two_sizes);
CONF_SETTER(conf_set_keepalive);
CONF_SETTER(conf_worker_processes);
CONF_SETTER(conf_use);
CONF_SETTER(conf_events);
CONF_SETTER(conf_http);
CONF_SETTER(conf_server);
CONF_SETTER(conf_location);
CONF_SETTER(conf_types);
CONF_SETTER(conf_include);
CONF_SETTER(conf_listen);
CONF_SETTER(conf_server_name);
CONF_SETTER(conf_root);
CONF_SETTER(conf_index);
CONF_SETTER(conf_try_files);
CONF_SETTER(conf_error_page);
CONF_SETTER(conf_access);
CONF_SETTER(conf_rewrite);
CONF_SETTER(conf_return);
CONF_SETTER(conf_set_variable);
CONF_SETTER(conf_break);
CONF_SETTER(conf_log_format);
CONF_SETTER(conf_access_log);
CONF_SETTER(conf_error_log);
CONF_SETTER(conf_upstream);
CONF_SETTER(conf_upstream_server);
CONF_SETTER(conf_fastcgi_pass);
CONF_SETTER(conf_fastcgi_split);
CONF_SETTER(conf_fastcgi_param);
CONF_SETTER(conf_autoindex);
CONF_SETTER(conf_open_file_cache);

/* A `types` entry; also used for the default set. */
int conf_add_type(
    struct reader *rd, struct types *t, const char *type, const char *ext);

#endif
