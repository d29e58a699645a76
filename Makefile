# SPDX-License-Identifier: ISC
#
# make                build/bin/{bridled,bridle,bridle-hook}
# make test           all tests; SAN=1 with ASan and UBSan (in build-san)
# make lint           what a reviewer would say: clang-tidy, cppcheck, layers …
# make install        PREFIX=/usr/local DESTDIR=
# make help           the rest
#
# No configure step. A new src/COMPONENT/*.c is picked up by itself. V=1 shows
# the commands, WERROR=1 makes warnings errors, CC=clang is fine.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
SHELL = /bin/sh

all:

# ---- settings ------------------------------------------------------------
VERSION := 0.1.0
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/bridle
SYSCONFDIR ?= /etc

ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := $(if $(findstring clang,$(CC)),clang++,g++)
endif
AR ?= ar
NM ?= nm
PKG_CONFIG ?= pkg-config
MUSL_GCC ?= $(shell command -v musl-gcc 2>/dev/null)
FUZZ_CC ?= clang
FUZZ_CXX ?= clang++
FUZZ_TIME ?= 30
TEST_TIMEOUT ?= 300

B := build$(if $(SAN),-san)$(if $(PORTABLE),-portable)
Q := $(if $(V),,@)
QUIET := $(or $(V),$(findstring s,$(filter-out --%,$(firstword $(MAKEFLAGS)))))
say = $(if $(QUIET),,@printf "%-6s %s\n" $(1) "$(2)")

# ---- sources -------------------------------------------------------------
LIB_DIRS := base action toml proto shell tools policy decide audit agents local
LIB_SRC := $(foreach d,$(LIB_DIRS),$(wildcard src/$(d)/*.c src/$(d)/*.cc))
CLI_SRC := $(wildcard src/cli/*.c)
DAEMON_SRC := $(wildcard src/daemon/*.c)
HOOK_SRC := $(wildcard src/hook/*.c)
GEN_SRC := $(wildcard src/gen/*.c)
ALL_SRC := $(wildcard src/*/*.c)

# Data that becomes C: the host program src/gen/NAME.c is run with the files
# GEN_NAME and writes build/gen/NAME.c on stdout, which goes into the library.
GEN_policies := $(sort $(wildcard policies/*.policy))
GEN_models := $(sort $(wildcard policies/tools/*.json))
GEN_units := contrib/systemd/bridled.service contrib/systemd/bridled.socket contrib/launchd/bridled.plist
GEN_NAMES := $(patsubst src/gen/%.c,%,$(GEN_SRC))

# One folder of tests per kind; see CONTRIBUTING.md.
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_HELP := $(filter-out $(UNIT_SRC),$(wildcard tests/unit/*.c))
CASES_SRC := $(wildcard tests/cases/*.c)
BENCH_SRC := $(wildcard tests/bench/bench_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)

# ---- flags ---------------------------------------------------------------
WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual -Wwrite-strings \
	-Wvla -Wconversion $(if $(WERROR),-Werror)
WARN_C := -Wstrict-prototypes -Wmissing-prototypes
OPT ?= -O2
HARDEN := -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
CFLAGS_COMMON := $(OPT) -g -fPIE -ffunction-sections \
	$(if $(SAN),$(SANFLAGS) $(if $(findstring clang,$(CC)),,-Wno-maybe-uninitialized),$(HARDEN)) $(WARN)
CPPFLAGS_COMMON := -Iinclude -Isrc -D_GNU_SOURCE -DBRIDLE_VERSION='"$(VERSION)"' \
	-DBRIDLE_SYSCONFDIR='"$(SYSCONFDIR)"'
C_FLAGS = -std=c11 $(CPPFLAGS_COMMON) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS_COMMON) \
	$(WARN_C) $(CFLAGS)
CXX_FLAGS = -std=c++17 -fno-rtti $(CPPFLAGS_COMMON) $(PKG_CFLAGS) \
	$(CPPFLAGS) $(CFLAGS_COMMON) $(CXXFLAGS)
ifeq ($(shell uname -s),Darwin)
LINK_FLAGS = -Wl,-dead_strip
else
LINK_FLAGS = -pie $(RELR) -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed -Wl,--gc-sections \
	$(if $(or $(SAN),$(findstring clang,$(CC))),,-static-libstdc++ -static-libgcc)
endif
# To be carried to another machine: what has an archive is linked in, the rest
# is looked for beside it; and no path of this machine is in it.
ifdef PORTABLE
NO_PATHS := -ffile-prefix-map=$(CURDIR)=.
C_FLAGS += $(NO_PATHS)
CXX_FLAGS += $(NO_PATHS)
LINK_FLAGS += -Wl,-rpath,'$$ORIGIN/../lib/bridle'
endif
LINK_FLAGS += $(if $(SAN),$(SANFLAGS)) $(LDFLAGS)

# ---- libraries: looked for once, and again when this file changes ---------
LIBS := libuv libcjson libpcre2-8 libsodium libzstd
HEADER_LIBS := tomlplusplus
TEST_LIBS := cmocka
CLEANING := $(filter clean help,$(MAKECMDGOALS))
ifeq ($(CLEANING),)
include $(B)/libs.mk
ifeq ($(CMOCKA),) # it may have been installed since
CMOCKA := $(shell $(PKG_CONFIG) --exists $(TEST_LIBS) 2>/dev/null && $(PKG_CONFIG) --libs $(TEST_LIBS))
endif
endif

# Addresses that the loader has to fill in, told in a hundredth of the bytes,
# where both linker and loader know how.
RELR_FLAG := -Wl,-z,pack-relative-relocs
$(B)/libs.mk: Makefile
	@mkdir -p $(@D)
	@command -v $(PKG_CONFIG) >/dev/null || { \
		echo 'bridle needs $(PKG_CONFIG): sh contrib/deps installs all that building needs' >&2; \
		exit 1; }
	@missing=; for l in $(LIBS) $(HEADER_LIBS); do $(PKG_CONFIG) --exists $$l || missing="$$missing $$l"; done; \
	if [ -n "$$missing" ]; then \
		echo "missing libraries:$$missing: sh contrib/deps installs all that building needs" >&2; \
		exit 1; fi
	@{ echo "PKG_CFLAGS := $$($(PKG_CONFIG) --cflags $(LIBS)) $$($(PKG_CONFIG) --cflags-only-I $(HEADER_LIBS))"; \
	   echo "PKG_LIBS := $(if $(PORTABLE),$$(CC='$(CC)' contrib/archives uv_a,uv cjson pcre2-8 sodium zstd),$$($(PKG_CONFIG) --libs $(LIBS)))"; \
	   echo "CMOCKA := $$($(PKG_CONFIG) --exists $(TEST_LIBS) && $(PKG_CONFIG) --libs $(TEST_LIBS))"; \
	   echo "RELR := $$(echo 'int main(void) { return 0; }' | $(CC) -x c - -fPIE -pie $(RELR_FLAG) -o $@.try 2>&1 | \
		grep -q . || ! $@.try || echo $(RELR_FLAG))"; \
	 } > $@
	@rm -f $@.try

# Objects follow the flags: CC=clang or WERROR=1 compiles anew.
FLAGS_NOW = $(CC) $(CXX) $(C_FLAGS) $(CXX_FLAGS) $(LINK_FLAGS)
$(B)/flags: force
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(FLAGS_NOW))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS_NOW))' > $@

# ---- compiling -----------------------------------------------------------
# Pairs of offsets are stored one by one: to join them in a vector register first costs more.
$(B)/src/shell/%.o: CFLAGS_COMMON += -fno-tree-slp-vectorize

$(B)/%.o: %.c $(B)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(C_FLAGS) -MMD -MP -c -o $@ $<

$(B)/%.o: %.cc $(B)/flags
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXX_FLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/%.o: $(B)/gen/%.c $(B)/flags
	$(call say,CC,$<)
	$(Q)$(CC) $(C_FLAGS) -MMD -MP -c -o $@ $<

# The generators run here while building and stand on base alone (and cJSON).
BASE_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard src/base/*.c))
$(B)/host/models: $(B)/src/tools/model_json.o $(B)/src/tools/model_tree.o
$(B)/host/%: $(B)/src/gen/%.o $(BASE_OBJ)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LINK_FLAGS) -o $@ $^ $(PKG_LIBS)

define gen_rule
$(B)/gen/$(1).c: $(B)/host/$(1) $(GEN_$(1)) $(B)/gen/$(1).list
	$$(call say,GEN,$$@)
	$$(Q)$(B)/host/$(1) $(GEN_$(1)) > $$@
# A file that is added or removed counts as a change.
$(B)/gen/$(1).list: force
	@mkdir -p $$(@D)
	@echo '$(GEN_$(1))' | cmp -s - $$@ || echo '$(GEN_$(1))' > $$@
endef
$(foreach n,$(GEN_NAMES),$(eval $(call gen_rule,$(n))))

obj = $(patsubst %,$(B)/%.o,$(basename $(1)))
LIB_OBJ := $(call obj,$(LIB_SRC)) $(GEN_NAMES:%=$(B)/gen/%.o)
$(B)/libbridle.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(LIB_OBJ)

# ---- programs ------------------------------------------------------------
PROGRAMS := $(if $(CLI_SRC),$(B)/bin/bridle) $(if $(DAEMON_SRC),$(B)/bin/bridled) \
	$(if $(HOOK_SRC),$(B)/bin/bridle-hook)
all: $(B)/libbridle.a $(PROGRAMS)

# What names the sources in a program: a file that goes away relinks it.
$(B)/bin/bridle: $(call obj,$(CLI_SRC)) $(B)/libbridle.a
$(B)/bin/bridled: $(call obj,$(DAEMON_SRC)) $(B)/libbridle.a
$(B)/bin/bridle $(B)/bin/bridled:
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(LINK_FLAGS) -o $@ $^ $(PKG_LIBS)

# The shim starts for every event: no library, static, with musl if there is
# one (smaller and quicker than glibc), else what this system can do. Each page that
# it touches, and each page of tables to find them, costs as much as ten system
# calls: so its code and constants share pages, and so do all its data. With musl it is
# position independent: it relocates itself in no time, and lies, mostly, in the part
# of the addresses where its stack is, too. glibc has too much to relocate.
HOOK_ALL := $(HOOK_SRC) $(wildcard src/proto/frame.c src/proto/address.c)
HOOK_FLAGS = $(NO_PATHS) -std=c11 -Iinclude -Isrc -D_GNU_SOURCE -DBRIDLE_VERSION='"$(VERSION)"' \
	-Os -g -fstack-protector-strong -ffunction-sections $(WARN) $(WARN_C)
HOOK_LINK := -static -Wl,--gc-sections -Wl,-z,noseparate-code,-z,norelro,-z,noexecstack
HOOK_STATIC := $(HOOK_LINK) -fno-pie -no-pie
# What starts a program that relocates itself lies beside what musl-gcc knows of.
HOOK_MUSL = d=$$($(MUSL_GCC) -static -\#\#\# -x c /dev/null 2>&1 | tr ' ' '\n' | sed -n 's,/S*crt1\.o$$,,p') && \
	$(MUSL_GCC) $(HOOK_FLAGS) -fPIE $(HOOK_LINK) -Wl,-pie,-z,text,--no-dynamic-linker -nostartfiles -o $@ \
	$$d/rcrt1.o $$d/crti.o $(HOOK_ALL) $$d/crtn.o
HOOK_CC := $(if $(SAN),$(CC),$(or $(MUSL_GCC),$(CC)))
$(B)/bin/bridle-hook: $(HOOK_ALL) $(wildcard src/hook/*.h src/proto/*.h include/bridle/*.h) $(B)/flags
	$(call say,LD,$@)
	@mkdir -p $(@D)
ifdef SAN
	$(Q)$(CC) $(HOOK_FLAGS) $(SANFLAGS) -fPIE -pie -o $@ $(HOOK_ALL)
else
	$(Q)$(if $(MUSL_GCC),{ $(HOOK_MUSL); } 2>$@.err ||) \
	$(HOOK_CC) $(HOOK_FLAGS) $(HOOK_STATIC) -o $@ $(HOOK_ALL) 2>>$@.err || \
	$(CC) $(HOOK_FLAGS) $(HOOK_STATIC) -o $@ $(HOOK_ALL) 2>>$@.err || \
	$(CC) $(HOOK_FLAGS) -fPIE -pie -o $@ $(HOOK_ALL) || \
		{ cat $@.err >&2; rm -f $@.err; exit 1; }
	@grep warning: $@.err >&2 || :; rm -f $@.err
endif

# ---- tests ---------------------------------------------------------------
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(B)/tests/%)
# The table of decisions needs all of the core.
CASES_BIN := $(if $(and $(CASES_SRC),$(wildcard src/shell/*.c),$(wildcard src/tools/*.c),$(wildcard \
	src/policy/*.c),$(wildcard src/decide/*.c)),$(B)/tests/decisions)
BENCH_BIN := $(BENCH_SRC:tests/bench/%.c=$(B)/tests/%)
# The fuzz targets of which inputs are kept, to be run again without a fuzzer.
KEPT := $(notdir $(wildcard tests/fuzz/seeds/fuzz_*))
REPLAY_BIN := $(KEPT:%=$(B)/tests/replay/%)

$(B)/tests/libtest.a: $(call obj,$(UNIT_HELP))
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
LIBTEST := $(if $(UNIT_HELP),$(B)/tests/libtest.a)

$(B)/tests/have-cmocka: $(B)/libs.mk
	@mkdir -p $(@D)
	@[ -n "$(CMOCKA)" ] || { \
		echo 'missing library: cmocka: sh contrib/deps test installs what the tests need' >&2; \
		exit 1; }
	@touch $@

$(UNIT_BIN): $(B)/tests/%: $(B)/tests/unit/%.o $(LIBTEST) $(B)/libbridle.a | $(B)/tests/have-cmocka
	$(call say,LD,$@)
	$(Q)$(CXX) $(LINK_FLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS) $(CMOCKA)

$(B)/tests/decisions: $(call obj,$(CASES_SRC)) $(LIBTEST) $(B)/libbridle.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(LINK_FLAGS) -o $@ $^ $(PKG_LIBS)

$(BENCH_BIN): $(B)/tests/%: $(B)/tests/bench/%.o $(B)/libbridle.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(LINK_FLAGS) -o $@ $^ $(PKG_LIBS)

$(REPLAY_BIN): $(B)/tests/replay/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(B)/libbridle.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(LINK_FLAGS) -o $@ $^ $(PKG_LIBS)

tests: all $(UNIT_BIN) $(CASES_BIN) $(REPLAY_BIN)

# T='test_str cases cli' runs only these. What cannot be built counts as failed
# and does not keep the rest from being run.
test:
	@built=yes; $(MAKE) -k --no-print-directory tests || built=no; \
	BUILT=$$built BUILD=$(B) TEST_TIMEOUT=$(TEST_TIMEOUT) tests/run $(T)

# What is not there yet says so and is no failure.
run_if = @if [ -x $(1) ]; then BUILD=$(B) $(1) $(2); else echo '$(1) is not there: nothing to run'; fi

bench: all $(BENCH_BIN)
	@BUILD=$(B) tests/bench/run

# Of the lines that agents type, how many are decided as meant.
sharpness: $(CASES_BIN)
	@BUILD=$(B) tests/sharpness

oracle: all
	@ORACLE_CASES=$${ORACLE_CASES:-20000} TEST_TIMEOUT=$${TEST_TIMEOUT:-3600} BUILD=$(B) tests/oracle/run

test-client: all
	$(call run_if,tests/client/run)

# ---- fuzzing: libFuzzer, its own objects in build-fuzz ---------------------
FUZZ_B := build-fuzz
FUZZ_FLAGS := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer $(CPPFLAGS_COMMON)
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(FUZZ_B)/%)
FUZZ_OBJ := $(patsubst %,$(FUZZ_B)/%.o,$(basename $(LIB_SRC)) $(GEN_NAMES:%=gen/%))

$(FUZZ_B)/%.o: %.c
	$(call say,FUZZCC,$<)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -std=c11 $(FUZZ_FLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<
$(FUZZ_B)/%.o: %.cc
	$(call say,FUZZCC,$<)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CXX) -std=c++17 -fno-rtti $(FUZZ_FLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<
$(FUZZ_B)/gen/%.o: $(B)/gen/%.c
	$(call say,FUZZCC,$<)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -std=c11 $(FUZZ_FLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<
$(FUZZ_B)/libbridle.a: $(FUZZ_OBJ)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(FUZZ_BIN): $(FUZZ_B)/%: $(FUZZ_B)/tests/fuzz/%.o $(FUZZ_B)/libbridle.a
	$(call say,LD,$@)
	$(Q)$(FUZZ_CXX) -fsanitize=fuzzer,address,undefined -o $@ $^ $(PKG_LIBS)

fuzz-build: $(FUZZ_BIN)
fuzz: fuzz-build
	@BUILD=$(FUZZ_B) FUZZ_TIME=$(FUZZ_TIME) tests/fuzz/run $(F)

# ---- what a reviewer would say ---------------------------------------------
LINT_C := $(filter-out src/toml/%,$(ALL_SRC)) $(UNIT_SRC) $(UNIT_HELP) $(CASES_SRC) \
	$(BENCH_SRC) $(FUZZ_SRC)
TIDY := $(LINT_C:%=$(B)/lint/%.tidy)
CPPCHECK := $(ALL_SRC:%=$(B)/lint/%.cppcheck)
SH_FILES = $(shell git ls-files -co --exclude-standard 2>/dev/null | \
	xargs grep -lE '^\#!.*[ /](sh|bash|bats)( |$$)' 2>/dev/null)
MAN_FILES := $(wildcard docs/*.[1578])

# One finding does not hide the others.
lint:
	@$(MAKE) -k --no-print-directory lint-all
lint-all: layers lint-size lint-shell lint-man $(TIDY) $(CPPCHECK)

# A stamp per file, so that only what changed is looked at again; the object
# of the same file tells which headers count.
$(B)/lint/%.tidy: % .clang-tidy | $(B)/libs.mk
	$(call say,TIDY,$<)
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet $< -- -std=c11 $(CPPFLAGS_COMMON) $(PKG_CFLAGS) 2>$@.err || \
		{ grep -v 'warnings\? generated' $@.err >&2; exit 1; }
	@$(FUZZ_CC) -std=c11 $(CPPFLAGS_COMMON) $(PKG_CFLAGS) -MM -MP -MT $@ -MF $@.d $<
	@rm -f $@.err; touch $@

$(B)/lint/%.cppcheck: % tests/cppcheck.suppress
	@mkdir -p $(@D)
	$(Q)cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr \
		--enable=warning,portability --suppressions-list=tests/cppcheck.suppress \
		-Iinclude -Isrc -D_GNU_SOURCE -DBRIDLE_VERSION='""' \
		'-DcJSON_ArrayForEach(e,a)=while(e)' $<
	@touch $@

# Follows paths through each function: slow, and sometimes wrong; on demand.
ANALYZE := $(filter-out src/toml/%,$(ALL_SRC:%=$(B)/lint/%.analyze))
$(B)/lint/%.analyze: % | $(B)/libs.mk
	$(call say,CHECK,$<)
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet --warnings-as-errors='*' --checks='-*,clang-analyzer-core*,clang-analyzer-unix*,clang-analyzer-deadcode*,-clang-analyzer-core.NonNullParamChecker' \
		$< -- -std=c11 $(CPPFLAGS_COMMON) $(PKG_CFLAGS) 2>/dev/null
	@touch $@
analyze: $(ANALYZE)

layers: $(B)/libbridle.a
	@BUILD=$(B) NM='$(NM)' tests/layers

lint-size:
	@tests/size

lint-shell:
	@shellcheck -S info $(SH_FILES)

lint-man:
	@$(if $(MAN_FILES),mandoc -T lint -W warning $(MAN_FILES),:)

format:
	clang-format -i $(ALL_SRC) $(wildcard src/*/*.h)

# One entry per source, as clangd and friends want it.
NOT_LIB := $(CLI_SRC) $(DAEMON_SRC) $(HOOK_SRC) $(GEN_SRC) $(UNIT_SRC) $(UNIT_HELP) $(CASES_SRC) \
	$(BENCH_SRC) $(FUZZ_SRC)
json_string = "$(subst ",\",$(subst \,\\,$(subst ',,$(subst '",\",$(subst "',\",$(1))))))"
compile_commands.json: $(B)/libs.mk force
	@{ sep='['; for f in $(LIB_SRC) $(NOT_LIB); do \
		case $$f in *.cc) c='$(call json_string,$(CXX) $(CXX_FLAGS) -c)';; \
		*) c='$(call json_string,$(CC) $(C_FLAGS) -c)';; esac; \
		printf '%s{"directory":"%s","file":"%s","command":%s %s"}\n' \
			"$$sep" "$$PWD" "$$f" "$${c%?}" "$$f"; \
		sep=,; done; echo ']'; } > $@

# ---- installing ------------------------------------------------------------
INSTALL ?= install
install: all
	@DESTDIR='$(DESTDIR)' BINDIR='$(BINDIR)' MANDIR='$(MANDIR)' DATADIR='$(DATADIR)' \
		PREFIX='$(PREFIX)' INSTALL='$(INSTALL)' B='$(B)' PROGRAMS='$(PROGRAMS)' contrib/install

try: all
	$(call run_if,contrib/try)

# ---- packages ----------------------------------------------------------------
# Each builds by itself, in folders of its own below build/: see the scripts.
deb:
	@VERSION='$(VERSION)' MAKE='$(MAKE)' contrib/package/deb
tarball:
	@VERSION='$(VERSION)' MAKE='$(MAKE)' contrib/package/tarball
# Twice, in two folders, the same bytes?
reproducible:
	@VERSION='$(VERSION)' MAKE='$(MAKE)' contrib/package/reproducible

# The picture in README, made of the program's own output and of the policy that
# README shows. A test says when it is old.
docs/explain.svg: force all
	$(call say,SVG,$@)
	@d=$$(mktemp -d) && mkdir $$d/api && printf 'app = "app-api"\n' > $$d/api/fly.toml && \
	awk '/^version 1$$/ { on = 1 } /^```$$/ { on = 0 } on' README.md > $$d/my.policy && \
	{ printf '\033[32m$$\033[0m bridle explain "cd api && fly deploy | tee log"\n'; \
	  env -i HOME=$$d PATH=/usr/bin:/bin CLICOLOR_FORCE=1 $(B)/bin/bridle explain --policy $$d/my.policy \
		--cwd $$d 'cd api && fly deploy | tee log' | sed "s,$$d/,,"; } | contrib/explain-svg > $@.new; \
	rm -rf $$d; if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

clean:
	rm -rf build build-portable build-san build-fuzz build-clang compile_commands.json

help:
	@sed -n 's/^# make/make/p' Makefile
	@echo 'make tests bench sharpness oracle fuzz test-client layers analyze format compile_commands.json try clean'
	@echo 'make deb tarball reproducible docs/explain.svg'

force:
.PHONY: all tests test bench oracle sharpness test-client fuzz fuzz-build lint lint-all analyze layers lint-size lint-shell \
	lint-man format install try deb tarball reproducible clean help force
.SECONDARY:

ifeq ($(CLEANING),)
-include $(shell [ -d $(B) ] && find $(B) $(wildcard $(FUZZ_B)) -name '*.d')
endif
