"""Handler of /socket for pywebsocket3: runs the script; a step's `bfinal` ends its DEFLATE stream with BFINAL=1."""

import asyncio
import base64

from peer import SPEC, Run, address, emit

PATH = "/socket"


def web_socket_do_extra_handshake(request):
    request.deflate = [p for p in request.ws_extension_processors if p.name() == "deflate"]


def web_socket_transfer_data(request):
    asyncio.run(talk(request))


async def talk(request):
    connection = request.connection
    emit("open", PATH, client=address(connection.remote_addr), server=f"{SPEC['host']}:{SPEC['port']}")
    stream, loop = request.ws_stream, asyncio.get_running_loop()

    async def send(step, data, parts):
        for processor in request.deflate:
            processor.set_bfinal(step.get("bfinal", False))
        for i, part in enumerate(parts or [data]):
            stream.send_message(part, end=i + 1 == len(parts or [data]), binary=isinstance(data, bytes))

    async def ping(data):
        stream.send_ping(data)

    async def close(code, reason):
        stream.close_connection(code, reason)

    run = Run(PATH, send, ping, close)
    steps = asyncio.create_task(run.steps(SPEC["scripts"][PATH]))
    while (message := await loop.run_in_executor(None, stream.receive_message)) is not None:
        run.received(message)
    await steps
