# layerwalk: `make help` lists the targets.
B ?= build
CC ?= cc
MAKEFLAGS += $(if $(filter 0,$(MAKELEVEL)),-j$(shell nproc))

# What is optional: the newest PHP with its library, and the window.
PHP = $(lastword $(sort $(patsubst /usr/lib/libphp%.so,%,\
	$(wildcard /usr/lib/libphp8.*.so))))
PHP_CONFIG = $(if $(PHP),$(wildcard /usr/bin/php-config$(PHP)))
SDL := $(shell pkg-config --exists sdl2 SDL2_ttf 2>&1 && echo sdl2 SDL2_ttf)
LIBS := yaml-0.1 libpcre2-8 libpcap libcrypto zlib

# Warnings are errors with the compiler that all of this was written with; a
# newer one has new opinions, and must build it all the same.
WERROR := $(if $(filter 12,$(shell $(CC) -dumpversion)),-Werror)
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	$(WERROR) -Wno-format-truncation # a snprintf that cuts is meant to cut
DIRS = $(wildcard stack stack/[0-9]_* apps apps/[0-9]_* apps/tools viz)
CPPFLAGS = -D_GNU_SOURCE $(DIRS:%=-I%) -MMD -MP
# Functions of the stack are inlined across its files: a tenth faster in
# memory, and a link takes ten seconds more (`make LTO=`: does not). Not with
# clang, which needs another linker for it.
LTO := $(if $(findstring clang,$(shell $(CC) --version)),,-flto=auto)
CFLAGS = -std=c11 -O2 -g $(WARN)
SAN = -std=c11 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined $(WARN)

VIZ = $(if $(SDL),$(wildcard viz/*.c))
CORE = $(filter-out apps/show_$(if $(SDL),none,window).c,$(wildcard stack/*.c \
	stack/[0-9]_*/*.c apps/*.c apps/0_proto/*.c apps/[1235]_*/*.c \
	apps/tools/*.c)) $(VIZ)
FPM = $(wildcard apps/4_fpm/*.c stack/0_base/*.c) apps/0_proto/fastcgi.c
FPM_PURE = $(patsubst %,apps/4_fpm/fpm_%.c,ini conf board conn reply) # no PHP
TESTS = $(filter-out tests/sys_linux.c tests/nginx_linux.c \
	tests/test_window$(if $(SDL),_none).c,$(wildcard tests/*.c)) \
	$(FUZZERS)
FUZZERS = $(filter-out tests/fuzz/one.c,$(wildcard tests/fuzz/*.c))
# For tests/faulty.c: the tests' requests for memory can be refused.
WRAP = -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc \
	-Wl,--wrap=strdup -Wl,--wrap=strndup -Wl,--wrap=free
objects = $(patsubst %.c,$(B)/obj/%.o,$(1))

all: $(B)/layerwalk $(if $(PHP_CONFIG),$(B)/layerwalk-php-fpm) | said ## build build/layerwalk (also: plain `make`)
demo: ## install what is missing, build, and walk one request
	@sh .ci/packages.sh build || echo "make: going on without these"
	@$(MAKE) -s show
show: all
	@$(B)/layerwalk demo --save $(B)/shop.pcapng \
		$(if $(SDL),--shots $(B)/pictures)
test: ## install what tests need, build with sanitizers, run all tests
	@sh .ci/packages.sh test || echo "make: going on without these"
	@$(MAKE) -s all
	@$(MAKE) -s B=build/san CFLAGS='$(SAN)' build/san/tests all
	build/san/tests $(T)
packetdrill: $(B)/liblayerwalk-packetdrill.so ## judge TCP: PACKETDRILL=tool SCRIPTS=folder
	@sh tests/packetdrill/run.sh $< "$(PACKETDRILL)" "$(SCRIPTS)" $(PROFILE)
bench: ## measure speed beside real nginx and Linux (BENCH=quick: a minute)
	@$(MAKE) -s all $(patsubst %,$(B)/bench-%,load zerostack memory step \
		$(if $(SDL),capture) $(if $(LWIP),lwip lwip-tap))
	@sh tests/peers/fetch.sh build/peers || echo "bench: no real nginx"
	@tests/bench/bench.sh $(B)/layerwalk $(patsubst %,$(B)/bench-%,load \
		zerostack memory step) build/peers
requirements: ## list which requirements of RFC 9293 the tests show to hold
	@awk -f tests/rfc9293.awk tests/test_rfc9293.h tests/rfc9293.list
bad-inputs: ## list which test shows each of the sixty bad inputs
	@awk -f tests/bad_input.awk tests/test_*.c
fuzz: ## build the fuzzers (clang); FUZZ_SECONDS=n runs each so long
	@$(MAKE) -s SDL= B=build/fuzz CC=clang CFLAGS='$(SAN) -fsanitize=fuzzer-no-link -Wno-unknown-warning-option' \
		$(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
	@sh tests/fuzz/run.sh $(FUZZ_SECONDS)
coverage: ## which lines and branches of stack/ the tests reach
	@$(MAKE) -s all
	@$(MAKE) -s B=build/cov CFLAGS='-std=c11 -O0 -g --coverage $(WARN) -Wl,-u,__gcov_dump' \
		build/cov/tests build/cov/layerwalk
	@-cp build/layerwalk-php-fpm build/cov/ 2>&1
	@find build/cov -name '*.gcda' -delete
	@build/cov/tests $(T) >build/cov/log 2>&1; status=$$?; \
		sh tests/coverage.sh build/cov && [ $$status = 0 ] || { \
		grep -a FAILED build/cov/log; exit 1; }
lint: ## check the rules of style that a machine can check
	@sh tests/lint.sh
install-deps: ## install all packages that building and testing need
	@sh .ci/packages.sh test
man: $(B)/layerwalk.1 ## make the manual page build/layerwalk.1
clean: ## remove build/
	rm -rf build
help: ## print this
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 16

$(B)/layerwalk: $(call objects,$(CORE))
	$(CC) $(CFLAGS) -o $@ $^ $(shell pkg-config --libs $(LIBS) $(SDL))
$(B)/layerwalk-php-fpm: $(call objects,$(FPM))
	$(CC) $(CFLAGS) -rdynamic -o $@ $^ -lphp$(PHP) -ldl
$(B)/tests: $(call objects,$(filter-out apps/layerwalk.c,$(CORE)) $(FPM_PURE) $(TESTS))
	$(CC) $(CFLAGS) $(WRAP) -o $@ $^ -lcunit -lnet -lresolv $(shell pkg-config --libs $(LIBS) $(SDL))
$(B)/liblayerwalk-packetdrill.so: $(patsubst %.c,$(B)/pic/%.o,$(filter-out \
	%/pcap_read.c %/capture.c,$(wildcard stack/*.c stack/*/*.c tests/packetdrill/*.c)))
	$(CC) $(CFLAGS) -shared -Wl,-z,defs -o $@ $^ -lpthread -ldl
$(B)/bench-load $(B)/bench-zerostack: $(B)/bench-%: $(B)/obj/tests/bench/%.o
	$(CC) $(CFLAGS) -o $@ $^
$(B)/bench-memory: $(call objects,$(wildcard tests/bench/memory*.c) \
		$(filter-out apps/layerwalk.c,$(CORE)))
	$(CC) $(CFLAGS) -o $@ $^ $(shell pkg-config --libs $(LIBS) $(SDL))
$(B)/bench-capture: $(call objects,tests/bench/capture.c tests/made_capture.c \
		$(filter-out apps/layerwalk.c,$(CORE)))
	$(CC) $(CFLAGS) -o $@ $^ $(shell pkg-config --libs $(LIBS) $(SDL))
$(B)/bench-step: $(B)/obj/tests/bench/step.o \
		$(call objects,$(filter-out apps/layerwalk.c,$(CORE)))
	$(CC) $(CFLAGS) -o $@ $^ $(shell pkg-config --libs $(LIBS) $(SDL))
$(B)/bench-lwip $(B)/bench-lwip-tap: $(B)/bench-lwip%: tests/bench/lwip/peer_lwip%.c \
		$(wildcard tests/bench/lwip/*.h) tests/bench/lwip/sums.c stack/0_base/sum.c
	$(CC) -O2 -w -D_GNU_SOURCE -DPEER_WINDOW='(($(if $*,512,64)) << 10)' \
		-Itests/bench/lwip -Istack/0_base \
		$(patsubst %,-iquote$(LWIP)/src/include/%,. lwip netif) \
		-o $@ $(filter %.c,$^) $(wildcard $(LWIP)/src/core/*.c \
		$(LWIP)/src/core/ipv4/*.c) $(LWIP)/src/netif/ethernet.c
$(B)/fuzz_%: $(call objects,$(filter-out apps/layerwalk.c,$(CORE)) $(FPM_PURE) \
		$(FUZZERS) $(patsubst %,tests/%.c,nginx_fixture \
		nginx_program recorder \
		dns_sample tcp_fixture tcp_talk))
	$(CC) $(CFLAGS) -Itests -Itests/fuzz -DFUZZ=$(@F) -fsanitize=fuzzer -o $@ \
		tests/fuzz/one.c $^ $(shell pkg-config --libs $(LIBS) $(SDL))
$(B)/layerwalk.1: $(B)/layerwalk
	$< help --man >$@
$(B)/obj/%.o: %.c | said
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/pic/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -fvisibility=hidden -c -o $@ $<

$(B)/obj/stack/%.o $(B)/layerwalk $(B)/bench-%: private CFLAGS += $(LTO)
$(B)/layerwalk-php-fpm: private CFLAGS += $(LTO)
$(B)/obj/viz/%.o: CPPFLAGS += $(shell pkg-config --cflags $(SDL))
$(B)/obj/tests/%.o: CPPFLAGS += -Itests -Itests/fuzz
$(B)/obj/tests/test_window.o: CPPFLAGS += $(shell pkg-config --cflags $(SDL))
$(B)/obj/apps/4_fpm/%.o: CPPFLAGS += \
	$(patsubst -I%,-isystem %,$(shell $(PHP_CONFIG) --includes)) -I$(B)/gen
$(B)/obj/apps/4_fpm/zend_text.o: $(B)/gen/php_tokens.inc $(B)/gen/php_tree.inc
$(B)/gen/php_tokens.inc: HEADER = zend_language_parser.h
$(B)/gen/php_tree.inc: HEADER = zend_ast.h
$(B)/gen/php_%.inc: apps/4_fpm/names.awk
	@mkdir -p $(@D)
	awk -f $< $(shell $(PHP_CONFIG) --include-dir)/Zend/$(HEADER) >$@

said:
	@pkg-config --exists $(LIBS) || { echo "make: missing one of $(LIBS);" \
		"\`make install-deps\` installs them" >&2; exit 1; }
	@[ -n "$(SDL)" ] || echo "make: no SDL2, SDL2_ttf: no window"
	@[ -n "$(PHP_CONFIG)" ] || echo "make: no libphp8.x-embed: no PHP pool"

-include $(shell find build -type f -name '*.d' 2>/dev/null)
.PHONY: all bench coverage demo show test packetdrill requirements bad-inputs fuzz lint install-deps man clean help said
