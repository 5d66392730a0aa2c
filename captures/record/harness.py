"""Runs tcpdump around real WebSocket peers and writes what their applications said they sent.

A peer is a process `COMMAND ROLE SPEC`, ROLE `server` or `client`, SPEC a JSON file. It prints one
JSON object per line: {"ev":"ready"}, {"ev":"open",...}, {"ev":"sent",...}, {"ev":"received",...},
each with the request path, which is the key of a connection here.
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
CAPTURES = HERE.parent
APPLOGS = CAPTURES.parent / "tests" / "applogs"
TOOLS = pathlib.Path(os.environ.get("WSREC_TOOLS", pathlib.Path(tempfile.gettempdir()) / "wsrec"))  # venv/, js/ and bun/ live there

COMMANDS = {
    "websockets": [f"{TOOLS}/venv/bin/python", f"{HERE}/peer_websockets.py"],
    "aiohttp": [f"{TOOLS}/venv/bin/python", f"{HERE}/peer_aiohttp.py"],
    "tornado": [f"{TOOLS}/venv/bin/python", f"{HERE}/peer_tornado.py"],
    "pywebsocket": [f"{TOOLS}/venv/bin/python", f"{HERE}/peer_pywebsocket.py"],
    "h2": [f"{TOOLS}/venv/bin/python", f"{HERE}/peer_h2.py"],
    "ws-stock": [os.environ.get("WSREC_NODE_STOCK", "node"), f"{HERE}/peer_ws.cjs"],
    "ws": ["node", f"{HERE}/peer_ws.cjs"],
    "socketio": ["node", f"{HERE}/peer_socketio.cjs"],
    "faye": ["node", f"{HERE}/peer_faye.cjs"],
    "chromium": ["node", f"{HERE}/peer_chromium.cjs"],
    "bun": [f"{TOOLS}/bun/node_modules/.bin/bun", f"{HERE}/peer_bun.mjs"],
}


def run(*command, cwd=None):
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL, cwd=cwd)


def in_namespace(namespace):
    return ["ip", "netns", "exec", namespace] if namespace else []


@contextlib.contextmanager
def capture(target, expression, interface="lo", arguments=(), namespace=None):
    """tcpdump to `target` while the body runs; nothing is lost at either end, or this raises."""
    command = ["tcpdump", "-i", interface, "-U", "-B", "16384", "-s", "262144", "-Z", "root", "-n",
               "--immediate-mode", "-w", str(target), *arguments, *expression.split()]
    tcpdump = subprocess.Popen(in_namespace(namespace) + command, stderr=subprocess.PIPE, text=True)
    for line in tcpdump.stderr:
        if "listening on" in line:
            break
    else:
        raise RuntimeError("tcpdump did not start")
    time.sleep(0.2)
    try:
        yield
        time.sleep(0.5)
    finally:
        tcpdump.send_signal(signal.SIGINT)
        report = tcpdump.stderr.read()
        tcpdump.wait()
    if "\n0 packets dropped by kernel" not in "\n" + report:
        raise RuntimeError(f"tcpdump lost packets: {report}")


class Peer:
    """A peer's process; its events are read by a thread."""

    def __init__(self, kind, role, spec, namespace=None):
        self.role = role
        self.kind = kind
        self.events = []
        self.ready = threading.Event()
        file = tempfile.NamedTemporaryFile("w", suffix=".json", delete=False)
        json.dump(spec, file)
        file.close()
        environment = dict(os.environ, NODE_PATH=f"{TOOLS}/js/node_modules", PYTHONPATH=str(HERE),
                           PYTHONDONTWRITEBYTECODE="1")
        self.process = subprocess.Popen(
            in_namespace(namespace) + COMMANDS[kind] + [role, file.name],
            stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, env=environment)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            event = json.loads(line)
            event["role"] = event.get("role", self.role)
            if event["ev"] == "ready":
                self.ready.set()
            else:
                self.events.append(event)

    def wait(self, seconds=30):
        code = self.process.wait(seconds)
        self.thread.join(5)
        if code:
            raise RuntimeError(f"{self.kind} {self.role} ended with {code}")

    def stop(self):
        self.process.stdin.close()  # a server ends when its input does
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.thread.join(5)


@contextlib.contextmanager
def process(*command, namespace=None, settle=0.5):
    """A helper (proxy, tunnel) that lives as long as the body."""
    one = subprocess.Popen(in_namespace(namespace) + [str(c) for c in command], stderr=subprocess.DEVNULL)
    time.sleep(settle)
    if one.poll() is not None:
        raise RuntimeError(f"{command[0]} ended with {one.returncode}")
    try:
        yield
    finally:
        one.terminate()
        one.wait(10)


def talk_to(server, clients, server_namespace=None, client_namespace=None):
    """Runs one server (kind, spec) and clients [(kind, spec)] one after the other; all their events."""
    peers = [Peer(*(server[0], "server", server[1]), namespace=server_namespace)]
    try:
        if not peers[0].ready.wait(15):
            raise RuntimeError(f"{server[0]} server did not start")
        for kind, spec in clients:
            peers.append(Peer(kind, "client", spec, namespace=client_namespace))
            peers[-1].wait()
        time.sleep(0.3)
    finally:
        peers[0].stop()
    return [event for peer in peers for event in peer.events]


def write_log(name, events, check=True):
    """Checks that what was sent is what was received, and writes tests/applogs/NAME.jsonl."""
    data = ("text", "binary")
    lines = []
    for path in dict.fromkeys(e["path"] for e in events):
        here = [e for e in events if e["path"] == path]
        legs = list(dict.fromkeys((e["client"], e["server"]) for e in here
                                  if e["ev"] == "open" and e.get("client")))
        if not legs:
            raise RuntimeError(f"{name} {path}: no address known")
        for sender, receiver in (("client", "server"), ("server", "client")):
            sent = [e for e in here if e["ev"] == "sent" and e["role"] == sender]
            got = [(e["op"], e["data"]) for e in here if e["ev"] == "received" and e["role"] == receiver]
            if [(e["op"], e["data"]) for e in sent if e["op"] in data] != got and check:
                raise RuntimeError(f"{name} {path}: {receiver} did not receive what {sender} sent "
                                   f"({len(sent)} sent, {len(got)} received)")
            for client, server in legs:
                for e in sent:
                    line = {"client": client, "server": server, "from": sender, "opcode": e["op"], "base64": e["data"]}
                    if "code" in e:
                        line |= {"close_code": e["code"], "close_reason": e["reason"]}
                    lines.append((e["t"], line))
    if not lines:
        raise RuntimeError(f"{name}: nothing was sent")
    lines.sort(key=lambda pair: pair[0])
    APPLOGS.mkdir(parents=True, exist_ok=True)
    with open(APPLOGS / f"{name}.jsonl", "w") as file:
        for _, line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
    print(f"{name}: {len(lines)} log lines", file=sys.stderr)
