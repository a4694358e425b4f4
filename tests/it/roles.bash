# roles.bash - roles of pf-init, each with a directory of its own below NODES.
# shellcheck shell=bash disable=SC2154
#
# Load it after kafka.bash, and export NODES and the variables that the roles need.

# begin NODE ROLE [ARG...]: in NODE's directory, and do not wait.
begin() {
    local node=$1 code
    shift
    mkdir -p "$NODES/$node/run" "$NODES/$node/data"
    rm -f "$NODES/$node"/{pid,code,err}
    {
        code=0
        # shellcheck disable=SC2016 # for the inner shell
        PF_RUN=$NODES/$node/run PF_DATA=$NODES/$node/data sh -c \
            'echo $$ >"$PF_RUN/../pid" && exec pf-init "$@"' sh "$@" || code=$?
        echo "$code" >"$NODES/$node/code"
    } >"$NODES/$node/out" 2>>"$NODES/$node/err" 3>&- &
    eventually 5 test -s "$NODES/$node/pid"
}

# end NODE: ask it to stop, and wait.
end() {
    kill "$(cat "$NODES/$1/pid")"
    eventually 20 has_ended "$1"
}

has_ended() {
    [ -s "$NODES/$1/code" ]
}

code_of() {
    cat "$NODES/$1/code"
}

said() {
    grep -qF -- "$2" "$NODES/$1/err"
}

# The process of a node's program.
program_of() {
    sed 's/.* //' "$NODES/$1/run/role"
}

health() {
    PF_RUN=$NODES/$1/run PF_DATA=$NODES/$1/data run pf-broker health
}

is_healthy() {
    health "$1"
    [ "$status" = 0 ]
}
