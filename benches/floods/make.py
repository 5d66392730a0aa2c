#!/usr/bin/env python3
"""Captures that are to make an analyser run out of memory or time.

Job: write one kind of flood as pcap. Input: its name and how many of it. Output: bytes on standard output.

    make.py short 1000000 | wscope stats -
"""

import random
import struct
import sys
import zlib

HEAD = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
SYN, ACK, PSH, FIN = 2, 16, 8, 1
REQUEST = (
    b"GET /feed HTTP/1.1\r\nHost: flood.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
)
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"


class Writer:
    """Packets in the order in which they are sent, a microsecond apart."""

    def __init__(self, out):
        self.out = out
        self.now = 1_700_000_000_000_000
        out.write(HEAD)

    def packet(self, data):
        self.now += 1
        sec, usec = divmod(self.now, 1_000_000)
        self.out.write(struct.pack("<IIII", sec, usec, len(data), len(data)) + data)


class Tcp:
    """One connection; its numbers are its own, and checksums are left to the network card."""

    def __init__(self, writer, index, port=80, size=1448):
        self.writer, self.size = writer, size
        self.ends = [
            bytes([10, 1 + (index >> 16) // 200, (index >> 8) & 255, index & 255]),
            bytes([10, 250, 0, 1]),
        ]
        self.ports = [20_000 + (index >> 16) % 200 * 200, port]
        self.next = [index * 7919 & 0xFFFFFFFF, index * 104729 & 0xFFFFFFFF]

    def segment(self, side, flags, payload=b""):
        other = 1 - side
        ip = struct.pack(
            ">BBHHHBBH", 0x45, 0, 40 + len(payload), 0, 0, 64, 6, 0
        )
        tcp = struct.pack(
            ">HHIIBBHHH",
            self.ports[side],
            self.ports[other],
            self.next[side],
            self.next[other] if flags & ACK else 0,
            0x50,
            flags,
            65535,
            0,
            0,
        )
        ether = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0"
        self.writer.packet(ether + ip + self.ends[side] + self.ends[other] + tcp + payload)
        self.next[side] = self.next[side] + len(payload) + (flags & (SYN | FIN) > 0) & 0xFFFFFFFF

    def open(self):
        self.segment(0, SYN)
        self.segment(1, SYN | ACK)
        self.segment(0, ACK)

    def send(self, side, payload):
        for at in range(0, len(payload), self.size):
            self.segment(side, PSH | ACK, payload[at : at + self.size])

    def lose(self, side, payload):
        """It was sent, and is not captured."""
        self.next[side] = self.next[side] + len(payload) & 0xFFFFFFFF

    def upgrade(self, compress=False):
        more = DEFLATE if compress else b""
        self.open()
        self.send(0, REQUEST + more + b"\r\n")
        self.send(1, ANSWER + more + b"\r\n")

    def close(self):
        for side in (0, 1):
            self.segment(side, FIN | ACK)
        self.segment(0, ACK)


def frame(side, first, payload, length=None):
    length = len(payload) if length is None else length
    mask = 128 if side == 0 else 0
    if length < 126:
        head = bytes([first, mask | length])
    elif length < 1 << 16:
        head = bytes([first, mask | 126]) + struct.pack(">H", length)
    else:
        head = bytes([first, mask | 127]) + struct.pack(">Q", length)
    return head + (masked(payload) if mask else payload)


MASKS = random.Random(3)


def masked(payload):
    key = MASKS.randbytes(4)
    length = len(payload)
    stream = (key * (length // 4 + 1))[:length]
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")
    return key + mixed.to_bytes(length, "big")


def deflated(payload):
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (engine.compress(payload) + engine.flush(zlib.Z_SYNC_FLUSH))[:-4]


def bomb(writer, count):
    """`count` messages of 16 KB that inflate to 16 MiB each."""
    tcp = Tcp(writer, 1)
    tcp.upgrade(compress=True)
    payload = deflated(b"a" * (16 << 20))
    for _ in range(count):
        tcp.send(1, frame(1, 0xC1, payload))


def records(side, noise, index, many):
    """Records of TLS 1.3, of which the first is cut off in front."""
    body = noise[index % 64 : index % 64 + 1200]
    return (body + b"\x17\x03\x03" + struct.pack(">H", 1200)) * many + body


def late(writer, count):
    """Connections in the midst of TLS: no handshake, and records that began before the capture."""
    noise = random.Random(1).randbytes(1300)
    for index in range(count):
        tcp = Tcp(writer, index, port=443)
        for side in (0, 1):
            tcp.send(side, records(side, noise, index, 19))


def heads(writer, count):
    """Requests whose heads do not end, 60 KB each."""
    line = b"X-Filler: " + b"y" * 990 + b"\r\n"
    for index in range(count):
        tcp = Tcp(writer, index)
        tcp.open()
        tcp.send(0, REQUEST + line * 60)


def windows(writer, count):
    """Open connections, each with two full windows of 32 KiB."""
    payload = deflated(b"".join(b"%d " % n for n in range(8000)))
    for index in range(count):
        tcp = Tcp(writer, index, size=16_000)
        tcp.upgrade(compress=True)
        for side in (0, 1):
            tcp.send(side, frame(side, 0xC1, payload))


def symptoms(writer, count):
    """Connections whose servers send 100 messages of some 1.4 KB, compressed with what came before; 300
    bytes of the first are gone, so that it does not inflate: `check` looks at each connection again."""
    words = random.Random(6)
    text = b"".join(b'{"id":%d,"name":"%x"},' % (n, words.getrandbits(64)) for n in range(9000))
    engine = zlib.compressobj(6, zlib.DEFLATED, -15)
    messages = [
        (engine.compress(text[at : at + 3000]) + engine.flush(zlib.Z_SYNC_FLUSH))[:-4] for at in range(0, 300_000, 3000)
    ]
    messages[0] = messages[0][:300] + messages[0][600:]
    for index in range(count):
        tcp = Tcp(writer, index)
        tcp.upgrade(compress=True)
        for message in messages:
            tcp.send(1, frame(1, 0xC1, message))
        tcp.close()


def waiting(writer, count):
    """Open connections on which each side has sent one message of 4 KiB of JSON, compressed."""
    words = random.Random(5)
    row = lambda n: b'{"id":%d,"name":"%x","price":%d.%02d},' % (n, words.getrandbits(40), n % 977, n % 100)
    payloads = [deflated(b"".join(row(n) for n in range(at, at + 200))[:4096]) for at in range(0, 6400, 200)]
    for index in range(count):
        tcp = Tcp(writer, index)
        tcp.upgrade(compress=True)
        for side in (0, 1):
            tcp.send(side, frame(side, 0xC1, payloads[(index + side) % len(payloads)]))


def many(writer, count):
    """One connection with `count` messages of 30 bytes, some 40 in a segment."""
    tcp = Tcp(writer, 1)
    tcp.upgrade()
    for at in range(0, count, 40):
        side = at // 40 % 2
        frames = [frame(side, 0x81, b'{"number":%012d,"ok":true}' % n) for n in range(at, min(at + 40, count))]
        tcp.segment(side, PSH | ACK, b"".join(frames))


def whole(writer, count, lost=0):
    """Messages of some 200 bytes both ways on 200 connections, each direction with one window."""
    dice = random.Random(9)
    talks = [Tcp(writer, index) for index in range(200)]
    engines = [[zlib.compressobj(6, zlib.DEFLATED, -15) for _ in (0, 1)] for _ in talks]
    for tcp in talks:
        tcp.upgrade(compress=True)
    for number in range(count):
        at, side = number % len(talks), number // len(talks) % 2
        text = b'{"id":%d,"user":"user-%d","text":"' % (number, dice.randrange(500))
        text += b" ".join(b"%x" % dice.getrandbits(12) for _ in range(30)) + b'"}'
        engine = engines[at][side]
        payload = (engine.compress(text) + engine.flush(zlib.Z_SYNC_FLUSH))[:-4]
        bytes_sent = frame(side, 0xC1, payload)
        if lost and dice.randrange(lost) == 0:
            talks[at].lose(side, bytes_sent)
        else:
            talks[at].send(side, bytes_sent)
    for tcp in talks:
        tcp.close()


def losses(writer, count):
    """The same, and one packet in a hundred is not in the capture."""
    whole(writer, count, lost=100)


def zeros(writer, count):
    """The same for some 100 bytes of capture a window: 33,000 equal letters."""
    payload = deflated(b"a" * 33_000)
    for index in range(count):
        tcp = Tcp(writer, index)
        tcp.upgrade(compress=True)
        for side in (0, 1):
            tcp.send(side, frame(side, 0xC1, payload))


def unfinished(writer, count):
    """Messages that never end, 100 KB of each."""
    payload = b"z" * 100_000
    for index in range(count):
        tcp = Tcp(writer, index, size=16_000)
        tcp.upgrade()
        tcp.send(1, frame(1, 0x81, payload, 1 << 40))


def holes(writer, count):
    """Connections with a hole in front of 100 KB that nobody acknowledges."""
    payload = b"z" * 100_000
    for index in range(count):
        tcp = Tcp(writer, index, size=16_000)
        tcp.upgrade()
        tcp.next[1] += 10
        tcp.send(1, frame(1, 0x81, payload))


def short(writer, count):
    """Connections of one short message each way."""
    for index in range(count):
        tcp = Tcp(writer, index)
        tcp.upgrade()
        for side in (0, 1):
            tcp.send(side, frame(side, 0x81, b"message %d" % index))
        tcp.close()


def noise(writer, count):
    """One connection with `count` messages of 10 KB that do not compress."""
    source = random.Random(4)
    tcp = Tcp(writer, 1)
    tcp.upgrade(compress=True)
    for _ in range(count):
        tcp.send(1, frame(1, 0x82, source.randbytes(10_000)))
    tcp.close()


def hello(side, index):
    """A ClientHello or ServerHello of TLS 1.3, with nothing in it but what must be."""
    body = b"\x03\x03" + index.to_bytes(32, "big")
    supported = b"\0\x2b\0\x03\x02\x03\x04" if side == 0 else b"\0\x2b\0\x02\x03\x04"
    suites = b"\0\0\x02\x13\x01\x01\0" if side == 0 else b"\0\x13\x01\0"
    body += suites + struct.pack(">H", len(supported)) + supported
    message = bytes([1 + side]) + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + struct.pack(">H", len(message)) + message


def tls(writer, count, secret=True):
    """Connections of TLS 1.3 without keys, or as many bytes without TLS."""
    noise = random.Random(2).randbytes(1000)
    record = b"\x17\x03\x03" + struct.pack(">H", 1000) + noise
    for index in range(count):
        tcp = Tcp(writer, index, port=443 if secret else 80)
        if secret:
            tcp.open()
            for side in (0, 1):
                tcp.send(side, hello(side, index))
            for side in (1, 0, 1, 0, 1):
                tcp.send(side, record)
        else:
            tcp.upgrade()
            for side in (1, 0, 1, 0, 1):
                tcp.send(side, frame(side, 0x82, noise))
        tcp.close()


def plain(writer, count):
    """The bytes of `tls` in WebSockets without TLS."""
    tls(writer, count, secret=False)


KINDS = [bomb, late, heads, windows, symptoms, waiting, whole, losses, zeros, unfinished, holes, short, many, noise, tls, plain]


def main():
    kinds = {kind.__name__: kind for kind in KINDS}
    if len(sys.argv) != 3 or sys.argv[1] not in kinds:
        sys.exit("usage: make.py KIND COUNT\n" + "\n".join(f"  {k.__name__:<11} {k.__doc__}" for k in KINDS))
    try:
        kinds[sys.argv[1]](Writer(sys.stdout.buffer), int(sys.argv[2]))
    except BrokenPipeError:
        sys.stderr.close()


if __name__ == "__main__":
    main()
