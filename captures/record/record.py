"""Records the captures: `record.py` all of them, `record.py NAME...` some. See captures/README.md."""

import json
import random
import sys
import tempfile

from content import *
from harness import CAPTURES, capture, run, talk_to, write_log

RECORDINGS = {}
TEMP = tempfile.mkdtemp(prefix="wsrec-")


def recording(function):
    RECORDINGS[function.__name__.replace("_", "-")] = function
    return function


def spec(scripts, host="127.0.0.1", port=8080, server=None, client=None, **more):
    """(server's spec, client's spec) for {path: {"client": script, "server": script}}."""
    url = f"ws://[{host}]:{port}" if ":" in host else f"ws://{host}:{port}"
    one = {"url": url}
    if client is not None:
        one["options"] = client
    served = {"host": host, "port": port, "scripts": {p: s["server"] for p, s in scripts.items()}, **more}
    if server is not None:
        served["options"] = server
    return served, {"connections": [{**one, "path": p, "script": s["client"]} for p, s in scripts.items()]}


def plain(name, server_kind, client_kind, scripts, target=None, interface="lo", arguments=(), **options):
    """One server, one client process, one connection per path, captured on the loopback interface."""
    served, asked = spec(scripts, **options)
    target = target or CAPTURES / f"{name}.pcap"
    with capture(target, f"tcp port {served['port']}", interface, arguments):
        events = talk_to((server_kind, served), [(client_kind, asked)])
    write_log(name, events)


# The demo

@recording
def demo():
    ticks, lines = ticker(14, 11), chat(10, 12)
    turns = [("client", send(dumps({"type": "subscribe", "channels": ["ticker", "chat"], "token": "demo"}))),
             ("server", send(dumps({"type": "subscribed", "channels": ["ticker", "chat"], "history": 30})))]
    for i, tick in enumerate(ticks):
        turns.append(("server", send(tick)))
        if i < len(lines):
            turns.append(("client" if i % 2 else "server", send(lines[i])))
        if i == 5:
            turns += [("client", ping("still there?")), ("client", send(dumps({"type": "get", "what": "book"}))),
                      ("server", send(order_book(80, 13)))]
        if i == 9:
            turns += [("client", send(binary(600, 14))), ("server", send(document(4000, 15)))]
    turns += [("client", send(document(2500, 16))), ("server", send(order_book(80, 13))),
              ("client", send(dumps({"type": "unsubscribe", "channels": ["ticker", "chat"]}))),
              ("server", send(dumps({"type": "unsubscribed", "channels": []})))]
    rng = random.Random(17)  # and the pace of people typing
    turns = [step for turn in turns for step in ((turn[0], sleep(rng.randrange(10, 120))), turn)]
    bare = dialogue([("server", send(t)) for t in ticker(6, 11)] + [("client", send(chat(1, 12)[0]))])
    served, asked = spec({"/feed": dialogue(turns), "/feed?deflate=off": bare},
                         server={"perMessageDeflate": {"threshold": 0}}, client={"perMessageDeflate": {"threshold": 0}})
    asked["connections"][1]["options"] = {"perMessageDeflate": False}
    asked["connections"].append({"url": "ws://127.0.0.1:8080", "path": "/admin", "refused": True})
    served["refuse"] = {"/admin": {"status": 403, "body": "admins only\n"}}
    raw = f"{TEMP}/demo.pcap"
    with capture(raw, "tcp port 8080"):
        events = talk_to(("ws", served), [("ws", asked)])
    run("editcap", "-F", "pcapng", raw, CAPTURES / "demo.pcapng")
    write_log("demo", events)


# Python websockets

@recording
def websockets_default():
    plain("websockets-default", "websockets", "websockets", {"/ticker": talk(12, 21)})


@recording
def websockets_windows():
    server = {"deflate": {"server_no_context_takeover": True, "server_max_window_bits": 12,
                          "client_max_window_bits": 10}}
    plain("websockets-windows", "websockets", "websockets", {"/ticker": talk(12, 22)}, server=server)


@recording
def websockets_fragments():
    lines = chat(6, 23)
    turns = [("client", send(lines[0])),
             ("client", fragments(document(3000, 24), 5, ping_between="p1")),
             ("server", fragments(order_book(40, 25), 4, ping_between="p2")),
             ("server", fragments(binary(2000, 26), 3)),
             ("client", fragments(document(2400, 24), 2, ping_between="")),
             ("server", send(lines[1]))]
    plain("websockets-fragments", "websockets", "websockets", {"/parts": dialogue(turns)})


# aiohttp

@recording
def aiohttp_both():
    plain("aiohttp-both", "aiohttp", "aiohttp", {"/ticker": talk(12, 31)}, client={"compress": 15})


@recording
def aiohttp_window_11():
    plain("aiohttp-window-11", "aiohttp", "aiohttp", {"/ticker": talk(12, 32)}, client={"compress": 11})


@recording
def aiohttp_server_ws_client():
    plain("aiohttp-server-ws-client", "aiohttp", "ws", {"/ticker": talk(12, 33)},
          client={"perMessageDeflate": {"threshold": 0}})


# Node ws

def node(name, server, client=None, scripts=None, **options):
    plain(name, "ws", "ws", scripts or {"/ticker": talk(10, len(name))},
          server={"perMessageDeflate": {"threshold": 0, **server}},
          client={"perMessageDeflate": {"threshold": 0, **(client or {})}}, **options)


@recording
def ws_takeover():
    with capture(CAPTURES / "ws-takeover-snap.pcap", "tcp port 8080", arguments=("-s", "96")):  # the same packets, cut
        node("ws-takeover", {})


@recording
def ws_no_takeover():
    node("ws-no-takeover", {"serverNoContextTakeover": True, "clientNoContextTakeover": True})


@recording
def ws_server_no_takeover():
    node("ws-server-no-takeover", {"serverNoContextTakeover": True})


@recording
def ws_client_no_takeover():
    node("ws-client-no-takeover", {"clientNoContextTakeover": True})


@recording
def ws_windows_9_15():
    node("ws-windows-9-15", {"serverMaxWindowBits": 9, "clientMaxWindowBits": 15})


@recording
def ws_window_8():
    node("ws-window-8", {"serverMaxWindowBits": 8, "clientMaxWindowBits": 8})


@recording
def ws_mixed():
    turns = [("client", ping("first")), ("server", sleep(20))]
    for i, tick in enumerate(ticker(12, 41)):
        side = "client" if i % 3 == 1 else "server"
        turns.append((side, send(tick, compress=i % 2 == 1)))
    turns += [("client", fragments(binary(700, 42), 3)), ("client", fragments(binary(700, 43), 3, compress=False)),
              ("server", send("")), ("server", send("", compress=False)), ("server", send(b""))]
    node("ws-mixed", {}, scripts={"/mixed": dialogue(turns)})


@recording
def ws_threshold():
    """Threshold 150 in both; ws heeds it only where the sender keeps no window."""
    turns = []
    for i, (short, long) in enumerate(zip(chat(8, 44), ticker(8, 44))):
        turns.append(("server" if i % 2 else "client", send(short)))
        turns.append(("server" if i % 2 else "client", send(long)))
    plain("ws-threshold", "ws", "ws", {"/threshold": dialogue(turns)},
          server={"perMessageDeflate": {"threshold": 150, "serverNoContextTakeover": True,
                                        "clientNoContextTakeover": True}},
          client={"perMessageDeflate": {"threshold": 150}})


@recording
def ws_fragments():
    """Both sides fragment at once, pings in between, compressed and plain."""
    both = {}
    for side, seed in (("client", 45), ("server", 46)):
        both[side] = [send(chat(1, seed)[0]),
                      fragments(document(4000, seed), 8, ping_between=f"{side} one"),
                      fragments(binary(1500, seed), 3, ping_between=""),
                      fragments(document(1200, seed), 4, compress=False, ping_between=f"{side} two"),
                      send(chat(2, seed)[1]), wait(5)]
    both["client"].append(close(1000, "done"))
    node("ws-fragments", {}, scripts={"/parts": both})


@recording
def ws_no_deflate():
    plain("ws-no-deflate", "ws", "ws", {"/ticker": talk(6, 47)}, client={"perMessageDeflate": True})


@recording
def undici_client():
    served, asked = spec({"/ticker": talk(10, 48)}, server={"perMessageDeflate": {"threshold": 0}})
    asked["connections"][0]["undici"] = True
    with capture(CAPTURES / "undici-client.pcap", "tcp port 8080"):
        events = talk_to(("ws", served), [("ws", asked)])
    write_log("undici-client", events)


@recording
def large():
    turns = [("client", send(document(200_000, 51))), ("server", send(chat(1, 52)[0])),
             ("client", send(noise(70_000, 53), compress=False)), ("server", send(chat(2, 52)[1])),
             ("client", send(document(200_000, 51)[:66_000])), ("server", send(document(3000, 51)))]
    node("large", {}, scripts={"/large": dialogue(turns)})


# Others

@recording
def faye():
    plain("faye", "faye", "faye", {"/ticker": talk(10, 61)})


@recording
def socketio():
    scripts = {"/socket.io": {"server": [send(t) for t in ticker(8, 68)] + [send(order_book(30, 68))],
                              "client": [send(line) for line in chat(4, 68)] + [send(binary(400, 68))]}}
    plain("socketio", "socketio", "socketio", scripts)


@recording
def tornado():
    plain("tornado", "tornado", "tornado", {"/ticker": talk(10, 62)}, server={}, client={})


@recording
def bfinal():
    """pywebsocket3 ends every DEFLATE stream of its own with BFINAL=1 and starts the next with an empty window."""
    script = [("server", send(t, bfinal=True)) for t in ticker(6, 66)] + [("client", send(chat(1, 66)[0]))]
    script += [("server", send(order_book(40, 66), bfinal=True)), ("client", send(binary(500, 66)))]
    plain("bfinal", "pywebsocket", "ws", {"/socket": dialogue(script)}, client={"perMessageDeflate": {"threshold": 0}})


@recording
def bfinal_mixed():
    """BFINAL=1 now and then: messages after it copy from one another, over a window that began anew."""
    turns = [("server", send(t, bfinal=i in (3, 4, 8))) for i, t in enumerate(ticker(12, 67))]
    turns += [("server", fragments(order_book(40, 67), 4)), ("client", send(chat(1, 67)[0])),
              ("server", send("", bfinal=True)), ("server", send(chat(2, 67)[1]))]
    plain("bfinal-mixed", "pywebsocket", "ws", {"/socket": dialogue(turns)}, client={"perMessageDeflate": {"threshold": 0}})


@recording
def bun_shared():
    plain("bun-shared", "bun", "ws", {"/ticker": talk(10, 63)}, server=True)


@recording
def bun_dedicated():
    plain("bun-dedicated", "bun", "ws", {"/ticker": talk(10, 64)}, server={"compress": "dedicated", "decompress": "dedicated"})


@recording
def bun_client():
    plain("bun-client", "ws", "bun", {"/ticker": talk(10, 65)}, server={"perMessageDeflate": {"threshold": 0}})


if __name__ == "__main__":
    sys.modules["record"] = sys.modules["__main__"]
    import record_tune  # noqa: F401  senders with known settings
    import record_more  # noqa: F401  the recordings that need more than loopback
    import record_pairs  # noqa: F401  further pairs of libraries and settings
    failed = []
    for name in sys.argv[1:] or RECORDINGS:
        try:
            RECORDINGS[name]()
        except Exception as error:
            failed.append(name)
            print(f"{name}: FAILED: {error!r}", file=sys.stderr)
    sys.exit(bool(failed))
