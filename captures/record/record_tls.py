"""Records TLS between real programs, with the secrets they logged and what they sent.

Writes captures/tls/NAME.pcap and NAME.keylog, and a line each in captures/tls/index.jsonl: version, suite and the
bytes that each side's application wrote. Needs openssl and gnutls-bin; run as root.
"""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from harness import capture

HERE = pathlib.Path(__file__).resolve().parent
TLS = HERE.parent / "tls"
WORK = pathlib.Path(tempfile.mkdtemp())
PORT = 8443


def certificates():
    for kind, options in {"rsa": ["-newkey", "rsa:2048"], "ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]}.items():
        subprocess.run(["openssl", "req", "-x509", *options, "-nodes", "-days", "3650", "-subj", "/CN=wss.example", "-addext",
                        "subjectAltName=DNS:wss.example", "-keyout", WORK / f"{kind}.key", "-out", WORK / f"{kind}.crt"],
                       check=True, capture_output=True)


def lines(who, sizes):
    return [(f"{who} {number} " + "lorem ipsum dolor sit amet " * (size // 27 + 1))[:size] + "\n" for number, size in enumerate(sizes)]


class Side:
    """An openssl or gnutls program: what is written to it goes out under TLS."""

    def __init__(self, *command, environment=None):
        self.said = b""
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, env={**os.environ, **(environment or {})})

    def say(self, text):
        self.said += text.encode()
        self.command(text)

    def command(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()
        time.sleep(0.08 + len(text) / 50000)

    def end(self):
        try:
            self.process.stdin.close()
            self.process.wait(3)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self.process.terminate()
            self.process.wait()


def talk(client, server, sizes=(20, 300, 5, 3000), steps=None):
    """Both sides say lines in turn; `steps` are commands for one of them between the lines."""
    time.sleep(0.4)
    for number, (one, other) in enumerate(zip(lines("client", sizes), lines("server", sizes))):
        for who, command in (steps or {}).get(number, []):
            (client if who == "client" else server).command(command)
        client.say(one)
        server.say(other)
    time.sleep(1)


def openssl(name, version, suite=None, client_options=(), server_options=(), kind="ec", sizes=(20, 300, 5, 3000), steps=None, repeat=1,
            between=None):
    keylog = TLS / f"{name}.keylog"
    keylog.unlink(missing_ok=True)
    flag = {"1.3": "-tls1_3", "1.2": "-tls1_2", "1.1": "-tls1_1", "1.0": "-tls1"}[version]
    cipher = ["-cipher", f"{suite or 'ALL'}:@SECLEVEL=0"] if version != "1.3" else ["-ciphersuites", suite] if suite else []
    results = []
    with capture(TLS / f"{name}.pcap", f"tcp port {PORT}"):
        server = Side("openssl", "s_server", "-accept", PORT, "-cert", WORK / f"{kind}.crt", "-key", WORK / f"{kind}.key", flag, *cipher,
                      "-keylogfile", keylog, "-brief", *server_options)
        time.sleep(0.5)
        for turn in range(repeat):
            server.said = b""
            options = [o for o in client_options if turn or o not in ("-early_data",) and not str(o).endswith(".early")]
            client = Side("openssl", "s_client", "-connect", f"127.0.0.1:{PORT}", "-servername", "wss.example", flag, *cipher,
                          "-brief", *(between(turn) if between else []), *options)
            talk(client, server, sizes, steps)
            client.command("Q\n")
            client.end()
            results.append((client.said, server.said))
        server.end()
    finish(name, version, results)


def finish(name, version, results):
    entry = {"name": name, "version": version,
             "connections": [{"client": base64.b64encode(one).decode(), "server": base64.b64encode(other).decode()} for one, other in results]}
    with open(TLS / "index.jsonl", "a") as index:
        index.write(json.dumps(entry) + "\n")
    print(name, os.path.getsize(TLS / f"{name}.pcap"), [tuple(map(len, result)) for result in results])


def gnutls(name, version, priority, kind="ec"):
    keylog = TLS / f"{name}.keylog"
    keylog.unlink(missing_ok=True)
    full = f"NONE:+VERS-TLS{version}:{priority}:+SIGN-ALL:+CTYPE-ALL:+GROUP-ALL:+COMP-NULL:%PROFILE_LOW"
    with capture(TLS / f"{name}.pcap", f"tcp port {PORT}"):
        server = Side("gnutls-serv", "--echo", "--port", PORT, "--x509certfile", WORK / f"{kind}.crt", "--x509keyfile", WORK / f"{kind}.key",
                      "--priority", full)
        time.sleep(0.5)
        client = Side("gnutls-cli", "--insecure", "--port", PORT, "--priority", full, "--sni-hostname", "wss.example", "127.0.0.1",
                      environment={"SSLKEYLOGFILE": str(keylog)})
        time.sleep(0.6)
        for line in lines("client", (20, 300, 5, 3000)):
            client.say(line)
        time.sleep(0.3)
        client.end()
        server.end()
    finish(name, version, [(client.said, client.said)])


OPENSSL = {
    "tls13-aes128-gcm": ("1.3", "TLS_AES_128_GCM_SHA256"),
    "tls13-aes256-gcm": ("1.3", "TLS_AES_256_GCM_SHA384"),
    "tls13-chacha20": ("1.3", "TLS_CHACHA20_POLY1305_SHA256"),
    "tls13-ccm": ("1.3", "TLS_AES_128_CCM_SHA256"),
    "tls13-ccm8": ("1.3", "TLS_AES_128_CCM_8_SHA256"),
    "tls12-aes128-gcm": ("1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    "tls12-aes256-gcm": ("1.2", "ECDHE-ECDSA-AES256-GCM-SHA384"),
    "tls12-chacha20": ("1.2", "ECDHE-ECDSA-CHACHA20-POLY1305"),
    "tls12-ccm": ("1.2", "ECDHE-ECDSA-AES256-CCM"),
    "tls12-ccm8": ("1.2", "ECDHE-ECDSA-AES128-CCM8"),
    "tls12-cbc-sha": ("1.2", "ECDHE-ECDSA-AES128-SHA"),
    "tls12-cbc-sha256": ("1.2", "ECDHE-ECDSA-AES128-SHA256"),
    "tls12-cbc-sha384": ("1.2", "ECDHE-ECDSA-AES256-SHA384"),
    "tls12-camellia": ("1.2", "ECDHE-ECDSA-CAMELLIA256-SHA384"),
    "tls12-aria": ("1.2", "ECDHE-ECDSA-ARIA128-GCM-SHA256"),
    "tls12-null": ("1.2", "ECDHE-ECDSA-NULL-SHA"),
    "tls11-cbc-sha": ("1.1", "ECDHE-ECDSA-AES256-SHA"),
    "tls10-cbc-sha": ("1.0", "ECDHE-ECDSA-AES128-SHA"),
}


def main():
    TLS.mkdir(exist_ok=True)
    (TLS / "index.jsonl").unlink(missing_ok=True)
    certificates()
    for name, (version, suite) in OPENSSL.items():
        openssl(name, version, suite)
    no_etm = {"client_options": ["-no_etm"], "server_options": ["-no_etm"]}
    openssl("tls12-cbc-sha-mac-first", "1.2", "ECDHE-ECDSA-AES128-SHA", **no_etm)
    openssl("tls12-cbc-sha384-mac-first", "1.2", "ECDHE-ECDSA-AES256-SHA384", **no_etm)
    openssl("tls10-cbc-sha-mac-first", "1.0", "ECDHE-ECDSA-AES256-SHA", **no_etm)
    openssl("tls12-rsa", "1.2", "AES128-GCM-SHA256", kind="rsa")
    openssl("tls13-long", "1.3", "TLS_AES_128_GCM_SHA256", sizes=(100, 60000, 50, 40000, 30))
    openssl("tls12-long", "1.2", "ECDHE-ECDSA-AES128-GCM-SHA256", sizes=(100, 60000, 50, 40000, 30))
    openssl("tls13-retry", "1.3", server_options=["-groups", "P-384"])
    openssl("tls13-padding", "1.3", client_options=["-record_padding", "128"], server_options=["-record_padding", "512"])
    openssl("tls13-key-update", "1.3", steps={1: [("client", "k\n")], 2: [("client", "K\n")], 3: [("client", "k\n")]})
    openssl("tls12-renegotiation", "1.2", "ECDHE-ECDSA-AES128-GCM-SHA256", client_options=["-legacy_renegotiation"],
            server_options=["-client_renegotiation"], steps={2: [("client", "R\n")]})
    session = WORK / "session"
    resume = lambda turn: ["-sess_in", session] if turn else ["-sess_out", session]  # noqa: E731
    openssl("tls13-resumed", "1.3", repeat=2, between=resume)
    openssl("tls12-resumed-ticket", "1.2", repeat=2, between=resume)
    openssl("tls12-resumed-id", "1.2", repeat=2, between=resume, server_options=["-no_ticket"])
    early = WORK / "first.early"
    early.write_text("early data of the client\n")
    openssl("tls13-early-data", "1.3", repeat=2, between=resume, client_options=["-early_data", early], server_options=["-early_data"])
    gnutls("gnutls-tls13", "1.3", "+ECDHE-ECDSA:+AES-256-GCM:+AEAD")
    gnutls("gnutls-tls12-etm", "1.2", "+ECDHE-ECDSA:+AES-256-CBC:+SHA1")
    gnutls("gnutls-tls12-ccm", "1.2", "+ECDHE-ECDSA:+AES-128-CCM:+AEAD")
    gnutls("gnutls-tls12-3des", "1.2", "+ECDHE-RSA:+3DES-CBC:+SHA1", kind="rsa")
    gnutls("gnutls-tls10", "1.0", "+ECDHE-RSA:+AES-128-CBC:+SHA1", kind="rsa")


if __name__ == "__main__":
    sys.exit(main())
