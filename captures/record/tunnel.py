"""A tunnel or VLAN trunk in user space, for kernels that lack the device: `tunnel.py KIND UNDERLAY LOCAL REMOTE INNER`.

One runs in each of two namespaces. It makes `tap0` (or `tun0`) with address INNER/24 and carries its
packets over UNDERLAY: gre (with a key), geneve (one option), gtp (a number and an extension header), l2tp (version 2, PPP),
vlan (802.1Q 10), qinq (802.1ad 20 / 802.1Q 30).
With a sixth argument `bad` it drops every ninth of the packets it sends and lets every fifth be overtaken.
"""

import fcntl
import selectors
import socket
import struct
import subprocess
import sys

KIND, UNDERLAY, LOCAL, REMOTE, INNER, *BAD = sys.argv[1:]
TUNSETIFF, IFF_TUN, IFF_TAP, IFF_NO_PI = 0x400454CA, 1, 2, 0x1000
TAGS = {"vlan": bytes.fromhex("8100000a"), "qinq": bytes.fromhex("88a800148100001e")}
OUTGOING = 4

IP_ONLY = KIND in ("gre", "gtp", "l2tp")
name = "tun0" if IP_ONLY else "tap0"
device = open("/dev/net/tun", "r+b", buffering=0)
mode = IFF_TUN if IP_ONLY else IFF_TAP
fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), mode | IFF_NO_PI))
for command in (f"ip link set {name} mtu 1400 up", f"ip address add {INNER}/24 dev {name}"):
    subprocess.run(command.split(), check=True)


class Gre:
    header = struct.pack(">HHI", 0x2000, 0x0800, 77)

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, 47)
        self.socket.bind((LOCAL, 0))

    def send(self, packet):
        self.socket.sendto(self.header + packet, (REMOTE, 0))

    def receive(self):
        packet = self.socket.recv(65536)
        return packet[(packet[0] & 15) * 4 + len(self.header):]


class Geneve:
    header = struct.pack(">BBHI", 1, 0, 0x6558, 77 << 8)
    option = struct.pack(">HBB", 0x0103, 0x01, 0)  # one experimental option without a body

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((LOCAL, 6081))

    def send(self, packet):
        self.socket.sendto(self.header + self.option + packet, (REMOTE, 6081))

    def receive(self):
        packet = self.socket.recv(65536)
        return packet[8 + (packet[0] & 0x3F) * 4:]


class Gtp:
    port = 2152
    extension = bytes([1, 0x10, 9, 0])  # a PDU session container of one word; no other follows

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((LOCAL, self.port))
        self.number = 0

    def wrap(self, packet):
        after = struct.pack(">HBB", self.number, 0, 0x85) + self.extension + packet
        return struct.pack(">BBHI", 0x36, 255, len(after), 77) + after

    def send(self, packet):
        self.number += 1
        self.socket.sendto(self.wrap(packet), (REMOTE, self.port))

    def receive(self):
        return self.socket.recv(65536)[16:]


class L2tp(Gtp):
    port = 1701

    def wrap(self, packet):
        header = struct.pack(">HHHH", 0x4002, len(packet) + 12, 5, 6) + bytes([0xFF, 3, 0, 0x21])
        return header + packet

    def receive(self):
        return self.socket.recv(65536)[12:]


class Trunk:
    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((UNDERLAY, 3))

    def send(self, packet):
        self.socket.send(packet[:12] + TAGS[KIND] + packet[12:])

    def receive(self):
        packet, (_, _, direction, *_) = self.socket.recvfrom(65536)
        while packet[12:14] in (b"\x81\x00", b"\x88\xa8"):  # the kernel has taken the outer tag already
            packet = packet[:12] + packet[16:]
        return None if direction == OUTGOING else packet


class Bad:
    """Spoils what goes out; TCP has to mend it."""

    def __init__(self, carrier):
        self.carrier, self.socket, self.receive = carrier, carrier.socket, carrier.receive
        self.count, self.held = 0, None

    def send(self, packet):
        self.count += 1
        if len(packet) > 100 and self.count % 9 == 0:
            return
        if len(packet) > 100 and self.count % 5 == 0 and not self.held:
            self.held = packet
            return
        self.carrier.send(packet)
        if self.held:
            self.carrier.send(self.held)
            self.held = None


carrier = {"gre": Gre, "geneve": Geneve, "gtp": Gtp, "l2tp": L2tp}.get(KIND, Trunk)()
if BAD:
    carrier = Bad(carrier)
selector = selectors.DefaultSelector()
selector.register(device, selectors.EVENT_READ, lambda: carrier.send(device.read(65536)))
selector.register(carrier.socket, selectors.EVENT_READ, lambda: (p := carrier.receive()) and device.write(p))
while True:
    for key, _ in selector.select():
        key.data()
