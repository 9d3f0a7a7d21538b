# kpid is built from the sources that are there: folders are found by wildcard.
#
#   make                  kpid, kpictl and kpisim in build/
#   make unit             unit tests, built and run (UNIT=tests/unit/test_map.c: only this one)
#   make test             everything: dependencies, build, all tests
#   make test-faults      faults made on purpose, many times over (ROW=F1: only these; FRESH=1: from the beginning)
#   make test-simulator   SEEDS=10000 runs of the simulator from SEED=1 on (docs/simulator.md)
#   make test-mutants     bugs planted one at a time, and what catches them (tests/mutants/README.md)
#   make demo             dependencies, build, a running example (DEMO_SECONDS=60 ends it by itself)
#   make bench            speed and size, with a real broker and Redis (BENCH="catchup latency": only these; BENCH_RUNS=5)
#   make bench-micro      instructions of each stage of the pipeline, by callgrind
#   make bench-limits     messages that ask for much memory or time
#   make bench-pipeline   events per second through decode and a shard (BENCH_DAYS=90)
#   make bench-checkpoint save and load of a million customers (BENCH_CUSTOMERS=)
#   make tidy, format     the house rules checked; the sources laid out
#   make install          DESTDIR= and PREFIX= as usual
#
# SANITIZE=address,undefined or SANITIZE=thread builds into a folder of its own, build/sanitize-<name>/ (commas become
# dashes), and so does any other BUILD=<folder>. EXTRA_CFLAGS and EXTRA_LDFLAGS are added last. WERROR= keeps warnings
# warnings, V=1 shows the commands. MALLOC=libc does without jemalloc.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif

PREFIX ?= /usr
SYSCONFDIR ?= $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
INSTALL ?= install
export DEMO_SECONDS KAFKA

ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
ifeq ($(origin AR),default)
AR := gcc-ar
endif

comma := ,
Q := $(if $(V),,@)
# Nothing with make -s.
say = @$(if $(findstring s,$(firstword -$(MAKEFLAGS))),:,printf '  %-5s%s\n')
BUILD ?= build$(if $(SANITIZE),/sanitize-$(subst $(comma),-,$(SANITIZE)))
WERROR ?= -Werror
OPTIMISE ?= -O2 -g

WARNINGS := -Wall -Wextra $(WERROR) -Wshadow -Wpointer-arith -Wvla -Wformat=2 -Wundef -Wwrite-strings \
	-Wdouble-promotion -Wswitch -Wimplicit-fallthrough
WARNINGS_C := -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
HARDENING := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer,\
	-fstack-protector-strong $(if $(filter -O0,$(OPTIMISE) $(EXTRA_CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2))

COMMON := $(OPTIMISE) -fPIE -pthread -I. -D_GNU_SOURCE $(WARNINGS) $(HARDENING) -MMD -MP
ALL_CFLAGS := -std=gnu17 $(COMMON) $(WARNINGS_C) $(CFLAGS) $(EXTRA_CFLAGS)
ALL_CXXFLAGS := -std=gnu++17 $(COMMON) $(CXXFLAGS) $(EXTRA_CFLAGS)
ALL_LDFLAGS := -pie -pthread $(if $(SANITIZE),-fsanitize=$(SANITIZE)) -Wl,-z,relro,-z,now $(LDFLAGS) $(EXTRA_LDFLAGS)
# A sanitizer has its own.
MALLOC ?= $(if $(SANITIZE),libc,jemalloc)
LIBS := $(if $(filter-out libc,$(MALLOC)),-l$(MALLOC)) -lrdkafka -lhiredis -lyaml -lsimdjson -lsystemd -lstdc++ -lm

# ---- what is there ---------------------------------------------------------------------------------------------------

CORE := $(sort $(wildcard base/*.c config/*.c pipeline/*.c pipeline/*/*.c pipeline/decode/*.cc))
IO := $(sort $(wildcard daemon/*/*.c))
KPID := $(sort $(wildcard daemon/*.c))
KPICTL := $(sort $(wildcard tools/kpictl/*.c))
KPISIM := $(sort $(wildcard tools/kpisim/*.c))
SIMULATOR := $(sort $(wildcard tests/simulator/*.c))
UNIT := $(sort $(wildcard tests/unit/test_*.c))
UNIT_COMMON := $(filter-out tests/unit/test_%,$(sort $(wildcard tests/unit/*.c tests/simulator/brute*.c)))

object = $(patsubst %,$(BUILD)/%.o,$(1))
PROGRAMS := $(if $(KPID),$(BUILD)/kpid) $(if $(KPICTL),$(BUILD)/kpictl) $(if $(KPISIM),$(BUILD)/kpisim)
UNIT_PROGRAMS := $(UNIT:%.c=$(BUILD)/%)
LIBRARIES := $(BUILD)/libio.a $(BUILD)/libcore.a
UNIT_LIBRARY := $(BUILD)/libunit.a
OBJECTS := $(call object,$(CORE) $(IO) $(KPID) $(KPICTL) $(KPISIM) $(UNIT) $(UNIT_COMMON) $(SIMULATOR))

.PHONY: all fuzz unit bench-pipeline bench-checkpoint test test-faults test-simulator test-mutants demo deps tidy format install clean FORCE
all: $(PROGRAMS)

# ---- build -----------------------------------------------------------------------------------------------------------

# Rewritten only when its content changes, so that other flags or another set of files mean a new build.
define write_if_changed
@mkdir -p $(@D)
@printf '%s\n' '$(1)' | cmp -s - $@ || printf '%s\n' '$(1)' > $@
endef

$(BUILD)/flags: FORCE
	$(call write_if_changed,$(CC) $(CXX) $(ALL_CFLAGS) / $(ALL_CXXFLAGS) / $(ALL_LDFLAGS) $(LIBS))
$(BUILD)/core.files: FORCE
	$(call write_if_changed,$(CORE))
$(BUILD)/io.files: FORCE
	$(call write_if_changed,$(IO))
$(BUILD)/unit.files: FORCE
	$(call write_if_changed,$(UNIT_COMMON))

$(BUILD)/%.c.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/%.cc.o: %.cc $(BUILD)/flags
	@mkdir -p $(@D)
	$(say) CXX $@
	$(Q)$(CXX) $(ALL_CXXFLAGS) -c -o $@ $<

$(BUILD)/libcore.a: $(call object,$(CORE)) $(BUILD)/core.files
$(BUILD)/libio.a: $(call object,$(IO)) $(BUILD)/io.files
$(UNIT_LIBRARY): $(call object,$(UNIT_COMMON)) $(BUILD)/unit.files
$(LIBRARIES) $(UNIT_LIBRARY):
	@rm -f $@
	$(say) AR $@
	$(Q)$(AR) rcs $@ $(filter %.o,$^)

link = $(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS) $(1)

# The thread sanitizer does not know the C11 threads that librdkafka uses.
SHIM := $(if $(findstring thread,$(SANITIZE)),$(BUILD)/tests/sanitize/c11_threads.c.o)

$(BUILD)/kpid: $(call object,$(KPID)) $(SHIM) $(LIBRARIES)
	$(say) LINK $@
	$(Q)$(call link)
$(BUILD)/kpictl: $(call object,$(KPICTL)) $(SHIM) $(LIBRARIES)
	$(say) LINK $@
	$(Q)$(call link)
$(BUILD)/kpisim: $(call object,$(KPISIM)) $(SHIM) $(LIBRARIES)
	$(say) LINK $@
	$(Q)$(call link)
$(UNIT_PROGRAMS): $(BUILD)/%: $(BUILD)/%.c.o $(UNIT_LIBRARY) $(LIBRARIES)
	$(say) LINK $@
	$(Q)$(call link,-lcmocka)

# ---- test, demo ------------------------------------------------------------------------------------------------------

# Every program runs even if one fails; the names of the failed ones come last.
unit: $(UNIT_PROGRAMS)
	@failed=; for program in $^; do \
		$$program >$$program.out 2>&1 || { cat $$program.out; failed="$$failed $$program"; }; \
	done; \
	if [ "$$failed" ]; then echo "unit: failed:$$failed" >&2; exit 1; fi; \
	echo "unit: $(words $(UNIT_PROGRAMS)) programs passed"

# Programs of tests/bench; what they share is in a library.
BENCH_SOURCES := $(sort $(wildcard tests/bench/*.c))
BENCH_SHARED := tests/bench/bench_event.c tests/bench/bench_least.c tests/bench/bench_options.c
BENCH_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(filter-out $(BENCH_SHARED),$(BENCH_SOURCES)))
BENCH_LIBRARY := $(BUILD)/libbench.a
OBJECTS += $(call object,$(BENCH_SOURCES))
$(BENCH_LIBRARY): $(call object,$(BENCH_SHARED) tools/kpisim/rng.c)
	@rm -f $@
	$(say) AR $@
	$(Q)$(AR) rcs $@ $^
$(BENCH_PROGRAMS): $(BUILD)/%: $(BUILD)/%.c.o $(BENCH_LIBRARY) $(LIBRARIES)
	$(say) LINK $@
	$(Q)$(call link)

.PHONY: bench bench-micro bench-programs bench-limits
bench-programs: all $(BENCH_PROGRAMS)

bench:
	tests/install-deps bench
	$(MAKE) bench-programs
	tests/bench/run $(BENCH)

bench-micro: BENCH := micro
bench-micro: bench

BENCH_DAYS ?= 90
bench-pipeline: $(BUILD)/tests/bench/bench_pipeline $(BUILD)/kpisim
	$(BUILD)/kpisim --days $(BENCH_DAYS) --end 2026-06-30T00:00:00Z --disorder 5 --duplicates 1 \
		--out $(BUILD)/tests/bench/events.jsonl
	$< $(BUILD)/tests/bench/events.jsonl
	$< --hot 50000

bench-limits: $(BUILD)/tests/bench/bench_limits
	$<

BENCH_CUSTOMERS ?= 1000000
bench-checkpoint: $(BUILD)/tests/bench/bench_checkpoint $(BUILD)/kpid
	$< --customers $(BENCH_CUSTOMERS)
	tests/bench/restart $(BENCH_CUSTOMERS)

# The simulator: the daemon's own objects, but for what is simulated.
SIMULATED_KPID := $(filter-out daemon/main.c daemon/saver.c daemon/options.c,$(KPID))
SIMULATOR_WRAP := poll ppoll eventfd write read close pthread_create pthread_join hash_process_key parallel_run worker_start publishing_start \
	fleet_start getrandom histories_init
$(BUILD)/tests/simulator/simulator: $(call object,$(SIMULATOR) $(SIMULATED_KPID)) $(LIBRARIES)
	$(say) LINK $@
	$(Q)$(call link,$(SIMULATOR_WRAP:%=-Wl,--wrap=%))

# A broker for fault tests, whose answers can be made errors.
$(BUILD)/tests/faults/failing_broker: $(call object,tests/faults/failing_broker.c) $(LIBRARIES)
	$(say) LINK $@
	$(Q)$(call link)

SEED ?= 1
SEEDS ?= 10000
test-simulator: $(BUILD)/tests/simulator/simulator
	$< --seed $(SEED) --seeds $(SEEDS) --jobs $(shell nproc 2>/dev/null || echo 2) --require

test-mutants:
	tests/mutants/run

# With clang's libFuzzer: make fuzz, then build/fuzz/fuzz_decode -max_total_time=60 tests/data/json-test-suite
FUZZ_FLAGS := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all \
	-I. -D_GNU_SOURCE -pthread
FUZZ_CORE := $(sort $(wildcard base/*.c pipeline/refusal.c pipeline/predicate.c config/rates.c pipeline/decode/*.c)) tests/unit/fixture_schema.c
FUZZ := $(patsubst tests/%.c,$(BUILD)/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
fuzz: $(FUZZ)
$(FUZZ): $(BUILD)/%: tests/%.c $(FUZZ_CORE) pipeline/decode/json_utf8.cc
	@mkdir -p $(@D)
	$(say) FUZZ $@
	$(Q)clang++ -std=gnu++17 $(FUZZ_FLAGS) -c -o $@.utf8.o pipeline/decode/json_utf8.cc
	$(Q)clang -std=gnu17 $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $< $(FUZZ_CORE) $@.utf8.o -lsimdjson -lstdc++ -lm

deps:
	tests/install-deps test

# The build starts only once its libraries are installed, hence the recursion.
test:
	tests/install-deps test
	$(MAKE) all
	tests/run

# Goes on from where it was stopped.
test-faults:
	tests/install-deps test
	$(MAKE) all
	tests/faults/run $(ROW) $(if $(FRESH),--fresh)

demo:
	tests/install-deps $(if $(filter real,$(KAFKA)),test,demo)
	$(MAKE) all
	tools/demo/run

tidy:
	tests/tidy

format:
	tests/tidy --format

-include $(OBJECTS:.o=.d)

# ---- install ---------------------------------------------------------------------------------------------------------

SAMPLES := $(wildcard config/*.yaml)
SCHEMAS := $(wildcard config/schema/*.json)
CONFIG_TESTS := $(wildcard config/tests/*.yaml)
MAN := $(wildcard docs/man/*.[1-8])

install: all
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/bin
	$(INSTALL) -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	$(INSTALL) -d $(DESTDIR)$(UNITDIR)
	sed 's|/usr/bin/|$(PREFIX)/bin/|; s|/etc/kpid|$(SYSCONFDIR)/kpid|' systemd/kpid.service >$(DESTDIR)$(UNITDIR)/kpid.service
	@chmod 644 $(DESTDIR)$(UNITDIR)/kpid.service
	$(INSTALL) -D -m 644 systemd/kpid.sysusers $(DESTDIR)$(SYSUSERSDIR)/kpid.conf
	$(if $(SAMPLES),$(INSTALL) -D -m 644 -t $(DESTDIR)$(PREFIX)/share/kpid/config $(SAMPLES))
	$(if $(CONFIG_TESTS),$(INSTALL) -D -m 644 -t $(DESTDIR)$(PREFIX)/share/kpid/config/tests $(CONFIG_TESTS))
	$(if $(SCHEMAS),$(INSTALL) -D -m 644 -t $(DESTDIR)$(PREFIX)/share/kpid/config/schema $(SCHEMAS))
	$(if $(SCHEMAS),$(INSTALL) -D -m 644 -t $(DESTDIR)$(SYSCONFDIR)/kpid/schema $(SCHEMAS))
	@$(INSTALL) -d $(DESTDIR)$(SYSCONFDIR)/kpid
	@for file in $(notdir $(SAMPLES)); do \
		test -e $(DESTDIR)$(SYSCONFDIR)/kpid/$$file || \
		$(INSTALL) -m 644 config/$$file $(DESTDIR)$(SYSCONFDIR)/kpid/$$file; \
	done
	@for page in $(MAN); do \
		$(INSTALL) -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man$${page##*.} $$page; \
	done

clean:
	rm -rf build $(filter-out build build/%,$(BUILD))
