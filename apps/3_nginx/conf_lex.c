/*
 * conf_lex.c: words of a configuration file. A word begins after a space and
 * ends before a space, `;` or `{`; in quotes only the quote ends it. A
 * backslash takes the next byte along.
 */
#include "conf_lex.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
lex_fault(struct lexer *x, unsigned line, const char *format, ...)
{
    char text[400];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    return fault_set(x->fault, NULL, 0, "%s in %s:%u", text, x->file, line);
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
skip_blank(struct lexer *x)
{
    while (x->at < x->stop && (is_space(*x->at) || *x->at == '#')) {
        if (*x->at == '#')
            while (x->at < x->stop && *x->at != '\n')
                x->at++;
        else if (*x->at++ == '\n')
            x->line++;
    }
}

/* Copies a word and resolves \" \' \\ \t \r \n; other pairs stay. */
static char *
unescape(struct lexer *x, const char *from, const char *to)
{
    char *word = arena_alloc(x->arena, (size_t)(to - from) + 1), *w = word;

    if (!word)
        return NULL;
    for (; from < to; from++) {
        static const char meant[] = "\"\"''\\\\t\tr\rn\n";
        const char *m = NULL;

        if (*from == '\\' && from + 1 < to)
            for (m = meant; *m && *m != from[1]; m += 2)
                continue;
        if (m && *m) {
            *w++ = m[1];
            from++;
        } else {
            *w++ = *from;
        }
    }
    return word;
}

static int
end_of_file(struct lexer *x, bool in_statement)
{
    return lex_fault(x, x->line, "unexpected end of file, expecting %s",
        in_statement ? "\";\" or \"}\"" : "\"}\"");
}

/* A word in quotes; x->at is behind the opening one. */
static int
quoted_word(struct lexer *x, char quote, char **out)
{
    const char *from = x->at;

    while (x->at < x->stop && *x->at != quote) {
        if (*x->at == '\\' && x->at + 1 < x->stop)
            x->at++;
        if (*x->at == '\n')
            x->line++;
        x->at++;
    }
    if (x->at >= x->stop)
        return end_of_file(x, true);
    *out = unescape(x, from, x->at++);
    if (x->at < x->stop && !is_space(*x->at) && *x->at != ';' &&
        *x->at != '{' && *x->at != ')')
        return lex_fault(x, x->line, "unexpected \"%c\"", *x->at);
    return *out ? 0 : lex_fault(x, x->line, "out of memory");
}

static int
plain_word(struct lexer *x, char **out)
{
    const char *from = x->at;

    while (x->at < x->stop && !is_space(*x->at) && *x->at != ';' &&
           *x->at != '{') {
        if (*x->at == '\\' && x->at + 1 < x->stop)
            x->at++;
        else if (*x->at == '$' && x->at + 1 < x->stop && x->at[1] == '{')
            x->at++; /* ${name}: not a block */
        x->at++;
    }
    *out = unescape(x, from, x->at);
    return *out ? 0 : lex_fault(x, x->line, "out of memory");
}

static int
next_word(struct lexer *x, struct statement *s)
{
    char c = *x->at;

    if (s->count == CONF_WORDS_MAX)
        return lex_fault(x, x->line, "more than %d words", CONF_WORDS_MAX);
    if (c == '"' || c == '\'') {
        x->at++;
        return quoted_word(x, c, &s->word[s->count++]);
    }
    return plain_word(x, &s->word[s->count++]);
}

int
lex_statement(struct lexer *x, struct statement *out)
{
    int err;

    out->count = 0;
    for (;;) {
        skip_blank(x);
        out->line = x->line;
        if (x->at >= x->stop) {
            out->end = STATEMENT_EOF;
            return out->count ? end_of_file(x, true) : 0;
        }
        switch (*x->at) {
        case ';':
        case '{':
            if (out->count == 0)
                return lex_fault(x, x->line, "unexpected \"%c\"", *x->at);
            out->end = *x->at++ == ';' ? STATEMENT_SIMPLE : STATEMENT_BLOCK;
            return 0;
        case '}':
            if (out->count > 0)
                return lex_fault(x, x->line, "unexpected \"}\"");
            x->at++;
            out->end = STATEMENT_CLOSE;
            return 0;
        default:
            err = next_word(x, out);
            if (err)
                return err;
        }
    }
}
