"""The sizes that CPython's zlib makes of recorded messages, as `tests/engine/stock_zlib.rs` expects them.

Usage: python3 tests/stock_zlib/sizes.py > tests/golden/stock-zlib.txt

For each capture's log in tests/applogs, each sender's messages are compressed in their order with a sync flush
each, with takeover and without. A line has the settings, the bytes in all, and a digest of the bytes themselves.
"""

import base64
import hashlib
import json
import pathlib
import sys
import zlib

LOGS = pathlib.Path(__file__).resolve().parent.parent / "applogs"
NAMES = ["demo", "large", "websockets-windows", "ws-fragments"]


def senders(name):
    """Payloads of the data messages of each sender."""
    out = {"client": [], "server": []}
    for line in open(LOGS / f"{name}.jsonl"):
        entry = json.loads(line)
        if entry["opcode"] in ("text", "binary"):
            out[entry["from"]].append(base64.b64decode(entry["base64"]))
    return out


def compress(messages, level, window_bits, memory_level, keep):
    total, digest, encoder = 0, hashlib.sha1(), None
    for message in messages:
        if encoder is None or not keep:
            encoder = zlib.compressobj(level, zlib.DEFLATED, -window_bits, memory_level)
        out = encoder.compress(message) + encoder.flush(zlib.Z_SYNC_FLUSH)
        total += len(out)
        digest.update(out)
    return total, digest.hexdigest()[:12]


def main():
    if "ng" in zlib.ZLIB_RUNTIME_VERSION:
        sys.exit("this Python has zlib-ng, which makes other sizes")
    for name in NAMES:
        for sender, messages in senders(name).items():
            for level in (1, 6, 9):
                for memory_level in range(1, 10):
                    for window_bits in range(9, 16):
                        if level != 6 and (memory_level, window_bits) not in ((8, 15), (1, 9), (9, 12)):
                            continue
                        for takeover, keep in (("keep", True), ("reset", False)):
                            total, digest = compress(messages, level, window_bits, memory_level, keep)
                            print(name, sender, level, memory_level, window_bits, takeover, total, digest)


if __name__ == "__main__":
    main()
