/*
 * fpm_fixture.c: a computer in whose folder files are written, php-fpm as a
 * real process in it, and clients that ask over loopback.
 */
#include "fpm_fixture.h"
#include "check.h"
#include "fastcgi.h"
#include "folder.h"
#include "host.h"
#include "recorder.h"
#include "remote.h"
#include "spawn.h"
#include "sys.h"
#include "world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MAX (4u << 20)

static struct fpm_fixture *fixture; /* of the test that runs: for clients */

void
fpm_write(struct fpm_fixture *x, const char *name, const char *text)
{
    char path[256];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", x->folder, name);
    f = fopen(path, "w");
    if (f) {
        fputs(text, f);
        fclose(f);
    }
}

void
fpm_write_pool(struct fpm_fixture *x, const char *lines)
{
    char text[1024];

    snprintf(text, sizeof(text), "[www]\n%s", lines);
    fpm_write(x, "etc/php/fpm/pool.d/www.conf", text);
}

void
fpm_fixture_open(struct fpm_fixture *x)
{
    static const char *const folders[] = {
        "etc", "etc/php", "etc/php/fpm", "etc/php/fpm/pool.d", "srv"};
    char path[256];

    memset(x, 0, sizeof(*x));
    fixture = x;
    snprintf(x->folder, sizeof(x->folder), "/tmp/layerwalk-test-%s",
        "XX"
        "XX"
        "XX");
    if (!mkdtemp(x->folder))
        return;
    for (size_t i = 0; i < LW_COUNT(folders); i++) {
        snprintf(path, sizeof(path), "%s/%s", x->folder, folders[i]);
        mkdir(path, 0700);
    }
    fpm_write(x, "etc/php/fpm/php-fpm.conf",
        "[global]\ninclude = /etc/php/fpm/pool.d/*.conf\n");
    fpm_write(x, "etc/php/php.ini",
        "expose_php = Off\nhtml_errors = Off\ndisplay_errors = On\n"
        "log_errors = On\nmemory_limit = 16M\ndate.timezone = UTC\n"
        "zend_extension = opcache\nopcache.enable = 1\n"
        "opcache.memory_consumption = 8\nopcache.interned_strings_buffer = 1\n"
        "opcache.file_update_protection = 0\n"
        "opcache.revalidate_freq = 0\n");
    fpm_write_pool(
        x, "listen = 127.0.0.1:9000\npm = static\npm.max_children = 1\n");
}

void
fpm_fixture_stop(struct fpm_fixture *x)
{
    if (x->world) {
        recorder_close(&x->rec);
        world_free(x->world);
        spawn_wait(x->real);
    }
    for (int i = 0; i < x->nasks; i++)
        free(x->asks[i].out);
    memset(x->asks, 0, sizeof(x->asks));
    x->world = NULL;
    x->nasks = 0;
}

void
fpm_fixture_close(struct fpm_fixture *x)
{
    char command[128];

    fpm_fixture_stop(x);
    snprintf(command, sizeof(command), "rm -rf %s", x->folder);
    if (system(command) != 0)
        perror(command);
}

/* The program beside this one: build/san/tests, build/san/layerwalk-php-fpm */
static const char *
executable(char *buf, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", buf, size - 32);
    char *slash;

    buf[n > 0 ? n : 0] = '\0';
    slash = strrchr(buf, '/');
    if (slash)
        strcpy(slash + 1, "layerwalk-php-fpm");
    return buf;
}

/* A computer with php-fpm's master about to run. */
bool
fpm_start(struct fpm_fixture *x, enum level level)
{
    struct folder_options o = {.fixed = true, .time = 1700000000};
    char path[512], live[] = "--live",
                    *argv[] = {"php-fpm", "--root", x->folder, "--seed", "7",
                        x->live ? live : NULL, NULL};
    struct fault fault;
    struct disk *disk = folder_new(x->folder, &o, &fault);
    int fd;

    x->world = world_new(&x->journal, 7);
    world_set_epoch(x->world, 1700000000);
    recorder_open(&x->rec, &x->journal, level);
    x->host = world_add_host(x->world, "web", disk);
    x->real = spawn_remote(executable(path, sizeof(path)), argv, &fd);
    if (!CHECK(x->real > 0))
        return false;
    x->master = kernel_adopt(host_kernel(x->host), "php-fpm", fd);
    return CHECK(x->master > 0);
}

/* --- the client ------------------------------------------------------ */

static void
put_param(struct writer *w, const char *name, const char *value)
{
    fcgi_put_pair(w, name, strlen(name), value, strlen(value));
}

static size_t
build_request(const struct fpm_ask *a, uint8_t *buf, size_t size)
{
    uint8_t params[1024];
    char number[24], file[128];
    struct writer p = writer_of(params, sizeof(params));
    struct writer w = writer_of(buf, size);
    size_t at = 0, n;

    snprintf(number, sizeof(number), "%zu", a->body_len);
    snprintf(file, sizeof(file), "/srv%s", a->script);
    put_param(&p, "REQUEST_METHOD", a->method ? a->method : "GET");
    put_param(&p, "SCRIPT_FILENAME", file);
    put_param(&p, "SCRIPT_NAME", a->script);
    put_param(&p, "QUERY_STRING", a->query ? a->query : "");
    put_param(&p, "CONTENT_LENGTH", number);
    put_param(&p, "CONTENT_TYPE", "application/octet-stream");
    fcgi_put_begin(&w, 1, FCGI_RESPONDER, a->keep ? FCGI_KEEP_CONN : 0);
    fcgi_put_record(&w, FCGI_PARAMS, 1, params, writer_len(&p));
    fcgi_put_record(&w, FCGI_PARAMS, 1, NULL, 0);
    for (; at < a->body_len; at += n) {
        n = a->body_len - at < 32768 ? a->body_len - at : 32768;
        fcgi_put_record(&w, FCGI_STDIN, 1, a->body + at, n);
    }
    fcgi_put_record(&w, FCGI_STDIN, 1, NULL, 0);
    return w.over ? 0 : writer_len(&w);
}

static void
append(char *to, size_t *len, size_t size, const struct fcgi_parser *f)
{
    if (*len + f->piece_len >= size)
        return;
    memcpy(to + *len, f->piece, f->piece_len);
    *len += f->piece_len;
    to[*len] = '\0';
}

static void
take(struct fpm_ask *a, struct fcgi_parser *f, const uint8_t *data, size_t len)
{
    struct cursor in = cursor_of(data, len), content;
    enum fcgi_step step;
    struct fcgi_end end;

    while ((step = fcgi_parse(f, &in)) != FCGI_MORE && step != FCGI_BAD) {
        if (step == FCGI_HEADER && f->type < LW_COUNT(a->records))
            a->records[f->type]++;
        if (step == FCGI_END && f->type == FCGI_END_REQUEST)
            a->ended = true;
        if (step != FCGI_CONTENT)
            continue;
        content = cursor_of(f->piece, f->piece_len);
        if (f->type == FCGI_STDOUT)
            append(a->out, &a->out_len, ANSWER_MAX, f);
        else if (f->type == FCGI_STDERR)
            append(a->err, &a->err_len, sizeof(a->err), f);
        else if (f->type == FCGI_END_REQUEST && fcgi_get_end(&content, &end))
            a->protocol = end.protocol_status;
    }
}

static int
connect_to_pool(struct proc *p, const char *path)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(9000)};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    int fd = sys_socket(p, path ? AF_UNIX : AF_INET, SOCK_STREAM, 0), err = fd;

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && path) {
        snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
        err = sys_connect(p, fd, (struct sockaddr *)&un, sizeof(un));
    } else if (fd >= 0) {
        err = sys_connect(p, fd, (struct sockaddr *)&in, sizeof(in));
    }
    return err < 0 ? err : fd;
}

/* The process of one ask: argv[1] is its number. */
static int
client(struct proc *p, int argc, char **argv)
{
    struct fpm_ask *a = &fixture->asks[argc > 1 ? atoi(argv[1]) : 0];
    struct timespec wait = {a->after_ns / LW_S, a->after_ns % LW_S};
    size_t size = 4096 + 2 * a->body_len, len = a->raw_len, at = 0;
    uint8_t *buf = malloc(size);
    struct fcgi_parser f = {0};
    ssize_t n;
    int fd;

    a->out = calloc(1, ANSWER_MAX);
    sys_nanosleep(p, &wait);
    fd = connect_to_pool(p, a->unix_path);
    a->error = fd < 0 ? fd : 0;
    if (a->raw)
        memcpy(buf, a->raw, len);
    else
        len = build_request(a, buf, size);
    for (; fd >= 0 && at < len; at += (size_t)n)
        if ((n = sys_write(p, fd, buf + at, len - at)) <= 0)
            break;
    while (fd >= 0 && (n = sys_read(p, fd, buf, size)) > 0)
        take(a, &f, buf, (size_t)n);
    if (fd >= 0)
        sys_close(p, fd);
    free(buf);
    return 0;
}

struct fpm_ask *
fpm_ask(struct fpm_fixture *x, const char *script, int64_t after_ns)
{
    int i = x->nasks++;
    char number[12], *argv[] = {"client", number, NULL};

    snprintf(number, sizeof(number), "%d", i);
    x->asks[i].script = script;
    x->asks[i].after_ns = after_ns;
    kernel_start(host_kernel(x->host), "client", client, 2, argv);
    return &x->asks[i];
}

void
fpm_run_for(struct fpm_fixture *x, int64_t ns)
{
    world_run(
        x->world, instant_add(world_timers(x->world)->now, ns), NULL, NULL);
}

const char *
fpm_body(const struct fpm_ask *a)
{
    const char *end = a->out ? strstr(a->out, "\r\n\r\n") : NULL;

    return end ? end + 4 : "(no answer)";
}

bool
fpm_logged(struct fpm_fixture *x, const char *text)
{
    const struct event *e;

    for (unsigned i = 0; (e = recorder_find(&x->rec, EV_FPM_LOG, i)); i++)
        if (strstr(recorder_text(e, "line", 0), text))
            return true;
    return false;
}

unsigned
fpm_alive(struct fpm_fixture *x)
{
    return kernel_alive(host_kernel(x->host));
}
