"""The UI on a steady load: memory over time, and whether a filter by payload misses messages.

python3 screen.py [--rate 2000] [--seconds 300] [--connections 20] [--options "…"]

Needs the right to capture on lo (root) and pyte (pip install pyte). WSCOPE is the program,
target/release/wscope by default. A server sends texts, one in fifty of which has the word that is
filtered by; after ten seconds the filter is typed, and at the end the count on the screen is held
against what was sent. Prints resident memory every ten seconds.
"""

import argparse
import base64
import fcntl
import hashlib
import os
import pty
import re
import select
import signal
import socket
import struct
import termios
import threading
import time

import pyte

arguments = argparse.ArgumentParser()
arguments.add_argument("--rate", type=int, default=2000)
arguments.add_argument("--seconds", type=int, default=300)
arguments.add_argument("--connections", type=int, default=20)
arguments.add_argument("--options", default="--keep-rows 32M --keep 64M")
options = arguments.parse_args()

here = os.path.dirname(os.path.abspath(__file__))
wscope = os.environ.get("WSCOPE", os.path.join(here, "../../target/release/wscope"))
COLUMNS, LINES = 120, 40
EVERY = 50


def accept(server):
    peer, _ = server.accept()
    head = b""
    while b"\r\n\r\n" not in head:
        head += peer.recv(4096)
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", head)[1]
    answer = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    peer.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + answer + b"\r\n\r\n"
    )
    return peer


def connect(port):
    client = socket.create_connection(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    client.sendall(
        f"GET /load HTTP/1.1\r\nHost: load\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    return client


def frame(number):
    word = "needle" if number % EVERY == 0 else "straw"
    text = f'{{"n":{number},"what":"{word}","fill":"{"x" * (number % 60)}"}}'.encode()
    head = bytes([0x81, len(text)]) if len(text) < 126 else struct.pack(">BBH", 0x81, 126, len(text))
    return head + text


def drain(client):
    while client.recv(1 << 16):
        pass


def rss(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024


server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm-256color")
    args = ["view", "-i", "lo", "-f", f"tcp port {port}", *options.options.split()]
    os.execv(wscope, ["wscope", *args])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
screen = pyte.Screen(COLUMNS, LINES)
stream = pyte.ByteStream(screen)


def watch(seconds):
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            stream.feed(os.read(terminal, 1 << 16))


def keys(text):
    os.write(terminal, text.encode())


watch(3)
peers, clients = [], []
for _ in range(options.connections):
    clients.append(connect(port))
    peers.append(accept(server))
    threading.Thread(target=drain, args=(clients[-1],), daemon=True).start()
sent = needles = 0
over = threading.Event()


def load():
    global sent, needles
    begun = time.monotonic()
    while not over.is_set():
        due = int((time.monotonic() - begun) * options.rate)
        while sent < due:
            peers[sent % len(peers)].sendall(frame(sent))
            needles += sent % EVERY == 0
            sent += 1
        time.sleep(0.01)


thread = threading.Thread(target=load)
thread.start()
watch(10)
keys("2")
watch(0.5)
keys("/")
watch(0.5)
keys('text contains "needle"')
watch(0.5)
keys("\r")
begun = time.monotonic()
print("MB of memory every ten seconds:", flush=True)
while time.monotonic() - begun < options.seconds - 10:
    watch(10)
    print(f"{rss(pid):.0f}", end=" ", flush=True)
over.set()
thread.join()
watch(5)
print(f"\nsent: {sent} messages, {needles} with the word")
print("\n".join(line.rstrip() for line in screen.display[:5]))
os.kill(pid, signal.SIGTERM)
os.waitpid(pid, 0)
