/*
 * sapi_script.c: which file does the request run?
 *
 * The server sends SCRIPT_FILENAME. When it names no file, as in
 * /srv/www/index.php/def, the path is cut at its slashes from the right
 * until a file is found (cgi.fix_pathinfo); what was cut off belongs into
 * PATH_INFO, and PATH_TRANSLATED is built from it. Whatever is changed stays
 * visible under its name with ORIG_ in front.
 */
#include "sapi.h"
#include "php_api.h"

static char *
get(struct fpm *f, const char *name)
{
    return fpm_conn_get(&f->conn, name);
}

/* Keeps the old value as ORIG_name, then sets the new one. */
static char *
replace(struct fpm *f, const char *name, const char *value)
{
    char orig[64];
    char *old = get(f, name);

    if (old) {
        snprintf(orig, sizeof(orig), "ORIG_%s", name);
        fpm_conn_put(&f->conn, orig, old);
    }
    return fpm_conn_put(&f->conn, name, value);
}

static bool
is_file(const char *path)
{
    zend_stat_t st;

    return VCWD_STAT(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool
exists(const char *path)
{
    char *real = tsrm_realpath(path, NULL);

    if (!real)
        return false;
    efree(real);
    return true;
}

/* A path with `..` among its parts is never run. */
static bool
is_plain(const char *path)
{
    for (const char *p = path; (p = strstr(p, "..")); p++)
        if ((p == path || p[-1] == '/') && (p[2] == '\0' || p[2] == '/'))
            return false;
    return true;
}

/*
 * The server's PATH_INFO was the whole of /index.php/def: its head becomes
 * SCRIPT_NAME, its tail of `cut` bytes PATH_INFO.
 */
static void
split_path_info(struct fpm *f, size_t cut)
{
    char *info = get(f, "PATH_INFO"), *name = get(f, "SCRIPT_NAME");
    size_t len = info ? strlen(info) : 0;
    char *head;

    if (len <= cut || cut == 0)
        return;
    head = arena_text(&f->conn.arena, info, len - cut);
    if (!head)
        return;
    if (!name || strcmp(name, head) != 0)
        name = replace(f, "SCRIPT_NAME", head);
    SG(request_info).request_uri = name;
    replace(f, "PATH_INFO", info + len - cut);
}

static void
set_path_translated(struct fpm *f)
{
    const char *root = get(f, "DOCUMENT_ROOT"), *info = get(f, "PATH_INFO");
    size_t len = root ? strlen(root) : 0;
    const char *value;

    if (!root)
        return;
    if (len > 0 && root[len - 1] == '/')
        len--;
    value = arena_printf(
        &f->conn.arena, "%.*s%s", (int)len, root, info ? info : "");
    if (value)
        replace(f, "PATH_TRANSLATED", value);
}

/* The longest beginning of `path`, cut at a slash, that is a file; NULL. */
static char *
find_script(struct fpm *f, const char *path)
{
    char *head = arena_text(&f->conn.arena, path, strlen(path)), *slash;

    while (head && (slash = strrchr(head, '/'))) {
        *slash = '\0';
        if (is_file(head))
            return head;
    }
    return NULL;
}

static const char *
fix_path_info(struct fpm *f, const char *path)
{
    size_t len = strlen(path);
    char *script;

    if (len > 0 && path[len - 1] != '/' && exists(path)) {
        SG(request_info).request_uri = get(f, "SCRIPT_NAME");
        return path;
    }
    script = find_script(f, path);
    if (script) {
        split_path_info(f, len - strlen(script));
        replace(f, "SCRIPT_FILENAME", script);
        set_path_translated(f);
    } else {
        replace(f, "SCRIPT_FILENAME", NULL);
        SG(sapi_headers).http_response_code = 404;
    }
    if (!SG(request_info).request_uri)
        SG(request_info).request_uri = get(f, "SCRIPT_NAME");
    return script;
}

/* One line of PHP_VALUE or PHP_ADMIN_VALUE. */
static void
take_ini(zval *name, zval *value, zval *index, int type, void *admin)
{
    struct fpm *f = fpm_self();

    (void)index;
    if (!name)
        return;
    if (type != ZEND_INI_PARSER_ENTRY)
        fpm_log(f, FPM_ERROR,
            "Passing INI directive through FastCGI: only "
            "classic entries are allowed");
    else if (!value)
        fpm_log(f, FPM_ERROR,
            "Passing INI directive through FastCGI: empty value for key '%s'",
            Z_STRVAL_P(name));
    else if (!sapi_set_ini(Z_STRVAL_P(name), Z_STRVAL_P(value), *(bool *)admin))
        fpm_log(f, FPM_ERROR,
            "Passing INI directive through FastCGI: unable to set '%s'",
            Z_STRVAL_P(name));
}

static void
apply_ini(struct fpm *f, const char *param, bool admin)
{
    const char *text = get(f, param);
    char *lines = text ? arena_printf(&f->conn.arena, "%s\n", text) : NULL;

    if (lines)
        zend_parse_ini_string(
            lines, 1, ZEND_INI_SCANNER_NORMAL, take_ini, &admin);
}

void
sapi_find_script(struct fpm *f)
{
    sapi_request_info *info = &SG(request_info);
    const char *path = get(f, "SCRIPT_FILENAME");
    const char *length = get(f, "CONTENT_LENGTH");
    const char *type = get(f, "CONTENT_TYPE");

    if (!path)
        path = get(f, "PATH_TRANSLATED");
    info->path_translated = NULL;
    info->request_method = get(f, "REQUEST_METHOD");
    info->proto_num = 1000;
    info->query_string = NULL;
    info->request_uri = NULL;
    info->content_type = NULL;
    info->content_length = 0;
    SG(sapi_headers).http_response_code = 200;
    if (path) {
        if (INI_BOOL("cgi.fix_pathinfo"))
            path = fix_path_info(f, path);
        else
            info->request_uri = get(f, "PATH_INFO") ? get(f, "PATH_INFO")
                                                    : get(f, "SCRIPT_NAME");
        if (path && is_plain(path))
            info->path_translated = estrdup(path);
        info->query_string = get(f, "QUERY_STRING");
        info->content_type = type ? type : "";
        info->content_length = length ? atol(length) : 0;
        php_handle_auth_data(get(f, "HTTP_AUTHORIZATION"));
    }
    apply_ini(f, "PHP_VALUE", false);
    apply_ini(f, "PHP_ADMIN_VALUE", true);
}
