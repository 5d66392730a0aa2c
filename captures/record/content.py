"""Seeded, realistic payloads: the same on every run."""

import base64
import json
import random

SYMBOLS = ["BTC-EUR", "ETH-EUR", "SOL-EUR", "ADA-EUR"]
USERS = ["otter", "heron", "lynx", "wren", "fox"]
LINES = [
    "good morning, is the new build on staging yet?",
    "yes, since ten minutes; the sockets look calm",
    "I see one reconnect per client, is that expected?",
    "it is: the load balancer drained the old pods ☕",
    "the ping interval is 20 s now, was 60 s before",
    "nice, then the idle timeouts should be gone",
    "can someone look at the order book? the spread looks odd",
    "on it — the feed skipped a sequence number",
    "found it, two publishers with the same id. Größe stimmt wieder",
    "thanks! lunch? 寿司はどう？",
]
WORDS = (
    "the window slides over what was sent and each copy points back to an earlier "
    "place so that a message costs few bytes when it looks like the last one did "
    "history packet stream offset length distance literal block header buffer peer"
).split()


def dumps(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def ticker(count, seed=1):
    rng = random.Random(seed)
    price = {s: 100 * 10 ** (3 - i) * 0.61 for i, s in enumerate(SYMBOLS)}
    out = []
    for i in range(count):
        symbol = SYMBOLS[i % len(SYMBOLS)]
        price[symbol] *= 1 + rng.uniform(-0.001, 0.001)
        out.append(dumps({
            "type": "ticker", "sequence": 41_000 + i, "product_id": symbol,
            "price": f"{price[symbol]:.2f}", "bid": f"{price[symbol] * 0.9999:.2f}",
            "ask": f"{price[symbol] * 1.0001:.2f}", "volume_24h": f"{rng.uniform(10, 9000):.4f}",
            "time": f"2024-05-01T09:{30 + i // 60:02d}:{i % 60:02d}.{rng.randrange(1000):03d}Z",
        }))
    return out


def chat(count, seed=2):
    rng = random.Random(seed)
    return [dumps({
        "type": "chat", "room": "ops", "id": 700 + i, "from": rng.choice(USERS),
        "text": LINES[i % len(LINES)], "reply_to": 700 + i - 1 if i else None,
    }) for i in range(count)]


def order_book(levels, seed=3):
    rng = random.Random(seed)
    side = lambda sign: [[f"{61000 + sign * i * 0.5:.2f}", f"{rng.uniform(0.001, 4):.6f}",
                          rng.randrange(1, 9)] for i in range(1, levels + 1)]
    return dumps({"type": "snapshot", "product_id": "BTC-EUR", "bids": side(-1), "asks": side(1)})


def document(size, seed=4):
    """Prose-like text of exactly `size` bytes: compresses well, never repeats exactly."""
    rng = random.Random(seed)
    text = []
    length = 0
    while length < size:
        sentence = " ".join(rng.choice(WORDS) for _ in range(rng.randrange(5, 16)))
        text.append(sentence.capitalize() + ".\n")
        length += len(text[-1])
    return "".join(text)[:size]


def binary(size, seed=5):
    """Samples of a slow wave with noise, little-endian 16 bit: half compressible."""
    rng = random.Random(seed)
    value, out = 0, bytearray()
    while len(out) < size:
        value = max(-32768, min(32767, value + rng.randrange(-40, 41)))
        out += value.to_bytes(2, "little", signed=True)
    return bytes(out[:size])


def noise(size, seed=6):
    return random.Random(seed).randbytes(size)


# Steps of a peer's script (see harness.py): one dict each.

def b64(data):
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def send(data, **options):
    op = "text" if isinstance(data, str) else "binary"
    return {"do": "send", "op": op, "data": b64(data), **options}


def fragments(data, count, **options):
    """One message in `count` frames; cut by bytes, so UTF-8 sequences may be split for binary only."""
    if "ping_between" in options:
        options["ping_between"] = b64(options["ping_between"])
    step = -(-len(data) // count)
    parts = [b64(data[i:i + step]) for i in range(0, len(data), step)]
    return {**send(data, **options), "parts": parts}


def ping(data=""):
    return {"do": "ping", "data": b64(data)}


def wait(count):
    """Until `count` data messages have been received on this connection."""
    return {"do": "wait", "count": count}


def sleep(ms):
    return {"do": "sleep", "ms": ms}


def close(code=1000, reason=""):
    return {"do": "close", "code": code, "reason": reason}


def dialogue(turns, closing=close(1000, "bye"), closer="client"):
    """Scripts for both sides from [(side, step)]: who speaks waits for what was said before."""
    scripts = {"client": [], "server": []}
    said = {"client": 0, "server": 0}
    heard = {"client": 0, "server": 0}
    for side, step in turns + [(closer, closing)]:
        other = "server" if side == "client" else "client"
        if heard[side] < said[other]:
            heard[side] = said[other]
            scripts[side].append(wait(said[other]))
        if step["do"] == "send":
            said[side] += 1
        scripts[side].append(step)
    return scripts


def talk(count, seed=1, **options):
    """`count` ticker messages from the server, each second one answered by chat, and three documents."""
    turns = []
    lines = chat(count, seed + 1)
    for i, tick in enumerate(ticker(count, seed)):
        turns.append(("server", send(tick, **options)))
        if i % 2:
            turns.append(("client", send(lines[i], **options)))
    turns.append(("client", send(document(3000, seed), **options)))
    turns.append(("server", send(order_book(60, seed), **options)))
    turns.append(("client", send(binary(900, seed), **options)))
    turns.append(("server", send(ticker(count + 1, seed)[-1], **options)))
    turns.append(("client", send(lines[0], **options)))
    return dialogue(turns)
