#!/bin/sh
# Installs the peers, outside the repository, in the versions the captures were made with.
# Needs python3 (3.11), node (20), npm; to record: root, tcpdump, tshark, editcap, mergecap, nginx, chromium, openssl,
# iproute2, ethtool, zstd.
set -eu
tools=${WSREC_TOOLS:-${TMPDIR:-/tmp}/wsrec}
mkdir -p "$tools/js" "$tools/bun"
python3 -m venv "$tools/venv"
"$tools/venv/bin/pip" install -q websockets==17.4 aiohttp==3.14.5 tornado==6.6.1 pywebsocket3==4.0.2 \
    hypercorn==0.18.0 h2==4.4.1 wsproto==1.3.2
npm install --prefix "$tools/js" --no-audit --no-fund ws@8.23.0 undici@7.30.2 faye-websocket@0.11.4 permessage-deflate@0.1.7 socket.io@4.8.4 socket.io-client@4.8.4
npm install --prefix "$tools/bun" --no-audit --no-fund bun@1.4.5
