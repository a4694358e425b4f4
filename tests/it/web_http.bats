#!/usr/bin/env bats
# pf-web by what comes over its port: what it refuses, and what it survives.
# shellcheck shell=bash disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0
load mock

setup_file() {
    "$root/web/fetch-uplot" "$root/build/page"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    port=$(unused_port)
}

teardown() {
    end_jobs
}

# start_web NAME=VALUE...: at $port, without a Kafka.
start_web() {
    local setting arguments=()
    for setting; do
        arguments+=(-X "$setting")
    done
    pf-web -X bootstrap.servers=127.0.0.1:1 \
        -X "feed.web.assets=$root/build/page" \
        -X "feed.web.listen=127.0.0.1:$port" "${arguments[@]}" 2>log 3>&- &
    web=$!
    eventually 10 grep -q 'the page is at' log
}

# status CURL-ARGUMENT...: of the answer.
status() {
    curl -s -o body -D headers -w '%{http_code}' "$@"
}

# Of each line of standard input, with backslashes as C has them: what the server
# answers to these bytes, one line each; nothing if it does not answer.
first_lines() {
    timeout 60 python3 -c '
import socket, sys
for line in sys.stdin:
    text = line.rstrip("\n").encode().decode("unicode_escape").encode("latin-1")
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
        s.settimeout(0.3)  # it may wait for the rest
        try:
            s.sendall(text)
            answer = s.recv(65536).split(b"\r\n")[0].decode()
        except OSError:
            answer = ""
    print(answer, line, sep="\t", end="")' "$port"
}

@test "the page and its files, and no other file" {
    start_web
    url=http://127.0.0.1:$port
    [ "$(status "$url/")" = 200 ]
    cmp body "$root/web/page/index.html"
    grep -qi "^content-security-policy: default-src 'none'; script-src 'self'" headers
    grep -qi '^x-content-type-options: nosniff' headers
    # All that the page loads is there, and is what it is said to be.
    while read -r file; do
        [ "$(status "$url$file")" = 200 ] || echo "no $file"
    done < <(sed -n 's/.*\(src\|href\)="\(\/[^"]*\)".*/\2/p' "$root/web/page/index.html") >missing
    [ ! -s missing ]
    for path in ../Makefile %2e%2e/Makefile ..%2fMakefile %2fetc%2fpasswd \
        .%00./x index.html/../../Makefile assets.c app.js%00 '' //; do
        curl -s --path-as-is -o body "$url/$path"
        run ! grep -E 'root:x|PROGRAMS =|web_assets' body
    done
    [ "$(status --path-as-is "$url/../Makefile")" = 404 ]
    [ "$(status -X POST "$url/")" = 405 ]
    [ "$(status -X DELETE "$url/api/v1/topics/x")" = 405 ]
    [ "$(status -I "$url/")" = 200 ]
    [ "$(status -H 'Host: evil.example' "$url/")" = 421 ]
}

@test "what is malformed is refused, or not answered, and it goes on" {
    start_web
    first_lines >answers <<'END'
\r\n\r\n
GET\r\n\r\n
GET /
GET / HTTP/9.9\r\nHost: localhost\r\n\r\n
GET  / HTTP/1.1\r\n\r\n
GET / HTTP/1.1\r\nHost localhost\r\n\r\n
GET / HTTP/1.1\r\n\r\n
GET / HTTP/1.1\r\nHost:\r\n\r\n
GET / HTTP/1.1\r\nHost: [::1\r\n\r\n
GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n
GET /%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n
GET http:// HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n
\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03
POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n
OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n
END
    cat answers
    [ "$(wc -l <answers)" = 15 ]
    run ! grep -vE $'^(HTTP/1\.[01] [45][0-9][0-9] [^\t]*)?\t' answers
    [ "$(status "http://127.0.0.1:$port/")" = 200 ]
    kill -0 "$web"
}

@test "ten thousand connections, and those that dribble, keep nobody out for long" {
    start_web feed.web.connections=300
    url=http://127.0.0.1:$port/
    # They hold all places: each for a second, while places are scarce.
    mkfifo hold
    "$BATS_TEST_DIRNAME/hold.py" "$port" 10000 1000 'GET / HTTP/1.1\r\nX: ' \
        <hold >held 3>&- &
    exec {end}>hold
    eventually 60 test -s held
    cat held
    eventually 60 curl -sf -m 10 -o /dev/null "$url"
    exec {end}>&-
    kill -0 "$web"
    (($(awk '/VmHWM/ { print $2 }' "/proc/$web/status") < 40000))
}

@test "elsewhere than on this machine it wants a token, which a file can have" {
    run -2 pf-web -X "feed.web.listen=0.0.0.0:$port"
    [[ $output == *"feed.web.listen: 0.0.0.0:$port: others could ask: set a token"* ]]
    run -2 pf-web -X feed.web.token=short
    [[ $output == *"16 or more"* ]]
    echo 0123456789abcdef >token
    export WEB_FEED_WEB_TOKEN_FILE=$PWD/token
    run -0 pf-web --show-config
    [[ $output != *0123456789abcdef* ]]
    start_web "feed.web.listen=0.0.0.0:$port"
    [ "$(status "http://127.0.0.1:$port/")" = 401 ]
    [ "$(status -H 'Authorization: Bearer 0123456789abcdef' "http://127.0.0.1:$port/")" = 200 ]
    [ "$(status -c jar "http://127.0.0.1:$port/login?token=0123456789abcdef")" = 303 ]
    [ "$(status -b jar "http://127.0.0.1:$port/")" = 200 ]
    run ! grep -q 0123456789abcdef log
}

@test "an address that is taken is named, and pages that are missing" {
    start_web
    run -1 pf-web -X "feed.web.assets=$root/build/page" -X "feed.web.listen=127.0.0.1:$port"
    [[ $output == *"127.0.0.1:$port: Address already in use"* ]]
    run -2 pf-web -X feed.web.assets=/nowhere
    [[ $output == *"the page's files in /nowhere: No such file"* ]]
}

@test "it stops at once, whoever is connected" {
    start_web
    mkfifo hold
    "$BATS_TEST_DIRNAME/hold.py" "$port" 200 200 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n' \
        <hold >held 3>&- &
    exec {end}>hold
    eventually 20 test -s held
    kill "$web"
    ends_within 1000 "$web"
    [[ $status == 0 ]]
    exec {end}>&-
}
