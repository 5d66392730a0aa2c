#!/bin/sh
# Memory over a capture without end, and a connection that is idle for an hour of capture time.
#
#   benches/live/memory.sh [MESSAGES]     10,000,000 unless told otherwise
set -eu
here=$(cd "$(dirname "$0")" && pwd)
messages=${1:-10000000}
wscope=${WSCOPE:-$here/../../target/release/wscope}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for idle in 0 3600; do
    python3 "$here/endless.py" 20 --connections 1 --idle "$idle" | "$wscope" messages --json - |
        sed 's/"time":"[^"]*"/"time":/g' >"$folder/$idle"
done
cmp "$folder/0" "$folder/3600"
echo "after an hour of silence: the same $(grep -c '"complete"' "$folder/3600") messages, all complete"

for command in 'messages --json' stats; do
    mkfifo "$folder/pipe"
    out=/dev/null
    [ "$command" != stats ] || out=$folder/out
    # shellcheck disable=SC2086
    "$wscope" $command "$folder/pipe" >"$out" &
    listener=$!
    python3 "$here/endless.py" "$messages" >"$folder/pipe" &
    echo "wscope $command, MB of memory every five seconds:"
    while sleep 5 && kill -0 $listener 2>/dev/null; do
        awk '/VmRSS/ { printf "%.0f ", $2 / 1024 }' "/proc/$listener/status" 2>/dev/null || true
    done
    wait $listener
    echo
    rm "$folder/pipe"
done
grep -E '^  (messages|text)' "$folder/out" | tail -n 2
