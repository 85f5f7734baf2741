/*
 * fuzz.h: one function for each thing that reads what strangers wrote. Any
 * bytes at all must be read or refused within bounded time and memory; what
 * else must hold is asserted inside. The input is not changed, nothing is
 * left behind, and the same input always does the same.
 *
 * libFuzzer calls it from one.c (`make fuzz`), and tests/test_fuzz.c with
 * everything in corpus/NAME/ and with mutations of it (`make test`).
 */
#ifndef LW_FUZZ_H
#define LW_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* clang-format off */
#define FUZZERS(F)                                                             \
    F(arp_ip_tcp) F(capture) F(dissect) F(dns) F(fpm_conf) F(fragments)        \
    F(frames) F(hosts) F(http) F(nginx) F(nginx_conf) F(offload) F(remote)     \
    F(stream) F(url) F(worldfile)
/* clang-format on */

#define F(name) int fuzz_##name(const uint8_t *data, size_t size);
FUZZERS(F)
#undef F

#endif
