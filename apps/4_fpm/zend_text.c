/*
 * zend_text.c: values, operands and instructions as text.
 *
 * An instruction has up to two operands and a result. Their types say where
 * the value lives: CONST a literal of the function, CV a variable with a
 * name, TMP and VAR numbered slots of the frame. So the machine is one of
 * registers, not of a stack.
 */
#include "zend_text.h"

#define STRING_SHOWN 48
#define ITEMS_SHOWN  64

void
text_put(struct writer *w, const char *text, size_t len)
{
    size_t room = (size_t)(w->end - w->at);

    put_bytes(w, text, len < room ? len : room);
}

void
text_format(struct writer *w, const char *format, ...)
{
    char buf[512];
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(buf, sizeof(buf), format, ap);
    va_end(ap);
    if (n > 0)
        text_put(w, buf, (size_t)n < sizeof(buf) ? (size_t)n : sizeof(buf) - 1);
}

static void
put_string(struct writer *w, const char *s, size_t len)
{
    size_t shown = len < STRING_SHOWN ? len : STRING_SHOWN;

    text_format(w, "string(%zu)\"", len);
    for (size_t i = 0; i < shown; i++)
        switch (s[i]) {
        case '\n': text_put(w, "\\n", 2); break;
        case '\r': text_put(w, "\\r", 2); break;
        case '\t': text_put(w, "\\t", 2); break;
        case '"': text_put(w, "\\\"", 2); break;
        default: text_put(w, s + i, 1);
        }
    text_put(w, shown < len ? "\"..." : "\"", shown < len ? 4 : 1);
}

static void
put_array(struct writer *w, HashTable *array, unsigned depth)
{
    zend_string *key;
    zend_ulong index;
    zval *value;
    unsigned n = 0;

    text_format(w, "array(%u)", zend_hash_num_elements(array));
    if (depth == 0 || zend_hash_num_elements(array) == 0)
        return;
    text_put(w, "{", 1);
    ZEND_HASH_FOREACH_KEY_VAL(array, index, key, value)
    {
        if (n++ > 0)
            text_put(w, ", ", 2);
        if (n > ITEMS_SHOWN) {
            text_put(w, "...", 3);
            break;
        }
        if (key)
            text_format(w, "\"%s\": ", ZSTR_VAL(key));
        else
            text_format(w, "%lld: ", (long long)index);
        text_value(w, value, depth - 1);
    }
    ZEND_HASH_FOREACH_END();
    text_put(w, "}", 1);
}

static void
put_double(struct writer *w, double v)
{
    char buf[64];

    php_gcvt(v, 14, '.', 'E', buf);
    text_format(w, "float(%s)", buf);
}

void
text_value(struct writer *w, const zval *value, unsigned depth)
{
    switch (Z_TYPE_P(value)) {
    case IS_UNDEF: text_put(w, "undefined", 9); break;
    case IS_NULL: text_put(w, "null", 4); break;
    case IS_FALSE: text_put(w, "false", 5); break;
    case IS_TRUE: text_put(w, "true", 4); break;
    case IS_LONG:
        text_format(w, "int(%lld)", (long long)Z_LVAL_P(value));
        break;
    case IS_DOUBLE: put_double(w, Z_DVAL_P(value)); break;
    case IS_STRING: put_string(w, Z_STRVAL_P(value), Z_STRLEN_P(value)); break;
    case IS_ARRAY: put_array(w, Z_ARRVAL_P(value), depth); break;
    case IS_OBJECT:
        text_format(w, "object(%s)#%u", ZSTR_VAL(Z_OBJCE_P(value)->name),
            (unsigned)Z_OBJ_HANDLE_P(value));
        break;
    case IS_RESOURCE: text_put(w, "resource", 8); break;
    case IS_REFERENCE:
        text_put(w, "&", 1);
        text_value(w, Z_REFVAL_P(value), depth);
        break;
    case IS_INDIRECT: text_value(w, Z_INDIRECT_P(value), depth); break;
    case IS_CONSTANT_AST: text_put(w, "constant expression", 19); break;
    default: text_put(w, "?", 1);
    }
}

/* An operand of type UNUSED can still be a number or a jump. */
static void
put_unused(struct writer *w, const zend_op *op, znode_op node, uint32_t flags,
    const zend_op_array *code)
{
    switch (flags & ZEND_VM_OP_MASK) {
    case ZEND_VM_OP_NUM: text_format(w, " %u", node.num); break;
    case ZEND_VM_OP_JMP_ADDR:
        if (op->opcode == ZEND_CATCH && op->extended_value & ZEND_LAST_CATCH)
            break; /* no further catch to jump to */
        text_format(
            w, " ->%u", (unsigned)(OP_JMP_ADDR(op, node) - code->opcodes));
        break;
    case ZEND_VM_OP_TRY_CATCH:
        if (node.num != (uint32_t)-1)
            text_format(w, " try %u", node.num);
        break;
    case ZEND_VM_OP_THIS: text_put(w, " THIS", 5); break;
    default: break;
    }
}

static void
put_operand(struct writer *w, const zend_op_array *code, const zend_op *op,
    int type, znode_op node, uint32_t flags)
{
    unsigned slot = (unsigned)EX_VAR_TO_NUM(node.var);

    switch (type & (IS_CONST | IS_TMP_VAR | IS_VAR | IS_CV)) {
    case IS_CONST:
        text_put(w, " CONST ", 7);
        text_value(w, RT_CONSTANT(op, node), 1);
        break;
    case IS_CV:
        text_format(w, " CV%u($%s)", slot, ZSTR_VAL(code->vars[slot]));
        break;
    case IS_VAR: text_format(w, " VAR%u", slot - code->last_var); break;
    case IS_TMP_VAR: text_format(w, " TMP%u", slot - code->last_var); break;
    default: put_unused(w, op, node, flags, code);
    }
}

/* What an instruction says besides its operands: which operator, how many
 * arguments, which types. */
static void
put_extra(struct writer *w, const zend_op *op, uint32_t flags)
{
    switch (flags & ZEND_VM_EXT_MASK) {
    case ZEND_VM_EXT_OP: text_operator(w, (int)op->extended_value); break;
    case ZEND_VM_EXT_NUM:
        if (op->opcode != ZEND_RECV_INIT)
            text_format(w, " %u", op->extended_value);
        break;
    case ZEND_VM_EXT_TYPE_MASK:
        for (unsigned type = IS_NULL; type <= IS_RESOURCE; type++)
            if (op->extended_value >> type & 1)
                text_format(w, " (%s)", zend_get_type_by_const((int)type));
        break;
    default: break;
    }
}

void
text_operator(struct writer *w, int opcode)
{
    const char *name = zend_get_opcode_name((zend_uchar)opcode);

    if (name)
        text_format(w, " (%s)", name + 5); /* without ZEND_ */
}

void
text_op(struct writer *w, const zend_op_array *code, const zend_op *op)
{
    const char *name = zend_get_opcode_name(op->opcode);
    uint32_t flags = zend_get_opcode_flags(op->opcode);

    if (!name)
        name = "ZEND_?";
    text_put(w, name + 5, strlen(name) - 5); /* without ZEND_ */
    put_extra(w, op, flags);
    put_operand(w, code, op, op->op1_type, op->op1, ZEND_VM_OP1_FLAGS(flags));
    put_operand(w, code, op, op->op2_type, op->op2, ZEND_VM_OP2_FLAGS(flags));
    if (op->result_type & (IS_TMP_VAR | IS_VAR | IS_CV)) {
        text_put(w, " =>", 3);
        put_operand(w, code, op, op->result_type, op->result, 0);
    }
    if (op->result_type & IS_SMART_BRANCH_JMPZ)
        text_put(w, " and JMPZ", 9);
    if (op->result_type & IS_SMART_BRANCH_JMPNZ)
        text_put(w, " and JMPNZ", 10);
}

void
text_function(struct writer *w, const zend_function *function)
{
    if (!function->common.function_name) {
        text_put(w, "{main}", 6);
        return;
    }
    if (function->common.scope)
        text_format(w, "%s::", ZSTR_VAL(function->common.scope->name));
    text_put(w, ZSTR_VAL(function->common.function_name),
        ZSTR_LEN(function->common.function_name));
}

void
text_vars(struct writer *w, zend_execute_data *frame)
{
    const zend_op_array *code = &frame->func->op_array;
    bool first = true;

    for (int i = 0; i < code->last_var; i++) {
        const zval *v = ZEND_CALL_VAR_NUM(frame, i);

        if (Z_TYPE_P(v) == IS_UNDEF)
            continue;
        text_format(w, "%s$%s = ", first ? "" : ", ", ZSTR_VAL(code->vars[i]));
        text_value(w, v, 1);
        first = false;
    }
}

struct name {
    int number;
    const char *name;
};

static const char *
find_name(const struct name *names, size_t n, int number)
{
    for (size_t i = 0; i < n; i++)
        if (names[i].number == number)
            return names[i].name;
    return "?";
}

const char *
text_token_name(int token)
{
    static const struct name names[] = {
#include "php_tokens.inc"
    };

    return find_name(names, LW_COUNT(names), token);
}

const char *
text_tree_name(int kind)
{
    static const struct name names[] = {
#include "php_tree.inc"
    };

    return find_name(names, LW_COUNT(names), kind);
}
