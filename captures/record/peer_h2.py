"""WebSocket over an HTTP/2 stream (RFC 8441) in clear text: Hypercorn as the server, h2 with wsproto as the client."""

import asyncio

import h2.config
import h2.connection
import h2.events
import hypercorn.asyncio
import hypercorn.config
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Message, Ping
from wsproto.extensions import PerMessageDeflate

from peer import ROLE, SPEC, Run, address, emit, until_stdin_ends


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        return await send({"type": "lifespan.shutdown.complete"})
    if scope["type"] == "http":
        body = b'{"service":"ticker"}'
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        return await send({"type": "http.response.body", "body": body})
    path = scope["path"]
    await receive()
    await send({"type": "websocket.accept"})
    emit("open", path, client=address(scope["client"]), server=address(scope["server"]))

    async def message(step, data, parts):
        await send({"type": "websocket.send", "text" if isinstance(data, str) else "bytes": data})

    run = Run(path, message, None, None)
    steps = asyncio.create_task(run.steps(SPEC["scripts"][path]))
    while (event := await receive())["type"] == "websocket.receive":
        run.received(event["text"] if event.get("text") is not None else event["bytes"])
    await steps


async def server():
    config = hypercorn.config.Config()
    config.bind = [f"{SPEC['host']}:{SPEC['port']}"]
    config.loglevel = "ERROR"
    done = asyncio.Event()
    serving = asyncio.create_task(hypercorn.asyncio.serve(application, config, shutdown_trigger=done.wait))
    await asyncio.sleep(1)
    emit("ready")
    await until_stdin_ends()
    done.set()
    await serving


class Stream:
    """One HTTP/2 connection with a plain request on stream 1 and the WebSocket on stream 3."""

    def __init__(self, reader, writer, path, authority):
        self.reader, self.writer, self.path, self.authority = reader, writer, path, authority
        self.http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        self.deflate = PerMessageDeflate()
        self.opened = asyncio.Event()
        self.ws = self.run = None
        self.parts = []

    def flush(self):
        self.writer.write(self.http.data_to_send())

    def say(self, event):
        self.http.send_data(3, self.ws.send(event))
        self.flush()

    def ask(self):
        common = [(":scheme", "http"), (":authority", self.authority)]
        self.http.send_headers(1, [(":method", "GET"), (":path", "/info"), *common], end_stream=True)
        self.http.send_headers(3, [(":method", "CONNECT"), (":protocol", "websocket"), (":path", self.path), *common,
                                   ("sec-websocket-version", "13"), ("sec-websocket-extensions",
                                    f"permessage-deflate; {self.deflate.offer()}")])

    async def read(self):
        asked = False
        while data := await self.reader.read(65536):
            for event in self.http.receive_data(data):
                if isinstance(event, h2.events.RemoteSettingsChanged) and not asked:
                    asked = True
                    self.ask()
                elif isinstance(event, h2.events.ResponseReceived) and event.stream_id == 3:
                    headers = dict(event.headers)
                    self.deflate.finalize(headers.get(b"sec-websocket-extensions", b"").decode())
                    self.ws = Connection(ConnectionType.CLIENT, extensions=[self.deflate])
                    self.opened.set()
                elif isinstance(event, h2.events.DataReceived):
                    self.http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    if event.stream_id == 3:
                        self.ws.receive_data(event.data)
                        if self.received():
                            return
            self.flush()

    def received(self):
        for event in self.ws.events():
            if isinstance(event, Message):
                self.parts.append(event.data)
                if event.message_finished:
                    self.run.received(type(event.data)().join(self.parts))
                    self.parts = []
            elif isinstance(event, Ping):
                self.say(event.response())
            elif isinstance(event, CloseConnection):
                self.http.close_connection()
                self.flush()
                return True


async def client():
    for one in SPEC["connections"]:
        host, port = one["url"].split("//")[1].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        emit("open", one["path"], client=address(writer.get_extra_info("sockname")), server=f"{host}:{port}")
        stream = Stream(reader, writer, one["path"], f"{host}:{port}")

        async def send(step, data, parts):
            stream.say(Message(data=data))

        async def ping(data):
            stream.say(Ping(payload=data))

        async def close(code, reason):
            stream.say(CloseConnection(code=code, reason=reason))

        stream.run = Run(one["path"], send, ping, close)
        stream.http.initiate_connection()
        stream.flush()
        reading = asyncio.create_task(stream.read())
        await stream.opened.wait()
        await stream.run.steps(one["script"])
        await reading
        writer.close()
        await writer.wait_closed()


asyncio.run(server() if ROLE == "server" else client())
