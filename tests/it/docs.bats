#!/usr/bin/env bats
# The documents match the programs: generated pages are up to date, and what
# they name exists.
# shellcheck shell=bash disable=SC2016,SC2164

bats_require_minimum_version 1.5.0

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/../.." all connect
}

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
}

# Print what is missing, and fail later: a test goes on, to name all of it.
missing() {
    echo "$*"
    absent=yes
}

# What is in `backquotes` in the given Markdown files, one per line.
quoted() {
    grep -ho '`[^`]*`' "$@" | tr -d '`'
}

@test "docs/configuration.md is what the programs say: else run make docs" {
    docs/make-configuration build | diff docs/configuration.md -
}

@test "the files in config/ have every setting, with its default" {
    local program name default
    for program in producer consumer processor web; do
        while IFS='|' read -r name default; do
            case $name in
            # The feed itself sets these; the others have no default.
            feed.sink | feed.console | feed.stats | feed.prices) continue ;;
            feed.seed | feed.run | feed.ledger) continue ;;
            feed.faults* | feed.web.assets | feed.web.published) continue ;;
            esac
            [[ $default != ' ' ]] || default='.*' # none, or an example
            grep -qxE "#?$name=$default" config/$program.properties ||
                missing "$program.properties: $name=$default"
        done < <(build/pf-$program --manual |
            sed -n 's/^| `\(feed[^`]*\)` | `\([^`]*\)`.*/\1|\2/p')
    done
    [[ ! $absent ]]
}

@test "the manual pages have every option and every setting" {
    local program page word pattern
    for program in pf-producer pf-consumer pf-processor pf-audit pf-broker pf-init pf-proxy pf-web pf-connect; do
        # Without the backspaces that print a character twice.
        page=$(mandoc -Tascii -O width=200 docs/man/$program.[18] |
            sed 's/.\x08//g')
        while read -r word; do
            if [[ $word == feed.* || $word == audit.* ]]; then # it heads a paragraph
                pattern="^ +${word//./\\.}( =|\$)"
            else
                pattern="(^|[^a-z.-])${word//./\\.}([^a-z.-]|\$)"
            fi
            grep -qE -- "$pattern" <<<"$page" || missing "$program: $word"
        done < <(
            build/$program --help | grep -oE -- '(^|[ ,])--?[a-zA-Z][a-z-]*' |
                tr -d ' ,'
            build/$program --manual 2>/dev/null | sed -n 's/^| `\([^`]*\)` .*/\1/p'
        )
    done
    [[ ! $absent ]]
}

@test "the manual pages are well-formed" {
    run mandoc -Tlint -Wwarning docs/man/*.[18]
    echo "$output"
    [[ $status == 0 && $output == '' ]]
    # Quotes have a meaning of their own there.
    for page in docs/man/pf-producer.1 docs/man/pf-consumer.1; do
        mandoc -Tascii "$page" | grep -qF '{"match": 123, "price": 4.56}'
    done
}

@test "examples in the manual pages work as printed" {
    local line
    # A line that the formatter breaks could not be copied.
    while read -r line; do
        mandoc -Tascii docs/man/*.[18] | sed 's/.\x08//g' |
            grep -qF -- "$line" || missing "broken: $line"
    done < <(sed -n "s/\\\\(aq/'/g; s/\\\\(dq/\"/g; s/^\.Dl //p" docs/man/*)
    [[ ! $absent ]]
    while read -r line; do
        echo "$line"
        PATH=$PWD/build:$PATH bash -euo pipefail -c "$line"
    done < <(sed -n 's/^\.Dl \(pf-producer -X feed.sink=console.*\)/\1/p' \
        docs/man/pf-producer.1)
    # Those that need a broker: at least their settings are right.
    while read -r line; do
        echo "$line"
        PATH=$PWD/build:$PATH bash -euo pipefail -c "$line --show-config"
    done < <(sed -n 's/^\.Dl \(pf-[apcw][^|]*\).*/\1/p' docs/man/*.1)
}

@test "files and make targets that the pages name are there" {
    local name
    while read -r name; do
        case $name in
        build/* | /*) continue ;; # not there before it is built, or elsewhere
        esac
        [[ -e $name ]] || missing "no file $name"
    done < <(quoted README.md CONTRIBUTING.md SECURITY.md docs/*.md |
        grep -E '^(\.ci|[a-z-]+)/[^ ]*$|^(Dockerfile|Makefile|LICENSE)$|^[^ ]*\.(md|yml)$'
        grep -hoE '\]\([^)]*\)' README.md | tr -d '])(' | sed 's,#.*,,')
    while read -r name; do
        grep -q "^$name:" Makefile || missing "no target $name"
    done < <(grep -hoE '(`|^ {4})make [a-z-]+' ./*.md docs/*.md |
        sed 's/.*make //' | sort -u)
    [[ ! $absent ]]
}

@test "the README's tour visits every directory of the tree" {
    local dir tour
    tour=$(sed -n '/^## A tour/,$p' README.md)
    for dir in .ci/ */; do
        [[ $dir == build/ || $tour == *"\`$dir"* ]] ||
            missing "the tour misses $dir"
    done
    [[ ! $absent ]]
}

@test "messages that the README explains are the programs' own" {
    local sources line piece messages=0
    # Strings in one piece, however they are broken in the source. A message
    # may be put together from several, at a comma or a semicolon.
    sources=$(find . '(' -path ./build -o -path ./tests ')' -prune -o \
        -name '*.c' -exec cat {} + | tr '\n' ' ' | sed 's/" *"//g')
    while read -r line; do
        messages=$((messages + 1))
        while read -r piece; do
            [[ $sources == *"$piece"* ]] || missing "nobody says: $piece"
        done < <(echo "${line//@/$'\n'}" | grep '[a-z]')
    done < <(sed -n '/^## Troubleshooting/,/^Not from/s/^\* `\([^`]*\)`:.*/\1/p' README.md |
        sed 's/ *\.\.\. *\|[,;] /@/g')
    [[ ! $absent && $messages -gt 30 ]]
}

@test "each test that a guarantee names is there" {
    local file name names=0
    while IFS='|' read -r file name; do
        names=$((names + 1))
        grep -qF -- "$name" "$file" || missing "$file has no '$name'"
    done < <(tr -s '\n ' ' ' <docs/guarantees.md | # a name may be wrapped
        grep -oE '`tests/[^`]*` "[^"]*"' |
        sed 's/`\([^`]*\)` "\(.*\)"/\1|\2/')
    [[ ! $absent && $names -gt 100 ]]
    # And each promise names one: an item is followed by those below it.
    run awk '
        function check() { if (promise && !tests) print promise }
        /^Limit/ { limits = 1 }
        /^#/ { limits = 0 }
        /^\* / && !limits { check(); promise = $0; tests = 0 }
        /^  - `tests\// { tests++ }
        END { check() }' docs/guarantees.md
    echo "without a test: $output"
    [[ $output == '' ]]
}
