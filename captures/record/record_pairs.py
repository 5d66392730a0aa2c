"""Recordings of further pairs of libraries and settings, to hold findings against well-behaved peers."""

from content import dialogue, document, fragments, noise, ping, send, sleep, talk, ticker
from harness import CAPTURES, capture, talk_to, write_log
from record import recording, spec

NOT = None
THRESHOLD = {"perMessageDeflate": {"threshold": 0}}
RESETS = {"perMessageDeflate": {"threshold": 0, "serverNoContextTakeover": True, "clientNoContextTakeover": True}}
SMALL = {"perMessageDeflate": {"threshold": 0, "serverMaxWindowBits": 10}}

# name: (server, its options, client, its options)
PAIRS = {
    "pair-tornado-websockets": ("tornado", {}, "websockets", NOT),
    "pair-tornado-aiohttp": ("tornado", {}, "aiohttp", {"compress": 15}),
    "pair-tornado-plain": ("tornado", NOT, "tornado", NOT),
    "pair-aiohttp-websockets": ("aiohttp", NOT, "websockets", {"deflate": {"client_no_context_takeover": True}}),
    "pair-aiohttp-tornado": ("aiohttp", NOT, "tornado", {}),
    "pair-websockets-tornado": ("websockets", NOT, "tornado", {}),
    "pair-websockets-bun": ("websockets", NOT, "bun", NOT),
    "pair-websockets-undici": ("websockets", NOT, "undici", NOT),
    "pair-websockets-plain": ("websockets", {"deflate": None}, "websockets", {"deflate": None}),
    "pair-bun-websockets": ("bun", True, "websockets", NOT),
    "pair-bun-aiohttp": ("bun", {"compress": "dedicated", "decompress": "dedicated"}, "aiohttp", {"compress": 15}),
    "pair-faye-ws": ("faye", NOT, "ws", THRESHOLD),
    "pair-faye-websockets": ("faye", NOT, "websockets", NOT),
    "pair-ws-faye": ("ws", RESETS, "faye", NOT),
    "pair-ws-tornado": ("ws", SMALL, "tornado", {}),
    "pair-ws-aiohttp-window-9": ("ws", THRESHOLD, "aiohttp", {"compress": 9}),
}


def pair(name, server, server_options, client, client_options, script):
    served, asked = spec({"/pair": script}, port=8093, server=server_options, client=client_options)
    if client == "undici":
        client = "ws"
        asked["connections"][0]["undici"] = True
    with capture(CAPTURES / f"{name}.pcap", "tcp port 8093"):
        events = talk_to((server, served), [(client, asked)])
    write_log(name, events)


for _seed, (_name, _pair) in enumerate(PAIRS.items()):
    def _record(name=_name, pair_of=_pair, seed=_seed):
        pair(name, *pair_of, talk(3, 200 + seed))
    _record.__name__ = _name
    recording(_record)


@recording
def pair_pings_and_fragments():
    """Pings and pongs both ways, fragments, a pause of seconds, a server that closes."""
    ticks = ticker(6, 230)
    turns = [("server", ping("are you there")), ("server", send(ticks[0])), ("client", ping("")), ("client", send(ticks[1])),
             ("client", fragments(document(2000, 231), 4, ping_between="between")), ("server", sleep(2500)),
             ("server", send(ticks[2])), ("client", send(noise(900, 232), compress=False))]
    pair("pair-pings-and-fragments", "ws", THRESHOLD, "ws", THRESHOLD, dialogue(turns, closer="server"))
