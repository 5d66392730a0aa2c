"""Recordings of senders whose settings are known to the last one, for `wscope tune`. Registered by record.py.

Three connections each: small JSON that resembles itself, documents, and bytes that were compressed already.
`ws-stock` is Node `ws` on a Node that links the system's stock zlib, as Debian's package does; the Node of nodejs.org
has Chromium's zlib, which makes other sizes. WSREC_NODE_STOCK names its executable.
"""

import gzip

from content import *
from record import plain, recording


def packed(size, seed):
    """A gzip file of about `size` bytes, without a time in it."""
    return gzip.compress(document(size * 4, seed).encode(), mtime=0)


def kinds(seed):
    feed, lines = ticker(70, seed), chat(24, seed + 1)
    turns = []
    for i, tick in enumerate(feed):
        turns.append(("server", send(tick)))
        if i % 3 == 0:
            turns.append(("client", send(lines[i // 3])))
    documents = []
    for i, size in enumerate((9_000, 14_000, 6_000)):
        documents += [("server", send(document(size, seed + i))), ("client", send(order_book(60 + 40 * i, seed + i)))]
    documents.append(("server", fragments(document(8_000, seed + 9), 3)))
    binaries = []
    for i in range(3):
        binaries += [("server", send(packed(4_000, seed + i))), ("client", send(noise(3_000, seed + i)))]
    return {"/feed": dialogue(turns), "/documents": dialogue(documents), "/binary": dialogue(binaries)}


def node(name, kind, server, client, seed):
    plain(name, kind, kind, kinds(seed), server={"perMessageDeflate": server}, client={"perMessageDeflate": client})


@recording
def tune_websockets():
    """Both keep their windows."""
    server = {"server_max_window_bits": 11, "client_max_window_bits": 12, "compress_settings": {"memLevel": 4}}
    client = {"client_max_window_bits": 12, "compress_settings": {"memLevel": 2, "level": 9}}
    plain("tune-websockets", "websockets", "websockets", kinds(81), server={"deflate": server},
          client={"deflate": client})


@recording
def tune_websockets_reset():
    """Both begin each message anew."""
    server = {"server_no_context_takeover": True, "client_no_context_takeover": True,
              "compress_settings": {"memLevel": 9, "level": 1}}
    client = {"client_no_context_takeover": True, "client_max_window_bits": 9, "compress_settings": {"memLevel": 1}}
    plain("tune-websockets-reset", "websockets", "websockets", kinds(82), server={"deflate": server},
          client={"deflate": client})


@recording
def tune_ws():
    """Both keep their windows, so that ws heeds no threshold."""
    node("tune-ws", "ws-stock",
         {"serverMaxWindowBits": 13, "zlibDeflateOptions": {"memLevel": 7, "level": 4}},
         {"clientMaxWindowBits": 10, "zlibDeflateOptions": {"memLevel": 3}}, 83)


@recording
def tune_ws_threshold():
    """Both begin each message anew and send short ones plain."""
    node("tune-ws-threshold", "ws-stock",
         {"serverNoContextTakeover": True, "threshold": 128, "zlibDeflateOptions": {"memLevel": 8}},
         {"clientNoContextTakeover": True, "threshold": 512, "zlibDeflateOptions": {"memLevel": 5}}, 84)


@recording
def tune_ws_chromium():
    """The same settings as zlib's defaults, from a Node with Chromium's zlib."""
    node("tune-ws-chromium", "ws", {"threshold": 0}, {"threshold": 0}, 85)
