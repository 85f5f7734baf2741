# names.awk: PHP's headers to the tables of names in zend_text.c. Numbers and
# names of tokens and tree nodes differ between versions of PHP, so the
# tables are made from the headers that the program is compiled with.
/enum zendtokentype|enum _zend_ast_kind/ { inside = 1 }
inside && /};/ { inside = 0 }
inside {
    gsub(/\/\*.*\*\//, "")
    while (match($0, /(ZEND_AST|T)_[A-Z0-9_]+/)) {
        name = substr($0, RSTART, RLENGTH)
        $0 = substr($0, RSTART + RLENGTH)
        text = name
        sub(/^ZEND_AST_/, "", text)
        if (name !~ /_SHIFT$/ && !seen[name]++)
            printf "{%s, \"%s\"},\n", name, text
    }
}
