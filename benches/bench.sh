#!/bin/sh
# Makes captures under bench-data/ and compares wscope with tshark and with the bare floor.
# Options are those of benches/throughput/main.rs: --size MB, --rounds N, --kind KIND,
# --no-tshark, --no-memory. The table goes to standard output.
set -eu
cd "$(dirname "$0")/.."
flags=$(.ci/prepare)
# shellcheck disable=SC2086
exec cargo bench --quiet --locked $flags --bench throughput -- "$@"
