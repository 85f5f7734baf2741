# bad_input.awk: the sixty inputs that broke other stacks, and the tests that
# show what they do to this one, from the tests' names (bad_46_..., or
# bad_input_46_...). Fails when one of them has no test.
#     awk -f tests/bad_input.awk tests/test_*.c
{
    while (match($0, /TEST\(bad_(input_)?[0-9][0-9]_[a-z0-9_]+\)/)) {
        name = substr($0, RSTART + 5, RLENGTH - 6)
        $0 = substr($0, RSTART + RLENGTH)
        number = name
        sub(/^bad_(input_)?/, "", number)
        number = substr(number, 1, 2) + 0
        tests[number] = tests[number] (tests[number] ? ", " : "") "`" name "`"
        count++
    }
}
END {
    print "| | Shown by |"
    print "|---|---|"
    for (i = 1; i <= 60; i++) {
        printf "| %d | %s |\n", i, tests[i] ? tests[i] : "nothing"
        missing += !tests[i]
    }
    printf "\n%d tests; %d of 60 inputs have none.\n", count, missing
    exit missing > 0
}
