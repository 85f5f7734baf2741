/*
 * sapi_functions.c: the extension "cgi-fcgi": the functions and settings
 * that exist under php-fpm only.
 */
#include "sapi.h"
#include "sapi_php.h"
#include "sys_remote.h"
#include "watch.h"

/*
 * The answer is complete: send it and let the server go, while the script
 * goes on with what the visitor need not wait for.
 */
static PHP_FUNCTION(fastcgi_finish_request)
{
    struct fpm *f = fpm_self();

    ZEND_PARSE_PARAMETERS_NONE();
    if (f->conn.fd < 0 || f->conn.ended)
        RETURN_FALSE;
    php_output_end_all();
    php_header();
    fpm_conn_end(&f->conn);
    if (fpm_conn_close(&f->conn, false))
        fpm_slot_move(fpm_env(f), f->pool->board, f->slot, FPM_STAGE_FINISHED);
    /* the end is not waited for, but neither does it wait for the script */
    sys_remote_flush(f->proc);
    RETURN_TRUE;
}

static PHP_FUNCTION(apache_request_headers)
{
    struct fpm *f = fpm_self();

    ZEND_PARSE_PARAMETERS_NONE();
    array_init(return_value);
    for (struct fpm_param *p = f->conn.params; p; p = p->next)
        if (p->value)
            sapi_add_request_header(p->name, (unsigned)strlen(p->name),
                p->value, (unsigned)strlen(p->value), return_value);
}

static void
add_process(zval *list, const struct fpm_slot *s)
{
    zval one;

    array_init(&one);
    add_assoc_long(&one, "pid", s->pid);
    add_assoc_string(&one, "state", fpm_stage_name(s->stage));
    add_assoc_long(&one, "requests", (zend_long)s->requests);
    add_assoc_string(&one, "request-method", s->method);
    add_assoc_string(&one, "request-uri", s->uri);
    add_assoc_string(&one, "query-string", s->query);
    add_assoc_string(&one, "script", s->script);
    add_next_index_zval(list, &one);
}

static PHP_FUNCTION(fpm_get_status)
{
    struct fpm *f = fpm_self();
    const struct fpm_board *b = f->pool ? f->pool->board : NULL;
    struct fpm_counts c;
    zval processes;

    ZEND_PARSE_PARAMETERS_NONE();
    if (!b)
        RETURN_FALSE;
    c = fpm_board_count(b);
    array_init(return_value);
    add_assoc_string(return_value, "pool", b->pool);
    add_assoc_string(return_value, "process-manager", fpm_pm_name(b->pm));
    add_assoc_long(return_value, "accepted-conn", (zend_long)b->accepted);
    add_assoc_long(return_value, "idle-processes", c.idle);
    add_assoc_long(return_value, "active-processes", c.active);
    add_assoc_long(return_value, "total-processes", c.total);
    add_assoc_long(return_value, "max-active-processes", b->active_max);
    add_assoc_long(
        return_value, "max-children-reached", b->max_children_reached);
    array_init(&processes);
    for (int i = 0; i < b->nslots; i++)
        if (b->slots[i].pid)
            add_process(&processes, &b->slots[i]);
    add_assoc_zval(return_value, "procs", &processes);
}

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(args_finish, 0, 0, _IS_BOOL, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(args_headers, 0, 0, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(
    args_status, 0, 0, MAY_BE_ARRAY | MAY_BE_FALSE)
ZEND_END_ARG_INFO()

/* clang-format off */
static const zend_function_entry functions[] = {
    PHP_FE(fastcgi_finish_request, args_finish)
    PHP_FE(apache_request_headers, args_headers)
    PHP_FALIAS(getallheaders, apache_request_headers, args_headers)
    PHP_FE(fpm_get_status, args_status)
    PHP_FE_END
};

PHP_INI_BEGIN()
    PHP_INI_ENTRY("cgi.fix_pathinfo", "1", PHP_INI_SYSTEM, NULL)
    PHP_INI_ENTRY("fastcgi.logging", "1", PHP_INI_SYSTEM, NULL)
PHP_INI_END()
/* clang-format on */

static PHP_MINIT_FUNCTION(cgi)
{
    (void)type;
    REGISTER_INI_ENTRIES();
    watch_minit();
    return SUCCESS;
}

static PHP_MSHUTDOWN_FUNCTION(cgi)
{
    (void)type;
    UNREGISTER_INI_ENTRIES();
    return SUCCESS;
}

static PHP_MINFO_FUNCTION(cgi)
{
    php_info_print_table_start();
    php_info_print_table_row(2, "php-fpm", "active");
    php_info_print_table_end();
    display_ini_entries(zend_module);
}

zend_module_entry *
sapi_extension(void)
{
    /* The engine writes into it: see inside.h on state outside objects. */
    static zend_module_entry entry = {STANDARD_MODULE_HEADER, "cgi-fcgi",
        functions, PHP_MINIT(cgi), PHP_MSHUTDOWN(cgi), NULL, NULL,
        PHP_MINFO(cgi), PHP_VERSION, STANDARD_MODULE_PROPERTIES};

    return &entry;
}
