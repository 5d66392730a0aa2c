"""Holds each whole capture against its log, by way of tshark (TCP only) and zlib: `verify.py [NAME...]`.

An independent, deliberately naive reading: the whole history is there, so any mismatch is a bad recording.
"""

import base64
import collections
import json
import pathlib
import re
import subprocess
import sys
import zlib

CAPTURES = pathlib.Path(__file__).resolve().parent.parent
APPLOGS = CAPTURES.parent / "tests" / "applogs"
OPCODES = {1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}
UNLOGGED = {"nginx-hidden-answer": ":8081"}  # the leg on which no application received anything
DAMAGED = re.compile(r"-(lost|late|cut|snap|reordered|dup)\d?$")


def streams(path):
    """{(client, server): {sender: bytes}}, and whether each connection starts with its SYN."""
    data = path.read_bytes()
    if path.suffix in (".gz", ".zst"):
        data = subprocess.run(["gzip" if path.suffix == ".gz" else "zstd", "-dc", path], stdout=subprocess.PIPE, check=True).stdout
    fields = ["tcp.stream", "ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport", "tcp.seq",
              "tcp.flags.syn", "tcp.flags.ack", "tcp.payload"]
    command = ["tshark", "-n", "-r", "-", "-Y", "tcp", "-T", "fields", "-E", "occurrence=l", "-E", "separator=|"]
    for field in fields:
        command += ["-e", field]
    out = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode()
    connections = {}
    for line in out.splitlines():
        stream, s4, s6, sport, d4, d6, dport, seq, syn, ack, payload = line.split("|")
        source, target = (f"{s4}:{sport}", f"{d4}:{dport}") if s4 else (f"[{s6}]:{sport}", f"[{d6}]:{dport}")
        if stream not in connections:
            connections[stream] = {"client": source, "server": target, "syn": syn in ("1", "True") and ack not in ("1", "True"),
                                   "bytes": collections.defaultdict(bytearray)}
        c = connections[stream]
        if payload:
            buffer, at = c["bytes"]["client" if source == c["client"] else "server"], int(seq) - 1
            raw = bytes.fromhex(payload)
            if len(buffer) < at + len(raw):
                buffer.extend(bytes(at + len(raw) - len(buffer)))
            buffer[at:at + len(raw)] = raw
    return connections.values()


def messages(data, takeover):
    """(opcode, payload, notes) for each message of one direction."""
    at, partial = 0, None
    inflate = zlib.decompressobj(-15)
    history = b""
    while at < len(data):
        first, second = data[at], data[at + 1]
        length, at = second & 127, at + 2
        if length > 125:
            size = 2 if length == 126 else 8
            length, at = int.from_bytes(data[at:at + size], "big"), at + size
        mask = b""
        if second & 128:
            mask, at = data[at:at + 4], at + 4
        payload = bytes(data[at:at + length])
        if mask:
            payload = bytes(b ^ mask[i & 3] for i, b in enumerate(payload))
        at += length
        opcode = first & 15
        if opcode >= 8:
            yield OPCODES[opcode], payload, ["between"] if partial else []
            continue
        if opcode:
            partial = [opcode, first & 64, b"", 0]
        partial[2] += payload
        partial[3] += 1
        if not first & 128:
            continue
        opcode, compressed, payload, count = partial
        partial = None
        notes = [f"fragments={count}"] * (count > 1)
        if compressed:
            notes += ["rsv1"] + ["bfinal"] * bool(payload[:1] and payload[0] & 1) + ["empty-rsv1"] * (not payload)
            if not takeover:
                history = b""
                inflate = zlib.decompressobj(-15)
            tail = payload + b"\0\0\xff\xff"
            out = inflate.decompress(tail)
            while inflate.eof:
                notes.append("stream-end")
                history = (history + out)[-32768:]
                tail = inflate.unused_data
                inflate = zlib.decompressobj(-15, history)
                more = inflate.decompress(tail)
                out += more
            payload = out
            history = (history + out)[-32768:]
        yield OPCODES[opcode], payload, notes


def verify(path):
    name = path.name.split(".")[0]
    logged = collections.defaultdict(list)
    for line in open(APPLOGS / f"{name}.jsonl"):
        entry = json.loads(line)
        logged[entry["client"], entry["server"], entry["from"]].append((entry["opcode"], base64.b64decode(entry["base64"])))
    bad, seen, summary = [], set(), []
    for c in streams(path):
        if not c["syn"]:
            bad.append("no SYN")
        data = c["bytes"]
        match = re.search(rb"HTTP/1.1 101.*?\r\n\r\n", bytes(data["server"]), re.S)
        if not match:
            summary.append(f"  {c['client']} {bytes(data['server'][:22])!r} (no upgrade)")
            continue
        agreed = re.findall(rb"(?im)^sec-websocket-extensions:(.*?)\r", match[0])
        asked = [m for m in re.finditer(rb"GET [^\r]*HTTP/1.1\r\n.*?\r\n\r\n", bytes(data["client"]), re.S)][-1]
        offered = re.findall(rb"(?im)^sec-websocket-extensions:(.*?)\r", asked[0])
        summary.append(f"  {c['client']} {c['server']} offered {b''.join(offered).decode()!r} agreed {b''.join(agreed).decode()!r}")
        if name in UNLOGGED and c["server"].endswith(UNLOGGED[name]):
            continue
        for sender, end in (("client", asked.end()), ("server", match.end())):
            takeover = f"{sender}_no_context_takeover".encode() not in b"".join(agreed)
            got = list(messages(data[sender][end:], takeover))
            key = c["client"], c["server"], sender
            seen.add(key)
            want = logged[key]
            if [g[:2] for g in got if g[0] in ("text", "binary")] != [w for w in want if w[0] in ("text", "binary")]:
                bad.append(f"{key}: data differs")
            rest = iter(g[:2] for g in got)
            if not all(w in rest for w in want):
                bad.append(f"{key}: a logged control frame is not on the wire")
            notes = collections.Counter(n for g in got for n in g[2])
            summary.append(f"    {sender}: " + " ".join(f"{k}={v}" for k, v in collections.Counter(g[0] for g in got).items())
                           + " | " + " ".join(f"{k}:{v}" for k, v in notes.items()))
    bad += [f"{k}: not on the wire" for k in logged if k not in seen and logged[k]]
    print(f"{'BAD' if bad else 'ok '} {path.name}", *bad, sep="\n  " if bad else "")
    print("\n".join(summary))
    return not bad


if __name__ == "__main__":
    fine = True
    for path in sorted(CAPTURES.iterdir()):
        name = path.name.split(".")[0]
        if ".pcap" not in path.name or "wss" in name or name == "http2" or DAMAGED.search(name) or sys.argv[1:] and name not in sys.argv[1:]:
            continue
        if (APPLOGS / f"{name}.jsonl").exists():
            fine &= verify(path)
    sys.exit(not fine)
