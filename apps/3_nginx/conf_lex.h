/*
 * conf_lex.h: a configuration file as statements: words up to `;`, `{`, or a
 * lone `}`. Quotes, escapes, comments and ${name} are nginx's.
 */
#ifndef LW_CONF_LEX_H
#define LW_CONF_LEX_H

#include "arena.h"
#include "fault.h"

#define CONF_WORDS_MAX 64

enum statement_end {
    STATEMENT_SIMPLE, /* ; */
    STATEMENT_BLOCK,  /* { */
    STATEMENT_CLOSE,  /* } */
    STATEMENT_EOF
};

struct statement {
    enum statement_end end;
    unsigned line; /* where it ends, as nginx counts */
    unsigned count;
    char *word[CONF_WORDS_MAX]; /* in the arena */
};

struct lexer {
    const char *at, *stop;
    unsigned line;
    const char *file; /* for messages */
    struct arena *arena;
    struct fault *fault;
};

/* The next statement: 0, or -EINVAL with the fault set. */
int lex_statement(struct lexer *x, struct statement *out);

/* Sets the fault in nginx's form: "REASON in FILE:LINE"; -EINVAL. */
int lex_fault(struct lexer *x, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
