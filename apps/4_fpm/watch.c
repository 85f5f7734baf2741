/*
 * watch.c: the engine's life and one request's, from outside.
 *
 * Every extension is an entry in module_registry with four functions: at the
 * engine's start and end, at a request's start and end. They are called with
 * the entry's number, so one wrapper for all of them finds the original in a
 * table by that number.
 */
#include "watch.h"
#include "zend_text.h"

#define MODULES_MAX 256

struct watched_module {
    const char *name;
    zend_result (*minit)(INIT_FUNC_ARGS);
    zend_result (*mshutdown)(SHUTDOWN_FUNC_ARGS);
    zend_result (*rinit)(INIT_FUNC_ARGS);
    zend_result (*rshutdown)(SHUTDOWN_FUNC_ARGS);
};

struct watched {
    struct watched_module modules[MODULES_MAX];
    int (*register_static)(void);
};

static struct watched *
watched(void)
{
    /* The engine's hooks have no context: see inside.h. */
    static struct watched self;

    return &self;
}

#define NOTE_MODULE(kind, number)                                              \
    NOTE(fpm_env(fpm_self()), kind, RULE_ZEND_MODULE,                          \
        f_text("module", watched()->modules[number].name),                     \
        f_u64("number", (uint64_t)(number)))

static zend_result
on_minit(INIT_FUNC_ARGS)
{
    NOTE_MODULE(EV_ZEND_MINIT, module_number);
    return watched()->modules[module_number].minit(type, module_number);
}

static zend_result
on_mshutdown(SHUTDOWN_FUNC_ARGS)
{
    NOTE_MODULE(EV_ZEND_MSHUTDOWN, module_number);
    return watched()->modules[module_number].mshutdown(type, module_number);
}

static zend_result
on_rinit(INIT_FUNC_ARGS)
{
    NOTE_MODULE(EV_ZEND_RINIT, module_number);
    return watched()->modules[module_number].rinit(type, module_number);
}

static zend_result
on_rshutdown(SHUTDOWN_FUNC_ARGS)
{
    NOTE_MODULE(EV_ZEND_RSHUTDOWN, module_number);
    return watched()->modules[module_number].rshutdown(type, module_number);
}

static void
wrap(zend_module_entry *entry)
{
    struct watched_module *m;

    if (entry->module_number < 0 || entry->module_number >= MODULES_MAX)
        return;
    m = &watched()->modules[entry->module_number];
    if (m->name)
        return;
    m->name = entry->name;
    m->minit = entry->module_startup_func;
    m->mshutdown = entry->module_shutdown_func;
    m->rinit = entry->request_startup_func;
    m->rshutdown = entry->request_shutdown_func;
    if (m->minit && !entry->module_started)
        entry->module_startup_func = on_minit;
    if (m->mshutdown)
        entry->module_shutdown_func = on_mshutdown;
    if (m->rinit)
        entry->request_startup_func = on_rinit;
    if (m->rshutdown)
        entry->request_shutdown_func = on_rshutdown;
}

static void
wrap_all(void)
{
    zend_module_entry *entry;

    ZEND_HASH_FOREACH_PTR(&module_registry, entry)
    {
        wrap(entry);
    }
    ZEND_HASH_FOREACH_END();
}

/*
 * The library has "pcntl" built in, php-fpm never has: its functions go away
 * and it is not started. The entry stays until all others have theirs,
 * because the engine numbers them by counting.
 */
static void
hush_pcntl(void)
{
    zend_module_entry *m =
        zend_hash_str_find_ptr(&module_registry, "pcntl", strlen("pcntl"));

    if (!m)
        return;
    zend_unregister_functions(m->functions, -1, NULL);
    m->functions = NULL;
    m->module_startup_func = NULL;
    m->module_shutdown_func = NULL;
    m->request_startup_func = NULL;
    m->request_shutdown_func = NULL;
}

static int
on_register_static(void)
{
    int result = watched()->register_static();

    hush_pcntl();
    wrap_all();
    return result;
}

static const char *
severity_name(int type)
{
    switch (type) {
    case E_ERROR:
    case E_CORE_ERROR:
    case E_COMPILE_ERROR:
    case E_USER_ERROR: return "Fatal error";
    case E_RECOVERABLE_ERROR: return "Recoverable fatal error";
    case E_PARSE: return "Parse error";
    case E_WARNING:
    case E_CORE_WARNING:
    case E_COMPILE_WARNING:
    case E_USER_WARNING: return "Warning";
    case E_NOTICE:
    case E_USER_NOTICE: return "Notice";
    case E_DEPRECATED:
    case E_USER_DEPRECATED: return "Deprecated";
    default: return "Error";
    }
}

static void
on_error(int type, zend_string *file, const uint32_t line, zend_string *text)
{
    NOTE(fpm_env(fpm_self()), EV_ZEND_ERROR, RULE_ZEND_ERROR,
        f_text("severity", severity_name(type & E_ALL)),
        f_textn("message", ZSTR_VAL(text), ZSTR_LEN(text)),
        f_text("file", file ? ZSTR_VAL(file) : ""), f_u64("line", line));
}

void
watch_begin(struct fpm *f)
{
    (void)f;
    watched()->register_static = php_register_internal_extensions_func;
    php_register_internal_extensions_func = on_register_static;
}

/* Extensions from php.ini are registered by now and start after us. */
void
watch_minit(void)
{
    wrap_all();
    watch_compile_below();
    zend_observer_error_register(on_error);
}

/* OpCache, a zend_extension, has appeared in the meantime. */
void
watch_started(void)
{
    wrap_all();
    zend_hash_str_del(&module_registry, "pcntl", strlen("pcntl"));
    watch_compile_above();
}

void
watch_request(struct fpm *f, bool begins)
{
    struct env *env = fpm_env(f);

    if (begins) {
        f->stepping = journal_wants(env->journal, EV_ZEND_STEP);
        if (f->stepping)
            watch_step(true);
    } else if (f->stepping) {
        watch_step(false);
    }
    NOTE(env, EV_ZEND_REQUEST, RULE_SAPI_REQUEST,
        f_text("what", begins ? "startup" : "shutdown complete"),
        f_text("script", f->slot->script));
}

void
watch_global(struct fpm *f, const char *name, const zval *value)
{
    char text[2048];
    struct writer w = writer_of(text, sizeof(text));

    if (!journal_wants(fpm_env(f)->journal, EV_ZEND_GLOBAL) ||
        Z_TYPE_P(value) != IS_ARRAY)
        return;
    text_value(&w, value, 3);
    NOTE(fpm_env(f), EV_ZEND_GLOBAL, RULE_ZEND_GLOBALS, f_text("name", name),
        f_textn("value", text, writer_len(&w)),
        f_u64("count", zend_hash_num_elements(Z_ARRVAL_P(value))));
}

void
watch_globals(struct fpm *f)
{
    watch_global(f, "$_GET", &PG(http_globals)[TRACK_VARS_GET]);
    watch_global(f, "$_POST", &PG(http_globals)[TRACK_VARS_POST]);
    watch_global(f, "$_COOKIE", &PG(http_globals)[TRACK_VARS_COOKIE]);
    watch_global(f, "$_FILES", &PG(http_globals)[TRACK_VARS_FILES]);
}

void
watch_execute(struct fpm *f, const char *file)
{
    NOTE(fpm_env(f), EV_ZEND_EXECUTE, RULE_ZEND_EXECUTE, f_text("file", file));
}

void
watch_output(struct fpm *f, const char *data, size_t len)
{
    NOTE(fpm_env(f), EV_ZEND_OUTPUT, RULE_SAPI_OUTPUT, f_u64("len", len),
        f_textn("data", data, len < 256 ? len : 256));
}

void
watch_headers(struct fpm *f, const char *text, size_t len)
{
    NOTE(fpm_env(f), EV_ZEND_HEADERS, RULE_SAPI_HEADERS,
        f_textn("headers", text, len),
        f_u64("status", (uint64_t)SG(sapi_headers).http_response_code));
}
