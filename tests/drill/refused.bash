# refused.bash - for drills of what a feed refuses to start with.
# shellcheck shell=bash disable=SC2154 # dir, feed, image and data are drill.bash's

slowest=0.00 # of the refusals, in s

# try_feed [DOCKER-OPTION...] [-- COMMAND...]: run one more container with these
# on the volume (or another one, if they name it) until it ends. Its code is
# then in $code, and what it printed and said in $dir/other and other.talk.
try_feed() {
    local began options=(--volume="$feed:$data")
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        [[ $1 == --volume=*:$data* ]] && unset 'options[0]'
        options+=("$1")
        shift
    done
    [ $# = 0 ] || shift
    # shellcheck disable=SC2206 # a list; of proofs that a drill can fail
    options+=(${DRILL_DOCKER:-})
    began=$(now_ns)
    code=0
    timeout 60 docker run --rm --name "$feed-other" --read-only --tmpfs /run \
        --tmpfs /tmp:exec --cap-drop ALL "${options[@]}" "$image" "$@" \
        >"$dir/other" 2>"$dir/other.talk" || code=$?
    docker rm --force --volumes "$feed-other" >/dev/null 2>&1 || :
    took=$(seconds_since "$began")
    slowest=$(printf "%s\n" "$slowest" "$took" | sort -n | tail -n 1)
}

# refused CODE SENTENCE [DOCKER-OPTION...]: it ends with CODE and says SENTENCE,
# and prints nothing.
refused() {
    try_feed "${@:3}"
    cat "$dir/other.talk"
    ((code == $1)) || fail "code $code, not $1, for: $2"
    grep -qF -- "$2" "$dir/other.talk" ||
        fail "not said: $2; but: $(tail -n 1 "$dir/other.talk")"
    [ ! -s "$dir/other" ] || fail "it printed: $(head -n 1 "$dir/other")"
}

# on_volume COMMAND...: do it as root in the volume of the feed.
on_volume() {
    docker run --rm --user 0 --volume "$feed:$data" --workdir "$data" \
        --entrypoint "$1" "$image" "${@:2}"
}
