/*
 * watch_step.c: the virtual machine, one instruction at a time.
 *
 * The engine runs code through the pointer zend_execute_ex. While a listener
 * wants single instructions, this loop stands there: it reports the next
 * instruction with the variables as they are before it, lets the engine's own
 * handler execute it, and looks where that led.
 */
#include "watch.h"
#include "zend_text.h"

/* So many instructions of one request are told: a script that never ends
 * would fill all memory. The rest is executed untold. */
#define STEPS_TOLD 100000

static void
tell(zend_execute_data *frame)
{
    struct fpm *f = fpm_self();
    const zend_op_array *code = &frame->func->op_array;
    const zend_op *op = frame->opline;
    char name[128], text[512], vars[1024];
    struct writer n = writer_of(name, sizeof(name));
    struct writer t = writer_of(text, sizeof(text));
    struct writer v = writer_of(vars, sizeof(vars));

    text_function(&n, frame->func);
    text_op(&t, code, op);
    text_vars(&v, frame);
    NOTE(fpm_env(f), EV_ZEND_STEP, RULE_ZEND_EXECUTE,
        f_textn("function", name, writer_len(&n)),
        f_u64("index", (uint64_t)(op - code->opcodes)),
        f_textn("op", text, writer_len(&t)),
        f_textn("vars", vars, writer_len(&v)), f_u64("line", op->lineno),
        f_text("file", ZSTR_VAL(code->filename)));
}

static void
report(zend_execute_data *frame)
{
    struct fpm *f = fpm_self();

    if (f->steps < STEPS_TOLD)
        tell(frame);
    else if (f->steps == STEPS_TOLD)
        fpm_log(f, FPM_NOTICE,
            "the script goes on after %d instructions, "
            "which are no longer shown one by one",
            STEPS_TOLD);
    f->steps++;
}

static void
report_call(zend_execute_data *frame)
{
    struct fpm *f = fpm_self();
    char name[128];
    struct writer n = writer_of(name, sizeof(name));

    text_function(&n, frame->call->func);
    NOTE(fpm_env(f), EV_ZEND_CALL, RULE_ZEND_EXECUTE,
        f_textn("function", name, writer_len(&n)),
        f_u64("args", ZEND_CALL_NUM_ARGS(frame->call)),
        f_u64("line", frame->opline->lineno));
}

static bool
is_call(const zend_op *op)
{
    return op->opcode == ZEND_DO_FCALL || op->opcode == ZEND_DO_ICALL ||
           op->opcode == ZEND_DO_UCALL || op->opcode == ZEND_DO_FCALL_BY_NAME;
}

/*
 * DO_FCALL of a function written in PHP would start this loop anew inside
 * the handler, one C frame for each call, until the stack is full. With the
 * engine's own executor in place at that moment it only changes frames.
 */
static bool
would_nest(const zend_execute_data *frame)
{
    return (frame->opline->opcode == ZEND_DO_FCALL ||
               frame->opline->opcode == ZEND_DO_FCALL_BY_NAME) &&
           frame->call && frame->call->func->type == ZEND_USER_FUNCTION;
}

static void
execute(zend_execute_data *frame)
{
    int led;

    for (;;) {
        report(frame);
        if (fpm_self()->steps <= STEPS_TOLD && is_call(frame->opline) &&
            frame->call)
            report_call(frame);
        if (would_nest(frame)) {
            zend_execute_ex = execute_ex;
            led = zend_vm_call_opcode_handler(frame);
            zend_execute_ex = execute;
        } else {
            led = zend_vm_call_opcode_handler(frame);
        }
        if (led < 0)
            return; /* the frame this loop was called for has ended */
        if (led > 0)
            frame = EG(current_execute_data);
    }
}

void
watch_step(bool on)
{
    fpm_self()->steps = 0;
    zend_execute_ex = on ? execute : execute_ex;
}
