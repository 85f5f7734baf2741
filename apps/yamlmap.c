/*
 * yamlmap.c: from libyaml's nodes to tables of keys and typed values. A node
 * knows its line, so every refusal does.
 */
#include "yamlmap.h"
#include "nearest.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX  256 /* most keys in one map */
#define DEPTH_MAX 32  /* most lists and maps in one another */

/* Why and where libyaml refused. -EINVAL. */
static int
broken(const yaml_parser_t *parser, const char *text, size_t len,
    const char *path, struct fault *fault)
{
    unsigned line = (unsigned)parser->problem_mark.line + 1;

    if (parser->error == YAML_READER_ERROR) {
        line = 1;
        for (size_t i = 0; i < parser->problem_offset && i < len; i++)
            line += text[i] == '\n';
    }
    return fault_set(fault, path, line, "%s",
        parser->problem ? parser->problem : "not YAML");
}

/*
 * Looks through the file once without keeping anything: libyaml's time grows
 * with the square of the depth, so a megabyte of brackets would keep it busy
 * for an hour.
 */
static int
check_depth(const char *text, size_t len, const char *path, struct fault *fault)
{
    yaml_parser_t parser;
    yaml_event_t event;
    yaml_event_type_t type = YAML_NO_EVENT;
    int depth = 0, err = 0;

    if (!yaml_parser_initialize(&parser))
        return -ENOMEM;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    while (!err && type != YAML_STREAM_END_EVENT) {
        if (!yaml_parser_parse(&parser, &event)) {
            err = broken(&parser, text, len, path, fault);
            break;
        }
        type = event.type;
        depth += type == YAML_SEQUENCE_START_EVENT ||
                 type == YAML_MAPPING_START_EVENT;
        depth -=
            type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT;
        if (depth > DEPTH_MAX)
            err = fault_set(fault, path, (unsigned)event.start_mark.line + 1,
                "more than %d lists and maps in one another", DEPTH_MAX);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return err;
}

int
yaml_open(struct yaml *y, const char *text, size_t len, const char *path,
    struct arena *arena, struct fault *fault)
{
    yaml_parser_t parser;

    *y = (struct yaml){.path = path, .arena = arena, .fault = fault};
    int err = check_depth(text, len, path, fault);
    if (err)
        return err;
    if (!yaml_parser_initialize(&parser))
        return -ENOMEM;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    if (!yaml_parser_load(&parser, &y->doc))
        err = broken(&parser, text, len, path, fault);
    yaml_parser_delete(&parser);
    return err;
}

void
yaml_close(struct yaml *y)
{
    yaml_document_delete(&y->doc);
}

yaml_node_t *
yaml_root(struct yaml *y)
{
    return yaml_document_get_root_node(&y->doc);
}

unsigned
yaml_line(const yaml_node_t *node)
{
    return (unsigned)node->start_mark.line + 1;
}

int
yaml_fault(struct yaml *y, const yaml_node_t *node, const char *format, ...)
{
    char text[400];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return fault_set(y->fault, y->path, yaml_line(node), "%s", text);
}

char *
yaml_text(struct yaml *y, yaml_node_t *node, const char *what)
{
    if (node->type != YAML_SCALAR_NODE) {
        yaml_fault(y, node, "%s is a single word or text", what);
        return NULL;
    }
    const char *text = (const char *)node->data.scalar.value;
    size_t len = node->data.scalar.length;
    if (memchr(text, 0, len)) {
        yaml_fault(y, node, "%s contains a zero byte", what);
        return NULL;
    }
    char *copy = arena_text(y->arena, text, len);
    if (!copy)
        yaml_fault(y, node, "no memory");
    return copy;
}

int
yaml_names(struct yaml *y, yaml_node_t *map, const char *what,
    int (*each)(
        struct yaml *y, void *object, const char *name, yaml_node_t *value),
    void *object)
{
    const char *seen[KEYS_MAX];
    size_t nseen = 0;

    if (map->type != YAML_MAPPING_NODE)
        return yaml_fault(y, map, "%s is a map: `name: value` lines", what);
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start;
         p < map->data.mapping.pairs.top; p++) {
        yaml_node_t *key = yaml_document_get_node(&y->doc, p->key);
        yaml_node_t *value = yaml_document_get_node(&y->doc, p->value);
        const char *name = yaml_text(y, key, "a key");

        if (!name)
            return -EINVAL;
        if (nseen == KEYS_MAX)
            return yaml_fault(y, key, "%s has too many keys", what);
        for (size_t i = 0; i < nseen; i++)
            if (strcmp(seen[i], name) == 0)
                return yaml_fault(y, key, "%s has %s twice", what, name);
        seen[nseen++] = name;
        int err = each(y, object, name, value);
        if (err)
            return err;
    }
    return 0;
}

struct table {
    const struct yaml_key *keys;
    size_t nkeys;
    const char *what;
    void *object;
};

static int
known_key(struct yaml *y, void *owner, const char *name, yaml_node_t *value)
{
    struct table *t = owner;

    for (size_t i = 0; i < t->nkeys; i++)
        if (strcmp(t->keys[i].name, name) == 0)
            return t->keys[i].set(y, t->object, value);
    const char *near =
        nearest(name, &t->keys[0].name, t->nkeys, sizeof t->keys[0]);
    if (near)
        return yaml_fault(y, value, "%s has no key `%s`; did you mean `%s`?",
            t->what, name, near);
    return yaml_fault(y, value, "%s has no key `%s`", t->what, name);
}

int
yaml_map(struct yaml *y, yaml_node_t *map, const char *what,
    const struct yaml_key *keys, size_t nkeys, void *object)
{
    struct table t = {keys, nkeys, what, object};

    return yaml_names(y, map, what, known_key, &t);
}

int
yaml_list(struct yaml *y, yaml_node_t *list, const char *what,
    int (*each)(struct yaml *y, void *object, yaml_node_t *value), void *object)
{
    if (list->type != YAML_SEQUENCE_NODE)
        return yaml_fault(y, list, "%s is a list: [a, b]", what);
    for (yaml_node_item_t *i = list->data.sequence.items.start;
         i < list->data.sequence.items.top; i++) {
        int err = each(y, object, yaml_document_get_node(&y->doc, *i));

        if (err)
            return err;
    }
    return 0;
}

int
yaml_u64(struct yaml *y, yaml_node_t *node, const char *what, uint64_t *out)
{
    const char *text = yaml_text(y, node, what);
    char *end;

    if (!text)
        return -EINVAL;
    errno = 0;
    *out = strtoull(text, &end, 10);
    if (errno || *end || text[0] < '0' || text[0] > '9')
        return yaml_fault(
            y, node, "%s `%s` is not a whole number from 0 on", what, text);
    return 0;
}

int
yaml_bool(struct yaml *y, yaml_node_t *node, const char *what, bool *out)
{
    const char *text = yaml_text(y, node, what);

    if (!text)
        return -EINVAL;
    *out = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;
    if (!*out && strcmp(text, "no") != 0 && strcmp(text, "false") != 0)
        return yaml_fault(y, node, "%s is yes or no, not `%s`", what, text);
    return 0;
}

struct unit {
    const char *name;
    double factor;
};

/*
 * A number and its unit, as "1.5 ms". strtod would also take "inf", "nan"
 * and hexadecimal: the first letter must be a digit and the second no x.
 */
static int
measure(struct yaml *y, yaml_node_t *node, const char *what,
    const struct unit *units, size_t n, double most, double *out)
{
    const char *text = yaml_text(y, node, what);
    char *end;

    if (!text)
        return -EINVAL;
    double v = strtod(text, &end);
    if (text[0] < '0' || text[0] > '9' || text[1] == 'x' || text[1] == 'X')
        end = (char *)text;
    while (end > text && *end == ' ')
        end++;
    for (size_t i = 0; end > text && i < n; i++)
        if (strcmp(end, units[i].name) == 0) {
            *out = v * units[i].factor;
            if (*out <= most)
                return 0;
            return yaml_fault(y, node, "%s `%s` is too large", what, text);
        }
    return yaml_fault(y, node, "%s `%s`: write a number and one of %s, %s, %s",
        what, text, units[0].name, units[1].name, units[2].name);
}

int
yaml_duration(struct yaml *y, yaml_node_t *node, const char *what, int64_t *ns)
{
    static const struct unit units[] = {
        {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"ns", 1}};
    double v;
    int err = measure(y, node, what, units, LW_COUNT(units), 3600e9, &v);

    if (!err)
        *ns = (int64_t)(v + 0.5);
    return err;
}

int
yaml_rate(struct yaml *y, yaml_node_t *node, const char *what, uint64_t *bits)
{
    static const struct unit units[] = {
        {"kbit/s", 1e3}, {"Mbit/s", 1e6}, {"Gbit/s", 1e9}, {"bit/s", 1}};
    double v;
    int err = measure(y, node, what, units, LW_COUNT(units), 1e12, &v);

    if (err)
        return err;
    *bits = (uint64_t)(v + 0.5);
    if (*bits == 0)
        return yaml_fault(y, node, "%s must be more than nothing", what);
    return 0;
}

int
yaml_chance(struct yaml *y, yaml_node_t *node, const char *what, double *out)
{
    static const struct unit units[] = {{"%", 0.01}, {"", 1}, {" %", 0.01}};
    const char *text = yaml_text(y, node, what);

    if (!text)
        return -EINVAL;
    struct fault quiet = {{0}}, *real = y->fault;
    y->fault = &quiet;
    int err = measure(y, node, what, units, LW_COUNT(units), 1, out);
    y->fault = real;
    if (err)
        return yaml_fault(y, node,
            "%s `%s` is a chance: 0 to 1, or 0%% to 100%%", what, text);
    return 0;
}

/* Days from 1970-01-01, in the calendar of today carried back. */
static int64_t
days_of(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = y / 400, yoe = y % 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int
yaml_date(struct yaml *y, yaml_node_t *node, const char *what, int64_t *seconds)
{
    static const int month_days[] = {
        31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const char *text = yaml_text(y, node, what);
    int year, month, day, hour = 0, minute = 0, second = 0, end = 0;

    if (!text)
        return -EINVAL;
    if (strspn(text, "0123456789") == strlen(text)) {
        uint64_t v;
        int err = yaml_u64(y, node, what, &v);

        *seconds = (int64_t)v;
        return err ? err
               : v > 253402300799
                   ? yaml_fault(y, node, "%s `%s` is too large", what, text)
                   : 0;
    }
    int n = sscanf(text, "%4d-%2d-%2d%n%*1[ T]%2d:%2d:%2d%n", &year, &month,
        &day, &end, &hour, &minute, &second, &end);
    bool leap = n >= 3 && year % 4 == 0 && (year % 100 || year % 400 == 0);
    if ((n != 3 && n != 6) || text[end] || year < 1970 || month < 1 ||
        month > 12 || day < 1 || day > month_days[month - 1] ||
        (month == 2 && day == 29 && !leap) || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || second < 0 || second > 59)
        return yaml_fault(y, node,
            "%s `%s` is not a date like 2026-01-01 or 2026-01-01 12:00:00",
            what, text);
    *seconds =
        days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return 0;
}
