"""Holds what wscope showed against what the clients received and sent.

python3 compare.py FOLDER MESSAGES.json

Every text must be there, on its connection, in its order, complete and byte for byte the same;
nothing else may be. Both sides are hashed per connection, and the digests compared.
"""

import collections
import glob
import hashlib
import json
import os
import sys
import zlib

folder, shown = sys.argv[1], sys.argv[2]


def frames(data):
    """Text payloads of a server's stream, behind its HTTP head."""
    at = data.index(b"\r\n\r\n") + 4
    inflate = zlib.decompressobj(-15)
    while at < len(data):
        first, length = data[at], data[at + 1]
        at += 2
        if length == 126:
            length = int.from_bytes(data[at : at + 2], "big")
            at += 2
        payload = data[at : at + length]
        at += length
        if first & 0x0F == 1:
            if first & 0x40:
                payload = inflate.decompress(payload + b"\0\0\xff\xff")
            yield payload


def digest(texts):
    digest, count = hashlib.sha256(), 0
    for text in texts:
        digest.update(len(text).to_bytes(4, "big") + text)
        count += 1
    return count, digest.hexdigest()


expected = {}
for name in glob.glob(os.path.join(folder, "*.received")):
    port = os.path.basename(name).split(".")[0]
    with open(name, "rb") as file:
        expected[port, "server"] = digest(frames(file.read()))
    with open(name.replace(".received", ".sent"), "rb") as file:
        expected[port, "client"] = digest(file.read().split(b"\n")[:-1])

ports, hashes, counts = {}, {}, collections.Counter()
statuses, codes, last = collections.Counter(), collections.Counter(), None
with open(shown, "rb") as file:
    for line in file:
        one = json.loads(line)
        if one["type"] == "connection":
            ports[one["connection"]] = one["client"].rsplit(":", 1)[1]
        elif one["type"] == "finding":
            codes[one["code"]] += 1
        elif one["type"] == "capture":
            last = one
        elif one["opcode"] == "text":
            statuses[one["status"]] += 1
            text = one.get("text", "").encode()
            key = ports[one["connection"]], one["from"]
            counts[key] += 1
            hashes.setdefault(key, hashlib.sha256()).update(len(text).to_bytes(4, "big") + text)

got = {key: (counts[key], hashes[key].hexdigest()) for key in hashes}
wanted = {key: value for key, value in expected.items() if value[0]}
wrong = [key for key in wanted.keys() | got.keys() if wanted.get(key) != got.get(key)]
print(f"{sum(count for count, _ in wanted.values())} texts on {len(expected) // 2} connections;",
      f"{sum(counts.values())} shown, {dict(statuses)}; findings: {dict(codes)}")
print(f"digests that differ: {len(wrong)} of {len(wanted)}")
for key in wrong[:5]:
    print(" ", key, "expected", wanted.get(key, (0,))[0], "shown", got.get(key, (0,))[0])
if last:
    print(f"capture: {last['packets']} packets, {last['bytes']} bytes, dropped {last['dropped']}")
sys.exit(bool(wrong))
