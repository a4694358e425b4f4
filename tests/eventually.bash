# eventually.bash - waiting for an event, for all tests in shell.
# shellcheck shell=bash

# in_time N: SECONDS, which was set to 0, is N at most. On a machine that is busy
# with other things, DRILL_PATIENCE=3 allows three times that.
in_time() {
    ((SECONDS <= $1 * ${DRILL_PATIENCE:-1}))
}

# eventually SECONDS COMMAND...: run it until it succeeds, for SECONDS at most, with
# DRILL_PATIENCE as above. Within COMMAND the shell's -e has no effect.
eventually() {
    # The current second does not count.
    local deadline=$((SECONDS + $1 * ${DRILL_PATIENCE:-1} + 1))
    local began pause nobody
    shift
    exec {nobody}<> <(:)
    until began=${EPOCHREALTIME/[.,]/} && "$@" >/dev/null 2>&1; do
        if ((SECONDS >= deadline)); then
            echo "not within the time: $*" >&2
            exec {nobody}>&-
            return 1
        fi
        # The pause of a poll, not a guess at how long something takes: as long
        # as the command took, from 50 ms to a second, so that asking leaves the
        # processor to what is waited for.
        pause=$((${EPOCHREALTIME/[.,]/} - began))
        pause=$((pause < 50000 ? 50000 : pause > 999999 ? 999999 : pause))
        printf -v pause '0.%06d' "$pause"
        read -rt "$pause" -u "$nobody" || :
    done
    exec {nobody}>&-
}
