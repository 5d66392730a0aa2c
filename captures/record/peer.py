"""What the Python peers share: the spec, the printed events, and the steps of a script."""

import asyncio
import base64
import json
import sys
import time

ROLE = sys.argv[1] if len(sys.argv) > 1 else None
SPEC = json.load(open(sys.argv[2])) if len(sys.argv) > 2 else {}


def emit(ev, path="", **more):
    print(json.dumps({"ev": ev, "path": path, "t": time.time(), **more}), flush=True)


def address(pair):
    host, port = pair[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def payload(data):
    """(opcode, base64) of a message as the libraries hand it out."""
    if isinstance(data, str):
        return {"op": "text", "data": base64.b64encode(data.encode()).decode()}
    return {"op": "binary", "data": base64.b64encode(bytes(data)).decode()}


class Run:
    """One connection's script, over `send(step, data, parts)`, `ping(data)` and `close(code, reason)`."""

    def __init__(self, path, send, ping, close):
        self.path, self.send, self.ping, self.close = path, send, ping, close
        self.count = 0
        self.changed = asyncio.Event()

    def received(self, data):
        emit("received", self.path, **payload(data))
        self.count += 1
        self.changed.set()

    async def steps(self, script):
        for step in script:
            kind = step["do"]
            raw = base64.b64decode(step.get("data", ""))
            if kind == "send":
                text = step["op"] == "text"
                value = raw.decode() if text else raw
                parts = [base64.b64decode(p) for p in step.get("parts", [])]
                if not parts:
                    emit("sent", self.path, **payload(value))
                await self.send(step, value, [p.decode() if text else p for p in parts])
                if parts:  # messages are logged in the order they end: after the pings between their fragments
                    emit("sent", self.path, **payload(value))
            elif kind == "ping":
                emit("sent", self.path, op="ping", data=step["data"])
                await self.ping(raw)
            elif kind == "wait":
                while self.count < step["count"]:
                    self.changed.clear()
                    await asyncio.wait_for(self.changed.wait(), 10)
            elif kind == "sleep":
                await asyncio.sleep(step["ms"] / 1000)
            elif kind == "close":
                code, reason = step["code"], step["reason"]
                whole = base64.b64encode(code.to_bytes(2, "big") + reason.encode()).decode()
                emit("sent", self.path, op="close", data=whole, code=code, reason=reason)
                await self.close(code, reason)


async def until_stdin_ends():
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
