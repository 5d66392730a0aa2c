// Bun: its server is uWebSockets with libdeflate, which ends each message's stream (BFINAL=1) where it keeps no window.
import { createRequire } from 'node:module'
const { role, spec, emit, address, Run, untilStdinEnds } = createRequire(import.meta.url)('./peer.cjs')

function server() {
  Bun.serve({
    hostname: spec.host,
    port: spec.port,
    fetch(request, server) {
      const { pathname } = new URL(request.url)
      const peer = server.requestIP(request)
      server.upgrade(request, { data: { path: pathname, client: address(peer.address, peer.port) } })
    },
    websocket: {
      perMessageDeflate: spec.options ?? true,
      open(ws) {
        const { path, client } = ws.data
        emit('open', path, { client, server: address(spec.host, spec.port) })
        ws.data.run = new Run(path, {
          send: (step, data) => ws.send(data, step.compress ?? true),
          ping: (data) => ws.ping(data),
          close: (code, reason) => ws.close(code, reason),
        })
        ws.data.run.steps(spec.scripts[path])
      },
      message(ws, data) {
        ws.data.run.received(Buffer.from(data), typeof data !== 'string')
      },
    },
  })
  emit('ready')
  untilStdinEnds()
}

async function client() {
  for (const one of spec.connections) {
    const ws = new WebSocket(one.url + one.path)
    ws.binaryType = 'arraybuffer'
    const run = new Run(one.path, {
      send: (step, data) => ws.send(data),
      ping: (data) => ws.ping(data),
      close: (code, reason) => ws.close(code, reason),
    })
    ws.onmessage = ({ data }) => run.received(Buffer.from(data), typeof data !== 'string')
    const opened = new Promise((resolve, reject) => { ws.onopen = resolve; ws.onerror = reject })
    const end = new Promise((resolve) => { ws.onclose = resolve })
    await opened
    await run.steps(one.script)
    await end
  }
  process.exit(0)
}

if (role === 'server') server()
else client()
