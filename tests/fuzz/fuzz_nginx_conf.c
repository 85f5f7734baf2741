/*
 * fuzz_nginx_conf.c: the configuration of nginx: any text is read or refused
 * with a reason, and frees all it took.
 */
#include "fuzz.h"
#include "conf.h"

#include <assert.h>

int
fuzz_nginx_conf(const uint8_t *data, size_t size)
{
    struct conf c = {0};
    struct fault fault = {""};
    int err = conf_read_text(
        &c, NULL, "nginx.conf", (const char *)data, size, &fault);

    assert((err == 0) == (fault.text[0] == '\0'));
    conf_free(&c);
    return 0;
}
