/*
 * watch_step.c: the virtual machine, one instruction at a time.
 *
 * The engine runs code through the pointer zend_execute_ex. While a listener
 * wants single instructions, this loop stands there: it reports the next
 * instruction with the variables as they are before it, lets the engine's own
 * handler execute it, and looks where that led.
 *
 * Describing an instruction takes a thousand times as long as executing it.
 * Where listeners only count, it is counted, and thousands are told at once.
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

/* Executes the instruction; what zend_vm_call_opcode_handler returns. */
static inline int
step(zend_execute_data *frame, void (*self)(zend_execute_data *frame))
{
    int led;

    if (!would_nest(frame))
        return zend_vm_call_opcode_handler(frame);
    zend_execute_ex = execute_ex;
    led = zend_vm_call_opcode_handler(frame);
    zend_execute_ex = self;
    return led;
}

static void
execute(zend_execute_data *frame)
{
    int led;

    do {
        report(frame);
        if (fpm_self()->steps <= STEPS_TOLD && is_call(frame->opline) &&
            frame->call)
            report_call(frame);
        led = step(frame, execute);
        if (led > 0)
            frame = EG(current_execute_data);
    } while (led >= 0); /* else the frame we were called for has ended */
}

static void
execute_counting(zend_execute_data *frame)
{
    struct env *env = fpm_env(fpm_self());
    struct journal *j = env->journal;
    const struct tally step_of = {
        EV_ZEND_STEP, RULE_ZEND_EXECUTE, __func__, env->host};
    int led;

    do {
        journal_tally(j, &step_of);
        if (__builtin_expect(is_call(frame->opline), 0)) {
            if (journal_wants(j, EV_ZEND_CALL) && frame->call)
                report_call(frame);
            led = step(frame, execute_counting);
        } else {
            led = zend_vm_call_opcode_handler(frame);
        }
        if (led > 0)
            frame = EG(current_execute_data);
    } while (led >= 0);
}

void
watch_step(bool on)
{
    struct fpm *f = fpm_self();
    bool counting = !journal_reads(fpm_env(f)->journal, EV_ZEND_STEP);

    f->steps = 0;
    zend_execute_ex = !on ? execute_ex : counting ? execute_counting : execute;
}
