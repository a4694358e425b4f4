# pricefeed: `make help` lists what there is to make.

VERSION = 0.1.0
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
SYSCONFDIR = /etc
CC = gcc
PKG_CONFIG = pkg-config
CFLAGS = -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wpointer-arith -Wwrite-strings -Wvla
HARDENING = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDHARDENING = -pie -Wl,-z,relro,-z,now -Wl,--as-needed

# With it, a script's cd may go elsewhere.
unexport CDPATH

# Where objects and programs go; each way to build has its own.
BUILD = build
SANITIZE =

# The rooms. Of each: which others its files may include from, users before what
# they use; and which libraries it needs, by pkg-config's name for them, or by
# -l where Debian has no .pc file. A program is linked with its own room, with
# those that it sees, and with what all of them need.
LIB = lib/dead lib/kafka lib/price lib/json lib/flow lib/health lib/metrics \
      lib/settings lib/logs lib/base

needs.lib/base = -lm
sees.lib/http = lib/base
needs.lib/http = json-c libmicrohttpd
sees.lib/logs = lib/base
sees.lib/serve = lib/http lib/metrics lib/settings lib/base
sees.lib/settings = lib/base
sees.lib/metrics = lib/base
sees.lib/flow = lib/base
sees.lib/health = lib/base
sees.lib/json = lib/base
sees.lib/jq = lib/json lib/flow lib/base
needs.lib/jq = -ljq
sees.lib/price = lib/json lib/base
needs.lib/price = json-c
sees.lib/kafka = lib/flow lib/settings lib/base
needs.lib/kafka = rdkafka
sees.lib/dead = lib/kafka lib/flow lib/settings lib/base
needs.lib/dead = json-c

sees.producer = producer/replay producer/template producer/time lib/serve \
                lib/http lib/jq $(LIB)
needs.producer = zlib
sees.producer/replay = producer/time lib/json lib/flow lib/base
needs.producer/replay = json-c libzstd zlib -lbz2
sees.producer/template = producer/time lib/jq lib/json lib/flow lib/base
sees.producer/time = lib/base
sees.consumer = lib/serve lib/http $(LIB)
needs.consumer = libcrypto libpq
sees.processor = processor/window lib/serve lib/http lib/jq $(LIB)
sees.audit = $(LIB)
needs.audit = zlib
sees.processor/window = lib/json lib/flow lib/settings lib/base
sees.proxy = lib/settings lib/base
sees.connect = lib/settings lib/logs lib/base
needs.connect = json-c libcurl
WEB_SEES = lib/http lib/health lib/metrics lib/kafka lib/price lib/json lib/flow \
           lib/settings lib/logs lib/base
sees.web = web/candles web/feed web/logs web/store web/topics web/where web/text lib/jq \
           $(WEB_SEES)
needs.web = json-c libmicrohttpd
sees.web/candles = web web/topics web/where web/text $(WEB_SEES)
sees.web/feed = web web/text $(WEB_SEES)
sees.web/logs = web web/feed web/text $(WEB_SEES)
sees.web/store = web web/text $(WEB_SEES)
needs.web/store = libpq
sees.web/topics = web web/where web/text $(WEB_SEES)
sees.web/where = lib/jq lib/json lib/flow lib/base
sees.web/text = lib/base
needs.web/text = json-c
sees.broker = broker/certs broker/cluster broker/conf lib/health lib/kafka lib/flow \
              lib/settings lib/base
needs.broker = -lzookeeper_mt
sees.broker/certs = lib/base
needs.broker/certs = libcrypto
sees.broker/conf = lib/settings lib/base
sees.broker/cluster = broker/conf lib/kafka lib/flow lib/settings lib/base
needs.broker/cluster = libssl libcrypto
sees.compose-pipeline = compose-pipeline/roles compose-pipeline/logs broker/conf \
                        lib/logs lib/settings lib/base
sees.compose-pipeline/roles = compose-pipeline compose-pipeline/logs broker/conf \
                              lib/logs lib/settings lib/base
sees.compose-pipeline/logs = lib/logs lib/base

ROOMS = audit broker connect compose-pipeline/roles compose-pipeline consumer processor \
        producer proxy web web/logs web/candles web/feed web/store web/topics web/where \
        web/text broker/certs broker/cluster broker/conf compose-pipeline/logs \
        producer/replay producer/template producer/time \
        processor/window lib/serve lib/http lib/jq $(LIB)

# Tests see every room.
$(foreach kind,unit it fuzz bench,$(eval sees.tests/$(kind) = $$(ROOMS)))
needs.tests/unit = cmocka

# Of a room: what it needs with what it sees; that as flags; its objects.
needs = $(sort $(foreach one,$(1) $(sees.$(1)),$(needs.$(one))))
pkg_config = $(if $(2),$(shell $(PKG_CONFIG) $(1) $(2)))
room_cppflags = $(addprefix -iquote,$(sees.$(1))) \
                $(call pkg_config,--cflags,$(filter-out -l%,$(call needs,$(1))))
room_ldlibs = $(call pkg_config,--libs,$(filter-out -l%,$(call needs,$(1)))) \
              $(filter -l%,$(call needs,$(1)))
archives = $(patsubst %,$(BUILD)/%.a,$(1))
objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))

# One object from one source; one program from objects and archives.
compile = $(CC) -std=gnu17 -D_GNU_SOURCE -DPF_VERSION='"$(VERSION)"' \
          -DPF_PREFIX='"$(PREFIX)"' -DPF_SYSCONFDIR='"$(SYSCONFDIR)"' \
          $(call room_cppflags,$(*D)) $(CPPFLAGS) $(WARNINGS) $(HARDENING) \
          $(CFLAGS) $(SANITIZE) -MMD -MP
link = $(CC) $(LDHARDENING) $(LDFLAGS) $(SANITIZE) -o $@ $(filter %.o %.a,$^)

# The consumer's malloc, see consumer/malloc_conf.c. `make JEMALLOC=` links the
# C library's; the sanitizers need their own. The linker exports by itself only
# what it sees another library use, and all of them have to agree on whose
# memory is whose.
JEMALLOC = $(if $(SANITIZE),,-l:libjemalloc_pic.a $(MALLOC_NAMES:%=-Wl,--export-dynamic-symbol=%))
MALLOC_NAMES = aligned_alloc calloc free malloc malloc_usable_size memalign \
               posix_memalign realloc valloc

PROGRAMS = $(addprefix $(BUILD)/pf-,audit broker consumer init processor producer proxy web)

# What the image `connect` has besides: it needs libcurl, and the others do not.
CONNECT = $(BUILD)/pf-connect

# What pf-web serves, in one directory; web/fetch-uplot adds the rest.
PAGE = $(wildcard web/page/* web/openapi.json)

$(BUILD)/page/%: web/page/%
	@mkdir -p $(@D)
	cp $< $@

$(BUILD)/page/%: web/%
	@mkdir -p $(@D)
	cp $< $@

all: $(PROGRAMS) $(addprefix $(BUILD)/page/,$(notdir $(PAGE))) ## build the programs (the default)

.SECONDEXPANSION:

# pf-init looks after a pipeline; each other program is called as its room.
room = $(if $(filter init,$(1)),compose-pipeline,$(1))

connect: $(CONNECT) ## build pf-connect, which needs libcurl: make run-changes does

$(PROGRAMS) $(CONNECT): $(BUILD)/pf-%: $$(call objects,$$(call room,$$*)) \
                            $$(call archives,$$(sees.$$(call room,$$*)))
	$(link) $(if $(filter consumer,$*),$(JEMALLOC)) \
	    $(call room_ldlibs,$(call room,$*)) $(LDLIBS)

$(call archives,$(ROOMS)): $(BUILD)/%.a: $$(filter-out %/main.o,$$(call objects,$$*))
	@mkdir -p $(@D)
	rm -f $@
	ar rcs $@ $^

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(compile) -c -o $@ $<

UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/*_test.c))

$(UNIT_TESTS): %: %.o $(call archives,$(ROOMS))
	$(link) $(call room_ldlibs,tests/unit) $(LDLIBS)

# A mock of Kafka for tests/it/mock.bats.
$(BUILD)/tests/it/mockd: $(BUILD)/tests/it/mockd.o
	$(link) $(call room_ldlibs,tests/it) $(LDLIBS)

# What files of counters have, for tests/it/metrics.bats.
$(BUILD)/tests/it/exposition: $(BUILD)/tests/it/exposition.o $(call archives,lib/metrics lib/base)
	$(link) $(call room_ldlibs,tests/it) $(LDLIBS)

# The document store of changes.yml, and what changes its databases: `make run-changes`
# needs them.
$(BUILD)/documents $(BUILD)/writer: $(BUILD)/%: $(wildcard connect/databases/*/*.go connect/databases/go.*)
	cd connect/databases && GOTOOLCHAIN=local go build -trimpath -ldflags='-s -w' \
	    -o $(abspath $@) ./$*

# What changes a broker from outside, and Kafka's own clients; the broker's jars,
# and what the page has from a jar.
$(BUILD)/tests/it/admin: $(BUILD)/tests/it/admin.o
	$(link) $(call room_ldlibs,tests/it) $(LDLIBS)

$(BUILD)/jars: broker/jars.sha256
	broker/fetch-jars $@
	touch $@

$(BUILD)/worker/jars: connect/jars.sha256
	broker/fetch-jars --of connect $@
	touch $@

$(BUILD)/worker/plugins/debezium: connect/plugins/jars.sha256
	broker/fetch-jars --of connect/plugins $@
	touch $@

$(BUILD)/page/uplot.js: web/jars.sha256
	web/fetch-uplot $(@D)
	touch $@

$(BUILD)/tests/it/java: $(wildcard tests/it/*.java) | $(BUILD)/jars
	javac -d $@ -cp '$(BUILD)/jars/*' $^
	touch $@

# Classes that the JVMs of tests have loaded once.
$(BUILD)/tests/it/archives: tests/it/make-archives broker/jars.sha256 | it-tools all
	$< $@
	touch $@

# A clock that jumps, for tests/it/outages.bats; a name server that does not
# answer, for tests/it/stop.bats.
PRELOADS = $(addprefix $(BUILD)/tests/it/,wall_clock.so silent_names.so)
$(PRELOADS): $(BUILD)/%.so: %.c Makefile
	@mkdir -p $(@D)
	$(compile) -fPIC -shared -o $@ $<

# All of it, for a file of tests that is run by itself.
it-tools: connect $(addprefix $(BUILD)/tests/it/,admin exposition java mockd) \
          $(addprefix $(BUILD)/worker/,jars plugins/debezium) \
          $(addprefix $(BUILD)/,jars page/uplot.js) $(PRELOADS)

.SECONDARY:

# Most wait, for each other or for time to pass.
unit: $(UNIT_TESTS) ## run the unit tests alone
	CMOCKA_MESSAGE_OUTPUT=TAP prove --timer --jobs 8 $(PROVE) --exec 'timeout 120' $(UNIT_TESTS)

# Any warning is an error here, and any report of a sanitizer ends the test.
STRICT = CFLAGS='-O1 -g -Werror' HARDENING= LDHARDENING=
SANITIZERS = address,undefined -fno-sanitize-recover=all

sanitized: ## run them with the address and undefined-behaviour sanitizers
	+$(MAKE) BUILD=$(BUILD)/sanitized SANITIZE='-fsanitize=$(SANITIZERS)' \
	    $(STRICT) unit

# Every script of ours, by its first line.
scripts = $$(grep -rlIE '^\#!.*[/ ](sh|bash)$$' .ci broker compose-pipeline connect docs examples reports tests)
house = $(sort $(foreach one,$(ROOMS),$(firstword $(subst /, ,$(one)))))
sources = $$(find $(house) tests -name '*.[ch]')

check-format:
	tests/check-format $(sources)

check-circles:
	tests/check-circles $$(find $(house) -name '*.[ch]')

# In a file of tests alone, what bats sets and what others call is not seen.
check-shell:
	shellcheck --external-sources $(scripts)
	shellcheck --external-sources --exclude=SC2119,SC2120,SC2154 \
	    $(wildcard tests/*/*.bats tests/*/*.bash)

check-cppcheck:
	cppcheck --quiet --enable=warning,performance,portability \
	    --inline-suppr --suppress=normalCheckLevelMaxBranches \
	    --error-exitcode=1 --std=c11 -D_GNU_SOURCE \
	    $(addprefix -I,$(filter lib/% %/certs %/cluster %/conf %/logs %/roles %/replay %/template %/time %/window,$(ROOMS))) $(house)

# Only gcc's warnings depend on its optimiser. Nothing is linked.
check-warnings:
	+$(MAKE) BUILD=$(BUILD)/with-gcc CC=gcc CFLAGS='-O2 -Werror' objects
	+$(MAKE) BUILD=$(BUILD)/with-clang CC=clang CFLAGS='-O0 -Werror' HARDENING= objects

objects: $(foreach room,$(ROOMS) tests/it,$(call objects,$(room))) $(UNIT_TESTS:%=%.o)

CHECKS = check-format check-circles check-shell check-cppcheck check-warnings

analyse: $(CHECKS:%=timed-%) ## look at the code: clang-format, includes, shellcheck, cppcheck, both compilers

# A line of TAP for each of them.
timed-%:
	+@began=$$(date +%s%3N); verdict=ok; $(MAKE) $* || verdict='not ok'; \
	echo "$$verdict - $* in $$(($$(date +%s%3N) - began))ms"; \
	[ "$$verdict" = ok ]

FUZZ_SECONDS = 30
FUZZERS = $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))

$(FUZZERS): %: %.o $(call archives,$(ROOMS))
	$(link) -fsanitize=fuzzer $(call room_ldlibs,tests/fuzz) $(LDLIBS)

fuzz-programs: $(FUZZERS)

fuzz: ## fuzz each target for FUZZ_SECONDS (30)
	+$(MAKE) BUILD=$(BUILD)/fuzz CC=clang $(STRICT) \
	    SANITIZE='-fsanitize=fuzzer-no-link,$(SANITIZERS)' fuzz-programs
	prove $(PROVE) --exec '' tests/fuzz/run :: $(BUILD)/fuzz $(FUZZ_SECONDS)

# Most wait for a JVM or for a time-out most of the time: four at once.
it: all it-tools $(BUILD)/tests/it/archives $(BUILD)/tests/bench/codec ## test the programs with a mock of Kafka, and with a real one
	tests/bats 4 tests/it/*.bats

screenshots: ## make those of docs/page/ again, with the tests' browser and data
	tests/web/run tests/web/views.test.mjs
	for view in now prices topic; do \
	    cp $(BUILD)/web/$$view-light.png docs/page/$$view.png; \
	done

smoke: ## each composition of the image once: up, one look, down; needs a Docker engine
	tests/bats 1 tests/image/smoke.bats

# More than two would miss what a container has to do within seconds.
image: ## all tests of the image; needs a Docker engine
	tests/bats 2 tests/image/*.bats

browser: ## test the page in a real browser, with made-up data, at full speed for BROWSER_SECONDS (6)
	tests/web/run

NAME =
drill: ## kill, stall and break a feed, and audit it: all drills, or NAME=kill-broker
	+@tests/drill/run $(NAME)

test: ## run the tests that take a quarter of an hour, after installing what they need
	tests/run

# The codec alone, for callgrind to count its instructions.
$(BUILD)/tests/bench/codec: $(BUILD)/tests/bench/codec.o $(call archives,$(LIB))
	$(link) $(call room_ldlibs,tests/bench) $(LDLIBS)

bench: ## measure the feed against its peers (three quarters of an hour); needs a Docker engine
	compose-pipeline/have-packages bench
	+tests/bench/bench

bench-quick: ## the same in less than 3 minutes, with more noise
	compose-pipeline/have-packages bench
	+tests/bench/bench --quick

# What runs a feed is under PF_HOME, laid out as in a checkout.
HOME_DIR = $(DESTDIR)$(PREFIX)/share/pricefeed
BROKER_SCRIPTS = $(addprefix broker/,fetch-jars jvm kafka list-parts \
                 make-archives zookeeper)
BROKER_DATA = $(wildcard broker/*.properties broker/*.sha256 broker/*.txt) \
              broker/pom.xml
MAN_DIR = $(DESTDIR)$(PREFIX)/share/man
PIPELINE_SCRIPTS = $(wildcard compose-pipeline/start-*)

run: ## run the feed on this machine, without Docker; Ctrl-C ends it
	@exec compose-pipeline/run

run-orders: ## run the orders pipeline: events, Kafka, PostgreSQL, reports
	@exec compose-pipeline/run-orders

run-logins: ## run the logins pipeline: validated, enriched, counted by device
	@exec compose-pipeline/run-logins

run-candles: ## run the feed with candles of its prices
	@exec compose-pipeline/run-candles

run-changes: ## capture the changes of three databases into one store
	@exec compose-pipeline/run-changes

run-cluster: ## run three brokers, three ZooKeepers and what goes with them
	@exec compose-pipeline/run-cluster

install: all ## install under $(DESTDIR)$(PREFIX) and $(DESTDIR)$(SYSCONFDIR)
	install -d $(DESTDIR)$(BINDIR) $(HOME_DIR)/broker \
	    $(HOME_DIR)/compose-pipeline/programs \
	    $(DESTDIR)$(SYSCONFDIR)/pricefeed
	install $(PROGRAMS) $(DESTDIR)$(BINDIR)
	install $(BROKER_SCRIPTS) $(HOME_DIR)/broker
	install -m 644 $(BROKER_DATA) $(HOME_DIR)/broker
	cp -R broker/maven $(HOME_DIR)/broker
	install $(PIPELINE_SCRIPTS) $(HOME_DIR)/compose-pipeline
	install -m 644 compose-pipeline/supervisord.conf $(HOME_DIR)/compose-pipeline
	install -m 644 compose-pipeline/programs/*.conf \
	    $(HOME_DIR)/compose-pipeline/programs
	install -d $(HOME_DIR)/web
	install web/fetch-uplot $(HOME_DIR)/web
	install -m 644 $(PAGE) web/jars.sha256 web/pom.xml $(HOME_DIR)/web
	install -m 644 $(filter-out config/connect.properties,$(wildcard config/*.properties)) \
	    $(DESTDIR)$(SYSCONFDIR)/pricefeed
	install -d $(MAN_DIR)/man1 $(MAN_DIR)/man8
	install -m 644 $(filter-out %/pf-connect.1,$(wildcard docs/man/*.1)) \
	    $(MAN_DIR)/man1
	install -m 644 docs/man/*.8 $(MAN_DIR)/man8

install-connect: connect ## the same of what Kafka Connect needs besides
	install -d $(DESTDIR)$(BINDIR) $(HOME_DIR)/broker $(HOME_DIR)/connect \
	    $(DESTDIR)$(SYSCONFDIR)/pricefeed/connectors $(MAN_DIR)/man1
	install -m 644 docs/man/pf-connect.1 $(MAN_DIR)/man1
	install $(CONNECT) $(DESTDIR)$(BINDIR)
	install broker/jvm $(HOME_DIR)/broker
	install -m 644 broker/log4j.properties $(HOME_DIR)/broker
	install connect/connect $(HOME_DIR)/connect
	install -m 644 connect/names.txt $(HOME_DIR)/connect
	install -m 644 config/connect.properties $(DESTDIR)$(SYSCONFDIR)/pricefeed
	install -m 644 config/connectors/*.json \
	    $(DESTDIR)$(SYSCONFDIR)/pricefeed/connectors

uninstall: ## remove what install put there, but for properties that were edited
	rm -f $(PROGRAMS:$(BUILD)/%=$(DESTDIR)$(BINDIR)/%) \
	    $(patsubst docs/man/%,$(MAN_DIR)/man1/%,$(wildcard docs/man/*.1)) \
	    $(patsubst docs/man/%,$(MAN_DIR)/man8/%,$(wildcard docs/man/*.8))
	rm -f $(CONNECT:$(BUILD)/%=$(DESTDIR)$(BINDIR)/%)
	rm -rf $(addprefix $(HOME_DIR)/,broker compose-pipeline connect web)
	for file in config/*.properties config/connectors/*.json; do \
	    installed=$(DESTDIR)$(SYSCONFDIR)/pricefeed/$${file#config/}; \
	    ! cmp -s "$$file" "$$installed" || rm "$$installed"; \
	done
	rmdir $(DESTDIR)$(SYSCONFDIR)/pricefeed/connectors 2>/dev/null || :
	rmdir $(HOME_DIR) $(DESTDIR)$(SYSCONFDIR)/pricefeed 2>/dev/null || :

docs: all connect ## write docs/configuration.md from the programs' own tables
	docs/make-configuration $(BUILD) >$(BUILD)/configuration.md
	mv $(BUILD)/configuration.md docs/configuration.md

format: ## format the C code with .clang-format
	clang-format -i $$(git ls-files '*.c' '*.h')

clean: ## remove what was built, but not the data of make run
	[ ! -d $(BUILD) ] || find $(BUILD) -mindepth 1 -maxdepth 1 \
	    ! -name run ! -name orders ! -name logins ! -name changes ! -name cluster -exec rm -rf {} +

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

.PHONY: connect run-changes run-orders run-logins run-candles run-cluster screenshots all unit objects \
         it-tools sanitized \
        check-format check-circles \
        check-shell check-cppcheck check-warnings analyse fuzz fuzz-programs \
        it browser smoke image drill test bench bench-quick install install-connect uninstall run docs \
        format clean help

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
