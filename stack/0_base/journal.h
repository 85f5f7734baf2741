/*
 * journal.h: the one place where everything observable is told.
 *
 * Protocol code reports typed events at the few points where things happen;
 * narrator, window, capture file, hash and tests are listeners and nothing
 * else. With no listener that wants a kind, reporting it costs one
 * predictable branch.
 *
 *     NOTE(env, EV_TCP_MOVE, RULE_TCP_SYN_SENT, f_u64("conn", c->id),
 *         f_text("from", "CLOSED"), f_text("to", "SYN-SENT"));
 *
 * An event knows its cause: the number of the event that led to it. Causes
 * travel by themselves: the journal holds the current cause; a packet, a
 * timer and a sleeping process carry the cause that was current when they
 * were made, armed or put to sleep, and whoever runs on their behalf enters
 * it first (journal_enter) and leaves it afterwards. "Why was this sent?" is
 * a walk along causes back to event 1.
 *
 * Kinds stand in kinds.def: layer, level, and the sentence that says *what*
 * happened, with {field} for each typed field. Rules stand in rules.def: the
 * document that decided, and the sentence that says *why*.
 */
#ifndef LW_JOURNAL_H
#define LW_JOURNAL_H

#include "words.h"

/* Which part of the way an event belongs to, in the order of the way. */
#define LAYERS(L)                                                              \
    L(WORLD, "world")                                                          \
    L(PROC, "process")                                                         \
    L(URL, "URL")                                                              \
    L(NAME, "name")                                                            \
    L(SOCKET, "socket")                                                        \
    L(TCP, "TCP")                                                              \
    L(UDP, "UDP")                                                              \
    L(ICMP, "ICMP")                                                            \
    L(IP, "IP")                                                                \
    L(ARP, "ARP")                                                              \
    L(LINK, "link")                                                            \
    L(WIRE, "wire")                                                            \
    L(HTTP, "HTTP")                                                            \
    L(NGINX, "nginx")                                                          \
    L(FCGI, "FastCGI")                                                         \
    L(FPM, "php-fpm")                                                          \
    L(ZEND, "Zend engine")                                                     \
    L(PAGE, "page")

enum layer {
#define L(name, text) LAYER_##name,
    LAYERS(L)
#undef L
    LAYER_COUNT
};

/* How fine a grain an event is. A listener names the finest it wants. */
enum level {
    LEVEL_STAGE,  /* milestones of the walk: some dozens */
    LEVEL_STEP,   /* frames, state moves, system calls, phases */
    LEVEL_DETAIL, /* layers added and stripped, variables, timers */
    LEVEL_MICRO   /* single tokens, tree nodes, executed opcodes */
};

enum event_kind {
    EV_NONE,
#define KIND(name, layer, level, what) EV_##name,
#include "kinds.def"
#undef KIND
    EV_COUNT
};

enum rule {
    RULE_NONE,
#define RULE(name, source, why) RULE_##name,
#include "rules.def"
#undef RULE
    RULE_COUNT
};

struct event_info {
    const char *name; /* "TCP_MOVE": stable, used in files and by --until */
    enum layer layer;
    enum level level;
    const char *what; /* sentence with {field} */
};

struct rule_info {
    const char *name;   /* "TCP_SYN_SENT" */
    const char *source; /* "RFC 9293 3.10.1" or "listen(2)" */
    const char *why;    /* one sentence */
};

const struct event_info *event_info(enum event_kind kind);
const struct rule_info *rule_info(enum rule rule);
const char *layer_name(enum layer layer);

/* Two programs whose lists of kinds and rules are the same get the same. */
uint64_t event_lists(void);

/* EV_NONE / RULE_NONE when there is no such name. */
enum event_kind event_kind_of(const char *name);
enum rule rule_of(const char *name);

/* --- fields ---------------------------------------------------------- */

enum field_type {
    FIELD_U64,  /* u: shown in decimal */
    FIELD_HEX,  /* u: shown in hexadecimal */
    FIELD_I64,  /* i */
    FIELD_NS,   /* i: a duration in nanoseconds */
    FIELD_IPV4, /* u */
    FIELD_MAC,  /* u: 48 bits, first byte highest */
    FIELD_TEXT, /* at, len: UTF-8, not zero-terminated */
    FIELD_BYTES /* at, len: anything */
};

struct field {
    const char *name;
    union {
        uint64_t u;
        int64_t i;
        const void *at;
    };
    uint32_t len; /* of what stands at `at` */
    enum field_type type;
};

struct field f_u64(const char *name, uint64_t v);
struct field f_hex(const char *name, uint64_t v);
struct field f_i64(const char *name, int64_t v);
struct field f_ns(const char *name, int64_t ns);
struct field f_ip(const char *name, struct ipv4 a);
struct field f_mac(const char *name, struct mac m);
struct field f_text(const char *name, const char *text); /* NULL: "" */
struct field f_textn(const char *name, const char *text, size_t len);
struct field f_bytes(const char *name, const void *data, size_t len);

/* --- events ---------------------------------------------------------- */

/*
 * Valid only during the listener's call: whoever keeps an event copies what
 * the pointers lead to; but literals stay where they are.
 *
 * pkt, off, len: the packet that the event is about and a range in its
 * buffer (pkt.h). The buffer never moves between the building of a packet
 * and its arrival, so that `off` minus the `off` of the FRAME_SENT event of
 * the same pkt is the offset in the frame, for layers added before and for
 * layers stripped after.
 */
struct event {
    uint64_t no;       /* from 1, without gaps as seen by the listeners */
    struct instant at; /* virtual time */
    uint64_t cause;    /* number of the event that led here; 0: none */
    uint64_t pkt;      /* packet identity; 0: none */
    uint32_t off, len; /* range in the packet's buffer */
    uint32_t pid;      /* process on whose behalf; 0: the kernel */
    uint16_t host;     /* journal_host */
    uint16_t kind;     /* enum event_kind */
    uint16_t rule;     /* enum rule */
    uint16_t nfields;
    bool literal;               /* func and the fields' names are literals */
    const char *func;           /* C function that decided */
    const struct field *fields; /* nfields of them */
};

/* The field of that name, or NULL. */
const struct field *event_field(const struct event *e, const char *name);

/* Convenience: the number or text of a field; the default when absent. */
uint64_t event_u64(const struct event *e, const char *name, uint64_t absent);

/*
 * The sentence of the event in English, fields filled in, cut to size (zero
 * terminated, size > 0). Returns buf. Unprintable bytes come out as \xNN.
 */
char *event_text(const struct event *e, char *buf, size_t size);

/* The value of one field in the same form. size > 0. Returns buf. */
char *field_text(const struct field *f, char *buf, size_t size);

struct listener {
    void (*event)(void *owner, const struct event *e);
    void *owner;
    enum level level; /* the finest level it wants */
    struct listener *next;
    enum event_kind only; /* not EV_NONE: it wants this kind alone */
    bool counts;          /* it looks at no field, so there may be none */
    /* Called for `times` such events at once, the first of them e; NULL:
     * event is called for each. */
    void (*repeat)(void *owner, const struct event *e, uint32_t times);
};

struct journal {
    uint64_t wanted[(EV_COUNT + 63) / 64]; /* one bit a kind */
    uint64_t read[(EV_COUNT + 63) / 64];   /* ... whose fields are looked at */
    struct listener *listeners;
    const struct instant *now; /* the world's clock */
    uint64_t last;             /* number of the newest event */
    uint64_t packets;          /* packet identities given out */
    uint64_t cause;            /* current cause */
    uint32_t pid;              /* current process; 0: the kernel */
    char (*hosts)[32];         /* names, by host number; 0 is "" */
    uint16_t nhosts;
    struct {
        const char *func;
        size_t nfields;
    } checked[EV_COUNT][4]; /* who reported each kind last, and how */
    uint32_t tallied;       /* events of journal_tally that wait to be told */
    struct tally {
        enum event_kind kind;
        enum rule rule;
        const char *func;
        uint16_t host;
    } tally;
};

void journal_init(struct journal *j, const struct instant *now);
void journal_close(struct journal *j);

/* A number for a host of that name (cut to 31 bytes); -ENOMEM. */
int journal_host(struct journal *j, const char *name);

/* Adds or removes a listener, which the caller owns. Called in order. */
void journal_listen(struct journal *j, struct listener *l);
void journal_unlisten(struct journal *j, struct listener *l);

static inline bool
journal_wants(const struct journal *j, enum event_kind kind)
{
    return __builtin_expect(j->wanted[kind / 64] >> (kind % 64) & 1, 0);
}

/* Nobody listens, to whatever kind. */
static inline bool
journal_silent(const struct journal *j)
{
    return j->listeners == NULL;
}

/* Does anybody look at the fields of that kind? */
static inline bool
journal_reads(const struct journal *j, enum event_kind kind)
{
    return j->read[kind / 64] >> (kind % 64) & 1;
}

/* Does the event have each {field} of its kind's sentence? A hostile process
 * may have left some out; our own code never does. */
bool journal_complete(struct journal *j, const struct event *e);

/* Makes `cause` current and returns the one before, for journal_leave. */
static inline uint64_t
journal_enter(struct journal *j, uint64_t cause)
{
    uint64_t before = j->cause;

    if (cause)
        j->cause = cause;
    return before;
}

static inline void
journal_leave(struct journal *j, uint64_t before)
{
    j->cause = before;
}

/* What journal_note needs besides the fields. */
struct note {
    enum event_kind kind;
    enum rule rule;
    const char *func;
    uint16_t host;
    uint64_t pkt;
    uint32_t off, len;
    bool literal; /* func and the fields' names are literals */
};

/* Tells the listeners; returns the event's number. Use NOTE. */
uint64_t journal_note(struct journal *j, const struct note *n,
    const struct field *fields, size_t nfields);

enum {
    TALLY_MOST = 4096 /* events told at once */
};

/* Tells of `times` events without fields; only where nobody reads them. */
void journal_repeat(struct journal *j, const struct note *n, uint32_t times);

/* What was tallied is told now. Every other event does that first. */
void journal_settle(struct journal *j);

/*
 * One more event of a kind that comes millions of times, and whose fields
 * nobody looks at (journal_reads): it is counted here, and told with others
 * like it before anything else is. To be settled before the time or the cause
 * changes. For programs in a process of their own, where time stands still.
 */
static inline void
journal_tally(struct journal *j, const struct tally *t)
{
    if (j->tallied++ == 0)
        j->tally = *t;
    else if (j->tallied == TALLY_MOST)
        journal_settle(j);
}

#define LW_FIELDS(...)                                                         \
    (struct field[]){__VA_ARGS__},                                             \
        sizeof((struct field[]){__VA_ARGS__}) / sizeof(struct field)

/*
 * Report an event: at least one field. The value is its number, or 0 when
 * nobody wanted it. Fields are not evaluated when nobody listens.
 */
#define NOTE(env_, kind_, rule_, ...)                                          \
    (journal_wants((env_)->journal, (kind_))                                   \
            ? journal_note((env_)->journal,                                    \
                  &(struct note){(kind_), (rule_), __func__, (env_)->host, 0,  \
                      0, 0, true},                                             \
                  LW_FIELDS(__VA_ARGS__))                                      \
            : 0)

/* The same, about bytes off_..off_+len_ of packet p_'s buffer. */
#define NOTE_PKT(env_, kind_, rule_, p_, off_, len_, ...)                      \
    (journal_wants((env_)->journal, (kind_))                                   \
            ? journal_note((env_)->journal,                                    \
                  &(struct note){(kind_), (rule_), __func__, (env_)->host,     \
                      (p_)->id, (uint32_t)(off_), (uint32_t)(len_), true},     \
                  LW_FIELDS(__VA_ARGS__))                                      \
            : 0)

#endif
