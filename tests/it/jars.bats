#!/usr/bin/env bats
# The jars, and the names that their Kafka knows.
# shellcheck shell=bash

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    broker/fetch-jars build/jars
    # A broker/ of our own, whose list of jars can be wrong.
    cp -r broker "$BATS_FILE_TMPDIR/broker"
}

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    broker=$BATS_FILE_TMPDIR/broker
    cp broker/jars.sha256 "$broker/"
}

@test "server-names.txt is what Kafka's own definition says" {
    PF_JARS=build/jars broker/server-names | diff broker/server-names.txt -
}

@test "jars that are all right are left alone, without Maven" {
    FEED_MAVEN=false broker/fetch-jars build/jars
}

@test "a damaged jar is replaced" {
    cp -r build/jars "$BATS_TEST_TMPDIR/jars"
    echo more >>"$BATS_TEST_TMPDIR/jars/jopt-simple-5.0.4.jar"
    broker/fetch-jars "$BATS_TEST_TMPDIR/jars"
    diff -r build/jars "$BATS_TEST_TMPDIR/jars"
}

@test "a jar that is not the promised one, or too many, or missing, is named" {
    sed -i -e 's/^.\(.*  jopt-simple-.*\)/x\1/' -e '/ scala-library-/d' \
        "$broker/jars.sha256"
    echo "0  nowhere-1.0.jar" >>"$broker/jars.sha256"
    run "$broker/fetch-jars" "$BATS_TEST_TMPDIR/jars"
    echo "$output"
    [ "$status" = 1 ]
    [[ $output == *"jopt-simple-5.0.4.jar: SHA-256 is "* ]]
    [[ $output == *"scala-library-2.13.15.jar: not in jars.sha256"* ]]
    [[ $output == *"nowhere-1.0.jar: missing"* ]]
    [ ! -e "$BATS_TEST_TMPDIR/jars" ]
}
