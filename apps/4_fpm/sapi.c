/*
 * sapi.c: the table through which the engine talks to the outside. In a
 * request "outside" is the FastCGI connection: output and headers become
 * FCGI_STDOUT, log messages FCGI_STDERR, the body of a POST comes from
 * FCGI_STDIN, and what a CGI program would find in its environment comes
 * from FCGI_PARAMS.
 */
#include "sapi.h"
#include "sapi_php.h"
#include "watch.h"

#include "http_status_codes.h"
#include "zend_smart_str.h"

static struct fpm *
in_request(void)
{
    return SG(server_context);
}

static size_t
on_write(const char *data, size_t len)
{
    struct fpm *f = in_request();

    if (!f) /* before the first request: a message of the start-up */
        return fwrite(data, 1, len, stderr);
    watch_output(f, data, len);
    if (!fpm_conn_write(&f->conn, FCGI_STDOUT, data, len))
        php_handle_aborted_connection();
    return len;
}

static void
on_flush(void *context)
{
    struct fpm *f = context;

    if (!f)
        return;
    if (f->conn.fd >= 0 && !fpm_conn_flush(&f->conn))
        php_handle_aborted_connection();
}

static bool
is_header(const sapi_header_struct *h, const char *name)
{
    size_t len = strlen(name);

    return h->header_len > len && strncasecmp(h->header, name, len) == 0;
}

static const char *
reason_of(int code)
{
    for (const http_response_status_code_pair *p = http_status_map; p->code;
         p++)
        if (p->code == code)
            return p->str;
    return NULL;
}

/*
 * The CGI way of RFC 3875 6.3.3: a "Status:" line among the headers, only
 * when it is not 200. A script may have given the whole line, as
 * header("HTTP/1.1 404 Gone away"), or the header itself.
 */
static bool
put_status(smart_str *out, sapi_headers_struct *headers, int *code)
{
    const char *line = SG(sapi_headers).http_status_line;
    const char *space = line ? strchr(line, ' ') : NULL;
    zend_llist_position pos;

    *code = SG(sapi_headers).http_response_code;
    if (*code == 200)
        return false;
    if (space && space - line >= 5 && strncasecmp(line, "HTTP/", 5) == 0) {
        smart_str_appends(out, "Status:");
        smart_str_appends(out, space);
        *code = atoi(space + 1);
    } else {
        for (sapi_header_struct *h =
                 zend_llist_get_first_ex(&headers->headers, &pos);
             h; h = zend_llist_get_next_ex(&headers->headers, &pos))
            if (is_header(h, "Status:"))
                return false;
        smart_str_append_printf(out, "Status: %d", *code);
        if (reason_of(*code))
            smart_str_append_printf(out, " %s", reason_of(*code));
    }
    smart_str_appends(out, "\r\n");
    return true;
}

static int
on_headers(sapi_headers_struct *headers)
{
    struct fpm *f = in_request();
    smart_str out = {0};
    zend_llist_position pos;
    bool has_status;
    int code;

    if (!f || SG(request_info).no_headers)
        return SAPI_HEADER_SENT_SUCCESSFULLY;
    has_status = put_status(&out, headers, &code);
    for (sapi_header_struct *h =
             zend_llist_get_first_ex(&headers->headers, &pos);
         h; h = zend_llist_get_next_ex(&headers->headers, &pos)) {
        if (h->header_len == 0)
            continue; /* an empty line would end the headers */
        if (is_header(h, "Status:")) {
            if (has_status)
                continue;
            has_status = true;
        } else if (code == 304 && is_header(h, "Content-Type:")) {
            continue; /* RFC 9110 15.4.5: nothing to describe */
        }
        smart_str_appendl(&out, h->header, h->header_len);
        smart_str_appends(&out, "\r\n");
    }
    smart_str_appends(&out, "\r\n");
    smart_str_0(&out);
    watch_headers(f, ZSTR_VAL(out.s), ZSTR_LEN(out.s));
    if (!fpm_conn_write(
            &f->conn, FCGI_STDOUT, ZSTR_VAL(out.s), ZSTR_LEN(out.s)))
        php_handle_aborted_connection();
    smart_str_free(&out);
    return SAPI_HEADER_SENT_SUCCESSFULLY;
}

static size_t
on_read_post(char *buf, size_t len)
{
    struct fpm *f = in_request();
    size_t left = (size_t)SG(request_info).content_length;

    left = left > (size_t)SG(read_post_bytes)
               ? left - (size_t)SG(read_post_bytes)
               : 0;
    return fpm_conn_read(&f->conn, buf, len < left ? len : left);
}

static char *
on_cookies(void)
{
    return fpm_conn_get(&in_request()->conn, "HTTP_COOKIE");
}

static char *
on_getenv(const char *name, size_t len)
{
    (void)len;
    return in_request() ? fpm_conn_get(&in_request()->conn, name) : NULL;
}

static void
register_one(const char *name, char *value, zval *array)
{
    size_t len = strlen(value);

    if (sapi_module.input_filter(PARSE_SERVER, name, &value, len, &len))
        php_register_variable_safe(name, value, len, array);
}

/* $_SERVER: the environment, the parameters, PHP_SELF. */
static void
on_variables(zval *array)
{
    struct fpm *f = in_request();
    const char *uri = SG(request_info).request_uri;
    char *info = fpm_conn_get(&f->conn, "PATH_INFO"), *self;

    php_import_environment_variables(array);
    for (struct fpm_param *p = f->conn.params; p; p = p->next)
        if (p->value)
            register_one(p->name, p->value, array);
    self = arena_printf(&f->conn.arena, "%s%s", uri ? uri : "",
        INI_BOOL("cgi.fix_pathinfo") && info ? info : "");
    if (self)
        register_one("PHP_SELF", self, array);
    watch_global(f, "$_SERVER", array);
}

static void
on_log(const char *message, int severity)
{
    (void)severity;
    fpm_log(fpm_self(), FPM_NOTICE, "PHP message: %s", message);
}

static int
on_deactivate(void)
{
    struct fpm *f = in_request();

    if (f && SG(sapi_started) && !fpm_conn_end(&f->conn))
        php_handle_aborted_connection();
    return SUCCESS;
}

static int
on_startup(sapi_module_struct *module)
{
    return php_module_startup(module, sapi_extension());
}

static int
on_activate(void)
{
    return SUCCESS;
}

sapi_module_struct *
sapi_table(void)
{
    /* The engine writes into it: see inside.h on state outside objects. */
    static sapi_module_struct table = {
        .name = "fpm-fcgi",
        .pretty_name = "FPM/FastCGI",
        .startup = on_startup,
        .shutdown = php_module_shutdown_wrapper,
        .activate = on_activate,
        .deactivate = on_deactivate,
        .ub_write = on_write,
        .flush = on_flush,
        .getenv = on_getenv,
        .sapi_error = php_error,
        .send_headers = on_headers,
        .read_post = on_read_post,
        .read_cookies = on_cookies,
        .register_server_variables = on_variables,
        .log_message = on_log,
    };

    return &table;
}
