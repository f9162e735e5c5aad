# Regesta. `make help` lists the targets.
#
# One folder under ledger/ is one library with one public header. ROOMS names
# them in dependency order, and DEPS_room says what each may include and link:
# a test of a room is linked against those rooms alone, so that an include or
# a call against the order fails to build.

BUILD   ?= build
CC      ?= gcc
SAN     ?=
OPT     ?= -O2
WERROR  ?=
PREFIX  ?= /usr/local

ROOMS := base store wire keys events payload proof state register chain audit
DEPS_base     :=
DEPS_store    := base
DEPS_wire     := base
DEPS_keys     := wire base
DEPS_events   := keys wire base
DEPS_payload  := keys wire base
DEPS_proof    := keys wire base
DEPS_state    := events keys wire store base
DEPS_register := keys wire store base
DEPS_chain    := state events proof keys wire store base
DEPS_audit    := chain payload state events proof keys wire store base

PKGS := libsecp256k1 libcrypto lmdb libcbor jansson
ifneq ($(MAKECMDGOALS),help)
PKG_CFLAGS  = $(shell pkg-config --cflags $(PKGS))
PKG_LIBS    = $(shell pkg-config --libs $(PKGS))
GVC_CFLAGS  = $(shell pkg-config --cflags libgvc)
GVC_LIBS    = $(shell pkg-config --libs libgvc)
CHECK_CFLAGS = $(shell pkg-config --cflags check)
CHECK_LIBS   = $(shell pkg-config --libs check)
endif

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum -Wmissing-prototypes \
        -Wstrict-prototypes -Wvla -Wformat=2
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
CFLAGS_ALL = -std=c11 -D_GNU_SOURCE -g $(OPT) $(WARN) $(if $(WERROR),-Werror) $(SANFLAGS) -I. \
             -fstack-protector-strong -D_FORTIFY_SOURCE=$(if $(filter -O0,$(OPT)),0,2) $(PKG_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = $(SANFLAGS) -Wl,-z,relro,-z,now $(LDFLAGS)

CLI_SRC := $(wildcard cli/*.c)
CLI_OBJ := $(CLI_SRC:%.c=$(BUILD)/%.o)
LIBS    := $(foreach r,$(ROOMS),$(BUILD)/lib/$(r).a)

all: $(LIBS) $(if $(CLI_SRC),$(BUILD)/bin/regesta)

define room
OBJ_$(1) := $$(patsubst %.c,$$(BUILD)/%.o,$$(wildcard ledger/$(1)/*.c))
$$(BUILD)/lib/$(1).a: $$(OBJ_$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)ar rcs $$@ $$^
LINK_$(1) := $$(foreach r,$(1) $$(DEPS_$(1)),$$(BUILD)/lib/$$(r).a)
TESTS_$(1) := $$(patsubst tests/$(1)/%.c,$$(BUILD)/tests/$(1)/%,$$(wildcard tests/$(1)/test_*.c))
$$(TESTS_$(1)): $$(BUILD)/tests/$(1)/%: $$(BUILD)/tests/$(1)/%.o $$(LINK_$(1))
	$$(Q)$$(CC) $$(LDFLAGS_ALL) -o $$@ $$< -Wl,--start-group $$(LINK_$(1)) -Wl,--end-group $$(CHECK_LIBS) $$(PKG_LIBS)
check-$(1): $$(TESTS_$(1))
	$$(Q)set -e; for t in $$^; do ./$$$$t; done
.PHONY: check-$(1)
endef
$(foreach r,$(ROOMS),$(eval $(call room,$(r))))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(if $(filter tests/%,$<),$(CHECK_CFLAGS)) $(if $(filter cli/%,$<),$(GVC_CFLAGS)) -MMD -MP -c -o $@ $<

$(BUILD)/bin/regesta: $(CLI_OBJ) $(LIBS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(CLI_OBJ) -Wl,--start-group $(LIBS) -Wl,--end-group $(PKG_LIBS) $(GVC_LIBS) -lpthread

check: $(foreach r,$(ROOMS),check-$(r))

clean:
	rm -rf $(BUILD)

.PHONY: all check clean
.SECONDARY:
-include $(shell [ -d $(BUILD) ] && find $(BUILD) -name '*.d')
