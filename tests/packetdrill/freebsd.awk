# freebsd.awk: a script of FreeBSD's TCP test suite, said so that the usual
# packetdrill understands it, about a stack that is set up as the script wants:
#
#     awk [-v part=FreeBSD] -f freebsd.awk script.pkt
#
# Which segment is answered how, all numbers, errors and times stay as they
# are. What is said otherwise:
#
#     sysctl         Linux's names for the settings
#     options        in Linux's order and padding; the same ones
#     #ifdef         the part named STANDARD (-v part=...: that one)
#     SO_RCVBUF      not looked at: how buffers are counted is each system's
#     65700, ...     FreeBSD's window can be wider than a SYN can say, by the
#                    rest of the last whole segment; ours is what was said
#     MSG_PEEK       a program that only looks: how wide its window is then is
#                    not looked at, and ACKs wait from the first segment on,
#                    for 40 ms, as FreeBSD's do
#     CLOSED         the tool does not know where to send a packet for a socket
#                    that is only bound: such a script goes without any
#     ICMP codes     as numbers
#     tcpi_state     Linux's numbers
#     sockstat       stays: run.sh has one that asks the stack
function wait_only() {
    return match($0, /`|[a-z(]/) ? substr($0, 1, RSTART - 1) "`true`" : $0
}

# FreeBSD rounds its buffer up to whole segments; Linux takes half of its.
function buffers() {
    return sprintf("net.ipv4.tcp_rmem=\"4096 %d %d\"",
        2 * int((space + 1459) / 1460) * 1460, most)
}

function setting(name, value) {
    if (name == "net.inet.tcp.rfc1323")
        return "net.ipv4.tcp_timestamps=" value \
            " net.ipv4.tcp_window_scaling=" value
    if (name == "kern.ipc.maxsockbuf") {
        most = value
        return buffers()
    }
    if (name == "net.inet.tcp.recvspace") {
        space = value
        return buffers()
    }
    if (name == "net.inet.tcp.syncookies_only")
        return value == 1 ? "net.ipv4.tcp_syncookies=2" : ""
    if (name in linux)
        return linux[name] "=" value
    return name "=" value
}

# The options of a SYN in Linux's order.
function ordered(list,    mss, ts, scale, sack, out) {
    mss = match(list, /mss [0-9]+/) ? substr(list, RSTART, RLENGTH) : ""
    ts = match(list, /TS val *[0-9]+ *ecr *[0-9]+/) ? \
        substr(list, RSTART, RLENGTH) : ""
    scale = match(list, /wscale [0-9]+/) ? substr(list, RSTART, RLENGTH) : ""
    sack = list ~ /sackOK/
    out = mss
    if (sack)
        out = out (ts ? "" : ",nop,nop") ",sackOK"
    else if (ts)
        out = out ",nop,nop"
    if (ts)
        out = out "," ts
    if (scale)
        out = out ",nop," scale
    return "<" out ">"
}

BEGIN {
    if (!part)
        part = "STANDARD"
    space = 65536
    most = 2097152
    linux["net.inet.tcp.sack.enable"] = "net.ipv4.tcp_sack"
    linux["net.inet.tcp.ecn.enable"] = "net.ipv4.tcp_ecn"
    linux["net.inet.tcp.syncookies"] = "net.ipv4.tcp_syncookies"
    linux["net.inet.tcp.delacktime"] = "delayed_ack_ms"
    split("ESTABLISHED SYN_SENT SYN_RECEIVED FIN_WAIT_1 FIN_WAIT_2 " \
        "TIME_WAIT CLOSED CLOSE_WAIT LAST_ACK LISTEN CLOSING", name, " ")
    for (i in name)
        state["TCPI_" name[i]] = i
}

/^#ifdef/ { apart = $2 != part; next }
/^#endif/ { apart = 0; next }
apart { next }

/`sysctl -w [a-z0-9_.]+=/ {
    match($0, /[a-z0-9_.]+=/)
    key = substr($0, RSTART, RLENGTH - 1)
    value = substr($0, RSTART + RLENGTH)
    sub(/`.*/, "", value)
    said = setting(key, value)
    $0 = substr($0, 1, index($0, "`")) (said ? "sysctl -w " said : "true") "`"
}

/getsockopt\([0-9]+, SOL_SOCKET, SO_RCVBUF,/ {
    wider = wider || /\[65700\]/
    $0 = wait_only()
}

wider && /^[^`]*<[^`]* 6570[0-2]:6570[0-2]\(/ {
    match($0, /6570[0-2]:6570[0-2]\(/)
    at = substr($0, RSTART, 5) - 165
    $0 = substr($0, 1, RSTART - 1) at ":" at substr($0, RSTART + 11)
}

/tcpi_state == TCPI_/ {
    match($0, /TCPI_[A-Z_0-9]+/)
    $0 = substr($0, 1, RSTART - 1) state[substr($0, RSTART, RLENGTH)] \
        substr($0, RSTART + RLENGTH)
}

{
    sub(/ttl_exceeded_in_transit/, "code_0")
    sub(/frag_reass_exceeded/, "code_1")
}

/^[^`<]*>[^`]*<mss/ {
    at = index($0, "<mss")
    $0 = substr($0, 1, at - 1) ordered(substr($0, at))
}

/MSG_PEEK/ { peeks = 1 }
/(listen|connect)\(/ { opens = 1 }
/^[^`]* </ { hears = 1 }
{ line[++lines] = $0 }

END {
    for (i = 1; peeks && i <= lines; i++) {
        sub(/tcp_sack=1/, "& quick_acks=0 delayed_ack_ms=40", line[i])
        if (line[i] ~ /^[^`<]*> *F?\. /)
            sub(/ win [0-9]+/, "", line[i])
    }
    for (i = 1; i <= lines; i++)
        if (opens || !hears || line[i] !~ /(socket|setsockopt|bind|close)\(/)
            print line[i]
}
