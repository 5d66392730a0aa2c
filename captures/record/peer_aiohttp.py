"""aiohttp, either end; the server also answers plain GETs (one with a length, one chunked)."""

import asyncio

import aiohttp
from aiohttp import web

from content import document
from peer import ROLE, SPEC, Run, address, emit, until_stdin_ends


async def talk(ws, path, script):
    async def send(step, data, parts):
        method = ws.send_str if isinstance(data, str) else ws.send_bytes
        await method(data, compress=step.get("level"))

    async def close(code, reason):
        await ws.close(code=code, message=reason.encode())

    run = Run(path, send, ws.ping, close)
    steps = asyncio.create_task(run.steps([s for s in script if s["do"] != "close"]))
    closing = [s for s in script if s["do"] == "close"]
    if closing:  # aiohttp allows one reader at a time, and its close() reads
        receiving = asyncio.create_task(receive(ws, run))
        await steps
        receiving.cancel()
        await asyncio.gather(receiving, return_exceptions=True)
        await run.steps(closing)
    else:
        await receive(ws, run)
        await steps


async def receive(ws, run):
    async for message in ws:
        if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            run.received(message.data)


async def server():
    async def handler(request):
        ws = web.WebSocketResponse(**SPEC.get("options", {}))
        await ws.prepare(request)
        transport = request.transport
        emit("open", request.path, client=address(transport.get_extra_info("peername")),
             server=address(transport.get_extra_info("sockname")))
        await talk(ws, request.path, SPEC["scripts"][request.path])
        return ws

    async def page(request):
        return web.json_response({"service": "ticker", "sockets": ["/after-get"], "note": document(300)})

    async def chunked(request):
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        for i in range(4):
            await response.write(document(200, i).encode())
        await response.write_eof()
        return response

    app = web.Application()
    app.router.add_get("/info", page)
    app.router.add_get("/chunked", chunked)
    for path in SPEC["scripts"]:
        app.router.add_get(path, handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, SPEC["host"], SPEC["port"], reuse_address=True).start()
    emit("ready")
    await until_stdin_ends()
    await runner.cleanup()


async def client():
    async with aiohttp.ClientSession(headers={"User-Agent": "aiohttp"}) as session:
        for one in SPEC["connections"]:
            async with session.ws_connect(one["url"] + one["path"], **one.get("options", {})) as ws:
                emit("open", one["path"], client=address(ws.get_extra_info("sockname")),
                     server=address(ws.get_extra_info("peername")))
                await talk(ws, one["path"], one["script"])


asyncio.run(server() if ROLE == "server" else client())
