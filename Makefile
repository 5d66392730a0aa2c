# The habits of this project. `make demo` and `make test` are all that a newcomer needs.

CARGO ?= cargo
DEMO := captures/demo.pcapng
SECONDS_PER_FUZZ_TARGET ?= 60

.PHONY: help demo test lint features bench fuzz docs clean

help:
	@echo 'make demo      build, and show the messages and statistics of a capture'
	@echo 'make test      all tests'
	@echo 'make lint      formatting, clippy, documentation'
	@echo 'make features  build and lint with each set of features'
	@echo 'make bench     speed and memory against tshark and the bare floor'
	@echo 'make fuzz      every fuzz target for $(SECONDS_PER_FUZZ_TARGET) s'
	@echo 'make docs      the documentation of the library'

demo:
	@flags=$$(.ci/prepare) && $(CARGO) build --release --locked $$flags
	@printf '\n$$ wscope connections $(DEMO)\n'
	@target/release/wscope connections $(DEMO)
	@printf '$$ wscope messages $(DEMO)\n'
	@target/release/wscope messages $(DEMO) | cut -c 1-118
	@printf '\n$$ wscope messages --json $(DEMO) | sed -n 2p\n'
	@target/release/wscope messages --json $(DEMO) | sed -n 2p
	@printf '\n$$ wscope stats $(DEMO)\n'
	@target/release/wscope stats $(DEMO)

test:
	@flags=$$(.ci/prepare) && $(CARGO) test --locked $$flags

lint:
	$(CARGO) fmt --check
	@flags=$$(.ci/prepare) && $(CARGO) clippy --locked --all-targets $$flags -- -D warnings
	@flags=$$(.ci/prepare) && RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps $$flags

# All of them together are what `test` builds and `lint` looks at. Without libpcap, live capture is left out.
features:
	@flags=$$(.ci/prepare) && for set in '' tui live tls; do \
	    case "$$flags/$$set" in ?*/*live*) continue ;; esac; \
	    echo "features: $${set:-none}"; \
	    $(CARGO) clippy --locked --all-targets --no-default-features --features "$$set" -- -D warnings || exit; \
	    $(CARGO) build --locked --no-default-features --features "$$set" || exit; \
	done

bench:
	benches/bench.sh

fuzz:
	fuzz/run $(SECONDS_PER_FUZZ_TARGET)

docs:
	@flags=$$(.ci/prepare) && RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps $$flags

clean:
	$(CARGO) clean
	rm -rf bench-data
