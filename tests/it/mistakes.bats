#!/usr/bin/env bats
# Mistakes in options, settings and environment. Each is refused with exit code
# 2 and a sentence that names the place, what is there, and what is allowed.
# shellcheck shell=bash disable=SC2016,SC2154,SC2164

bats_require_minimum_version 1.5.0
load kafka

setup() {
    cd "$BATS_TEST_TMPDIR"
    # Without Kafka: what is wrong is found before anything is connected.
    produce=(timeout 10 pf-producer -X feed.sink=console)
    consume=(timeout 10 pf-consumer)
}

# refused SENTENCE COMMAND...: it ends with 2, prints nothing, and says that.
refused() {
    local sentence=$1
    shift
    run --separate-stderr "$@"
    echo "$*: expected $sentence; got $status, $stderr"
    [[ $status == 2 && $output == '' && $stderr == *": $sentence"* ]]
    # One line, and nothing that a terminal would obey.
    [[ $stderr != *[[:cntrl:]]* ]]
}

# set_refused SENTENCE SETTING...: the same, for the producer's -X.
set_refused() {
    refused "command line -X: $1" "${produce[@]}" -X "$2"
}

# file_refused SENTENCE TEXT: the same, for a file with TEXT, in printf's way.
file_refused() {
    # shellcheck disable=SC2059 # the text is a format on purpose
    printf "$2" >producer.properties
    refused "$1" "${produce[@]}" -F producer.properties
}

# prints_one COMMAND...: it works, and prints one price.
prints_one() {
    run --separate-stderr "$@" -X feed.count=1 -X feed.seed=1
    echo "$*: got $status, $output, $stderr"
    [[ $status == 0 && $output == '{"match": 609, "price": 5.82}' ]]
}

@test "an option that there is not, or without its value, or one word more" {
    local command
    for command in "${produce[2]}" pf-consumer; do
        refused "unknown option --nosuch; see $command --help" \
            "$command" --nosuch
        refused "unknown option -z; see $command --help" "$command" -z
        refused "unknown option -v; see $command --help" "$command" -version
        refused "-X needs a value; see $command --help" "$command" -X
        refused "-F needs a value; see $command --help" "$command" -F
        refused "unexpected 'more'; see $command --help" "$command" more
        refused "-X feed.count: expected name=value" "$command" -X feed.count
        refused "-X =3: expected name=value" "$command" -X =3
    done
}

@test "numbers are read as a whole, and held against their range" {
    set_refused "feed.rate: 'abc' is not a number" feed.rate=abc
    set_refused "feed.rate: '10k' is not a number" feed.rate=10k
    set_refused "feed.rate: '' is not a number" feed.rate=
    set_refused "feed.rate: 'nan' is not a number" feed.rate=nan
    set_refused "feed.rate: -1 is not within 0 to 10000000" feed.rate=-1
    set_refused "feed.rate: 1e99 is not within 0 to 10000000" feed.rate=1e99
    set_refused "feed.count: '1.5' is not a whole number" feed.count=1.5
    set_refused "feed.count: -1 is not within 0 to 1000000000000000" \
        feed.count=-1
    set_refused "feed.partition: 2147483648 is not within 0 to 2147483647" \
        feed.partition=2147483648
    set_refused "feed.seed: '-1' is not a whole number from 0 up" feed.seed=-1
    set_refused "feed.seed: 18446744073709551616 is above 18446744073709551615" \
        feed.seed=18446744073709551616
}

@test "words that are none of those allowed" {
    set_refused 'feed.ledger: nothing is acknowledged with feed.sink = console' \
        feed.ledger=ledger
    set_refused "feed.sink: 'konsole' is not one of kafka|console" \
        feed.sink=konsole
    local where='command line -X: '
    refused "${where}feed.on.bad: 'cry' is not one of skip|stop" \
        "${consume[@]}" -X feed.on.bad=cry
    refused "${where}feed.strict.range: 'yes' is neither true nor false" \
        "${consume[@]}" -X feed.strict.range=yes
    refused "${where}feed.start: '-5' is not stored, earliest, latest or an \
offset" "${consume[@]}" -X feed.start=-5
}

@test "an unknown name, with the nearest known one" {
    local where='command line -X: '
    set_refused "unknown setting 'feed.raet'; did you mean 'feed.rate'?" \
        feed.raet=3
    set_refused "unknown setting 'lingr.ms', neither ours nor \
librdkafka's; did you mean 'linger.ms'?" lingr.ms=3
    set_refused "unknown setting 'compression.codc', neither ours nor \
librdkafka's; did you mean 'compression.codec'?" compression.codc=zstd
    set_refused "unknown setting 'nothing.like.that', neither ours nor \
librdkafka's" nothing.like.that=1
    refused "${where}unknown setting 'feed.rate'" \
        "${consume[@]}" -X feed.rate=3
}

@test "a value that librdkafka refuses, in its words and with its place" {
    set_refused 'security.protocol: Invalid value "foo"' security.protocol=foo
    set_refused 'enable.idempotence: Expected bool value' \
        enable.idempotence=maybe
    # shellcheck disable=SC2016 # its own quotes
    refused 'kafka: `acks` must be set to `all` when `enable.idempotence` is' \
        timeout 10 pf-producer -X acks=1
}

@test "settings that the consumer's promise depends on stay as they are" {
    local where='command line -X: '
    refused "${where}enable.auto.commit is always false here: a position" \
        "${consume[@]}" -X enable.auto.commit=true
    refused "${where}group.id: it is empty" "${consume[@]}" -X group.id=
}

@test "brokers are host:port,..." {
    local bad
    for bad in a:0 a:99999 a:b :9092 '[]:1' a:1x; do
        set_refused "bootstrap.servers: '$bad' is not host:port with a port \
of 1 to 65535" "bootstrap.servers=$bad"
    done
    set_refused 'bootstrap.servers: no broker; expected host:port' \
        bootstrap.servers=
    set_refused 'bootstrap.servers: no broker; expected host:port' \
        bootstrap.servers=,
}

@test "names that are no topic's are refused before anything is connected" {
    local rule="is not a topic name: use 1 to 249 letters, digits, '.', '_' \
and '-'"
    set_refused "feed.topic: 'a b' $rule" 'feed.topic=a b'
    set_refused "feed.topic: 'a\nb' $rule" $'feed.topic=a\nb'
    set_refused "feed.topic: '' $rule" feed.topic=
    set_refused "feed.topic: '..' $rule" feed.topic=..
    set_refused "feed.topic: 'xxxxx" "feed.topic=$(printf 'x%.0s' {1..250})"
}

@test "a mistake in a file is named with its line" {
    file_refused "producer.properties:3: feed.rate: 'soon' is not a number" \
        'feed.count=1\n\nfeed.rate=soon\n'
    file_refused "producer.properties:2: feed.seed: 'x' is not a whole number" \
        '# a comment\nfeed.seed x\n'
    file_refused "producer.properties:1: unknown setting 'feed.raet'; did \
you mean 'feed.rate'?" 'feed.raet = 3'
    file_refused "producer.properties:2: 'feed.rate' has no value; write \
feed.rate=..." 'feed.count=1\nfeed.rate\n'
    # Where a joined line begins, not where it ends.
    file_refused "producer.properties:2: feed.rate: '12x' is not a number" \
        'feed.count=1\nfeed.rate=1\\\n  2x\n'
}

@test "a file that is not a properties file is refused, with the reason" {
    file_refused "producer.properties:2: \\u needs four hexadecimal digits that \
name a character, not '12g4'" 'feed.count=1\nfeed.topic=a\\u12g4\n'
    file_refused 'producer.properties:2: a NUL byte; is this a text file?' \
        'feed.count=1\nfeed.to\000pic=a\n'
    file_refused 'producer.properties:1: a line of more than 65536 bytes' \
        "feed.topic=$(printf 'x%.0s' {1..70000})"
    refused 'nowhere: No such file or directory' "${produce[@]}" -F nowhere
    refused '/: Is a directory' "${produce[@]}" -F /
}

@test "files with CRLF, a byte order mark, joined lines and escapes are read" {
    printf '\xef\xbb\xbf! a comment\r\nfeed.topic : a\\u002db\r\n\r\n' >crlf
    printf 'feed.rate=\\\n    0' >>crlf
    run "${produce[@]}" -F crlf --show-config
    [[ $status == 0 ]]
    [[ $output == *'feed.topic = a-b  # crlf:2'* ]]
    [[ $output == *'feed.rate = 0  # crlf:4'* ]]
}

@test "a mistake in the environment is named with its variable" {
    PRODUCER_FEED_RATE=soon refused "environment PRODUCER_FEED_RATE: \
feed.rate: 'soon' is not a number" "${produce[@]}"
    PRODUCER_LINGER_MS=soon refused "environment PRODUCER_LINGER_MS: \
linger.ms: Invalid value" "${produce[@]}"
    PRODUCER_SASL_PASSWORD_FILE=nowhere refused "environment \
PRODUCER_SASL_PASSWORD_FILE: nowhere: No such file" "${produce[@]}"
}

@test "an unknown variable is a warning: others set some, too" {
    PRODUCER_TOPICS=a prints_one "${produce[@]}"
    [[ $stderr == *"warning producer: environment PRODUCER_TOPICS: unknown \
librdkafka setting 'topics', ignored"* ]]
    # A file that the like of it names is not looked for.
    PRODUCER_LOG_FILE=/nowhere/log prints_one "${produce[@]}"
    [[ $stderr == *"environment PRODUCER_LOG_FILE: unknown librdkafka setting \
'log.file', ignored"* ]]
    PRODUCER_FEED_RAET=1 prints_one "${produce[@]}"
    [[ $stderr == *"environment PRODUCER_FEED_RAET: unknown setting \
'feed.raet', ignored; did you mean 'feed.rate'?"* ]]
}

@test "what Kubernetes sets for a service of our name is a warning" {
    PRODUCER_PORT=tcp://10.0.0.1:80 PRODUCER_SERVICE_HOST=10.0.0.1 \
        PRODUCER_FEED_RATE_PORT_80_TCP_ADDR=10.0.0.1 prints_one "${produce[@]}"
    [[ $stderr == *"warning producer: environment PRODUCER_PORT: ignored: \
tcp://10.0.0.1:80 is what Kubernetes and Docker set for a service"* ]]
    [[ $stderr != *PRODUCER_SERVICE_HOST* && $stderr != *_ADDR* ]]
}

@test "an empty variable is one that is not set, whichever it is" {
    # A number, a word, text that must not be empty, librdkafka's, a secret.
    PRODUCER_FEED_RATE='' PRODUCER_FEED_SINK='' PRODUCER_FEED_TOPIC=' ' \
        PRODUCER_LINGER_MS='' PRODUCER_SECURITY_PROTOCOL='' \
        PRODUCER_SASL_PASSWORD_FILE='' prints_one "${produce[@]}"
    [[ $stderr != *warning* ]]
    CONSUMER_GROUP_ID='' run -0 "${consume[@]}" --show-config
    [[ $output == *'group.id = '*'  # default'* ]]
}

@test "blanks around a value do not count, but for a secret" {
    printf 'feed.rate=5 \nacks=all \nenable.idempotence=true\t\n' >blanks
    PRODUCER_BOOTSTRAP_SERVERS=' a:1 ' PRODUCER_SASL_PASSWORD=' p ' \
        run -0 "${produce[@]}" -F blanks -X 'feed.count= 7 ' --show-config
    [[ $output == *'feed.rate = 5  # blanks:1'* ]]
    [[ $output == *'acks = all  # blanks:2'* ]]
    [[ $output == *'enable.idempotence = true  # blanks:3'* ]]
    [[ $output == *'bootstrap.servers = a:1  # environment'* ]]
    [[ $output == *'feed.count = 7  # command line'* ]]
}

@test "the command line wins over the environment, that over a file" {
    echo 'feed.rate=1' >one
    printf 'feed.rate=2\nfeed.topic=two\n' >two
    show() {
        run "$@" --show-config
        echo "$output"
    }
    show "${produce[@]}"
    [[ $output == *'feed.rate = 10  # default'* ]]
    show "${produce[@]}" -F one -F two
    [[ $output == *'feed.rate = 2  # two:1'* ]]
    [[ $output == *'feed.topic = two  # two:2'* ]]
    PRODUCER_FEED_RATE=3 show "${produce[@]}" -F one
    [[ $output == *'feed.rate = 3  # environment PRODUCER_FEED_RATE'* ]]
    PRODUCER_FEED_RATE=3 show "${produce[@]}" -X feed.rate=4 -F one
    [[ $output == *'feed.rate = 4  # command line -X'* ]]
}

@test "_ in a variable is a dot, __ is _, ___ is -" {
    # No such names are known, so that the warning shows what was made of it.
    PRODUCER_A__B___C_D=1 prints_one "${produce[@]}"
    [[ $stderr == *"unknown librdkafka setting 'a_b-c.d', ignored"* ]]
}

@test "--show-config hides what is secret, and passes it on all the same" {
    echo 'from a file' >password
    PRODUCER_SASL_PASSWORD_FILE=password run "${produce[@]}" --show-config \
        -X ssl.key.password=geheim -X sasl.username=me
    echo "$output"
    [[ $status == 0 && $output == *'sasl.username = me  # '* ]]
    [[ $output == *'sasl.password = [hidden]  # environment '* ]]
    [[ $output == *'ssl.key.password = [hidden]  # command line -X'* ]]
    [[ $output != *geheim* && $output != *'from a file'* ]]
}

@test "--help, --version and --manual go to standard output, with code 0" {
    local command option
    for command in pf-producer pf-consumer; do
        for option in --help -h --version -V --manual; do
            run --separate-stderr "$command" "$option"
            [[ $status == 0 && -n $output && $stderr == '' ]]
        done
        run "$command" --version
        [[ $output =~ ^$command\ [0-9.]+\ \(librdkafka\ [0-9.]+,\ json-c\ .*\)$ ]]
    done
}

@test "the consumer's malloc knows each setting that it is given" {
    run --separate-stderr env MALLOC_CONF=confirm_conf:true pf-consumer --version
    echo "$stderr"
    [[ $status == 0 && $stderr == *'Set conf value: oversize_threshold:'* ]]
    [[ $stderr != *'Invalid conf'* ]]
}

@test "a standard output that is closed, or full: code 1, not a silent loss" {
    run bash -c '"$@" -X feed.count=1 2>&1 >&-' - "${produce[@]}"
    echo "$output"
    [[ $status == 1 && $output == *'console: Bad file descriptor'* ]]
    [[ $output == *'1 prices taken, 0 delivered'* ]]
    run bash -c '"$@" -X feed.count=1 2>&1 >/dev/full' - "${produce[@]}"
    echo "$output"
    [[ $status == 1 && $output == *'console: No space left on device'* ]]
}

@test "an answer that standard output does not take: code 1" {
    local option
    for option in --help --version --manual --show-config; do
        run bash -c '"$@" 2>&1 >/dev/full' - "${produce[@]}" "$option"
        [[ $status == 1 && $output == *'standard output: No space left'* ]]
    done
    run bash -c 'pf-broker --help 2>&1 >/dev/full'
    [[ $status == 1 && $output == *'standard output: No space left'* ]]
    run bash -c 'pf-broker --help 2>&1 >&-'
    [[ $status == 1 && $output == *'standard output: Bad file descriptor'* ]]
}

@test "a console or a file of counters that cannot be opened: code 1" {
    run "${produce[@]}" -X feed.console=nowhere/console
    [[ $status == 1 && $output == *'console nowhere/console: No such file'* ]]
    run "${produce[@]}" -X feed.stats=nowhere/stats
    [[ $status == 1 && $output == *'counters in nowhere/stats: No such file'* ]]
}
