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
