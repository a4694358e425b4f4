# compose.bash - what tests and drills need to run a composition beside others.
# shellcheck shell=bash

# docker-compose, or what took its place.
compose() {
    if command -v docker-compose >/dev/null; then
        docker-compose "$@"
    else
        docker compose "$@"
    fi
}

# A TCP port of 127.0.0.1 that is free now.
free_port() {
    python3 -c 'import socket
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1])'
}
