"""Opens connections and records what comes on each, byte by byte, for compare.py.

python3 clients.py HOST PORT CLIENTS FOLDER

What each connection received goes to FOLDER/PORT.received, with PORT its own port, and the texts
that it sent, a line each, to FOLDER/PORT.sent. Nothing is decoded while the load runs.
"""

import os
import selectors
import socket
import sys
import time

host, port, clients, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
REQUEST = (
    "GET / HTTP/1.1\r\nHost: load\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
).encode()
CLOSE = bytes([0x88, 2, 3, 0xE8])


def masked(first, payload):
    key = os.urandom(4)
    body = bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))
    return bytes([first, 0x80 | len(payload)]) + key + body


class Connection:
    def __init__(self):
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = os.path.join(folder, str(self.socket.getsockname()[1]))
        self.received = open(name + ".received", "wb")
        self.sent = open(name + ".sent", "w")
        self.count = 0
        self.upgraded = False
        self.socket.sendall(REQUEST)

    def say(self):
        self.count += 1
        text = f"still here {self.count}"
        self.socket.sendall(masked(0x81, text.encode()))
        print(text, file=self.sent)

    def read(self):
        data = self.socket.recv(1 << 18)
        self.received.write(data)
        self.upgraded = True
        if data.endswith(CLOSE):
            self.upgraded = False
            self.socket.sendall(masked(0x88, CLOSE[2:]))
        return bool(data)


selector = selectors.DefaultSelector()
left = [Connection() for _ in range(clients)]
for one in left:
    selector.register(one.socket, selectors.EVENT_READ, one)
said = time.monotonic()
while left:
    for key, _ in selector.select(0.1):
        if not key.data.read():
            selector.unregister(key.fileobj)
            key.data.received.close()
            key.data.sent.close()
            left.remove(key.data)
    if time.monotonic() >= said + 1:
        said += 1
        for one in left:
            if one.upgraded:
                one.say()
spent = os.times()
print(f"clients: {spent.user + spent.system:.1f} s of processor", file=sys.stderr)
