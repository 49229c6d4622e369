# `make` alone lists the targets.

SWIFT ?= swift
DOCC ?= docc
# The checks and the tests share one build, so that nothing is compiled twice.
# The trait adds the command martlet and its tests, and turns on the other traits.
BUILD_FLAGS := --traits CommandLineTool -Xswiftc -warnings-as-errors
# SwiftPM passes the traits to the compiler in the order of a set. In another order, everything would be compiled again.
BUILD := SWIFT_DETERMINISTIC_HASHING=1 $(SWIFT) build
SOURCES := Package.swift Sources Tests Examples Benchmarks/Package.swift Benchmarks/Sources

.DEFAULT_GOAL := help

.PHONY: demo
demo: ## run the network word count on a built-in text; Ctrl-C stops it
	$(SWIFT) run -c release network-wordcount --demo

# Otherwise all tests start at once, with a thousand contexts, their files and their memory.
TEST_FLAGS := --experimental-maximum-parallelization-width 64

.PHONY: test
test: test-tools ## run every test
	$(BUILD) --build-tests $(BUILD_FLAGS)
	$(SWIFT) test --skip-build $(BUILD_FLAGS) $(TEST_FLAGS)

# Tools that the tests need besides the Swift toolchain: zlib, to read .gz files, PostgreSQL and MariaDB, which they start
# themselves, SQLite, and DuckDB.
.PHONY: test-tools
test-tools:
	@missing=""; \
	if [ "$$(uname)" = Linux ]; then \
	  ldconfig -p | grep -q 'libz\.so\.1' || missing="$$missing zlib1g"; \
	  ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || missing="$$missing postgresql"; \
	  ls /usr/sbin/mariadbd > /dev/null 2>&1 || missing="$$missing mariadb-server"; \
	  ldconfig -p | grep -q 'libmariadb\.so\.3' || missing="$$missing libmariadb3"; \
	  ldconfig -p | grep -q 'libsqlite3\.so\.0' || missing="$$missing libsqlite3-0"; \
	fi; \
	if [ -n "$$missing" ]; then \
	  echo "Installing$$missing"; \
	  install="env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends"; \
	  $$install $$missing || { apt-get update -qq && $$install $$missing; } \
	    || echo "Not installed:$$missing. Tests that need them are skipped or fail."; \
	fi
	@[ "$$(uname)" != Linux ] || scripts/install-duckdb || echo "Not installed: DuckDB. Tests of SQL are skipped or fail."

.PHONY: duckdb
duckdb: ## install the library of DuckDB, which runs SQL, for this user
	@scripts/install-duckdb

.PHONY: check
check: ## check the format, and build everything with warnings as errors
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)
	$(BUILD) --build-tests $(BUILD_FLAGS)
	$(MAKE) --no-print-directory typing

# Programs as users write them. Their modules are there already, so this takes seconds.
TYPING_LIMIT := 300
TYPED_PROGRAMS := Tests/DocumentationTests/EverydayChains.swift $(dir $(wildcard Examples/*/main.swift))

.PHONY: typing
typing: ## check that no expression of the examples takes the type checker 300 ms; needs a build
	@bin="$$($(BUILD) $(BUILD_FLAGS) --show-bin-path)" && for program in $(TYPED_PROGRAMS); do \
	  $(SWIFT)c -typecheck -swift-version 6 -I "$$bin/Modules" \
	    -Xcc -fmodule-map-file="$$bin/CMartlet.build/module.modulemap" \
	    -Xcc -fmodule-map-file="$$bin/CDuckDB.build/module.modulemap" \
	    -Xcc -fmodule-map-file="$$bin/CDatabases.build/module.modulemap" -warnings-as-errors \
	    -Xfrontend -warn-long-expression-type-checking=$(TYPING_LIMIT) \
	    $$(find "$$program" -name '*.swift') || exit 1; \
	done

.PHONY: tuple-keys
tuple-keys: ## write the operations on keys that are tuples, which Tests/DocumentationTests/TupleKeySources.swift describes
	MARTLET_WRITE_SOURCES=1 $(SWIFT) test $(BUILD_FLAGS) --filter TupleKeySources

.PHONY: sql-functions
sql-functions: ## write the functions of SQL and docs/sql-functions.md, which Tests/MartletSQLTests/Functions/FunctionTable.swift describes
	MARTLET_WRITE_SOURCES=1 $(SWIFT) test $(BUILD_FLAGS) --filter 'FunctionSources|FunctionDocumentation'

# In a build folder, which the format check skips.
OUTSIDE := --package-path Tests/OutsidePackage --scratch-path .build/outside

.PHONY: outside
outside: ## build a package that has a source and a sink of its own as users' packages do, and torture its program
	$(SWIFT) build $(OUTSIDE) -Xswiftc -warnings-as-errors
	"$$($(SWIFT) build $(OUTSIDE) --show-bin-path)/torture-numbers" 40

.PHONY: format
format: ## format all sources
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

.PHONY: bench
bench: ## run the benchmarks; Benchmarks/README.md describes them
	Benchmarks/run

.PHONY: torture
torture: ## kill programs at random and count lost records; ROUNDS=2000 SEED=random, WORKLOAD=files|windows|update|history|map
	$(SWIFT) build -c release --product torture-program
	$(SWIFT) build -c release --product torture
	@"$$($(SWIFT) build -c release --show-bin-path)/torture" --keep .build/torture \
	  $(if $(ROUND),--round $(ROUND),--rounds $(or $(ROUNDS),2000)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(WORKLOAD),--workload $(WORKLOAD)) $(if $(PARALLEL),--parallel $(PARALLEL))

.PHONY: torture-sweep
torture-sweep: ## kill programs, cut the power and fail the disk at every single call on files; takes long
	MARTLET_SWEEP=full $(SWIFT) test $(BUILD_FLAGS) --filter 'FaultTests\..*(Sweep|Recovery)Tests'

.PHONY: races
races: ## look for data races with the thread sanitizer; takes a quarter of an hour
	$(SWIFT) build --build-tests --traits ServiceLifecycle --sanitize=thread --scratch-path .build/races
	@if [ "$$(uname)" = Linux ]; then \
	  clang -shared -fPIC -O1 -o .build/races/mutex.so Tests/Races/mutex.c -ldl && \
	  TSAN_OPTIONS=history_size=7 LD_PRELOAD="$(CURDIR)/.build/races/mutex.so" \
	    .build/races/debug/martletPackageTests.xctest --testing-library swift-testing --filter '$(RACES)'; \
	else \
	  $(SWIFT) test --skip-build --traits ServiceLifecycle --sanitize=thread --scratch-path .build/races --filter '$(RACES)'; \
	fi

# Other tests start separate programs.
RACES := ^Martlet\w*Tests\.

# A separate build, because tests need different release settings than programs.
.PHONY: scale
scale: ## run ten million keys, 30 million records of one key and a million batches; takes long
	@# The keys run in a separate process, because their memory is measured.
	MARTLET_SCALE=full $(SWIFT) test -c release -Xswiftc -enable-testing --scratch-path .build/scale --no-parallel \
	  --filter 'FlatResourcesTests|OddSituationTests' --skip 'millions of keys'
	MARTLET_SCALE=full $(SWIFT) test -c release -Xswiftc -enable-testing --scratch-path .build/scale --no-parallel \
	  --filter 'millions of keys' --skip-build

.PHONY: release
release: ## build dist/network-wordcount: one file for any Linux with glibc, libstdc++ and libgcc, without Swift
	$(SWIFT) build -c release --static-swift-stdlib --product network-wordcount
	mkdir -p dist
	cp "$$($(SWIFT) build -c release --static-swift-stdlib --show-bin-path)/network-wordcount" dist/
	strip dist/network-wordcount
	@ls -lh dist/network-wordcount

# The modules of the reference. The floors that Martlet re-exports are in its own.
DOCUMENTED := Martlet MartletSQL MartletDatabases
FLOORS := MartletCheckpoint,MartletCore,MartletRDD,MartletSources,MartletStreaming

.PHONY: docs
docs: ## build the reference into docs-build/; warnings are errors
	$(BUILD) $(BUILD_FLAGS)
	rm -rf docs-build
	bin="$$($(BUILD) $(BUILD_FLAGS) --show-bin-path)" && \
	target="$$($(SWIFT) -print-target-info | sed -n 's/.*"triple": "\(.*\)",/\1/p' | head -n 1)" && \
	for module in $(DOCUMENTED); do \
	  floors="" && if [ $$module = Martlet ]; then floors="-experimental-allowed-reexported-modules=$(FLOORS)"; fi && \
	  catalog="Sources/$$module/$$module.docc" && if [ ! -d "$$catalog" ]; then catalog=""; fi && \
	  mkdir -p docs-build/symbols/$$module && \
	  $(SWIFT) symbolgraph-extract -module-name $$module -target "$$target" -minimum-access-level public \
	    -skip-inherited-docs -skip-synthesized-members $$floors \
	    -I "$$bin/Modules" -Xcc -fmodule-map-file="$$bin/CMartlet.build/module.modulemap" \
	    -Xcc -fmodule-map-file="$$bin/CDuckDB.build/module.modulemap" \
	    -Xcc -fmodule-map-file="$$bin/CDatabases.build/module.modulemap" \
	    -output-dir docs-build/symbols/$$module && \
	  $(DOCC) convert $$catalog --additional-symbol-graph-dir docs-build/symbols/$$module \
	    --fallback-display-name $$module --fallback-bundle-identifier $$module --warnings-as-errors \
	    --output-path docs-build/$$module.doccarchive || exit 1; \
	done

.PHONY: oracle
oracle: ## ask Apache Spark for the answers in Tests/Oracle/answers; needs Java and Python
	@test -x .build/oracle/bin/python || python3 -m venv .build/oracle
	@.build/oracle/bin/python -c 'import pyspark' 2> /dev/null || .build/oracle/bin/pip install --quiet pyspark==4.3.0
	.build/oracle/bin/python Tests/Oracle/oracle.py $(THEMES)

.PHONY: clean
clean: ## remove all build products
	rm -rf .build dist docs-build Benchmarks/.build

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
