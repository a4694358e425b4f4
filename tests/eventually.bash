# eventually.bash - waiting for an event, for all tests in shell.
# shellcheck shell=bash

# eventually SECONDS COMMAND...: run it until it succeeds, for SECONDS at most.
eventually() {
    local deadline=$((SECONDS + $1 + 1)) # the current second does not count
    shift
    until "$@" >/dev/null 2>&1; do
        if ((SECONDS >= deadline)); then
            echo "not within the time: $*" >&2
            return 1
        fi
        # The pause of a poll, not a guess at how long something takes.
        read -rt 0.05 <> <(:) || :
    done
}
