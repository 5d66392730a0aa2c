#!/usr/bin/env bash
# Peak memory and time of each flood. Job: make the captures, run wscope on them, print a table.
# Input: the binary, and a directory for the captures (some 3 GB; each is removed after its turn).
#
#     benches/floods/run.sh target/release/wscope /tmp/floods [KIND…]
set -eu
binary=$1 dir=$2
shift 2
make=$(dirname "$0")/make.py
mkdir -p "$dir"

# name, count, and the commands to measure
floods="
bomb       128      messages_--json
late       3000     stats
heads      20000    stats
windows    20000    stats messages_--json
symptoms   2000     stats_--threads_1 check_--threads_1
zeros      100000   stats
waiting    100000   stats_--max-memory_64G messages_--json_--max-memory_64G
unfinished 5000     stats messages_--json
holes      5000     stats
short      1000000  connections_--json stats_--json check_--json tune_--json messages_--json
many       10000000 stats messages_--json check
whole      400000   stats_--threads_1
losses     400000   stats_--threads_1
noise      150      tune_--json
tls        100000   stats
plain      100000   stats
"
printf '%-12s %8s %8s  %-36s %8s %8s %8s\n' flood count MB command 's wall' 's cpu' 'MB peak'
while read -r kind count commands; do
    [ -n "$kind" ] || continue
    [ $# = 0 ] || [[ " $* " == *" $kind "* ]] || continue
    file=$dir/$kind.pcap
    python3 "$make" "$kind" "$count" >"$file"
    for command in $commands; do
        # shellcheck disable=SC2086
        /usr/bin/time -f '%e %U %S %M' -o "$dir/time" "$binary" ${command//_/ } "$file" \
            >/dev/null 2>"$dir/said" || true
        read -r wall user system peak < <(tail -n 1 "$dir/time")
        awk -v k="$kind" -v n="$count" -v b="$(stat -c %s "$file")" -v c="${command//_/ }" \
            -v w="$wall" -v u="$user" -v s="$system" -v p="$peak" \
            'BEGIN { printf "%-12s %8d %8.1f  %-36s %8.2f %8.2f %8.1f\n", k, n, b/1e6, c, w, u+s, p/1024 }'
        sed 's/^/    /' "$dir/said" | head -n 3
    done
    rm -f "$file"
done <<<"$floods"
