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

# Where objects and programs land; another one for each way to build.
BUILD = build
SANITIZE =

ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -DPF_VERSION='"$(VERSION)"' \
             -DPF_PREFIX='"$(PREFIX)"' -DPF_SYSCONFDIR='"$(SYSCONFDIR)"' \
             -Ilib $(WARNINGS) $(HARDENING) $(CFLAGS) $(SANITIZE) -MMD -MP
LIBS = -lrdkafka -ljson-c -lzookeeper_mt -lm -lpthread

LIB_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*.c))
PROGRAMS = $(BUILD)/pf-producer $(BUILD)/pf-consumer $(BUILD)/pf-broker \
           $(BUILD)/pf-init
objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))

all: $(PROGRAMS) ## build the programs (the default)

$(BUILD)/pf-producer: $(call objects,producer)
$(BUILD)/pf-consumer: $(call objects,consumer)
$(BUILD)/pf-broker: $(call objects,broker)
$(BUILD)/pf-init: $(call objects,compose-pipeline)

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
$(BUILD)/tests/unit/random_test: $(BUILD)/producer/random.o
$(BUILD)/tests/unit/price_filter_test: $(BUILD)/consumer/price_filter.o

$(BUILD)/tests/unit/%_test: $(BUILD)/tests/unit/%_test.o $(BUILD)/libpf.a
	$(CC) $(LDHARDENING) $(LDFLAGS) $(SANITIZE) -o $@ $(filter %.o,$^) $(BUILD)/libpf.a -lcmocka $(LIBS)

.SECONDARY:

unit: $(UNIT_TESTS) ## run the unit tests alone
	CMOCKA_MESSAGE_OUTPUT=TAP prove --exec '' $(UNIT_TESTS)

# What runs a feed lies under PF_HOME as it does in a checkout.
HOME_DIR = $(DESTDIR)$(PREFIX)/share/pricefeed
BROKER_SCRIPTS = $(addprefix broker/,fetch-jars jvm kafka list-parts \
                 make-archives zookeeper)
BROKER_DATA = $(wildcard broker/*.properties broker/*.sha256 broker/*.txt) \
              broker/pom.xml

install: all ## install under $(DESTDIR)$(PREFIX) and $(DESTDIR)$(SYSCONFDIR)
	install -d $(DESTDIR)$(PREFIX)/bin $(HOME_DIR)/broker \
	    $(DESTDIR)$(SYSCONFDIR)/pricefeed
	install $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	install $(BROKER_SCRIPTS) $(HOME_DIR)/broker
	install -m 644 $(BROKER_DATA) $(HOME_DIR)/broker
	cp -R broker/maven $(HOME_DIR)/broker
	install -m 644 config/*.properties $(DESTDIR)$(SYSCONFDIR)/pricefeed

format: ## lay out the C code as .clang-format says
	clang-format -i $$(git ls-files '*.c' '*.h')

clean: ## remove all that was built
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

.PHONY: all unit install format clean help

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
