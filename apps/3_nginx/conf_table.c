/*
 * conf_table.c: every directive this server knows: where it may stand, how
 * many arguments it takes, what it sets, and what holds when nobody says it
 * (the defaults of nginx 1.22). Adding one is adding a row.
 */
#include "conf_reader.h"

#define LOC (IN_HTTP | IN_SERVER | IN_LOCATION)
#define SRV (IN_HTTP | IN_SERVER)

#define LOC_NUMBER(name_, set_, member_, absent_)                              \
    {                                                                          \
        name_, LOC, 1, 1, false, set_, OF_LOCATION,                            \
            offsetof(struct location, member_), MERGE_NUMBER, absent_          \
    }
#define LOC_FLAG(name_, member_, absent_)                                      \
    LOC_NUMBER(name_, conf_set_flag, member_, absent_)
#define LOC_MSEC(name_, member_, absent_)                                      \
    LOC_NUMBER(name_, conf_set_msec, member_, absent_)
#define LOC_SIZE(name_, member_, absent_)                                      \
    LOC_NUMBER(name_, conf_set_size, member_, absent_)
#define LOC_POINTER(name_, min_, max_, set_, member_)                          \
    {                                                                          \
        name_, LOC, min_, max_, false, set_, OF_LOCATION,                      \
            offsetof(struct location, member_), MERGE_POINTER, 0               \
    }
#define SRV_NUMBER(name_, set_, member_, absent_)                              \
    {                                                                          \
        name_, SRV, 1, 1, false, set_, OF_SERVER,                              \
            offsetof(struct server, member_), MERGE_NUMBER, absent_            \
    }
#define UP_NUMBER(name_, set_, member_, absent_)                               \
    {                                                                          \
        name_, IN_UPSTREAM, 1, 1, false, set_, OF_UPSTREAM,                    \
            offsetof(struct upstream_block, member_), MERGE_NUMBER, absent_    \
    }
#define MAIN_NUMBER(name_, where_, set_, member_)                              \
    {                                                                          \
        name_, where_, 1, 1, false, set_, OF_CONF,                             \
            offsetof(struct conf, member_), MERGE_NO, 0                        \
    }
#define PLAIN(name_, where_, min_, max_, set_)                                 \
    {                                                                          \
        name_, where_, min_, max_, false, set_, OF_NOTHING, 0, MERGE_NO, 0     \
    }
#define BLOCK(name_, where_, min_, max_, set_)                                 \
    {                                                                          \
        name_, where_, min_, max_, true, set_, OF_NOTHING, 0, MERGE_NO, 0      \
    }
/* A second number of a directive that is set by another row's setter. */
#define LOC_SECOND(member_, absent_)                                           \
    {                                                                          \
        "", 0, 0, 0, false, conf_set_ignored, OF_LOCATION,                     \
            offsetof(struct location, member_), MERGE_NUMBER, absent_          \
    }

static const struct directive directives[] = {
    /* the program */
    {"user", IN_MAIN, 1, 2, false, conf_set_text, OF_CONF,
        offsetof(struct conf, user), MERGE_NO, 0},
    {"pid", IN_MAIN, 1, 1, false, conf_set_text, OF_CONF,
        offsetof(struct conf, pid), MERGE_NO, 0},
    PLAIN("worker_processes", IN_MAIN, 1, 1, conf_worker_processes),
    MAIN_NUMBER("daemon", IN_MAIN, conf_set_flag, daemon),
    MAIN_NUMBER("master_process", IN_MAIN, conf_set_flag, master_process),
    MAIN_NUMBER(
        "worker_connections", IN_EVENTS, conf_set_number, worker_connections),
    MAIN_NUMBER("multi_accept", IN_EVENTS, conf_set_flag, multi_accept),
    PLAIN("use", IN_EVENTS, 1, 1, conf_use),
    PLAIN("include", IN_MAIN | IN_EVENTS | LOC | IN_TYPES, 1, 1, conf_include),

    /* blocks */
    BLOCK("events", IN_MAIN, 0, 0, conf_events),
    BLOCK("http", IN_MAIN, 0, 0, conf_http),
    BLOCK("server", IN_HTTP, 0, 0, conf_server),
    BLOCK("location", IN_SERVER | IN_LOCATION, 1, 2, conf_location),
    BLOCK("types", LOC, 0, 0, conf_types),
    BLOCK("upstream", IN_HTTP, 1, 1, conf_upstream),

    /* the server */
    PLAIN("listen", IN_SERVER, 1, 8, conf_listen),
    PLAIN("server_name", IN_SERVER, 1, 32, conf_server_name),
    SRV_NUMBER("client_header_buffer_size", conf_set_size,
        client_header_buffer_size, 1024),
    SRV_NUMBER(
        "client_header_timeout", conf_set_msec, client_header_timeout, 60000),
    {"large_client_header_buffers", SRV, 2, 2, false, conf_set_two_sizes,
        OF_SERVER, offsetof(struct server, large_buffers), MERGE_NUMBER, 4},
    {"", 0, 0, 0, false, conf_set_ignored, OF_SERVER,
        offsetof(struct server, large_buffers_size), MERGE_NUMBER, 8192},
    SRV_NUMBER("merge_slashes", conf_set_flag, merge_slashes, 1),
    SRV_NUMBER(
        "underscores_in_headers", conf_set_flag, underscores_in_headers, 0),
    SRV_NUMBER(
        "ignore_invalid_headers", conf_set_flag, ignore_invalid_headers, 1),
    PLAIN("server_names_hash_bucket_size", IN_HTTP, 1, 1, conf_set_ignored),
    PLAIN("server_names_hash_max_size", IN_HTTP, 1, 1, conf_set_ignored),
    PLAIN("types_hash_max_size", LOC, 1, 1, conf_set_ignored),
    PLAIN("types_hash_bucket_size", LOC, 1, 1, conf_set_ignored),

    /* the connection */
    LOC_FLAG("sendfile", sendfile, 0), LOC_FLAG("tcp_nopush", tcp_nopush, 0),
    LOC_FLAG("tcp_nodelay", tcp_nodelay, 1),
    {"keepalive_timeout", LOC, 1, 2, false, conf_set_keepalive, OF_LOCATION,
        offsetof(struct location, keepalive_timeout), MERGE_NUMBER, 75000},
    LOC_SECOND(keepalive_header, 0),
    LOC_NUMBER("keepalive_requests", conf_set_number, keepalive_requests, 1000),
    LOC_FLAG("lingering_close", lingering_close, 1),
    LOC_MSEC("lingering_time", lingering_time, 30000),
    LOC_MSEC("lingering_timeout", lingering_timeout, 5000),
    LOC_MSEC("send_timeout", send_timeout, 60000),

    /* the request */
    LOC_SIZE("client_max_body_size", client_max_body_size, 1048576),
    LOC_SIZE("client_body_buffer_size", client_body_buffer_size, 16384),
    LOC_MSEC("client_body_timeout", client_body_timeout, 60000),
    {"internal", IN_LOCATION, 0, 0, false, conf_set_flag, OF_LOCATION,
        offsetof(struct location, internal), MERGE_NO, 0},

    /* the answer */
    LOC_FLAG("server_tokens", server_tokens, 1), LOC_FLAG("etag", etag, 1),
    LOC_FLAG("absolute_redirect", absolute_redirect, 1),
    LOC_FLAG("port_in_redirect", port_in_redirect, 1),
    LOC_FLAG("server_name_in_redirect", server_name_in_redirect, 0),
    LOC_FLAG("log_not_found", log_not_found, 1),
    LOC_FLAG("recursive_error_pages", recursive_error_pages, 0),
    LOC_POINTER("root", 1, 1, conf_root, root),
    {"alias", IN_LOCATION, 1, 1, false, conf_root, OF_LOCATION,
        offsetof(struct location, root), MERGE_NO, 0},
    LOC_POINTER("index", 1, 32, conf_index, index),
    PLAIN("autoindex", LOC, 1, 1, conf_autoindex),
    {"", 0, 0, 0, false, conf_set_ignored, OF_LOCATION,
        offsetof(struct location, types), MERGE_POINTER, 0},
    LOC_POINTER("default_type", 1, 1, conf_set_text, default_type),
    LOC_POINTER("error_page", 2, 32, conf_error_page, error_pages),
    LOC_POINTER("allow", 1, 1, conf_access, access),
    PLAIN("deny", LOC, 1, 1, conf_access),
    LOC_POINTER("open_file_cache", 1, 2, conf_open_file_cache, open_file_cache),
    LOC_NUMBER(
        "open_file_cache_valid", conf_set_seconds, open_file_cache_valid, 60),
    LOC_NUMBER("open_file_cache_min_uses", conf_set_number,
        open_file_cache_min_uses, 1),
    LOC_FLAG("open_file_cache_errors", open_file_cache_errors, 0),
    PLAIN("log_format", IN_HTTP, 2, 32, conf_log_format),
    LOC_POINTER("access_log", 1, 2, conf_access_log, access_logs),
    {"error_log", IN_MAIN | LOC, 1, 2, false, conf_error_log, OF_LOCATION,
        offsetof(struct location, error_log), MERGE_POINTER, 0},
    PLAIN("try_files", IN_SERVER | IN_LOCATION, 2, 32, conf_try_files),
    PLAIN("rewrite", IN_SERVER | IN_LOCATION, 2, 3, conf_rewrite),
    PLAIN("return", IN_SERVER | IN_LOCATION, 1, 2, conf_return),
    PLAIN("set", IN_SERVER | IN_LOCATION, 2, 2, conf_set_variable),
    PLAIN("break", IN_SERVER | IN_LOCATION, 0, 0, conf_break),

    /* the program behind */
    PLAIN("server", IN_UPSTREAM, 1, 8, conf_upstream_server),
    UP_NUMBER("keepalive", conf_set_number, keepalive, -1),
    UP_NUMBER("keepalive_requests", conf_set_number, keepalive_requests, 1000),
    UP_NUMBER("keepalive_time", conf_set_msec, keepalive_time, 3600000),
    UP_NUMBER("keepalive_timeout", conf_set_msec, keepalive_timeout, 60000),

    /* FastCGI */
    PLAIN("fastcgi_pass", IN_LOCATION, 1, 1, conf_fastcgi_pass),
    LOC_POINTER("fastcgi_index", 1, 1, conf_set_value, fastcgi_index),
    LOC_POINTER(
        "fastcgi_split_path_info", 1, 1, conf_fastcgi_split, fastcgi_split),
    LOC_POINTER("fastcgi_param", 2, 3, conf_fastcgi_param, fastcgi_params),
    LOC_MSEC("fastcgi_connect_timeout", fastcgi_connect_timeout, 60000),
    LOC_MSEC("fastcgi_send_timeout", fastcgi_send_timeout, 60000),
    LOC_MSEC("fastcgi_read_timeout", fastcgi_read_timeout, 60000),
    LOC_SIZE("fastcgi_buffer_size", fastcgi_buffer_size, 4096),
    {"fastcgi_buffers", LOC, 2, 2, false, conf_set_two_sizes, OF_LOCATION,
        offsetof(struct location, fastcgi_buffers), MERGE_NUMBER, 8},
    LOC_SECOND(fastcgi_buffers_size, 4096),
    LOC_FLAG("fastcgi_keep_conn", fastcgi_keep_conn, 0),
    LOC_FLAG("fastcgi_intercept_errors", fastcgi_intercept_errors, 0),
    LOC_FLAG("fastcgi_ignore_client_abort", fastcgi_ignore_client_abort, 0),
    {NULL, 0, 0, 0, false, NULL, OF_NOTHING, 0, MERGE_NO, 0}};

const struct directive *
conf_directives(void)
{
    return directives;
}
