"""Carries Ethernet frames between two interfaces, losing and reordering some.

python3 relay.py ONE OTHER LOSS REORDER SEED

LOSS and REORDER are shares of the frames, 0.01 for one in a hundred; a reordered frame comes three
frames late. What netem does in a kernel that has it.
"""

import random
import select
import signal
import socket
import sys

one, other, loss, reorder = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
chance = random.Random(int(sys.argv[5]))
ALL = 3
OUTGOING = 4
counts = {"carried": 0, "lost": 0, "reordered": 0}


def open_on(name):
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
    packets.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    packets.bind((name, 0))
    packets.setblocking(False)
    return packets


class Direction:
    def __init__(self, into):
        self.into = into
        self.late = []

    def send(self, frame):
        try:
            self.into.send(frame)
            counts["carried"] += 1
        except (BlockingIOError, OSError):
            counts["lost"] += 1

    def carry(self, frame):
        draw = chance.random()
        if draw < loss:
            counts["lost"] += 1
            return
        if draw < loss + reorder:
            counts["reordered"] += 1
            self.late.append([3, frame])
            return
        self.send(frame)
        for waiting in self.late:
            waiting[0] -= 1
        while self.late and self.late[0][0] <= 0:
            self.send(self.late.pop(0)[1])


def end(*_):
    print("relay:", counts, file=sys.stderr)
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
left, right = open_on(one), open_on(other)
ways = {left: Direction(right), right: Direction(left)}
while True:
    ready = select.select([left, right], [], [], 0.05)[0]
    for packets in ready:
        try:
            for _ in range(64):
                frame, address = packets.recvfrom(65535)
                if address[2] != OUTGOING:
                    ways[packets].carry(frame)
        except BlockingIOError:
            pass
    if not ready:
        # A frame that nothing follows is not late for ever.
        for way in ways.values():
            while way.late:
                way.send(way.late.pop(0)[1])
