#!/usr/bin/env python3
"""What the applications' own logs say of units, for tests/cases/units.rs.

    units.py LOGS OUT

LOGS has a folder for each recording with app.jsonl, which the peers' libraries wrote. OUT gets
NAME.jsonl: by whom, kind, subject, and how many; null where the log does not say it. Where the
log has all of a kind, "all" is true, and there are as many units; else there are at least as many.
"""

import base64
import json
import sys
from collections import Counter
from pathlib import Path

LIFE = {"connect", "connection", "connect_error", "disconnect", "error", "answer"}


def mqtt(entry):
    """Packets that MQTT.js sent and received; a PUBLISH with an alias has no topic in its log."""
    kind = (entry.get("cmd") or "").upper()
    if entry["ev"] == "packetreceive":
        yield "server", kind, entry.get("topic") or None, True
    elif entry["ev"] == "packetsend" and entry.get("topic"):
        yield "client", kind, entry["topic"], False
    elif entry["ev"] == "packetsend" and kind != "PUBLISH":
        yield "client", kind, None, True


def socketio(entry):
    """Events by name, as the handlers of both sides got them."""
    name = entry["ev"]
    if name in LIFE or name.startswith("ack "):
        return
    yield ("client" if entry["side"] == "server" else "server"), None, name, True


def graphql(entry):
    if entry["side"] == "server" and entry["ev"] == "subscribe" and "op" in entry:
        yield "client", None, entry["op"], False
    elif entry["side"] == "client" and entry["ev"] in ("next", "data"):
        yield "server", entry["ev"], None, False


def wamp(entry):
    if entry["ev"] in ("event", "event*"):
        yield "server", "EVENT", None, True
    elif entry["ev"] == "error":
        yield "server", "ERROR", None, True
    elif entry["ev"] == "join":
        yield "server", "WELCOME", None, True


def cdp(entry):
    if entry["ev"] == "event":
        yield "server", "event", entry["method"], True
    elif entry["ev"] == "error":
        yield "server", "error", None, True


def ocpp(entry):
    side = "client" if entry.get("side") == "cp" else "server"
    if entry["ev"] in ("result", "error"):
        kind = "CALLRESULT" if entry["ev"] == "result" else "CALLERROR"
        yield side, "CALL", entry["m"], True
        yield ("server" if side == "client" else "client"), kind, None, True


def jsonrpc(entry):
    if entry.get("side") == "server" and entry["ev"] == "sum":
        # The first of them are told with the answer, which is the message that is recognised.
        yield None, None, "sum", True


def sip(entry):
    if entry["ev"] == "newMessage" and entry["from"] == "local" or entry["ev"] == "call" and entry["s"] == "Establishing":
        yield "client", "MESSAGE" if entry["ev"] == "newMessage" else "INVITE", None, False
    elif "code" in entry:
        yield "server", str(entry["code"]), None, False


def sockjs(entry):
    if entry.get("name") == "stomp" and entry["ev"].isupper():
        yield "server", entry["ev"], None, True


def stomp(folder):
    """STOMP frames as the client's WebSocket library logged their messages, cut by this."""
    streams = {}
    for line in (folder / "sent.jsonl").read_text().strip().split("\n"):
        entry = json.loads(line)
        if entry["opcode"] in ("text", "binary"):
            text = entry.get("text")
            data = text.encode() if text is not None else base64.b64decode(entry["base64"])
            side = entry["client_port"], entry["from"]
            streams[side] = streams.get(side, b"") + data
    for (_, side), data in streams.items():
        at = 0
        while at < len(data):
            if data[at] in b"\r\n":
                at += 1
                continue
            body = data.index(b"\n\n", at) + 2
            command, *lines = data[at:body].decode().strip().split("\n")
            headers = dict(line.split(":", 1) for line in reversed(lines))
            length = headers.get("content-length")
            at = (body + int(length) if length else data.index(0, body)) + 1
            yield side, command, headers.get("destination"), command in WITH_DESTINATION


WITH_DESTINATION = {"SEND", "SUBSCRIBE", "MESSAGE", "CONNECTED", "RECEIPT", "BEGIN", "COMMIT", "ABORT"}

# Recordings by the names of their captures, where they differ.
FOLDERS = {"stomp-rabbit": "stomp-rabbit-text", "stomp-py": "stomppy-rabbit"}

READERS = {
    "mqtt": mqtt,
    "socketio": socketio,
    "graphql": graphql,
    "wamp": wamp,
    "cdp": cdp,
    "ocpp": ocpp,
    "jsonrpc": jsonrpc,
    "sip": sip,
    "sockjs": sockjs,
}


def write(out, name, counts):
    with open(out / f"{name}.jsonl", "w") as file:
        for (side, kind, subject, complete), count in sorted(counts.items(), key=str):
            row = {"from": side, "kind": kind, "subject": subject, "count": count, "all": complete}
            file.write(json.dumps(row) + "\n")


def main():
    logs, out = map(Path, sys.argv[1:])
    for capture in sorted(Path(__file__).parent.parent.glob("subprotocols/*.pcap*")):
        name = capture.name.split(".")[0]
        folder = logs / FOLDERS.get(name, name)
        if name.startswith("stomp") and folder.exists() and "lost" not in name:
            write(out, name, Counter(stomp(folder)))
            continue
        reader = next((read for start, read in READERS.items() if name.startswith(start)), None)
        if reader is None:
            continue
        counts = Counter()
        for line in (logs / name / "app.jsonl").read_text().strip().split("\n"):
            counts.update(reader(json.loads(line)))
        write(out, name, counts)


if __name__ == "__main__":
    main()
