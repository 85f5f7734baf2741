# layerwalk: `make help` lists the targets.
CC ?= cc
B ?= build/fast
PHP_CONFIG ?= $(lastword $(sort $(wildcard /usr/bin/php-config8.*)))
PHP_LIB = -lphp$(subst php-config,,$(notdir $(PHP_CONFIG)))

DIRS = $(wildcard stack stack/[0-9]_* apps apps/[0-9]_* apps/tools viz)
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Werror
CPPFLAGS = -D_GNU_SOURCE $(DIRS:%=-I%) -MMD -MP
CFLAGS = -std=c11 -O2 -g $(WARN)
SAN = -std=c11 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined $(WARN)

STACK = $(wildcard stack/*.c stack/[0-9]_*/*.c)
FPM = $(wildcard apps/4_fpm/*.c)
APPS = $(wildcard apps/*.c apps/0_proto/*.c apps/[1235]_*/*.c apps/tools/*.c)
VIZ = $(wildcard viz/*.c)
TESTS = $(wildcard tests/*.c)

SDL_CFLAGS = $(shell pkg-config --cflags sdl2 SDL2_ttf 2>/dev/null)
SDL_LIBS = $(shell pkg-config --libs sdl2 SDL2_ttf 2>/dev/null)
PHP_CFLAGS = $(shell $(PHP_CONFIG) --includes)

all: $(B)/layerwalk $(B)/layerwalk-php-fpm

$(B)/layerwalk: $(patsubst %.c,$(B)/%.o,$(STACK) $(APPS) $(VIZ))
	$(CC) $(CFLAGS) -o $@ $^ $(SDL_LIBS) -lyaml -lpcre2-8 -lpcap -lcrypto -lz

$(B)/layerwalk-php-fpm: $(patsubst %.c,$(B)/%.o,$(FPM) \
		$(wildcard stack/0_base/*.c) apps/0_proto/fastcgi.c)
	$(CC) $(CFLAGS) -rdynamic -o $@ $^ $(PHP_LIB) -ldl

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/viz/%.o: CPPFLAGS += $(SDL_CFLAGS)
$(B)/apps/4_fpm/%.o: CPPFLAGS += $(PHP_CFLAGS:-I%=-isystem %)

# For work in progress: compile all that compiles, link what there is, run
# the named suites: make try T="tcp ip".
try:
	-@$(MAKE) -k -s B=build/try CFLAGS='$(SAN)' \
		$(patsubst %.c,build/try/%.o,$(STACK) $(TESTS) \
		$(filter-out apps/layerwalk.c,$(APPS)))
	@$(CC) $(SAN) -Wl,--unresolved-symbols=ignore-all -o build/try/tests.$$$$ \
		$$(find build/try/stack build/try/tests build/try/apps -name '*.o' \
		! -path '*/4_fpm/*' ! -path '*/viz/*') \
		-lcunit -lyaml -lpcre2-8 -lpcap -lnet -lcrypto -lz && \
		build/try/tests.$$$$ $(T); s=$$?; rm -f build/try/tests.$$$$; exit $$s

-include $(shell find build -name '*.d' 2>/dev/null)
.PHONY: all try
