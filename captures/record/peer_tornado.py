"""Tornado, either end (its deflate has neither a choice of windows nor of takeover for the client)."""

import asyncio

from tornado.httpserver import HTTPServer
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect

from peer import ROLE, SPEC, Run, address, emit, until_stdin_ends


class Handler(WebSocketHandler):
    def get_compression_options(self):
        return SPEC.get("options")

    def open(self):
        socket = self.ws_connection.stream.socket
        path = self.request.path
        emit("open", path, client=address(socket.getpeername()), server=address(socket.getsockname()))
        self.run = Run(path, self.send, self.pong, self.end)
        self.task = asyncio.create_task(self.run.steps(SPEC["scripts"][path]))

    async def send(self, step, data, parts):
        await self.write_message(data, binary=isinstance(data, bytes))

    async def pong(self, data):
        self.ping(data)

    async def end(self, code, reason):
        self.close(code, reason)

    def on_message(self, message):
        self.run.received(message)


async def server():
    app = Application([(path, Handler) for path in SPEC["scripts"]])
    HTTPServer(app).listen(SPEC["port"], SPEC["host"])
    emit("ready")
    await until_stdin_ends()


async def client():
    for one in SPEC["connections"]:
        ws = await websocket_connect(one["url"] + one["path"], compression_options=one.get("options"))
        socket = ws.protocol.stream.socket
        emit("open", one["path"], client=address(socket.getsockname()), server=address(socket.getpeername()))

        async def send(step, data, parts):
            await ws.write_message(data, binary=isinstance(data, bytes))

        async def ping(data):
            ws.ping(data)

        async def close(code, reason):
            ws.close(code, reason)

        run = Run(one["path"], send, ping, close)
        task = asyncio.create_task(run.steps(one["script"]))
        while (message := await ws.read_message()) is not None:
            run.received(message)
        await task


asyncio.run(server() if ROLE == "server" else client())
