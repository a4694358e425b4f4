#!/usr/bin/env bats
# What the image is made of.
# shellcheck shell=bash disable=SC2016,SC2154,SC2164

load image.bash

# Run a command in the image, instead of the feed.
in_image() {
    docker run --rm --entrypoint "$1" "$image" "${@:2}"
}

@test "the compose files are understood" {
    cd "$checkout"
    compose config --quiet
    compose -f docker-compose.yml -f compose-pipeline/candles.yml config --quiet
    compose -f compose-pipeline/logins.yml config --quiet
    compose -f compose-pipeline/cluster.yml config --quiet
    compose -f compose-pipeline/orders.yml config --quiet
    compose -f docker-compose.yml -f compose-pipeline/poor-network.yml \
        config --quiet
    compose -f docker-compose.yml -f compose-pipeline/monitoring.yml \
        -f compose-pipeline/grafana.yml config --quiet
}

@test "no feed's state is in the image" {
    run in_image sh -c 'find /var/lib/pricefeed /run/pricefeed -mindepth 1'
    [ "$status" = 0 ]
    [ -z "$output" ]
}

@test "uPlot is in the image, with its licence" {
    run in_image head -qn 1 /usr/local/share/pricefeed/web/uplot.js \
        /usr/local/share/pricefeed/web/uplot.LICENSE
    [ "$status" = 0 ]
    [[ ${lines[0]} == *uPlot* ]]
    [[ ${lines[1]} == 'The MIT License'* ]]
}

@test "both JVMs use their archives of class data" {
    in_image /usr/local/share/pricefeed/broker/make-archives --check
}

@test "supervisord does without the slow import of pkg_resources" {
    run in_image python3 -c 'import sys, supervisor.options as options
print(options.pkg_resources.__file__)
print("packaging" in sys.modules)
print(options.Options().import_spec("supervisor.datatypes:integer")("5"))'
    echo "$output"
    [ "$status" = 0 ]
    [[ ${lines[0]} == /usr/local/* ]]
    [ "${lines[1]}" = False ]
    [ "${lines[2]}" = 5 ]
}

# lists_all IMAGE: are the parts on standard input in its list of parts?
lists_all() {
    docker run --rm --entrypoint cat "$1" /usr/local/share/pricefeed/sbom.cdx.json \
        >"$BATS_TEST_TMPDIR/sbom"
    cat >"$BATS_TEST_TMPDIR/parts"
    python3 - "$BATS_TEST_TMPDIR/sbom" "$BATS_TEST_TMPDIR/parts" <<'CHECK'
import json, sys

sbom = json.load(open(sys.argv[1]))
assert sbom["bomFormat"] == "CycloneDX"
listed = {h["content"] for c in sbom["components"] for h in c.get("hashes", [])}
listed |= {c["name"] + " " + c["version"] for c in sbom["components"]}
parts = set(open(sys.argv[2]).read().splitlines())
assert len(parts) > 100, parts
assert parts <= listed, parts - listed
CHECK
}

@test "every package and jar is in the list of parts" {
    {
        in_image dpkg-query --show --showformat '${Package} ${Version}\n'
        in_image cut -d ' ' -f 1,2 /usr/local/share/pricefeed/linked.list
        in_image sh -c 'cd /opt/pricefeed/jars && sha256sum *.jar' |
            awk '{ print $1 }'
        cut -d ' ' -f 1 "$checkout/web/jars.sha256"
    } | lists_all "$image"
}

@test "so it is in the image of Kafka Connect, where Debezium's jars are, too" {
    build_image connect
    docker run --rm --entrypoint sh "$image-connect" -c '
        dpkg-query --show --showformat "\${Package} \${Version}\n"
        find /opt/pricefeed/jars /opt/pricefeed/connect -name "*.jar" -exec sha256sum {} + | cut -d " " -f 1' \
        >"$BATS_TEST_TMPDIR/all"
    [ "$(grep -cvF ' ' "$BATS_TEST_TMPDIR/all")" -gt 60 ]
    lists_all "$image-connect" <"$BATS_TEST_TMPDIR/all"
}

@test "the words of each package's licence are in the image" {
    run in_image sh -c '
        for package in $(dpkg-query --show --showformat "\${Package} "); do
            [ -e /usr/share/doc/$package/copyright ] || echo $package
        done
        ls /opt/pricefeed/jre/legal/copyright \
            /usr/share/doc/libjemalloc-dev/copyright >/dev/null'
    [ "$status" = 0 ]
    [ -z "$output" ]
}

@test "the image is less than 250 MB larger than its base" {
    local base whole
    base=$(docker image inspect --format '{{.Size}}' debian:trixie-slim)
    whole=$(docker image inspect --format '{{.Size}}' "$image")
    echo "$(((whole - base) / 1000000)) MB"
    [ $((whole - base)) -lt 250000000 ]
}

@test "the image says what it is" {
    run docker image inspect --format '{{json .Config.Labels}}' "$image"
    [[ $output == *'"org.opencontainers.image.title":"pricefeed"'* ]]
    [[ $output == *'"org.opencontainers.image.licenses":"Apache-2.0"'* ]]
    run docker image inspect --format '{{.Config.User}}' "$image"
    [ "$output" = 10001 ]
}

@test "the client's image has its programs and no Java" {
    build_image client
    run docker run --rm "$image-client" sh -c '
        pf-producer -X feed.sink=console -X feed.count=3 -X feed.rate=0
        pf-audit --version
        ls -d /opt/pricefeed'
    echo "$output"
    [ "$(grep -c -E "$price" <<<"$output")" = 3 ]
    [[ $output == *'pf-audit '* ]]
    [[ $output == *"/opt/pricefeed': No such file"* ]]
    # It has the roles that need no Java, whose mistakes end with 2.
    run docker run --rm "$image-client" consumer -X feed.strat=latest
    [ "$status" = 2 ]
    [[ $output == *"unknown setting 'feed.strat'"* ]]
    run docker run --rm --stop-timeout 5 "$image-client" timeout 3 pf-init web \
        -X feed.web.published=true -X feed.web.listen=0.0.0.0:8080
    [[ $output == *'web started'*'stopped cleanly'* ]]
}

# A command line that can use the engine's BuildKit. From 23 on docker
# needs a plugin for that.
buildkit() {
    local docker
    if docker buildx version >/dev/null 2>&1; then
        docker buildx build --load "$@"
        return
    fi
    for docker in $(type -a -p docker); do
        if "$docker" --version | grep -q -E 'version (1[0-9]|2[0-2])\.'; then
            DOCKER_BUILDKIT=1 "$docker" build "$@"
            return
        fi
    done
    return 127
}

@test "BuildKit builds it too" {
    run buildkit --tag "$image-buildkit" "$checkout"
    if [ "$status" = 127 ] && [ "${CI:-}" != true ]; then
        skip "no docker here has BuildKit"
    fi
    echo "$output" | tail -n 20
    [ "$status" = 0 ]
    docker run --rm --entrypoint pf-consumer "$image-buildkit" --version
    docker image rm --no-prune "$image-buildkit"
}
