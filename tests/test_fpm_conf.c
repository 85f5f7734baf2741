/*
 * test_fpm_conf.c: php-fpm's configuration: what it means, and how it is
 * refused. Files come from a table in memory.
 */
#include "check.h"
#include "fpm_conf.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

struct file {
    const char *path, *text;
};

struct files {
    const struct file *list;
    unsigned warnings;
    char warning[256];
};

static const char *
load(void *owner, struct arena *a, const char *path, size_t *len)
{
    const struct files *files = owner;

    for (const struct file *f = files->list; f->path; f++)
        if (strcmp(f->path, path) == 0) {
            *len = strlen(f->text);
            return arena_text(a, f->text, *len);
        }
    return NULL;
}

static const char *
match(void *owner, struct arena *a, const char *pattern, unsigned i)
{
    const struct files *files = owner;

    (void)a;
    for (const struct file *f = files->list; f->path; f++)
        if (fnmatch(pattern, f->path, FNM_PATHNAME) == 0 && i-- == 0)
            return f->path;
    return NULL;
}

static void
warn(void *owner, const char *text)
{
    struct files *files = owner;

    files->warnings++;
    snprintf(files->warning, sizeof(files->warning), "%s", text);
}

static int
read_files(struct fpm_conf *c, struct files *files, struct fault *fault)
{
    const struct fpm_loader loader = {files, load, match, warn};

    fault->text[0] = '\0';
    return fpm_conf_read(c, &loader, "/etc/php-fpm.conf", fault);
}

/* Reads one file; the fault's text, or "" when it was taken. */
static const char *
refusal(const char *text)
{
    const struct file list[] = {{"/etc/php-fpm.conf", text}, {NULL, NULL}};
    struct files files = {.list = list};
    static struct fault fault; /* returned to the caller */
    struct fpm_conf c;

    read_files(&c, &files, &fault);
    fpm_conf_free(&c);
    return fault.text;
}

#define POOL "[www]\nlisten = 9000\npm = static\npm.max_children = 2\n"

static void
reads_includes_and_pools(void)
{
    const struct file list[] = {
        {"/etc/php-fpm.conf",
            "; the master\n[global]\nlog_level = warning\n"
            "process_control_timeout = 2m\ninclude=/etc/pool.d/*.conf\n"},
        {"/etc/pool.d/a.conf",
            "[a]\nlisten = 127.0.0.1:9000\npm = dynamic\n"
            "pm.max_children = 5\npm.start_servers = 2\n"
            "pm.min_spare_servers = 1\npm.max_spare_servers = 3\n"
            "php_admin_value[memory_limit] = \"32M\" ; why not\n"
            "php_flag[display_errors] = off\nenv[STAGE] = test\n"
            "request_terminate_timeout = 30s\nclear_env = no\n"},
        {"/etc/pool.d/b.conf",
            "[b]\nlisten = /run/b.sock\npm = ondemand\npm.max_children = 1\n"
            "user = www-data\nlisten.mode = 0660\nping.path = /ping\n"},
        {"/etc/pool.d/c.off", "nonsense"}, {NULL, NULL}};
    struct files files = {.list = list};
    struct fpm_conf c;
    struct fault fault;

    CHECK_EQ(read_files(&c, &files, &fault), 0);
    CHECK_TEXT(fault.text, "");
    CHECK_EQ(c.log_level, FPM_WARNING);
    CHECK_EQ(c.control_timeout, 120);
    struct fpm_pool *a = c.pools, *b = a ? a->next : NULL;
    if (CHECK(a && b && !b->next)) {
        CHECK_TEXT(a->name, "a");
        CHECK_TEXT(a->listen, "127.0.0.1:9000");
        CHECK_EQ(a->pm, FPM_PM_DYNAMIC);
        CHECK_EQ(a->start_servers, 2);
        CHECK_EQ(a->terminate_timeout, 30);
        CHECK(!a->clear_env);
        CHECK_TEXT(a->settings->name, "memory_limit");
        CHECK_TEXT(a->settings->value, "32M");
        CHECK(a->settings->admin);
        CHECK_TEXT(a->settings->next->value, "0");
        CHECK(!a->settings->next->admin);
        CHECK_TEXT(a->env->name, "STAGE");
        CHECK_TEXT(b->listen, "/run/b.sock");
        CHECK_EQ(b->start_servers, 0);
        CHECK_EQ(b->backlog, 511);
        CHECK_TEXT(b->extensions, ".php .phar");
        CHECK_TEXT(b->ping_response, "pong");
    }
    fpm_conf_free(&c);
}

static void
refuses_with_file_and_line(void)
{
    CHECK_TEXT(
        refusal(POOL "foo = 1\n"), "[/etc/php-fpm.conf:5] unknown entry 'foo'");
    CHECK_TEXT(refusal("[global]\npm = static\n"),
        "[/etc/php-fpm.conf:2] unknown entry 'pm'");
    CHECK_TEXT(refusal(POOL "chroot = /srv\n"),
        "[/etc/php-fpm.conf:5] 'chroot' is not supported: the host's folder "
        "is the root already");
    CHECK_TEXT(refusal("[www]\npm.max_children = many\n"),
        "[/etc/php-fpm.conf:2] value 'many' for 'pm.max_children': is not a "
        "valid number (greater or equal than zero)");
    CHECK_TEXT(refusal("[www]\npm = often\n"),
        "[/etc/php-fpm.conf:2] value 'often' for 'pm': invalid process "
        "manager (static, dynamic or ondemand)");
    CHECK_TEXT(refusal("[www]\npm.process_idle_timeout = 5x\n"),
        "[/etc/php-fpm.conf:2] value '5x' for 'pm.process_idle_timeout': is "
        "not a time: write 10, 10s, 5m, 2h or 1d");
    CHECK_TEXT(refusal("[www]\nclear_env = 7\n"),
        "[/etc/php-fpm.conf:2] value '7' for 'clear_env': is not a boolean: "
        "write yes or no");
    CHECK_TEXT(refusal("[www]\nphp_something[x] = 7\n"),
        "[/etc/php-fpm.conf:2] unknown entry 'php_something'");
    CHECK_TEXT(refusal("include = /etc/none.conf\n"),
        "[/etc/php-fpm.conf:1] Unable to include /etc/none.conf: no such "
        "file");
}

static void
refuses_broken_syntax(void)
{
    CHECK_TEXT(
        refusal("[www\n"), "[/etc/php-fpm.conf:1] a section is written [name]");
    CHECK_TEXT(refusal("[]\n"), "[/etc/php-fpm.conf:1] a section needs a name");
    CHECK_TEXT(refusal("[www]\nlisten\n"),
        "[/etc/php-fpm.conf:2] an entry is written key = value");
    CHECK_TEXT(refusal("[www]\nlisten = \"9000\n"),
        "[/etc/php-fpm.conf:2] the closing quote is missing");
    CHECK_TEXT(refusal("[www]\nenv[x = 1\n"),
        "[/etc/php-fpm.conf:2] an array entry is written key[name]");
    CHECK_TEXT(
        refusal("[www]\n = 1\n"), "[/etc/php-fpm.conf:2] an entry needs a key");
}

static void
refuses_pools_without_sense(void)
{
    CHECK_TEXT(refusal("[global]\n"),
        "No pool defined. at least one pool section must be specified in "
        "config file");
    CHECK_TEXT(refusal("[www]\npm = static\npm.max_children = 1\n"),
        "[pool www] no listen address has been defined!");
    CHECK_TEXT(refusal("[www]\nlisten = 9000\npm.max_children = 1\n"),
        "[pool www] the process manager is missing (static, dynamic or "
        "ondemand)");
    CHECK_TEXT(refusal("[www]\nlisten = 9000\npm = static\n"),
        "[pool www] pm.max_children must be a positive value");
    CHECK_TEXT(refusal("[www]\nlisten = 9000\npm = dynamic\n"
                       "pm.max_children = 2\npm.max_spare_servers = 1\n"),
        "[pool www] pm.min_spare_servers(0) must be a positive value");
    CHECK_TEXT(
        refusal("[www]\nlisten = 9000\npm = dynamic\npm.max_children = 2\n"
                "pm.min_spare_servers = 1\npm.max_spare_servers = 3\n"),
        "[pool www] pm.min_spare_servers(1) and pm.max_spare_servers(3) "
        "cannot be greater than pm.max_children(2)");
    CHECK_TEXT(
        refusal("[www]\nlisten = 9000\npm = dynamic\npm.max_children = 5\n"
                "pm.min_spare_servers = 2\npm.max_spare_servers = 3\n"
                "pm.start_servers = 1\n"),
        "[pool www] pm.start_servers(1) must not be less than "
        "pm.min_spare_servers(2) and not greater than "
        "pm.max_spare_servers(3)");
    CHECK_TEXT(refusal(POOL "pm.status_path = status\n"),
        "[pool www] the status path 'status' must start with a '/' and be "
        "longer than that");
}

static void
start_servers_has_a_default(void)
{
    const struct file list[] = {
        {"/etc/php-fpm.conf", "[w]\nlisten = 1\npm = dynamic\n"
                              "pm.max_children = 9\n"
                              "pm.min_spare_servers = 2\n"
                              "pm.max_spare_servers = 6\n"},
        {NULL, NULL}};
    struct files files = {.list = list};
    struct fpm_conf c;
    struct fault fault;

    CHECK_EQ(read_files(&c, &files, &fault), 0);
    CHECK_EQ(c.pools ? c.pools->start_servers : -1, 4);
    CHECK_EQ(files.warnings, 1);
    CHECK_TEXT(files.warning,
        "[pool w] pm.start_servers is not set. It's been set to 4.");
    fpm_conf_free(&c);
}

static void
a_file_cannot_include_itself_for_ever(void)
{
    const struct file list[] = {
        {"/etc/php-fpm.conf", "include = /etc/php-fpm.conf\n"}, {NULL, NULL}};
    struct files files = {.list = list};
    struct fpm_conf c;
    struct fault fault;

    CHECK(read_files(&c, &files, &fault) < 0);
    CHECK_TEXT(fault.text,
        "[/etc/php-fpm.conf:1] value '/etc/php-fpm.conf' for 'include': too "
        "many files include one another");
    fpm_conf_free(&c);
}

static void
hostile_bytes_end_in_a_fault(void)
{
    const char seed[] = POOL "php_value[a] = \"b\" ; c\n[x]\nenv[y]=z\n";
    char text[sizeof(seed)];

    for (size_t i = 0; i < sizeof(seed) - 1; i++)
        for (int c = 1; c < 256; c += 7) {
            memcpy(text, seed, sizeof(seed));
            text[i] = (char)c;
            refusal(text);
        }
    CHECK(true);
}

static CU_TestInfo cases[] = {TEST(reads_includes_and_pools),
    TEST(refuses_with_file_and_line), TEST(refuses_broken_syntax),
    TEST(refuses_pools_without_sense), TEST(start_servers_has_a_default),
    TEST(a_file_cannot_include_itself_for_ever),
    TEST(hostile_bytes_end_in_a_fault), CU_TEST_INFO_NULL};

CU_SuiteInfo suite_fpm_conf = {.pName = "fpm_conf", .pTests = cases};
