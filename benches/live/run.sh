#!/bin/sh
# A real server pushes small compressed messages to many clients on this machine; wscope listens,
# and every message that it shows is held against what the clients received.
#
#   benches/live/run.sh [--rate N] [--clients N] [--seconds N] [--options "…"]
#
# Needs the right to capture on lo (root), python3 and bun (BUN=path; npm install bun@1.4.5).
# WSCOPE is the program, target/release/wscope by default; --options are more of its options.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rate=20000 clients=50 seconds=60 options=''
while [ $# -gt 0 ]; do
    case $1 in
    --rate) rate=$2 ;;
    --clients) clients=$2 ;;
    --seconds) seconds=$2 ;;
    --options) options=$2 ;;
    *) echo "no such option: $1" >&2; exit 2 ;;
    esac
    shift 2
done
wscope=${WSCOPE:-$here/../../target/release/wscope}
bun=${BUN:-bun}
port=${PORT:-18765}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/clients"

# The clock of a process, in seconds: user and system time.
spent() {
    awk -v hz="$(getconf CLK_TCK)" '{ printf "%.1f s user, %.1f s system", $14 / hz, $15 / hz }' "/proc/$1/stat"
}

# shellcheck disable=SC2086
"$wscope" messages --json -i lo -f "tcp port $port" $options >"$folder/shown.json" 2>"$folder/said" &
listener=$!
until grep -q 'listening on' "$folder/said"; do sleep 0.1; done
"$bun" "$here/server.mjs" 127.0.0.1 "$port" "$clients" "$rate" "$seconds" &
server=$!
sleep 1
python3 "$here/clients.py" 127.0.0.1 "$port" "$clients" "$folder/clients" &
load=$!
sleep "$((seconds / 2))"
echo "load average in the middle: $(cut -d ' ' -f 1-3 /proc/loadavg); server: $(spent $server)"
wait $load
wait $server || true
sleep 1
echo "wscope: $(spent $listener), $(awk '/VmHWM/ { print $2 / 1024 " MB at most" }' "/proc/$listener/status")"
kill -INT $listener
wait $listener || echo "wscope ended with $?"
cat "$folder/said"
python3 "$here/compare.py" "$folder/clients" "$folder/shown.json"
