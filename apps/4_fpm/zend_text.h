/*
 * zend_text.h: what the engine works on, as text for events. Never an
 * address: a run must read the same on every machine. What does not fit is
 * cut.
 */
#ifndef LW_ZEND_TEXT_H
#define LW_ZEND_TEXT_H

#include "bytes.h"
#include "php_api.h"

/* Appends as much as fits. */
void text_put(struct writer *w, const char *text, size_t len);
void text_format(struct writer *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* int(5), string(3)"abc", array(2){"a": int(1), ...}, object(Foo)#3 */
void text_value(struct writer *w, const zval *value, unsigned depth);

/* CV0($x) = ADD CV1($y) CONST int(1) */
void text_op(struct writer *w, const zend_op_array *code, const zend_op *op);

/* " (CONCAT)": what an ASSIGN_OP or a node of the tree does */
void text_operator(struct writer *w, int opcode);

/* {main}, strlen, Foo::bar */
void text_function(struct writer *w, const zend_function *function);

/* $x = int(1), $y = string(1)"a": the variables of a frame that are set */
void text_vars(struct writer *w, zend_execute_data *frame);

/* From tables generated from PHP's own headers; "?" for others. */
const char *text_token_name(int token);
const char *text_tree_name(int kind);

#endif
