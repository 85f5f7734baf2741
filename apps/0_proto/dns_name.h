/*
 * dns_name.h: domain names, on the wire and on paper.
 *
 * On the wire (RFC 1035 3.1) a name is a chain of labels, each behind its
 * length, and ends with the empty label of the root:
 *
 *     shop.test.      4 's' 'h' 'o' 'p'   4 't' 'e' 's' 't'   0
 *
 * In a message the rest of a name may be given as a pointer to an earlier
 * place (RFC 1035 4.1.4): two bytes that begin with the bits 11. Most stacks
 * that fell to a DNS message fell here (RFC 9267), so: a pointer must lead
 * backwards, before everything this name has read so far; no more than
 * DNS_POINTERS_MAX are followed; 63 bytes a label, 255 a name; the label
 * types 01 and 10 are refused. Each refusal says why and at which byte.
 */
#ifndef LW_DNS_NAME_H
#define LW_DNS_NAME_H

#include "bytes.h"

enum {
    DNS_LABEL_MAX = 63,
    DNS_NAME_MAX = 255,     /* with all lengths and the last zero */
    DNS_POINTERS_MAX = 127, /* a name has no more labels than that */
    DNS_NAME_TEXT = 1024,   /* any name as text, and a zero */
    DNS_HEADER_LEN = 12
};

/* Why bytes are refused: DNS_BAD_*, the document, and the reason. */
#define DNS_BADS(B)                                                            \
    B(NONE, "", "nothing is wrong")                                            \
    B(HEADER, "RFC 1035 4.1.1", "the header of twelve bytes is not whole")     \
    B(NAME_END, "RFC 9267 4", "the message ends before the name does")         \
    B(LABEL_TYPE, "RFC 1035 4.1.4", "a label begins with the bits 01 or 10")   \
    B(LABEL_LONG, "RFC 1035 2.3.4", "a label is longer than 63 bytes")         \
    B(LABEL_EMPTY, "RFC 1035 3.1", "only the root's label is empty")           \
    B(NAME_LONG, "RFC 1035 2.3.4", "the name is longer than 255 bytes")        \
    B(ESCAPE, "RFC 1035 5.1", "a backslash needs a character or \\000..\\255") \
    B(POINTER_FORWARD, "RFC 9267 2", "a pointer does not lead backwards")      \
    B(POINTER_HEADER, "RFC 9267 2", "a pointer leads into the header")         \
    B(POINTER_MANY, "RFC 9267 2", "more pointers than a name has labels")      \
    B(COUNT, "RFC 9267 6", "fewer records are there than the header counts")   \
    B(RECORD_END, "RFC 1035 4.1.3", "the message ends within a record")        \
    B(RDLENGTH_END, "RFC 9267 5", "RDLENGTH leads past the message's end")     \
    B(RDLENGTH_TYPE, "RFC 9267 5", "RDLENGTH does not fit the type's data")    \
    B(TEXT, "RFC 1035 3.3", "a character string leads past its record")        \
    B(OPT_PLACE, "RFC 6891 6.1.1", "OPT stands once, among the additional")    \
    B(OPT_NAME, "RFC 6891 6.1.2", "the name of OPT is the root")               \
    B(OPT_OPTION, "RFC 6891 6.1.2", "an option leads past its record")         \
    B(TRAILING, "RFC 1035 4.1", "bytes follow the last record")

enum dns_bad {
#define DNS_BAD_ENUM(name, source, text) DNS_BAD_##name,
    DNS_BADS(DNS_BAD_ENUM)
#undef DNS_BAD_ENUM
};

const char *dns_bad_text(enum dns_bad why);
const char *dns_bad_source(enum dns_bad why);

/* What was refused, and where: an offset in the message (or in the text). */
struct dns_fault {
    enum dns_bad why;
    uint32_t at;
};

/* A name as on the wire without pointers. len 0: no name; 1: the root. */
struct dns_name {
    uint8_t len;
    uint8_t wire[DNS_NAME_MAX];
};

/*
 * Reads the name at c, whose end the written part must not pass, out of the
 * whole message. False: *f says why, and c stands at its end.
 */
bool dns_name_get(struct cursor *c, const struct cursor *message,
    struct dns_name *name, struct dns_fault *f);

/*
 * A name from its text; the last dot may be there or not; "." is the root.
 * `\.` is a dot within a label, `\032` the byte of that number (RFC 1035
 * 5.1). False: *f says why.
 */
bool dns_name_parse(
    const char *text, size_t len, struct dns_name *name, struct dns_fault *f);

/*
 * The text, without the last dot but for the root, "."; what could be
 * misread is escaped. Returns buf, of at least DNS_NAME_TEXT bytes.
 */
char *dns_name_text(const struct dns_name *name, char *buf);

/* The same name, whatever the case of its ASCII letters (RFC 4343). */
bool dns_name_eq(const struct dns_name *a, const struct dns_name *b);

/* How many labels, without the root's. */
unsigned dns_name_labels(const struct dns_name *name);

#endif
