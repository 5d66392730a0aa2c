"""The recordings that need more than two peers on the loopback interface."""

import contextlib
import os

from content import *
from harness import CAPTURES, HERE, TOOLS, capture, in_namespace, process, run, talk_to, write_log
from record import TEMP, plain, recording, spec

A, B = "wsrec-a", "wsrec-b"
PYTHON = f"{TOOLS}/venv/bin/python"
DEFLATE = {"perMessageDeflate": {"threshold": 0}}


# In front of a server

NGINX = """
worker_processes 1; pid {temp}/nginx.pid; error_log {temp}/nginx.log;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {temp}; proxy_temp_path {temp}; fastcgi_temp_path {temp};
  uwsgi_temp_path {temp}; scgi_temp_path {temp}; server_tokens off;
  server {{
    listen 127.0.0.1:8081;
    location / {{
      proxy_pass http://127.0.0.1:8080; proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_set_header Host $host;
      {more}
    }}
  }}
}}
"""


def nginx(name, more, scripts=None, client_fails=False):
    config = f"{TEMP}/nginx.conf"
    with open(config, "w") as file:
        file.write(NGINX.format(temp=TEMP, more=more))
    served, asked = spec(scripts or {"/ticker": talk(10, 71)}, server=DEFLATE, client=DEFLATE)
    for one in asked["connections"]:
        one["url"] = "ws://127.0.0.1:8081"
    with process("nginx", "-c", config, "-g", "daemon off;"):
        with capture(CAPTURES / f"{name}.pcap", "tcp port 8080 or tcp port 8081"):
            events = talk_to(("ws", served), [("ws", asked)])
    if client_fails:  # nothing reached its application, so only the server's leg has a log
        events = [e for e in events if e["role"] == "server"]
    write_log(name, events, check=not client_fails)


@recording
def nginx_pass():
    nginx("nginx-pass", "")


@recording
def nginx_strip():
    nginx("nginx-strip", 'proxy_set_header Sec-WebSocket-Extensions "";')


@recording
def nginx_hidden_answer():
    """nginx passes the offer on but hides the answer: the server compresses, the client never agreed to it and fails."""
    scripts = {"/ticker": {"client": [], "server": [send(ticker(1, 70)[0])]}}
    nginx("nginx-hidden-answer", "proxy_hide_header Sec-WebSocket-Extensions;", scripts, client_fails=True)


@recording
def http2():
    plain("http2", "h2", "h2", {"/ticker": talk(8, 100)})


@recording
def chromium():
    scripts = {"/ticker": talk(10, 72), "/large": dialogue(
        [("client", send(document(20_000, 73))), ("client", send(binary(5000, 73))), ("server", send(order_book(100)))])}
    plain("chromium", "ws", "chromium", scripts, server=DEFLATE)


@recording
def connect_proxy():
    served, asked = spec({"/ticker": talk(8, 74)}, client={"proxy": "http://127.0.0.1:3128"})
    with process(PYTHON, HERE / "connect_proxy.py", 3128):
        with capture(CAPTURES / "connect-proxy.pcap", "tcp port 8080 or tcp port 3128"):
            events = talk_to(("websockets", served), [("websockets", asked)])
    write_log("connect-proxy", events)


# Handshakes

@recording
def after_get():
    """Plain requests on the connection before its upgrade: a body with a length, a chunked one."""
    served, asked = spec({"/after-get": talk(6, 75)})
    asked["connections"][0]["gets"] = ["/info", "/chunked", "/nowhere", "/info"]
    with capture(CAPTURES / "after-get.pcap", "tcp port 8080"):
        events = talk_to(("aiohttp", served), [("websockets", asked)])
    write_log("after-get", events)


@recording
def after_get_ws():
    served, asked = spec({"/after-get": talk(6, 76)}, server=DEFLATE, client=DEFLATE,
                         pages={"/info": dumps({"note": document(400)}), "/more": document(3000)})
    asked["connections"][0]["gets"] = ["/info", "/more", "/info"]
    with capture(CAPTURES / "after-get-ws.pcap", "tcp port 8080"):
        events = talk_to(("ws", served), [("ws", asked)])
    write_log("after-get-ws", events)


@recording
def refused():
    served, asked = spec({"/ticker": talk(2, 77)})
    served["refuse"] = {
        "/private": [401, "who are you?\n", ["WWW-Authenticate", 'Basic realm="ticker"']],
        "/admin": [403, "admins only\n"],
        "/old": [426, "version 13, please\n", ["Upgrade", "websocket"], ["Sec-WebSocket-Version", "13"]],
        "/nowhere": [404, "no such socket\n"],
        "/page": [200, "an ordinary page\n"],
        "/busy": [503, "later\n", ["Retry-After", "5"]],
    }
    asked["connections"] += [{"url": "ws://127.0.0.1:8080", "path": p, "refused": True, "script": []}
                             for p in served["refuse"]]
    with capture(CAPTURES / "refused.pcap", "tcp port 8080"):
        events = talk_to(("websockets", served), [("websockets", asked)])
    write_log("refused", events)


@recording
def graphql_ws():
    query = "subscription($symbol: String!) { price(symbol: $symbol) { symbol value at } }"
    turns = [("client", send(dumps({"type": "connection_init", "payload": {"locale": "de"}}))),
             ("server", send(dumps({"type": "connection_ack"})))]
    for i, symbol in enumerate(("BTC-EUR", "ETH-EUR")):
        turns.append(("client", send(dumps({"id": str(i), "type": "subscribe", "payload": {
            "query": query, "variables": {"symbol": symbol}}}))))
    for i, tick in enumerate(ticker(8, 78)):
        price = json.loads(tick)
        turns.append(("server", send(dumps({"id": str(i % 2), "type": "next", "payload": {"data": {"price": {
            "symbol": price["product_id"], "value": price["price"], "at": price["time"]}}}}))))
    turns += [("client", send(dumps({"id": "0", "type": "complete"}))),
              ("server", send(dumps({"id": "1", "type": "error", "payload": [{"message": "no such symbol"}]})))]
    plain("graphql-ws", "websockets", "websockets", {"/graphql": dialogue(turns)},
          server={"subprotocols": ["graphql-transport-ws"]},
          client={"subprotocols": ["graphql-transport-ws", "graphql-ws"]})


def stomp_frame(command, body="", **headers):
    lines = [command] + [f"{k.replace('_', '-')}:{v}" for k, v in headers.items()]
    return "\n".join(lines) + "\n\n" + body + "\0"


@recording
def stomp():
    turns = [("client", send(stomp_frame("CONNECT", accept_version="1.1,1.2", host="ticker", heart_beat="10000,10000"))),
             ("server", send(stomp_frame("CONNECTED", version="1.2", heart_beat="0,0", session="s-41"))),
             ("client", send(stomp_frame("SUBSCRIBE", id=0, destination="/topic/ticker", ack="client"))),
             ("client", send("\n"))]
    for i, tick in enumerate(ticker(6, 79)):
        turns.append(("server", send(stomp_frame(
            "MESSAGE", tick, subscription=0, message_id=i, destination="/topic/ticker",
            content_type="application/json", content_length=len(tick.encode())))))
    turns += [("client", send(stomp_frame("SEND", chat(4, 80)[3], destination="/topic/chat", note="a\\cb\\nc", receipt=7))),
              ("server", send(stomp_frame("RECEIPT", receipt_id=7))), ("server", send("\n")),
              ("client", send(stomp_frame("DISCONNECT", receipt=8))), ("server", send(stomp_frame("RECEIPT", receipt_id=8)))]
    plain("stomp", "websockets", "websockets", {"/stomp": dialogue(turns)},
          server={"subprotocols": ["v12.stomp"]}, client={"subprotocols": ["v12.stomp", "v11.stomp"]})


# TLS

def tls(name, version, messages):
    certificate, keylog = f"{TEMP}/server.pem", CAPTURES / f"{name}.keylog"
    keylog.unlink(missing_ok=True)
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", certificate, "-out", f"{TEMP}/c.pem")
    with open(certificate, "a") as file:
        file.write(open(f"{TEMP}/c.pem").read())
    served, asked = spec({"/ticker": talk(messages, 81)}, port=8443, certificate=certificate)
    asked["connections"][0] |= {"url": "wss://127.0.0.1:8443", "tls": {
        "certificate": f"{TEMP}/c.pem", "keylog": str(keylog), "version": version}}
    with capture(CAPTURES / f"{name}.pcap", "tcp port 8443"):
        events = talk_to(("websockets", served), [("websockets", asked)])
    write_log(name, events)
    run("editcap", "-F", "pcapng", "--inject-secrets", f"tls,{keylog}", CAPTURES / f"{name}.pcap",
        CAPTURES / f"{name}-dsb.pcapng")
    write_log(f"{name}-dsb", events)


@recording
def wss_tls13():
    tls("wss-tls13", "TLSv1_3", 10)


@recording
def wss_tls12():
    tls("wss-tls12", "TLSv1_2", 6)


# Link types and formats

@recording
def ipv6():
    plain("ipv6", "websockets", "ws", {"/ticker": talk(8, 82)}, host="::1", client=DEFLATE)


@recording
def any_sll2():
    plain("any-sll2", "websockets", "ws", {"/ticker": talk(8, 83)}, interface="any", client=DEFLATE)


@recording
def any_sll1():
    plain("any-sll1", "websockets", "ws", {"/ticker": talk(8, 84)}, interface="any", arguments=("-y", "LINUX_SLL"),
          client=DEFLATE)


@recording
def nanoseconds():
    plain("nanoseconds", "aiohttp", "ws", {"/ticker": talk(8, 85)}, arguments=("--time-stamp-precision=nano",),
          client=DEFLATE)


@recording
def big_endian():
    import variants
    raw = f"{TEMP}/little.pcap"
    plain("big-endian", "ws", "ws", {"/ticker": talk(8, 86)}, target=raw, server=DEFLATE, client=DEFLATE)
    variants.big_endian(raw, CAPTURES / "big-endian.pcap")


@recording
def gzipped():
    raw = f"{TEMP}/gzipped.pcap"
    plain("gzipped", "ws", "aiohttp", {"/ticker": talk(8, 87)}, target=raw, server=DEFLATE, client={"compress": 15})
    run("editcap", "-F", "pcapng", raw, f"{TEMP}/gzipped.pcapng")
    run("gzip", "-9", "-n", "-f", f"{TEMP}/gzipped.pcapng")
    run("cp", f"{TEMP}/gzipped.pcapng.gz", CAPTURES / "gzipped.pcapng.gz")


@recording
def zstandard():
    raw = f"{TEMP}/zstandard.pcap"
    plain("zstandard", "ws", "websockets", {"/ticker": talk(8, 88)}, target=raw, server=DEFLATE)
    run("zstd", "-q", "-f", "-19", raw, "-o", CAPTURES / "zstandard.pcap.zst")


@recording
def two_interfaces():
    """One connection seen on `lo` (Ethernet) and another on `any` (cooked v1), merged into one file."""
    events, files = [], []
    for i, (interface, arguments) in enumerate((("lo", ()), ("any", ("-y", "LINUX_SLL")))):
        served, asked = spec({f"/{interface}": talk(6, 89 + i)}, server=DEFLATE, client=DEFLATE)
        files.append(f"{interface}.pcap")
        with capture(f"{TEMP}/{interface}.pcap", "tcp port 8080", interface, arguments):
            events += talk_to(("ws", served), [("ws", asked)])
    # in TEMP, because mergecap notes the names it was given in the file
    run("mergecap", "-F", "pcapng", "-w", CAPTURES / "two-interfaces.pcapng", *files, cwd=TEMP)
    write_log("two-interfaces", events)


# Network namespaces

def ip(line, namespace=None):
    run(*in_namespace(namespace), "ip", *line.split())


@contextlib.contextmanager
def namespaces(*names):
    try:
        for name in names:
            ip(f"netns add {name}")
            ip("link set lo up", name)
            run(*in_namespace(name), "sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=1",
                "net.ipv6.conf.default.disable_ipv6=1", "net.ipv4.ip_no_pmtu_disc=1")
        yield
    finally:
        for name in names:
            if os.path.exists(f"/run/netns/{name}"):
                ip(f"netns del {name}")


def cable(a, address_a, b, address_b, mtu=1500, ends=("eth0", "eth0")):
    """A veth pair between two namespaces, without segmentation offload, so that the MTU is kept."""
    ip(f"link add {ends[0]} netns {a} mtu {mtu} type veth peer name {ends[1]} netns {b} mtu {mtu}")
    for namespace, end, address in ((a, ends[0], address_a), (b, ends[1], address_b)):
        if address:
            ip(f"address add {address}/24 dev {end}", namespace)
        ip(f"link set {end} up", namespace)
        run(*in_namespace(namespace), "ethtool", "-K", end, "tso", "off", "gso", "off", "gro", "off", "tx", "off")


def across(names, server_address, seed, expression, captures, pair=("ws", "ws"), scripts=None, port=8080):
    """Server in B, client in A; captures are (name, interface) in A."""
    served, asked = spec(scripts or {"/ticker": talk(8, seed)}, host=server_address, port=port,
                         server=DEFLATE, client=DEFLATE)
    with contextlib.ExitStack() as stack:
        for name, interface, namespace in captures:
            stack.enter_context(capture(CAPTURES / f"{name}.pcap", expression[name], interface, namespace=namespace))
        events = talk_to((pair[0], served), [(pair[1], asked)], server_namespace=B, client_namespace=A)
    for name in names:
        write_log(name, events)


@recording
def vxlan():
    with namespaces(A, B):
        cable(A, "10.9.0.1", B, "10.9.0.2")
        for here, there, inner, namespace in (("10.9.0.1", "10.9.0.2", "10.8.0.1", A), ("10.9.0.2", "10.9.0.1", "10.8.0.2", B)):
            ip(f"link add vx0 type vxlan id 77 dstport 4789 local {here} remote {there} dev eth0", namespace)
            ip(f"address add {inner}/24 dev vx0", namespace)
            ip("link set vx0 up", namespace)
        across(["vxlan"], "10.8.0.2", 91, {"vxlan": "udp port 4789"}, [("vxlan", "eth0", A)])


@recording
def vxlan_fragments():
    """The underlay's MTU is too small for what the tunnel carries: its UDP packets go in IP fragments."""
    scripts = {"/ticker": dialogue([("client", send(noise(6000, 92))), ("server", send(order_book(300, 92))),
                                    ("server", send(noise(5000, 93))), ("client", send(chat(1, 92)[0]))])}
    with namespaces(A, B):
        cable(A, "10.9.0.1", B, "10.9.0.2", mtu=900)
        for here, there, inner, namespace in (("10.9.0.1", "10.9.0.2", "10.8.0.1", A), ("10.9.0.2", "10.9.0.1", "10.8.0.2", B)):
            ip(f"link add vx0 mtu 1450 type vxlan id 78 dstport 4789 local {here} remote {there}", namespace)
            ip(f"address add {inner}/24 dev vx0", namespace)
            ip("link set vx0 up", namespace)
        across(["vxlan-fragments"], "10.8.0.2", 92, {"vxlan-fragments": "ip"}, [("vxlan-fragments", "eth0", A)], scripts=scripts)


@recording
def ip_fragments():
    """A router between the two, whose way to B takes 600 bytes at most: TCP segments in IP fragments."""
    scripts = {"/ticker": dialogue([("client", send(noise(4000, 94))), ("server", send(order_book(100, 94))),
                                    ("client", send(document(9000, 94))), ("client", send(chat(1, 94)[0]))])}
    router = "wsrec-r"
    with namespaces(A, B, router):
        cable(A, "10.9.1.1", router, "10.9.1.9", ends=("eth0", "eth0"))
        cable(router, "10.9.2.9", B, "10.9.2.2", ends=("eth1", "eth0"))
        run(*in_namespace(router), "sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
        ip("route change 10.9.2.0/24 dev eth1 mtu lock 600", router)
        ip("route add default via 10.9.1.9", A)
        ip("route add default via 10.9.2.9", B)
        across(["ip-fragments"], "10.9.2.2", 94, {"ip-fragments": "ip"}, [("ip-fragments", "eth1", router)], scripts=scripts)


def user_space(kind, seed, expression, captures, bad=(), scripts=None):
    inner = {A: "10.8.0.1", B: "10.8.0.2"}
    outer = {A: "10.9.0.1", B: "10.9.0.2"}
    addresses = (None, None) if kind in ("vlan", "qinq") else (outer[A], outer[B])
    with namespaces(A, B):
        cable(A, addresses[0], B, addresses[1], mtu=1600)
        with process(PYTHON, HERE / "tunnel.py", kind, "eth0", outer[A], outer[B], inner[A], *bad, namespace=A), \
                process(PYTHON, HERE / "tunnel.py", kind, "eth0", outer[B], outer[A], inner[B], *bad, namespace=B):
            across([c[0] for c in captures], inner[B], seed, {c[0]: e for c, e in zip(captures, expression)}, captures,
                   scripts=scripts)


@recording
def gre():
    user_space("gre", 95, ["ip proto 47", "tcp"], [("gre", "eth0", A), ("raw-ip", "tun0", A)])


@recording
def geneve():
    user_space("geneve", 96, ["udp port 6081"], [("geneve", "eth0", A)])


@recording
def gtp():
    user_space("gtp", 100, ["udp port 2152"], [("gtp", "eth0", A)])


@recording
def l2tp():
    user_space("l2tp", 101, ["udp port 1701"], [("l2tp", "eth0", A)])


@recording
def nflog():
    """What the client's packet filter logs of both directions."""
    with namespaces(A, B):
        cable(A, "10.9.0.1", B, "10.9.0.2")
        for chain in ("INPUT", "OUTPUT"):
            run(*in_namespace(A), "iptables", "-A", chain, "-p", "tcp", "-j", "NFLOG", "--nflog-group", "5",
                "--nflog-prefix", "websocket", "--nflog-threshold", "1")
        across(["nflog"], "10.9.0.2", 102, {"nflog": ""}, [("nflog", "nflog:5", A)])


@recording
def vlan():
    user_space("vlan", 97, ["vlan"], [("vlan", "eth0", A)])


@recording
def qinq():
    user_space("qinq", 98, ["vlan"], [("qinq", "eth0", A)])


@recording
def bad_link():
    """Packets are lost and overtaken on the way, and TCP mends it: real retransmissions, nothing missing."""
    turns = []
    for i, tick in enumerate(ticker(16, 99)):
        turns.append(("server", send(tick)))
        if i % 4 == 3:
            turns += [("client", send(chat(i + 1, 99)[i])), ("server", send(order_book(120, i))),
                      ("client", send(noise(3500, i))), ("client", send(document(9000, i)))]
    user_space("geneve", 99, ["tcp"], [("bad-link", "tap0", A)], bad=("bad",), scripts={"/ticker": dialogue(turns)})
