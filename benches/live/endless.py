"""Writes a capture of long connections to standard output, as long as is wanted.

python3 endless.py MESSAGES [--connections N] [--idle SECONDS] | wscope messages -

The server of each connection sends small compressed texts in turn (permessage-deflate with context
takeover), the client acknowledges every eighth. --idle lets that much capture time go by in
mid-stream, without a packet.
"""

import argparse
import struct
import sys
import zlib

arguments = argparse.ArgumentParser()
arguments.add_argument("messages", type=int)
arguments.add_argument("--connections", type=int, default=50)
arguments.add_argument("--idle", type=int, default=0)
options = arguments.parse_args()

REQUEST = (
    b"GET / HTTP/1.1\r\nHost: load\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)
SYN, ACK, PUSH = 2, 16, 24
FRACTION, SECONDS, SEQUENCE, ACKNOWLEDGED = 4, 0, 16 + 14 + 20 + 4, 16 + 14 + 20 + 8
U32, U32BE = struct.Struct("<I").pack_into, struct.Struct(">I").pack_into


def packet(connection, from_client, flags, payload=b""):
    """A packet's record in the file, its time and numbers to be filled in."""
    client, server = (10 << 24) + 1 + connection, (10 << 24) + (1 << 16)
    ports = (40000, 8080)
    if not from_client:
        client, server, ports = server, client, ports[::-1]
    tcp = struct.pack(">HHIIBBHHH", *ports, 0, 0, 0x50, flags, 0xFFFF, 0, 0) + payload
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, client, server)
    data = bytes(12) + b"\x08\0" + ip + tcp
    return bytearray(struct.pack("<IIII", 0, 0, len(data), len(data)) + data)


def frame(text):
    deflate = zlib.compressobj(wbits=-15)
    payload = (deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
    return bytes([0xC1, len(payload)]) + payload


class Connection:
    def __init__(self, number):
        self.sent = {True: 1000, False: 5000}
        self.number = number
        self.messages = [
            packet(number, False, PUSH, frame(b'{"type":"ticker","connection":%d,"n":%d}' % (number, n)))
            for n in range(16)
        ]
        self.lengths = [len(one) - 16 - 54 for one in self.messages]
        self.ack = packet(number, True, ACK)

    def emit(self, out, from_client, record, length):
        U32(record, SECONDS, clock // 10**9)
        U32(record, FRACTION, clock % 10**9)
        U32BE(record, SEQUENCE, self.sent[from_client] & 0xFFFFFFFF)
        U32BE(record, ACKNOWLEDGED, self.sent[not from_client] & 0xFFFFFFFF)
        self.sent[from_client] += length
        out.append(bytes(record))

    def open(self, out):
        for from_client, flags, payload, length in [
            (True, SYN, b"", 1),
            (False, SYN | ACK, b"", 1),
            (True, ACK, b"", 0),
            (True, PUSH, REQUEST, len(REQUEST)),
            (False, PUSH, ANSWER, len(ANSWER)),
        ]:
            self.emit(out, from_client, packet(self.number, from_client, flags, payload), length)

    def say(self, out, turn):
        which = turn % 16
        self.emit(out, False, self.messages[which], self.lengths[which])
        if which % 8 == 7:
            self.emit(out, True, self.ack, 0)


write = sys.stdout.buffer.write
write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
clock = 1_700_000_000 * 10**9
out = []
connections = [Connection(number) for number in range(options.connections)]
for one in connections:
    one.open(out)
for count in range(options.messages):
    if options.idle and count == options.messages // 2:
        clock += options.idle * 10**9
    clock += 50_000
    connections[count % options.connections].say(out, count // options.connections)
    if len(out) >= 1000:
        write(b"".join(out))
        out.clear()
write(b"".join(out))
