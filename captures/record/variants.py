"""Makes damaged or converted copies of recorded captures. See captures/README.md."""

import shutil
import struct
import subprocess
import zlib

from harness import APPLOGS, CAPTURES


def read(path):
    """Records [(seconds, microseconds, original length, bytes)] and the global header of a little-endian pcap."""
    data = open(path, "rb").read()
    assert data[:4] == b"\xd4\xc3\xb2\xa1", path
    records, at = [], 24
    while at < len(data):
        seconds, micro, kept, whole = struct.unpack_from("<IIII", data, at)
        records.append((seconds, micro, whole, data[at + 16:at + 16 + kept]))
        at += 16 + kept
    return data[:24], records


def write(path, header, records, order="<"):
    with open(path, "wb") as file:
        file.write(header)
        for seconds, micro, whole, data in records:
            file.write(struct.pack(order + "IIII", seconds, micro, len(data), whole) + data)


def big_endian(source, target):
    header, records = read(source)
    write(target, struct.pack(">IHHIIII", *struct.unpack("<IHHIIII", header)), records, ">")


def parse(record):
    """(sender's port, sequence number, payload's offset, payload) of an Ethernet/IPv4/TCP record."""
    data = record[3]
    ip = 14
    tcp = ip + (data[ip] & 15) * 4
    port, sequence = struct.unpack_from(">HxxI", data, tcp)
    at = tcp + (data[tcp + 12] >> 4) * 4
    return port, sequence, at, data[at:ip + int.from_bytes(data[ip + 2:ip + 4], "big")]


def frames(records, port=None, not_port=None):
    """Indexes of the records with WebSocket bytes (payload after the handshake) of one sender, or of both."""
    out, heads = [], set()
    for i, record in enumerate(records):
        sender, _, _, payload = parse(record)
        if payload and sender not in heads:
            heads.add(sender)
        elif payload and port in (None, sender) and not_port != sender:
            out.append(i)
    return out


def in_order(records):
    """The same records with their times sorted, as if they had arrived in this order."""
    times = sorted(r[:2] for r in records)
    return [time + r[2:] for time, r in zip(times, records)]


def lost(source, target, choose):
    header, records = read(CAPTURES / f"{source}.pcap")
    gone = set(choose(records))
    print(f"{target}: without packets {sorted(i + 1 for i in gone)} of {source}")
    write(CAPTURES / f"{target}.pcap", header, [r for i, r in enumerate(records) if i not in gone])


def late(source, skipped):
    """All from the given WebSocket-carrying packet on: no SYN, no handshake."""
    header, records = read(CAPTURES / f"{source}.pcap")
    start = frames(records)[skipped]
    print(f"{source}-late: from packet {start + 1} of {source}")
    write(CAPTURES / f"{source}-late.pcap", header, records[start:])


def cut(name, off):
    data = (CAPTURES / name).read_bytes()
    stem, _, suffix = name.partition(".")
    (CAPTURES / f"{stem}-cut.{suffix}").write_bytes(data[:-off])


def reordered(source):
    """Wherever two packets with frames of one sender follow each other, the second comes first. No acknowledgement is overtaken."""
    header, records = read(CAPTURES / f"{source}.pcap")
    known, out, i, count = set(frames(records)), [], 0, 0
    while i < len(records):
        pair = i in known and i + 1 in known and parse(records[i])[0] == parse(records[i + 1])[0]
        out += [records[i + 1], records[i]] if pair else [records[i]]
        i += 2 if pair else 1
        count += pair
    print(f"{source}-reordered: {count} pairs")
    write(CAPTURES / f"{source}-reordered.pcap", header, in_order(out))


def overtaken(source):
    """Every third packet with frames comes three places later: acknowledgements overtake the data, as in a capture from several queues."""
    header, records = read(CAPTURES / f"{source}.pcap")
    order = list(range(len(records)))
    for i in frames(records)[1::3]:
        at = order.index(i)
        order.insert(at + 3, order.pop(at))
    write(CAPTURES / f"{source}-reordered2.pcap", header, in_order([records[i] for i in order]))


def recut(source):
    """After two following segments of one sender comes a retransmission from the middle of the first to the end of the second."""
    header, records = read(CAPTURES / f"{source}.pcap")
    out, last, count = [], {}, 0
    known = set(frames(records))
    for i, record in enumerate(records):
        out.append(record)
        if i not in known:
            continue
        port, sequence, at, payload = parse(record)
        before = last.get(port)
        if before and before[0] + len(before[1]) == sequence:
            half = len(before[1]) // 2
            joined = before[1][half:] + payload
            head = bytearray(record[3][:at])
            struct.pack_into(">H", head, 16, at - 14 + len(joined))
            struct.pack_into(">I", head, 14 + (head[14] & 15) * 4 + 4, (before[0] + half) & 0xFFFFFFFF)
            data = bytes(head) + joined
            out.append((record[0], record[1], len(data), data))
            last.pop(port)
            count += 1
        else:
            last[port] = (sequence, payload)
    print(f"{source}-dup: {count} retransmissions with other cuts")
    write(CAPTURES / f"{source}-dup.pcap", header, in_order(out))


def on_the_air(source, target):
    """Each Ethernet frame as an 802.11 data frame behind radiotap: from a station to its access point, or back."""
    header, records = read(CAPTURES / f"{source}.pcap")
    station, access_point, out = None, bytes.fromhex("020000000009"), []
    for number, (seconds, micro, _, frame) in enumerate(records):
        to, by, kind, packet = frame[:6], frame[6:12], frame[12:14], frame[14:]
        port = parse(records[number])[0]
        station = station or port
        upwards = port == station
        # Timer, flags (a frame check sequence is at the end), rate.
        radio = struct.pack("<BBHIQBB", 0, 0, 18, 0b111, micro, 0x10, 12)
        addresses = access_point + by + to if upwards else to + access_point + by
        # Data with quality of service: duration, addresses, sequence number, priority 0.
        frame = bytes([0x88, 1 if upwards else 2, 0, 0]) + addresses + struct.pack("<HH", number << 4, 0)
        frame += bytes([0xAA, 0xAA, 3, 0, 0, 0]) + kind + packet
        data = radio + frame + struct.pack("<I", zlib.crc32(frame))
        out.append((seconds, micro, len(data), data))
    write(CAPTURES / f"{target}.pcap", header[:20] + struct.pack("<I", 127), out)
    shutil.copy(APPLOGS / f"{source}.jsonl", APPLOGS / f"{target}.jsonl")


def of_apple(source, target):
    """The same behind Apple's per-packet information."""
    header, records = read(CAPTURES / f"{source}.pcap")
    out = []
    for seconds, micro, _, frame in records:
        # Length, a packet follows, Ethernet, interface, flags, address family, link header's and trailer's length, process.
        data = struct.pack("<III24sIIIIi20s", 108, 1, 1, b"en0", 1, 2, 14, 0, 4242, b"node").ljust(108, b"\0") + frame
        out.append((seconds, micro, len(data), data))
    write(CAPTURES / f"{target}.pcap", header[:20] + struct.pack("<I", 258), out)
    shutil.copy(APPLOGS / f"{source}.jsonl", APPLOGS / f"{target}.jsonl")


def tool(*command):
    subprocess.run([str(c) for c in command], check=True)


def main():
    server = lambda *which: lambda records: [frames(records, port=8080)[n] for n in which]
    client = lambda *which: lambda records: [frames(records, not_port=8080)[n] for n in which]
    middle = lambda records, **who: [i for i in frames(records, **who) if parse(records[i])[3][0] == 0]  # neither first nor last fragment
    lost("ws-takeover", "ws-takeover-lost", server(3))
    lost("ws-takeover", "ws-takeover-lost2", lambda r: server(5)(r) + client(1, 2)(r))
    lost("ws-no-takeover", "ws-no-takeover-lost", lambda r: server(3)(r) + client(2)(r))
    lost("ws-window-8", "ws-window-8-lost", server(2))
    lost("websockets-windows", "websockets-windows-lost", lambda r: server(4)(r) + client(1)(r))
    lost("ws-fragments", "ws-fragments-lost", lambda r: middle(r, port=8080)[1:2] + middle(r, not_port=8080)[3:4])
    lost("vxlan-fragments", "vxlan-fragments-lost", lambda records: [
        [i for i, r in enumerate(records) if len(r[3]) > 800][4]])
    late("ws-takeover", 6)
    late("ws-server-no-takeover", 6)
    late("ws-window-8", 6)
    cut("ws-takeover.pcap", 700)
    cut("demo.pcapng", 2500)
    tool("editcap", "-F", "pcap", "-s", "160", CAPTURES / "ws-fragments.pcap", CAPTURES / "ws-fragments-snap.pcap")
    reordered("ws-fragments")
    overtaken("ws-fragments")
    tool("mergecap", "-F", "pcap", "-w", CAPTURES / "ws-takeover-dup.pcap",
         CAPTURES / "ws-takeover.pcap", CAPTURES / "ws-takeover.pcap")
    recut("ws-fragments")
    on_the_air("ws-windows-9-15", "radiotap")
    of_apple("ws-no-takeover", "pktap")


if __name__ == "__main__":
    main()
