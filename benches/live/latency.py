"""How long a single message takes from its sender to wscope's output.

python3 latency.py WSCOPE [MESSAGES]     needs the right to capture on lo

A server sends a message with the time in it every now and then; the reader of wscope's output
compares that with its own clock, which is the same.
"""

import json
import random
import signal
import socket
import subprocess
import sys
import threading
import time

wscope, messages = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
command = [wscope, "messages", "--json", "-i", "lo", "-f", f"tcp port {port}"]
capture = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
capture.stderr.readline()

client = socket.create_connection(("127.0.0.1", port))
server, _ = listener.accept()
server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
client.sendall(
    b"GET / HTTP/1.1\r\nHost: load\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
server.recv(4096)
server.sendall(
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


def talk():
    for _ in range(messages):
        time.sleep(random.uniform(0.02, 0.12))
        text = str(time.time_ns()).encode()
        server.sendall(bytes([0x81, len(text)]) + text)
        client.recv(4096)
    server.sendall(b"\x88\x00")


threading.Thread(target=talk).start()
took = []
for line in capture.stdout:
    one = json.loads(line)
    if one.get("opcode") == "close":
        break
    if "text" in one and one["type"] == "message":
        took.append((time.time_ns() - int(one["text"])) / 1e6)
capture.send_signal(signal.SIGINT)
capture.wait()
took.sort()
print(f"{len(took)} messages; ms from sender to output: median {took[len(took) // 2]:.0f},",
      f"nine in ten up to {took[len(took) * 9 // 10]:.0f}, at most {took[-1]:.0f}")
