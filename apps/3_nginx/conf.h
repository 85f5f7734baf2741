/*
 * conf.h: the configuration, read and merged: what every directive came to
 * mean. Made once by the master, read by all workers, changed by nobody.
 *
 * Three kinds of settings, as in nginx: those of the whole program (struct
 * conf), of one server (struct server), of one location (struct location).
 * A location inherits what it does not say from the block around it. The
 * location-wide settings of http{} and server{} are kept in a struct
 * location of their own.
 */
#ifndef LW_CONF_H
#define LW_CONF_H

#include "fault.h"
#include "http.h"
#include "sys.h"

#include <netinet/in.h>
#include <sys/un.h>

#define CONF_UNSET INT64_MIN /* of every number: not said in this block */

struct regex;
struct value; /* a text with variables: value.h */

struct text_list {
    struct text_list *next;
    struct value *value;
};

/* An address to bind or to connect to. */
struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_un un;
    } sock;
    socklen_t len;
    const char *text; /* "0.0.0.0:80" or "unix:/run/php.sock" */
};

struct server_name {
    struct server_name *next;
    enum {
        NAME_EXACT,
        NAME_HEAD_WILDCARD, /* *.shop.test, .shop.test */
        NAME_TAIL_WILDCARD, /* www.shop.* */
        NAME_REGEX
    } kind;
    const char *text;  /* as written, lower case */
    const char *match; /* the part to compare, without the wildcard */
    bool or_bare;      /* .shop.test: shop.test itself, too */
    struct regex *regex;
};

/* upstream{}: a program behind, under a name. Times in milliseconds. */
struct upstream_block {
    struct upstream_block *next;
    const char *name;
    struct address address;
    unsigned index;
    bool defined;     /* false: only named so far */
    const char *file; /* where it was first named */
    unsigned line;
    int64_t keepalive; /* idle connections that a worker keeps; -1: none */
    int64_t keepalive_requests, keepalive_time, keepalive_timeout;
};

struct error_page {
    struct error_page *next;
    unsigned status;
    int64_t overwrite; /* -1: keep the status; 0: that of the new answer */
    struct value *uri;
    const char *plain; /* as written */
};

struct access_rule {
    struct access_rule *next;
    struct ipv4 net;
    unsigned prefix;
    bool deny;
};

struct mime_type {
    struct mime_type *next;
    const char *extension; /* lower case */
    const char *type;
};

struct types {
    struct mime_type *bucket[64];
};

/* The type of files with this extension (lower case), or NULL. */
const char *conf_type_of(const struct types *t, const char *ext);

struct log_file {
    struct log_file *next;
    const char *path;
    int fd; /* opened by the master; -1 */
    const char *format_name;
    struct value *format; /* access logs */
    int level;            /* error logs: enum log_level */
};

enum rewrite_kind {
    REWRITE_REGEX, /* rewrite pattern replacement flag */
    REWRITE_RETURN,
    REWRITE_SET,
    REWRITE_BREAK
};

struct rewrite {
    struct rewrite *next;
    enum rewrite_kind kind;
    struct regex *regex;
    struct value *value;
    unsigned status; /* return; rewrite with redirect, permanent */
    bool last, break_, add_args;
    unsigned variable; /* set */
};

struct try_files {
    struct text_list *files;
    bool *is_dir; /* by position */
    struct value *fallback;
    const char *named; /* "@name", or NULL */
    unsigned status;   /* =code, or 0 */
};

struct fastcgi_param {
    struct fastcgi_param *next;
    const char *name;
    struct value *value;
    bool if_not_empty;
};

/* open_file_cache; max 0: off. Each has an index of its own, and each worker
 * a cache for it. */
struct file_cache_conf {
    unsigned index;
    int64_t max, inactive; /* files, seconds */
};

struct root {
    struct value *value;
    bool alias;
    bool captures; /* alias in a regex location: the whole path */
};

enum location_match {
    LOCATION_BLOCK,    /* http{} or server{} itself */
    LOCATION_PREFIX,   /* location /a */
    LOCATION_EXACT,    /* location = /a */
    LOCATION_NO_REGEX, /* location ^~ /a */
    LOCATION_REGEX,    /* location ~ a, ~* a */
    LOCATION_NAMED     /* location @a */
};

struct location {
    enum location_match match;
    const char *name;
    size_t name_len;
    const char *shown; /* for events: "~ \.php$" */
    struct regex *regex;
    struct location *parent, *children, *last_child, *next;
    int64_t internal;

    /* core; sizes in bytes, times in milliseconds, flags 0 and 1 */
    int64_t sendfile, tcp_nopush, tcp_nodelay;
    int64_t keepalive_timeout, keepalive_header, keepalive_requests;
    int64_t client_max_body_size, client_body_buffer_size;
    int64_t client_body_timeout, send_timeout;
    int64_t lingering_close, lingering_time, lingering_timeout;
    int64_t server_tokens, etag, absolute_redirect, port_in_redirect;
    int64_t server_name_in_redirect, log_not_found, recursive_error_pages;
    struct root *root;
    struct text_list *index;
    struct types *types;
    const char *default_type;
    struct error_page *error_pages;
    struct access_rule *access;
    struct file_cache_conf *open_file_cache;
    int64_t open_file_cache_valid, open_file_cache_min_uses; /* seconds */
    int64_t open_file_cache_errors;
    struct log_file *access_logs; /* path NULL: off */
    struct log_file *error_log;

    /* not inherited */
    struct rewrite *rewrites;
    struct try_files *try_files;
    struct address *fastcgi_pass;
    struct upstream_block *fastcgi_upstream; /* whose it is, or NULL */

    struct value *fastcgi_index;
    struct regex *fastcgi_split;
    struct fastcgi_param *fastcgi_params;
    int64_t fastcgi_connect_timeout, fastcgi_send_timeout;
    int64_t fastcgi_read_timeout, fastcgi_buffer_size;
    int64_t fastcgi_buffers, fastcgi_buffers_size, fastcgi_keep_conn;
    int64_t fastcgi_intercept_errors, fastcgi_ignore_client_abort;
};

struct server {
    struct server *next;
    struct location *location; /* its location-wide settings, and tree */
    struct server_name *names;
    const char *name; /* the first, for logs; "" */
    unsigned nlisten;
    int64_t client_header_buffer_size, client_header_timeout;
    int64_t large_buffers, large_buffers_size;
    int64_t merge_slashes, underscores_in_headers, ignore_invalid_headers;
};

/* One address of `listen`: the servers behind it, the default one first. */
struct listen {
    struct listen *next;
    struct address address;
    struct server **servers;
    unsigned count;
    bool has_default;
    int backlog;
    int fd;                  /* -1: covered by a wildcard */
    struct listen *wildcard; /* 0.0.0.0 of the same port, or NULL */
    bool shared;             /* other addresses arrive here: ask getsockname */
};

struct log_format {
    struct log_format *next;
    const char *name;
    struct value *value;
};

/* A variable of set or of a named capture. */
struct variable_name {
    struct variable_name *next;
    const char *name; /* lower case */
    unsigned index;
    bool defined;     /* false: only read so far */
    const char *file; /* where it was first read */
    unsigned line;
};

struct conf {
    struct arena arena; /* all of it */
    unsigned users;     /* master and workers that still read it */
    struct conf *older; /* the one before, while its workers finish */
    int64_t worker_processes, worker_connections, multi_accept;
    int64_t master_process, daemon;
    const char *user, *pid;
    struct log_file *error_log;
    struct location *http; /* http{}; NULL: none */
    struct server *http_server, *servers, *last_server;
    struct listen *listens;
    struct log_format *formats;
    struct log_file *files;          /* every log, once a path */
    struct variable_name *variables; /* of set and of named captures */
    struct upstream_block *upstreams;
    unsigned nvariables, nfile_caches, nupstreams;
};

/*
 * Reads the file through sys_open. On failure -errno and the fault in the
 * form of nginx -t, without its "nginx: [emerg] ". The conf is freed with
 * conf_free either way.
 */
int conf_read(
    struct conf *c, struct proc *p, const char *path, struct fault *fault);

/* The same from memory; include then asks `p`, which may be NULL. */
int conf_read_text(struct conf *c, struct proc *p, const char *name,
    const char *text, size_t len, struct fault *fault);

void conf_free(struct conf *c); /* its memory, not c itself */

/* A conf of its own for processes that end in any order: each holds it
 * once, the last to drop it frees all. NULL: no memory. */
struct conf *conf_new(void); /* held once */
void conf_drop(void *conf);

#endif
