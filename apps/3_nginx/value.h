/*
 * value.h: texts with variables, "$document_root$fastcgi_script_name", cut
 * apart once when the configuration is read and put together for each
 * request. Names of variables do not care for case.
 */
#ifndef LW_VALUE_H
#define LW_VALUE_H

#include "conf.h"

struct reader; /* conf_reader.h */
struct request;

struct value_part {
    struct value_part *next;
    struct http_text text; /* a literal, or the rest of a prefix variable */
    int capture;           /* 0..9: $0..$9; -1: none */
    int user;              /* index of a variable made by set or a capture */
    /* a built-in one; NULL: none. False: no memory. */
    bool (*get)(
        struct request *r, struct http_text rest, struct http_text *out);
};

struct value {
    const char *source; /* as written */
    struct value_part *parts;
    bool constant; /* no variables at all */
};

/* 0, or -EINVAL with the fault set. Unknown names are found at the end. */
int value_compile(struct reader *rd, const char *text, struct value **out);

/* How the bytes of variables are guarded; literals never are. */
enum value_guard {
    GUARD_NONE,
    GUARD_LOG,     /* control bytes, quotes, above 126: \xNN; empty: - */
    GUARD_REWRITE, /* captures behind a `?` are percent-encoded */
    GUARD_REDIRECT /* captures before it, too */
};

/* The text for this request, in its arena (zero-terminated). 0, -ENOMEM. */
int value_text(struct request *r, const struct value *v, struct http_text *out);
int value_guarded(struct request *r, const struct value *v,
    enum value_guard guard, struct http_text *out);

/* The variable of set or of a named capture; made if new. NULL: no memory. */
struct variable_name *value_variable(
    struct reader *rd, const char *name, size_t len);

/* vars.c: the built-in variable of that lower-case name: its getter and, for
 * arg_x and the like, what follows the prefix. False: there is none. */
bool vars_find(const char *name, size_t len, struct value_part *out);

#endif
