# rfc9293.awk: a Markdown table of the requirements of RFC 9293: which hold,
# shown by which test, and which do not, for what reason.
#     awk -f tests/rfc9293.awk tests/test_rfc9293.h tests/rfc9293.list

# R(must_07_illegal_option_length, refuses_malformed_options)
FNR == NR {
    if (match($0, /R\((must|shld)_[0-9]+_[a-z0-9_]+/)) {
        name = substr($0, RSTART + 2, RLENGTH - 2)
        split(name, part, "_")
        key = toupper(part[1]) "-" (part[2] + 0)
        tests[key] = tests[key] (tests[key] ? ", " : "") "`" name "`"
    }
    next
}
FNR == 1 {
    print "| | Requirement | Holds | Shown by, or why not |"
    print "|---|---|---|---|"
}
/^(MUST|SHLD)-/ {
    why = ""
    if ((bar = index($0, " | ")) > 0) {
        why = substr($0, bar + 3)
        $0 = substr($0, 1, bar - 1)
    }
    text = substr($0, length($1) + 2)
    if (why == "")
        holds = tests[$1] ? "yes" : "untested"
    else
        holds = tests[$1] ? "in part" : "no"
    count[holds]++
    shown = tests[$1]
    if (why != "")
        shown = shown (shown ? "; " : "") why
    printf "| %s | %s | %s | %s |\n", $1, text, holds, shown
}
END {
    printf "\n%d hold, %d in part, %d do not, %d are untested.\n",
        count["yes"], count["in part"], count["no"], count["untested"]
    exit count["untested"] > 0
}
