/*
 * watch_compile.c: source, tokens, tree, instructions.
 *
 * The engine compiles through the pointer zend_compile_file, and OpCache
 * stands in that place. Two hooks of ours enclose it:
 *
 *     the engine -> above -> OpCache -> below -> the compiler
 *
 * `above` sees every file; when `below` was not reached in between, OpCache
 * had the instructions already: a hit.
 */
#include "watch.h"
#include "zend_text.h"

struct compile_hooks {
    zend_op_array *(*above)(zend_file_handle *, int); /* what we covered */
    zend_op_array *(*below)(zend_file_handle *, int);
    zend_ast_process_t tree;
    bool compiled; /* below was reached */
};

static struct compile_hooks *
hooks(void)
{
    /* The engine's hooks have no context: see inside.h. */
    static struct compile_hooks self;

    return &self;
}

static bool
wants(enum event_kind kind)
{
    return journal_wants(fpm_env(fpm_self())->journal, kind);
}

static void
on_token(zend_php_scanner_event event, int token, int line, const char *text,
    size_t len, void *context)
{
    char one[4] = {'\'', (char)token, '\'', 0};

    (void)context;
    if (event != ON_TOKEN || token == T_WHITESPACE)
        return;
    NOTE(fpm_env(fpm_self()), EV_ZEND_TOKEN, RULE_ZEND_COMPILE,
        f_u64("line", (uint64_t)line),
        f_text("token", token == 0    ? "END"
                        : token < 256 ? one
                                      : text_token_name(token)),
        f_textn("text", text, len < 200 ? len : 200));
}

static bool
is_declaration(const zend_ast *node)
{
    return node->kind == ZEND_AST_FUNC_DECL || node->kind == ZEND_AST_CLOSURE ||
           node->kind == ZEND_AST_METHOD || node->kind == ZEND_AST_CLASS ||
           node->kind == ZEND_AST_ARROW_FUNC;
}

static void
describe(struct writer *w, zend_ast *node)
{
    text_format(w, "%s", text_tree_name(node->kind));
    if (node->kind == ZEND_AST_ZVAL) {
        text_put(w, " ", 1);
        text_value(w, zend_ast_get_zval(node), 1);
    } else if (node->kind == ZEND_AST_CONSTANT) {
        text_format(w, " %s", ZSTR_VAL(zend_ast_get_constant_name(node)));
    } else if (node->kind == ZEND_AST_BINARY_OP ||
               node->kind == ZEND_AST_UNARY_OP ||
               node->kind == ZEND_AST_ASSIGN_OP) {
        text_operator(w, node->attr);
    } else if (is_declaration(node)) {
        const zend_ast_decl *d = (const zend_ast_decl *)node;

        if (d->name)
            text_format(w, " %s", ZSTR_VAL(d->name));
    }
}

static void
walk(zend_ast *node, unsigned depth)
{
    char text[256];
    struct writer w = writer_of(text, sizeof(text));
    zend_ast **children = NULL;
    uint32_t n = 0;

    if (!node)
        return;
    describe(&w, node);
    NOTE(fpm_env(fpm_self()), EV_ZEND_AST, RULE_ZEND_COMPILE,
        f_u64("depth", depth), f_textn("node", text, writer_len(&w)),
        f_u64("line", zend_ast_get_lineno(node)));
    if (is_declaration(node)) {
        children = ((zend_ast_decl *)node)->child;
        n = LW_COUNT(((zend_ast_decl *)node)->child);
    } else if (zend_ast_is_list(node)) {
        children = zend_ast_get_list(node)->child;
        n = zend_ast_get_list(node)->children;
    } else if (!zend_ast_is_special(node)) {
        children = node->child;
        n = zend_ast_get_num_children(node);
    }
    for (uint32_t i = 0; i < n; i++)
        walk(children[i], depth + 1);
}

static void
on_tree(zend_ast *tree)
{
    if (wants(EV_ZEND_AST))
        walk(tree, 0);
    if (hooks()->tree)
        hooks()->tree(tree);
}

static void
note_code(zend_op_array *code)
{
    char name[128], text[512];
    struct writer n = writer_of(name, sizeof(name));

    text_function(&n, (zend_function *)code);
    for (uint32_t i = 0; i < code->last; i++) {
        struct writer t = writer_of(text, sizeof(text));

        text_op(&t, code, &code->opcodes[i]);
        NOTE(fpm_env(fpm_self()), EV_ZEND_OPCODE,
            hooks()->compiled ? RULE_ZEND_COMPILE : RULE_ZEND_CACHE,
            f_textn("function", name, writer_len(&n)), f_u64("index", i),
            f_textn("op", text, writer_len(&t)),
            f_u64("line", code->opcodes[i].lineno));
    }
    for (uint32_t i = 0; i < code->num_dynamic_func_defs; i++)
        note_code(code->dynamic_func_defs[i]);
}

/* The functions and methods that were compiled from this file. */
static void
note_file(zend_op_array *code)
{
    const zend_string *file = code->filename;
    zend_function *function;
    zend_class_entry *class;

    note_code(code);
    ZEND_HASH_FOREACH_PTR(CG(function_table), function)
    {
        if (function->type == ZEND_USER_FUNCTION &&
            zend_string_equals(function->op_array.filename, file))
            note_code(&function->op_array);
    }
    ZEND_HASH_FOREACH_END();
    ZEND_HASH_FOREACH_PTR(CG(class_table), class)
    {
        if (class->type != ZEND_USER_CLASS ||
            !zend_string_equals(class->info.user.filename, file))
            continue;
        ZEND_HASH_FOREACH_PTR(&class->function_table, function)
        {
            if (function->type == ZEND_USER_FUNCTION &&
                function->common.scope == class)
                note_code(&function->op_array);
        }
        ZEND_HASH_FOREACH_END();
    }
    ZEND_HASH_FOREACH_END();
}

/*
 * The compiler chooses other instructions while the executor is replaced,
 * and OpCache would keep them: so the engine's own stands there meanwhile.
 */
static zend_op_array *
compile_below(zend_file_handle *file, int type)
{
    void (*execute)(zend_execute_data *) = zend_execute_ex;
    zend_op_array *volatile code = NULL;
    volatile bool failed = true;

    hooks()->compiled = true;
    zend_execute_ex = execute_ex;
    if (wants(EV_ZEND_TOKEN))
        LANG_SCNG(on_event) = on_token;
    zend_try
    {
        code = hooks()->below(file, type);
        failed = false;
    }
    zend_end_try();
    LANG_SCNG(on_event) = NULL;
    zend_execute_ex = execute;
    if (failed)
        zend_bailout();
    return code;
}

static zend_op_array *
compile_above(zend_file_handle *file, int type)
{
    bool before = hooks()->compiled;
    char name[512];
    zend_op_array *code;

    snprintf(name, sizeof(name), "%s",
        file->filename ? ZSTR_VAL(file->filename) : "");
    hooks()->compiled = false;
    code = hooks()->above(file, type);
    NOTE(fpm_env(fpm_self()), EV_ZEND_COMPILE,
        hooks()->compiled ? RULE_ZEND_COMPILE : RULE_ZEND_CACHE,
        f_text("file", name),
        f_text("cache", hooks()->compiled ? "MISS" : "HIT"),
        f_u64("ops", code ? code->last : 0),
        f_text("result", !code               ? "not compiled: it has errors"
                         : hooks()->compiled ? "compiled"
                                             : "taken from the cache"));
    if (code && wants(EV_ZEND_OPCODE))
        note_file(code);
    if (code && !EG(current_execute_data))
        watch_execute(fpm_self(), name); /* which follows at once */
    hooks()->compiled = before;
    return code;
}

void
watch_compile_below(void)
{
    hooks()->below = zend_compile_file;
    zend_compile_file = compile_below;
    hooks()->tree = zend_ast_process;
    zend_ast_process = on_tree;
}

void
watch_compile_above(void)
{
    hooks()->above = zend_compile_file;
    zend_compile_file = compile_above;
}
