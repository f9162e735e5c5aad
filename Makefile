# Regesta. `make help` lists the targets.
#
# One folder under ledger/ is one library with one public header, and so is
# contracts/, which depends on libc alone. ROOMS names them in dependency order, and DEPS_room says what each may include and link:
# a test of a room is linked against those rooms alone, so that an include or
# a call against the order fails to build.

BUILD   ?= build
CC      ?= gcc
SAN     ?=
OPT     ?= -O2
WERROR  ?=
PREFIX  ?= /usr/local
SECONDS ?= 60
VECTORS ?= ../shared/data
CLANG   := clang-14
Q       := $(if $(V),,@)
ifeq ($(origin CC),default)
CC      := gcc
endif

ROOMS := contracts base store wire keys events fhir trails payload proof state register chain audit
DEPS_contracts :=
DEPS_base     :=
DEPS_store    := base
DEPS_wire     := base
DEPS_keys     := wire base
DEPS_events   := keys wire base
DEPS_fhir     := events keys wire base
DEPS_trails   := events keys wire base
DEPS_payload  := keys wire base
DEPS_proof    := keys wire base
DEPS_state    := contracts events keys wire store base
DEPS_register := keys wire store base
DEPS_chain    := state contracts events proof keys wire store base
DEPS_audit    := chain payload state contracts events proof keys wire store base

# Where a room lies, if not in ledger/ROOM.
DIR_contracts := contracts

# pkg-config is asked once, and only where it is there (a fresh machine installs it first).
ifneq ($(shell command -v pkg-config),)
PKGS := libsecp256k1 libcrypto lmdb libcbor jansson expat
PKG_CFLAGS   := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS     := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
GVC_CFLAGS   := $(shell pkg-config --cflags libgvc 2>/dev/null)
GVC_LIBS     := $(shell pkg-config --libs libgvc 2>/dev/null)
CHECK_CFLAGS := $(shell pkg-config --cflags check 2>/dev/null)
CHECK_LIBS   := $(shell pkg-config --libs check 2>/dev/null)
endif

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum -Wmissing-prototypes \
        -Wstrict-prototypes -Wvla -Wformat=2
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
HARDEN   := -fstack-protector-strong $(if $(SAN)$(filter -O0,$(OPT)),,-D_FORTIFY_SOURCE=2)
CFLAGS_ALL  = -std=c11 -D_GNU_SOURCE -g $(OPT) $(WARN) $(if $(WERROR),-Werror) $(SANFLAGS) $(HARDEN) -I. $(PKG_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = $(SANFLAGS) -Wl,-z,relro,-z,now $(LDFLAGS)

CLI_SRC := $(wildcard cli/*.c)
CLI_OBJ := $(CLI_SRC:%.c=$(BUILD)/%.o)
LIBS    := $(foreach r,$(ROOMS),$(BUILD)/lib/$(r).a)
BIN     := $(BUILD)/bin/regesta
LINK_ALL = -Wl,--start-group $(LIBS) -Wl,--end-group $(PKG_LIBS) -lpthread

# Catalogues of messages lie beside the command as they do once installed: bin/regesta finds ../share/locale.
LANGUAGES := $(patsubst po/%.po,%,$(wildcard po/*.po))
CATALOGUES := $(LANGUAGES:%=$(BUILD)/share/locale/%/LC_MESSAGES/regesta.mo)

all: $(BIN) $(CATALOGUES)
.DEFAULT_GOAL := all

$(BUILD)/share/locale/%/LC_MESSAGES/regesta.mo: po/%.po
	@mkdir -p $(@D)
	$(Q)msgfmt --check --output-file=$@ $<

define room
OBJ_$(1) := $$(patsubst %.c,$$(BUILD)/%.o,$$(wildcard $$(or $$(DIR_$(1)),ledger/$(1))/*.c))
$$(BUILD)/lib/$(1).a: $$(OBJ_$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)ar rcs $$@ $$^
LINK_$(1) := $$(foreach r,$(1) $$(DEPS_$(1)),$$(BUILD)/lib/$$(r).a)
SUPPORT_$(1) := $$(patsubst %.c,$$(BUILD)/%.o,$$(wildcard tests/support/*.c) $$(filter-out tests/$(1)/test_%,$$(wildcard tests/$(1)/*.c)))
TESTS_$(1) := $$(patsubst tests/$(1)/%.c,$$(BUILD)/tests/$(1)/%,$$(wildcard tests/$(1)/test_*.c))
$$(TESTS_$(1)): $$(BUILD)/tests/$(1)/%: $$(BUILD)/tests/$(1)/%.o $$(SUPPORT_$(1)) $$(LINK_$(1))
	$$(Q)$$(CC) $$(LDFLAGS_ALL) -o $$@ $$< $$(SUPPORT_$(1)) -Wl,--start-group $$(LINK_$(1)) -Wl,--end-group $$(CHECK_LIBS) $$(PKG_LIBS) -lpthread
check-$(1): $$(TESTS_$(1))
	$$(Q)tests/run $$(TESTS_$(1))
.PHONY: check-$(1)
endef
$(foreach r,$(ROOMS),$(eval $(call room,$(r))))
TESTS := $(foreach r,$(ROOMS),$(TESTS_$(r)))
# contracts/ needs nothing of the ledger, but its tests do: what tests share, and the code lists that both have.
$(TESTS_contracts): LINK_contracts += $(foreach r,events $(DEPS_events),$(BUILD)/lib/$(r).a)
$(TESTS_contracts): $(foreach r,events $(DEPS_events),$(BUILD)/lib/$(r).a)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC  $<")
	$(Q)$(CC) $(CFLAGS_ALL) $(if $(filter tests/%,$<),$(CHECK_CFLAGS)) $(if $(filter cli/%,$<),$(GVC_CFLAGS)) -MMD -MP -c -o $@ $<

$(BIN): $(CLI_OBJ) $(LIBS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(CLI_OBJ) $(LINK_ALL) $(GVC_LIBS) -lcsv

# Programs of tests/ that are no unit tests: benchmarks, the conformance runner, samples for judges.
PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c tests/judges/*.c))
$(PROGRAMS): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/tests/chain/fixture.o $(LIBS)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(LINK_ALL) $(CHECK_LIBS)
$(BUILD)/tests/bench/bench_contracts: $(BUILD)/tests/contracts/assembler.o $(BUILD)/tests/contracts/sample.o
CONFORMANCE := $(BUILD)/tests/conformance/conformance
$(CONFORMANCE): $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/conformance/*.c)) $(LIBS)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(LINK_ALL)
# Programs that the shell tests of tests/cli use.
HELPERS := $(patsubst %.c,$(BUILD)/%,$(filter-out tests/cli/fault.c,$(wildcard tests/cli/*.c)))
# Put between the command and the C library, which no sanitizer bears.
FAULT   := $(BUILD)/tests/cli/fault.so
$(FAULT): tests/cli/fault.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE -O2 $(WARN) $(if $(WERROR),-Werror) -fPIC -shared -o $@ $<
$(HELPERS): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/tests/chain/fixture.o $(LIBS)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(LINK_ALL) $(CHECK_LIBS)

# ---- What a person types -------------------------------------------------

MAKE_AGAIN = $(MAKE) --no-print-directory -j$(shell nproc)

demo: ## install what is missing, build, and run the main job on real input, step by step
	@scripts/deps build
	@$(MAKE_AGAIN) all
	@REGESTA="$(abspath $(BIN))" tests/demo/run

test: ## install what is missing, build, and run every test (SAN=address,undefined: with sanitizers)
	@scripts/deps build test
	@$(MAKE_AGAIN) test-build
	@REGESTA_BUILD="$(abspath $(BUILD))" SAN="$(SAN)" QUICK="$(QUICK)" tests/run-all $(TESTS)

test-build: all $(TESTS) $(CONFORMANCE) $(HELPERS) $(FAULT) $(if $(QUICK),,fuzz-build)

check: $(foreach r,$(ROOMS),check-$(r)) ## unit tests of every room (check-ROOM: of one)

lint: ## order of includes, sizes, warnings as errors on gcc and clang, clang-tidy, shellcheck
	@scripts/deps build lint
	@scripts/lint

# clang, whatever CC is: libFuzzer is its library.
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/bin/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SUPPORT := $(filter-out tests/fuzz/fuzz_%,$(wildcard tests/fuzz/*.c))
fuzz-build:
	@$(MAKE_AGAIN) BUILD=$(BUILD)/fuzz CC=$(CLANG) SAN=fuzzer-no-link,address,undefined OPT=-O1 QUICK=1 fuzz-programs
fuzz-programs: $(patsubst tests/fuzz/%.c,$(BUILD)/bin/%,$(wildcard tests/fuzz/fuzz_*.c))
# The one decoder that lies in the command.
$(BUILD)/bin/fuzz_csv: $(BUILD)/cli/manifest.o $(BUILD)/cli/catalogue.o
$(BUILD)/bin/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(FUZZ_SUPPORT:%.c=$(BUILD)/%.o) $(LIBS)
	@mkdir -p $(@D)
	$(Q)$(CC) -fsanitize=fuzzer,address,undefined -o $@ $(filter %.o,$^) $(LINK_ALL) $(if $(filter %_csv,$@),-lcsv)

stories: ## tell what happens in a study, in ten stories, with every command and its answer (STORY=03: one)
	@scripts/deps build
	@$(MAKE_AGAIN) -s all $(HELPERS)
	@REGESTA_BUILD="$(abspath $(BUILD))" STORY="$(STORY)" tests/stories/tell

fuzz: ## fuzz every decoder, SECONDS=60 each (ONLY=cbor: one of them)
	@scripts/deps build test
	@$(MAKE_AGAIN) fuzz-build
	@REGESTA_BUILD="$(abspath $(BUILD))" tests/fuzz/run "$(SECONDS)" $(ONLY)

torture: ## kill -9 a recording process 1,000 times, fault every write, ask 1,000,000 random questions; long
	@scripts/deps build test
	@$(MAKE_AGAIN) test-build QUICK=1
	@REGESTA_BUILD="$(abspath $(BUILD))" TORTURE=1 tests/cli/crash.sh
	@REGESTA_BUILD="$(abspath $(BUILD))" TORTURE=1 tests/cli/faults.sh
	@TORTURE=1 "$(BUILD)/tests/state/test_consent_random"
	@TORTURE=1 "$(BUILD)/tests/contracts/test_random"
	@TORTURE=1 "$(BUILD)/tests/contracts/test_vm_random"

bench: ## measure, as ratios to a bare loop in the same run (ONLY=contracts: one of them)
	@scripts/deps build test bench
	@$(MAKE_AGAIN) all $(filter $(BUILD)/tests/bench/%,$(PROGRAMS))
	@REGESTA_BUILD="$(abspath $(BUILD))" ONLY="$(ONLY)" tests/bench/run

determinism: ## the same bytes of every root, contract and decision on gcc -O0, gcc -O2, clang and sanitizer builds
	@scripts/deps build test
	@set -e; for build in "gcc -O0 " "gcc -O2 " "clang-14 -O2 " "gcc -O1 address,undefined"; do \
		set -- $$build; dir="$(BUILD)/determinism/$$1$$2$$3"; \
		for test in chain/test_golden contracts/test_golden contracts/test_docs contracts/test_random; do \
			$(MAKE_AGAIN) BUILD="$$dir" CC=$$1 OPT=$$2 SAN=$$3 "$$dir/tests/$$test" >/dev/null; \
			REGESTA_DIGEST="$$dir/digest" "$$dir/tests/$$test" >/dev/null; done; \
		cmp "$$dir/digest" "$(BUILD)/determinism/gcc-O0/digest"; echo "ok  $$build"; done

judges: ## have tools that nobody here wrote open what we write
	@scripts/deps build test judges
	@scripts/deps browser || true
	@$(MAKE_AGAIN) all $(filter $(BUILD)/tests/judges/%,$(PROGRAMS))
	@REGESTA_BUILD="$(abspath $(BUILD))" tests/judges/run

# Without a browser it says what is missing, and is skipped.
browser: ## open every report in a headless browser: axe-core, small screens, printed to PDF (part of judges)
	@scripts/deps build test judges
	@scripts/deps browser || true
	@$(MAKE_AGAIN) all $(filter $(BUILD)/tests/judges/%,$(PROGRAMS))
	@REGESTA_BUILD="$(abspath $(BUILD))" tests/judges/run pages

conformance: ## run foreign test vectors: VECTORS=DIR
	@scripts/deps build test
	@$(MAKE_AGAIN) -s all $(CONFORMANCE)
	@$(CONFORMANCE) "$(VECTORS)"

coverage: ## line coverage of all tests, a line a room, and in build/coverage/ in full
	@scripts/deps build coverage
	@REGESTA_BUILD="$(abspath $(BUILD))" scripts/coverage

install: all ## install the command, man pages and completions under PREFIX=/usr/local (DESTDIR= too)
	@scripts/install "$(BIN)" "$(BUILD)/share/locale" "$(DESTDIR)$(PREFIX)"

uninstall: ## remove what install put there
	@scripts/install --remove "$(DESTDIR)$(PREFIX)"

lint-objects: $(LIBS) $(CLI_OBJ) $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/*/*.c))

clean: ## remove what was built
	rm -rf $(BUILD)

help: ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | column -t -s '|'

.PHONY: determinism lint-objects all demo test test-build check lint fuzz fuzz-build fuzz-programs torture stories bench judges browser conformance coverage install uninstall clean help
.SECONDARY:
-include $(shell [ -d $(BUILD) ] && find $(BUILD) -name '*.d' 2>/dev/null)
