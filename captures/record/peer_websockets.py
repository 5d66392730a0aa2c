"""Python `websockets`, either end."""

import asyncio
import base64
import http.client
import ssl
import urllib.parse

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory

from peer import ROLE, SPEC, Run, address, emit, until_stdin_ends


def extensions(factory, options):
    """Keyword arguments from {"deflate": null | {...}}; absent means the library's default."""
    out = {k: options[k] for k in ("subprotocols", "max_size", "proxy", "additional_headers") if k in options}
    if "deflate" in options:
        out["compression"] = None
        if options["deflate"] is not None:
            out["extensions"] = [factory(**options["deflate"])]
    return out


async def talk(ws, path, script):
    async def send(step, data, parts):
        if not parts:
            return await ws.send(data)

        async def stream():
            for i, part in enumerate(parts):
                if i and "ping_between" in step:
                    emit("sent", path, op="ping", data=step["ping_between"])
                    await ws.ping(base64.b64decode(step["ping_between"]))
                if i:
                    await asyncio.sleep(step.get("pause", 5) / 1000)
                yield part

        await ws.send(stream())

    run = Run(path, send, ws.ping, ws.close)

    async def receive():
        try:
            async for data in ws:
                run.received(data)
        except ConnectionClosed:
            pass

    receiving = asyncio.create_task(receive())
    await run.steps(script)
    await receiving
    await ws.wait_closed()


async def server():
    async def handler(ws):
        path = ws.request.path
        emit("open", path, client=address(ws.remote_address), server=address(ws.local_address))
        await talk(ws, path, SPEC["scripts"][path])

    def process_request(connection, request):
        refusal = SPEC.get("refuse", {}).get(request.path)
        if refusal:
            response = connection.respond(refusal[0], refusal[1])
            for name, value in refusal[2:]:
                response.headers[name] = value
            return response

    options = extensions(ServerPerMessageDeflateFactory, SPEC.get("options", {}))
    if "certificate" in SPEC:
        options["ssl"] = context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(SPEC["certificate"])
    async with serve(handler, SPEC["host"], SPEC["port"], process_request=process_request, server_header="websockets",
                     ping_interval=None, **options):
        emit("ready")
        await until_stdin_ends()


def get_first(one):
    url = urllib.parse.urlsplit(one["url"])
    connection = http.client.HTTPConnection(url.hostname, url.port)
    for path in one["gets"]:
        connection.request("GET", path, headers={"Accept": "*/*"})
        connection.getresponse().read()
    connection.sock.setblocking(False)
    return connection.sock


async def client():
    for one in SPEC["connections"]:
        options = extensions(ClientPerMessageDeflateFactory, one.get("options", {}))
        options.setdefault("proxy", None)
        if "tls" in one:
            options["ssl"] = context = ssl.create_default_context(cafile=one["tls"]["certificate"])
            context.keylog_filename = one["tls"]["keylog"]
            context.maximum_version = getattr(ssl.TLSVersion, one["tls"]["version"])
        if "gets" in one:  # plain requests first, then the upgrade on the same connection
            options["sock"] = get_first(one)
        try:
            async with connect(one["url"] + one["path"], ping_interval=None, user_agent_header="websockets",
                               **options) as ws:
                emit("open", one["path"], client=address(ws.local_address), server=address(ws.remote_address))
                await talk(ws, one["path"], one["script"])
        except InvalidStatus:
            if not one.get("refused"):
                raise


asyncio.run(server() if ROLE == "server" else client())
