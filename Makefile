# pricefeed: `make help` lists what there is to make.

VERSION = 0.1.0
PREFIX = /usr/local
SYSCONFDIR = /etc
CC = gcc
CFLAGS = -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wpointer-arith -Wwrite-strings -Wvla
HARDENING = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDHARDENING = -pie -Wl,-z,relro,-z,now -Wl,--as-needed

# With it, a script's cd may go elsewhere.
unexport CDPATH

# Where objects and programs land; another one for each way to build.
BUILD = build
SANITIZE =

ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -DPF_VERSION='"$(VERSION)"' \
             -DPF_PREFIX='"$(PREFIX)"' -DPF_SYSCONFDIR='"$(SYSCONFDIR)"' \
             -Ilib -I/usr/include/postgresql $(WARNINGS) $(HARDENING) \
             $(CFLAGS) $(SANITIZE) -MMD -MP

# The consumer's malloc, see consumer/malloc_conf.c. `make JEMALLOC=` links the
# C library's; the sanitizers need their own. The linker exports by itself only
# what it sees another library use, and all of them have to agree on whose
# memory is whose.
JEMALLOC = $(if $(SANITIZE),,-l:libjemalloc_pic.a $(MALLOC_NAMES:%=-Wl,--export-dynamic-symbol=%))
MALLOC_NAMES = aligned_alloc calloc free malloc malloc_usable_size memalign \
               posix_memalign realloc valloc

LIBS = -lrdkafka -lpq -ljson-c -lzookeeper_mt -lcrypto -lz -lbz2 -lzstd -lm -lpthread

LIB_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*.c))
PROGRAMS = $(BUILD)/pf-producer $(BUILD)/pf-consumer $(BUILD)/pf-audit \
           $(BUILD)/pf-broker $(BUILD)/pf-init $(BUILD)/pf-proxy
objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))

all: $(PROGRAMS) ## build the programs (the default)

$(BUILD)/pf-producer: $(call objects,producer)
$(BUILD)/pf-consumer: $(call objects,consumer)
$(BUILD)/pf-audit: $(call objects,audit)
$(BUILD)/pf-broker: $(call objects,broker)
$(BUILD)/pf-init: $(call objects,compose-pipeline)
$(BUILD)/pf-proxy: $(call objects,proxy)

$(BUILD)/pf-consumer: LIBS := $(JEMALLOC) $(LIBS)
$(PROGRAMS): $(BUILD)/libpf.a
	$(CC) $(LDHARDENING) $(LDFLAGS) $(SANITIZE) -o $@ $(filter %.o,$^) $(BUILD)/libpf.a $(LIBS)

$(BUILD)/libpf.a: $(LIB_OBJECTS)
	rm -f $@
	ar rcs $@ $^

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/*_test.c))

# What a test needs besides the library.
$(BUILD)/tests/unit/line_test: $(BUILD)/proxy/line.o
$(BUILD)/tests/unit/routes_test: $(BUILD)/proxy/routes.o
$(BUILD)/tests/unit/random_test: $(BUILD)/producer/random.o
$(BUILD)/tests/unit/faults_test: $(BUILD)/producer/faults.o \
                                 $(BUILD)/producer/faults_source.o \
                                 $(BUILD)/producer/random.o
$(BUILD)/tests/unit/event_time_test: $(BUILD)/producer/event_time.o $(BUILD)/producer/moment.o
$(BUILD)/tests/unit/json_scan_test: $(BUILD)/producer/json_find.o $(BUILD)/producer/json_scan.o
$(BUILD)/tests/unit/elements_test: $(BUILD)/producer/elements.o
INPUT_OBJECTS = $(patsubst %,$(BUILD)/producer/%.o,foreign input unpack)
REPLAY_OBJECTS = $(patsubst %,$(BUILD)/producer/%.o,bad_lines elements \
                 event_time json_find json_scan pace recording replay \
                 replay_record restamp) $(INPUT_OBJECTS)
$(BUILD)/tests/unit/input_test: $(INPUT_OBJECTS)
$(BUILD)/tests/unit/replay_test: $(REPLAY_OBJECTS)
$(BUILD)/tests/unit/orders_test: $(patsubst %,$(BUILD)/producer/%.o,event_time \
                                 orders orders_source pace)
$(BUILD)/tests/unit/postgres_batch_test: $(BUILD)/consumer/postgres_batch.o
$(BUILD)/tests/unit/postgres_answer_test: $(BUILD)/consumer/postgres_answer.o \
                                          $(BUILD)/consumer/postgres_span.o
$(BUILD)/tests/unit/price_filter_test: $(BUILD)/consumer/price_filter.o
$(BUILD)/tests/unit/feed_test: $(filter-out %/init.o,$(call objects,compose-pipeline))
AUDIT_OBJECTS = $(filter-out %/main.o %/audit.o,$(call objects,audit))
$(BUILD)/tests/unit/audit_test $(BUILD)/tests/unit/audit_console_test: $(AUDIT_OBJECTS)

$(BUILD)/tests/unit/%_test: $(BUILD)/tests/unit/%_test.o $(BUILD)/libpf.a
	$(CC) $(LDHARDENING) $(LDFLAGS) $(SANITIZE) -o $@ $(filter %.o,$^) $(BUILD)/libpf.a -lcmocka $(LIBS)

# A test that hangs is a failure, not a wait without end.
BATS = timeout --kill-after=30 900 bats --tap --print-output-on-failure

# A mock of Kafka for tests/it/mock.bats.
$(BUILD)/tests/it/mockd: $(BUILD)/tests/it/mockd.o
	$(CC) $(LDHARDENING) $(LDFLAGS) $(SANITIZE) -o $@ $^ -lrdkafka

# A clock that jumps, for tests/it/outages.bats; a name server that does not
# answer, for tests/it/stop.bats.
PRELOADS = $(addprefix $(BUILD)/tests/it/,wall_clock.so silent_names.so)
$(PRELOADS): $(BUILD)/%.so: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fPIC -shared -o $@ $<

.SECONDARY:

unit: $(UNIT_TESTS) ## run the unit tests alone
	CMOCKA_MESSAGE_OUTPUT=TAP prove $(PROVE) --exec 'timeout 120' $(UNIT_TESTS)

# Any warning is an error here, and any finding of a sanitizer ends the test.
STRICT = CFLAGS='-O1 -g -Werror' HARDENING= LDHARDENING=
SANITIZERS = address,undefined -fno-sanitize-recover=all

sanitized: ## run them with the sanitizers for addresses and undefined behaviour
	+$(MAKE) BUILD=$(BUILD)/sanitized SANITIZE='-fsanitize=$(SANITIZERS)' \
	    $(STRICT) unit

# Every script of ours, by its first line.
scripts = $$(grep -rlIE '^\#!.*[/ ](sh|bash)$$' .ci broker compose-pipeline docs examples reports tests)
sources = $$(find audit broker compose-pipeline consumer lib producer proxy tests -name '*.[ch]')

check-format:
	tests/check-format $(sources)

# In a file of tests alone, what bats sets and what others call is not seen.
check-shell:
	shellcheck --external-sources $(scripts)
	shellcheck --external-sources --exclude=SC2119,SC2120,SC2154 \
	    $(wildcard tests/*/*.bats tests/*/*.bash)

check-cppcheck:
	cppcheck --quiet --enable=warning,performance,portability \
	    --inline-suppr --suppress=normalCheckLevelMaxBranches \
	    --error-exitcode=1 --std=c11 -D_GNU_SOURCE -Ilib \
	    audit broker compose-pipeline consumer lib producer proxy

check-warnings:
	+$(MAKE) BUILD=$(BUILD)/with-gcc CC=gcc CFLAGS='-O2 -g -Werror' all unit-programs
	+$(MAKE) BUILD=$(BUILD)/with-clang CC=clang CFLAGS='-O2 -g -Werror' all unit-programs

unit-programs: $(UNIT_TESTS)

analyse: check-format check-shell check-cppcheck check-warnings ## look at the code: clang-format, shellcheck, cppcheck, both compilers

FUZZ_SECONDS = 30
FUZZERS = $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))

$(BUILD)/tests/fuzz/input_fuzz: $(INPUT_OBJECTS)
$(BUILD)/tests/fuzz/replay_fuzz: $(REPLAY_OBJECTS)
$(BUILD)/tests/fuzz/audit_fuzz: $(AUDIT_OBJECTS)

$(BUILD)/tests/fuzz/%_fuzz: $(BUILD)/tests/fuzz/%_fuzz.o $(BUILD)/libpf.a
	$(CC) $(LDFLAGS) -fsanitize=fuzzer $(SANITIZE) -o $@ $(filter %.o,$^) $(BUILD)/libpf.a $(LIBS)

fuzz-programs: $(FUZZERS)

fuzz: ## fuzz each target for FUZZ_SECONDS (30)
	+$(MAKE) BUILD=$(BUILD)/fuzz CC=clang $(STRICT) \
	    SANITIZE='-fsanitize=fuzzer-no-link,$(SANITIZERS)' fuzz-programs
	prove $(PROVE) --exec '' tests/fuzz/run :: $(BUILD)/fuzz $(FUZZ_SECONDS)

it: all $(BUILD)/tests/it/mockd $(PRELOADS) $(BUILD)/tests/bench/codec ## test the programs with a mock of Kafka, and with a real one
	prove --timer --exec '$(BATS)' $(PROVE) $(wildcard tests/it/*.bats)

image: ## test the image; needs a Docker engine
	prove --timer --exec '$(BATS)' $(PROVE) $(wildcard tests/image/*.bats)

NAME =
drill: ## kill, stall and break a feed, and audit it: all drills, or NAME=kill-broker
	+@tests/drill/run $(NAME)

test: ## run every test, after installing what that needs
	tests/run

# The codec alone, for callgrind to count its instructions.
$(BUILD)/tests/bench/codec: $(BUILD)/tests/bench/codec.o $(BUILD)/libpf.a
	$(CC) $(LDHARDENING) $(LDFLAGS) $(SANITIZE) -o $@ $^ $(LIBS)

bench: ## measure the feed against its peers (half an hour); needs a Docker engine
	compose-pipeline/have-packages bench
	+tests/bench/bench

bench-quick: ## the same in less than 3 minutes, with more noise
	compose-pipeline/have-packages bench
	+tests/bench/bench --quick

# What runs a feed lies under PF_HOME as it does in a checkout.
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

install: all ## install under $(DESTDIR)$(PREFIX) and $(DESTDIR)$(SYSCONFDIR)
	install -d $(DESTDIR)$(PREFIX)/bin $(HOME_DIR)/broker \
	    $(HOME_DIR)/compose-pipeline/programs \
	    $(DESTDIR)$(SYSCONFDIR)/pricefeed
	install $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	install $(BROKER_SCRIPTS) $(HOME_DIR)/broker
	install -m 644 $(BROKER_DATA) $(HOME_DIR)/broker
	cp -R broker/maven $(HOME_DIR)/broker
	install $(PIPELINE_SCRIPTS) $(HOME_DIR)/compose-pipeline
	install -m 644 compose-pipeline/supervisord.conf $(HOME_DIR)/compose-pipeline
	install -m 644 compose-pipeline/programs/*.conf \
	    $(HOME_DIR)/compose-pipeline/programs
	install -m 644 config/*.properties $(DESTDIR)$(SYSCONFDIR)/pricefeed
	install -d $(MAN_DIR)/man1 $(MAN_DIR)/man8
	install -m 644 docs/man/*.1 $(MAN_DIR)/man1
	install -m 644 docs/man/*.8 $(MAN_DIR)/man8

docs: all ## write docs/configuration.md from the programs' own tables
	docs/make-configuration $(BUILD) >$(BUILD)/configuration.md
	mv $(BUILD)/configuration.md docs/configuration.md

format: ## lay out the C code as .clang-format says
	clang-format -i $$(git ls-files '*.c' '*.h')

clean: ## remove all that was built, but not the records of make run
	[ ! -d $(BUILD) ] || find $(BUILD) -mindepth 1 -maxdepth 1 \
	    ! -name run ! -name orders -exec rm -rf {} +

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

.PHONY: run-orders all unit unit-programs sanitized check-format check-shell check-cppcheck \
        check-warnings analyse fuzz fuzz-programs it image drill test bench \
        bench-quick install docs format clean help

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
