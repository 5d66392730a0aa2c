#!/bin/sh
# The same as run.sh across two "hosts": network namespaces with a relay between them that loses
# and reorders packets. wscope listens on both ends at once, so once as the sender's capture sees
# it (all packets, some sent again) and once as the receiver's does (gaps filled late).
#
#   benches/live/netns.sh [--rate N] [--clients N] [--seconds N] [--loss P] [--reorder P]
#
# Needs root, ip and ethtool, python3 and bun, as run.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rate=2000 clients=20 seconds=30 loss=0.01 reorder=0.02
while [ $# -gt 0 ]; do
    case $1 in
    --rate) rate=$2 ;;
    --clients) clients=$2 ;;
    --seconds) seconds=$2 ;;
    --loss) loss=$2 ;;
    --reorder) reorder=$2 ;;
    *) echo "no such option: $1" >&2; exit 2 ;;
    esac
    shift 2
done
wscope=${WSCOPE:-$here/../../target/release/wscope}
bun=${BUN:-bun}
port=${PORT:-18766}
id=wsl$$
folder=$(mktemp -d)
mkdir "$folder/clients"

# server namespace: s — relay namespace: rs, rc — client namespace: c
ip netns add "$id-s"; ip netns add "$id-r"; ip netns add "$id-c"
trap 'ip netns del "$id-s"; ip netns del "$id-r"; ip netns del "$id-c"; rm -rf "$folder"' EXIT
at() { where=$1; shift; ip netns exec "$id-$where" "$@"; }
for end in s c; do
    ip link add "$end" netns "$id-$end" type veth peer name "r$end" netns "$id-r"
    at r ip link set "r$end" up promisc on
    at $end ip link set "$end" up
    # The relay carries what it sees: whole segments and checksums that are right.
    at $end ethtool -K "$end" tx off tso off gso off gro off >/dev/null 2>&1
    at r ethtool -K "r$end" tx off tso off gso off gro off >/dev/null 2>&1
done
at s ip address add 192.0.2.1/24 dev s
at c ip address add 192.0.2.2/24 dev c
# Not through the function: signals are for the programs, not for a shell around them.
ip netns exec "$id-r" python3 "$here/relay.py" rs rc "$loss" "$reorder" 1 &
relay=$!

for end in s c; do
    ip netns exec "$id-$end" "$wscope" messages --json -i $end -f "tcp port $port" >"$folder/$end.json" 2>"$folder/$end.said" &
    eval "listener_$end=\$!"
done
for end in s c; do until grep -q 'listening on' "$folder/$end.said"; do sleep 0.1; done; done
ip netns exec "$id-s" "$bun" "$here/server.mjs" 192.0.2.1 "$port" "$clients" "$rate" "$seconds" &
sleep 1
at c python3 "$here/clients.py" 192.0.2.1 "$port" "$clients" "$folder/clients"
sleep 1
kill -INT "$listener_s" "$listener_c"
wait "$listener_s" "$listener_c" || true
kill -TERM $relay
wait $relay || true
wrong=0
for end in s c; do
    echo "on the $( [ $end = s ] && echo server || echo client )'s side:"
    tail -n 1 "$folder/$end.said"
    python3 "$here/compare.py" "$folder/clients" "$folder/$end.json" || wrong=1
done
exit $wrong
