/*
 * fpm_ini.c: one line at a time, into a buffer of its own, so that the
 * entry's parts are zero-terminated texts that live until the next line.
 */
#include "fpm_ini.h"

#include <string.h>
#include <strings.h>

#define LINE_MAX_LEN 4096

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts blanks at both ends, in place. */
static char *
trim(char *s)
{
    size_t n;

    while (is_blank(*s))
        s++;
    n = strlen(s);
    while (n > 0 && is_blank(s[n - 1]))
        s[--n] = '\0';
    return s;
}

static int
refuse(struct fault *fault, const struct fpm_ini_entry *e, const char *why)
{
    return fault_set(fault, NULL, 0, "[%s:%u] %s", e->file, e->line, why);
}

/* The value as php.ini's own reader gives it; NULL: a quote is missing. */
static const char *
read_value(char *s)
{
    static const char *const yes[] = {"on", "yes", "true"};
    static const char *const no[] = {"off", "no", "false", "none", "null"};
    char quote = *s, *end;

    if (quote == '"' || quote == '\'') {
        end = strchr(s + 1, quote);
        if (!end)
            return NULL;
        *end = '\0';
        end = trim(end + 1);
        return *end == '\0' || *end == ';' ? s + 1 : NULL;
    }
    end = strchr(s, ';');
    if (end)
        *end = '\0';
    s = trim(s);
    for (size_t i = 0; i < LW_COUNT(yes); i++)
        if (strcasecmp(s, yes[i]) == 0)
            return "1";
    for (size_t i = 0; i < LW_COUNT(no); i++)
        if (strcasecmp(s, no[i]) == 0)
            return "";
    return s;
}

/* "[www]": the name goes to section, which is LINE_MAX_LEN long. */
static int
read_section(
    char *s, char *section, struct fpm_ini_entry *e, struct fault *fault)
{
    char *end = strchr(s, ']');

    if (!end || (end[1] && *trim(end + 1) != ';' && *trim(end + 1)))
        return refuse(fault, e, "a section is written [name]");
    *end = '\0';
    s = trim(s + 1);
    if (*s == '\0')
        return refuse(fault, e, "a section needs a name");
    memcpy(section, s, strlen(s) + 1);
    return 0;
}

static int
read_entry(char *s, struct fpm_ini_entry *e, struct fault *fault)
{
    char *eq = strchr(s, '='), *open, *close;

    if (!eq)
        return refuse(fault, e, "an entry is written key = value");
    *eq = '\0';
    e->key = trim(s);
    open = strchr(s, '[');
    if (open) {
        close = strchr(open, ']');
        if (!close || *trim(close + 1))
            return refuse(fault, e, "an array entry is written key[name]");
        *open = *close = '\0';
        e->key = trim(s);
        e->index = trim(open + 1);
    }
    if (*e->key == '\0')
        return refuse(fault, e, "an entry needs a key");
    e->value = read_value(trim(eq + 1));
    return e->value ? 0 : refuse(fault, e, "the closing quote is missing");
}

int
fpm_ini_read(const char *text, size_t len, const char *file,
    int (*take)(void *owner, const struct fpm_ini_entry *e), void *owner,
    struct fault *fault)
{
    char line[LINE_MAX_LEN], section[LINE_MAX_LEN] = "";
    const char *end = text + len;
    unsigned no = 0;

    while (text < end) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((nl ? nl : end) - text);
        struct fpm_ini_entry e = {.section = section, .file = file};
        char *s;
        int err;

        e.line = ++no;
        if (n >= sizeof(line) || memchr(text, '\0', n))
            return refuse(fault, &e, "the line is too long or not text");
        memcpy(line, text, n);
        line[n] = '\0';
        text += n + 1;
        s = trim(line);
        if (*s == '\0' || *s == ';')
            continue;
        err = *s == '[' ? read_section(s, section, &e, fault)
                        : read_entry(s, &e, fault);
        if (!err)
            err = take(owner, &e);
        if (err)
            return err;
    }
    return 0;
}
