/*
 * fuzz_hosts.c: /etc/hosts and /etc/resolv.conf. The first line of the input
 * is the name that is looked up, the rest is the file.
 */
#include "fuzz.h"
#include "hosts.h"
#include "resolv_conf.h"

#include <assert.h>
#include <string.h>

int
fuzz_hosts(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *end = size ? memchr(text, '\n', size) : NULL;
    struct ipv4 addr = {0}, again = {0};
    size_t name = end ? (size_t)(end - text) : size;
    struct resolv_conf conf;
    unsigned line, lines = 1;

    if (!end)
        return 0;
    size -= name + 1;
    for (size_t i = 0; i < size; i++)
        lines += end[1 + i] == '\n';
    line = hosts_find(end + 1, size, text, name, &addr);
    assert(line <= lines);
    assert(line == hosts_find(end + 1, size, text, name, &again));
    assert(line == 0 || ipv4_eq(addr, again));
    resolv_conf_parse(end + 1, size, &conf);
    assert(conf.nservers >= 1 && conf.nservers <= RESOLV_SERVERS);
    assert(conf.nsearch <= RESOLV_SEARCH && conf.ndots <= 15);
    assert(conf.timeout >= 1 && conf.timeout <= 30);
    assert(conf.attempts >= 1 && conf.attempts <= 5);
    return 0;
}
