/*
 * nginx_fixture.h: one computer with files in memory, our nginx, a program
 * behind it, and clients on the same computer; all in virtual time, so that
 * a timeout of a minute passes at once.
 */
#ifndef LW_NGINX_FIXTURE_H
#define LW_NGINX_FIXTURE_H

#include "recorder.h"
#include "sys.h"
#include "world.h"

#define WEB_FILES_MAX 32

/* What the program behind (on 127.0.0.1:9000) does with a request. */
enum backend {
    BACKEND_ECHO,       /* header and all parameters, then the body */
    BACKEND_LARGE,      /* three million bytes */
    BACKEND_SILENT,     /* reads and never answers */
    BACKEND_CLOSES,     /* reads and closes */
    BACKEND_BREAKS_OFF, /* half of what Content-Length says */
    BACKEND_SCRIPT      /* the bytes of `script`, whatever they are */
};

struct web {
    struct journal journal;
    struct world *world;
    struct host *host;
    struct recorder rec; /* LEVEL_STEP */
    enum backend backend;
    const void *script;
    size_t script_len;
    unsigned served;   /* requests that the program behind has seen */
    unsigned accepted; /* connections that it has taken */
    unsigned kept;     /* requests with FCGI_KEEP_CONN, which it heeds */
    unsigned hang_up;  /* closes at this request instead of answering */
    int64_t work_ms;   /* how long it takes for an answer */
    int children;      /* processes that accept; 1 */
    int nginx;         /* its master's pid */
    int program;       /* that of the program behind */
    char root[64];
    const char *path[WEB_FILES_MAX];
    const char *text[WEB_FILES_MAX];
    size_t size[WEB_FILES_MAX];
    unsigned nfiles;
};

/* `server` is what stands in http{} besides the essentials. */
void web_open(struct web *w, const char *server);
void web_close(struct web *w);

/* A file below the root; the text outlives the fixture. */
void web_file(struct web *w, const char *path, const char *text, size_t size);

/* Starts nginx, when it is not there, and the program behind. */
void web_start(struct web *w, bool program);

/*
 * Sends the bytes on a new connection, the first `split` alone and then the
 * rest, and returns what came back, until the server closes or `wait_ms` of
 * silence; the memory is the fixture's, until the next call.
 */
const char *web_ask(
    struct web *w, const char *bytes, size_t split, int wait_ms);
/* The same for bytes that may hold zeros. */
const char *web_ask_bytes(
    struct web *w, const void *bytes, size_t len, size_t split, int wait_ms);
/* Byte after byte, with so much time between two. */
const char *web_drip(struct web *w, const char *bytes, int every_ms);
size_t web_answer_len(void);
bool web_closed(void); /* the server closed the connection */

/* Runs the world for so long. */
void web_run(struct web *w, int64_t ns);

/* Sends nginx's master this signal so much later. */
void web_kill_after(struct web *w, int signal, int64_t ns);

/* nginx_program.c: the program behind, and the fixture that it belongs to. */
int web_program(struct proc *p, int argc, char **argv);
struct web *web_current(void);

/* The body of an answer: behind the first empty line. */
const char *web_body(const char *answer);

#endif
