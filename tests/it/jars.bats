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

@test "jars whose list cannot be read are not taken for the right ones" {
    rm "$broker/jars.sha256"
    FEED_MAVEN=false run "$broker/fetch-jars" build/jars
    echo "$output"
    [ "$status" != 0 ]
    [[ $output == *"$broker/jars.sha256"* ]]
}

@test "uPlot's files are those of the pinned jar" {
    local to=$BATS_TEST_TMPDIR/page file
    web/fetch-uplot "$to"
    FEED_MAVEN=false web/fetch-uplot "$to"
    for file in uplot.js=dist/uPlot.iife.min.js uplot.css=dist/uPlot.min.css \
        uplot.LICENSE=LICENSE; do
        unzip -p "$to".jars/uplot-1.6.30.jar \
            "META-INF/resources/webjars/uplot/1.6.30/${file#*=}" |
            cmp - "$to/${file%=*}"
    done
    grep -q '^The MIT License' "$to/uplot.LICENSE"
}

@test "another uPlot than the pinned one is refused" {
    cp -r web "$BATS_FILE_TMPDIR/web"
    sed -i 's/^./x/' "$BATS_FILE_TMPDIR/web/jars.sha256"
    run "$BATS_FILE_TMPDIR/web/fetch-uplot" "$BATS_TEST_TMPDIR/page"
    echo "$output"
    [ "$status" = 1 ]
    [[ $output == *"uplot-1.6.30.jar: SHA-256 is "* ]]
    [ ! -e "$BATS_TEST_TMPDIR/page" ]
}

# A copy of the jars as the image has them.
make_archivable() {
    cp -r build/jars "$1"
    java -cp /usr/share/java/asm.jar broker/Archivable.java "$1"
}

@test "jars made archivable say so, are the same each time, and others stay" {
    run make_archivable "$BATS_TEST_TMPDIR/jars"
    echo "$output"
    [ "$status" = 0 ]
    [[ $output == *"kafka_2.13-3.9.2.jar: "* ]]
    local jar
    for jar in "$BATS_TEST_TMPDIR"/jars/*.jar; do
        if [[ $output == *"${jar##*/}: "* ]]; then
            unzip -p "$jar" META-INF/pricefeed.txt | grep -q 'has changed'
        else
            cmp "build/jars/${jar##*/}" "$jar"
        fi
    done
    make_archivable "$BATS_TEST_TMPDIR/again"
    diff -r "$BATS_TEST_TMPDIR/jars" "$BATS_TEST_TMPDIR/again"
}

# How many of a class's lambdas are not plain. The JVM archives those that are
# special without a reason, too.
special_lambdas() {
    javap -v -cp "$(echo kafka_2*.jar)" kafka.server.KafkaServer |
        awk '/LambdaMetafactory.altMetafactory/ { n++ } END { print n + 0 }'
}

@test "the JVM accepts what was made archivable, and it has its lambdas" {
    make_archivable "$BATS_TEST_TMPDIR/jars"
    cd "$BATS_TEST_TMPDIR/jars"
    run java -Djava.awt.headless=true -cp '*' \
        "$BATS_TEST_DIRNAME/Verify.java" reload4j-*.jar slf4j-*.jar
    echo "$output"
    [ "$status" = 0 ]
    [[ $output =~ ([0-9]+)" classes verified" ]]
    [ "${BASH_REMATCH[1]}" -gt 250 ]
    local was is
    cd "$BATS_TEST_DIRNAME/../../build/jars"
    was=$(special_lambdas)
    cd "$BATS_TEST_TMPDIR/jars"
    is=$(special_lambdas)
    echo "$was special lambdas in KafkaServer, now $is"
    [ "$was" -gt 50 ]
    [ "$is" -lt 5 ]
}
