# web.bash - pf-web by itself, without the rest of a feed.
# shellcheck shell=bash disable=SC2154 # root is from kafka.bash
#
# Load it after kafka.bash; have_tools makes what its page is of.

# begin_web SETTING...: on a port of its own; $WEB is then its address, $API its API,
# and web.err in BATS_FILE_TMPDIR what it says.
begin_web() {
    local port setting settings=()
    port=$(unused_port)
    export WEB=http://127.0.0.1:$port API=http://127.0.0.1:$port/api/v1
    for setting; do
        settings+=(-X "$setting")
    done
    pf-web -X "feed.web.listen=127.0.0.1:$port" \
        -X "feed.web.assets=$root/build/page" "${settings[@]}" \
        >"$BATS_FILE_TMPDIR/web.out" 2>"$BATS_FILE_TMPDIR/web.err" 3>&- &
    echo $! >"$BATS_FILE_TMPDIR/web.pid"
    eventually 20 curl -sf "$API/openapi.json" -o /dev/null
}

end_web() {
    local pid
    pid=$(<"$BATS_FILE_TMPDIR/web.pid")
    kill "$pid" 2>/dev/null || :
    eventually 10 gone "$pid"
}

# asked PATH: its address, below $API and the part of it that $PART names.
asked() {
    local path=${PART:-}
    [ -z "$1" ] || path=${path:+$path/}$1
    echo "$API/$path"
}

# ask PATH [JQ]: the answer, or what jq makes of it. Fails if it is refused.
ask() {
    local answer
    answer=$(curl -sfg "$(asked "$1")") && jq -rc "${2:-.}" <<<"$answer"
}

# refused STATUS PATH WORD...: is that said, in a sentence with each of these?
refused() {
    local status=$1 path=$2 word answer
    shift 2
    answer=$(curl -sg -w ' %{http_code}' "$(asked "$path")")
    echo "$path: $answer"
    [ "${answer##* }" = "$status" ] || return
    answer=$(jq -er .error <<<"${answer% *}") || return
    for word; do
        [[ $answer == *"$word"* ]] || return 1
    done
}
