#!/bin/sh
# packages.sh build|test: installs the Debian or Ubuntu packages that this
# step needs and that are not there, and says what and why. It changes
# nothing when all is there, and installs no service: what tests compare
# with is unpacked under build/ (tests/peers/fetch.sh), not installed.
#
# Exit status 0 when all is there afterwards.
set -u

step=${1:-build}
build='gcc:compiler make:builder pkg-config:finds_libraries
libyaml-dev:world_files libpcre2-dev:regular_expressions_of_nginx
libpcap-dev:reads_captures libssl-dev:SHA-256 zlib1g-dev:compression
libsdl2-dev:window libsdl2-ttf-dev:letters_in_the_window
fonts-dejavu-core:letters_in_the_window'
test='libcunit1-dev:tests libnet1-dev:crafts_packets_for_tests
tshark:judges_saved_runs curl:a_real_client clang-format:style
man-db:checks_the_manual_page libapparmor1:a_library_of_the_real_php-fpm'

installed() {
    dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q ' installed$'
}

# The Zend engine: the newest PHP 8 this system has.
php_version() {
    { dpkg-query -W -f='${Package} ${Status}\n' 'libphp8.*-embed' 2>/dev/null |
        sed -n 's/^libphp\(8\.[0-9]*\)-embed .* installed$/\1/p'
      apt-cache search --names-only '^libphp8\.[0-9]+-embed$' 2>/dev/null |
        sed -n 's/^libphp\(8\.[0-9]*\)-embed .*/\1/p' | sort -rV
    } | head -n 1
}

missing_of() {
    for entry in "$@"; do
        installed "${entry%%:*}" || printf '%s ' "$entry"
    done
}

php_packages() {
    php=$(php_version)
    [ -n "$php" ] || return
    printf 'libphp%s-embed:Zend_engine php%s-dev:its_headers ' "$php" "$php"
    # From 8.5 on OpCache is part of the engine.
    case $php in 8.[0-4]) printf 'php%s-opcache:opcode_cache' "$php" ;; esac
}

wanted() {
    list=$build
    [ "$step" = test ] && list="$list $test"
    # shellcheck disable=SC2046,SC2086 # words are entries
    missing_of $list $(php_packages)
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "packages: no apt here; see .ci/packages.sh for what is needed" >&2
    exit 1
fi

missing=$(wanted)
if [ -z "$missing" ] && [ -n "$(php_version)" ]; then
    exit 0
fi

root=
if [ "$(id -u)" != 0 ]; then
    root=sudo
    if ! command -v sudo >/dev/null; then
        echo "packages: missing, and no sudo to install them:" \
            "$(echo "$missing" | sed 's/:[^ ]*//g')" >&2
        exit 1
    fi
fi

# Lists may be absent on a bare machine, and PHP's name is found in them.
if [ -z "$(php_version)" ] ||
    ! apt-cache show libyaml-dev >/dev/null 2>&1; then
    echo "packages: reading the package lists ($root apt-get update)"
    $root apt-get -q update || echo "packages: the lists cannot be read" >&2
    missing=$(wanted)
fi

names=
for entry in $missing; do
    name=${entry%%:*}
    echo "packages: installing $name ($(echo "${entry#*:}" | tr _ ' '))"
    names="$names $name"
done

# One name that this system does not have must not keep the others away.
install() {
    $root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y --no-install-recommends install "$@" </dev/null
}
# shellcheck disable=SC2086
if [ -n "$names" ] && ! install $names; then
    for name in $names; do
        install "$name" || echo "packages: $name cannot be installed" >&2
    done
fi

missing=$(wanted)
[ -n "$(php_version)" ] || missing="$missing libphp8.x-embed"
if [ -n "$missing" ]; then
    echo "packages: still missing: $(echo "$missing" | sed 's/:[^ ]*//g')" >&2
    exit 1
fi
