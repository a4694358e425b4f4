#!/usr/bin/env bats
# What is installed: where it lands, what it is linked with, and that it goes.
# shellcheck shell=bash disable=SC2164

bats_require_minimum_version 1.5.0

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/../.." all connect
}

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
}

@test "make uninstall leaves nothing of make install but what was edited" {
    local to=$BATS_TEST_TMPDIR file
    make -s install DESTDIR="$to" BINDIR=/opt/bin
    [[ -x $to/opt/bin/pf-broker && ! -e $to/usr/local/bin ]]
    [[ -r $to/usr/local/share/man/man1/pf-broker.1 ]]
    [[ -x $to/usr/local/share/pricefeed/broker/kafka ]]
    [[ -r $to/usr/local/share/pricefeed/web/index.html ]]
    [[ -x $to/usr/local/share/pricefeed/web/fetch-uplot ]]
    # The image's list of parts is made from these.
    for file in broker/jars.sha256 web/jars.sha256; do
        cmp "$file" "$to/usr/local/share/pricefeed/$file"
    done
    echo 'feed.rate=7' >>"$to/etc/pricefeed/producer.properties"
    make -s uninstall DESTDIR="$to" BINDIR=/opt/bin
    [[ $(find "$to" -type f) == "$to/etc/pricefeed/producer.properties" ]]
    [[ ! -e $to/usr/local/share/pricefeed ]]
}

@test "what only Kafka Connect needs is installed by itself, and goes with the rest" {
    local to=$BATS_TEST_TMPDIR
    make -s install DESTDIR="$to"
    [[ $(find "$to" -name '*connect*') == '' ]]
    make -s install-connect DESTDIR="$to"
    [[ -x $to/usr/local/bin/pf-connect ]]
    [[ -x $to/usr/local/share/pricefeed/connect/connect ]]
    [[ -r $to/etc/pricefeed/connectors/postgres.json ]]
    make -s uninstall DESTDIR="$to"
    [[ $(find "$to" -type f) == '' ]]
}

@test "each program is linked with what it needs, and pf-proxy with no Kafka" {
    local program
    for program in pf-proxy pf-init; do
        run -0 ldd build/$program
        [[ $output != *rdkafka* && $output != *json-c* ]]
    done
    run -0 ldd build/pf-connect
    [[ $output == *curl* && $output != *rdkafka* ]]
    for program in pf-producer pf-processor pf-audit pf-broker; do
        run -0 ldd build/$program
        [[ $output == *rdkafka* && $output != *libpq* ]]
    done
}

@test "the version is the Makefile's wherever it is named" {
    local version file
    version=$(sed -n 's/^VERSION = //p' Makefile)
    [[ $(build/pf-producer --version) == "pf-producer $version "* ]]
    grep -qx "ARG VERSION=$version" Dockerfile
    for file in SECURITY.md CHANGELOG.md; do
        grep -qF "$version" "$file"
    done
}
