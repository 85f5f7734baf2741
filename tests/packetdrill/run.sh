#!/bin/sh
# run.sh: plays a folder of packetdrill scripts against our TCP.
#
#     run.sh plugin.so path/of/packetdrill folder [linux|rfc[,key=value...]]
#
# A folder of Google's tool, or of FreeBSD's TCP test suite (freebsd.awk).
# Prints a line for each script that fails, then "N passed, N failed,
# N skipped". Some fail rightly: the file `differences` beside this one says
# which, and why; it is shown to be true as far as settings can show it. The
# exit status is 0 when nothing else fails, and each of those does.
#
# The tool and its scripts are other people's work and not part of this tree;
# without them everything is skipped. All runs in a network namespace of its
# own: a mistake must not reach the machine's routes.
# Scripts set up the machine with ip, tc, ethtool and sysctl: small stand-ins
# come first in PATH, and what they are told goes to the plugin, as far as our
# stack can do it.
plugin=$1 tool=$2 scripts=$3 profile=${4:-linux}

if [ -z "$tool" ] || [ -z "$scripts" ]; then
    echo "packetdrill: skipped: no PACKETDRILL=path SCRIPTS=folder given"
    exit 0
fi
if [ -z "$LAYERWALK_APART" ]; then
    export LAYERWALK_APART=1
    for way in "unshare -n" "unshare -rn"; do
        $way true 2>/dev/null && exec $way sh "$0" "$@"
    done
    echo "packetdrill: skipped: this system allows no network namespace"
    exit 0
fi

plugin=$(realpath "$plugin") tool=$(realpath "$tool")
here=$(dirname "$(realpath "$0")")
known=$here/differences freebsd=$here/freebsd.awk
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work" ' EXIT
mkdir "$work/bin"
for name in ethtool tcpdrop; do
    printf '#!/bin/sh\nexit 0\n' >"$work/bin/$name"
done
# The queue fq paces what TCP sends; here TCP has to do it by itself.
cat >"$work/bin/tc" <<'END'
#!/bin/sh
case " $* " in
*" root fq "*) echo pacing=1 >>"$LAYERWALK_SYSCTL";;
*" root "*) echo pacing=0 >>"$LAYERWALK_SYSCTL";;
esac
END
cat >"$work/bin/ip" <<'END'
#!/bin/sh
case $* in *"link set"*" mtu "*) echo "mtu=${*##* mtu }" >>"$LAYERWALK_SYSCTL";; esac
END
cat >"$work/bin/sysctl" <<'END'
#!/bin/sh
for word; do
    case $word in *=*) echo "$word" >>"$LAYERWALK_SYSCTL";; esac
done
END
# FreeBSD's sockstat, as far as scripts use it: -p PORT, the rest is as it is.
cat >"$work/bin/sockstat" <<'END'
#!/bin/sh
port=
while [ $# -gt 0 ]; do
    [ "$1" != -p ] || port=":$2 "
    shift
done
grep -F "$port" "$LAYERWALK_STATES"
exit 0
END
# The helper of the tool's scripts, set_sysctls.py, writes to /proc.
cat >"$work/bin/python3" <<END
#!/bin/sh
case \$1 in
*set_sysctls.py)
    for word; do
        case \$word in *=*) echo "\$word" >>"\$LAYERWALK_SYSCTL";; esac
    done
    restore=/tmp/sysctl_restore_\$PACKETDRILL_PID.sh
    echo "\$restore" >>"$work/restore"
    printf '#!/bin/sh\n' >"\$restore"
    chmod +x "\$restore";;
*) exec "$(command -v python3)" "\$@";;
esac
END
ln -s python3 "$work/bin/python"
chmod +x "$work"/bin/*

# What a script needs that this stack does not have; nothing: it can run.
# One on who does without Fast Open needs none.
needs() {
    case $1 in *non-tfo-listener*) return;; esac
    for need in 'ip_version=.*ipv6:IPv6' \
        'FASTOPEN|fastopen|[<,] ?FO:TCP Fast Open' 'md5:MD5 signatures' \
        'ZEROCOPY:MSG_ZEROCOPY' 'TIMESTAMPING:SO_TIMESTAMPING' \
        'TCP_INQ|TCP_CM_INQ:TCP_INQ' 'route .*advmss:a route with an MSS of its own' \
        'MSG_EOR:MSG_EOR' 'TCP_NOOPT:TCP_NOOPT of FreeBSD' \
        'TCP_KEEPINIT:TCP_KEEPINIT of FreeBSD' \
        'udp_tunneling|udp_encaps|UDP_ENCAPS:TCP over UDP' \
        '\)!:numbers that do not count from the first'; do
        grep -Eq -e "${need%:*}" "$1" && echo "${need##*:}" && return
    done
}

# play SCRIPT [,SETTINGS]
play() {
    script=$(basename "$1") settings=$2 part= change= states=
    export LAYERWALK_SYSCTL="$work/sysctl" LAYERWALK_STATES="$work/states"
    : >"$LAYERWALK_SYSCTL"
    : >"$LAYERWALK_STATES"
    case $settings in *,part=*)
        part=${settings#*,part=} part=${part%%,*};;
    esac
    case $settings in *,sed:*)
        change=${settings#*,sed:} settings=${settings%%,sed:*}
        change=$(printf %s "$change" | sed 's/,sed:/;/g' | tr '~' ' ');;
    esac
    cd "$(dirname "$1")" || return 1
    if grep -q 'net\.inet\.tcp' "$1"; then
        script=$work/$script states=",states=$LAYERWALK_STATES"
        awk -v "part=$part" -f "$freebsd" "$1" | sed "$change" >"$script"
    fi
    local=$(sed -n 's/^--local_ip=\([0-9.]*\).*/\1/p' "$1" | head -n 1)
    mtu=$(sed -n 's/^--mtu=\([0-9]*\).*/,mtu=\1/p' "$1" | head -n 1)
    PATH="$work/bin:$PATH" LD_PRELOAD="$plugin" timeout 20 "$tool" \
        --so_filename="$plugin" --local_ip="${local:-192.168.0.1}" \
        --remote_ip=192.0.2.1 --so_flags="$profile$settings,\
local=${local:-192.168.0.1},sysctl=$LAYERWALK_SYSCTL$states$mtu" \
        "$script" >"$work/out" 2>&1
}

# The names of the reasons for which a script differs in this profile.
reasons() {
    awk -v script="/$1" -v profile="${profile%%,*}" '
        ($1 == "both" || $1 == profile) && NF == 3 {
            gsub(/\./, "[.]", $3)
            gsub(/\*/, "[^/]*", $3)
            if (script ~ "/" $3 "$") {
                gsub(/\+/, " ", $2)
                print $2
            }
        }' "$known"
}

# The settings that make the reasons away; nothing: there are none.
settings() {
    for reason; do
        awk -v name="$reason" '$1 == "why" && $2 == name && $3 != "-" {
            printf ",%s", $3 }' "$known"
    done
}

# A script that is listed has failed: for the reasons given?
differs() {
    settings=$(settings $2)
    if [ -n "$settings" ] && ! (play "$1" "$settings"); then
        echo "     it is listed ($2), but fails with$settings as well:"
        sed "s/^/     /" "$work/out" | head -n "${LINES_SHOWN:-6}"
        return 1
    fi
    for reason in $2; do
        sed -n "s/^why $reason [^ ]* /     expected: /p" "$known"
    done
}

passed=0 failed=0 skipped=0 wrong=0
find "$(realpath "$scripts")" -name '*.pkt' | LC_ALL=C sort >"$work/list"
while read -r script; do
    why=$(needs "$script")
    reasons=$(reasons "$script")
    if [ -n "$why" ]; then
        skipped=$((skipped + 1))
        [ -z "$VERBOSE" ] || echo "skip $script: needs $why"
        [ -z "$reasons" ] || {
            wrong=$((wrong + 1))
            echo "SKIP $script, which is listed ($reasons): needs $why"
        }
    elif (play "$script"); then
        passed=$((passed + 1))
        [ -z "$VERBOSE" ] || echo "pass $script"
        [ -z "$reasons" ] || {
            wrong=$((wrong + 1))
            echo "PASS $script, which is listed ($reasons)"
        }
    else
        failed=$((failed + 1))
        echo "FAIL $script"
        sed 's/^/     /' "$work/out" | head -n "${LINES_SHOWN:-6}"
        [ -n "$reasons" ] && differs "$script" "$reasons" ||
            wrong=$((wrong + 1))
    fi
done <"$work/list"
[ ! -f "$work/restore" ] || xargs rm -f <"$work/restore"
[ "$wrong" -eq 0 ] || echo "$wrong not as expected"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$wrong" -eq 0 ]
