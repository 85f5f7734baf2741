/*
 * sapi_serve.c: the engine's start-up, and one request from its first to its
 * last step: request info, RINIT of every extension, the script, shutdown
 * functions, RSHUTDOWN, and the answer's end. A script that fails, exits or
 * runs out of memory jumps out of the middle (zend_bailout); it lands here
 * and the worker goes on.
 */
#include "sapi.h"
#include "sapi_php.h"
#include "watch.h"

#include <errno.h>

const char *
sapi_extension_dir(void)
{
    return PHP_EXTENSION_DIR;
}

int
sapi_begin(struct fpm *f)
{
    sapi_module_struct *table = sapi_table();

    zend_signal_startup();
    SIGG(reset) = 0; /* nothing here takes the handlers away from it */
    sapi_startup(table);
    table->php_ini_path_override = strdup(f->php_ini);
    table->php_ini_ignore_cwd = 1;
    table->executable_location = "/usr/sbin/php-fpm";
    watch_begin(f);
    NOTE(fpm_env(f), EV_ZEND_VERSION, RULE_SAPI_STARTUP,
        f_textn("version", PHP_VERSION, sizeof "8.2" - 1)); /* no release */
    if (VCWD_ACCESS(f->php_ini, R_OK) == 0)
        NOTE(fpm_env(f), EV_FPM_CONFIG, RULE_SAPI_STARTUP,
            f_text("file", f->php_ini));
    if (table->startup(table) == FAILURE)
        return -EINVAL;
    zend_disable_functions("dl"); /* the library has it, php-fpm has not */
    watch_started();
    return 0;
}

void
sapi_end(void)
{
    SG(server_context) = NULL;
    php_module_shutdown();
}

bool
sapi_set_ini(const char *name, const char *value, bool admin)
{
    zend_ini_entry *e =
        zend_hash_str_find_ptr(EG(ini_directives), name, strlen(name));
    zend_string *s;

    if (strcmp(name, "disable_functions") == 0 && *value) {
        zend_disable_functions(value);
        return true;
    }
    if (!e)
        return false;
    s = zend_string_init(value, strlen(value), 1);
    if (e->on_modify && e->on_modify(e, s, e->mh_arg1, e->mh_arg2, e->mh_arg3,
                            ZEND_INI_STAGE_ACTIVATE) != SUCCESS) {
        zend_string_release(s);
        return false;
    }
    e->value = s;
    if (admin)
        e->modifiable = ZEND_INI_SYSTEM;
    return true;
}

void
sapi_worker(struct fpm *f)
{
    const struct fpm_pool *pool = f->pool->conf;

    if (pool->user)
        setenv("USER", pool->user, 1);
    for (struct fpm_setting *s = pool->env; s; s = s->next)
        setenv(s->name, s->value, 1);
    for (struct fpm_setting *s = pool->settings; s; s = s->next)
        if (!sapi_set_ini(s->name, s->value, s->admin))
            fpm_log(f, FPM_WARNING, "[pool %s] unable to set php_value '%s'",
                pool->name, s->name);
}

/* security.limit_extensions: ".php .phar" */
static bool
allowed(const char *path, const char *list)
{
    size_t len = strlen(path), n;

    if (!*list)
        return true;
    for (; *(list += strspn(list, " \t")); list += n) {
        n = strcspn(list, " \t");
        if (len > n && memcmp(path + len - n, list, n) == 0)
            return true;
    }
    return false;
}

static void
refuse(struct fpm *f, int status, const char *text)
{
    (void)f;
    zend_try
    {
        SG(sapi_headers).http_response_code = status;
        php_output_write(text, strlen(text));
    }
    zend_end_try();
}

static void
stage(struct fpm *f, enum fpm_stage to)
{
    fpm_slot_move(fpm_env(f), f->pool->board, f->slot, to);
}

static void
run_script(struct fpm *f)
{
    const char *path = SG(request_info).path_translated;
    char *name = estrdup(path);
    zend_file_handle file;

    if (php_fopen_primary_script(&file) == FAILURE) {
        int err = errno;

        fpm_log(f, FPM_ERROR, "Unable to open primary script: %s (%s)", name,
            strerror(err));
        if (err == EACCES)
            refuse(f, 403, "Access denied.\n");
        else
            refuse(f, 404, "No input file specified.\n");
    } else {
        stage(f, FPM_STAGE_RUNNING);
        EG(exit_status) = 0;
        php_execute_script(&file);
    }
    zend_destroy_file_handle(&file);
    efree(name);
}

/* From request info to RINIT, script and everything in between. */
static void
serve(struct fpm *f)
{
    const char *path;

    if (!SG(request_info).request_method || fpm_status(f))
        return;
    path = SG(request_info).path_translated;
    if (!path) {
        fpm_log(f, FPM_DEBUG, "Primary script unknown");
        refuse(f, 404, "File not found.\n");
    } else if (!allowed(path, f->pool->conf->extensions)) {
        fpm_log(f, FPM_ERROR,
            "Access to the script '%s' has been denied (see "
            "security.limit_extensions)",
            path);
        refuse(f, 403, "Access denied.\n");
    } else {
        run_script(f);
    }
}

static void
copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

/* What the status page tells about this worker. */
static void
write_slot(struct fpm *f)
{
    const sapi_request_info *info = &SG(request_info);
    struct fpm_slot *s = f->slot;

    copy(s->method, sizeof(s->method), info->request_method);
    copy(s->uri, sizeof(s->uri),
        fpm_conn_get(&f->conn, "REQUEST_URI")
            ? fpm_conn_get(&f->conn, "REQUEST_URI")
            : info->request_uri);
    s->uri[strcspn(s->uri, "?")] = '\0';
    copy(s->query, sizeof(s->query), info->query_string);
    copy(s->user, sizeof(s->user), info->auth_user);
    copy(s->script, sizeof(s->script), info->path_translated);
    s->content_length = (uint64_t)info->content_length;
}

void
sapi_serve(struct fpm *f)
{
    struct env *env = fpm_env(f);

    SG(server_context) = f;
    f->said = false;
    zend_first_try
    {
        sapi_find_script(f);
        write_slot(f);
        stage(f, FPM_STAGE_INFO);
        NOTE(env, EV_FPM_REQUEST, RULE_FPM_ACCEPT,
            f_u64("pid", (uint64_t)f->slot->pid),
            f_text("method", f->slot->method),
            f_text("script", f->slot->script), f_text("uri", f->slot->uri));
        watch_request(f, true);
        if (php_request_startup() == SUCCESS) {
            watch_globals(f);
            serve(f);
        }
    }
    zend_end_try();
    if (f->slot->stage != FPM_STAGE_ENDING)
        stage(f, FPM_STAGE_ENDING);
    f->slot->memory = zend_memory_peak_usage(1);
    if (SG(request_info).path_translated)
        efree(SG(request_info).path_translated);
    SG(request_info).path_translated = NULL;
    int status = SG(sapi_headers).http_response_code;
    php_request_shutdown(NULL);
    watch_request(f, false);
    SG(server_context) = NULL;
    NOTE(env, EV_FPM_DONE, RULE_FPM_ACCEPT,
        f_u64("pid", (uint64_t)f->slot->pid),
        f_u64("status", (uint64_t)status));
}
