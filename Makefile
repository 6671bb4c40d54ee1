# tarn: one binary from emulators/, tests from tests/. `make help` lists the targets.
B ?= build
CC ?= gcc
CFLAGS ?= -O2 -g
SAN ?=
# Asked once. What is missing here `make test`, `make demo` and the like install first; then a make of its own asks again.
PKGS := libuv libmicrohttpd jansson sqlite3 libcurl rdkafka libmariadb gnutls nettle hogweed gmp libcbor expat zlib snappy liblz4 libzstd libbrotlidec libpcre2-8 yaml-0.1 libnghttp2
PC_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
# libcurl, librdkafka and libmariadb are loaded when they are needed: core/lazy.h.
PC_LIBS := $(shell pkg-config --libs $(filter-out libcurl rdkafka libmariadb,$(PKGS)) 2>/dev/null)
CHECK_LIBS := $(shell pkg-config --libs check 2>/dev/null)
# The binary is small: no tables for unwinding, which a debugger doesn't need beside -g but sanitizers do; relocations packed where ld can.
LEAN := $(if $(SAN),,-fno-asynchronous-unwind-tables -fno-unwind-tables)
LEAN_LD := $(if $(SAN),,$(shell ld --help 2>/dev/null | grep -q pack-relative-relocs && echo -Wl,-z,pack-relative-relocs))
# Rooms that nobody waits for: what is typed, what is set up once.
COLD := aws cloudwatch ec2 msk kms airflow databricks tarn scenario
JOBS := -j$(shell nproc)
ALL_CFLAGS = -std=gnu11 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wno-missing-field-initializers -Wno-unused-parameter -fno-strict-aliasing $(CFLAGS) $(LEAN) $(SAN) -Iemulators -D_GNU_SOURCE $(PC_CFLAGS)

# A folder of emulators/ is a room; one with a service.c is a service, and emulators/stack/services.c lists it.
MAIN_OBJ := $(B)/emulators/tarn/main.o
SRC := $(sort $(wildcard emulators/*/*.c))
OBJ := $(filter-out $(MAIN_OBJ),$(SRC:%.c=$(B)/%.o)) $(B)/stack_data.o $(B)/help_data.o $(B)/kits_data.o $(B)/python_data.o $(B)/preload_data.o $(B)/console_data.o $(B)/lessons_data.o $(B)/differs.o $(B)/version.o
UNIT_SRC := $(sort $(wildcard tests/*/test_*.c))
UNIT := $(UNIT_SRC:%.c=$(B)/%) $(B)/tests/sparksql/ask
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ := $(FUZZ_SRC:%.c=$(B)/%)

all: $(B)/tarn ## build build/tarn

$(B)/tarn: $(MAIN_OBJ) $(B)/libtarn.a
	@$(CC) $(CFLAGS) $(SAN) $(LEAN_LD) -o $@ $(MAIN_OBJ) $(B)/libtarn.a $(PC_LIBS) -lm -lpthread

$(B)/libtarn.a: $(OBJ)
	@rm -f $@ && ar rcs $@ $(OBJ)

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(foreach room,$(COLD),$(eval $(B)/emulators/$(room)/%.o: ALL_CFLAGS += $(if $(SAN),,$(if $(findstring -O2,$(CFLAGS)),-Os))))

# Rebuild when the set of services or the flags change.
$(B)/flags: FORCE
	@mkdir -p $(B)
	@printf '%s\n' '$(ALL_CFLAGS)' | cmp -s - $@ || printf '%s\n' '$(ALL_CFLAGS)' > $@

# The built-in stacks, embedded: the folders of fixtures/ with a stack.conf, the default one first.
DEFAULT_STACK := fixtures/pinterest
STACKS := $(DEFAULT_STACK) $(filter-out $(DEFAULT_STACK),$(patsubst %/stack.conf,%,$(wildcard fixtures/*/stack.conf)))
$(B)/stack_data.c: tests/embed.sh $(shell find $(STACKS) 2>/dev/null)
	@mkdir -p $(B)
	@PACK=1 sh tests/embed.sh stack_files_embedded fixtures $(STACKS) > $@
# The texts of tarn help TOPIC: those in emulators/tarn/help, the lessons of the scenarios, the tour of the source.
LESSONS := $(sort $(wildcard scenarios/*.tarn))
$(B)/help_data.c: tests/embed.sh tests/tutorial.sh emulators/README.md $(wildcard emulators/tarn/help/*.txt) $(LESSONS)
	@rm -rf $(B)/help && mkdir -p $(B)/help && cp emulators/tarn/help/*.txt $(B)/help
	@sh tests/tutorial.sh $(LESSONS) > $(B)/help/tutorial.txt
	@cp emulators/README.md $(B)/help/architecture.txt
	@PACK=1 sh tests/embed.sh help_files_embedded $(B)/help $(B)/help > $@
# The lessons themselves, for tarn lesson: those that need no files beside them.
$(B)/lessons_data.c: tests/embed.sh $(LESSONS)
	@rm -rf $(B)/lessons && mkdir -p $(B)/lessons
	@for f in $(LESSONS); do [ -d "$${f%.tarn}" ] || ! grep -q '^lesson' "$$f" || cp "$$f" $(B)/lessons; done
	@PACK=1 sh tests/embed.sh lessons_files_embedded $(B)/lessons $(B)/lessons > $@
# What tests and workflows of others take over (tarn/kits.h).
$(B)/kits_data.c: tests/embed.sh $(shell find emulators/kits -type f 2>/dev/null)
	@mkdir -p $(B)
	@PACK=1 sh tests/embed.sh kits_files_embedded emulators/kits emulators/kits > $@
# The Python of notebooks: stand-ins of pyspark and delta, and what runs cells (databricks/python.h).
PYTHON_DIR := emulators/databricks/python
$(B)/python_data.c: tests/embed.sh $(shell find $(PYTHON_DIR) -name '*.py' 2>/dev/null)
	@mkdir -p $(B)
	@PACK=1 sh tests/embed.sh python_files_embedded $(PYTHON_DIR) $(PYTHON_DIR) > $@
# The library that tarn exec has programs load (front/preload.c), in the binary as well. It needs libc alone, and no sanitizer.
PRELOAD_SRC := emulators/front/preload/preload.c emulators/front/lead.c
$(B)/preload.so: $(PRELOAD_SRC) $(wildcard emulators/front/*.h) $(B)/flags
	@$(CC) $(filter-out $(SAN),$(ALL_CFLAGS)) -O2 -g0 -fPIC -fvisibility=hidden -shared -s -Wl,--build-id=none -o $@ $(PRELOAD_SRC)
$(B)/preload_data.c: tests/embed.sh $(B)/preload.so
	@PACK=1 sh tests/embed.sh preload_files_embedded $(B) $(B)/preload.so > $@
# The version, asked of git or the tarball each time: the file changes, and is compiled, when it does.
$(B)/version.c: FORCE
	@mkdir -p $(B)
	@set -- $$(sh emulators/packages/version.sh) && echo "#include \"core/version.h\"" >$@.new && \
		echo "const char tarn_version[] = \"$$1\"; const int64_t tarn_version_time = $$2;" >>$@.new
	@cmp -s $@.new $@ || mv $@.new $@
# The console's files, packed (gzip -n: the same bytes every time); index.html is filled in when it is served.
WWW := emulators/console/www
$(B)/console_data.c: tests/embed.sh $(shell find $(WWW) -type f 2>/dev/null)
	@rm -rf $(B)/console && mkdir -p $(B)/console && cp -r $(WWW) $(B)/console/www
	@find $(B)/console/www -type f ! -name index.html -exec gzip -9n {} + && find $(B)/console/www -name '*.gz' -exec sh -c 'mv "$$1" "$${1%.gz}"' - {} \;
	@sh tests/embed.sh console_files_embedded $(B)/console/www $(B)/console/www > $@
# What the comments say after DIFFERS, for tarn help differences.
$(B)/differs.c: tests/differs.sh $(SRC) $(wildcard emulators/*/*.h)
	@mkdir -p $(B)
	@sh tests/differs.sh emulators > $@.new
	@cmp -s $@.new $@ || mv $@.new $@
$(B)/%.o: $(B)/%.c $(B)/flags
	@$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/tests/%: tests/%.c $(B)/libtarn.a
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -Itests -MMD -MP -o $@ $< $(B)/libtarn.a $(CHECK_LIBS) $(PC_LIBS) -lm -lpthread

$(B)/tests/fuzz/%: tests/fuzz/%.c tests/fuzz/main.c $(B)/libtarn.a
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -MMD -MP -c -o $@.o $<
	@$(CC) $(ALL_CFLAGS) -o $@ $@.o tests/fuzz/main.c $(B)/libtarn.a $(PC_LIBS) -lm -lpthread

units: $(UNIT)
fuzzers: $(FUZZ)

setup-%:
	@sh tests/setup.sh $*

test: setup-test ## install what is missing, build, run every test
	@$(MAKE) --no-print-directory $(JOBS) all units fuzzers
	@tests/run.sh $(B)

asan: setup-test ## the same under AddressSanitizer and UBSan
	@$(MAKE) --no-print-directory $(JOBS) B=build-asan CFLAGS="-O1 -g -fno-omit-frame-pointer" \
		SAN="-fsanitize=address,undefined -fno-sanitize-recover=undefined" all units fuzzers
	@tests/run.sh build-asan

fuzz: setup-fuzz ## run each fuzz target for FUZZ_SECONDS (60) with libFuzzer
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-60} sh tests/fuzz/run.sh

bench: setup-bench bench-peers ## start-up, memory, speed, each beside a peer
	@$(MAKE) --no-print-directory $(JOBS) all
	@TARN=$(B)/tarn sh tests/bench/run.sh; rc=$$?; TARN=$(B)/tarn tests/bench/state.py || rc=1; TARN=$(B)/tarn tests/bench/stalls.py && exit $$rc

# What no Debian package has: clients of PyPI, npm, Maven Central and Go's modules, kept in build/clients. Tests that use them skip without.
CLIENTS := $(abspath $(B))/clients
clients: setup-clients ## the tests that need other registries' clients, and Debian's Python clients in newest versions
	@$(MAKE) --no-print-directory $(JOBS) all units
	@sh tests/registries/install.sh $(CLIENTS)
	@TEST_SECONDS=900 TARN_CLIENTS=$(CLIENTS) TARN_NODE_MODULES=$(CLIENTS)/npm/node_modules tests/run.sh $(B) clients

NPM_PEERS := kinesalite kinesis-local velocityjs @duckdb/node-api s3rver
bench-peers: setup-bench ## install what `make bench` measures beside; without npm or its registry those parts are skipped
	@[ -d $(B)/npm/node_modules/s3rver ] || (mkdir -p $(B)/npm && cd $(B)/npm && { [ -e package.json ] || npm init -y; } && \
		npm install --no-audit --no-fund $(NPM_PEERS)) >/dev/null 2>&1 || echo "bench: npm's peers are not here"

compose: all ## try docker-compose.yml with docker or podman; says why when it skips
	@TARN=$(B)/tarn sh tests/compose.sh
	@NO_BUILD=1 sh tests/image.sh

debian13: setup-debian ## demo and tests in a chroot of the other Debian release (13 on 12, 12 on 13); says why when it skips
	@sh tests/other_debian.sh $(abspath $(B))/debian

lint: setup-lint ## includes, names and calls that the design forbids
	@sh tests/lint.sh

demo: setup-build ## the whole batch path: rows to answers
	@$(MAKE) --no-print-directory $(JOBS) all
	@$(B)/tarn run -v scenarios/01-batch-to-lake.tarn

PREFIX ?= /usr/local
BASH_DIR ?= $(PREFIX)/share/bash-completion/completions
ZSH_DIR ?= $(PREFIX)/share/zsh/site-functions
FISH_DIR ?= $(PREFIX)/share/fish/vendor_completions.d
UNIT_DIR ?= $(PREFIX)/$(if $(filter $(HOME)/%,$(PREFIX)),share,lib)/systemd/user
# Stripped, and without the linker's id, which is of the folder it was built in: the same sources give the same bytes.
install: all ## the program, manual pages, completions and a systemd user unit below $(PREFIX)
	install -D -m 755 $(B)/tarn $(DESTDIR)$(PREFIX)/bin/tarn
	strip -R .note.gnu.build-id $(DESTDIR)$(PREFIX)/bin/tarn
	rm -rf $(B)/man && $(B)/tarn man --dir $(B)/man
	install -d $(addprefix $(DESTDIR),$(PREFIX)/share/man/man1 $(PREFIX)/share/man/man7 $(BASH_DIR) $(ZSH_DIR) $(FISH_DIR) $(UNIT_DIR))
	for s in 1 7; do install -m 644 $(B)/man/*.$$s $(DESTDIR)$(PREFIX)/share/man/man$$s/ || exit 1; done
	$(B)/tarn completion bash >$(DESTDIR)$(BASH_DIR)/tarn
	$(B)/tarn completion zsh >$(DESTDIR)$(ZSH_DIR)/_tarn
	$(B)/tarn completion fish >$(DESTDIR)$(FISH_DIR)/tarn.fish
	sed 's,@BIN@,$(PREFIX)/bin,' emulators/packages/tarn.service >$(DESTDIR)$(UNIT_DIR)/tarn.service

dist: setup-build ## source tarball, package for this Debian, list of parts, checksums, below $(B)/dist: the same bytes each time
	@$(MAKE) --no-print-directory $(JOBS) all
	@sh emulators/packages/dist.sh $(B)/dist $(B)/tarn

uninstall: ## takes away what install put there, with the same PREFIX; state folders stay
	rm -f $(addprefix $(DESTDIR),$(PREFIX)/bin/tarn $(BASH_DIR)/tarn $(ZSH_DIR)/_tarn $(FISH_DIR)/tarn.fish $(UNIT_DIR)/tarn.service)
	grep -ls '^.." Made by tarn man' $(DESTDIR)$(PREFIX)/share/man/man[17]/tarn*.[17] | xargs -r rm -f

clean: ## remove build folders
	rm -rf build build-asan build-fuzz

help: ## this list
	@awk -F':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  %-9s %s\n", $$1, $$2}' Makefile

-include $(shell find $(B)/emulators $(B)/tests -name '*.d' 2>/dev/null)
.PHONY: dist all units fuzzers test asan fuzz bench bench-peers clients compose debian13 lint demo install uninstall clean help FORCE
FORCE:
