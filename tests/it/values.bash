# values.bash - values that are not prices, or odd ones, for tests that load it.
# shellcheck shell=bash

# value VERDICT TEXT: TEXT, with printf's escapes, is one record. VERDICT is
# the kind of mistake, or the price that is printed as "MATCH PRICE".
value() {
    count=$((${count:-0} + 1))
    printf -v file '%s/%03d' "$DIR" $((count - 1))
    # shellcheck disable=SC2059 # the text is a format on purpose
    printf "$2" >"$file"
    echo "$1" >>"$BATS_FILE_TMPDIR/verdicts"
}

# repeat N TEXT
repeat() {
    printf "%$1s" '' | sed "s/ /$2/g"
}

# Make them; DIR is then where they are, one file each, named by their offsets.
# $BATS_FILE_TMPDIR/verdicts has a line for each.
make_values() {
    export DIR=$BATS_FILE_TMPDIR/values
    mkdir "$DIR"
    value '123 4.56' '{"match": 123, "price": 4.56}'
    value '100 10.00' '{"match": 100, "price": 10.00}'
    value empty '   '
    value truncated '{"match": 123, "pri'
    value truncated '{"match": 123, "price": 4.56'
    value trailing '{"match": 123, "price": 4.56}x'
    value trailing '{"match": 123, "price": 4.56} {"match": 123, "price": 4.56}'
    value '123 4.56' '{"match": 123,\n "price": 4.56}\n'
    value syntax '{"match": 1\000, "price": 4.56}'
    value trailing '{"match": 123, "price": 4.56}\000'
    value number '{"match": 123, "price": NaN}'
    value number '{"match": 123, "price": Infinity}'
    value number '{"match": 123, "price": -Infinity}'
    value range '{"match": 123, "price": 1e400}'
    value range '{"match": 123, "price": 1e-400}'
    value '123 4.00' '{"match": 123, "price": 4}'
    value type '{"match": 123, "price": "4.56"}'
    value type '{"match": "123", "price": 4.56}'
    value type '{"match": 123.7, "price": 4.56}'
    value type '{"match": 1E2, "price": 4.56}'
    value range '{"match": 18446744073709551616, "price": 4.56}'
    value range '{"match": 9223372036854775808, "price": 4.56}'
    value '1 4.56' '{"match": 1, "price": 4.56}'
    value '123 99.00' '{"match": 123, "price": 99}'
    value number '{"match": 0123, "price": 4.56}'
    value syntax '{"match": +123, "price": 4.56}'
    value syntax '{"match": 0x7b, "price": 4.56}'
    value syntax '{"match": 123, "price": .5}'
    value number '{"match": 123, "price": 5.}'
    value syntax '{"match": 123, "price": 4.56,}'
    value syntax '{"match": 123, /* */ "price": 4.56}'
    value syntax '{match: 123, "price": 4.56}'
    value syntax "{'match': 123, 'price': 4.56}"
    value duplicate '{"match": 123, "match": 124, "price": 4.56}'
    value duplicate '{"match": 123, "m\\u0061tch": 124, "price": 4.56}'
    value '123 4.56' '{"price": 4.56, "match": 123, "who": "me"}'
    value missing '{"match": 123}'
    value missing '{"price": 4.56}'
    value syntax '\xef\xbb\xbf{"match": 123, "price": 4.56}'
    value syntax '{"match": 123, "price": 4.56, "a": "\xff"}'
    value syntax '{"match": 123, "price": 4.56, "a": "\\ud800"}'
    value '123 4.56' '{"match": 123, "price": 4.56, "a": "\\ud83d\\ude00"}'
    value syntax '{"match": 123, "price": 4.56, "a": "\033[2J"}'
    value depth "{\"match\": 123, \"price\": 4.56, \"a\": $(repeat 100 '[')$(repeat 100 ']')}"
    value depth "{\"match\": 123, \"price\": 4.56, \"a\": $(repeat 60000 '[')"
    value type "$(repeat 1000 '[')"
    value size "$(repeat 100000 '[')"
    value type '[1]'
    value type 'null'
    value type 'TRUE'
    value '0 4.56' '{"match": -0, "price": 4.56}'
    value '123 0.00' '{"match": 123, "price": -0.0}'
    value '123 4.56' '{"match": 123, "price": 4.560}'
    value range '{"match": 123, "price": 0.30000000000000004}'
    value range '{"match": 123, "price": -1}'
    value '123 120.00' '{"match": 123, "price": 1.2e2}'
    value size "{\"match\": 123, \"price\": 4.56, \"a\": \"$(repeat 70000 x)\"}"
}
