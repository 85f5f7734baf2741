# lint.awk: what lint.sh checks in the text of each file. A storey is a number
# in the folder's name; a file may include what lies below it.

function say(what) { print FILENAME ":" FNR ": " what }

# The folder of an include by its bare name, from the list made in BEGIN.
function folder_of(header) {
    return (header in place) ? place[header] : ""
}

# May a file of folder `a` include a header of folder `b`? (STYLE 2)
function may(a, b) {
    if (a == b || b == "" || b == "stack/0_base" || a ~ /^tests/)
        return 1
    if (a ~ /^stack\/[0-9]/)
        return b ~ /^stack\/[0-9]/ && substr(b, 7, 1) < substr(a, 7, 1)
    if (a == "stack")
        return b ~ /^stack/
    if (a == "apps/0_proto")
        return 0
    if (a ~ /^apps\/[0-9]/)
        return b == "apps/0_proto" || b == "stack/5_socket"
    if (a == "apps/tools")
        return b ~ /^stack/ || b == "apps/0_proto"
    if (a == "apps")
        return 1
    if (a == "viz")
        return b == "apps/tools" || b == "stack" || pure[FILENAME_HEADER]
    return 1
}

function end_of_file() {
    if (lines > 500)
        print last ":" lines ": longer than 500 lines"
}

BEGIN {
    for (i = 1; i < ARGC; i++)
        if (ARGV[i] ~ /\.(h|def)$/) {
            n = split(ARGV[i], part, "/")
            dir = part[1]
            for (k = 2; k < n; k++)
                dir = dir "/" part[k]
            place[part[n]] = dir
        }
    pure["tcp_state.h"] = 1 # tables without a storey
    pure["arp_state.h"] = 1
}

FNR == 1 {
    if (NR > 1)
        end_of_file()
    dir = FILENAME
    sub(/\/[^\/]*$/, "", dir)
    code = dir ~ /^(stack|apps)/
    start = 0
    if ($0 !~ /^\/\*/)
        say("the first line begins the comment that is the lesson")
}

{ lines = FNR; last = FILENAME }

length($0) > 80 {
    # Letters, not bytes, are counted where they are more than one byte.
    wide = $0
    gsub(/[\200-\277]/, "", wide)
    if (length(wide) > 80)
        say("longer than 80 columns")
}

/[ \t]$/ { say("blanks at the end of the line") }
/\t/ { say("a tab") }

/^#include "/ {
    FILENAME_HEADER = $0
    sub(/^#include "/, "", FILENAME_HEADER)
    sub(/".*/, "", FILENAME_HEADER)
    if (FILENAME_HEADER ~ /\//)
        say("include by the bare name")
    if (!may(dir, folder_of(FILENAME_HEADER)))
        say("includes " FILENAME_HEADER ", which is not below")
}

# Header guards are the only conditionals (STYLE 24), but for the one file
# that hides the differences between PHP's versions.
code && /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else)/ {
    guard = FILENAME ~ /\.h$/ && $0 ~ /^#ifndef LW_[A-Z0-9_]+_H$/
    if (!guard && FILENAME !~ /\/php_api\.h$/)
        say("a conditional: " $0)
}

# Spelt so that this line and the tests' own do not find themselves.
/(^|[^A-Za-z])(TO[D]O|FIX[M]E|XX[X]|HA[C]K)([^A-Za-z]|$)/ {
    say("litter: say it in the README")
}
/["' (=](\/roo[t]|\/Use[r]s|\/wor[k]|\/tmp\/l[w])\// { say("a path of somebody's machine") }
code && /^typedef / && !/typedef [a-z ]+\**[a-z_]+\(/ { say("typedef: structs are struct") }
code && FILENAME !~ /cmd_|layerwalk|command|narrate|dump|4_fpm\/main/ &&
    /(^|[^a-z_])(printf|puts|putchar)\(/ { say("prints: nothing but main files and listeners do") }

# A function begins with its name at the start of a line and ends at a brace
# at the start of a line.
/^[a-z_][a-z0-9_]*\(/ { start = FNR; name = $1; sub(/\(.*/, "", name) }
/^}/ && start {
    if (FNR - start + 1 > 70)
        say(name " is longer than 70 lines")
    start = 0
}

END { end_of_file() }
